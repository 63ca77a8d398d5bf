//! Every route of the policy with the key of every scope.

use routescope::pbx;

use crate::gateways::Gateway;
use crate::rig::Rig;
use crate::sender::Connection;
use crate::verdicts::Fate;

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    let mut connection = Connection::open(rig.front);
    let (mut allowed, mut denied) = (0, 0);
    for route in pbx::POLICY.routes() {
        let method = route.method().to_string();
        let target = filled(route.template());
        for scope in pbx::POLICY.scopes() {
            let request = rig.request(&method, &target, scope.name());
            let (reply, result) = rig.observe_by(&request, || connection.send(&request));
            let fate = result.unwrap_or_else(|fault| panic!("{method} {target} {scope}: {fault}"));
            let library =
                rig.server
                    .library(&request.authorization, method.as_bytes(), target.as_bytes());
            let is_accepted = route
                .accepted()
                .into_iter()
                .any(|accepted| accepted == scope);
            let expected = if is_accepted { 200 } else { 403 };
            assert_eq!(
                library.status(),
                expected,
                "the library: {method} {target} {scope}"
            );
            assert_eq!(reply.status, Some(expected), "{method} {target} {scope}");
            assert_eq!(
                matches!(fate, Fate::Forwarded { .. }),
                is_accepted,
                "{fate:?}"
            );
            match is_accepted {
                true => allowed += 1,
                false => denied += 1,
            }
            if reply.head.is_none_or(|head| head.closes()) {
                connection = Connection::open(rig.front);
            }
        }
    }
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
