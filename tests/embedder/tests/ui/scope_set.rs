#[path = "../../src/committed.rs"]
mod committed;

const SERVICE: committed::ScopeSet = committed::scope_set![DOCUMENTS_READ, FILES_RAED];

fn main() {
    assert_eq!(SERVICE.len(), 2);
}
