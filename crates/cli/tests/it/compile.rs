//! `routescope compile`, and the commands that ask what it wrote.

use std::fs;
use std::path::Path;

use routescope::OwnedPolicy;
use serde_json::Value;
use tempfile::TempDir;

use crate::common::{Answer, repository, routescope, run};

const SHOP: &str = "version: 1\nname: shop\nrevision: 7\numbrella: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/\n      - GET /orders/{id}/\n  \"orders:*\":\n    routes:\n      - DELETE /orders/{id}/\n";

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("shop.yaml"), SHOP).unwrap();
    let tests = "version: 1\ntests:\n  - request: GET /orders/\n    scopes: [\"orders:read\"]\n    expect: allow\n";
    fs::write(folder.path().join("tests.yaml"), tests).unwrap();
    let log = "192.0.2.1 - - [01/Nov/2026:16:08:14 +0000] \"GET /orders/ HTTP/1.1\" 200 0\n";
    fs::write(folder.path().join("access.log"), log).unwrap();
    fs::write(
        folder.path().join("requests.jsonl"),
        "{\"method\":\"GET\",\"target\":\"/orders/7/\",\"scopes\":[\"shop:*\"]}\n{\"method\":\"PUT\",\"target\":\"/orders/7/\",\"scopes\":[]}\n{\"method\":\"GET\",\"target\":\"/orders//\",\"scopes\":[]}\n",
    )
    .unwrap();
    folder
}

fn ask(folder: &Path, arguments: &[&str]) -> Answer {
    let mut command = routescope();
    command.current_dir(folder).args(arguments);
    Answer::from(command.output().unwrap())
}

#[test]
fn the_file_is_the_policy() {
    let folder = folder();
    let path = folder.path();
    let answer = ask(path, &["compile", "shop.yaml", "-o", "shop.rsp"]).exits(0);
    assert!(
        answer
            .out
            .starts_with("policy: shop, revision 7, from shop.yaml\nshop.rsp: 3 routes, "),
        "{}",
        answer.out
    );
    let bytes = fs::read(path.join("shop.rsp")).unwrap();
    let compiled = routescope_compiler::compile("shop.yaml", SHOP).unwrap();
    assert_eq!(bytes, compiled.to_bytes());
    assert_eq!(
        OwnedPolicy::from_bytes(bytes).unwrap().policy().name(),
        "shop"
    );

    // Again, in place of the first, and for programs.
    let answer = ask(
        path,
        &["compile", "shop.yaml", "-o", "shop.rsp", "--format", "json"],
    )
    .exits(0);
    let json: Value = serde_json::from_str(&answer.out).unwrap();
    assert_eq!((&json["revision"], &json["routes"]), (&7.into(), &3.into()));
    assert_eq!(json["output"], "shop.rsp");
}

#[test]
fn a_policy_with_errors_leaves_the_old_file() {
    let folder = folder();
    let path = folder.path();
    ask(path, &["compile", "shop.yaml", "-o", "shop.rsp"]).exits(0);
    let before = fs::read(path.join("shop.rsp")).unwrap();
    fs::write(
        path.join("shop.yaml"),
        SHOP.replace("GET /orders/\n", "GET orders\n"),
    )
    .unwrap();
    let answer = ask(path, &["compile", "shop.yaml", "-o", "shop.rsp"]).exits(2);
    assert!(answer.err.contains("--> shop.yaml:8:"), "{}", answer.err);
    assert_eq!(fs::read(path.join("shop.rsp")).unwrap(), before);
    // A warning is shown and is no error.
    fs::write(
        path.join("shop.yaml"),
        format!("{SHOP}  \"carts:read\":\n    routes: []\n"),
    )
    .unwrap();
    let answer = ask(path, &["compile", "shop.yaml", "-o", "shop.rsp"]).exits(0);
    assert!(answer.out.contains("warning: "), "{}", answer.out);
    let answer = ask(path, &["compile", "shop.yaml", "-o", "no/such/folder.rsp"]).exits(2);
    assert!(
        answer.err.contains("the folder does not exist"),
        "{}",
        answer.err
    );
}

#[test]
fn no_other_file_is_overwritten() {
    let folder = folder();
    let path = folder.path();
    let cases = [
        ("shop.yaml", "shop.yaml is there, and is no compiled policy"),
        (
            "access.log",
            "access.log is there, and is no compiled policy",
        ),
        ("-", "a compiled policy is not written to standard output"),
    ];
    // A device that never ends is not read.
    #[cfg(unix)]
    {
        let answer = ask(path, &["compile", "shop.yaml", "-o", "/dev/zero"]).exits(2);
        let expected = "/dev/zero is a device, and `compile` writes files only";
        assert!(answer.err.contains(expected), "{}", answer.err);
    }
    for (output, expected) in cases {
        let before = fs::read(path.join(output)).ok();
        let answer = ask(path, &["compile", "shop.yaml", "-o", output]).exits(2);
        assert!(answer.err.contains(expected), "{output}: {}", answer.err);
        assert_eq!(fs::read(path.join(output)).ok(), before, "{output}");
    }
    fs::write(path.join("empty.rsp"), "").unwrap();
    ask(path, &["compile", "shop.yaml", "-o", "empty.rsp"]).exits(0);
}

#[test]
fn a_policy_without_a_revision_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pbx.rsp");
    let routes = repository().join("routes.yaml");
    let arguments = [
        "compile",
        routes.to_str().unwrap(),
        "-o",
        file.to_str().unwrap(),
    ];
    let answer = run(&arguments).exits(0);
    assert!(
        answer.out.contains("it has no `revision:`"),
        "{}",
        answer.out
    );
}

/// A command, with what it answers of either file the same but for the file's name.
const ALIKE: [&[&str]; 7] = [
    &["explain", "GET", "/orders/7/", "--scope", "shop:read"],
    &["explain", "DELETE", "/orders/7/", "--scope", "orders:read"],
    &["explain", "GET", "/order/7/"],
    &["decide", "requests.jsonl"],
    &["test", "tests.yaml"],
    &["suggest", "access.log", "--scope", "shop:*"],
    &["graph"],
];

#[test]
fn a_compiled_policy_answers_as_its_source() {
    let folder = folder();
    let path = folder.path();
    ask(path, &["compile", "shop.yaml", "-o", "shop.rsp"]).exits(0);
    for arguments in ALIKE {
        let of = |file: &str| {
            let answer = ask(path, &[arguments, &["--policy", file]].concat());
            (
                answer.code,
                answer.out.replace("shop.rsp", "shop.yaml"),
                answer.err,
            )
        };
        assert_eq!(of("shop.rsp"), of("shop.yaml"), "{arguments:?}");
    }
}

/// Commands that need what only the source has.
const NEED_THE_SOURCE: [&[&str]; 5] = [
    &["check", "shop.rsp"],
    &["compile", "shop.rsp", "-o", "other.rsp"],
    &["routes", "--policy", "shop.rsp"],
    &["diff", "shop.yaml", "shop.rsp"],
    &["fmt", "shop.rsp"],
];

#[test]
fn other_commands_ask_for_the_source() {
    let folder = folder();
    let path = folder.path();
    ask(path, &["compile", "shop.yaml", "-o", "shop.rsp"]).exits(0);
    let before = fs::read(path.join("shop.rsp")).unwrap();
    for arguments in NEED_THE_SOURCE {
        let answer = ask(path, arguments).exits(2);
        let expected = "shop.rsp is a compiled policy, without its routes.yaml";
        assert!(
            answer.err.contains(expected),
            "{arguments:?}: {}",
            answer.err
        );
    }
    assert_eq!(fs::read(path.join("shop.rsp")).unwrap(), before);
}

/// A name, a change to a compiled policy, and a part of the error that it must cause.
type Damage = (&'static str, fn(&mut Vec<u8>), &'static str);

const DAMAGES: [Damage; 3] = [
    ("cut", |bytes| bytes.truncate(100), "copy the file again"),
    (
        "a flipped bit",
        |bytes| bytes[200] ^= 4,
        "the checksum is not that of the bytes",
    ),
    (
        "a later format",
        |bytes| bytes[8] = 9,
        "a policy in format 9, and this version reads format 1",
    ),
];

#[test]
fn damaged_files_decide_nothing() {
    let folder = folder();
    let path = folder.path();
    ask(path, &["compile", "shop.yaml", "-o", "shop.rsp"]).exits(0);
    let sound = fs::read(path.join("shop.rsp")).unwrap();
    for (name, change, expected) in DAMAGES {
        let mut bytes = sound.clone();
        change(&mut bytes);
        fs::write(path.join("bad.rsp"), bytes).unwrap();
        let answer = ask(path, &["decide", "requests.jsonl", "--policy", "bad.rsp"]).exits(2);
        assert!(
            answer.err.contains(expected) && answer.err.contains("bad.rsp"),
            "{name}: {}",
            answer.err
        );
        assert_eq!(answer.out, "", "{name}");
    }
}
