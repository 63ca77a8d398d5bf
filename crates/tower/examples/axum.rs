//! A guarded axum application: `cargo run --package routescope-tower --example axum`

use axum::{Extension, Router, routing::get};
use routescope::pbx;
use routescope_guard::{Guard, KeyEntry, KeyFile, KeyHash, StoredHash};
use routescope_tower::{Authorized, GuardLayer};

async fn colleagues(Extension(caller): Extension<Authorized>) -> String {
    format!("hello, {}\n", caller.key_id().unwrap_or_default())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // For show: `routescope key new` makes a random key, and keeps its hash in a file.
    let key = format!("wsk-v1-{}", "k".repeat(93));
    let hash = StoredHash::Sha256(KeyHash::sha256(key.as_bytes()));
    let keys = KeyFile::new([KeyEntry::new("front-desk", hash, ["colleagues:read"])]);
    let guard = Guard::builder(pbx::POLICY).keys(keys).build()?;

    // The layer comes last: a route that is added after it is not guarded.
    let app = Router::new().route("/api/v1/colleagues/", get(colleagues));
    let app = app.layer(GuardLayer::new(guard));

    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    let url = format!("http://{}/api/v1", listener.local_addr()?);
    eprintln!("200: curl -i -H 'Authorization: Bearer {key}' {url}/colleagues/");
    eprintln!("401: curl -i {url}/colleagues/");
    eprintln!("403: curl -i -H 'Authorization: Bearer {key}' {url}/phonebooks/");
    Ok(axum::serve(listener, app).await?)
}
