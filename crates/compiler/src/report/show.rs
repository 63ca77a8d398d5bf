//! A report as text.

use std::fmt;

use annotate_snippets::Renderer;

use super::{Report, Severity};

impl Report {
    /// `routes.yaml: 2 errors`
    #[must_use]
    pub fn headline(&self) -> String {
        let count = |severity: Severity, one: &str| match self.of(severity).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {one}s")),
        };
        let counts: Vec<String> = [
            (Severity::Error, "error"),
            (Severity::Warning, "warning"),
            (Severity::Note, "note"),
        ]
        .into_iter()
        .filter_map(|(severity, one)| count(severity, one))
        .collect();
        match counts.is_empty() {
            true => format!("{}: no problems", self.file),
            false => format!("{}: {}", self.file, counts.join(", ")),
        }
    }

    fn rendered(&self) -> impl Iterator<Item = String> {
        let renderer = Renderer::plain();
        self.problems
            .iter()
            .map(move |problem| self.render(problem, &renderer))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in self.rendered() {
            writeln!(f, "{problem}\n")?;
        }
        f.write_str(&self.headline())
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        for problem in self.rendered() {
            write!(f, "\n\n{problem}")?;
        }
        Ok(())
    }
}
