//! The embedder's own policy decides as its file says.

use embedder::{Calls, NIGHTLY, may, store};

#[test]
fn the_table_is_the_embedders() {
    let scopes: Vec<&str> = store::POLICY.scopes().map(|scope| scope.name()).collect();
    assert_eq!(
        scopes,
        [
            "documents:*",
            "documents:Search",
            "documents:read",
            "everything:*",
            "everything:read",
            "files:*",
            "files:read"
        ]
    );
    assert_eq!(store::POLICY.name(), "store");
    assert_eq!(size_of::<store::ScopeSet>(), 24);
}

/// In a crate without std.
#[test]
fn names_stand_for_scopes_and_routes() {
    assert_eq!(
        NIGHTLY,
        store::scope_set(["files:read", "documents:Search"])
    );
    let mut calls = Calls::NONE;
    for target in [
        "/documents/7",
        "/documents/8/",
        "/documents/search",
        "/nothing",
    ] {
        calls.count(b"HEAD", target.as_bytes());
    }
    let counted: Vec<_> = calls.all().filter(|(_, calls)| *calls > 0).collect();
    assert_eq!(
        counted,
        [
            (Some(store::Route::GetDocumentsSearch), 1),
            (Some(store::Route::GetDocumentsId), 2),
            (None, 1)
        ]
    );
    assert_eq!(
        store::Route::GetDocumentsId.to_string(),
        "GET /documents/{id}"
    );
}

#[test]
fn requests() {
    // (name, scope, method, target, whether it may be made)
    let cases = [
        ("a read", "documents:read", "GET", "/documents/7", true),
        (
            "with a slash",
            "documents:read",
            "GET",
            "/documents/7/",
            true,
        ),
        (
            "in another case",
            "documents:read",
            "GET",
            "/Documents/7",
            true,
        ),
        (
            "the collection",
            "documents:read",
            "HEAD",
            "/documents",
            true,
        ),
        (
            "a write with a read scope",
            "documents:read",
            "DELETE",
            "/documents/7",
            false,
        ),
        (
            "full access reads",
            "documents:*",
            "GET",
            "/documents/7",
            true,
        ),
        (
            "a named operation",
            "documents:Search",
            "GET",
            "/documents/search?q=x",
            true,
        ),
        (
            "in another case too",
            "documents:Search",
            "GET",
            "/documents/SEARCH",
            true,
        ),
        (
            "which reading does not cover",
            "documents:read",
            "GET",
            "/documents/search",
            false,
        ),
        (
            "but full access does",
            "documents:*",
            "GET",
            "/documents/search",
            true,
        ),
        (
            "the umbrella covers `read` actions",
            "everything:read",
            "GET",
            "/files/a/b",
            true,
        ),
        (
            "not a named operation",
            "everything:read",
            "GET",
            "/documents/search",
            false,
        ),
        (
            "the umbrella does all",
            "everything:*",
            "GET",
            "/documents/search",
            true,
        ),
        (
            "the other umbrella means nothing",
            "pbx:*",
            "GET",
            "/documents/7",
            false,
        ),
        ("a catch-all", "files:*", "PUT", "/files/a/b/c/d.txt", true),
        (
            "with a slash at its end",
            "files:*",
            "PUT",
            "/files/a/b/c/",
            true,
        ),
        ("needs a segment", "files:*", "PUT", "/files/a/", false),
        (
            "and refuses what climbs",
            "files:*",
            "PUT",
            "/files/a/../b",
            false,
        ),
        (
            "a literal's other spelling",
            "documents:*",
            "DELETE",
            "/documents/s%65arch",
            false,
        ),
    ];
    for (name, scope, method, target, want) in cases {
        assert_eq!(
            may(&[scope], method.as_bytes(), target.as_bytes()),
            want,
            "{name}"
        );
    }
}
