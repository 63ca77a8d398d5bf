//! The metrics, read by a parser that is written after the document of the format and refuses
//! what it does not say.

use std::collections::{BTreeMap, BTreeSet};

use routescope::pbx;
use routescope_guard::{DecisionLog, DenyReason, Guard, PolicyOrigin, Shadow};

use crate::requests::{Lines, NOW, entry, key, keys};

/// A series with its labels in order, and its value.
type Series = BTreeMap<(String, Vec<(String, String)>), f64>;

/// Prometheus' text exposition format, version 0.0.4. It is stricter than the document: each line
/// belongs to a metric with a HELP and a TYPE line before it, tokens are separated by one space,
/// and a sample has no time.
fn parse(text: &str) -> Result<Series, String> {
    let mut series = Series::new();
    let mut families = BTreeSet::new();
    let mut family: Option<(String, String)> = None;
    let mut help: Option<String> = None;
    let body = text
        .strip_suffix('\n')
        .ok_or("the last line has no line feed")?;
    for line in body.split('\n') {
        let fail = |why: &str| format!("{why}: {line}");
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, text) = rest.split_once(' ').ok_or_else(|| fail("no help"))?;
            unescape(text, false).ok_or_else(|| fail("an escape"))?;
            if !families.insert(name.to_owned()) {
                return Err(fail("a metric comes twice"));
            }
            help = Some(name.to_owned());
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or_else(|| fail("no type"))?;
            if help.take().as_deref() != Some(name) {
                return Err(fail("TYPE without HELP"));
            }
            match kind {
                "counter" if name.ends_with("_total") => {}
                "gauge" if !name.ends_with("_total") => {}
                _ => return Err(fail("a type that does not fit the name")),
            }
            family = Some((name.to_owned(), kind.to_owned()));
        } else {
            let (name, kind) = family.as_ref().ok_or_else(|| fail("no TYPE"))?;
            let rest = line
                .strip_prefix(&**name)
                .ok_or_else(|| fail("of another metric"))?;
            let (labels, value) = match rest.strip_prefix('{') {
                Some(rest) => labels(rest).ok_or_else(|| fail("labels"))?,
                None => (Vec::new(), rest),
            };
            let value = value.strip_prefix(' ').ok_or_else(|| fail("no space"))?;
            let value: f64 = value.parse().map_err(|_| fail("no value"))?;
            if kind == "counter" && (value < 0.0 || value.fract() != 0.0) {
                return Err(fail("no count"));
            }
            if series.insert((name.clone(), labels), value).is_some() {
                return Err(fail("a series comes twice"));
            }
        }
    }
    Ok(series)
}

/// `a="b",c="d"} 1` as labels and what follows the brace.
fn labels(mut rest: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        let (name, after) = rest.split_once("=\"")?;
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty()
            || !name.chars().all(is_name)
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return None;
        }
        let mut is_escaped = false;
        let end = after.find(|c: char| {
            let is_end = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_end
        })?;
        labels.push((name.to_owned(), unescape(&after[..end], true)?));
        rest = &after[end + 1..];
        if let Some(after) = rest.strip_prefix('}') {
            labels.sort();
            let mut names: Vec<_> = labels.iter().map(|label| &label.0).collect();
            names.dedup();
            return (names.len() == labels.len()).then_some((labels, after));
        }
        rest = rest.strip_prefix(',')?;
    }
}

fn unescape(text: &str, is_label: bool) -> Option<String> {
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => match characters.next()? {
                '\\' => '\\',
                'n' => '\n',
                '"' if is_label => '"',
                _ => return None,
            },
            '"' if is_label => return None,
            _ => character,
        });
    }
    Some(plain)
}

/// A metric, its labels, and the value of that series.
type Expected<'a> = (&'a str, &'a [(&'a str, &'a str)], f64);

fn value(series: &Series, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
    let mut labels: Vec<(String, String)> = labels
        .iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    labels.sort();
    series.get(&(name.to_owned(), labels)).copied()
}

/// The parser refuses what is no exposition, so that passing it means something.
#[test]
fn the_parser_is_strict() {
    let head = "# HELP a_total x\n# TYPE a_total counter\n";
    let good = [
        "a_total 1\n",
        "a_total{b=\"c\\\\\\\"\\n\"} 2\n",
        "a_total{b=\"\"} 1\na_total 0\n",
    ];
    for text in good {
        assert!(parse(&format!("{head}{text}")).is_ok(), "{text}");
    }
    let bad = [
        "a_total 1",
        "a_total\n",
        "a_total  1\n",
        "a_total x\n",
        "a_total -1\n",
        "b_total 1\n",
        "a_total 1\na_total 2\n",
        "a_total{} 1\n",
        "a_total{b=\"c} 1\n",
        "a_total{b=\"c\\x\"} 1\n",
        "a_total{b=\"c\",b=\"d\"} 1\n",
        "a_total{1b=\"c\"} 1\n",
        "a_total{b=\"c\nd\"} 1\n",
        "\na_total 1\n",
        "# TYPE a_total counter\na_total 1\n",
        "# HELP b_total x\n# TYPE b_total gauge\nb_total 1\n",
    ];
    for text in bad {
        assert!(parse(&format!("{head}{text}")).is_err(), "{text}");
    }
}

#[test]
fn metrics_are_an_exposition() {
    let secret = key(1);
    let lines = Lines::default();
    let guard = Guard::builder(pbx::POLICY)
        .keys(keys([entry("desk", &secret, &["colleagues:read"])]))
        .log(DecisionLog::new(lines).denials_per_second(2))
        .build()
        .unwrap();
    let trial = guard.listener("a \"quoted\\\" listener\nof two lines", Shadow::forbidden());
    let same = guard.listener("", Shadow::everything());
    let header = format!("Bearer {secret}");
    let decide = |guard: &Guard, method: &str, target: &str| {
        let _ = guard.decide(Some(header.as_bytes()), method, target, NOW);
    };
    for _ in 0..3 {
        decide(&guard, "GET", "/api/v1/colleagues/");
    }
    decide(&guard, "GET", "/api/v1/phonebooks/");
    decide(&trial, "GET", "/api/v1/phonebooks/");
    decide(&guard, "GET", "/no/such\"route\\\n");
    decide(&guard, "GET", "/no/such/route/");
    let missing = std::env::temp_dir().join("routescope-guard-no-such-file");
    guard.set_policy(PolicyOrigin::file(missing)).unwrap_err();
    let text = guard.metrics();
    let series = parse(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    let status = guard.status();
    let colleagues = [("method", "GET"), ("template", "/api/v1/colleagues/")];
    let phonebooks = [("method", "GET"), ("template", "/api/v1/phonebooks/")];
    let listener = "a \"quoted\\\" listener\nof two lines";
    let revision = status.revision.to_string();
    let info = [
        ("name", "pbx"),
        ("revision", &*revision),
        ("digest", &*status.digest),
    ];
    let cases: &[Expected<'_>] = &[
        ("routescope_allowed_total", &[], 3.0),
        (
            "routescope_denied_total",
            &[("reason", "missing_scope")],
            2.0,
        ),
        (
            "routescope_denied_total",
            &[("reason", "unknown_route")],
            1.0,
        ),
        ("routescope_denied_total", &[("reason", "bad_path")], 1.0),
        ("routescope_denied_total", &[("reason", "unavailable")], 0.0),
        ("routescope_shadowed_total", &[], 1.0),
        ("routescope_route_allowed_total", &colleagues, 3.0),
        ("routescope_route_missing_scope_total", &colleagues, 0.0),
        ("routescope_route_missing_scope_total", &phonebooks, 2.0),
        ("routescope_log_suppressed_total", &[], 2.0),
        ("routescope_log_errors_total", &[], 0.0),
        ("routescope_reloads_total", &[("result", "ok")], 0.0),
        ("routescope_reloads_total", &[("result", "failed")], 1.0),
        ("routescope_config_last_reload_successful", &[], 0.0),
        (
            "routescope_config_last_reload_success_timestamp_seconds",
            &[],
            status.loaded as f64,
        ),
        ("routescope_keys", &[], 1.0),
        ("routescope_warnings", &[], 0.0),
        ("routescope_policy_info", &info, 1.0),
        (
            "routescope_shadow",
            &[("listener", ""), ("status", "401")],
            1.0,
        ),
        (
            "routescope_shadow",
            &[("listener", ""), ("status", "403")],
            1.0,
        ),
        (
            "routescope_shadow",
            &[("listener", listener), ("status", "401")],
            0.0,
        ),
        (
            "routescope_shadow",
            &[("listener", listener), ("status", "403")],
            1.0,
        ),
    ];
    for &(name, labels, expected) in cases {
        assert_eq!(
            value(&series, name, labels),
            Some(expected),
            "{name} {labels:?}\n{text}"
        );
    }
    drop((trial, same));
    guard.reload().unwrap();
    let series = parse(&guard.metrics()).unwrap();
    assert_eq!(
        value(&series, "routescope_config_last_reload_successful", &[]),
        Some(1.0)
    );
    let shadow = [("listener", ""), ("status", "401")];
    assert_eq!(value(&series, "routescope_shadow", &shadow), Some(0.0));
}

/// Every reason has its series from the start, so that a rate of it is known at its first denial.
#[test]
fn every_reason_has_a_series() {
    let guard = Guard::builder(pbx::POLICY).build().unwrap();
    let series = parse(&guard.metrics()).unwrap();
    for reason in DenyReason::all() {
        let labels = [("reason", reason.as_str())];
        assert_eq!(
            value(&series, "routescope_denied_total", &labels),
            Some(0.0)
        );
    }
}

/// The number of series has a bound, for all requests.
#[test]
fn the_number_of_series_is_bounded() {
    let secret = key(1);
    let guard = Guard::builder(pbx::POLICY)
        .keys(keys([entry("desk", &secret, &["pbx:*"])]))
        .max_counted_routes(3)
        .build()
        .unwrap();
    let header = format!("Bearer {secret}");
    let before = parse(&guard.metrics()).unwrap().len();
    let mut allowed = 0.0;
    for route in pbx::POLICY.routes() {
        let target = route.template().replace(['{', '}'], "");
        let method = route.method().as_str();
        let answer = guard.decide(Some(header.as_bytes()), method, &target, NOW);
        allowed += f64::from(u8::from(answer.is_allow()));
        let _ = guard.decide(None, "GET", format!("{target}no-such"), NOW);
    }
    let series = parse(&guard.metrics()).unwrap();
    // Three routes and the others, each in two families.
    assert!(series.len() <= before + 2 * 4, "{}", series.len());
    let of_routes: f64 = series
        .iter()
        .filter(|((name, _), _)| name == "routescope_route_allowed_total")
        .map(|(_, value)| value)
        .sum();
    assert!(allowed > 100.0);
    assert_eq!(of_routes, allowed);
    assert_eq!(
        value(&series, "routescope_allowed_total", &[]),
        Some(allowed)
    );
    let others = [("method", "other"), ("template", "other")];
    assert!(value(&series, "routescope_route_allowed_total", &others).is_some());
}
