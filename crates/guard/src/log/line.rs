//! The lines of the log.

use std::fmt;

use routescope::{Alternative, By, Route, Scope};
use serde::{Serialize, Serializer};

use super::target::{LoggedPath, LoggedTarget, logged_method};
use crate::reason::DenyReason;
use crate::snapshot::{Snapshot, Who};
use crate::verdict::{Denied, Verdict};

/// A second since 1970, displayed by RFC 3339 in UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Time(pub(crate) u64);

impl Time {
    fn timestamp(self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_second(i64::try_from(self.0).ok()?).ok()
    }
}

/// `null` beyond the year 9999, which RFC 3339 cannot write.
impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.timestamp() {
            Some(timestamp) => serializer.collect_str(&timestamp),
            None => serializer.serialize_none(),
        }
    }
}

/// A number of seconds beyond the year 9999.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timestamp() {
            Some(timestamp) => fmt::Display::fmt(&timestamp, f),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

/// The scopes of an alternative: a list in JSON, and displayed with a space between them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScopeNames<'a>(Alternative<'a>);

impl Serialize for ScopeNames<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.scopes().map(Scope::name))
    }
}

impl fmt::Display for ScopeNames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A decision with what it was about.
#[derive(Clone, Copy)]
pub(crate) struct Decided<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) verdict: Verdict,
    pub(crate) who: &'a Who,
    pub(crate) method: &'a [u8],
    pub(crate) target: &'a [u8],
    pub(crate) now: u64,
    pub(crate) listener: &'a str,
    pub(crate) is_shadowed: bool,
}

/// A decision as the log shows it. The table of the fields is that of
/// [`DecisionLog`](crate::DecisionLog).
#[derive(Debug, Serialize)]
pub(crate) struct DecisionLine<'a> {
    pub(crate) time: Time,
    pub(crate) event: &'static str,
    pub(crate) decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<ScopeNames<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) previous_key: bool,
    pub(crate) method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) route: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path: Option<LoggedPath<'a>>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) cut: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) form: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(crate) listener: &'a str,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) shadow: bool,
    pub(crate) digest: &'a str,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl<'a> DecisionLine<'a> {
    pub(crate) fn new(decided: &Decided<'a>) -> Self {
        let snapshot = decided.snapshot;
        let mut line = Self {
            time: Time(decided.now),
            event: "decision",
            decision: "allow",
            by: None,
            scopes: None,
            reason: decided.verdict.reason().map(DenyReason::as_str),
            detail: None,
            key: snapshot.key(decided.who).map(|key| key.id()),
            subject: None,
            previous_key: matches!(
                decided.who,
                Who::Key {
                    is_previous: true,
                    ..
                }
            ),
            method: logged_method(decided.method),
            route: None,
            template: None,
            path: None,
            cut: false,
            form: None,
            listener: decided.listener,
            shadow: decided.is_shadowed,
            digest: &snapshot.texts().digest,
        };
        #[cfg(feature = "tokens")]
        match decided.who {
            Who::Token(token) => line.subject = Some(token.id()),
            Who::BadToken(denial) => line.detail = Some(denial.as_str()),
            _ => {}
        }
        let denied = match decided.verdict {
            Verdict::Allow { route, by } => {
                line.route = Some(snapshot.texts().route(route));
                let route = snapshot.policy().routes().nth(route as usize);
                let by = route.and_then(|route| by.in_policy(route));
                line.by = by.map(By::as_str);
                if let Some(By::All(alternative)) = by {
                    line.scopes = Some(ScopeNames(alternative));
                }
                return line;
            }
            Verdict::Deny(denied) => denied,
        };
        line.decision = "deny";
        match denied {
            Denied::MissingScope { route } => line.route = Some(snapshot.texts().route(route)),
            Denied::MethodNotListed { route, .. } => {
                let mut routes = snapshot.policy().routes();
                let route = route.and_then(|route| routes.nth(route as usize));
                line.template = route.map(Route::template);
            }
            Denied::BadPath(bad) => {
                line.detail = Some(bad.rule.as_str());
                line.show_target(decided);
            }
            Denied::UnknownRoute => line.show_target(decided),
            Denied::BadCheckRequest(fault) => line.detail = Some(fault.as_str()),
            Denied::Key(_) | Denied::BadMethod | Denied::Unavailable => {}
        }
        line
    }

    fn show_target(&mut self, decided: &Decided<'a>) {
        let format = decided.snapshot.policy().key_format();
        match LoggedTarget::new(decided.target, format) {
            LoggedTarget::Path(path) => {
                self.cut = path.is_cut();
                self.path = Some(path);
            }
            LoggedTarget::Form(form) => self.form = Some(form),
        }
    }
}

/// Denials that got no line.
#[derive(Debug, Serialize)]
pub(crate) struct SuppressedLine {
    pub(crate) time: Time,
    pub(crate) event: &'static str,
    pub(crate) lines: u64,
}

impl SuppressedLine {
    pub(crate) const fn new(time: Time, lines: u64) -> Self {
        Self {
            time,
            event: "suppressed",
            lines,
        }
    }
}

/// The longest error text that is logged: the errors of a policy's text may be many.
const MAX_ERROR: usize = 4_096;

/// A text, cut at a character.
pub(crate) fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_ERROR);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
