//! Every route of the policy with the key of every scope.

use routescope::pbx;
use routescope_guard::{Answer, IDENTITY_HEADERS};

use crate::gateways::Gateway;
use crate::http1::Head;
use crate::rig::Rig;
use crate::sender::{Connection, Request};
use crate::verdicts::Fate;

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    let mut connection = Connection::open(rig.front);
    let mut send = |request: &Request| {
        let (reply, result) = rig.observe_by(request, || connection.send(request));
        let fate = result.unwrap_or_else(|fault| panic!("{fault}\n{request:?}"));
        let head = reply.head.expect("a response");
        if head.closes() {
            connection = Connection::open(rig.front);
        }
        let library = rig.library(request);
        assert_eq!(head.status(), Some(library.status()), "{request:?}");
        let is_forwarded = matches!(fate, Fate::Forwarded { .. });
        assert_eq!(is_forwarded, library.is_allow(), "{request:?}: {fate:?}");
        check_headers(&head, &library).unwrap_or_else(|fault| panic!("{request:?}: {fault}"));
        library.status()
    };
    let (mut allowed, mut denied) = (0, 0);
    for route in pbx::POLICY.routes() {
        let method = route.method().to_string();
        let target = filled(route.template());
        for scope in pbx::POLICY.scopes() {
            let status = send(&rig.request(&method, &target, scope.name()));
            let is_accepted = route.accepted().into_iter().any(|other| other == scope);
            assert_eq!(
                status,
                if is_accepted { 200 } else { 403 },
                "{method} {target} {scope}"
            );
            allowed += u32::from(is_accepted);
            denied += u32::from(!is_accepted);
        }
        let unknown = format!("Bearer wsk-v1-{}", "k".repeat(93));
        for authorization in [None, Some(unknown)] {
            let status = send(&Request::new(&method, &target, authorization));
            assert_eq!(status, 401, "{method} {target}");
        }
    }
    // The PBX API has 110 routes and 25 scopes; the policy has more scopes.
    assert!(
        allowed + denied >= 110 * 25,
        "{allowed} allowed, {denied} denied"
    );
    assert!(
        allowed > 300 && denied > 2_000,
        "{allowed} allowed, {denied} denied"
    );
    rig.finish();
}

/// Checks that a client learns why its request is denied, and nothing of an identity.
fn check_headers(head: &Head, library: &Answer) -> Result<(), String> {
    let only = |name: &str| {
        let values: Vec<_> = head.values(name).collect();
        match values.as_slice() {
            [value] => Some(String::from_utf8_lossy(value).into_owned()),
            _ => None,
        }
    };
    let mut expected: Vec<(&str, &str)> = library.response_headers().collect();
    if let Some(reason) = library.reason() {
        expected.extend([
            ("x-denied-reason", reason.as_str()),
            ("cache-control", "no-store"),
        ]);
    }
    for (name, value) in expected {
        let found = only(name);
        if found.as_deref() != Some(value) {
            return Err(format!("{name} is {found:?}, not {value:?}: {head:?}"));
        }
    }
    match IDENTITY_HEADERS
        .iter()
        .find(|name| head.values(name).next().is_some())
    {
        Some(name) => Err(format!("the client sees {name}: {head:?}")),
        None => Ok(()),
    }
}

/// A path of a template, with `7` as the value of each parameter.
pub(crate) fn filled(template: &str) -> String {
    let fill = |segment: &str| {
        if segment.starts_with('{') {
            "7"
        } else {
            segment
        }
        .to_owned()
    };
    template.split('/').map(fill).collect::<Vec<_>>().join("/")
}
