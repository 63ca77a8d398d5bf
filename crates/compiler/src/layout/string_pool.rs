//! The string pool of a policy's tables: templates, of which labels are substrings,
//! and the names of scopes.

use std::collections::{HashMap, HashSet};

use routescope_core::Options;

use crate::model::trie::key;

/// Strings in one text, each stored once.
pub(crate) struct StringPool {
    text: String,
    templates: HashMap<String, u32>,
    /// The offsets of the labels that have been looked for.
    labels: HashMap<String, u32>,
}

impl StringPool {
    /// Stores templates. One that is a prefix of another takes no room.
    pub(crate) fn new<'t>(templates: impl Iterator<Item = &'t str>) -> Self {
        let mut sorted: Vec<&str> = templates.collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut this = Self {
            text: String::new(),
            templates: HashMap::new(),
            labels: HashMap::new(),
        };
        // In reverse order, so that a longer template is stored before its prefixes.
        let mut last: Option<(&str, u32)> = None;
        for template in sorted.into_iter().rev() {
            let start = match last {
                Some((longer, start)) if longer.starts_with(template) => start,
                _ => this.append(template),
            };
            last = Some((template, start));
            this.templates.insert(template.to_owned(), start);
        }
        this
    }

    /// The offset and the length of a template.
    pub(crate) fn of_template(&self, template: &str) -> (u32, u16) {
        (self.templates[template], short(template))
    }

    /// Finds labels, each one or several segments of some template, spelled as the
    /// options compare them.
    pub(crate) fn find_labels<'l>(
        &mut self,
        labels: impl Iterator<Item = &'l String>,
        options: Options,
    ) {
        let mut wanted: HashSet<&str> = labels.map(String::as_str).collect();
        let most = wanted
            .iter()
            .map(|label| label.matches('/').count() + 1)
            .max()
            .unwrap_or_default();
        let mut templates: Vec<(&str, u32)> = self
            .templates
            .iter()
            .map(|(template, start)| (template.as_str(), *start))
            .collect();
        templates.sort_unstable();
        for (template, start) in templates {
            let slashes: Vec<usize> = template
                .match_indices('/')
                .map(|(at, _)| at)
                .chain([template.len()])
                .collect();
            for (i, slash) in slashes.iter().enumerate() {
                for end in slashes[i + 1..].iter().take(most) {
                    let label = &template[slash + 1..*end];
                    let found = wanted.take(key(label, options).as_str());
                    if let Some(found) = found {
                        let offset = length(&template[..=*slash]);
                        self.labels.insert(found.to_owned(), start + offset);
                    }
                }
            }
        }
    }

    /// The offset and the length of a label that has been looked for.
    pub(crate) fn of_label(&self, label: &str) -> (u32, u16) {
        (self.labels[label], short(label))
    }

    /// Stores a name and returns its offset and length.
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

/// Never saturates: `check` limits templates and names, and the YAML reader a file to
/// 4 GiB.
fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

fn short(text: &str) -> u16 {
    u16::try_from(text.len()).unwrap_or(u16::MAX)
}
