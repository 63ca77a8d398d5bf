//! The committed counts, and how those of now differ.

use std::collections::BTreeMap;
use std::{fmt, fs};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// A count may grow to this many hundredths of the baseline.
const MOST: u64 = 103;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/baseline.json");
/// The same, as its committer knows it.
const SHOWN: &str = "benches/peers/instructions/baseline.json";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The output of `rustc --version`.
    rustc: String,
    /// Flags beyond the profile's.
    flags: String,
    /// Instructions of each lookup.
    instructions: BTreeMap<String, u64>,
}

impl Baseline {
    pub fn of_this_build() -> Self {
        Self {
            rustc: env!("RUSTC_VERSION").to_owned(),
            flags: env!("RUSTC_FLAGS").to_owned(),
            instructions: BTreeMap::new(),
        }
    }

    pub fn set(&mut self, lookup: &str, count: u64) {
        self.instructions.insert(lookup.to_owned(), count);
    }

    pub fn load() -> Result<Self> {
        let text = fs::read_to_string(FILE).with_context(|| format!("the baseline {SHOWN}"))?;
        serde_json::from_str(&text).with_context(|| format!("the baseline {SHOWN}"))
    }

    pub fn save(&self) -> Result<()> {
        let text = format!("{}\n", serde_json::to_string_pretty(self)?);
        fs::write(FILE, text).with_context(|| format!("the baseline {SHOWN}"))
    }

    pub fn compare<'b>(&'b self, now: &'b Self) -> Comparison<'b> {
        Comparison { before: self, now }
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (lookup, count) in &self.instructions {
            writeln!(f, "{lookup:<20} {count:>9}")?;
        }
        write!(f, "this is the baseline now; commit {SHOWN}")
    }
}

pub struct Comparison<'b> {
    before: &'b Baseline,
    now: &'b Baseline,
}

impl Comparison<'_> {
    /// Whether nothing has grown, and both know the same lookups.
    pub fn passes(&self) -> bool {
        let known = self.before.instructions.keys();
        known.eq(self.now.instructions.keys()) && self.grown().next().is_none()
    }

    /// The lookups that take too much more.
    fn grown(&self) -> impl Iterator<Item = &str> {
        self.now.instructions.iter().filter_map(|(lookup, &now)| {
            let before = *self.before.instructions.get(lookup)?;
            has_grown(before, now).then_some(lookup.as_str())
        })
    }
}

fn has_grown(before: u64, now: u64) -> bool {
    now.saturating_mul(100) > before.saturating_mul(MOST)
}

impl fmt::Display for Comparison<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, now } = self;
        for (what, before, now) in [
            ("compiler", &before.rustc, &now.rustc),
            ("flags", &before.flags, &now.flags),
        ] {
            if before != now {
                writeln!(
                    f,
                    "The baseline was made with another {what}, `{before}`; this is `{now}`. Counts may differ for that reason alone."
                )?;
            }
        }
        writeln!(f, "{:<20} {:>9} {:>9}", "instructions", "baseline", "now")?;
        for (lookup, &count) in &now.instructions {
            match before.instructions.get(lookup) {
                None => writeln!(f, "{lookup:<20} {:>9} {count:>9}  not in the baseline", "-")?,
                Some(&before) => {
                    let change = count as f64 / before.max(1) as f64 - 1.0;
                    let verdict = if has_grown(before, count) {
                        "  GROWN"
                    } else {
                        ""
                    };
                    writeln!(
                        f,
                        "{lookup:<20} {before:>9} {count:>9} {:>+7.1} %{verdict}",
                        100.0 * change
                    )?;
                }
            }
        }
        for lookup in before.instructions.keys() {
            if !now.instructions.contains_key(lookup) {
                writeln!(f, "{lookup:<20} is in the baseline, and no longer counted")?;
            }
        }
        if !self.passes() {
            writeln!(
                f,
                "If this is meant, accept it with `cargo run --release --manifest-path benches/peers/Cargo.toml --package instructions -- --bless`, and say why in the commit."
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(rustc: &str, counts: &[(&str, u64)]) -> Baseline {
        let counts = counts
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count));
        Baseline {
            rustc: rustc.to_owned(),
            flags: String::new(),
            instructions: counts.collect(),
        }
    }

    #[test]
    fn tells_what_has_grown() {
        let before = counts("1", &[("a", 100), ("b", 1000)]);
        for (now, passes, said) in [
            (counts("1", &[("a", 103), ("b", 1030)]), true, "+3.0 %"),
            (counts("1", &[("a", 50), ("b", 1000)]), true, "-50.0 %"),
            (counts("1", &[("a", 104), ("b", 1000)]), false, "GROWN"),
            (counts("1", &[("a", 100)]), false, "no longer counted"),
            (
                counts("1", &[("a", 100), ("b", 1000), ("c", 1)]),
                false,
                "not in the baseline",
            ),
            (
                counts("2", &[("a", 100), ("b", 1000)]),
                true,
                "another compiler, `1`; this is `2`",
            ),
        ] {
            let comparison = before.compare(&now);
            assert_eq!(comparison.passes(), passes, "{comparison}");
            assert!(comparison.to_string().contains(said), "{comparison}");
            assert_eq!(comparison.to_string().contains("--bless"), !passes);
        }
    }
}
