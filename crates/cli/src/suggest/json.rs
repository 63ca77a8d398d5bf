//! A suggestion for programs.

use routescope::RouteDenial;
use serde::Serialize;

use super::choose::Used;
use super::log::LogFormat;
use super::reading::LogFile;
use super::suggestion::Suggestion;
use super::tally::Example;
use crate::failure::Result;
use crate::held::HeldScope;
use crate::needs;
use crate::output::{JSON_VERSION, Output};
use crate::wire;

/// At most this many of the requests that no scope covers are listed.
const MOST_EXAMPLES: usize = 50;

/// The JSON document of `suggest`. Every field is always there.
#[derive(Serialize)]
struct Document<'s> {
    version: u32,
    policy: PolicyJson<'s>,
    digest: String,
    /// Why the suggestion may be worth nothing, if it may.
    doubts: Vec<String>,
    logs: Vec<Log<'s>>,
    /// The number of requests that the answer is made from.
    requests: u64,
    /// The number of requests that were left out because of their status.
    left_out: u64,
    /// The number of requests that were left out because they have no status.
    without_status: u64,
    scopes: Vec<ChoiceJson<'s>>,
    /// The used routes that need no scope.
    open: Vec<OpenRoute>,
    refused: Refused<'s>,
    uncovered: UncoveredJson<'s>,
    /// The scopes of the key, if `--scope` was given.
    held: Option<HeldJson<'s>>,
}

#[derive(Serialize)]
struct PolicyJson<'s> {
    name: &'s str,
    updated: Option<&'s str>,
    digest: String,
}

#[derive(Serialize)]
struct Log<'s> {
    file: &'s str,
    /// `combined` or `json`; nothing of an empty file.
    kind: Option<&'static str>,
    lines: u64,
    /// The number of lines that say that there was no request.
    without_request: u64,
    /// The number of lines that could not be read; `first_unread` has the first of them.
    unread: u64,
    first_unread: Vec<UnreadJson>,
}

#[derive(Serialize)]
struct UnreadJson {
    line: u64,
    why: String,
}

#[derive(Serialize)]
struct ChoiceJson<'s> {
    /// The scopes as a list with spaces between them: mostly one.
    scope: String,
    /// The same.
    scopes: &'s [&'s str],
    /// The number of routes that they open.
    opens: usize,
    requests: u64,
    routes: Vec<RouteUsed>,
}

#[derive(Serialize)]
struct RouteUsed {
    route: String,
    requests: u64,
    /// The scopes that would do for this route alone, as a scope list.
    narrowest: String,
}

/// A route for which no scope is needed.
#[derive(Serialize)]
struct OpenRoute {
    route: String,
    requests: u64,
    /// `public` or `any_key`.
    needs: &'static str,
}

/// The requests that were refused according to the log.
#[derive(Serialize)]
struct Refused<'s> {
    requests: u64,
    /// The routes of which every request was refused.
    routes: Vec<RouteUsed>,
    /// The scopes that would have to be added for these.
    add: Vec<&'s str>,
}

#[derive(Serialize)]
struct UncoveredJson<'s> {
    requests: u64,
    reasons: Vec<Reason>,
    /// The most frequent.
    examples: Vec<ExampleJson<'s>>,
    /// Whether rare ones were forgotten because there were too many: counts of examples are
    /// then lower bounds.
    forgot: bool,
}

#[derive(Serialize)]
struct Reason {
    reason: &'static str,
    requests: u64,
}

#[derive(Serialize)]
struct ExampleJson<'s> {
    reason: &'static str,
    /// The broken path rule, if it is one.
    rule: Option<&'static str>,
    method: String,
    target: Option<String>,
    /// Instead of `target` where that is no UTF-8.
    target_hex: Option<String>,
    requests: u64,
    /// The position of the first one.
    file: &'s str,
    line: u64,
}

#[derive(Serialize)]
struct HeldJson<'s> {
    scopes: Vec<HeldUsed<'s>>,
    /// Routes that were used and that it does not open.
    lacking: Vec<RouteUsed>,
    /// The suggested scopes that would open them.
    add: Vec<&'s str>,
    /// The scopes that it holds and that no request needed.
    unused: Vec<&'s str>,
}

#[derive(Serialize)]
struct HeldUsed<'s> {
    #[serde(flatten)]
    held: &'s HeldScope<'s>,
    /// The number of requests that it allowed as the first accepted scope of the key.
    requests: u64,
}

pub(super) fn write(suggestion: &Suggestion<'_>, output: &mut Output) -> Result<()> {
    let Suggestion {
        policy,
        policy_file: _,
        tally,
        logs,
        choices,
        given: _,
        to_allow,
        held,
    } = suggestion;
    let document = Document {
        version: JSON_VERSION,
        policy: PolicyJson {
            name: policy.name(),
            updated: policy.updated(),
            digest: wire::to_hex(policy.digest()),
        },
        digest: wire::to_hex(policy.digest()),
        doubts: suggestion.doubts(),
        logs: logs.iter().map(log).collect(),
        requests: tally.requests,
        left_out: tally.left_out,
        without_status: tally.without_status,
        scopes: choices
            .iter()
            .map(|choice| ChoiceJson {
                scope: choice.names(),
                scopes: &choice.scopes,
                opens: choice.opens,
                requests: choice.requests(),
                routes: choice.routes.iter().map(route).collect(),
            })
            .collect(),
        open: tally.open.list().iter().map(open).collect(),
        refused: Refused {
            requests: tally.refused.requests(),
            routes: to_allow
                .iter()
                .flat_map(|choice| &choice.routes)
                .map(route)
                .collect(),
            add: suggestion.to_allow().into_iter().collect(),
        },
        uncovered: UncoveredJson {
            requests: tally.uncovered.requests,
            reasons: tally
                .uncovered
                .reasons()
                .into_iter()
                .map(|(denial, requests)| Reason {
                    reason: denial.reason().as_str(),
                    requests,
                })
                .collect(),
            examples: tally
                .uncovered
                .examples(MOST_EXAMPLES)
                .into_iter()
                .map(|example| shown(example, suggestion))
                .collect(),
            forgot: tally.uncovered.forgot,
        },
        held: held.as_ref().map(|scopes| HeldJson {
            scopes: scopes
                .iter()
                .map(|held| HeldUsed {
                    held,
                    requests: suggestion.requests_by(&held.scope),
                })
                .collect(),
            lacking: suggestion.lacking().map(route).collect(),
            add: suggestion.to_add().into_iter().collect(),
            unused: scopes
                .iter()
                .filter(|held| held.known && suggestion.requests_by(&held.scope) == 0)
                .map(|held| held.scope.as_str())
                .collect(),
        }),
    };
    output.json(&document)
}

fn log(log: &LogFile) -> Log<'_> {
    Log {
        file: &log.name,
        kind: log.kind.map(LogFormat::name),
        lines: log.lines,
        without_request: log.without_request,
        unread: log.unread,
        first_unread: log
            .first_unread
            .iter()
            .map(|(line, why)| UnreadJson {
                line: *line,
                why: why.in_words(),
            })
            .collect(),
    }
}

fn route(used: &Used<'_>) -> RouteUsed {
    RouteUsed {
        route: used.route.to_string(),
        requests: used.requests,
        narrowest: used.narrowest(),
    }
}

fn open(used: &Used<'_>) -> OpenRoute {
    OpenRoute {
        route: used.route.to_string(),
        requests: used.requests,
        needs: needs::kind(used.route),
    }
}

fn shown<'s>(example: &Example<'_>, suggestion: &'s Suggestion<'_>) -> ExampleJson<'s> {
    let (target, target_hex) = wire::text_or_hex(&example.target);
    let (log, line) = example.place;
    ExampleJson {
        reason: example.denial.reason().as_str(),
        rule: match example.denial {
            RouteDenial::BadPath(bad) => Some(bad.rule.as_str()),
            _ => None,
        },
        method: String::from_utf8_lossy(&example.method).into_owned(),
        target,
        target_hex,
        requests: example.requests,
        file: suggestion.logs.get(log).map_or("", |log| &log.name),
        line,
    }
}
