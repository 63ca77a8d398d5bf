use embedder::store::{self, scopes};

fn main() {
    let held = store::ScopeSet::of(store::POLICY, &[scopes::DOCUMENT_READ]);
    assert!(store::authorize(&held, "GET", "/documents/7").is_allow());
}
