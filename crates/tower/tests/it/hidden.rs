//! hyper and the `http` crate hide this of a target from a layer: the list of the crate's documentation.

use crate::paths::{Protocol, Servers};

struct Case {
    name: &'static str,
    method: &'static [u8],
    target: &'static [u8],
    /// The verdict, and the target that the inner service sees; or `unread`.
    http_1: &'static str,
    http_2: &'static str,
}

const CASES: &[Case] = &[
    Case {
        name: "a listed target",
        method: b"GET",
        target: b"/api/v1/colleagues/",
        http_1: "allow /api/v1/colleagues/",
        http_2: "allow /api/v1/colleagues/",
    },
    Case {
        name: "HIDDEN a fragment",
        method: b"GET",
        target: b"/api/v1/colleagues/#x",
        http_1: "allow /api/v1/colleagues/",
        http_2: "allow /api/v1/colleagues/",
    },
    Case {
        name: "HIDDEN a fragment after a query",
        method: b"GET",
        target: b"/api/v1/colleagues/?a=b#x",
        http_1: "allow /api/v1/colleagues/?a=b",
        http_2: "allow /api/v1/colleagues/?a=b",
    },
    Case {
        name: "HIDDEN a fragment with another path",
        method: b"GET",
        target: b"/api/v1/colleagues/#/../pbx",
        http_1: "allow /api/v1/colleagues/",
        http_2: "allow /api/v1/colleagues/",
    },
    Case {
        name: "a fragment alone",
        method: b"GET",
        target: b"#x",
        http_1: "unread",
        http_2: "unknown_route /",
    },
    Case {
        name: "a slash and a fragment",
        method: b"GET",
        target: b"/#x",
        http_1: "unknown_route /",
        http_2: "unknown_route /",
    },
    Case {
        name: "absolute-form",
        method: b"GET",
        target: b"http://localhost/api/v1/colleagues/",
        http_1: "bad_path http://localhost/api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form without a path",
        method: b"GET",
        target: b"http://localhost",
        http_1: "bad_path http://localhost/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form with a query and no path",
        method: b"GET",
        target: b"http://localhost?/api/v1/colleagues/",
        http_1: "bad_path http://localhost/?/api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form with a fragment and no path",
        method: b"GET",
        target: b"http://localhost#/api/v1/colleagues/",
        http_1: "bad_path http://localhost/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form of another scheme",
        method: b"GET",
        target: b"x://h/api/v1/colleagues/",
        http_1: "bad_path x://h/api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "absolute-form without a host",
        method: b"GET",
        target: b"file:///api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a scheme before a path",
        method: b"GET",
        target: b"x:/api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "asterisk-form",
        method: b"OPTIONS",
        target: b"*",
        http_1: "bad_path *",
        http_2: "bad_path *",
    },
    Case {
        name: "authority-form",
        method: b"CONNECT",
        target: b"localhost:80",
        http_1: "bad_method localhost:80",
        http_2: "unread",
    },
    Case {
        name: "authority-form of another method",
        method: b"GET",
        target: b"localhost:80",
        http_1: "bad_path localhost:80",
        http_2: "unread",
    },
    Case {
        name: "CONNECT with a path",
        method: b"CONNECT",
        target: b"/api/v1/colleagues/",
        http_1: "bad_method /api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "no slash in front",
        method: b"GET",
        target: b"api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a query in front",
        method: b"GET",
        target: b"?/api/v1/colleagues/",
        http_1: "unread",
        http_2: "bad_path ?/api/v1/colleagues/",
    },
    Case {
        name: "nothing",
        method: b"GET",
        target: b"",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a space in front",
        method: b"GET",
        target: b" /api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a space at the end",
        method: b"GET",
        target: b"/api/v1/colleagues/ ",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a tab in front",
        method: b"GET",
        target: b"\t/api/v1/colleagues/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a version in the target",
        method: b"GET",
        target: b"/api/v1/colleagues/ HTTP/1.1",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a method in lower case",
        method: b"get",
        target: b"/api/v1/colleagues/",
        http_1: "bad_method /api/v1/colleagues/",
        http_2: "bad_method /api/v1/colleagues/",
    },
    Case {
        name: "HIDDEN blank lines before the request line",
        method: b"\r\n\nGET",
        target: b"/api/v1/colleagues/",
        http_1: "allow /api/v1/colleagues/",
        http_2: "unread",
    },
    Case {
        name: "UTF-8 that is not encoded",
        method: b"GET",
        target: b"/api/v1/colleagues/\xC3\xA9/",
        http_1: "bad_path /api/v1/colleagues/é/",
        http_2: "bad_path /api/v1/colleagues/é/",
    },
    Case {
        name: "a byte that is not UTF-8",
        method: b"GET",
        target: b"/api/v1/colleagues/\xFF/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "a NUL",
        method: b"GET",
        target: b"/api/v1/colleagues/\0/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "characters that RFC 3986 has in no path",
        method: b"GET",
        target: b"/api/v1/colleagues/\"<>\\^`{|}/",
        http_1: "unread",
        http_2: "unread",
    },
    Case {
        name: "an escape without digits",
        method: b"GET",
        target: b"/api/v1/colleagues/%/",
        http_1: "bad_path /api/v1/colleagues/%/",
        http_2: "bad_path /api/v1/colleagues/%/",
    },
    Case {
        name: "dot segments",
        method: b"GET",
        target: b"/api/v1/pbx/../colleagues/",
        http_1: "bad_path /api/v1/pbx/../colleagues/",
        http_2: "bad_path /api/v1/pbx/../colleagues/",
    },
    Case {
        name: "two slashes in front",
        method: b"GET",
        target: b"//localhost/api/v1/colleagues/",
        http_1: "bad_path //localhost/api/v1/colleagues/",
        http_2: "bad_path //localhost/api/v1/colleagues/",
    },
];

#[tokio::test]
async fn a_server_hides_this_and_no_more() {
    let servers = Servers::start().await;
    let mut wrong = Vec::new();
    for case in CASES {
        let protocols = [
            (Protocol::Http1, case.http_1),
            (Protocol::Http2, case.http_2),
        ];
        for (protocol, expected) in protocols {
            let probe = servers.probe(protocol, case.method, case.target).await;
            if probe.to_string() != expected {
                wrong.push(format!("{} {protocol:?}: {probe}", case.name));
            }
            // A case that gets more over the wire than from the library says so in its name.
            let is_more = expected.starts_with("allow")
                && servers.decide(case.method, case.target) != "allow";
            assert!(!is_more || case.name.starts_with("HIDDEN"), "{}", case.name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
