//! The server's own metrics, in Prometheus' text format. Those of decisions are the guard's.

use std::fmt::{self, Write};
use std::sync::Arc;

use crate::gauge::{Gauge, Numbers};

/// The listeners that are counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    /// Each with its name, which no other has.
    listeners: Vec<(String, Arc<Gauge>)>,
    /// The number of connections of gateways that may be open.
    connections: usize,
}

/// A number of a listener.
struct Family {
    name: &'static str,
    kind: &'static str,
    help: &'static str,
    number: fn(&Numbers) -> u64,
}

const FAMILIES: [Family; 4] = [
    Family {
        name: "routescope_gateway_connections",
        kind: "gauge",
        help: "Connections that are open.",
        number: |numbers| numbers.open,
    },
    Family {
        name: "routescope_gateway_connections_accepted_total",
        kind: "counter",
        help: "Connections that were accepted.",
        number: |numbers| numbers.accepted,
    },
    Family {
        name: "routescope_gateway_connections_refused_total",
        kind: "counter",
        help: "Connections that were closed at once, because too many were open.",
        number: |numbers| numbers.refused,
    },
    Family {
        name: "routescope_gateway_accept_errors_total",
        kind: "counter",
        help: "Connections that could not be accepted, for instance without a free file descriptor.",
        number: |numbers| numbers.failed,
    },
];

impl Metrics {
    pub(crate) fn new(listeners: Vec<(String, Arc<Gauge>)>, connections: usize) -> Self {
        Self {
            listeners,
            connections,
        }
    }

    /// Writes all metrics. No label comes from a request.
    pub(crate) fn write(&self, output: &mut impl Write, is_ready: bool) -> fmt::Result {
        let listeners: Vec<(&str, Numbers)> = self
            .listeners
            .iter()
            .map(|(name, gauge)| (&**name, gauge.numbers()))
            .collect();
        for family in FAMILIES {
            head(output, family.name, family.kind, family.help)?;
            for (listener, numbers) in &listeners {
                let number = (family.number)(numbers);
                let listener = Label(listener);
                writeln!(
                    output,
                    "{}{{listener=\"{listener}\"}} {number}",
                    family.name
                )?;
            }
        }
        let name = "routescope_gateway_responses_total";
        head(output, name, "counter", "Responses, by status.")?;
        for (listener, numbers) in &listeners {
            for (status, count) in numbers.responses() {
                let listener = Label(listener);
                writeln!(
                    output,
                    "{name}{{listener=\"{listener}\",status=\"{status}\"}} {count}"
                )?;
            }
        }
        let name = "routescope_gateway_connections_limit";
        let help = "Connections of gateways that may be open.";
        head(output, name, "gauge", help)?;
        writeln!(output, "{name} {}", self.connections)?;
        let name = "routescope_gateway_ready";
        head(
            output,
            name,
            "gauge",
            "Whether the server should get requests.",
        )?;
        writeln!(output, "{name} {}", u8::from(is_ready))?;
        let name = "routescope_gateway_build_info";
        head(output, name, "gauge", "The program that runs.")?;
        let version = env!("CARGO_PKG_VERSION");
        writeln!(output, "{name}{{version=\"{version}\"}} 1")
    }
}

fn head(output: &mut impl Write, name: &str, kind: &str, help: &str) -> fmt::Result {
    writeln!(output, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

/// The value of a label. The format escapes these three characters, and no other.
struct Label<'t>(&'t str);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '\\' => f.write_str("\\\\")?,
                '"' => f.write_str("\\\"")?,
                '\n' => f.write_str("\\n")?,
                _ => f.write_char(character)?,
            }
        }
        Ok(())
    }
}
