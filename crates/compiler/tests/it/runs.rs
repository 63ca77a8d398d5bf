//! Labels that are hard to tell apart: in every policy here, every route is
//! found by its own path and by no longer or shorter one.

use routescope_compiler::compile;

fn policy(templates: &[String]) -> String {
    let routes: String = templates
        .iter()
        .map(|template| format!("      - GET {template}\n"))
        .collect();
    format!("version: 1\nname: t\nscopes:\n  \"a:read\":\n    routes:\n{routes}")
}

/// Templates of literals alone, each its own path.
fn cases() -> Vec<(&'static str, Vec<String>)> {
    let long = |ends: &[&str], middle: usize| -> Vec<String> {
        let stem = format!("/{}/{}", "a".repeat(255), "b".repeat(middle));
        ends.iter().map(|end| format!("{stem}/{end}")).collect()
    };
    let escaped = |count: usize| -> Vec<String> {
        ["1", "2"]
            .map(|end| format!("/{}{end}", "%C3%BC".repeat(count)))
            .to_vec()
    };
    vec![
        ("parted by byte 255", long(&["x1", "x2"], 1)),
        ("parted by byte 261", long(&["x1", "x2"], 2)),
        ("parted behind byte 263", long(&["x1", "x2"], 5)),
        (
            "parted late and early",
            [long(&["x1", "x2"], 5), vec!["/c".into()]].concat(),
        ),
        ("escapes, parted by byte 252", escaped(42)),
        ("escapes, parted by byte 264", escaped(44)),
        (
            "each the beginning of the next",
            (1..=255)
                .map(|len| format!("/{}", "a".repeat(len)))
                .collect(),
        ),
        (
            "each the beginning of the next, over segments",
            (1..=31).map(|len| "/a".repeat(len)).collect(),
        ),
        (
            "many short ones",
            (0..2000)
                .map(|number| format!("/{number:x}/{}", number % 7))
                .collect(),
        ),
        (
            "shared ends and beginnings",
            ["device", "devices", "device-types", "device-types-2", "d"]
                .map(|label| format!("/api/{label}"))
                .to_vec(),
        ),
    ]
}

#[test]
fn labels_that_are_alike() {
    for (name, templates) in cases() {
        let source = policy(&templates);
        let compiled =
            compile("t.yaml", &source).unwrap_or_else(|report| panic!("{name}: {report}"));
        let policy = compiled.policy();
        let allows = |target: &str| policy.authorize(&["a:read"], "GET", target).is_allow();
        for template in &templates {
            assert!(allows(template), "{name}: {template}");
            assert!(allows(&format!("{template}?q=/")), "{name}: {template}?");
            for other in [
                format!("{template}/"),
                format!("{template}x"),
                template[..template.len() - 1].to_owned(),
                template.to_uppercase(),
            ] {
                assert_eq!(
                    allows(&other),
                    templates.contains(&other),
                    "{name}: {other}"
                );
            }
        }
    }
}
