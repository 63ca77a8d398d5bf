//! The engine's lists, limits, names and texts for the page, so that `decide.js`
//! holds no copy of any of them.

use std::collections::BTreeMap;

use routescope::path::{self, MAX_PATH, MAX_SEGMENT, MAX_SEGMENTS, MAX_TARGET};
use routescope::{Method, PathRule, Reason};
use routescope_core::__private::{ascii_forms, confusable_ranges};
use serde::Serialize;

use crate::reasons;

/// Everything that the decisions of all policies have in common.
#[derive(Serialize)]
pub(super) struct Engine {
    methods: [&'static str; 7],
    limits: Limits,
    /// The bytes that a segment may contain unescaped.
    unescaped: String,
    /// The ASCII characters that may be written as an escape.
    escapable: String,
    /// Code points beyond ASCII that an escape must not encode, as inclusive ranges.
    confusable: Vec<(u32, u32)>,
    /// The ASCII texts of consecutive characters, from a code point on.
    ascii_forms: Vec<(u32, Vec<String>)>,
    /// The path rules by the names of their variants in Rust.
    rules: BTreeMap<String, Rule>,
    /// The names of the reasons, by the same in `CamelCase`.
    reasons: BTreeMap<String, &'static str>,
}

/// The longest that a request target may be.
#[derive(Serialize)]
struct Limits {
    target: usize,
    path: usize,
    segments: usize,
    segment: usize,
}

#[derive(Serialize)]
struct Rule {
    name: &'static str,
    summary: &'static str,
    attack: &'static str,
}

impl Engine {
    pub(super) fn new() -> Self {
        let ascii = || (0..0x80).map(char::from);
        Self {
            methods: Method::ALL.map(Method::as_str),
            limits: Limits {
                target: MAX_TARGET,
                path: MAX_PATH,
                segments: MAX_SEGMENTS,
                segment: MAX_SEGMENT,
            },
            unescaped: ascii().filter(|c| is_valid(&c.to_string())).collect(),
            escapable: ascii()
                .filter(|c| is_valid(&format!("%{:02X}", u32::from(*c))))
                .collect(),
            confusable: confusable_ranges().collect(),
            ascii_forms: ascii_runs(),
            rules: PathRule::ALL
                .map(|rule| {
                    let texts = Rule {
                        name: rule.as_str(),
                        summary: rule.summary(),
                        attack: rule.attack(),
                    };
                    (camel_case(rule.as_str()), texts)
                })
                .into(),
            reasons: reasons::of_requests()
                .chain([Reason::MissingKey.as_str()])
                .map(|reason| (camel_case(reason), reason))
                .collect(),
        }
    }
}

/// Whether a segment may contain a text. The text is put between letters, because other rules
/// apply to the ends of a segment.
fn is_valid(text: &str) -> bool {
    path::check_segment(format!("a{text}a").as_bytes()).is_ok()
}

/// The characters that have an ASCII form, consecutive ones in one list.
fn ascii_runs() -> Vec<(u32, Vec<String>)> {
    let mut runs: Vec<(u32, Vec<String>)> = Vec::new();
    let mut next = 0;
    for (character, form) in ascii_forms() {
        let code_point = u32::from(character);
        match runs.last_mut() {
            Some((_, forms)) if code_point == next => forms.push(form.collect()),
            _ => runs.push((code_point, vec![form.collect()])),
        }
        next = code_point + 1;
    }
    runs
}

/// `DotSegment` for `dot_segment`: a name as JavaScript writes a member.
fn camel_case(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_ascii_uppercase() + rest
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use routescope_core::__private as path_facts;
    use serde_json::Value;

    use super::*;

    const SCRIPTS: [&str; 2] = [include_str!("decide.js"), include_str!("page.js")];

    fn emitted() -> Value {
        serde_json::to_value(Engine::new()).unwrap()
    }

    /// The members of an object that the scripts name, such as `DotSegment` of `RULES`.
    fn named(object: &str) -> BTreeSet<String> {
        let object = format!("{object}.");
        let uses = SCRIPTS
            .iter()
            .flat_map(|script| script.split(&object).skip(1));
        uses.map(|text| {
            text.split(|c: char| !c.is_ascii_alphanumeric())
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
    }

    #[test]
    fn characters_are_refused_where_the_path_rules_refuse_them() {
        let Engine {
            unescaped,
            escapable,
            confusable,
            ..
        } = Engine::new();
        for byte in 0..=u8::MAX {
            let valid = path::check_segment(&[b'a', byte, b'a']).is_ok();
            assert_eq!(unescaped.contains(char::from(byte)), valid, "{byte:02X}");
        }
        for byte in 0..0x80 {
            let escape = format!("a%{byte:02X}a");
            let valid = path::check_segment(escape.as_bytes()).is_ok();
            assert_eq!(escapable.contains(char::from(byte)), valid, "{escape}");
        }
        for c in '\u{80}'..=char::MAX {
            let mut bytes = [0; 4];
            let escapes = c.encode_utf8(&mut bytes).bytes();
            let escaped: String = escapes.map(|byte| format!("%{byte:02X}")).collect();
            let at = confusable.partition_point(|range| range.1 < u32::from(c));
            let listed = confusable
                .get(at)
                .is_some_and(|range| range.0 <= u32::from(c));
            let refused = path::check_segment(escaped.as_bytes()).is_err();
            assert_eq!(listed, refused, "{escaped}");
        }
    }

    #[test]
    fn ascii_forms_are_those_of_rule_7() {
        let Value::Array(runs) = emitted()["ascii_forms"].take() else {
            panic!("no list");
        };
        let mut forms: HashMap<u64, String> = HashMap::new();
        for run in &runs {
            for (first, form) in (run[0].as_u64().unwrap()..).zip(run[1].as_array().unwrap()) {
                forms.insert(first, form.as_str().unwrap().to_owned());
            }
        }
        let expected = path_facts::ascii_forms()
            .map(|(character, form)| (u64::from(u32::from(character)), form.collect()));
        assert_eq!(forms, expected.collect());
        assert!(forms.len() > 1000);
        assert_eq!(forms[&u64::from(u32::from('ﬃ'))], "ffi");
    }

    #[test]
    fn names_texts_and_limits_are_the_engines() {
        let emitted = emitted();
        for rule in PathRule::ALL {
            let shown = &emitted["rules"][format!("{rule:?}")];
            assert_eq!(shown["name"], rule.as_str());
            assert_eq!(shown["summary"], rule.summary());
            assert_eq!(shown["attack"], rule.attack());
        }
        assert_eq!(emitted["methods"].as_array().unwrap().len(), 7);
        assert_eq!(emitted["limits"]["path"], MAX_PATH);
    }

    /// A name that the engine does not have would be `undefined` in the page: it would
    /// deny all the same, and give a wrong reason.
    #[test]
    fn scripts_name_every_rule_and_reason_and_no_other() {
        let emitted = emitted();
        for (object, field) in [("RULES", "rules"), ("REASONS", "reasons")] {
            let known: BTreeSet<String> = emitted[field]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect();
            assert_eq!(named(object), known);
        }
        assert_eq!(
            named("LIMITS"),
            ["path", "segment", "segments", "target"]
                .map(String::from)
                .into()
        );
    }

    /// The scripts hold the algorithm, and no copy of a table of the engine.
    #[test]
    fn scripts_hold_no_table_of_their_own() {
        for script in SCRIPTS {
            let words: BTreeSet<&str> = script
                .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .collect();
            let names = PathRule::ALL.map(PathRule::as_str);
            // `byte` and `fragment` are words like any other.
            let names = names.iter().filter(|name| name.contains('_'));
            for name in names.copied().chain(reasons::of_requests()) {
                assert!(!words.contains(name), "{name}");
            }
            for method in Method::ALL {
                assert!(!words.contains(method.as_str()), "{method}");
            }
            for limit in [MAX_TARGET, MAX_PATH, MAX_SEGMENT] {
                assert!(!words.contains(limit.to_string().as_str()), "{limit}");
            }
            // The bounds of UTF-8 itself are the only code points: no table of them, and no
            // list of numbers.
            let hexadecimal = words.iter().filter(|word| word.starts_with("0x"));
            let utf8 = [
                "0x07", "0x0f", "0x1f", "0x3f", "0x7f", "0x80", "0xc0", "0xc2", "0xdf", "0xe0",
                "0xef", "0xf0", "0xf4", "0x800", "0x10000", "0xd800", "0xdfff", "0x10ffff",
            ];
            for number in hexadecimal {
                assert!(utf8.contains(number), "{number}");
            }
        }
    }
}
