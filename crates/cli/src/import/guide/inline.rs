//! The markup within a line: code, bold, links, escapes, tags and entities.

/// The tags that mark a text and are no part of it. Others stay: `<id>` in a
/// path is a mistake that should be seen.
const TAGS: [&str; 22] = [
    "a", "abbr", "b", "br", "code", "details", "div", "em", "i", "kbd", "mark", "p", "s", "samp",
    "small", "span", "strong", "sub", "sup", "summary", "u", "wbr",
];

/// The text that a reader of the rendered line sees.
pub(super) fn clean(text: &str) -> String {
    let mut marks = Marks::default();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut code = false;
    while let Some(c) = text[at..].chars().next() {
        if c == '`' {
            code = !code;
            at += 1;
            continue;
        }
        let marked = if code {
            None
        } else {
            markup(text, at, &mut marks, &mut out)
        };
        match marked {
            Some(after) => at = after,
            None => {
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    out.trim().to_owned()
}

/// The ends of markup that may have begun.
#[derive(Default)]
struct Marks {
    label: Mark,
    link: Mark,
    tag: Mark,
}

/// The position of the next of each mark. It is looked for once however many ask, so that a
/// text of nothing but beginnings is read in one pass.
#[derive(Default)]
struct Mark(Option<Option<usize>>);

impl Mark {
    fn find(&mut self, mark: &str, text: &str, from: usize) -> Option<usize> {
        match self.0 {
            Some(None) => None,
            Some(Some(next)) if next >= from => Some(next),
            _ => {
                let next = text[from..].find(mark).map(|next| from + next);
                self.0 = Some(next);
                next
            }
        }
    }
}

/// The end of the markup that begins at a position, if any does; its text goes to `out`.
fn markup(text: &str, at: usize, marks: &mut Marks, out: &mut String) -> Option<usize> {
    let rest = &text[at..];
    if rest.starts_with("**") {
        return Some(at + 2);
    }
    if let Some(escaped) = rest.strip_prefix('\\') {
        let c = escaped.chars().next().filter(char::is_ascii_punctuation)?;
        out.push(c);
        return Some(at + 2);
    }
    if rest.starts_with('[') {
        let label = marks.label.find("](", text, at + 1)?;
        let end = marks.link.find(")", text, label + 2)?;
        // No label has a link in it, so this goes no deeper.
        out.push_str(&clean(&text[at + 1..label]));
        return Some(end + 1);
    }
    if is_tag(rest) {
        return marks.tag.find(">", text, at).map(|end| end + 1);
    }
    entity(rest, out).map(|after| text.len() - after.len())
}

/// Whether a text begins with a tag that marks text.
fn is_tag(text: &str) -> bool {
    let Some(tag) = text.strip_prefix('<') else {
        return false;
    };
    let tag = tag.trim_start_matches('/');
    let end = tag
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(tag.len());
    TAGS.iter()
        .any(|name| tag[..end].eq_ignore_ascii_case(name))
}

/// The longest name of an entity, with zeros before a number.
const LONGEST_ENTITY: usize = 32;

/// The text that follows an entity, whose character goes to `out`.
pub(super) fn entity<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    let text = text.strip_prefix('&')?;
    let end = text
        .bytes()
        .take(LONGEST_ENTITY)
        .position(|byte| byte == b';')?;
    let (name, after) = (&text[..end], &text[end + 1..]);
    let c = match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => ' ',
        "lbrace" | "lcub" => '{',
        "rbrace" | "rcub" => '}',
        "colon" => ':',
        "ast" => '*',
        "sol" => '/',
        "rarr" => '\u{2192}',
        "middot" => '\u{b7}',
        "mdash" => '\u{2014}',
        "ndash" => '\u{2013}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    out.push(if c == '\u{a0}' { ' ' } else { c });
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes() {
        for (marked, text) in [
            ("**Last updated:** 2026-05-28", "Last updated: 2026-05-28"),
            ("`devices:*`", "devices:*"),
            (r"devices:\*", "devices:*"),
            (r"/a/\{id\}/", "/a/{id}/"),
            ("/a/&#123;id&#x7D;/", "/a/{id}/"),
            ("<code>/a/&lbrace;id&rbrace;/</code>", "/a/{id}/"),
            ("see [the guide](https://x.example/y)", "see the guide"),
            ("/a/<id>/", "/a/<id>/"),
            ("a & b", "a & b"),
            ("[a](b) [c] [d](e", "a [c] [d](e"),
            ("[[a](b)](c)", "[a](c)"),
            ("<b>a</b> <b", "a <b"),
            ("&amp;&amp;amp; &amp &;", "&&amp; &amp &;"),
            ("`a\\b`", "a\\b"),
        ] {
            assert_eq!(clean(marked), text, "{marked}");
        }
    }

    /// A mark that does not come is looked for once.
    #[test]
    fn beginnings_without_ends() {
        let text = "[<b&".repeat(3);
        let mut mark = Mark::default();
        for at in 0..text.len() {
            assert_eq!(mark.find("](", &text, at), None);
            assert!(matches!(mark.0, Some(None)));
        }
        assert_eq!(clean(&text), text);
        let ends = "a)b)c";
        let mut mark = Mark::default();
        let found: Vec<_> = (0..5).map(|at| mark.find(")", ends, at)).collect();
        assert_eq!(found, [Some(1), Some(1), Some(3), Some(3), None]);
    }
}
