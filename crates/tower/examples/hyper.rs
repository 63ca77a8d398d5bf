//! A guarded hyper server for HTTP/1.1 and HTTP/2, with keys in a store that takes time to
//! answer: `cargo run --package routescope-tower --example hyper`

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use routescope::pbx;
use routescope_guard::{FoundKey, Guard, KeyHash, KeyLookup, LookupFailed};
use routescope_tower::{Authorized, GuardLayer};
use tower::{ServiceBuilder, service_fn};

/// A database of keys, which has one.
struct Database {
    hash: KeyHash,
}

impl KeyLookup for Database {
    async fn find(&self, hash: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
        tokio::task::yield_now().await; // a question to the database
        let found = FoundKey::new("customer-4711", ["colleagues:read"]);
        Ok((hash == self.hash).then_some(found))
    }
}

/// Serves the requests that the guard lets through.
async fn serve(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let caller = request.extensions().get::<Authorized>();
    let id = caller.and_then(Authorized::key_id).unwrap_or("stranger");
    Ok(Response::new(Full::from(format!("hello, {id}\n"))))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // For show: `routescope key new` makes a random key.
    let key = format!("wsk-v1-{}", "h".repeat(93));
    let hash = KeyHash::sha256(key.as_bytes());
    let guard = Guard::builder(pbx::POLICY).build()?;
    let layer = GuardLayer::new(guard)
        .lookup(Database { hash })
        .hide_credential(true);
    let service = ServiceBuilder::new()
        .layer(layer)
        .service(service_fn(serve));

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let url = format!("http://{}/api/v1", listener.local_addr()?);
    eprintln!("200: curl -i -H 'Authorization: Bearer {key}' {url}/colleagues/");
    eprintln!(
        "200: curl -i --http2-prior-knowledge -H 'Authorization: Bearer {key}' {url}/colleagues/"
    );
    eprintln!("401: curl -i {url}/colleagues/");
    eprintln!("403: curl -i -H 'Authorization: Bearer {key}' {url}/phonebooks/");
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let server = auto::Builder::new(TokioExecutor::new());
            if let Err(error) = server.serve_connection(TokioIo::new(stream), service).await {
                eprintln!("a connection ended: {error}");
            }
        });
    }
}
