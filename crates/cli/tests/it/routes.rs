//! `routescope routes`, from the outside. `page/click.mjs` tests the HTML page.

use std::collections::BTreeMap;

use crate::common::{
    Answer, TempFile, expect, google_yaml, run, run_with_closed_pipe, run_with_input,
};
use routescope::pbx::POLICY;
use serde_json::{Value, json};

/// Texts that are markup somewhere, and a route under two scopes.
const MARKUP: &str = "\
version: 1
name: markup
scopes:
  \"files:read\":
    summary: \"=1+1 | <b>bold</b> `code` *star* \\e[2J\"
    routes:
      - route: GET /files/{id}/
        note: \"first, \\\"second\\\" | <i>third</i>\\nfourth\"
  \"share:Link\":
    routes:
      - GET /files/{name}/
      - POST /links/
";

fn routes(arguments: &[&str]) -> Answer {
    run(&[&["routes"], arguments].concat())
}

fn markup(arguments: &[&str]) -> Answer {
    run_with_input(
        &[&["routes", "--policy", "-"], arguments].concat(),
        MARKUP.as_bytes(),
    )
}

#[test]
fn tables_of_the_built_in_policy() {
    expect("routes/pbx.txt", &routes(&[]).exits(0).out);
    expect("routes/pbx.csv", &routes(&["--format", "csv"]).exits(0).out);
    expect(
        "routes/pbx.md",
        &routes(&["--format", "markdown"]).exits(0).out,
    );
}

#[test]
fn what_a_key_reaches() {
    let key = ["--scope", "colleagues:read", "--scope", "phonebooks:*"];
    expect("routes/key.txt", &routes(&key).exits(0).out);
    expect(
        "routes/key.csv",
        &routes(&[&key[..], &["--format", "csv"]].concat())
            .exits(0)
            .out,
    );
    let markdown = routes(&[&key[..], &["--format", "markdown", "--grep", "book"]].concat());
    expect("routes/key.md", &markdown.exits(0).out);
    let filtered = routes(&[&key[..], &["--grep", "colleagues", "--method", "GET"]].concat());
    expect("routes/key-filtered.txt", &filtered.exits(0).out);
}

#[test]
fn keys_without_use() {
    let answer = routes(&["--scope", "", "--grep", "reboot"]).exits(0);
    expect("routes/key-empty.txt", &answer.out);
    let answer = routes(&["--scope", "coleagues:read", "--grep", "reboot"]).exits(0);
    assert!(
        answer.err.contains("did you mean `colleagues:read`?"),
        "{}",
        answer.err
    );
    assert!(
        answer
            .out
            .contains("\n\nA key with coleagues:read reaches 0"),
        "{}",
        answer.out
    );
    let answer = routes(&["--scope", "pbx:*", "--grep", "reboot"]).exits(0);
    assert!(!answer.out.contains("does not reach"), "{}", answer.out);
}

/// For every scope, the command says the same as a decision on such a request.
#[test]
fn reaches_what_is_decided() {
    for scope in POLICY.scopes() {
        let value = routes(&["--scope", scope.name(), "--format", "json"])
            .exits(0)
            .json();
        let mut reached = 0;
        for (route, row) in POLICY.routes().zip(value["routes"].as_array().unwrap()) {
            let target: Vec<&str> = route
                .template()
                .split('/')
                .map(|segment| {
                    if segment.starts_with('{') {
                        "42"
                    } else {
                        segment
                    }
                })
                .collect();
            let decision = POLICY.authorize(&[scope.name()], route.method(), target.join("/"));
            assert_eq!(row["reached"], decision.is_allow(), "{scope} {route}");
            assert_eq!(
                row["by"].as_str(),
                decision.is_allow().then_some(scope.name())
            );
            reached += usize::from(decision.is_allow());
        }
        assert_eq!(value["key"]["reached"], reached);
        assert_eq!(value["key"]["unreached"], 110 - reached);
        assert_eq!(scope.routes().count(), reached);
    }
}

#[test]
fn json_field_by_field() {
    let value = routes(&["--format", "json"]).exits(0).json();
    assert_eq!(value["policy"], "pbx");
    assert_eq!(value["total"], 110);
    assert_eq!(value["key"], Value::Null);
    let digest: String = POLICY
        .digest()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(value["digest"], digest);
    let scopes = value["scopes"].as_array().unwrap();
    assert_eq!(scopes.len(), 29);
    assert_eq!(
        scopes[0],
        json!({ "scope": "aclgroups:*", "declared": true, "summary": "Post to the list of ACL groups", "routes": 4, "routes_in_sets": 0 })
    );
    let rows = value["routes"].as_array().unwrap();
    assert_eq!(rows.len(), 110);
    let device = rows
        .iter()
        .find(|row| row["path"] == "/api/v1/device/{id}/")
        .unwrap();
    assert_eq!(
        *device,
        json!({
            "method": "PUT",
            "path": "/api/v1/device/{id}/",
            "resource": "devices",
            "listed": ["devices:*"],
            "needs": "scopes",
            "accepted": ["devices:*", "pbx:*"],
            "alternatives": [["devices:*"], ["pbx:*"]],
            "note": "only in the guide's examples, not in its mapping",
            "reached": null,
            "by": null,
            "by_kind": null,
        })
    );

    let arguments = [
        "--scope",
        "devices:*,calendar:read",
        "--method",
        "PUT",
        "--format",
        "json",
    ];
    let value = routes(&arguments).exits(0).json();
    assert_eq!(value["total"], 110);
    assert_eq!(value["routes"].as_array().unwrap().len(), 21);
    assert_eq!(
        (&value["key"]["reached"], &value["key"]["unreached"]),
        (&json!(1), &json!(20))
    );
    let [devices, calendar] = value["key"]["scopes"].as_array().unwrap().as_slice() else {
        panic!("{value:#}");
    };
    assert_eq!(
        (&devices["scope"], &devices["known"]),
        (&json!("devices:*"), &json!(true))
    );
    assert_eq!(
        (&calendar["scope"], &calendar["known"]),
        (&json!("calendar:read"), &json!(false))
    );
}

/// Every route with its scopes, against the table that the guide was read into.
#[test]
fn the_table_is_the_guide_s() {
    let value = routes(&["--format", "json"]).exits(0).json();
    let listed: BTreeMap<String, &str> = value["routes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            let text = |field: &str| row[field].as_str().unwrap();
            (
                format!("{} {}", text("method"), text("path")),
                row["listed"][0].as_str().unwrap(),
            )
        })
        .collect();
    let guide = include_str!("../../../../tests/data/pbx-routes.csv");
    let mut rows = csv::Reader::from_reader(guide.as_bytes());
    let mut count = 0;
    for row in rows.records() {
        let row = row.unwrap();
        assert_eq!(listed[&format!("{} {}", &row[1], &row[2])], &row[0]);
        count += 1;
    }
    assert_eq!((count, listed.len()), (110, 110));
}

#[test]
fn filters() {
    let count = |arguments: &[&str]| {
        let value = routes(&[arguments, &["--format", "json"]].concat()).json();
        value["routes"].as_array().unwrap().len()
    };
    assert_eq!(count(&["--method", "GET"]), 44);
    assert_eq!(
        count(&["--method", "HEAD"]),
        44,
        "HEAD is answered where GET is listed"
    );
    assert_eq!(count(&["--method", "DELETE"]), 13);
    assert_eq!(count(&["--grep", "PHONEBOOKS:*"]), 10);
    assert_eq!(count(&["--grep", "mapping"]), 1, "notes count");
    assert_eq!(count(&["--grep", "phone", "--method", "POST"]), 3);

    let answer = routes(&["--grep", "nothing-like-it"]).exits(1);
    assert_eq!(
        answer.out,
        "policy: pbx, updated 2026-05-28, from routes.yaml\n\nnone of 110 routes fits\n  help: leave out --method or --grep, or give a shorter text\n"
    );
    assert_eq!(
        routes(&["--method", "OPTIONS", "--format", "json"])
            .exits(1)
            .json()["routes"],
        json!([])
    );
    let answer = routes(&["--method", "get"]).exits(2);
    assert!(
        answer.err.contains("write `GET`: case matters"),
        "{}",
        answer.err
    );
    let answer = routes(&["--method", "FETCH"]).exits(2);
    assert!(
        answer.err.contains("the methods are GET, HEAD, POST"),
        "{}",
        answer.err
    );
}

#[test]
fn texts_of_a_policy_are_only_texts() {
    expect("routes/markup.txt", &markup(&[]).exits(0).out);
    expect(
        "routes/markup.csv",
        &markup(&["--format", "csv"]).exits(0).out,
    );
    expect(
        "routes/markup.md",
        &markup(&["--format", "markdown"]).exits(0).out,
    );
    for format in ["human", "markdown", "html"] {
        let out = markup(&["--format", format]).exits(0).out;
        assert!(!out.contains('\x1b'), "{format}");
        assert!(!out.contains("<b>") || format == "human", "{format}");
    }
    // A program reads the texts unchanged.
    let value = markup(&["--format", "json"]).exits(0).json();
    assert_eq!(
        value["routes"][0]["note"],
        "first, \"second\" | <i>third</i>\nfourth"
    );
    assert_eq!(
        value["routes"][0]["listed"],
        json!(["files:read", "share:Link"])
    );
    assert_eq!(value["routes"][0]["resource"], "files");
}

/// A page by itself: the same bytes each time, every route in it, and nothing
/// that a browser would fetch.
#[test]
fn a_page_by_itself() {
    let page = routes(&["--format", "html"]).exits(0).out;
    assert_eq!(page, routes(&["--format", "html"]).out);
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
    assert!(page.ends_with("</html>\n"));
    assert_eq!(page.matches("data-route=").count(), 110);
    assert_eq!(
        page.matches("<input type=\"checkbox\" name=\"scope\"")
            .count(),
        29
    );
    assert!(!page.contains("{{"), "a part of the page is left open");
    // A line breaks before a slash that something follows, not before the last.
    assert!(page.contains("/api<wbr>/v1<wbr>/colleagues<wbr>/<var>{id}</var>/</code>"));
    for word in [
        "http:",
        "https:",
        "src=",
        "@import",
        "url(",
        "fetch(",
        "XMLHttp",
        "innerHTML",
        "eval(",
    ] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn files_that_cannot_be_read() {
    let answer = routes(&["--policy", "no-such-file.yaml"]).exits(2);
    assert_eq!(answer.out, "");
    assert!(
        answer.err.contains("cannot read no-such-file.yaml"),
        "{}",
        answer.err
    );
    let answer = run_with_input(&["routes", "--policy", "-"], b"").exits(2);
    assert!(
        answer.err.contains("there is no policy in the file"),
        "{}",
        answer.err
    );
    let answer = run_with_input(&["routes", "--policy", "-"], b"version: 1\nname: \xFF\n").exits(2);
    assert!(
        answer.err.contains("not UTF-8, from line 2 on"),
        "{}",
        answer.err
    );
    let answer = run_with_input(
        &["routes", "--policy", "-"],
        b"version: 1\nname: a b\nscopes: {}\n",
    );
    assert!(answer.exits(2).err.contains("standard input:2:7"));
}

#[test]
fn a_policy_without_routes() {
    let empty = b"version: 1\nname: none\nscopes: {}\n";
    for format in ["human", "json", "csv", "markdown", "html"] {
        let answer = run_with_input(&["routes", "--policy", "-", "--format", format], empty);
        assert_eq!(answer.exits(1).err, "", "{format}");
    }
    let answer = run_with_input(&["routes", "--policy", "-"], empty);
    assert_eq!(
        answer.out,
        "policy: none, from standard input\n\nthe policy has no routes: it denies every request\n"
    );
}

#[test]
fn a_closed_pipe() {
    for format in ["human", "json", "csv", "markdown", "html"] {
        assert_eq!(
            run_with_closed_pipe(&["routes", "--format", format])
                .exits(0)
                .err,
            "",
            "{format}"
        );
    }
}

#[test]
fn a_policy_of_5203_routes() {
    let google = TempFile::new("google.yaml", google_yaml());
    let google = google.as_str();
    let with = |arguments: &[&str]| routes(&[&["--policy", &google], arguments].concat()).exits(0);
    let value = with(&["--format", "json", "--scope", "youtube.v3.videos:read"]).json();
    assert_eq!(value["total"], 5203);
    assert_eq!(value["key"]["reached"], 1);
    assert_eq!(with(&["--format", "csv"]).out.lines().count(), 5204);
    assert_eq!(
        with(&["--format", "html"])
            .out
            .matches("data-route=")
            .count(),
        5203
    );
    assert_eq!(
        with(&["--format", "markdown"])
            .out
            .matches("\n| GET |")
            .count(),
        2071
    );
    assert!(
        with(&[])
            .out
            .ends_with(" a key needs any one of the scopes next to a route\n")
    );
}
