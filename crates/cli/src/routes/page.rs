//! The table as one HTML page. It works from a file, loads nothing, and decides requests by the
//! automaton of the policy.
//!
//! The routes are in the page as text, so that it can be read, searched and printed without
//! scripts. `decide.js` decides requests, `page.js` reacts to the reader.

use std::collections::HashSet;
use std::fmt::{self, Write as _};
use std::io::Write;

use data_encoding::BASE64;
use routescope::Method;
use routescope_compiler::unstable::printable;
use sha2::{Digest, Sha256};

use super::data::data;
use super::table::{Filter, RouteTable, Row, ScopeRow, by_resource};
use crate::failure::Result;
use crate::needs::Needed;
use crate::output::Output;
use crate::wire::{count, to_hex};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const DECIDE: &str = include_str!("decide.js");
const SCRIPT: &str = include_str!("page.js");

/// Writes the whole table with every scope; the filters and the held scopes are only the page's
/// first state.
pub(super) fn html(table: &RouteTable<'_>, filter: &Filter, output: &mut Output) -> Result<()> {
    let script = format!("\"use strict\";\n{DECIDE}\n{SCRIPT}");
    let parts = Parts {
        table,
        filter,
        script: &script,
    };
    let mut rest = PAGE;
    while let Some((before, from)) = rest.split_once("{{") {
        let (name, after) = from.split_once("}}").unwrap_or((from, ""));
        write!(output, "{before}{}", parts.part(name)?)?;
        rest = after;
    }
    write!(output, "{rest}")?;
    Ok(())
}

/// The parts that the page's template leaves open.
struct Parts<'p> {
    table: &'p RouteTable<'p>,
    filter: &'p Filter,
    script: &'p str,
}

impl Parts<'_> {
    fn part(&self, name: &str) -> Result<String> {
        let policy = self.table.policy;
        Ok(match name {
            "name" => HtmlText(policy.name()).to_string(),
            "facts" => self.facts(),
            "digest" => to_hex(policy.digest()),
            "release" => env!("CARGO_PKG_VERSION").to_owned(),
            "policy-of-content" => self.policy_of_content(),
            "style" => STYLE.to_owned(),
            "script" => self.script.to_owned(),
            "data" => data(self.table)?,
            "scopes" => self.scopes(),
            "groups" => self.groups(),
            "methods" => methods(),
            "example" => HtmlText(&example(self.table)).to_string(),
            "filter" => HtmlText(&self.filter()).to_string(),
            "foreign" => self.foreign(),
            "footnote" => self.footnote(),
            other => unreachable!("the page has no part `{other}`"),
        })
    }

    fn facts(&self) -> String {
        let mut facts = format!(
            "{} under {}{}",
            count(self.table.all.len() as u64, "route"),
            count(self.table.declared() as u64, "scope"),
            self.table.open()
        );
        if let Some(updated) = self.table.policy.updated() {
            let _ = write!(facts, ", updated <time>{}</time>", HtmlText(updated));
        }
        facts
    }

    /// The meaning of the scopes next to a route.
    fn footnote(&self) -> String {
        let mut text = "A route needs any one of the scopes next to it".to_owned();
        if self.table.has_sets() {
            text.push_str(", or all of those with <em>and</em> between them");
        }
        text.push('.');
        if self.table.all.iter().any(|row| row.open().is_some()) {
            text.push_str(
                " A public route needs no key; one for any key needs a valid key and no scope.",
            );
        }
        text
    }

    /// Allows this style and this script only, by their hashes, and no request at all: the
    /// browser executes nothing that the texts of a policy contain.
    fn policy_of_content(&self) -> String {
        let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(&Sha256::digest(text)));
        format!(
            "default-src 'none'; style-src {}; script-src {}; img-src data:; base-uri 'none'; form-action 'none'",
            hash(STYLE),
            hash(self.script)
        )
    }

    /// The first text of the page's filter, from `--method` and `--grep`.
    fn filter(&self) -> String {
        let method = self.filter.method.map(Method::as_str);
        let words: Vec<&str> = method
            .into_iter()
            .chain(self.filter.grep.as_deref())
            .collect();
        words.join(" ")
    }

    /// Held scopes of `--scope` that have no box to tick.
    fn foreign(&self) -> String {
        let names: Vec<String> = self
            .table
            .unknown()
            .map(|scope| format!("<code>{}</code>", HtmlText(&printable(&scope.scope))))
            .collect();
        if names.is_empty() {
            return String::new();
        }
        format!(
            "<p class=\"foreign\">The key also holds {}, which this policy does not know: it grants nothing here.</p>",
            names.join(", ")
        )
    }

    /// A box for each scope, by resource.
    fn scopes(&self) -> String {
        let held: HashSet<&str> = self
            .table
            .held
            .iter()
            .flatten()
            .map(|held| held.scope.as_str())
            .collect();
        let mut out = String::new();
        let mut scopes: Vec<(usize, &ScopeRow<'_>)> =
            self.table.scopes.iter().enumerate().collect();
        scopes.sort_by_key(|(_, scope)| scope.order());
        for (id, scope) in scopes {
            let checked = if held.contains(&scope.scope) {
                " checked"
            } else {
                ""
            };
            let implied = if scope.declared { "" } else { ", implied" };
            let routes = count(scope.routes as u64, "route");
            let together = match scope.routes_in_sets {
                0 => String::new(),
                more => format!(", {more} with others"),
            };
            let _ = writeln!(
                out,
                "<li><label><input type=\"checkbox\" name=\"scope\" value=\"{id}\"{checked}> \
                 <code>{}</code> <span class=\"reach\">{routes}{together}{implied}</span></label></li>",
                HtmlText(scope.scope),
            );
        }
        out
    }

    /// The routes, by resource.
    fn groups(&self) -> String {
        let groups = by_resource(&self.table.all);
        let scopes = self.table.scopes_by_resource();
        let mut out = String::new();
        for (id, (resource, rows)) in groups.iter().enumerate() {
            let _ = writeln!(
                out,
                "<section class=\"group\" aria-labelledby=\"g{id}\">\n\
                 <h3 id=\"g{id}\">{} <small class=\"tally\" data-all=\"{}\">{}</small></h3>",
                HtmlText(resource),
                rows.len(),
                count(rows.len() as u64, "route"),
            );
            let scopes = scopes.get(resource).map(Vec::as_slice);
            summaries(scopes.unwrap_or_default(), &mut out);
            out.push_str("<ul class=\"rows\">\n");
            for row in rows {
                route(row, &mut out);
            }
            out.push_str("</ul>\n</section>\n");
        }
        out
    }
}

fn summaries(scopes: &[&ScopeRow<'_>], out: &mut String) {
    let summaries: Vec<String> = scopes
        .iter()
        .filter_map(|scope| {
            Some(format!(
                "<div><dt><code>{}</code></dt><dd><bdi>{}</bdi></dd></div>",
                HtmlText(scope.scope),
                HtmlText(&printable(scope.summary?))
            ))
        })
        .collect();
    if !summaries.is_empty() {
        let _ = writeln!(out, "<dl>{}</dl>", summaries.join("\n"));
    }
}

fn route(row: &Row<'_>, out: &mut String) {
    let method = row.method;
    let _ = write!(
        out,
        "<li id=\"r{}\" data-route=\"{}\" data-answers=\"{}\" tabindex=\"-1\"><span class=\"method {}\">{method}</span> <code class=\"path\">{}</code>",
        row.index,
        row.index,
        row.answers.join(" "),
        method.to_ascii_lowercase(),
        HtmlPath(row.path),
    );
    let mut needed = row.needed.iter();
    let set =
        |needed: &Needed<'_>| needed.in_words(|scope| format!("<code>{}</code>", HtmlText(scope)));
    out.push_str(
        " <span class=\"scope\"><span class=\"verdict\" hidden></span><span class=\"needs\">",
    );
    if let Some(open) = row.open() {
        let _ = write!(
            out,
            "<span class=\"open {}\">{open}</span>",
            row.needs.replace('_', "-")
        );
    }
    if let Some(narrowest) = needed.next() {
        out.push_str(&set(narrowest));
    }
    let others: Vec<String> = needed.map(set).collect();
    if !others.is_empty() {
        let _ = write!(
            out,
            " <span class=\"others\">or {}</span>",
            others.join(", ")
        );
    }
    out.push_str("</span></span>");
    if let Some(note) = row.note {
        let _ = write!(
            out,
            " <span class=\"note\">Note: <bdi>{}</bdi></span>",
            HtmlText(&printable(note))
        );
    }
    out.push_str("</li>\n");
}

fn methods() -> String {
    Method::ALL
        .iter()
        .map(|method| format!("<option>{method}</option>"))
        .collect()
}

/// A request to begin with: a GET with a parameter, if there is one.
fn example(table: &RouteTable<'_>) -> String {
    let fits = |row: &&Row<'_>| row.method == "GET";
    let row = table
        .all
        .iter()
        .filter(fits)
        .find(|row| row.path.contains('{'))
        .or_else(|| table.all.iter().find(fits));
    let fill = |segment: &str| {
        if segment.starts_with('{') {
            "42".to_owned()
        } else {
            segment.to_owned()
        }
    };
    row.map_or("/".to_owned(), |row| {
        row.path
            .split('/')
            .map(fill)
            .collect::<Vec<String>>()
            .join("/")
    })
}

/// Text in which nothing is markup.
struct HtmlText<'t>(&'t str);

impl fmt::Display for HtmlText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// A path with its parameters marked, and leave to break the line at slashes.
struct HtmlPath<'p>(&'p str);

impl fmt::Display for HtmlPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.0.split('/').enumerate() {
            // There is no break before the last slash, which would be alone in its line.
            if i > 1 && !segment.is_empty() {
                f.write_str("<wbr>")?;
            }
            if i > 0 {
                f.write_str("/")?;
            }
            if segment.starts_with('{') {
                write!(f, "<var>{}</var>", HtmlText(segment))?;
            } else {
                write!(f, "{}", HtmlText(segment))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_no_markup() {
        assert_eq!(
            HtmlText("<a href=\"x\">&'</a>").to_string(),
            "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;"
        );
        assert_eq!(HtmlPath("/a/{id}/").to_string(), "/a<wbr>/<var>{id}</var>/");
    }
}
