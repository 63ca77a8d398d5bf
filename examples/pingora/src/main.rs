//! A proxy by Pingora in front of the PBX API: `cargo run -- 127.0.0.1:3000 127.0.0.1:8080`
//!
//! A proxy of Pingora is no tower service, so the guard is asked in `request_filter`. It decides on
//! the bytes of `raw_path()`, which are also the bytes that Pingora sends to the back end. Before
//! any filter runs, Pingora cuts a fragment off, and percent-encodes bytes that a request line
//! cannot have: a space becomes `%20`. Such a target is decided and forwarded as Pingora has made
//! it. The test has the list.

use async_trait::async_trait;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH};
use pingora_core::server::Server;
use pingora_core::upstreams::peer::HttpPeer;
use pingora_core::{Error, ErrorType, Result};
use pingora_http::{RequestHeader, ResponseHeader};
use pingora_proxy::{ProxyHttp, Session, http_proxy_service};
use routescope::pbx;
use routescope_guard::{Answer, CheckFault, Guard, IDENTITY_HEADERS, OVERRIDE_HEADERS};
use routescope_guard::{
    KeyEntry, KeyFile, KeyHash, StoredHash, is_same_header, seconds_since_1970,
};

struct Gateway {
    guard: Guard,
    back_end: String,
}

impl Gateway {
    fn decide(&self, request: &RequestHeader) -> Answer {
        let now = seconds_since_1970();
        let (method, target) = (request.method.as_str(), request.raw_path());
        if request
            .headers
            .keys()
            .any(|name| is_one_of(name.as_str(), &OVERRIDE_HEADERS))
        {
            return self
                .guard
                .refuse(CheckFault::OverrideHeader, method, target, now);
        }
        let keys = request.headers.get_all(AUTHORIZATION);
        let keys = keys.iter().map(|value| value.as_bytes());
        self.guard.decide(keys, method, target, now)
    }
}

/// Whether a header has one of these names, for a back end that takes `_` for `-` too.
fn is_one_of(header: &str, names: &[&str]) -> bool {
    names.iter().any(|name| is_same_header(header, name))
}

#[async_trait]
impl ProxyHttp for Gateway {
    /// The answer, until the request goes on.
    type CTX = Option<Answer>;

    fn new_ctx(&self) -> Self::CTX {
        None
    }

    async fn request_filter(&self, session: &mut Session, answer: &mut Self::CTX) -> Result<bool> {
        let decided = self.decide(session.req_header());
        if decided.admits() {
            // A clone, because an answer that is kept for long should hold the snapshot by itself.
            *answer = Some(decided.clone());
            return Ok(false);
        }
        let mut response = ResponseHeader::build(decided.status(), None)?;
        for (name, value) in decided.response_headers() {
            response.insert_header(name, value)?;
        }
        response.insert_header(CACHE_CONTROL, "no-store")?;
        response.insert_header(CONTENT_LENGTH, "0")?;
        drop(decided);
        session
            .write_response_header(Box::new(response), true)
            .await?;
        Ok(true)
    }

    async fn upstream_peer(&self, _: &mut Session, _: &mut Self::CTX) -> Result<Box<HttpPeer>> {
        let peer = HttpPeer::new(self.back_end.as_str(), false, String::new());
        Ok(Box::new(peer))
    }

    async fn upstream_request_filter(
        &self,
        _: &mut Session,
        request: &mut RequestHeader,
        answer: &mut Self::CTX,
    ) -> Result<()> {
        // Nothing goes on that was not decided.
        let Some(answer) = answer else {
            return Error::e_explain(ErrorType::InternalError, "a request without an answer");
        };
        let names: Vec<_> = request.headers.keys().cloned().collect();
        for name in names {
            if is_one_of(name.as_str(), &IDENTITY_HEADERS) {
                request.remove_header(&name);
            }
        }
        for (name, value) in answer.forward_headers() {
            request.insert_header(name, value)?;
        }
        request.remove_header(&AUTHORIZATION);
        Ok(())
    }
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or("127.0.0.1:3000".into());
    let back_end = arguments.next().unwrap_or("127.0.0.1:8080".into());

    // For show: `routescope key new` makes random keys, and keeps their hashes in a file.
    let keys = [
        ("front-desk", "f", "colleagues:read"),
        ("admin", "a", "pbx:*"),
    ];
    let keys = keys.map(|(id, letter, scope)| {
        let key = format!("wsk-v1-{}", letter.repeat(93));
        let hash = StoredHash::Sha256(KeyHash::sha256(key.as_bytes()));
        eprintln!("{id}: {key}");
        KeyEntry::new(id, hash, [scope])
    });
    let guard = Guard::builder(pbx::POLICY)
        .keys(KeyFile::new(keys))
        .build()?;

    let mut server = Server::new(None)?;
    server.bootstrap();
    let gateway = Gateway { guard, back_end };
    let mut proxy = http_proxy_service(&server.configuration, gateway);
    proxy.add_tcp(&address);
    server.add_service(proxy);
    server.run_forever();
}
