//! A client of gRPC learns why it was refused.

use std::convert::Infallible;
use std::net::SocketAddr;

use http::uri::PathAndQuery;
use http::{Response, StatusCode};
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;
use tower::{Layer, service_fn};

use crate::guards::{key, layer};
use crate::{echo, server, wire};

/// Calls a method without a message, by tonic's client.
async fn call(address: SocketAddr, path: &'static str, of: Option<&str>) -> Status {
    let channel = Channel::from_shared(format!("http://{address}")).expect("an address");
    let mut client = Grpc::new(channel.connect().await.expect("the server"));
    client.ready().await.expect("ready");
    let mut request = Request::new(());
    if let Some(of) = of {
        let value = format!("Bearer {}", key(of)).parse().expect("a value");
        request.metadata_mut().insert("authorization", value);
    }
    let codec = ProstCodec::<(), ()>::default();
    let path = PathAndQuery::from_static(path);
    let response = client.unary(request, path, codec).await;
    response.expect_err("no message, or a refusal")
}

#[tokio::test]
async fn tonic_sees_a_refusal_as_what_it_is() {
    let address = server::serve(layer().layer(echo::echo())).await;
    let no_key = "The request has no API key. Send it as `Authorization: Bearer KEY`.";
    let bad_key = "The API key is malformed, unknown or expired.";
    let no_scope = "The scopes of the API key do not open the route.";
    let not_allowed = "The request is not allowed.";
    let devices = "/api/v1/devices/";
    let cases = [
        ("no key", devices, None, Code::Unauthenticated, no_key),
        (
            "an unknown key",
            devices,
            Some("nobody"),
            Code::Unauthenticated,
            bad_key,
        ),
        (
            "a missing scope",
            devices,
            Some("desk"),
            Code::PermissionDenied,
            no_scope,
        ),
        (
            "an unknown route",
            "/a.B/C",
            Some("desk"),
            Code::PermissionDenied,
            not_allowed,
        ),
    ];
    for (name, path, of, code, message) in cases {
        let status = call(address, path, of).await;
        assert_eq!((status.code(), status.message()), (code, message), "{name}");
        let metadata = status.metadata();
        let accepted = metadata
            .get("x-accepted-scopes")
            .map(|value| value.to_str());
        let expected = (message == no_scope).then_some(Ok("devices:*, pbx:*"));
        assert_eq!(
            accepted.map(Result::ok),
            expected.map(|ok: Result<_, ()>| ok.ok()),
            "{name}"
        );
        assert_eq!(
            metadata.contains_key("www-authenticate"),
            message != not_allowed,
            "{name}"
        );
    }
}

/// Without `grpc-status`, tonic's client takes the problem's JSON for a message of gRPC.
#[tokio::test]
async fn tonic_would_not_see_it_by_the_status_alone() {
    for (status, empty, problem) in [
        (
            StatusCode::UNAUTHORIZED,
            Code::Unauthenticated,
            Code::Internal,
        ),
        (
            StatusCode::FORBIDDEN,
            Code::PermissionDenied,
            Code::Internal,
        ),
    ] {
        for (body, expected) in [("", empty), (r#"{"type":"about:blank"}"#, problem)] {
            let service = service_fn(move |_| async move {
                let mut response = Response::new(body.to_owned());
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            });
            let address = server::serve(service).await;
            assert_eq!(
                call(address, "/a.B/C", None).await.code(),
                expected,
                "{status} {body}"
            );
        }
    }
}

#[tokio::test]
async fn requests_of_grpc_get_the_headers_of_grpc() {
    let address = server::serve(layer().show_reason(true).layer(echo::echo())).await;
    let cases = [
        ("application/grpc", Some("application/grpc")),
        ("application/grpc+proto", Some("application/grpc")),
        ("Application/GRPC; a=b", Some("application/grpc")),
        ("application/grpc-web", Some("application/grpc-web")),
        ("application/grpc-web+proto", Some("application/grpc-web")),
        (
            "application/grpc-web-text+proto",
            Some("application/grpc-web-text"),
        ),
        ("application/grpcs", None),
        ("application/grpc-other", None),
        ("application/json", None),
        ("application/g\u{e9}", None),
        ("", None),
    ];
    for (content_type, expected) in cases {
        let headers = format!("Content-Type: {content_type}\r\n");
        let reply = wire::ask(address, "POST /a.B/C", &headers).await;
        assert_eq!(reply.status, 401, "{content_type}");
        let (code, is_empty) = match expected {
            Some(_) => (Some("16"), true),
            None => (None, false),
        };
        assert_eq!(reply.header("grpc-status"), code, "{content_type}");
        assert_eq!(reply.body.is_empty(), is_empty, "{content_type}");
        let answered = expected.unwrap_or("application/problem+json");
        assert_eq!(
            reply.header("content-type"),
            Some(answered),
            "{content_type}"
        );
        assert_eq!(
            reply.header("www-authenticate"),
            Some("Bearer"),
            "{content_type}"
        );
    }
}
