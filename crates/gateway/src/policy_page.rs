//! The policy in force as a page: which scopes open which routes, and what they were asked for.

use std::collections::HashMap;
use std::fmt::{self, Display, Write};

use routescope::{Policy, Requirement};
use routescope_guard::keys::moment_text;
use routescope_guard::{Counts, DenyReason, Guard, Status};

/// The routes that a page shows: a policy can have a hundred thousand, and no browser shows them.
const ROUTES: usize = 2_000;

/// The header by which a browser may apply the page's one style, which the hash names, and nothing
/// else. A name in a
/// policy that gets past the escaping would still run nothing and fetch nothing.
pub(crate) const SECURITY_POLICY: &str = "default-src 'none'; style-src 'sha256-hpUy+Ihnyjy/e+1sEQc9xE/DCqhluesDFzXA45j6jlY='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#222;background:#fff}\
table{border-collapse:collapse}\
th,td{padding:.2rem .8rem;text-align:left;vertical-align:top;border-bottom:1px solid #ddd}\
td.number,th.number{text-align:right}\
code{font-family:ui-monospace,monospace;overflow-wrap:anywhere}\
.alert{border-left:.3rem solid #b00;padding-left:.7rem;white-space:pre-wrap}";

/// The page. It has no key, no id of a key, and nothing of a request.
pub(crate) fn page(guard: &Guard) -> String {
    let counts = guard.counts();
    let status = guard.status();
    let mut page = String::new();
    // A `String` takes every text.
    let _ = guard.with_policy(|policy| write_page(&mut page, policy, &status, &counts));
    page
}

fn write_page(
    page: &mut impl Write,
    policy: Policy<'_>,
    status: &Status,
    counts: &Counts,
) -> fmt::Result {
    let name = Escaped(policy.name());
    write!(
        page,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Policy {name}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>Policy {name}</h1>\n"
    )?;
    state(page, policy, status)?;
    denials(page, counts)?;
    routes(page, policy, counts)?;
    page.write_str("</body>\n</html>\n")
}

fn state(page: &mut impl Write, policy: Policy<'_>, status: &Status) -> fmt::Result {
    for listener in status.shadowed() {
        alert(
            page,
            format_args!(
                "Shadow mode on listener `{}`: {} is let through.",
                listener.name, listener.shadow
            ),
        )?;
    }
    if let Some(error) = &status.last_error {
        alert(
            page,
            format_args!(
                "The last reload failed, and what it could not read stays in force: {error}"
            ),
        )?;
    }
    for warning in &status.warnings {
        alert(page, format_args!("Warning: {warning}"))?;
    }
    page.write_str("<table>\n")?;
    row(page, "Revision", policy.revision())?;
    if let Some(updated) = policy.updated() {
        row(page, "Updated", updated)?;
    }
    row(page, "Digest", &status.digest)?;
    row(page, "Routes", policy.routes().len())?;
    for (name, count) in [
        ("Public routes", status.public_routes),
        ("Routes for any valid key", status.any_key_routes),
    ] {
        if count > 0 {
            row(page, name, count)?;
        }
    }
    row(page, "Scopes", policy.scopes().count())?;
    row(page, "Keys", status.keys)?;
    row(page, "Last loaded", moment_text(status.loaded))?;
    row(page, "Reloads", status.reloads)?;
    row(page, "Reloads that failed", status.failures)?;
    page.write_str("</table>\n")
}

fn denials(page: &mut impl Write, counts: &Counts) -> fmt::Result {
    page.write_str("<h2>Decisions since the start</h2>\n<table>\n")?;
    row(page, "allowed", counts.allowed)?;
    if counts.public > 0 {
        row(page, "allowed by public routes", counts.public)?;
    }
    for reason in DenyReason::all() {
        match counts.denied_for(reason) {
            0 => {}
            denied => row(page, reason.as_str(), denied)?,
        }
    }
    if counts.shadowed > 0 {
        row(page, "denied, and let through", counts.shadowed)?;
    }
    page.write_str("</table>\n")
}

fn routes(page: &mut impl Write, policy: Policy<'_>, counts: &Counts) -> fmt::Result {
    let called: HashMap<&str, _> = counts
        .routes
        .iter()
        .map(|route| (&*route.route, (route.allowed, route.missing_scope)))
        .collect();
    page.write_str(
        "<h2>Routes</h2>\n<table>\n<tr><th>Route</th><th>Any of these opens it</th>\
         <th class=\"number\">Allowed</th><th class=\"number\">Missing scope</th></tr>\n",
    )?;
    for route in policy.routes().take(ROUTES) {
        let text = route.to_string();
        let (allowed, missing_scope) = called.get(&*text).copied().unwrap_or_default();
        write!(page, "<tr><td><code>{}</code></td><td>", Escaped(&text))?;
        requirement(page, route.requirement())?;
        writeln!(
            page,
            "</td><td class=\"number\">{allowed}</td><td class=\"number\">{missing_scope}</td></tr>"
        )?;
    }
    page.write_str("</table>\n")?;
    match policy.routes().len().saturating_sub(ROUTES) {
        0 => Ok(()),
        more => writeln!(
            page,
            "<p>And {more} more, which <code>routescope routes</code> lists.</p>"
        ),
    }
}

/// The alternatives with a comma between them, and the scopes that are needed together with `and`.
fn requirement(page: &mut impl Write, requirement: Requirement<'_>) -> fmt::Result {
    let alternatives = match requirement {
        Requirement::Public => return page.write_str("public: no key is looked at"),
        Requirement::AnyKey => return page.write_str("any valid key"),
        Requirement::Scopes(alternatives) => alternatives,
    };
    for (place, alternative) in alternatives.iter().enumerate() {
        page.write_str(if place == 0 { "" } else { ", " })?;
        for (place, scope) in alternative.scopes().enumerate() {
            let and = if place == 0 { "" } else { " and " };
            write!(page, "{and}<code>{}</code>", Escaped(scope))?;
        }
    }
    Ok(())
}

fn row(page: &mut impl Write, name: &str, value: impl Display) -> fmt::Result {
    let (name, value) = (Escaped(name), Escaped(value));
    writeln!(
        page,
        "<tr><th>{name}</th><td><code>{value}</code></td></tr>"
    )
}

fn alert(page: &mut impl Write, text: impl Display) -> fmt::Result {
    writeln!(page, "<p class=\"alert\">{}</p>", Escaped(text))
}

/// A text in which nothing is markup.
struct Escaped<T>(T);

impl<T: Display> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

/// Writes what it gets with references in place of the characters of markup.
struct Escaping<'w, 'f>(&'w mut fmt::Formatter<'f>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.write_str("&amp;")?,
                '<' => self.0.write_str("&lt;")?,
                '>' => self.0.write_str("&gt;")?,
                '"' => self.0.write_str("&quot;")?,
                '\'' => self.0.write_str("&#39;")?,
                _ => self.0.write_char(character)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;
    use routescope_guard::KeyHash;

    use super::{Escaped, SECURITY_POLICY, STYLE};

    #[test]
    fn the_security_policy_names_the_style() {
        let hash = BASE64.encode(KeyHash::sha256(STYLE.as_bytes()).as_bytes());
        let source = format!("style-src 'sha256-{hash}';");
        assert!(SECURITY_POLICY.contains(&source), "{source}");
    }

    #[test]
    fn no_text_is_markup() {
        let text = Escaped(r#"</p><script>alert("x" & 'y')</script>"#).to_string();
        assert_eq!(
            text,
            "&lt;/p&gt;&lt;script&gt;alert(&quot;x&quot; &amp; &#39;y&#39;)&lt;/script&gt;"
        );
    }
}
