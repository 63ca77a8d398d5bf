//! The lookups that are counted. Each is asked once for its answer before, and
//! fails if that is wrong.

use std::hint::black_box;

use anyhow::{Result, bail, ensure};
use fastrand::Rng;
use routescope::{Decision, Guard, Requirement, Scope, StoredKey, pbx};

routescope::policy! {
    /// Google's 5,203 routes.
    mod google = "google"
}

/// Their names, in the baseline too.
pub const LOOKUPS: [&str; 16] = [
    "pbx-literal",
    "pbx-query",
    "pbx-number",
    "pbx-number-query",
    "pbx-uuid",
    "pbx-deepest",
    "pbx-unknown",
    "pbx-refused",
    "pbx-wrong-method",
    "pbx-missing-scope",
    "pbx-required-scopes",
    "pbx-names",
    "pbx-scope-set",
    "pbx-guard",
    "pbx-run-time",
    "google-shuffled",
];

/// Part of the name of the function in which callgrind counts.
pub const COUNTED: &str = "counted_by_callgrind";

/// One repetition asks for this many of Google's routes.
const GOOGLE: usize = 256;

/// Runs a lookup `times` times.
pub fn run(name: &str, times: u32) -> Result<()> {
    let authorize = |scope: &str, method: &str, target: &str, reason: &str| {
        let held = pbx::scope_set([scope]);
        expect(&pbx::authorize(&held, method, target), reason)?;
        counted_by_callgrind(times, || {
            let _ = black_box(pbx::authorize(
                black_box(&held),
                black_box(method),
                black_box(target),
            ));
        });
        Ok(())
    };
    let colleagues = "colleagues:read";
    let uuid = "/api/v1/colleagues/5f3c2a10-1f2e-4d3c-8b4a-00c0ffee4711/";
    let deepest = "/api/v1/pbx/settings/callqueues/support/members/dynamic/4711/";
    let query = "/api/v1/colleagues/?limit=50&offset=100";
    let number_query = "/api/v1/colleagues/4711/?limit=50&offset=100";
    match name {
        "pbx-literal" => authorize(colleagues, "GET", "/api/v1/colleagues/", "allow"),
        "pbx-query" => authorize(colleagues, "GET", query, "allow"),
        "pbx-number" => authorize(colleagues, "GET", "/api/v1/colleagues/4711/", "allow"),
        "pbx-number-query" => authorize(colleagues, "GET", number_query, "allow"),
        "pbx-uuid" => authorize(colleagues, "GET", uuid, "allow"),
        "pbx-deepest" => authorize("pbx:*", "DELETE", deepest, "allow"),
        "pbx-unknown" => authorize("pbx:*", "GET", "/api/v1/pbx/colleges/", "unknown_route"),
        "pbx-refused" => authorize("pbx:*", "GET", "/api/v1/sounds/../pbx/version/", "bad_path"),
        "pbx-wrong-method" => {
            let target = "/api/v1/sounds/directory/";
            authorize("pbx:*", "DELETE", target, "method_not_listed")
        }
        "pbx-missing-scope" => {
            let target = "/api/v1/phonebooks/7/contacts/19/";
            authorize("calendar:read", "GET", target, "missing_scope")
        }
        "pbx-required-scopes" => {
            required_scopes(times);
            Ok(())
        }
        "pbx-names" => names(times),
        "pbx-scope-set" => scope_set(times),
        "pbx-guard" => guard(times),
        "pbx-run-time" => run_time(times),
        "google-shuffled" => google_shuffled(times),
        _ => bail!("no lookup `{name}`"),
    }
}

/// Runs the look-ups. Callgrind counts the instructions of this function only, so it is not inlined.
#[inline(never)]
fn counted_by_callgrind(times: u32, lookup: impl Fn()) {
    for _ in 0..times {
        lookup();
    }
}

fn expect(decision: &Decision<'_>, reason: &str) -> Result<()> {
    let got = decision
        .denial()
        .map_or("allow", |denial| denial.reason().as_str());
    ensure!(got == reason, "the answer is `{decision}`, not {reason}");
    Ok(())
}

fn required_scopes(times: u32) {
    counted_by_callgrind(times, || {
        let answer = pbx::required_scopes(black_box("GET"), black_box("/api/v1/colleagues/4711/"));
        // Those of which each suffices alone, as a caller reads them.
        let count = |requirement: Requirement<'_>| match requirement {
            Requirement::Public | Requirement::AnyKey => 0,
            Requirement::Scopes(alternatives) => alternatives.route().accepted().iter().count(),
        };
        black_box(answer.map(count).unwrap_or_default());
    });
}

/// Scopes as plain names, of which the last allows.
fn names(times: u32) -> Result<()> {
    let held = ["devices:read", "phonebooks:*", "colleagues:*"];
    let target = "/api/v1/colleagues/4711/";
    expect(&pbx::authorize(&held, "GET", target), "allow")?;
    counted_by_callgrind(times, || {
        let _ = black_box(pbx::authorize(
            black_box(&held),
            black_box("GET"),
            black_box(target),
        ));
    });
    Ok(())
}

fn scope_set(times: u32) -> Result<()> {
    let names = [
        "devices:read",
        "phonebooks:*",
        "colleagues:*",
        "nobody:knows",
    ];
    let set = pbx::scope_set(names);
    ensure!(
        set.len() == 3 && set.unknown_count() == 1,
        "the set is {set:?}"
    );
    counted_by_callgrind(times, || {
        black_box(pbx::scope_set(black_box(names)));
    });
    Ok(())
}

/// The literal of `pbx-literal`, asked by a guard.
fn guard(times: u32) -> Result<()> {
    let guard = Guard::without_store(pbx::Compiled);
    let held = pbx::scope_set(["colleagues:read"]);
    let target = "/api/v1/colleagues/";
    let decide = |held| {
        let stored = StoredKey::new(held, ()).valid_until(2);
        guard.authorize(stored, black_box("GET"), black_box(target), black_box(1))
    };
    ensure!(decide(&held).is_allow(), "the guard denies");
    counted_by_callgrind(times, || {
        let _ = black_box(decide(black_box(&held)));
    });
    Ok(())
}

/// The literal of `pbx-literal`, asked of a policy that is not a constant.
fn run_time(times: u32) -> Result<()> {
    let held = pbx::scope_set(["colleagues:read"]);
    let target = "/api/v1/colleagues/";
    expect(&pbx::POLICY.authorize(&held, "GET", target), "allow")?;
    counted_by_callgrind(times, || {
        let policy = black_box(pbx::POLICY);
        let _ = black_box(policy.authorize(black_box(&held), black_box("GET"), black_box(target)));
    });
    Ok(())
}

fn google_shuffled(times: u32) -> Result<()> {
    let mut rng = Rng::with_seed(0x600613);
    let held = google::POLICY.scope_set(google::POLICY.scopes().map(Scope::name));
    let mut requests: Vec<(&str, String)> = google::POLICY
        .routes()
        .map(|route| {
            (
                route.method().as_str(),
                tables::fill(route.template(), &mut rng),
            )
        })
        .collect();
    rng.shuffle(&mut requests);
    requests.truncate(GOOGLE);
    for (method, target) in &requests {
        expect(&google::authorize(&held, method, target), "allow")?;
    }
    counted_by_callgrind(times, || {
        for (method, target) in &requests {
            let _ = black_box(google::authorize(
                black_box(&held),
                black_box(method),
                black_box(target),
            ));
        }
    });
    Ok(())
}
