//! Rule 7: no parameter takes a value that some system reads as a literal which the
//! policy lists in its place.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use routescope_compiler::{Compiled, compile};

use crate::oracle::{is_look_alike, read_as};

/// Values beside the literal `import`, and whether they are refused.
const VALUES: &[(&str, bool, &str)] = &[
    ("imports", false, "another word"),
    ("IMPORT", true, "another case"),
    ("%69mport", true, "an escape that no path needs"),
    (
        "%C4%B1mport",
        true,
        "U+0131, the i without a dot, an I in upper case",
    ),
    (
        "%C4%B0MPORT",
        true,
        "U+0130, the I with a dot, an i by Turkish rules",
    ),
    ("%F0%9D%90%A2mport", true, "U+1D422, a bold i"),
    ("%E2%93%98mport", true, "U+24D8, an i in a circle"),
    ("%E1%B4%B5mport", true, "U+1D35, a raised I"),
    ("im%E1%B5%96ort", true, "U+1D56, a raised p"),
    ("imp%C2%BArt", true, "U+00BA, the masculine ordinal"),
    ("import+", true, "a plus, a space to who decodes forms"),
    ("+import", true, "and in front"),
    ("import%2B", true, "the same, escaped"),
    ("import%20+", true, "a space before a plus"),
    ("import.+", true, "a dot before a plus"),
    ("import::$DATA", true, "the contents of a file, to NTFS"),
    (
        "IMPORT%3A%3A%24data",
        true,
        "the same, escaped and in another case",
    ),
    (
        "import:$I30:$INDEX_ALLOCATION",
        true,
        "the listing of a folder, to NTFS",
    ),
    ("import:", true, "a colon that names no stream"),
    ("import%3C", true, "a wildcard of Windows"),
    ("import%22", true, "another one"),
    ("import%3E%3E", true, "another one"),
    (
        "im%3C%3C",
        true,
        "a wildcard that stands for the rest of the name",
    ),
    ("%22", true, "a wildcard alone"),
    (
        "import*",
        true,
        "a wildcard that a path may have without an escape",
    ),
    (
        "im*",
        false,
        "the same, which real values have in the middle",
    ),
    ("*", false, "and alone"),
    ("import:cancel", false, "a verb after the word"),
    ("import$DATA", false, "no stream without a colon"),
    ("$import:", false, "nor with the dollar before it"),
    ("import+export", false, "a plus in the middle"),
    ("imp%C3%B6rt", false, "another letter"),
    ("stra%C3%9Fe", false, "U+00DF, which is beside no `strasse`"),
    ("%C3%89t%C3%A9", false, "letters of another word"),
];

/// The policy has this literal beside a value, and as many more as make the tables find
/// it in each of their ways.
fn beside(literal: &str, more: usize, options: &str) -> Compiled {
    let more: String = (0..more)
        .map(|n| format!("      - GET /t/another-{n:02}\n"))
        .collect();
    let source = format!(
        "version: 1\nname: t\n{options}scopes:\n  'a:read':\n    routes:\n      - route: GET /t/{literal}\n        literal: true\n{more}  'b:read':\n    routes:\n      - GET /t/{{id}}\n"
    );
    compile("look-alikes.yaml", &source).unwrap_or_else(|report| panic!("{report}"))
}

fn forms() -> impl Iterator<Item = (usize, &'static str)> {
    [0, 3, 7, 8, 40]
        .into_iter()
        .flat_map(|more| ["", "paths: { case: insensitive }\n"].map(|options| (more, options)))
}

fn answer(compiled: &Compiled, target: &str) -> &'static str {
    let policy = compiled.policy();
    let decision = policy.authorize(&["b:read"], "GET", target);
    decision.denial().map_or("allow", |denial| denial.reason())
}

#[test]
fn values_beside_a_literal() {
    for (more, options) in forms() {
        let compiled = beside("import", more, options);
        for (value, refused, why) in VALUES {
            let got = answer(&compiled, &format!("/t/{value}"));
            let literal = !options.is_empty() && value.eq_ignore_ascii_case("import");
            let want = match refused {
                _ if literal => "missing_scope",
                true => "bad_path",
                false => "allow",
            };
            assert_eq!(got, want, "{value} ({why}) with {more} more, {options}");
        }
    }
}

/// Where the policy lists no literal, the same values are allowed.
#[test]
fn values_beside_nothing() {
    let source = "version: 1\nname: t\nscopes:\n  'b:read':\n    routes:\n      - GET /t/{id}\n      - GET /import/\n";
    let compiled = compile("nothing.yaml", source).expect("a policy");
    for (value, _, why) in VALUES {
        let want = match *value {
            "%69mport" => "bad_path", // by rule 4
            _ => "allow",
        };
        assert_eq!(
            answer(&compiled, &format!("/t/{value}")),
            want,
            "{value} ({why})"
        );
    }
}

/// Literals that end in characters that some systems drop, or consist of them.
#[test]
fn literals_with_ends() {
    for (literal, value, want) in [
        ("c++", "C++", "bad_path"),
        ("c++", "c", "bad_path"),
        ("c++", "c+", "bad_path"),
        ("c++", "d", "allow"),
        ("+", "%2B", "bad_path"),
        ("+", "++", "allow"),
        ("*", "+", "allow"),
        ("x:batchGet", "X:BATCHGET", "bad_path"),
        ("x:batchGet", "x", "allow"),
        ("x:batchGet", "x:batchGet:", "bad_path"),
        ("x%22y", "x%22Y", "bad_path"),
        ("strasse", "stra%C3%9Fe", "bad_path"),
        ("STRASSE", "stra%E1%BA%9Ee", "bad_path"),
        ("office", "o%EF%AC%83ce", "bad_path"),
        ("km2", "%E3%8E%A2", "bad_path"),
        ("tel", "%E2%84%A1", "bad_path"),
        ("v1", "v%C2%B9", "bad_path"),
        ("(a)", "%E2%92%9C", "bad_path"),
    ] {
        for (more, options) in forms() {
            let compiled = beside(literal, more, options);
            let literal_itself = !options.is_empty() && literal.eq_ignore_ascii_case(value);
            let want = if literal_itself {
                "missing_scope"
            } else {
                want
            };
            let got = answer(&compiled, &format!("/t/{value}"));
            assert_eq!(
                got, want,
                "{value} beside {literal}, {more} more, {options}"
            );
        }
    }
}

/// Every character that a segment may have, beside every ASCII text that one of them
/// can be taken for.
#[test]
fn every_character() {
    let escaped = |text: &str| -> String {
        let escape = |byte: u8| match byte {
            b'0'..=b'9'
            | b'A'..=b'Z'
            | b'a'..=b'z'
            | b'('
            | b')'
            | b'='
            | b'!'
            | b'~'
            | b'_'
            | b'-' => char::from(byte).to_string(),
            b'\'' | b'&' | b',' | b'@' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        text.bytes().map(escape).collect()
    };
    let characters: Vec<String> = ('\u{80}'..=char::MAX)
        .filter(|c| !is_look_alike(*c))
        .map(String::from)
        .collect();
    let texts: BTreeSet<String> = characters
        .iter()
        .map(|c| read_as(c))
        .filter(|text| text.is_ascii())
        .collect();
    let routes: String = texts
        .iter()
        .map(|text| format!("      - GET /t/{}\n", escaped(text)))
        .collect();
    let source = format!(
        "version: 1\nname: t\nscopes:\n  'a:read':\n    routes:\n{routes}  'b:read':\n    routes:\n      - GET /t/{{id}}\n"
    );
    let compiled =
        compile("every-character.yaml", &source).unwrap_or_else(|report| panic!("{report}"));
    let policy = compiled.policy();
    let mut refused = 0;
    for c in characters {
        let mut want = texts.contains(&read_as(&c));
        // Free places among the mathematical letters are taken for the letters of their
        // places, in a smaller table.
        want |= ('\u{1D400}'..='\u{1D6A3}').contains(&c.chars().next().unwrap_or_default())
            && read_as(&c) == c
            && c.nfkd().eq(c.chars())
            && !c.chars().any(char::is_alphabetic);
        let decision = policy.authorize(&["b:read"], "GET", format!("/t/{}", escaped(&c)));
        assert_eq!(decision.is_allow(), !want, "{c}: {decision:?}");
        refused += usize::from(want);
    }
    assert!(refused > 1_000 && texts.len() > 100, "{refused}");
}
