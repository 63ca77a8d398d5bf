//! Routes in the notations of other routers, and what the compiler says of each.

/// A route, whose notation it is in, and what must be advised: of the advice
/// that begins so, the whole.
pub(crate) const FOREIGN: &[(&str, &str, &str)] = &[
    (
        "GET /a/:id",
        "Express, Gin and Rails for a parameter",
        "write `/a/{id}`",
    ),
    (
        "GET /a/:id/b/",
        "Express, Gin and Rails",
        "write `/a/{id}/b/`",
    ),
    (
        "GET /a/:id/:name",
        "Express, Gin and Rails",
        "write `{id}` there",
    ),
    (
        "GET /a/:id?",
        "Express, Gin and Rails",
        "no segment is optional: list both paths, `/a/{id}` and `/a`",
    ),
    (
        "GET /a/:path*",
        "Express, Gin and Rails",
        "write `/a/{*path}`, which takes one or more segments",
    ),
    (
        "GET /a/:id(\\d+)",
        "Express, Gin and Rails",
        "write `/a/{id}`, which is wider",
    ),
    (
        "GET /a/:id.json",
        "Express, Gin and Rails",
        "write `/a/{id}.json`",
    ),
    (
        "GET /a/:from-:to",
        "Express, Gin and Rails",
        "a segment has one parameter at most",
    ),
    (
        "GET /a/{id:int}.json",
        "other routers",
        "write `/a/{id}.json`, which is wider",
    ),
    (
        "GET /a/v{id}*",
        "globs for a part of a segment",
        "a segment has one parameter at most",
    ),
    (
        "GET /a/*",
        "globs for a wildcard",
        "write `/a/{name}` for any one segment, or `/a/{*name}` for all that follow",
    ),
    (
        "GET /a/*/",
        "globs for a wildcard",
        "write `/a/{name}/` for any one segment, or `/a/{*name}` for all that follow",
    ),
    ("GET /a/*/b", "globs for a wildcard", "write `/a/{name}/b`"),
    (
        "GET /a/**",
        "globs for any number of segments",
        "write `/a/{*name}`, which takes one or more segments",
    ),
    (
        "GET /a/**/b",
        "globs for any number of segments",
        "a catch-all stands at the end",
    ),
    (
        "GET /files/*path",
        "Gin, Rails and globs for a wildcard",
        "write `/files/{*path}`, which takes one or more",
    ),
    (
        "GET /a/(.*)",
        "regular expressions for a pattern",
        "write `/a/{name}` for any one segment, or `/a/{*name}`",
    ),
    (
        "GET /a/.*",
        "regular expressions",
        "write `/a/{name}` for any one segment",
    ),
    (
        "GET /a/[0-9]+",
        "regular expressions",
        "a route has no patterns",
    ),
    (
        "GET /a/\\d+",
        "regular expressions",
        "a route has no patterns",
    ),
    (
        "GET /a/(x|y)",
        "regular expressions",
        "a route has no patterns",
    ),
    ("GET /a/[id]", "Next.js for a parameter", "write `/a/{id}`"),
    (
        "GET /a/[...slug]",
        "Next.js",
        "write `/a/{*slug}`, which takes",
    ),
    (
        "GET /a/<id>",
        "Flask and Django for a parameter",
        "write `/a/{id}`",
    ),
    (
        "GET /a/<int:id>/b",
        "Flask and Django",
        "write `/a/{id}/b`, which is wider",
    ),
    (
        "GET /a/<id:[0-9]+>",
        "Flask and Django",
        "write `/a/{id}`, which is wider",
    ),
    (
        "GET /a/<path:rest>",
        "Flask and Django",
        "write `/a/{*rest}`, which takes",
    ),
    (
        "GET /a/{rest...}",
        "Go's ServeMux for a catch-all",
        "write `/a/{*rest}`, which takes",
    ),
    (
        "GET /a/{$}",
        "Go's ServeMux for the end of a path",
        "leave it out: write `/a`",
    ),
    (
        "GET /a/{**slug}",
        "ASP.NET for a catch-all",
        "write `/a/{*slug}`, which takes",
    ),
    (
        "GET /a/{id?}",
        "ASP.NET for an optional segment",
        "no segment is optional: list both paths, `/a/{id}` and `/a`",
    ),
    (
        "GET /a/{id=5}",
        "gRPC transcoding",
        "write `/a/{id}`, which is wider",
    ),
    (
        "GET /a/{path=**}",
        "gRPC transcoding",
        "write `/a/{*path}`, which takes",
    ),
    (
        "GET /v1/{name=projects/*/locations/*}:run",
        "gRPC transcoding",
        "write `/v1/projects/{name}/locations/{name2}:run`",
    ),
    (
        "GET /v1/{name=projects/*}",
        "gRPC transcoding",
        "write `/v1/projects/{name}`",
    ),
    (
        "GET /a/{proxy+}",
        "Amazon API Gateway for a catch-all",
        "write `/a/{*proxy}`, which takes",
    ),
    (
        "GET /a/{+path}",
        "RFC 6570 for a value with slashes",
        "write `/a/{*path}`, which takes",
    ),
    ("GET /a/{?page}", "RFC 6570", ""),
    (
        "GET /a/{path*}",
        "hapi for a catch-all",
        "write `/a/{*path}`, which takes",
    ),
    (
        "GET /a/{id:[0-9]+}",
        "other routers",
        "write `/a/{id}`, which is wider",
    ),
    (
        "GET /a/{id:int}",
        "other routers",
        "write `/a/{id}`, which is wider",
    ),
    (
        "GET /a/{path:.*}",
        "other routers",
        "write `/a/{path}` for any one segment, or `/a/{*path}`",
    ),
    (
        "GET /a/{path:path}",
        "other routers",
        "write `/a/{*path}`, which takes",
    ),
    ("GET /a/{:id}", "Express and RFC 6570", "write `/a/{id}`"),
    ("GET /a/${id}", "shells and JavaScript", "write `/a/{id}`"),
    ("GET /a/$id/b", "Remix and TanStack", "write `/a/{id}/b`"),
    (
        "GET /a/$userId",
        "Remix and TanStack",
        "write `/a/{userId}`",
    ),
];
