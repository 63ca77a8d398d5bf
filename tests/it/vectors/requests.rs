//! The requests of the shared vectors. The oracle gives the answers.

use std::collections::BTreeSet;

use crate::oracle::{Listed, Oracle, path_cases};

/// One question: the scopes a key holds, method and target.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Request {
    pub held: Vec<String>,
    pub method: Vec<u8>,
    pub target: Vec<u8>,
}

/// Every section of the file: its heading and its requests.
pub(crate) fn sections(pbx: &Oracle) -> Vec<(&'static str, Vec<Request>)> {
    vec![
        (
            "each route: its scope, wider ones, others, none",
            routes(pbx),
        ),
        ("each template with some methods", methods(pbx)),
        ("what holds and what does not: scopes", scopes(pbx)),
        ("methods that are none", odd_methods()),
        ("near each template", near(pbx)),
        ("the published path cases", published()),
        ("values of a parameter", values()),
        ("values that some system reads as a literal", look_alikes()),
        ("every byte, raw and escaped", bytes()),
        ("queries", queries()),
        ("the limits, and one beyond", limits()),
    ]
}

/// Values beside the literals `import` and `directory`, in their places and elsewhere.
fn look_alikes() -> Vec<Request> {
    let tails = [
        "", "+", "%2B", "*", ":", ":x", "::$DATA", ":$x", "+:$", ":x:%24y", "%20+", ".+", "%22",
        "%3C", "%3E", "$DATA", "%C2%AA",
    ];
    let values = |literal: &str| -> Vec<String> {
        let look_alikes = [
            literal.to_uppercase(),
            literal.replacen('i', "%C4%B1", 1),
            literal.replacen('i', "I%CC%87", 1),
            literal.replacen('i', "%F0%9D%90%A2", 1),
            literal.replacen('t', "%E2%93%A3", 1),
            format!("+{literal}"),
            format!("x{literal}"),
        ];
        let tails = tails.iter().map(|tail| format!("{literal}{tail}"));
        tails.chain(look_alikes).collect()
    };
    let mut requests = Vec::new();
    for (before, literal, method) in [
        ("/api/v1/dialplan/timetables", "import", "PUT"),
        ("/api/v1/sounds", "directory", "GET"),
        ("/api/v1/colleagues", "import", "GET"),
    ] {
        for value in values(literal) {
            requests.push(ask(&["pbx:*"], method, format!("{before}/{value}/")));
        }
    }
    requests
}

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

fn ask(held: &[&str], method: &str, target: impl AsRef<[u8]>) -> Request {
    Request {
        held: held.iter().map(|scope| (*scope).to_owned()).collect(),
        method: method.as_bytes().to_vec(),
        target: target.as_ref().to_vec(),
    }
}

/// A target of the template, with `value` for each parameter.
fn fill(template: &str, value: &str) -> String {
    let segments = template.split('/').map(|segment| {
        if segment.starts_with('{') {
            value
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

fn templates(pbx: &Oracle) -> BTreeSet<&str> {
    pbx.routes
        .iter()
        .map(|route| route.template.as_str())
        .collect()
}

/// The scope of a line: no heading of the PBX policy has several.
fn only_scope(line: &Listed) -> &str {
    let names = line.heading.names();
    assert_eq!(names.len(), 1);
    names[0]
}

fn routes(pbx: &Oracle) -> Vec<Request> {
    let mut asked = Vec::new();
    for route in &pbx.routes {
        let (method, target) = (route.method.as_str(), fill(&route.template, "42"));
        let scope = only_scope(route);
        let resource = scope.split(':').next().unwrap_or_default();
        let read = format!("{resource}:read");
        for held in [&[scope][..], &[], &["pbx:*"]] {
            asked.push(ask(held, method, &target));
        }
        if method == "GET" {
            asked.push(ask(&["pbx:read"], "HEAD", &target));
        } else {
            asked.push(ask(&[&read, "pbx:read"], method, &target));
        }
        if route.template.contains('{') {
            let target = fill(&route.template, "%C3%BC-._~:a");
            asked.push(ask(&[scope], method, target + "?page=2"));
        }
    }
    asked
}

fn methods(pbx: &Oracle) -> Vec<Request> {
    let mut asked = Vec::new();
    for (i, template) in templates(pbx).into_iter().enumerate() {
        for method in METHODS.iter().cycle().skip(i).take(3) {
            asked.push(ask(&["pbx:*"], method, fill(template, "7")));
        }
    }
    asked
}

fn scopes(pbx: &Oracle) -> Vec<Request> {
    let names: BTreeSet<&str> = pbx.routes.iter().map(only_scope).collect();
    let mut every: Vec<&str> = names.into_iter().collect();
    every.extend(["pbx:read", "pbx:*"]);
    let mut asked = Vec::new();
    for (method, target) in [
        ("GET", "/api/v1/colleagues/"),
        ("PUT", "/api/v1/pbx/system/reboot/"),
    ] {
        for scope in &every {
            asked.push(ask(&[scope], method, target));
        }
        asked.push(ask(&every, method, target));
        every.reverse();
        asked.push(ask(&every, method, target));
        for held in [
            &["*:*"][..],
            &["*"],
            &["*:read"],
            &[":"],
            &["colleagues"],
            &["colleagues:"],
            &["colleagues:re"],
            &["colleagues:reads"],
            &["colleagues:re*"],
            &["coll*:read"],
            &["Colleagues:read"],
            &["colleagues:READ"],
            &["colleagues:read,colleagues:*"],
            &["colleagues:read\u{e9}"],
            &["pbx:READ", "PBX:*", "pbx"],
            &["pbx:write"],
            &["calendar:read", "colleagues:read"],
            &["colleagues:read", "calendar:read", "colleagues:*"],
            &["pbx:*", "pbxpower:*"],
            &["pbxpower:*", "pbx:*", "nonsense"],
            &["colleagues:read", "colleagues:read"],
        ] {
            asked.push(ask(held, method, target));
        }
    }
    asked
}

fn odd_methods() -> Vec<Request> {
    let odd = [
        "", " ", "get", "Get", "GET ", " GET", "GETS", "GE", "G", "TRACE", "CONNECT", "PROPFIND",
        "LINK", "M-SEARCH", "*", "GET\0", "GET\r\n", "POST,GET", "GET/1", "OPTION", "OPTIONSS",
        "\u{e9}",
    ];
    let mut asked: Vec<Request> = odd
        .iter()
        .map(|method| ask(&["pbx:*"], method, "/api/v1/colleagues/"))
        .collect();
    asked.push(Request {
        method: b"\xFFGET".to_vec(),
        ..ask(&["pbx:*"], "", "/api/v1/colleagues/")
    });
    // The method comes before the path.
    asked.push(ask(&["pbx:*"], "get", "//"));
    asked.push(ask(&["pbx:*"], &"G".repeat(300), "/api/v1/colleagues/"));
    asked
}

fn near(pbx: &Oracle) -> Vec<Request> {
    let mut asked = Vec::new();
    for template in templates(pbx) {
        let target = fill(template, "7");
        let inner = target.trim_end_matches('/');
        let last = inner.rfind('/').expect("a slash");
        let flip = inner[..last].to_owned() + &inner[last..].to_ascii_uppercase() + "/";
        for near in [inner.to_owned(), target.clone() + "x", flip] {
            asked.push(ask(&["pbx:*"], "GET", near));
        }
    }
    for unknown in [
        "/",
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/",
        "/api/v3/colleagues/",
        "/v1/colleagues/",
        "/a",
        "/*",
        "/api/v1/colleague/",
        "/api/v1/colleaguess/",
        "/api/v1/pbx/",
        "/api/v1/pbx/colleagues",
        "/api/v1/pbx/users/7/",
        "/API/v1/colleagues/",
        "/api/V1/colleagues/",
        "/{id}/",
        "/api/v1/colleagues/7/8/",
        "/api/v1/colleagues.json",
    ] {
        asked.push(ask(&["pbx:*"], "GET", unknown));
        asked.push(ask(&[], "GET", unknown));
    }
    asked
}

fn published() -> Vec<Request> {
    let request = |case: crate::oracle::PathCase| Request {
        held: vec!["pbx:*".to_owned()],
        method: case.method,
        target: case.target,
    };
    path_cases().into_iter().map(request).collect()
}

/// Where a parameter takes any value, where a literal stands beside it, and
/// where only literals can follow.
const PLACES: [(&str, &str); 3] = [
    ("/api/v1/colleagues/", "/"),
    ("/api/v1/sounds/", "/"),
    ("/api/v1/pbx/", "/"),
];

fn values() -> Vec<Request> {
    let mut asked = Vec::new();
    for (before, after) in PLACES {
        for value in [
            "directory",
            "DIRECTORY",
            "Directory",
            "%64irectory",
            "director%79",
            "directory.",
            "directorx",
            "directoryy",
            "colleagues",
            "Colleagues",
            "",
            ".",
            "..",
            "...",
            "a.",
            "a..",
            ".a",
            "..a",
            "%2e",
            "%2E%2E",
            ".%2e",
            "%20",
            "%20a",
            "a%20",
            "a%20b",
            "a b",
            "a+b",
            "%",
            "%4",
            "%g1",
            "%+1",
            "%%41",
            "%2525",
            "%2f",
            "%5C",
            "%3b",
            "a;b",
            "a\\b",
            "%00",
            "%7F",
            "%7e",
            "~",
            "a%40b",
            "a:b",
            "@",
            "%C3",
            "%C3a",
            "%C3%",
            "%C3%28",
            "%BC",
            "%C0%AF",
            "%C3%BC",
            "%c3%bc",
            "%E2%82%AC",
            "%E2%82",
            "%ED%A0%80",
            "%EF%BC%8F",
            "%E2%81%84",
            "%E2%88%95",
            "%C2%AD",
            "%E2%80%8B",
            "%E2%80%AE",
            "%EF%BB%BF",
            "%F0%9F%98%80",
            "%F4%8F%BF%BF",
            "%F4%90%80%80",
            "%F8%88%80%80%80",
            "%FF",
            "%u002f",
            "a%0d%0a",
            "-",
            "_",
            "!$&'()*+,=",
            "*",
            "(7)",
            "7,8",
            "a=b",
            "0",
            "-1",
            "a//b",
            "/",
            "./7",
            "../7",
            "7/..",
            "7/.",
            "7//",
            "#",
            "a#b",
        ] {
            asked.push(ask(&["pbx:*"], "GET", format!("{before}{value}{after}")));
        }
    }
    // A segment further left breaks another rule: the first one is named.
    for target in [
        "/api//v1/../",
        "/api/v1/%2f/;/",
        "/api/v1/a b/%zz/",
        "/;/%2f?#",
        "/api/v1/colleagues/7/?a#b",
        "/api/v1/../?\u{7f}",
        "/%C3%BC/%c0",
        "/..;/",
        "/a./%20",
        "/./",
        "//",
        "///",
        "/api/v1/sounds/DIRECTORY/%2f",
        "/api/v1/sounds/DIRECTORY/?\u{1}",
        "/api/v1/sounds/DIRECTORY",
        "",
        "*",
        "?",
        "#",
        "api/v1/",
        "http://pbx/api/v1/colleagues/",
        "pbx:443",
        "\\api",
        " /api",
        "/?",
        "/#",
        "/%",
    ] {
        asked.push(ask(&["pbx:*"], "GET", target));
    }
    asked
}

fn bytes() -> Vec<Request> {
    let mut asked = Vec::new();
    // Above 0x7F no raw byte is let through, and no escape by itself.
    for byte in (0..=0x80).chain((0x87..=u8::MAX).step_by(8)) {
        let between = |text: &[u8]| [b"/api/v1/colleagues/x", text, b"x/"].concat();
        asked.push(ask(&["pbx:*"], "GET", between(&[byte])));
        asked.push(ask(
            &["pbx:*"],
            "GET",
            between(format!("%{byte:02X}").as_bytes()),
        ));
    }
    asked
}

fn queries() -> Vec<Request> {
    let mut asked: Vec<Request> = [
        "?",
        "??",
        "?page=2",
        "?a=b&c=/../%2f;\\",
        "?%",
        "?%00",
        "?#",
        "?a#b",
        "? ",
        "?a b",
        "?\u{7f}",
        "?\t",
        "?\0",
        "?\u{e9}",
        "?a?b",
        "?_method=PUT",
        "#",
        "#?",
        "?~!",
        "?\"<>^`{|}",
    ]
    .iter()
    .flat_map(|query| {
        [
            "/api/v1/colleagues/",
            "/api/v1/colleagues/7/",
            "/api/v1/nothing/",
        ]
        .map(|path| ask(&["pbx:*"], "GET", format!("{path}{query}")))
    })
    .collect();
    asked.push(ask(&["pbx:*"], "GET", b"/api/v1/colleagues/?\xFF"));
    asked
}

fn limits() -> Vec<Request> {
    let colleague = |value: &str| format!("/api/v1/colleagues/{value}/");
    // Values of 254 bytes in a path of this length that ends in a slash.
    let long = |length: usize| {
        let mut path = format!("/{}", "a".repeat(254)).repeat(8);
        path.truncate(length - 1);
        path + &"b".repeat((length - 1).saturating_sub(8 * 255)) + "/"
    };
    let query = |length: usize| {
        let path = colleague("7");
        let query = "q".repeat(length - path.len() - 1);
        format!("{path}?{query}")
    };
    [
        colleague(&"a".repeat(255)),
        colleague(&"a".repeat(256)),
        colleague(&"%3A".repeat(255)),
        colleague(&"%3A".repeat(256)),
        colleague(&"%C3%BC".repeat(127)),
        colleague(&"%C3%BC".repeat(128)),
        colleague(&(".".repeat(255) + "a")),
        colleague(&("a".repeat(255) + ".")),
        "/a".repeat(32),
        "/a".repeat(32) + "/",
        "/a".repeat(33),
        "/a".repeat(33) + "/",
        "/a".repeat(32) + "//",
        colleague(&"b/".repeat(28)) + "c",
        colleague(&"b/".repeat(29)) + "c",
        long(2048),
        long(2049),
        query(8192),
        query(8193),
    ]
    .iter()
    .map(|target| ask(&["pbx:*"], "GET", target))
    .collect()
}
