//! The markup within a line: code, bold, links, escapes, tags and entities.

/// The tags that mark a text and are no part of it. Others stay: `<id>` in a
/// path is a mistake that should be seen.
const TAGS: [&str; 22] = [
    "a", "abbr", "b", "br", "code", "details", "div", "em", "i", "kbd", "mark", "p", "s", "samp",
    "small", "span", "strong", "sub", "sup", "summary", "u", "wbr",
];

/// The text that a reader of the rendered line sees.
pub(super) fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut code = false;
    while let Some(c) = rest.chars().next() {
        let tail = &rest[c.len_utf8()..];
        if c == '`' {
            code = !code;
            rest = tail;
            continue;
        }
        let marked = if code { None } else { markup(rest, &mut out) };
        match marked {
            Some(behind) => rest = behind,
            None => {
                out.push(c);
                rest = tail;
            }
        }
    }
    out.trim().to_owned()
}

/// What follows the markup that a text begins with, if it does; what the
/// markup stands for goes to `out`.
fn markup<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    if let Some(behind) = text.strip_prefix("**") {
        return Some(behind);
    }
    if let Some(escaped) = text.strip_prefix('\\') {
        let c = escaped.chars().next().filter(char::is_ascii_punctuation)?;
        out.push(c);
        return Some(&escaped[1..]);
    }
    if let Some(link) = text.strip_prefix('[') {
        let (label, behind) = link.split_once("](")?;
        let (_, behind) = behind.split_once(')')?;
        out.push_str(&clean(label));
        return Some(behind);
    }
    tag(text).or_else(|| entity(text, out))
}

/// What follows a tag that marks text.
fn tag(text: &str) -> Option<&str> {
    let (tag, behind) = text.strip_prefix('<')?.split_once('>')?;
    let name: String = tag
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    TAGS.contains(&name.to_ascii_lowercase().as_str())
        .then_some(behind)
}

/// What follows an entity, the character of which goes to `out`.
pub(super) fn entity<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    let (name, behind) = text.strip_prefix('&')?.split_once(';')?;
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
    Some(behind)
}

#[cfg(test)]
mod tests {
    use super::clean;

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
            ("`a\\b`", "a\\b"),
        ] {
            assert_eq!(clean(marked), text);
        }
    }
}
