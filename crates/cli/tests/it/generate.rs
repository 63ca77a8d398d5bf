//! `routescope generate`, end to end.

use std::fs;
use std::process::Command;

use crate::common::{
    Answer, TempFile, expect, repository, run, run_with_closed_pipe, run_with_input,
};

/// A policy with names of each sort: made by the rule, stated, implied, of an umbrella.
const SHOP: &str = "\
version: 1
name: my-shop
umbrella: shop
scopes:
  \"orders:read\":
    summary: See orders
    routes:
      - GET /orders/
      - GET /orders/{id}/
  \"orders:*\":
    name: ORDERS
    routes:
      - route: DELETE /orders/{id}/
        name: CancelOrder
  \"2fa:Reset\":
    summary: Reset a second factor, <b>once</b>
    routes:
      - POST /self/2fa/{*way}
";

/// A policy with opaque names, sets, implied scopes, and routes that need no scope. Some names would
/// end a comment, or be something else for a compiler.
const BOARDS: &str = "\
version: 1
name: boards
scope_names: opaque
implies:
  \"*/*\": [boards.read, boards.write]
public:
  - GET /health
  - route: POST /login
    name: LogIn
any_key:
  - GET /me
scopes:
  https://example.com/auth/boards:
    summary: Boards on the web
    routes:
      - GET /boards
  boards.read:
    routes:
      - GET /boards
  boards.read boards.write:
    routes:
      - POST /boards
      - GET /all/{*rest}
  \"boards.read what??/*|`a`\":
    routes:
      - POST /boards
  \"apps/*:*\":
    routes:
      - GET /apps
";

fn shop(arguments: &[&str]) -> Answer {
    run_with_input(&[&["generate", "-"], arguments].concat(), SHOP.as_bytes())
}

#[test]
fn a_module() {
    expect("generate/shop.rs", &shop(&["--lang", "rust"]).exits(0).out);
    let other = shop(&[
        "--lang",
        "rust",
        "--dependency",
        "routescope-core",
        "--module",
        "crate::a::b",
    ]);
    let other = other.exits(0).out;
    for part in [
        "use ::routescope_core::__private::generated as engine;",
        "crate::a::b::ScopeSet::of(",
        "// To make it again: routescope generate - --lang rust --dependency routescope-core --module crate::a::b.",
    ] {
        assert!(other.contains(part), "{part}: {other}");
    }
    // The parsed path is written, and not the text of the option.
    let spaced = shop(&["--lang", "rust", "--module", "crate :: a // x"]);
    let spaced = spaced.exits(0).out;
    assert!(
        spaced.contains(
            "        crate::a::ScopeSet::of(crate::a::POLICY, &[$(crate::a::scopes::$scope),*])\n"
        ),
        "{spaced}"
    );
    let spaced = shop(&["--lang", "rust", "--dependency", "routescope // x"]);
    let spaced = spaced.exits(0).out;
    assert!(
        spaced.contains("\nuse ::routescope::__private::generated as engine;\n"),
        "{spaced}"
    );
    let nameless = shop(&["--lang", "rust", "--names", "never"]).exits(0);
    assert!(!nameless.out.contains("scopes::") && nameless.out.contains("static TEXT"));
    assert_eq!(nameless.err, "");
}

#[test]
fn a_header() {
    let header = shop(&["--lang", "c"]).exits(0).out;
    expect("generate/shop.h", &header);
    let other = shop(&["--lang", "c", "--prefix", "SHOP"]).exits(0).out;
    assert!(other.contains("\n#define SHOP_ROUTES 4\n"), "{other}");
}

#[test]
fn names_of_opaque_scopes_and_sets() {
    let generate = |language: &str| {
        let arguments = ["generate", "-", "--lang", language];
        run_with_input(&arguments, BOARDS.as_bytes()).exits(0).out
    };
    expect("generate/boards.rs", &generate("rust"));
    expect("generate/boards.h", &generate("c"));
}

/// Texts of C for which the headers of policies are included: for each, the names of the policies,
/// of which each decides something else, and what a compiler says to refuse it.
const INCLUDED: &[(&str, &[&str], &str, Option<&str>)] = &[
    (
        "one header",
        &["my-shop"],
        "int routes[ROUTESCOPE_MY_SHOP_ROUTES];
        const char *const scope = ROUTESCOPE_MY_SHOP_SCOPE_ORDERS_READ;
        int route = ROUTESCOPE_MY_SHOP_ROUTE_GET_ORDERS;
        const unsigned char digest[32] = ROUTESCOPE_MY_SHOP_DIGEST_INIT;",
        None,
    ),
    (
        "one header twice",
        &["my-shop", "my-shop"],
        "int routes[ROUTESCOPE_MY_SHOP_ROUTES];",
        None,
    ),
    (
        "names that would end a comment",
        &["boards"],
        "int routes[ROUTESCOPE_BOARDS_ROUTES == 7 ? 1 : -1];
        int route = ROUTESCOPE_BOARDS_ROUTE_LOG_IN;
        const char *const scope = ROUTESCOPE_BOARDS_SCOPE_HTTPS_EXAMPLE_COM_AUTH_BOARDS;
        int length[sizeof ROUTESCOPE_BOARDS_SCOPE_WHAT_ALL_A == 13 ? 1 : -1];",
        None,
    ),
    (
        "two policies",
        &["a", "b"],
        "int routes[ROUTESCOPE_A_ROUTES + ROUTESCOPE_B_ROUTES];",
        None,
    ),
    (
        "two policies of one prefix",
        &["a.b", "a-b"],
        "",
        Some("another policy has the names that begin with ROUTESCOPE_A_B"),
    ),
];

/// As C and as C++, with every warning.
#[test]
fn compilers_take_the_header() {
    for (what, names, code, refused) in INCLUDED {
        let mut text = String::new();
        for name in *names {
            let policy = if *name == "boards" { BOARDS } else { SHOP };
            let policy = policy
                .replace("name: my-shop", &format!("name: {name}"))
                .replace("/orders/\n", &format!("/orders/\n      - GET /{name}\n"));
            let answer = run_with_input(&["generate", "-", "--lang", "c"], policy.as_bytes());
            text += &answer.exits(0).out;
        }
        let file = TempFile::new("names.c", format!("{text}\n{code}\nint more;\n"));
        for (compiler, flags) in [
            ("cc", ["-std=c99", "-xc"]),
            ("c++", ["-std=c++11", "-xc++"]),
        ] {
            if Command::new(compiler).arg("--version").output().is_err() {
                continue; // no such compiler here
            }
            let checked = Command::new(compiler)
                .args(flags)
                .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"])
                .arg(file.path())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&checked.stderr);
            match refused {
                None => assert!(checked.status.success(), "{what}: {compiler}: {said}"),
                Some(refused) => assert!(said.contains(refused), "{what}: {compiler}: {said}"),
            }
        }
    }
}

#[test]
fn a_file_is_written_kept_and_checked() {
    let file = TempFile::new("routes.yaml", SHOP);
    let policy = file.as_str();
    let code = file.path().with_file_name("api.rs");
    let code = code.to_str().unwrap();
    let generate =
        |more: &[&str]| run(&[&["generate", &policy, "--lang", "rust", "-o", code], more].concat());
    // Not there yet: nothing to compare with.
    generate(&["--check"]).exits(2);
    assert!(generate(&[]).exits(0).out.ends_with("api.rs: written\n"));
    let first = fs::read_to_string(code).unwrap();
    assert!(first.contains("crate::api::ScopeSet::of("), "{first}");
    assert!(
        first.starts_with("// @generated from routes.yaml by routescope-compiler "),
        "{first}"
    );

    generate(&["--check"]).exits(0);
    let written = fs::metadata(code).unwrap().modified().unwrap();
    assert!(generate(&[]).exits(0).out.ends_with("api.rs: up to date\n"));
    assert_eq!(fs::metadata(code).unwrap().modified().unwrap(), written);

    fs::write(file.path(), SHOP.replace("/self/", "/my/")).unwrap();
    let stale = generate(&["--check"]).exits(1);
    assert!(
        stale.out.contains("not what the policy gives now"),
        "{}",
        stale.out
    );
    assert_eq!(fs::read_to_string(code).unwrap(), first);
    generate(&[]).exits(0);
    generate(&["--check"]).exits(0);
    assert_ne!(fs::read_to_string(code).unwrap(), first);

    // A file of a person is never replaced.
    fs::write(code, "fn main() {}\n").unwrap();
    let refused = generate(&[]).exits(2);
    assert!(
        refused.err.contains("exists and is no generated file"),
        "{}",
        refused.err
    );
    assert_eq!(fs::read_to_string(code).unwrap(), "fn main() {}\n");
}

#[test]
fn refused() {
    let colliding = SHOP.replace("GET /orders/\n", "GET /orders/{id}\n");
    let answer =
        run_with_input(&["generate", "-", "--lang", "rust"], colliding.as_bytes()).exits(2);
    assert!(
        answer
            .err
            .contains("would both be `GetOrdersId` in generated code"),
        "{}",
        answer.err
    );
    let answer = run_with_input(&["generate", "-", "--lang", "c"], colliding.as_bytes()).exits(2);
    assert!(
        answer
            .err
            .contains("would both be `GET_ORDERS_ID` in generated code"),
        "{}",
        answer.err
    );
    // The advice is what the file can say, whatever the language, and no option of another one.
    assert!(answer.err.contains("name: GetOrdersId2"), "{}", answer.err);
    assert!(!answer.err.contains("names never"), "{}", answer.err);
    for (name, arguments, said) in [
        (
            "prefix",
            &["--lang", "c", "--prefix", "A-B"][..],
            "`A-B` cannot begin the names of C",
        ),
        (
            "module",
            &["--lang", "rust", "--module", "crate::1"],
            "no Rust",
        ),
        (
            "module with arguments",
            &["--lang", "rust", "--module", "crate::a<B>"],
            "no Rust",
        ),
        (
            "dependency",
            &["--lang", "rust", "--dependency", "a b"],
            "no Rust",
        ),
        (
            "dependency that is no crate",
            &["--lang", "rust", "--dependency", "crate"],
            "no Rust",
        ),
        (
            "check of nothing",
            &["--lang", "rust", "--check"],
            "--output",
        ),
        ("no language", &[], "--lang"),
    ] {
        let answer = shop(arguments).exits(2);
        assert!(answer.err.contains(said), "{name}: {}", answer.err);
        assert_eq!(answer.out, "", "{name}");
    }
}

#[test]
fn many_routes_have_no_names() {
    let file = TempFile::new("google.yaml", crate::common::google_yaml());
    let answer = run(&["generate", &file.as_str(), "--lang", "rust"]).exits(0);
    assert!(
        answer
            .err
            .starts_with("note: google.yaml: 5203 routes have no names"),
        "{}",
        answer.err
    );
    assert!(answer.err.contains("--names always"), "{}", answer.err);
    assert!(!answer.out.contains("pub enum Route"));
}

#[test]
fn nobody_reads() {
    run_with_closed_pipe(&["generate", "routes.yaml", "--lang", "rust"]).exits(0);
}

/// The header that is in the repository, by the command that its first lines name.
#[test]
fn the_headers_of_the_repository_are_up_to_date() {
    let header = repository().join("crates/ffi/include/routescope_pbx.h");
    run(&[
        "generate",
        "routes.yaml",
        "--lang",
        "c",
        "--check",
        "-o",
        header.to_str().unwrap(),
    ])
    .exits(0);
}
