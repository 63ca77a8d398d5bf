use embedder::store::Route;

fn is_costly(route: Route) -> bool {
    matches!(route, Route::GetDocumentSearch)
}

fn main() {
    assert!(is_costly(Route::GetDocumentsSearch));
}
