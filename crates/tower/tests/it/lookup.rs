//! Keys that a store elsewhere looks up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use routescope_guard::{FoundKey, KeyHash, KeyLookup, LookupFailed, Shadow};
use routescope_tower::{GuardLayer, Lookup};
use tokio::task::yield_now;
use tower::Layer;

use crate::guards::{NOW, bearer, builder, key, layer, over};
use crate::{echo, server, wire};

/// A store that knows `remote` and `gone`, fails for `broken`, and counts its questions.
#[derive(Clone, Debug, Default)]
struct Store(Arc<AtomicUsize>);

impl KeyLookup for Store {
    async fn find(&self, hash: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
        self.0.fetch_add(1, Ordering::Relaxed);
        yield_now().await;
        let is = |id: &str| hash == KeyHash::sha256(key(id).as_bytes());
        let found = FoundKey::new("customer 4711", ["colleagues:read"]);
        match () {
            () if is("remote") => Ok(Some(found)),
            () if is("gone") => Ok(Some(found.valid_until(NOW))),
            () if is("broken") => Err(LookupFailed),
            () => Ok(None),
        }
    }
}

fn with_store(layer: GuardLayer) -> (GuardLayer<Lookup<Store>>, Store) {
    let store = Store::default();
    (layer.lookup(store.clone()), store)
}

#[tokio::test]
async fn a_store_is_asked_for_keys_that_it_could_know() {
    let reboot = "PUT /api/v1/pbx/system/reboot/";
    let colleagues = "GET /api/v1/colleagues/";
    let twice = format!("{}{}", bearer("remote"), bearer("remote"));
    let override_header = format!("{}X-Http-Method: PUT\r\n", bearer("remote"));
    let cases = [
        (
            "a key of the store",
            colleagues,
            bearer("remote"),
            200,
            "customer 4711",
            1,
        ),
        (
            "a key of the guard",
            colleagues,
            bearer("desk"),
            200,
            "desk",
            0,
        ),
        (
            "a key without the scope",
            reboot,
            bearer("remote"),
            403,
            "missing_scope",
            1,
        ),
        (
            "an expired key of the store",
            colleagues,
            bearer("gone"),
            401,
            "expired_key",
            1,
        ),
        (
            "an expired key of the guard",
            colleagues,
            bearer("old"),
            401,
            "expired_key",
            0,
        ),
        (
            "a key that nobody knows",
            colleagues,
            bearer("nobody"),
            401,
            "unknown_key",
            1,
        ),
        (
            "a store that fails",
            colleagues,
            bearer("broken"),
            403,
            "unavailable",
            1,
        ),
        ("no key", colleagues, String::new(), 401, "missing_key", 0),
        (
            "a malformed key",
            colleagues,
            "Authorization: Bearer x\r\n".into(),
            401,
            "malformed_key",
            0,
        ),
        ("two keys", colleagues, twice, 401, "malformed_key", 0),
        (
            "an override header",
            colleagues,
            override_header,
            403,
            "bad_check_request",
            0,
        ),
    ];
    for (name, line, headers, status, expected, questions) in cases {
        let (layer, store) = with_store(layer().show_reason(true).forward_identity(true));
        let address = server::serve(layer.layer(echo::echo())).await;
        let reply = wire::ask(address, line, &headers).await;
        assert_eq!(reply.status, status, "{name}");
        assert_eq!(store.0.load(Ordering::Relaxed), questions, "{name}");
        if status == 200 {
            assert_eq!(
                echo::line(&reply.body, "authorized"),
                Some(expected),
                "{name}"
            );
            let id = expected.replace(' ', "%20");
            assert_eq!(
                echo::line(&reply.body, "header x-key-id"),
                Some(id.as_str()),
                "{name}"
            );
        } else {
            assert!(reply.body.contains(expected), "{name}: {}", reply.body);
        }
    }
}

/// Nobody knows whether the key is valid, so that a mode for valid keys lets nothing through.
#[tokio::test]
async fn a_failed_look_up_counts_as_no_key_in_shadow_mode() {
    for (shadow, broken, nobody) in [
        (Shadow::forbidden(), 403, 401),
        (Shadow::everything(), 200, 200),
    ] {
        let guard = builder().shadow(shadow).build().expect("the policy");
        let (layer, _) = with_store(over(guard));
        let address = server::serve(layer.layer(echo::echo())).await;
        for (key, status) in [("broken", broken), ("nobody", nobody)] {
            let reply = wire::ask(address, "GET /api/v1/colleagues/", &bearer(key)).await;
            assert_eq!(reply.status, status, "{key}");
            assert_eq!(echo::line(&reply.body, "authorized"), None, "{key}");
        }
    }
}
