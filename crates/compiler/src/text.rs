//! The one text of a policy's tables: templates, of which labels are parts, and
//! the names of scopes.

use std::collections::HashMap;

/// Texts in one string, each stored once.
pub(crate) struct Text {
    text: String,
    templates: HashMap<String, u32>,
    /// Where each literal of a template stands.
    labels: HashMap<String, u32>,
    /// Where each stands in some spelling, by its lower case.
    folded: HashMap<String, u32>,
}

impl Text {
    /// Stores templates; one that another begins with takes no room.
    pub(crate) fn new<'t>(templates: impl Iterator<Item = &'t str>) -> Self {
        let mut sorted: Vec<&str> = templates.collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut this = Self {
            text: String::new(),
            templates: HashMap::new(),
            labels: HashMap::new(),
            folded: HashMap::new(),
        };
        // Backwards, so that a longer one is there before what it begins with.
        let mut last: Option<(&str, u32)> = None;
        for template in sorted.into_iter().rev() {
            let start = match last {
                Some((longer, start)) if longer.starts_with(template) => start,
                _ => this.append(template),
            };
            last = Some((template, start));
            this.templates.insert(template.to_owned(), start);
            let mut offset = 0u32;
            for segment in template.split('/') {
                this.labels
                    .entry(segment.to_owned())
                    .or_insert(start + offset);
                this.folded
                    .entry(segment.to_ascii_lowercase())
                    .or_insert(start + offset);
                offset += length(segment) + 1;
            }
        }
        this
    }

    /// Where a template stands.
    pub(crate) fn of_template(&self, template: &str) -> (u32, u16) {
        (self.templates[template], short(template))
    }

    /// Where a literal stands, in any of the templates. Under `case:
    /// insensitive` labels are lower case, and any spelling of one will do.
    pub(crate) fn of_label(&self, label: &str) -> (u32, u16) {
        let start = self
            .labels
            .get(label)
            .or_else(|| self.folded.get(label))
            .copied();
        (start.unwrap_or_default(), short(label))
    }

    /// Stores a name.
    pub(crate) fn add(&mut self, name: &str) -> (u32, u16) {
        (self.append(name), short(name))
    }

    fn append(&mut self, text: &str) -> u32 {
        let start = length(&self.text);
        self.text.push_str(text);
        start
    }

    pub(crate) fn into_string(self) -> String {
        self.text
    }
}

/// `check` keeps templates and names short, and YAML its file below 4 GiB.
fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

fn short(text: &str) -> u16 {
    u16::try_from(text.len()).unwrap_or(u16::MAX)
}
