//! Guides in the three shapes that the importer reads, made from the table of
//! the PBX API's routes with words of our own.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use crate::common::repository;

/// A scope and a route, `GET /a/`.
pub(crate) type Listed = (String, String);

/// The guide's mapping, from `tests/data/pbx-routes.csv`, in order.
fn table() -> Vec<Listed> {
    let text = fs::read_to_string(repository().join("tests/data/pbx-routes.csv")).unwrap();
    text.lines()
        .skip(1)
        .filter_map(
            |line| match line.split(',').collect::<Vec<_>>().as_slice() {
                [scope, method, route, "mapping"] => {
                    Some((String::from(*scope), format!("{method} {route}")))
                }
                _ => None,
            },
        )
        .collect()
}

/// The same as a set.
pub(crate) fn mapping() -> BTreeSet<Listed> {
    table().into_iter().collect()
}

/// The routes of a policy's text.
pub(crate) fn routes_of(policy: &str) -> BTreeSet<Listed> {
    let compiled = routescope_compiler::compile("imported.yaml", policy)
        .unwrap_or_else(|report| panic!("{policy}\n{report}"));
    let scopes = &compiled.document().scopes;
    scopes
        .iter()
        .flat_map(|scope| {
            scope
                .routes
                .iter()
                .map(|route| (scope.name.value.clone(), route.text.value.clone()))
        })
        .collect()
}

/// The content of a guide.
pub(crate) struct Guide {
    pub without: Vec<String>,
    pub with: &'static [(&'static str, &'static str)],
    pub updated: &'static str,
    pub stated: (usize, usize),
}

impl Default for Guide {
    fn default() -> Self {
        Self {
            without: Vec::new(),
            with: &[],
            updated: "2026-05-28",
            stated: (109, 25),
        }
    }
}

const HOST: &str = "https://pbx.example.org";

impl Guide {
    pub(crate) fn shapes(&self) -> [(&'static str, String); 3] {
        [
            ("flat", self.flat()),
            ("markdown", self.markdown()),
            ("html", self.html()),
        ]
    }

    /// The scopes in order, each with its routes.
    fn scopes(&self) -> Vec<(String, Vec<String>)> {
        let mut scopes: Vec<(String, Vec<String>)> = Vec::new();
        let more = self
            .with
            .iter()
            .map(|(scope, route)| ((*scope).to_owned(), (*route).to_owned()));
        for (scope, route) in table().into_iter().chain(more) {
            if self.without.contains(&route) {
                continue;
            }
            match scopes.iter_mut().find(|(known, _)| *known == scope) {
                Some((_, routes)) => routes.push(route),
                None => scopes.push((scope, vec![route])),
            }
        }
        scopes
    }

    /// Writes it as text from which the markup was lost, and some spaces with it.
    pub(crate) fn flat(&self) -> String {
        let (routes, scopes) = self.stated;
        let mut text = format!(
            "Keys for the PBX\nUse keys.\nContents\nYou need\n- A key with scopes (say\ncolleagues:read,pbx:*)\n\
             Key format: 100 characters, prefix wsk-v1- followed by 93 alphanumeric characters.\n\
             curl -X GET \"{HOST}/api/v1/colleagues/\" \\\n-H \"Authorization: Bearer wsk-v1-...\"\n\
             The mapping below lists the routes that keys with scopes can use.\n\
             Scopes\nGET/HEAD\u{2192}{{resource}}:read- Others \u{2192}\n{{resource}}:*\n\
             Some scopes are PBX-wide:\n- Read routes accept\npbx:readandpbx:* - Write routes accept\npbx:*\nUse the narrowest.\n\
             Scope to routes mapping\nRoutes that accept keys. Last updated: {}.\n{routes} routes across {scopes} scopes.\n",
            self.updated
        );
        for (scope, routes) in self.scopes() {
            let _ = writeln!(
                text,
                "{scope}\nEverything about {scope} (own words)\n| Method | Route |\n|---|---|"
            );
            for route in routes {
                let _ = writeln!(text, "| {} |", route.replace(' ', " | "));
            }
        }
        let _ = write!(
            text,
            "Examples\nRead\nRequires colleagues:read (or pbx:read):\ncurl \"{HOST}/api/v1/colleagues/\" \\\n-H \"Authorization: Bearer wsk-v1-...\"\n\
             Update\nRequires devices:* (or pbx:*):\ncurl -X PUT \"{HOST}/api/v1/device/{{id}}/\" \\\n-H \"Content-Type: application/json\" \\\n-d '{{\"name\":\"x y\"}}'\n\
             Errors\n| Status | Meaning |\n|---|---|\n401 | No key |\n403 | No scope |\nSee also: more"
        );
        text
    }

    pub(crate) fn markdown(&self) -> String {
        let (routes, scopes) = self.stated;
        let mut text = format!(
            "---\ntitle: Keys\n---\n\n# Keys for the PBX\n\n- [Scope to routes mapping](#mapping)\n\n\
             **Key format:** 100 characters, prefix `wsk-v1-` followed by 93 alphanumeric characters.\n\n\
             ## Scopes\n\n- `GET`/`HEAD` \u{2192} `{{resource}}:read`\n\n- Read routes accept `pbx:read` and `pbx:*`\n- Write routes accept `pbx:*`\n\n\
             ## Scope to routes mapping {{#mapping}}\n\n<!-- generated -->\n\nRoutes that accept keys. **Last updated:** {}.\n\n{routes} routes across **{scopes}** scopes.\n",
            self.updated
        );
        for (scope, routes) in self.scopes() {
            let _ = write!(
                text,
                "\n### `{scope}`\n\nEverything about\n`{scope}` (own words)\n\n| Method | Route |\n|:---|:---|\n"
            );
            for (i, route) in routes.iter().enumerate() {
                let (method, path) = route.split_once(' ').unwrap();
                if i % 2 == 0 {
                    let _ = writeln!(text, "| `{method}` | `{path}` |");
                } else {
                    // Some dialects need a backslash before braces outside of code.
                    let path = path.replace('{', "\\{").replace('}', "\\}");
                    let _ = writeln!(text, "| {method} | {path} |");
                }
            }
        }
        let _ = write!(
            text,
            "\n## Examples\n\nRequires `devices:*` (or `pbx:*`):\n\n```sh\ncurl -X PUT \"{HOST}/api/v1/device/{{id}}/\" \\\n  -d '{{\"name\":\"x\"}}'\n```\n\n## Errors\n\n| Status | Meaning |\n|---|---|\n| `401` | No key |\n"
        );
        text
    }

    pub(crate) fn html(&self) -> String {
        let (routes, scopes) = self.stated;
        let mut text = format!(
            "<!doctype html>\n<html><head><title>Scope to routes mapping</title><style>h1 {{ }}</style></head>\n<body>\n<h1>Keys for the PBX</h1>\n\
             <ul><li><a href=\"#m\">Scope to routes mapping</a></li></ul>\n\
             <p>Key format: 100 characters, prefix <code>wsk-v1-</code> followed by 93 alphanumeric characters.</p>\n\
             <h2>Scopes</h2>\n<ul>\n<li>Read routes accept <code>pbx:read</code> and <code>pbx:*</code></li>\n<li>Write routes accept <code>pbx:*</code></li>\n</ul>\n\
             <h2 id=\"m\">Scope to routes mapping</h2>\n<p>Routes that accept keys.\n  <em>Last updated: {}.</em></p><p>{routes} routes across {scopes} scopes.</p>\n",
            self.updated
        );
        for (scope, routes) in self.scopes() {
            let _ = write!(
                text,
                "<h3><code>{scope}</code></h3>\n<p>Everything about {scope}\n(own words)</p>\n<table>\n<thead><tr><th>Method</th><th>Route</th></tr></thead>\n<tbody>\n"
            );
            for route in routes {
                let (method, path) = route.split_once(' ').unwrap();
                let path = path.replace('{', "&#123;").replace('}', "&#x7D;");
                let _ = writeln!(
                    text,
                    "<tr><td><code>{method}</code></td><td><code>{path}</code></td></tr>"
                );
            }
            text.push_str("</tbody></table>\n");
        }
        let _ = write!(
            text,
            "<h2>Examples</h2>\n<p>Requires <code>devices:*</code> (or <code>pbx:*</code>):</p>\n<pre><code>curl -X PUT &quot;{HOST}/api/v1/device/{{id}}/&quot; \\\n  -d &#39;{{&quot;name&quot;:1}}&#39;</code></pre>\n<script>var x = \"<table>\";</script>\n</body></html>\n"
        );
        text
    }
}
