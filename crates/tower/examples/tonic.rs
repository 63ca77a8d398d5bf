//! A guarded gRPC server: `cargo run --package routescope-tower --example tonic`
//!
//! A method of gRPC is a route: `POST /package.Service/Method`. The service is written out here,
//! so that the example builds without protoc; yours is what `tonic-prost-build` makes.

use std::convert::Infallible;
use std::task::{Context, Poll};

use routescope::OwnedPolicy;
use routescope_guard::{Guard, KeyEntry, KeyFile, KeyHash, StoredHash};
use routescope_tower::{Authorized, GuardLayer};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::transport::Server;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

const POLICY: &str = r#"
version: 1
name: greeter
method_rule: none
scopes:
  "greetings:read":
    routes:
      - POST /demo.Greeter/Hello
  "greetings:*":
    routes:
      - POST /demo.Greeter/Forget
"#;

#[derive(Clone, PartialEq, prost::Message)]
struct HelloReply {
    #[prost(string, tag = "1")]
    message: String,
}

#[derive(Clone)]
struct Greeter;

/// `Hello` and `Forget` of the service: both greet whoever the guard says it is.
impl UnaryService<()> for Greeter {
    type Response = HelloReply;
    type Future = BoxFuture<Response<HelloReply>, Status>;

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let caller = request.extensions().get::<Authorized>();
        let id = caller.and_then(Authorized::key_id).unwrap_or("stranger");
        let message = format!("hello, {id}");
        Box::pin(async { Ok(Response::new(HelloReply { message })) })
    }
}

impl Service<http::Request<Body>> for Greeter {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async {
            let mut grpc = Grpc::new(ProstCodec::default());
            Ok(grpc.unary(Greeter, request).await)
        })
    }
}

impl NamedService for Greeter {
    const NAME: &'static str = "demo.Greeter";
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // For show: a gateway has the bytes that `routescope compile` wrote, and the file that
    // `routescope key new` wrote.
    let compiled = routescope_compiler::compile("routes.yaml", POLICY)?;
    let policy = OwnedPolicy::from_bytes(compiled.to_bytes())?;
    let hash = StoredHash::Sha256(KeyHash::sha256(b"key-of-the-example"));
    let keys = KeyFile::new([KeyEntry::new("front-desk", hash, ["greetings:read"])]);
    let guard = Guard::builder(policy).keys(keys).build()?;

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    eprintln!("http://{}/demo.Greeter/Hello", listener.local_addr()?);
    Server::builder()
        .layer(GuardLayer::new(guard))
        .add_service(Greeter)
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await?;
    Ok(())
}
