//! The answers of `explain` about values that some system reads as a literal which the policy
//! lists at the same segment.

use crate::common::{TempFile, run};

const POLICY: &str = "\
version: 1
name: sounds
method_rule: none
scopes:
  \"sounds:read\":
    routes:
      - GET /sounds/directory/
      - GET /sounds/{path}/
      - GET /sounds/{path}/office/
      - route: GET /b/{x}/{*rest}
        overlap: allow
      - route: GET /{p}/A/{q}
        overlap: allow
      - GET /{p}/a
";

struct Case {
    name: &'static str,
    target: &'static str,
    reason: &'static str,
    /// The literal that the value resembles.
    resembles: Option<&'static str>,
    says: &'static [&'static str],
    never: &'static [&'static str],
}

const WRITE_IT: &str = "Write `directory` if its route is meant";

const CASES: &[Case] = &[
    Case {
        name: "another case",
        target: "/sounds/DIRECTORY/",
        reason: "bad_path",
        resembles: Some("directory"),
        says: &["resembles the literal `directory`", WRITE_IT],
        never: &["wildcard,"],
    },
    Case {
        name: "another i",
        target: "/sounds/d%C4%B1rectory/",
        reason: "bad_path",
        resembles: Some("directory"),
        says: &[WRITE_IT],
        never: &[],
    },
    Case {
        name: "a ligature",
        target: "/sounds/7/o%EF%AC%83ce/",
        reason: "unknown_route",
        resembles: None,
        says: &["/sounds/{path}/office/  (GET, HEAD)\n     write `office` for `o%EF%AC%83ce`"],
        never: &[],
    },
    Case {
        name: "a form's space",
        target: "/sounds/directory+/",
        reason: "bad_path",
        resembles: Some("directory"),
        says: &[WRITE_IT],
        never: &[],
    },
    Case {
        name: "a stream of NTFS",
        target: "/sounds/directory::$DATA/",
        reason: "bad_path",
        resembles: Some("directory"),
        says: &[WRITE_IT, "a stream such as `::$DATA`"],
        never: &[],
    },
    Case {
        name: "what Windows drops",
        target: "/sounds/directory%3C/",
        reason: "bad_path",
        resembles: Some("directory"),
        says: &["a wildcard, where the literal `directory` could stand"],
        never: &[WRITE_IT],
    },
    Case {
        name: "a wildcard of Windows",
        target: "/sounds/a%3Eb/",
        reason: "bad_path",
        resembles: Some("directory"),
        says: &[
            "a wildcard, where the literal `directory` could stand",
            "Use another value: one without \" < >",
        ],
        never: &[WRITE_IT],
    },
    Case {
        name: "an escaped parameter",
        target: "/sounds/%3Cpath%3E/",
        reason: "bad_path",
        resembles: Some("directory"),
        says: &["looks like a parameter: ask with a value, such as `/sounds/1/`"],
        never: &[WRITE_IT],
    },
    Case {
        name: "a literal of a template that does not win",
        target: "/b/A/z",
        reason: "bad_path",
        resembles: Some("a"),
        says: &["resembles the literal `a`"],
        never: &[],
    },
    Case {
        name: "no template matches, so that no literal could stand there",
        target: "/sounds/DIRECTORY",
        reason: "unknown_route",
        resembles: None,
        says: &["write `directory` for `DIRECTORY`: case matters; add `/` at the end"],
        // Its advice would lead to a path that is refused.
        never: &["/sounds/{path}/  "],
    },
    Case {
        name: "a slash too few after a literal",
        target: "/sounds/directory",
        reason: "unknown_route",
        resembles: None,
        says: &["/sounds/directory/  (GET, HEAD)\n     add `/` at the end"],
        // It does not win there.
        never: &["/sounds/{path}/  "],
    },
    Case {
        name: "a slash too few after a value",
        target: "/sounds/7",
        reason: "unknown_route",
        resembles: None,
        says: &["/sounds/{path}/  (GET, HEAD)\n     add `/` at the end"],
        never: &[],
    },
];

#[test]
fn look_alikes() {
    let file = TempFile::new("routes.yaml", POLICY);
    for Case {
        name,
        target,
        reason,
        resembles,
        says,
        never,
    } in CASES
    {
        let arguments = ["explain", "GET", target, "--policy", &file.as_str()];
        let answer = run(&arguments).exits(1);
        let json = run(&[&arguments[..], &["--format", "json"]].concat()).json();
        assert_eq!(json["reason"], *reason, "{name}");
        assert_eq!(json["refusal"]["resembles"].as_str(), *resembles, "{name}");
        for text in *says {
            assert!(answer.out.contains(text), "{name}: {text}\n{}", answer.out);
        }
        for text in *never {
            assert!(!answer.out.contains(text), "{name}: {text}\n{}", answer.out);
        }
    }
}
