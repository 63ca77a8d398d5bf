//! The segments that may follow for the active templates, and what each segment of a path means
//! to them: the file's side of a transition.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use routescope_core::path::check_segment;

use crate::model::Model;
use crate::model::template::Segment;
use crate::verify::active_set::{ActiveSet, Matching};
use crate::verify::segment_view::Transition;
use crate::verify::spelling::{
    has_colon, is_around_one, is_wildcard, lookalike_spellings, normalize, readings,
};

/// The active templates by their next segment.
pub(super) struct Alternatives<'m> {
    model: &'m Model,
    depth: usize,
    /// By the literal in the form for comparisons.
    literals: BTreeMap<String, Vec<Matching>>,
    /// By prefix and suffix in the form for comparisons.
    affixes: BTreeMap<(String, String), Vec<Matching>>,
    /// Parameters and catch-alls.
    wildcard: ActiveSet,
    /// The number of literals with a normal form.
    readings: HashMap<Vec<u8>, usize>,
}

impl<'m> Alternatives<'m> {
    pub(super) fn new(model: &'m Model, active: &ActiveSet) -> Self {
        let mut this = Self {
            model,
            depth: active.depth,
            literals: BTreeMap::new(),
            affixes: BTreeMap::new(),
            wildcard: ActiveSet {
                at: Vec::new(),
                catch_alls: active.catch_alls.clone(),
                depth: active.depth + 1,
            },
            readings: HashMap::new(),
        };
        for &matching in &active.at {
            let template = &model.templates[matching.template].template;
            match template.segments.get(active.depth) {
                None => {}
                Some(Segment::Parameter) => this.wildcard.at.push(matching),
                Some(Segment::CatchAll) => this.wildcard.catch_alls.push(matching),
                Some(Segment::Affix { prefix, suffix }) => {
                    let affix = (this.as_compared(prefix), this.as_compared(suffix));
                    this.affixes.entry(affix).or_default().push(matching);
                }
                Some(Segment::Literal(text)) => {
                    let text = this.as_compared(text);
                    this.literals.entry(text).or_default().push(matching);
                }
            }
        }
        if this.has_values() {
            for literal in this.literals.keys() {
                *this.readings.entry(normalize(literal)).or_default() += 1;
            }
        }
        this
    }

    /// Whether any segment can be a value.
    fn has_values(&self) -> bool {
        self.has_wildcard() || !self.affixes.is_empty()
    }

    fn has_wildcard(&self) -> bool {
        !self.wildcard.at.is_empty() || !self.wildcard.catch_alls.is_empty()
    }

    /// The affixes in the form for comparisons.
    pub(super) fn affixes(&self) -> BTreeSet<(String, String)> {
        self.affixes.keys().cloned().collect()
    }

    /// Texts in the form in which they are compared: without ASCII case, if the policy ignores it.
    pub(super) fn as_compared(&self, text: &str) -> String {
        if self.model.options.ignores_case() {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        }
    }

    /// The active set after a segment, and the kind of the transition.
    pub(super) fn transition(&self, segment: &str) -> Transition<ActiveSet> {
        let no_colon = self.model.options.forbids_colons();
        let compared = self.as_compared(segment);
        let itself = self.literals.get(&compared);
        let (taking, others): (Vec<_>, Vec<_>) = self
            .affixes
            .iter()
            .map(|(affix, templates)| (affix, templates, value_in(&compared, affix)))
            .partition(|(.., value)| value.is_some());
        // The literal that the segment is does not count, nor the affixes that take it.
        let alike = match is_wildcard(segment) {
            true => self.literals.len() + others.len(),
            false => {
                let readings = readings(segment);
                let literals = self.readings.get(&readings[1]);
                let around = others
                    .iter()
                    .filter(|((prefix, suffix), ..)| is_around_one(prefix, suffix, &readings));
                literals.copied().unwrap_or_default() + around.count()
            }
        };
        let resembles = self.has_values() && alike > usize::from(itself.is_some());
        let refuse = |matching: &Matching, refused: bool| Matching {
            refused: matching.refused.or(refused.then_some(self.depth)),
            ..*matching
        };
        let refused = resembles || no_colon && has_colon(segment);
        let mut next = match refused {
            true => self.wildcard.refused(self.depth),
            false => self.wildcard.clone(),
        };
        let mut refused_in_affix = false;
        for (_, templates, value) in &taking {
            let refused = resembles || no_colon && value.as_deref().is_some_and(has_colon);
            refused_in_affix |= refused;
            next.at
                .extend(templates.iter().map(|matching| refuse(matching, refused)));
        }
        if let Some(literal) = itself {
            next.at.extend(literal);
            return Transition::Static(next.tidy());
        }
        match (taking.is_empty(), refused_in_affix) {
            (false, false) => Transition::Affix(next.tidy()),
            (false, true) => Transition::ShadowsInAffix(next.tidy()),
            (true, _) if !self.has_wildcard() => Transition::Dead,
            (true, _) if refused => Transition::Shadows(next.tidy()),
            (true, _) => Transition::Wildcard(next.tidy()),
        }
    }

    /// The segments by which the two sides are compared, beside the fresh one: the literals that
    /// either names, what resembles them, and values of affixes, whole and damaged.
    pub(super) fn segments(&self, named: &BTreeSet<&str>, fresh: &str) -> Vec<String> {
        let literals = self.literals.keys().map(String::as_str);
        let labels: BTreeSet<&str> = named.iter().copied().chain(literals).collect();
        let mut segments: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        let spellings = |label: &str| lookalike_spellings(label, &labels, self.has_values());
        segments.extend(labels.iter().flat_map(|label| spellings(label)));
        for (prefix, suffix) in self.affixes.keys() {
            let around = |value: &str| format!("{prefix}{value}{suffix}");
            let value = around(fresh);
            segments.extend(spellings(&value));
            segments.extend(with_each_escaped(&value));
            segments.extend([
                format!("+{value}"),
                around(""),
                around(&format!("{fresh}%22")),
                around(&format!("{fresh}:{fresh}")),
                around(&format!("{fresh}%3a{fresh}")),
                around(suffix),
                format!("{value}{fresh}"),
                format!("{fresh}{value}"),
            ]);
            segments.extend(ends_of_escapes(prefix, suffix, fresh));
        }
        for ((prefix, _), (_, suffix)) in pairs(&self.affixes) {
            // Never taken by both: the compiler refuses such affixes.
            segments.push(format!("{prefix}{fresh}{suffix}"));
            segments.push(format!("{prefix}{suffix}"));
        }
        if self.has_values() {
            segments.extend(
                ["%22", "%3C", "%3E", ":x", "%3A", "%3ax"].map(|end| format!("{fresh}{end}")),
            );
        }
        segments.retain(|segment| {
            labels.contains(segment.as_str()) || check_segment(segment.as_bytes()).is_ok()
        });
        segments
    }

    /// For each affix, a segment that it takes and that resembles nothing else, if one is found.
    pub(super) fn ordinary_values(&self, fresh: &str) -> Vec<String> {
        let ordinary = |(prefix, suffix): &(String, String)| {
            let values = (1..=16).map(|count| format!("{prefix}{}{suffix}", fresh.repeat(count)));
            let mut values =
                values.chain(["y", "z", "7"].map(|value| format!("{prefix}{value}{suffix}")));
            values.find(|value| matches!(self.transition(value), Transition::Affix(_)))
        };
        self.affixes.keys().filter_map(ordinary).collect()
    }

    /// The affix that takes a segment, as a number.
    pub(super) fn taken_by(&self, segment: &str) -> Option<usize> {
        let compared = self.as_compared(segment);
        let mut affixes = self.affixes.keys();
        affixes.position(|affix| value_in(&compared, affix).is_some())
    }
}

/// The value in a segment between a prefix and a suffix: at least one byte, of which none is the
/// beginning of an escape that ends in the suffix.
fn value_in(segment: &str, (prefix, suffix): &(String, String)) -> Option<String> {
    let whole = segment.len() > prefix.len() + suffix.len();
    if !whole || !segment.starts_with(prefix.as_str()) || !segment.ends_with(suffix.as_str()) {
        return None;
    }
    let end = segment.len() - suffix.len();
    // Escapes as a decoder finds them, from the left.
    let mut at = 0;
    while at < end {
        at += if segment[at..].starts_with('%') { 3 } else { 1 };
    }
    (at == end).then(|| segment[prefix.len()..end].to_owned())
}

/// The text with one of its bytes escaped that may be: each in turn.
fn with_each_escaped(text: &str) -> Vec<String> {
    let escaped = |(at, c): (usize, char)| {
        let (before, behind) = (&text[..at], &text[at + c.len_utf8()..]);
        format!("{before}%{:02X}{behind}", u32::from(c))
    };
    text.char_indices()
        .filter(|(_, c)| c.is_ascii())
        .map(escaped)
        .collect()
}

/// Segments that end like the affix, but within an escape.
fn ends_of_escapes(prefix: &str, suffix: &str, fresh: &str) -> Vec<String> {
    let before = format!("{prefix}{fresh}");
    let mut found = vec![
        format!("{before}%{suffix}"),
        format!("{before}%C3%{suffix}"),
    ];
    for digit in "0123456789ABCDEF".chars() {
        found.push(format!("{before}%{digit}{suffix}"));
        found.push(format!("{before}%C3%{digit}{suffix}"));
    }
    found
}

fn pairs<K, V>(map: &BTreeMap<K, V>) -> impl Iterator<Item = (&K, &K)> {
    let keys = map.keys().enumerate();
    keys.flat_map(move |(i, a)| {
        let others = map.keys().enumerate();
        // Of many affixes, each with the next few.
        let near = others.filter(move |(j, _)| *j != i && j.abs_diff(i) < 8);
        near.map(move |(_, b)| (a, b))
    })
}
