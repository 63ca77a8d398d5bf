//! The last stage: tables -> Rust source. Data only: one expression, whose
//! constructor is a `const fn` that asserts every index.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use routescope_core::table::{Edge, HASHED, RouteRow, Run, ScopeRow, State};
use routescope_core::{Alphabet, Options};

use crate::document::Key;
use crate::owned::OwnedPolicy;

/// The source of a policy, as `routescope_core::policy!` includes it.
///
/// Names are bare: the macro brings them into scope from wherever the core is.
pub(crate) fn emit(policy: &OwnedPolicy, file: &str) -> String {
    let size = policy.tables().size();
    // The rest of a name behind a line break would be code.
    let file = file.replace(|c: char| c.is_control(), "?");
    let header = format!(
        "// @generated from {file} by routescope-compiler {}. Do not edit.\n\
         // To make it again: build the package whose build.rs names {file}.\n\
         // {} routes on {} templates, {} scopes, {} states: {size} bytes.\n\
         // SHA-256 of what it decides: {}\n",
        env!("CARGO_PKG_VERSION"),
        policy.routes.len(),
        policy.ends.len(),
        policy.scopes.len(),
        policy.states.len(),
        hex(&policy.digest),
    );
    header + &format_expression(&expression(policy))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn expression(policy: &OwnedPolicy) -> TokenStream {
    // No `..` here and below: a new field must be written out.
    let OwnedPolicy {
        name,
        updated,
        umbrella,
        digest,
        options:
            Options {
                case_insensitive,
                trailing_slash_optional,
            },
        key,
        states,
        runs,
        literals,
        literal_displacements,
        literal_words,
        literal_filter,
        slots,
        edges,
        displacements,
        ends,
        routes,
        accepted,
        scopes,
        text,
    } = policy;
    let key = match key {
        None => quote!(None),
        Some(Key {
            prefix,
            length,
            alphabet,
        }) => {
            let length = plain(*length);
            let alphabet = match alphabet {
                Alphabet::Alphanumeric => quote!(Alphabet::Alphanumeric),
                Alphabet::LowerHex => quote!(Alphabet::LowerHex),
                Alphabet::Base64Url => quote!(Alphabet::Base64Url),
            };
            quote!(Some(KeyFormat { prefix: #prefix, length: #length, alphabet: #alphabet }))
        }
    };
    let digest = digest.iter().map(|byte| plain(*byte));
    let states = states.iter().map(
        |State { other, end, end_slash, runs, seed, skip, shape }| {
            let (other, end, end_slash) = (row(*other), row(*end), row(*end_slash));
            let runs = if *runs == HASHED { quote!(HASHED) } else { row(*runs) };
            let (seed, skip, shape) = (plain(*seed), plain(*skip), plain(*shape));
            quote!(State { other: #other, end: #end, end_slash: #end_slash, runs: #runs, seed: #seed, skip: #skip, shape: #shape })
        },
    );
    let runs = runs.iter().map(
        |Run {
             target,
             label,
             label_len,
         }| {
            let (target, label, label_len) = (plain(*target), plain(*label), plain(*label_len));
            quote!(Run { target: #target, label: #label, label_len: #label_len })
        },
    );
    let literals = literals.iter().map(|end| row(*end));
    let literal_displacements = literal_displacements
        .iter()
        .map(|displacement| plain(*displacement));
    let literal_words = plain(*literal_words);
    let literal_filter = literal_filter.iter().map(|bits| plain(*bits));
    let slots = plain(*slots);
    let edges = edges.iter().map(|Edge { state, target, label, label_len, twin }| {
        let (state, target, label) = (row(*state), plain(*target), plain(*label));
        let (label_len, twin) = (plain(*label_len), plain(*twin));
        quote!(Edge { state: #state, target: #target, label: #label, label_len: #label_len, twin: #twin })
    });
    let displacements = displacements
        .iter()
        .map(|displacement| plain(*displacement));
    let ends = ends.iter().map(|end| {
        let (first_route, methods) = (plain(end.first_route()), plain(end.methods().bits()));
        quote!(End::new(#first_route, methods(#methods)))
    });
    let routes = routes.iter().map(|RouteRow { template, accepted, template_len, method }| {
        let (template, accepted) = (plain(*template), plain(*accepted));
        let (template_len, method) = (plain(*template_len), plain(*method));
        quote!(RouteRow { template: #template, accepted: #accepted, template_len: #template_len, method: #method })
    });
    let accepted = accepted.iter().map(|scope| plain(*scope));
    let scopes = scopes.iter().map(
        |ScopeRow {
             name,
             name_len,
             declared,
         }| {
            let (name, name_len) = (plain(*name), plain(*name_len));
            quote!(ScopeRow { name: #name, name_len: #name_len, declared: #declared })
        },
    );
    quote! {
        Policy::new(Tables {
            name: #name,
            updated: #updated,
            umbrella: #umbrella,
            digest: [#(#digest),*],
            options: Options { case_insensitive: #case_insensitive, trailing_slash_optional: #trailing_slash_optional },
            key: #key,
            states: &[#(#states),*],
            runs: &[#(#runs),*],
            literals: &[#(#literals),*],
            literal_displacements: &[#(#literal_displacements),*],
            literal_words: #literal_words,
            literal_filter: &[#(#literal_filter),*],
            slots: #slots,
            edges: &[#(#edges),*],
            displacements: &[#(#displacements),*],
            ends: &[#(#ends),*],
            routes: &[#(#routes),*],
            accepted: &[#(#accepted),*],
            scopes: &[#(#scopes),*],
            text: #text,
        })
    }
}

/// A number without its type's name, which the field gives.
fn plain(number: impl Into<u64>) -> Literal {
    Literal::u64_unsuffixed(number.into())
}

/// A row, or the word for none.
fn row(number: u32) -> TokenStream {
    if number == routescope_core::table::NONE {
        quote!(NONE)
    } else {
        let number = plain(number);
        quote!(#number)
    }
}

/// `prettyplease` formats files, so the expression is made one and cut out.
fn format_expression(expression: &TokenStream) -> String {
    const HEAD: &str = "const POLICY: Policy<'static> = ";
    let tokens = quote!(const POLICY: Policy<'static> = #expression;);
    let formatted = match syn::parse2(tokens) {
        Ok(file) => prettyplease::unparse(&file),
        Err(error) => unreachable!("the tokens above are a constant: {error}"),
    };
    let body = formatted
        .trim()
        .strip_prefix(HEAD)
        .and_then(|rest| rest.strip_suffix(';'));
    format!("{}\n", body.unwrap_or(&formatted))
}
