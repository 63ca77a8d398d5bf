//! Many requests at once: each is answered for its own key.

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use routescope_guard::{FoundKey, KeyHash, KeyLookup, LookupFailed};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, yield_now};
use tower::Layer;

use crate::guards::{key, layer};
use crate::{echo, server};

/// A store that takes a different time for each key, and knows the key that is called `remoteN`
/// by that name.
struct Slow;

impl KeyLookup for Slow {
    async fn find(&self, hash: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
        for _ in 0..hash.as_bytes()[0] % 8 {
            yield_now().await;
        }
        let ids = (0..4).map(|id| format!("remote{id}"));
        let mut ids = ids.filter(|id| hash == KeyHash::sha256(key(id).as_bytes()));
        Ok(ids.next().map(|id| FoundKey::new(id, ["colleagues:read"])))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_gets_the_answer_of_another() {
    const STREAMS: usize = 2_000;
    let layer = layer().lookup(Slow).forward_identity(true);
    let address = server::serve(layer.layer(echo::echo())).await;
    let mut clients = Vec::new();
    for _ in 0..4 {
        let stream = TcpStream::connect(address).await.expect("the server");
        let connection = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (client, connection) = connection.await.expect("HTTP/2");
        tokio::spawn(connection);
        clients.push(client);
    }
    let ids = [
        "desk", "admin", "remote0", "remote1", "remote2", "remote3", "nobody",
    ];
    let mut requests = JoinSet::new();
    for number in 0..STREAMS {
        let id = ids[number % ids.len()];
        let mut client = clients[number % clients.len()].clone();
        requests.spawn(async move {
            let request = Request::get(format!("http://h/api/v1/colleagues/{number}/"));
            let request = request.header("authorization", format!("Bearer {}", key(id)));
            let request = request.body(Empty::<Bytes>::new()).expect("a request");
            client.ready().await.expect("ready");
            let response = client.send_request(request).await.expect("a response");
            let status = response.status().as_u16();
            let body = response
                .into_body()
                .collect()
                .await
                .expect("a body")
                .to_bytes();
            let body = String::from_utf8(body.to_vec()).expect("a text");
            if id == "nobody" {
                assert_eq!(status, 401);
                return;
            }
            assert_eq!(status, 200, "{id}");
            assert_eq!(echo::line(&body, "authorized"), Some(id));
            assert_eq!(echo::line(&body, "header x-key-id"), Some(id));
            let target = format!("/api/v1/colleagues/{number}/");
            assert_eq!(echo::line(&body, "target"), Some(target.as_str()));
        });
    }
    let mut answered = 0;
    while let Some(request) = requests.join_next().await {
        request.expect("no panic");
        answered += 1;
    }
    assert_eq!(answered, STREAMS);
}
