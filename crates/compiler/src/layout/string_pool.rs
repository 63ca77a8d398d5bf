//! The one text of a policy's tables: templates, of which labels are parts, and
//! the names of scopes.

use std::collections::{HashMap, HashSet};

use routescope_core::__private::TextRange;
use routescope_core::PathOptions;

use crate::model::trie::key;

/// Texts in one string, each stored once.
pub(crate) struct StringPool {
    text: String,
    templates: HashMap<String, u32>,
    /// The offset of each label that was looked up.
    labels: HashMap<String, u32>,
    affixes: HashMap<String, TextRange>,
}

impl StringPool {
    /// Stores templates; one that another begins with takes no room.
    pub(crate) fn new<'t>(templates: impl Iterator<Item = &'t str>) -> Self {
        let mut sorted: Vec<&str> = templates.collect();
        sorted.sort_unstable();
        sorted.dedup();
        let mut this = Self {
            text: String::new(),
            templates: HashMap::new(),
            labels: HashMap::new(),
            affixes: HashMap::new(),
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
        }
        this
    }

    /// The range of a template.
    pub(crate) fn of_template(&self, template: &str) -> TextRange {
        range(self.templates[template], template)
    }

    /// Finds labels, which all are parts of templates: a segment or several, in
    /// the spelling that the options compare.
    pub(crate) fn find_labels<'l>(
        &mut self,
        labels: impl Iterator<Item = &'l String>,
        options: PathOptions,
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

    /// The range of a label that [`Self::find_labels`] has found.
    pub(crate) fn of_label(&self, label: &str) -> TextRange {
        range(self.labels[label], label)
    }

    /// Stores the prefixes and suffixes of affixes. No template has the two next to each other.
    pub(crate) fn add_affixes<'a>(&mut self, affixes: impl Iterator<Item = (&'a str, &'a str)>) {
        for (prefix, suffix) in affixes {
            let both = [prefix, suffix].concat();
            if !self.affixes.contains_key(&both) {
                let at = self.add(&both);
                self.affixes.insert(both, at);
            }
        }
    }

    /// The range of an affix that [`Self::add_affixes`] has stored.
    pub(crate) fn of_affix(&self, prefix: &str, suffix: &str) -> TextRange {
        self.affixes[&[prefix, suffix].concat()]
    }

    /// Stores a name.
    pub(crate) fn add(&mut self, name: &str) -> TextRange {
        range(self.append(name), name)
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

fn range(start: u32, text: &str) -> TextRange {
    let len = u16::try_from(text.len()).unwrap_or(u16::MAX);
    TextRange { start, len }
}
