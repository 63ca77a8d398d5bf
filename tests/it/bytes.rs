//! Policies as bytes: what is loaded says what was compiled, and nothing else is loaded.

use std::collections::BTreeSet;
use std::env;

use fastrand::Rng;
use proptest::prelude::*;
use routescope::{Alternative, LoadError, Loader, OwnedPolicy, Policy, Requirement, Route, pbx};
use routescope_compiler::compile;
use routescope_compiler::document::ScopeNames;
use routescope_compiler::model::{Listed, Model, ScopeName};

use routescope_core::__private::format::{HEADER, checksum};

use crate::implementations::{compile_pbx, load};
use crate::random::world;

/// A small policy with most of what tables have: parameters with alternatives, a catch-all, a
/// key and a revision.
const SHOP: &str = r#"version: 1
name: shop
updated: 2026-05-28
revision: 7
umbrella: shop
key: { prefix: shop-, length: 40, alphabet: base64url }
paths: { trailing_slash: optional, case: insensitive }
scopes:
  "orders:read":
    routes:
      - GET /orders/
      - GET /orders/{id}
      - GET /orders/open
      - GET /orders/{id}/items/{item}
  "files:*":
    routes:
      - PUT /files/{*path}
"#;

fn shop() -> Vec<u8> {
    compile("shop.yaml", SHOP).expect("a policy").to_bytes()
}

/// The text that shows all of a policy.
fn show(policy: Policy<'_>) -> String {
    format!("{policy}{:?}", policy.tables())
}

#[test]
fn loaded_tables_are_those_that_were_compiled() {
    let compiled = compile_pbx();
    assert_eq!(show(load(&compiled).policy()), show(compiled.policy()));
    // Also those of the constant, so that sets prepared for one hold their scopes in the other.
    assert_eq!(show(load(&compiled).policy()), show(pbx::POLICY));
    let shop = compile("shop.yaml", SHOP).expect("a policy");
    assert_eq!(show(load(&shop).policy()), show(shop.policy()));
    assert_eq!(load(&shop).policy().revision(), 7);
    assert_eq!(pbx::POLICY.revision(), 0);
}

proptest! {
    /// Any policy comes back, from any address.
    #[test]
    fn every_policy_comes_back(world in world(true), offset in 0usize..16) {
        let compiled = world.compile();
        let mut bytes = vec![0; offset];
        bytes.extend(compiled.to_bytes());
        let loaded = Policy::from_bytes(&bytes[offset..]).expect("the bytes of a policy");
        prop_assert_eq!(show(loaded.policy()), show(compiled.policy()));
    }
}

/// The model as a file. Every path may overlap and has only proper parts.
fn to_yaml(model: &Model) -> String {
    let mut text = format!("version: 1\nname: {}\nmethod_rule: none\n", model.name);
    if model.scope_names == ScopeNames::Opaque {
        text += "scope_names: opaque\n";
    }
    if let Some(umbrella) = &model.umbrella {
        text += &format!("umbrella: {umbrella}\n");
    }
    if let Some(global) = &model.global {
        text += &format!("global: \"{global}\"\n");
    }
    let (case, slash) = (
        model.options.case.as_str(),
        model.options.trailing_slash.as_str(),
    );
    text += &format!("paths: {{ case: {case}, trailing_slash: {slash} }}\nimplies:\n");
    for (scope, implied) in &model.implies {
        let implied: Vec<String> = implied.iter().map(|name| format!("\"{name}\"")).collect();
        text += &format!("  \"{scope}\": [{}]\n", implied.join(", "));
    }
    let listed = |is_here: &dyn Fn(&Listed) -> bool| {
        let routes = model.routes().filter(|route| is_here(&route.listed));
        let routes = routes.map(|route| {
            let route = format!("{} {}", route.method, route.text);
            format!("{{ route: \"{route}\", overlap: allow, literal: true }}")
        });
        routes.collect::<Vec<_>>().join(", ")
    };
    text += &format!(
        "public: [{}]\n",
        listed(&|listed| *listed == Listed::Public)
    );
    text += &format!(
        "any_key: [{}]\n",
        listed(&|listed| *listed == Listed::AnyKey)
    );
    let single = |scope: &ScopeName| scope.to_string();
    let mut headings: BTreeSet<String> = model.scopes.iter().map(single).collect();
    let lists = model.routes().flat_map(|route| route.listed.lists());
    headings.extend(lists.map(ToString::to_string));
    if !headings.is_empty() {
        text += "scopes:\n";
    }
    for heading in &headings {
        let is_here = |listed: &Listed| {
            let mut lists = listed.lists().map(ToString::to_string);
            lists.any(|list| list == *heading)
        };
        text += &format!("  \"{heading}\":\n    routes: [{}]\n", listed(&is_here));
    }
    text
}

proptest! {
    /// A model that is read back from tables means what the file meant: the same routes with the
    /// same accepted scopes. (Their order says under which of them the file lists the route.)
    #[test]
    fn a_model_read_back_means_the_same(world in world(true)) {
        let compiled = world.compile();
        let model = Model::of_policy(compiled.policy()).expect("a model");
        let source = to_yaml(&model);
        let again = compile("again.yaml", &source).unwrap_or_else(|report| panic!("{source}\n{report}"));
        let routes = |policy: Policy<'_>| -> Vec<String> {
            let accepted = |route: Route<'_>| match route.requirement() {
                Requirement::Scopes(alternatives) => {
                    let alternatives: BTreeSet<Alternative<'_>> = alternatives.iter().collect();
                    format!("{route} {alternatives:?}")
                }
                open => format!("{route} {open}"),
            };
            policy.routes().map(accepted).collect()
        };
        prop_assert_eq!(routes(again.policy()), routes(compiled.policy()), "{}", source);
    }
}

/// Writes the checksum that the bytes have now, as an attacker would.
fn seal(bytes: &mut [u8]) {
    let end = bytes.len().saturating_sub(8);
    let sum = checksum(&bytes[..end]);
    bytes[end..].copy_from_slice(&sum.to_le_bytes());
}

/// A name, a change to the bytes, and the error that it must cause.
type Case = (&'static str, fn(&mut Vec<u8>), LoadError);

#[test]
fn other_bytes_are_refused_with_the_reason() {
    let sound = shop();
    let len = sound.len();
    let cases: &[Case] = &[
        ("none", Vec::clear, LoadError::NotAPolicy),
        (
            "another file",
            |bytes| *bytes = b"version: 1\nname: shop".to_vec(),
            LoadError::NotAPolicy,
        ),
        (
            "copied as text",
            |bytes| {
                let at = bytes.iter().position(|byte| *byte == b'\r');
                bytes.remove(at.expect("a line break"));
            },
            LoadError::NotAPolicy,
        ),
        (
            "the magic alone",
            |bytes| bytes.truncate(8),
            LoadError::Length {
                expected: HEADER + 8,
                found: 8,
            },
        ),
        (
            "a later format",
            |bytes| bytes[8] = 2,
            LoadError::Format {
                found: 2,
                supported: 1,
            },
        ),
        (
            "a stated length alone",
            |bytes| bytes.truncate(16),
            LoadError::Length {
                expected: len,
                found: 16,
            },
        ),
        (
            "cut by a byte",
            |bytes| {
                bytes.pop();
            },
            LoadError::Length {
                expected: len,
                found: len - 1,
            },
        ),
        (
            "one more byte",
            |bytes| bytes.push(0),
            LoadError::Length {
                expected: len,
                found: len + 1,
            },
        ),
        (
            "a bit of the digest",
            |bytes| bytes[24] ^= 1,
            LoadError::Checksum,
        ),
        (
            "a bit of the text",
            |bytes| {
                let at = bytes.len() - 9;
                bytes[at] ^= 1;
            },
            LoadError::Checksum,
        ),
        (
            "a bit of the checksum",
            |bytes| *bytes.last_mut().expect("bytes") ^= 1,
            LoadError::Checksum,
        ),
        (
            "a header without sections",
            |bytes| {
                bytes.truncate(HEADER + 8);
                let len = u32::try_from(bytes.len()).expect("short");
                bytes[12..16].copy_from_slice(&len.to_le_bytes());
                seal(bytes);
            },
            LoadError::Malformed { field: "sections" },
        ),
        (
            "half a header",
            |bytes| {
                bytes.truncate(60);
                bytes[12..16].copy_from_slice(&60u32.to_le_bytes());
                seal(bytes);
            },
            LoadError::Malformed { field: "sections" },
        ),
        (
            "a third kind of case",
            |bytes| {
                bytes[64] = 2;
                seal(bytes);
            },
            LoadError::Malformed { field: "case" },
        ),
        (
            "a third kind of slash",
            |bytes| {
                bytes[65] = 2;
                seal(bytes);
            },
            LoadError::Malformed {
                field: "trailing slash",
            },
        ),
        (
            "a fourth alphabet",
            |bytes| {
                bytes[68] = 4;
                seal(bytes);
            },
            LoadError::Malformed { field: "key" },
        ),
        (
            "a feature that no version has",
            |bytes| {
                bytes[69] = 1 << 5;
                seal(bytes);
            },
            LoadError::Malformed { field: "features" },
        ),
        (
            "a feature that no version has, beside the bit for values without colons",
            |bytes| {
                bytes[69] = 1 << 7 | 1 << 6;
                seal(bytes);
            },
            LoadError::Malformed { field: "features" },
        ),
        (
            "a key shorter than its prefix",
            |bytes| {
                bytes[70] = 3;
                seal(bytes);
            },
            LoadError::Malformed { field: "key" },
        ),
        (
            "a length without a key",
            |bytes| {
                bytes[68] = 0;
                seal(bytes);
            },
            LoadError::Malformed { field: "key" },
        ),
        (
            "a control character in the name",
            |bytes| {
                bytes[HEADER] = b'\n';
                seal(bytes);
            },
            LoadError::Malformed { field: "name" },
        ),
        (
            "a line break in the text, which would go into headers",
            |bytes| {
                let at = bytes.len() - 9;
                bytes[at] = b'\n';
                seal(bytes);
            },
            LoadError::Malformed { field: "text" },
        ),
        (
            "a section that goes on after the end",
            |bytes| {
                bytes[139] = 0xFF;
                seal(bytes);
            },
            LoadError::Malformed { field: "sections" },
        ),
        (
            "a section that ends before the end",
            |bytes| {
                bytes[136] -= 1;
                seal(bytes);
            },
            LoadError::Malformed { field: "sections" },
        ),
    ];
    for (name, change, expected) in cases {
        let mut bytes = sound.clone();
        change(&mut bytes);
        assert_eq!(Policy::from_bytes(&bytes).err(), Some(*expected), "{name}");
        assert_eq!(
            OwnedPolicy::from_bytes(bytes).err(),
            Some(*expected),
            "{name}"
        );
    }
    for at in [16, 23] {
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        seal(&mut bytes);
        let error = Policy::from_bytes(&bytes).expect_err("another layout");
        assert!(
            error.to_string().starts_with("unsound tables: layout: "),
            "{error}"
        );
    }
}

#[test]
fn a_loader_accepts_what_it_is_told_to() {
    let bytes = shop();
    let load = |loader: Loader<'_>| loader.load(&bytes).err();
    assert_eq!(load(Loader::new()), None);
    assert_eq!(load(Loader::new().name("shop").min_revision(7)), None);
    assert_eq!(load(Loader::new().name("Shop")), Some(LoadError::Name));
    assert_eq!(load(Loader::new().name("")), Some(LoadError::Name));
    let too_old = LoadError::Revision {
        found: 7,
        minimum: 8,
    };
    assert_eq!(load(Loader::new().min_revision(8)), Some(too_old));
    // A file without a revision is older than any that has one.
    let pbx = compile_pbx().to_bytes();
    let error = Loader::new().min_revision(1).load(&pbx).err();
    assert_eq!(
        error,
        Some(LoadError::Revision {
            found: 0,
            minimum: 1
        })
    );
}

/// Changes bytes as accidents and attackers do: bits, bytes, numbers, blocks that move, ends
/// that are missing, and parts of another policy.
fn mutate(rng: &mut Rng, bytes: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..=rng.u8(0..3) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.usize(0..bytes.len());
        // Half of all changes are to the header, whose fields rule the rest.
        let at = if rng.bool() {
            at % HEADER.min(bytes.len())
        } else {
            at
        };
        match rng.u8(0..9) {
            0 | 1 => bytes[at] ^= 1 << rng.u8(0..8),
            2 => bytes[at] = rng.u8(..),
            3 => bytes[at] = [0, 1, 0x7F, 0x80, 0xFF][rng.usize(0..5)],
            4 => bytes[at] = bytes[at].wrapping_add(rng.u8(0..3)).wrapping_sub(1),
            5 => {
                let end = (at + 4).min(bytes.len());
                let number = [0, 1, u32::MAX, 1 << 31, rng.u32(..)][rng.usize(0..5)];
                bytes[at..end].copy_from_slice(&number.to_le_bytes()[..end - at]);
            }
            6 => {
                let len = rng.usize(0..64).min(bytes.len() - at);
                let to = rng.usize(0..=bytes.len() - len);
                bytes.copy_within(at..at + len, to);
            }
            7 => {
                let end = (at + rng.usize(0..64)).min(bytes.len()).min(other.len());
                if at < end {
                    bytes[at..end].copy_from_slice(&other[at..end]);
                }
            }
            _ => bytes.truncate(at),
        }
    }
}

/// The number of mutated inputs: 10 million are tried by
/// `ROUTESCOPE_MUTATIONS=10000000 cargo test --release --test it mutated`.
fn mutations() -> usize {
    let asked = env::var("ROUTESCOPE_MUTATIONS").ok();
    asked.map_or(20_000, |number| {
        number.parse().expect("ROUTESCOPE_MUTATIONS is a number")
    })
}

/// Requests that reach every part of the tables.
const TARGETS: [&str; 10] = [
    "/orders/",
    "/orders/7",
    "/ORDERS/open",
    "/orders/opeN/items/%3A",
    "/orders/7/items/8?page=2",
    "/files/a/b/c",
    "/api/v1/colleagues/",
    "/api/v1/colleagues/4711/",
    "/api/v1/phonebooks/7/contacts/8/",
    "//",
];

/// Bytes that were changed are refused. If they are given the right checksum, as an attacker
/// would, they are refused or loaded, and then answer every question without a panic.
#[test]
fn mutated_bytes_are_refused() {
    let sound = [shop(), compile_pbx().to_bytes()];
    let (mut rng, mut sealed_and_loaded) = (Rng::with_seed(0x5EED), 0usize);
    for round in 0..mutations() {
        let [mine, other] = if round % 2 == 0 { [0, 1] } else { [1, 0] };
        let mut bytes = sound[mine].clone();
        mutate(&mut rng, &mut bytes, &sound[other]);
        if bytes == sound[mine] {
            continue;
        }
        let refused = Policy::from_bytes(&bytes).err();
        assert!(
            refused.is_some_and(|error| !error.to_string().is_empty()),
            "round {round}"
        );
        if bytes.len() < 16 {
            continue;
        }
        let len = u32::try_from(bytes.len()).expect("short");
        bytes[12..16].copy_from_slice(&len.to_le_bytes());
        seal(&mut bytes);
        let Ok(loaded) = Policy::from_bytes(&bytes) else {
            continue;
        };
        sealed_and_loaded += 1;
        ask_everything(loaded.policy(), round);
    }
    // Some changes make no table unsound: a scope's letter, the revision.
    assert!(sealed_and_loaded > mutations() / 50, "{sealed_and_loaded}");
}

/// Asks what a program could ask. The answers may be any.
fn ask_everything(policy: Policy<'_>, round: usize) {
    let held = policy.scope_set(["orders:read", "pbx:*", "files:*", "x"]);
    for target in TARGETS {
        for method in ["GET", "PUT", "HEAD"] {
            let by_set = policy.authorize(&held, method, target);
            if let Some(denial) = by_set.denial() {
                assert!(!denial.to_string().is_empty(), "round {round}");
            }
        }
    }
    let shown = policy.to_string();
    let is_visible = |c: char| c.is_ascii_graphic() || c == ' ' || c == '\n';
    assert!(shown.chars().all(is_visible), "round {round}: {shown}");
    for scope in policy.scopes() {
        assert!(scope.routes().count() <= policy.routes().len());
    }
}
