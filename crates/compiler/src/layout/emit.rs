//! The last stage: tables -> Rust source. Data only: one expression, whose
//! constructor is a `const fn` that asserts every index.

use std::fmt::{Display, Write};

use routescope_core::table::{Edge, End, NONE, RouteRow, ScopeRow, State};
use routescope_core::{Alphabet, Options};

use crate::layout::owned::OwnedPolicy;
use crate::source::document::Key;

/// The source of a policy, as `routescope_core::policy!` includes it.
///
/// Names are bare: the macro brings them into scope from wherever the core is.
pub(crate) fn emit(policy: &OwnedPolicy, file: &str) -> String {
    // No `..` here and below: a new field must be written out.
    let OwnedPolicy {
        name,
        updated,
        umbrella,
        digest,
        layout,
        options:
            Options {
                case_insensitive,
                trailing_slash_optional,
            },
        key,
        states,
        twins,
        literals,
        literal_displacements,
        literal_words,
        literal_filter,
        slots,
        edges,
        displacements,
        routes,
        accepted,
        scopes,
        text,
    } = policy;
    let mut out = Source::new(header(policy, file));
    out.field("name", format_args!("{name:?}"));
    out.field("updated", format_args!("{updated:?}"));
    out.field("umbrella", format_args!("{umbrella:?}"));
    out.field("digest", format_args!("{digest:?}"));
    out.field("layout", format_args!("{layout:#018x}"));
    out.field(
        "options",
        format_args!(
            "Options {{ case_insensitive: {case_insensitive}, trailing_slash_optional: {trailing_slash_optional} }}"
        ),
    );
    out.field("key", key_format(key.as_ref()));
    out.rows(
        "states",
        "label, next, end, value, label_len, seed, skip, shape, kind",
        states.iter().map(|row| {
            let State {
                label,
                next,
                end,
                value,
                label_len,
                seed,
                skip,
                shape,
                kind,
            } = *row;
            [
                label,
                next,
                end.bits(),
                value,
                label_len.into(),
                seed.into(),
                skip.into(),
                shape.into(),
                kind.into(),
            ]
        }),
    );
    out.rows(
        "twins",
        "without a slash, with a slash",
        twins.iter().map(|twins| twins.map(End::bits)),
    );
    let literals: Vec<u32> = literals.iter().map(|end| end.bits()).collect();
    out.numbers_in("literals", ["&const { ends([", "]) }"], &literals);
    out.numbers("literal_displacements", literal_displacements);
    out.field("literal_words", literal_words);
    out.numbers("literal_filter", literal_filter);
    out.field("slots", slots);
    out.rows(
        "edges",
        "state, target, label, label_len, twin",
        edges.iter().map(|row| {
            let Edge {
                state,
                target,
                label,
                label_len,
                twin,
            } = *row;
            [state, target, label, label_len.into(), twin.into()]
        }),
    );
    out.numbers("displacements", displacements);
    out.rows(
        "routes",
        "template, accepted, template_len, method",
        routes.iter().map(|row| {
            let RouteRow {
                template,
                accepted,
                template_len,
                method,
            } = *row;
            [template, accepted, template_len.into(), method.into()]
        }),
    );
    out.numbers("accepted", accepted);
    out.rows(
        "scopes",
        "name, name_len, declared",
        scopes.iter().map(|row| {
            let ScopeRow {
                name,
                name_len,
                declared,
            } = *row;
            [name, name_len.into(), declared.into()]
        }),
    );
    out.field("text", format_args!("{text:?}"));
    out.finish()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn header(policy: &OwnedPolicy, file: &str) -> String {
    // After a line break, the rest of a name would be code.
    let file = file.replace(|c: char| c.is_control(), "?");
    format!(
        "// @generated from {file} by routescope-compiler {}. Do not edit.\n\
         // To make it again: build the package whose build.rs names {file}.\n\
         // {} routes, {} scopes, {} states: {} bytes.\n\
         // SHA-256 of what it decides: {}\n\
         // {NONE} stands for no row.\n",
        env!("CARGO_PKG_VERSION"),
        policy.routes.len(),
        policy.scopes.len(),
        policy.states.len(),
        policy.tables().size(),
        hex(&policy.digest),
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

/// The expression written so far.
struct Source(String);

impl Source {
    fn new(header: String) -> Self {
        Self(header + "Policy::new(Tables {\n")
    }

    fn field(&mut self, name: &str, value: impl Display) {
        self.write(format_args!("    {name}: {value},\n"));
    }

    /// A table whose rows are numbers, one row a line.
    fn rows<const N: usize>(
        &mut self,
        name: &str,
        fields: &str,
        rows: impl Iterator<Item = [u32; N]>,
    ) {
        self.write(format_args!(
            "    // {fields}\n    {name}: &const {{ {name}([\n"
        ));
        for row in rows {
            self.write(format_args!("        {row:?},\n"));
        }
        self.write(format_args!("    ]) }},\n"));
    }

    /// A table of single numbers, some in a line.
    fn numbers(&mut self, name: &str, numbers: &[impl Display]) {
        self.numbers_in(name, ["&[", "]"], numbers);
    }

    /// As [`Self::numbers`], in other brackets.
    fn numbers_in(&mut self, name: &str, [open, close]: [&str; 2], numbers: &[impl Display]) {
        self.write(format_args!("    {name}: {open}\n"));
        for line in numbers.chunks(16) {
            self.write(format_args!("       "));
            for number in line {
                self.write(format_args!(" {number},"));
            }
            self.write(format_args!("\n"));
        }
        self.write(format_args!("    {close},\n"));
    }

    fn finish(mut self) -> String {
        self.0.push_str("})\n");
        self.0
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        let written = self.0.write_fmt(text);
        debug_assert!(written.is_ok(), "a string takes everything");
    }
}
