//! Policies with as many scopes, sets and implications as there may be, and a few more. They compile
//! within seconds; `-- --nocapture` shows how many.

use std::fmt::Write;
use std::time::Instant;

use routescope_compiler::{Compiled, Report, compile};

const HEAD: &str = "version: 1\nname: many\nscope_names: opaque\n";

#[allow(clippy::print_stdout, reason = "the time is what one runs it for")]
fn timed(name: &str, source: &str) -> Result<Compiled, Report> {
    let start = Instant::now();
    let compiled = compile("many.yaml", source);
    println!("{name}: {} bytes, {:?}", source.len(), start.elapsed());
    compiled
}

fn sound(name: &str, source: &str) -> Compiled {
    timed(name, source).unwrap_or_else(|report| panic!("{name}: {report}"))
}

/// The only problem of a file: its message and its line.
fn problem(name: &str, source: &str) -> (String, usize) {
    let report = timed(name, source).expect_err(name);
    let problems = report.problems();
    let [problem] = problems else {
        panic!("{name}: {report}")
    };
    let (line, _) = report.position(problem.at().start);
    (problem.message().to_owned(), line)
}

/// `implies` between scopes of which those with higher numbers imply those with lower ones.
fn implying(pairs: usize) -> String {
    let mut text = format!("{HEAD}implies:\n");
    let each = pairs.div_ceil(4000);
    let mut left = pairs;
    for scope in 1..4096 {
        let count = each.min(scope).min(left);
        if count > 0 {
            let implied: Vec<String> = (0..count)
                .map(|at| format!("s{}", scope - 1 - at))
                .collect();
            writeln!(text, "  s{scope}: [{}]", implied.join(", ")).unwrap();
            left -= count;
        }
    }
    assert_eq!(left, 0);
    text.push_str("scopes:\n");
    text
}

#[test]
fn as_many_implications_as_there_may_be() {
    let mut text = implying(1 << 16);
    // A route under each scope would take eight times as long.
    for scope in (0..4096).step_by(8) {
        writeln!(text, "  s{scope}: {{ routes: [GET /a{scope}] }}").unwrap();
    }
    let compiled = sound("65,536 implications of 4,096 scopes", &text);
    let policy = compiled.policy();
    assert!(policy.authorize(&["s3000"], "GET", "/a0").is_allow());
    assert!(!policy.authorize(&["s0"], "GET", "/a8").is_allow());

    let mut text = implying((1 << 16) + 1);
    text.push_str("  s0: { routes: [GET /a] }\n");
    let (message, _) = problem("65,537 implications", &text);
    assert_eq!(
        message,
        "`implies` has more than 65536 scopes in its lists, the limit"
    );
}

#[test]
fn a_chain_of_implications() {
    let mut text = format!("{HEAD}implies:\n");
    for scope in 1..4000 {
        writeln!(text, "  s{scope}: [s{}]", scope - 1).unwrap();
    }
    let circle = format!("{text}  s0: [s3999]\nscopes:\n  s0: {{ routes: [GET /a] }}\n");
    text.push_str("scopes:\n  s0: { routes: [GET /a] }\n  s7 other: { routes: [GET /b] }\n");
    let compiled = sound("a chain of 4,000 scopes", &text);
    let policy = compiled.policy();
    assert!(policy.authorize(&["s3999"], "GET", "/a").is_allow());
    assert!(
        policy
            .authorize(&["s3999", "other"], "GET", "/b")
            .is_allow()
    );
    assert!(!policy.authorize(&["s6", "other"], "GET", "/b").is_allow());
    let (message, _) = problem("a circle of 4,000 scopes", &circle);
    assert!(message.starts_with("scopes imply each other in a circle: "));
    assert!(message.len() < 1_000, "{} bytes", message.len());
}

/// Headings of two scopes, and routes under them in turn.
fn sets(count: usize, routes: usize) -> String {
    let mut text = format!("{HEAD}scopes:\n");
    for set in 0..count {
        writeln!(text, "  \"s{} t{set}\":\n    routes:", set % 7).unwrap();
        for route in (set..routes).step_by(count) {
            writeln!(text, "      - GET /a{}/b{route}", route % 100).unwrap();
        }
    }
    text
}

#[test]
fn as_many_sets_as_there_may_be() {
    let compiled = sound("1,024 sets, 60,000 routes", &sets(1024, 60_000));
    let policy = compiled.policy();
    assert!(
        policy
            .authorize(&["s3", "t10"], "GET", "/a10/b10")
            .is_allow()
    );
    assert!(
        !policy
            .authorize(&["s3", "t11"], "GET", "/a10/b10")
            .is_allow()
    );
    let (message, line) = problem("1,025 sets", &sets(1025, 2050));
    assert_eq!(
        message,
        "the policy has more than 1024 headings of several scopes, the limit"
    );
    assert!(line > 3, "{line}");
}

/// Every route is under a scope that implies another one under which it is too.
#[test]
fn needless_alternatives_everywhere() {
    let mut text = format!("{HEAD}implies: {{ s: [t] }}\nscopes:\n");
    for scope in ["s", "t", "s u"] {
        writeln!(text, "  {scope}:\n    routes:").unwrap();
        for route in 0..20_000 {
            writeln!(text, "      - GET /a{}/b{route}", route % 100).unwrap();
        }
    }
    let compiled = sound("40,000 needless alternatives", &text);
    assert_eq!(compiled.warnings().problems().len(), 40_000);
}

/// Every route is under more sets than one may have.
#[test]
fn too_many_sets_everywhere() {
    let mut text = format!("{HEAD}scopes:\n");
    for set in 0..17 {
        writeln!(text, "  \"s{set} t\":\n    routes:").unwrap();
        for route in 0..3_000 {
            writeln!(text, "      - GET /a{}/b{route}", route % 100).unwrap();
        }
    }
    let report = timed("17 sets on each of 3,000 routes", &text).expect_err("too many");
    assert_eq!(report.problems().len(), 3_000);
}
