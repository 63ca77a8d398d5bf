//! A key is revoked and restored while requests go on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::gateways::Gateway;
use crate::http1::Head;
use crate::rig::Rig;
use crate::sender::Connection;

/// The scopes of the key that goes, and of those that stay: one that opens the route, and one that
/// does not.
const REVOKED: &str = "colleagues:read";
const KEPT: &str = "pbx:*";
const OTHER: &str = "phonebooks:*";
const CHANGES: u32 = 10;

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    let without = rig.server.keys.text_without(Some(REVOKED));
    let with = rig.server.keys.text_without(None);
    let is_over = AtomicBool::new(false);
    let (allowed, denied) = thread::scope(|scope| {
        let clients: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| client(&rig, &is_over)))
            .collect();
        for change in 0..CHANGES {
            thread::sleep(Duration::from_millis(100));
            rig.server
                .replace_keys(if change % 2 == 0 { &without } else { &with });
        }
        is_over.store(true, Ordering::Relaxed);
        let counts = clients
            .into_iter()
            .map(|client| client.join().expect("a client"));
        counts.fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1))
    });
    assert!(
        allowed > 0 && denied > 0,
        "{allowed} allowed, {denied} denied"
    );
    // The target tells whose request it was, so that no request has the identity of another.
    let sender = |head: &Head| {
        let target = String::from_utf8_lossy(head.target()).into_owned();
        let scope = target.split_once('?').expect("a scope").1;
        vec![rig.server.keys.bearer(scope)]
    };
    let judged = rig.judge_recorded(sender);
    judged.unwrap_or_else(|fault| panic!("{fault}"));

    rig.server.replace_keys(&without);
    let request = rig.request("GET", "/api/v1/colleagues/", REVOKED);
    let started = Instant::now();
    let mut statuses = std::iter::from_fn(|| {
        let mut connection = Connection::open(rig.front);
        connection
            .send(&request.clone().header("Connection", "close"))
            .status
    });
    while statuses.next() != Some(401) {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "a revoked key stays valid"
        );
    }
    for status in statuses.take(20) {
        assert_eq!(status, 401, "a revoked key is valid again");
    }
    let _ = (rig.relay.take(), rig.api.take());
    rig.finish();
}

/// Sends requests with all keys by turns, and counts those of the first that are allowed and denied.
fn client(rig: &Rig, is_over: &AtomicBool) -> (u32, u32) {
    let requests = [REVOKED, KEPT, OTHER].map(|scope| {
        let target = format!("/api/v1/colleagues/?{scope}");
        (scope, rig.request("GET", target, scope))
    });
    let mut connection = Connection::open(rig.front);
    let (mut allowed, mut denied) = (0, 0);
    while !is_over.load(Ordering::Relaxed) {
        for (scope, request) in &requests {
            let reply = connection.send(request);
            match (*scope, reply.status) {
                (REVOKED, Some(200)) => allowed += 1,
                (REVOKED, Some(401)) => denied += 1,
                (KEPT, Some(200)) | (OTHER, Some(403)) => {}
                (_, status) => panic!("{status:?} for {request:?}"),
            }
            if reply.head.is_none_or(|head| head.closes()) {
                connection = Connection::open(rig.front);
            }
        }
    }
    (allowed, denied)
}
