//! Counters and gauges in Prometheus' text format.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::counters::Counts;
use crate::guard::Guard;
use crate::reason::DenyReason;
use crate::status::Status;

impl Guard {
    /// All metrics in Prometheus' text exposition format, version 0.0.4: serve it as
    /// `text/plain; version=0.0.4`.
    ///
    /// | metric | type | labels | value |
    /// |---|---|---|---|
    /// | `routescope_allowed_total` | counter | | requests that were allowed |
    /// | `routescope_public_allowed_total` | counter | | those of them that called a public route, for which no key is looked at |
    /// | `routescope_denied_total` | counter | `reason` | requests that were denied; every reason is always there |
    /// | `routescope_shadowed_total` | counter | | those of them that shadow mode let through |
    /// | `routescope_route_allowed_total` | counter | `method`, `template` | requests that were allowed, by route |
    /// | `routescope_route_missing_scope_total` | counter | `method`, `template` | requests whose key lacks the scopes, by route |
    /// | `routescope_log_suppressed_total` | counter | | denials without a line in the log, because there were too many |
    /// | `routescope_log_errors_total` | counter | | lines that the log's sink did not take |
    /// | `routescope_reloads_total` | counter | `result`: `ok`, `failed` | reloads |
    /// | `routescope_config_last_reload_successful` | gauge | | 1 if the last reload succeeded, or none was asked for; else 0 |
    /// | `routescope_config_last_reload_success_timestamp_seconds` | gauge | | when policy and keys were last loaded |
    /// | `routescope_keys` | gauge | | keys that are known |
    /// | `routescope_warnings` | gauge | | [warnings](Status::warnings) |
    /// | `routescope_policy_info` | gauge | `name`, `revision`, `digest` | 1 |
    /// | `routescope_shadow` | gauge | `listener`, `status` | 1 if the listener lets denials with this status through, on some route at least; else 0 |
    ///
    /// Routes are there once they were called, at most as many as
    /// [`Builder::max_counted_routes`](crate::Builder::max_counted_routes) says; all others are
    /// together under `method="other",template="other"`. No label comes from a request.
    ///
    /// Cost: it reads each counter once, and waits for no reload.
    #[must_use]
    pub fn metrics(&self) -> String {
        let mut text = String::new();
        // A `String` takes every text.
        let _ = self.write_metrics(&mut text);
        text
    }

    /// Writes [`Self::metrics`] somewhere.
    ///
    /// # Errors
    ///
    /// Those of `output`.
    pub fn write_metrics(&self, output: &mut impl Write) -> fmt::Result {
        let mut output = Output(output);
        decisions(&mut output, &self.counts())?;
        state(&mut output, &self.status())
    }
}

fn decisions<W: Write>(output: &mut Output<'_, W>, counts: &Counts) -> fmt::Result {
    output.family(
        "routescope_allowed_total",
        "counter",
        "Requests that were allowed.",
        [([], counts.allowed)],
    )?;
    output.family(
        "routescope_public_allowed_total",
        "counter",
        "Requests that were allowed because their route is public.",
        [([], counts.public)],
    )?;
    output.family(
        "routescope_denied_total",
        "counter",
        "Requests that were denied, by reason.",
        DenyReason::all().map(|reason| ([("reason", reason.as_str())], counts.denied_for(reason))),
    )?;
    output.family(
        "routescope_shadowed_total",
        "counter",
        "Requests that were denied and that shadow mode let through.",
        [([], counts.shadowed)],
    )?;
    output.family(
        "routescope_route_allowed_total",
        "counter",
        "Requests that were allowed, by route.",
        counts
            .routes
            .iter()
            .map(|route| (route_labels(&route.route), route.allowed)),
    )?;
    output.family(
        "routescope_route_missing_scope_total",
        "counter",
        "Requests whose key lacks the scopes, by route.",
        counts
            .routes
            .iter()
            .map(|route| (route_labels(&route.route), route.missing_scope)),
    )?;
    output.family(
        "routescope_log_suppressed_total",
        "counter",
        "Denials without a line in the decision log, because there were too many in a second.",
        [([], counts.suppressed_lines)],
    )?;
    output.family(
        "routescope_log_errors_total",
        "counter",
        "Lines that the sink of the decision log did not take.",
        [([], counts.log_errors)],
    )
}

/// `GET /api/v1/colleagues/` as labels; a template begins with a slash, so that no route is taken
/// for the others.
fn route_labels(route: &str) -> [(&'static str, &str); 2] {
    let (method, template) = route.split_once(' ').unwrap_or(("other", "other"));
    [("method", method), ("template", template)]
}

fn state<W: Write>(output: &mut Output<'_, W>, status: &Status) -> fmt::Result {
    output.family(
        "routescope_reloads_total",
        "counter",
        "Reloads of policy and keys, by result.",
        [
            ([("result", "ok")], status.reloads),
            ([("result", "failed")], status.failures),
        ],
    )?;
    output.family(
        "routescope_config_last_reload_successful",
        "gauge",
        "Whether the last reload of policy and keys succeeded.",
        [([], u64::from(status.last_error.is_none()))],
    )?;
    output.family(
        "routescope_config_last_reload_success_timestamp_seconds",
        "gauge",
        "When policy and keys were last loaded.",
        [([], status.loaded)],
    )?;
    output.family(
        "routescope_keys",
        "gauge",
        "Keys that are known.",
        [([], status.keys as u64)],
    )?;
    output.family(
        "routescope_warnings",
        "gauge",
        "Warnings about policy, keys and shadow mode.",
        [([], status.warnings.len() as u64)],
    )?;
    let revision = status.revision.to_string();
    output.family(
        "routescope_policy_info",
        "gauge",
        "The policy in force.",
        [(
            [
                ("name", &*status.policy),
                ("revision", &revision),
                ("digest", &status.digest),
            ],
            1,
        )],
    )?;
    // A series must not be repeated, and several listeners may have one name.
    let mut shadows: BTreeMap<[(&'static str, &str); 2], u64> = BTreeMap::new();
    for listener in &status.listeners {
        for (code, text) in [(401, "401"), (403, "403")] {
            let series = [("listener", &*listener.name), ("status", text)];
            let value = shadows.entry(series).or_default();
            *value = (*value).max(u64::from(listener.shadow.covers(code)));
        }
    }
    output.family(
        "routescope_shadow",
        "gauge",
        "Whether a listener lets denials with a status through.",
        shadows,
    )
}

/// Writes families of metrics.
struct Output<'w, W>(&'w mut W);

impl<W: Write> Output<'_, W> {
    /// A metric with its series. Without a series nothing is written.
    fn family<'l, const N: usize>(
        &mut self,
        name: &str,
        kind: &str,
        help: &str,
        series: impl IntoIterator<Item = ([(&'static str, &'l str); N], u64)>,
    ) -> fmt::Result {
        let mut is_first = true;
        for (labels, value) in series {
            if is_first {
                writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}")?;
                is_first = false;
            }
            self.0.write_str(name)?;
            for (place, (label, text)) in labels.iter().enumerate() {
                self.0.write_str(if place == 0 { "{" } else { "," })?;
                write!(self.0, "{label}=\"")?;
                self.label_value(text)?;
                self.0.write_char('"')?;
            }
            if N > 0 {
                self.0.write_char('}')?;
            }
            writeln!(self.0, " {value}")?;
        }
        Ok(())
    }

    /// The format escapes a backslash, a quote and a line feed in the value of a label, and
    /// nothing else.
    fn label_value(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '\\' => self.0.write_str("\\\\")?,
                '"' => self.0.write_str("\\\"")?,
                '\n' => self.0.write_str("\\n")?,
                _ => self.0.write_char(character)?,
            }
        }
        Ok(())
    }
}
