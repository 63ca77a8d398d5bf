//! Configurations with one change that lets requests in: each is caught by the rule that it breaks.
//! They show that the rules can fail, on real gateways.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::mem::discriminant;

use crate::gateways::{APACHE, CADDY, ENVOY, Gateway, HAPROXY, NGINX, TRAEFIK};
use crate::relay::Mode;
use crate::rig::Rig;
use crate::sender::{Protocol, Request};
use crate::verdicts::Fault;
use crate::{outage, upgrade};

/// A change to the configuration of a gateway, and a request that it lets in.
struct Unsafe {
    name: &'static str,
    gateway: Gateway,
    /// Texts of the configuration, and the texts that replace them.
    changes: &'static [(&'static str, &'static str)],
    /// Whether the server answers.
    mode: Mode,
    method: &'static str,
    target: &'static str,
    /// The scope of the key, or none for a request without a key.
    scope: Option<&'static str>,
    headers: &'static [(&'static str, &'static str)],
    /// The rule that catches it.
    rule: fn(String) -> Fault,
}

const REBOOT: &str = "/api/v1/pbx/system/reboot/";

/// A request without a key that the authorization server denies, for a change of nothing.
const NONE: Unsafe = Unsafe {
    name: "",
    gateway: NGINX,
    changes: &[],
    mode: Mode::Pass,
    method: "PUT",
    target: REBOOT,
    scope: None,
    headers: &[],
    rule: Fault::Unasked,
};

const CASES: [Unsafe; 20] = [
    Unsafe {
        name: "nginx checks one prefix, and forwards others",
        changes: &[(
            "        location / {\n",
            "        location / { auth_request off; proxy_pass http://api; }
                     location /api/ {\n",
        )],
        target: "/x/api/v1/pbx/system/reboot/",
        ..NONE
    },
    Unsafe {
        name: "a second location of nginx is not checked",
        changes: &[(
            "        location / {\n",
            "        location /api/v1/pbx/ { auth_request off; proxy_pass http://api; }
                     location / {\n",
        )],
        ..NONE
    },
    Unsafe {
        name: "nginx forwards a target that it has decoded",
        changes: &[("proxy_pass http://api;", "proxy_pass http://api/;")],
        method: "GET",
        target: "/api/v1/phonebooks/a%2Cb/contacts/",
        scope: Some("pbx:*"),
        rule: Fault::OtherThanTold,
        ..NONE
    },
    Unsafe {
        name: "nginx lets addresses in",
        changes: &[(
            "        satisfy all;\n",
            "        satisfy any;\n        allow 127.0.0.0/8;\n",
        )],
        ..NONE
    },
    Unsafe {
        name: "nginx forwards what was denied",
        changes: &[
            ("error_page 401 @unauthorized;", "error_page 401 = @open;"),
            (
                "        location / {\n",
                "        location @open { auth_request off; proxy_pass http://api; }\n        location / {\n",
            ),
        ],
        ..NONE
    },
    Unsafe {
        name: "nginx forwards a client's identity header",
        changes: &[("proxy_set_header X-Key-Id $key_id;\n", "")],
        method: "GET",
        target: "/api/v1/colleagues/",
        scope: Some("colleagues:read"),
        headers: &[("x-key-id", "key-of-pbx:*")],
        rule: Fault::Header,
        ..NONE
    },
    Unsafe {
        name: "nginx forwards the key",
        changes: &[("proxy_set_header Authorization \"\";\n", "")],
        method: "GET",
        target: "/api/v1/colleagues/",
        scope: Some("colleagues:read"),
        rule: Fault::Header,
        ..NONE
    },
    Unsafe {
        name: "a location of nginx has a header, and loses those of the server",
        changes: &[(
            "            proxy_pass http://api;\n",
            "            proxy_pass http://api;\n            proxy_set_header X-Other 1;\n",
        )],
        method: "GET",
        target: "/api/v1/colleagues/",
        scope: Some("colleagues:read"),
        rule: Fault::Header,
        ..NONE
    },
    Unsafe {
        name: "nginx sends a request to where an answer of the API says",
        changes: &[("        proxy_ignore_headers X-Accel-Redirect;\n", "")],
        method: "GET",
        target: "/api/v1/colleagues/",
        scope: Some("colleagues:read"),
        headers: &[("x-accel-redirect", REBOOT)],
        rule: Fault::OtherThanTold,
        ..NONE
    },
    Unsafe {
        name: "nginx answers 200 itself",
        changes: &[
            ("return 401 ", "return 200 "),
            ("error_page 401 @", "error_page 401 =200 @"),
        ],
        rule: Fault::Status,
        ..NONE
    },
    Unsafe {
        name: "Envoy rewrites a prefix after the check",
        gateway: ENVOY,
        changes: &[(
            "- match: { prefix: / }\n",
            "- match: { prefix: /api/v1/colleagues/7/ }
                          route: { cluster: api, prefix_rewrite: /api/v1/pbx/ }
                        - match: { prefix: / }\n",
        )],
        method: "GET",
        target: "/api/v1/colleagues/7/",
        scope: Some("colleagues:read"),
        rule: Fault::OtherThanTold,
        ..NONE
    },
    Unsafe {
        name: "Envoy forwards where the server does not answer",
        gateway: ENVOY,
        changes: &[("failure_mode_allow: false", "failure_mode_allow: true")],
        mode: Mode::Hang,
        ..NONE
    },
    Unsafe {
        name: "Caddy checks one prefix, and forwards others",
        gateway: CADDY,
        changes: &[(
            "forward_auth 127.0.0.1:9180 {",
            "forward_auth /api/* 127.0.0.1:9180 {",
        )],
        target: "/x/api/v1/pbx/system/reboot/",
        ..NONE
    },
    Unsafe {
        name: "HAProxy forwards where the script fails",
        gateway: HAPROXY,
        changes: &[(
            "    http-request deny status 503",
            "    # http-request deny status 503",
        )],
        mode: Mode::Away,
        ..NONE
    },
    Unsafe {
        name: "HAProxy sets a path after the check",
        gateway: HAPROXY,
        changes: &[(
            "    default_backend api\n",
            "    http-request set-path /api/v1/pbx/ if { path /api/v1/colleagues/7/ }\n    default_backend api\n",
        )],
        method: "GET",
        target: "/api/v1/colleagues/7/",
        scope: Some("colleagues:read"),
        rule: Fault::OtherThanTold,
        ..NONE
    },
    Unsafe {
        name: "Traefik believes a client's target",
        gateway: TRAEFIK,
        changes: &[
            ("insecure: false", "insecure: true"),
            ("trustForwardHeader: false", "trustForwardHeader: true"),
        ],
        scope: Some("colleagues:read"),
        headers: &[
            ("X-Forwarded-Uri", "/api/v1/colleagues/"),
            ("X-Forwarded-Method", "GET"),
        ],
        rule: Fault::OtherThanTold,
        ..NONE
    },
    Unsafe {
        name: "the front of Traefik is not checked",
        gateway: TRAEFIK,
        changes: &[(
            "middlewares: [no-space@file, routescope@file, for-the-api@file]",
            "middlewares: [for-the-api@file]",
        )],
        ..NONE
    },
    Unsafe {
        name: "Apache forwards a target that it has decoded",
        gateway: APACHE,
        changes: &[(" nocanon ", " ")],
        method: "GET",
        target: "/api/v1/phonebooks/a%2Cb/contacts/",
        scope: Some("pbx:*"),
        rule: Fault::OtherThanTold,
        ..NONE
    },
    Unsafe {
        name: "the script of Apache lets requests go on that were not checked",
        gateway: APACHE,
        changes: &[("return deny(r, 503, UNAVAILABLE)", "return apache2.OK")],
        mode: Mode::Hang,
        ..NONE
    },
    Unsafe {
        name: "Apache forwards the key",
        gateway: APACHE,
        changes: &[("RequestHeader unset Authorization\n", "")],
        method: "GET",
        target: "/api/v1/colleagues/",
        scope: Some("colleagues:read"),
        rule: Fault::Header,
        ..NONE
    },
];

pub(crate) fn test() {
    let mut missed = Vec::new();
    for case in &CASES {
        match caught(case) {
            Some(fault) if discriminant(&fault) == discriminant(&(case.rule)(String::new())) => {}
            other => missed.push(format!("{}: {other:?}", case.name)),
        }
    }
    let (rig, _) = Rig::start_with(&NGINX, |text| {
        text.replace(
            "proxy_set_header Upgrade $upgrade_header;",
            "proxy_set_header Upgrade $http_upgrade;",
        )
        .replace(
            "proxy_set_header Connection $connection_header;",
            "proxy_set_header Connection upgrade;",
        )
    });
    if !matches!(upgrade::other_protocols(&rig), Err(Fault::Header(_))) {
        missed.push("nginx forwards any upgrade".to_owned());
    }
    // The next check of this thread reads the answer that came too late for the one before.
    let (rig, _) = Rig::start_with(&APACHE, |text| {
        text.replace("    if not status or (headers", "    if false and (headers")
    });
    if !matches!(outage::late(&rig), Err(Fault::Unasked(_))) {
        missed.push("Apache keeps a connection on which an answer is late".to_owned());
    }
    assert!(
        missed.is_empty(),
        "not caught, or by another rule: {missed:#?}"
    );
}

/// The fault that a changed configuration shows.
fn caught(case: &Unsafe) -> Option<Fault> {
    let changed = RefCell::new(BTreeSet::new());
    let (rig, fault) = Rig::start_with(&case.gateway, |text| {
        case.changes
            .iter()
            .filter(|change| text.contains(change.0))
            .for_each(|change| {
                changed.borrow_mut().insert(change.0);
            });
        case.changes.iter().fold(text, |text, (before, after)| {
            text.replacen(before, after, 1)
        })
    });
    assert_eq!(
        changed.take().len(),
        case.changes.len(),
        "{}: the files have other texts",
        case.name
    );
    if fault.is_some() {
        return fault;
    }
    rig.relay.set(case.mode);
    let authorization = case.scope.map(|scope| rig.server.keys.bearer(scope));
    let request = Request::new(case.method, case.target, authorization);
    let request = case.headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    rig.observe(Protocol::Http1, &request).1.err()
}
