//! Writes tables as Rust source, after the proof. It is data only: one expression, which generated
//! code validates in a constant.
//!
//! It is written as text. A syntax tree of a hundred thousand rows would take longer to make than
//! the tables themselves.

use std::fmt::{Display, Write};

use routescope_core::__private::{HashedEdge, RouteRow, ScopeRow, SlashPair, State, StateId};
use routescope_core::{Alphabet, Case, PathOptions, TrailingSlash, Values};

use crate::layout::owned::OwnedTables;
use crate::source::document::Key;

/// A block whose value is the tables. Names are bare: `engine` has them all.
pub(crate) fn emit(tables: &OwnedTables) -> String {
    // No `..` here and below: a new field must be written out.
    let OwnedTables {
        name,
        updated,
        revision,
        umbrella,
        digest,
        layout,
        features,
        options:
            PathOptions {
                case,
                trailing_slash,
                values,
            },
        key,
        states,
        slash_pairs,
        edge_slots,
        edges,
        edge_displacements,
        exact,
        exact_displacements,
        exact_hash_words,
        exact_filter,
        routes,
        accepted,
        scopes,
        scope_slots,
        scope_displacements,
        scope_hash_words,
        text,
    } = tables;
    let case = match case {
        Case::Exact => "Exact",
        Case::Insensitive => "Insensitive",
    };
    let trailing_slash = match trailing_slash {
        TrailingSlash::Exact => "Exact",
        TrailingSlash::Optional => "Optional",
    };
    let values = match values {
        Values::Any => "Any",
        Values::NoColon => "NoColon",
    };
    let u16s = |numbers: &[[u8; 2]]| {
        numbers
            .iter()
            .copied()
            .map(u16::from_le_bytes)
            .collect::<Vec<_>>()
    };
    let exact: Vec<u32> = exact.iter().copied().map(u32::from_le_bytes).collect();
    let exact_filter: Vec<u64> = exact_filter
        .iter()
        .copied()
        .map(u64::from_le_bytes)
        .collect();
    let pairs = slash_pairs.iter().map(|pair| {
        let SlashPair {
            without_slash,
            with_slash,
        } = SlashPair::from_bytes(pair);
        [without_slash.bits(), with_slash.bits()]
    });
    let mut out = Source::new();
    out.rows(
        "states",
        "label, first row or key, accept, parameter, label length, seed or lengths, window offset, width and rows or count, kind",
        states.iter().map(|row| State::from_bytes(row).to_numbers()),
    );
    out.rows("slash_pairs", "without a slash, with a slash", pairs);
    out.rows(
        "edges",
        "key, target, label, label length, next collision",
        edges
            .iter()
            .map(|row| HashedEdge::from_bytes(row).to_numbers()),
    );
    out.numbers("edge_displacements", "u16s", &u16s(edge_displacements));
    out.numbers("exact", "u32s", &exact);
    out.numbers("exact_displacements", "u16s", &u16s(exact_displacements));
    out.numbers("exact_filter", "u64s", &exact_filter);
    out.rows(
        "routes",
        "template, accepted, template length, method",
        routes
            .iter()
            .map(|row| RouteRow::from_bytes(row).to_numbers()),
    );
    out.numbers("accepted", "u16s", &u16s(accepted));
    out.rows(
        "scopes",
        "name, name length, declared",
        scopes
            .iter()
            .map(|row| ScopeRow::from_bytes(row).to_numbers()),
    );
    out.numbers("scope_slots", "u16s", &u16s(scope_slots));
    out.numbers("scope_displacements", "u16s", &u16s(scope_displacements));
    out.bytes("text", text);
    out.header();
    out.field("name", format_args!("{name:?}"));
    out.field("updated", format_args!("{updated:?}"));
    out.field("revision", revision);
    out.field("umbrella", format_args!("{umbrella:?}"));
    out.field("digest", format_args!("{digest:?}"));
    out.field("layout", format_args!("{layout:#018x}"));
    out.field("features", format_args!("features({})", features.bits()));
    out.field(
        "options",
        format_args!(
            "PathOptions {{ case: Case::{case}, trailing_slash: TrailingSlash::{trailing_slash}, values: Values::{values} }}"
        ),
    );
    out.field("key", key_format(key.as_ref()));
    out.field("edge_slots", edge_slots);
    out.field("exact_hash_words", exact_hash_words);
    out.field("scope_hash_words", scope_hash_words);
    out.finish()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A comment on the size of the tables.
pub(crate) fn summary(tables: &OwnedTables) -> String {
    format!(
        "{} routes, {} scopes, {} states: {} bytes. {} stands for no row.",
        tables.routes.len(),
        tables.scopes.len(),
        tables.states.len(),
        tables.borrow().size(),
        StateId::DEAD.bits(),
    )
}

fn key_format(key: Option<&Key>) -> String {
    let Some(Key {
        prefix,
        length,
        alphabet,
    }) = key
    else {
        return "None".into();
    };
    let alphabet = match alphabet {
        Alphabet::Alphanumeric => "Alphanumeric",
        Alphabet::LowerHex => "LowerHex",
        Alphabet::Base64Url => "Base64Url",
    };
    format!(
        "Some(KeyFormat {{ prefix: {prefix:?}, length: {length}, alphabet: Alphabet::{alphabet} }})"
    )
}

/// The part of the source that is written: a block with one `static` for each table, and then
/// the header that points to them. A header that is a constant lets its user be compiled with
/// the sizes of the tables, and each table exists once.
struct Source {
    text: String,
    /// The names of the tables.
    tables: Vec<&'static str>,
}

impl Source {
    fn new() -> Self {
        Self {
            text: "{\n    use engine::*;\n".to_owned(),
            tables: Vec::new(),
        }
    }

    /// A table whose rows are numbers, one row in a line.
    fn rows<const N: usize>(
        &mut self,
        name: &'static str,
        fields: &str,
        rows: impl ExactSizeIterator<Item = [u32; N]>,
    ) {
        self.write(format_args!("    // {fields}\n"));
        self.begin(name, name, rows.len());
        for row in rows {
            self.write(format_args!("        {row:?},\n"));
        }
        self.write(format_args!("    ]);\n"));
    }

    /// A table of single numbers, 16 in a line, which the function `encode` turns into bytes.
    fn numbers(&mut self, name: &'static str, encode: &str, numbers: &[impl Display]) {
        self.begin(name, encode, numbers.len());
        for line in numbers.chunks(16) {
            self.write(format_args!("       "));
            for number in line {
                self.write(format_args!(" {number},"));
            }
            self.write(format_args!("\n"));
        }
        self.write(format_args!("    ]);\n"));
    }

    fn begin(&mut self, name: &'static str, encode: &str, rows: usize) {
        if encode == "states" {
            self.tables.push(name);
            self.write(format_args!(
                "    static STATES: [[[u8; 4]; 6]; {rows}] = states([\n"
            ));
            return;
        }
        let size = match encode {
            "edges" => 16,
            "routes" => 12,
            "slash_pairs" | "scopes" | "u64s" => 8,
            "u32s" => 4,
            _ => 2,
        };
        self.tables.push(name);
        let item = name.to_uppercase();
        self.write(format_args!(
            "    static {item}: [[u8; {size}]; {rows}] = {encode}([\n"
        ));
    }

    fn bytes(&mut self, name: &str, text: &str) {
        let item = name.to_uppercase();
        let len = text.len();
        self.write(format_args!(
            "    static {item}: [u8; {len}] = *b{text:?};\n"
        ));
    }

    fn header(&mut self) {
        self.write(format_args!("    Tables {{\n"));
        for name in std::mem::take(&mut self.tables) {
            self.field(name, format_args!("&{}", name.to_uppercase()));
        }
        self.field("text", "text(&TEXT)");
    }

    fn field(&mut self, name: &str, value: impl Display) {
        self.write(format_args!("        {name}: {value},\n"));
    }

    fn finish(mut self) -> String {
        self.text.push_str("    }\n}");
        self.text
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        let written = self.text.write_fmt(text);
        debug_assert!(written.is_ok(), "a string takes everything");
    }
}
