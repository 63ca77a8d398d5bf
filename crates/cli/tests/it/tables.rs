//! The policies of docs/tables.md: each compiles without a warning and passes the tests beside it.

use std::fs;

use crate::common::{TempFile, repository, run};
use routescope_compiler::compile;

fn page() -> String {
    fs::read_to_string(repository().join("docs/tables.md")).unwrap()
}

/// The YAML blocks of a part of the page.
fn blocks(part: &str) -> Vec<&str> {
    let rest = part.split("```yaml\n").skip(1);
    rest.map(|rest| rest.split_once("```").expect("a block ends").0)
        .collect()
}

#[test]
fn each_shape_has_a_policy_that_passes_its_tests() {
    let page = page();
    let shapes: Vec<&str> = page.split("\n## ").skip(1).collect();
    let (shapes, others) = shapes.split_at(12);
    for (number, shape) in (1..).zip(shapes) {
        assert!(shape.starts_with(&format!("{number}. ")), "{shape}");
        let title = shape.lines().next().unwrap();
        let [policy, tests] = blocks(shape)[..] else {
            panic!("{title}: a policy and its tests");
        };
        let policy = TempFile::new("routes.yaml", policy);
        let file = policy.as_str();
        run(&["check", &file, "--deny", "warnings"]).exits(0);
        let tests = TempFile::new("routes.test.yaml", tests);
        let answer = run(&[
            "test",
            &tests.as_str(),
            "--policy",
            &file,
            "--format",
            "json",
        ]);
        let json = answer.exits(0).json();
        let cases = json["cases"].as_array().unwrap();
        let wants = |allow: bool| {
            let is_allowed = |case: &serde_json::Value| case["want"]["expect"] == "allow";
            cases.iter().any(|case| is_allowed(case) == allow)
        };
        assert!(wants(true) && wants(false), "{title}: one of each kind");
    }
    for other in others {
        assert_eq!(blocks(other), [""; 0], "{other}");
    }
}

/// The first column of the table of limits has routes that no policy can have.
#[test]
fn the_limits_are_limits() {
    let page = page();
    let (_, limits) = page
        .split_once("\n## Things that a table cannot say")
        .unwrap();
    let cells = limits.lines().filter_map(|line| line.strip_prefix("| `"));
    let routes: Vec<&str> = cells.filter_map(|cell| cell.split('`').next()).collect();
    assert_eq!(routes.len(), 6);
    for route in routes {
        let policy = format!("version: 1\nname: limits\npublic: [\"{route}\"]\n");
        compile("limits.yaml", &policy).expect_err(route);
    }
}

/// Each link of the first table leads to the shape that its text numbers.
#[test]
fn the_links_lead_to_the_shapes() {
    let page = page();
    for (number, title) in (1..).zip(page.lines().filter_map(|line| line.strip_prefix("## "))) {
        if number > 12 {
            break;
        }
        let kept = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-');
        let anchor: String = title.to_lowercase().chars().filter(kept).collect();
        let link = format!("[{number}](#{})", anchor.replace(' ', "-"));
        assert!(page.contains(&link), "{link}");
    }
}
