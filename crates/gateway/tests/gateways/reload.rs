//! A key is revoked and restored while requests go on.

use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::gateways::Gateway;
use crate::recorder::Forwarded;
use crate::relay::Check;
use crate::rig::Rig;
use crate::sender::Connection;
use crate::server::id;
use crate::verdicts::{Fault, is_answer_before, judge_all};

/// The scope of the key that stays, and of the one that goes.
const KEPT: &str = "pbx:*";
const REVOKED: &str = "colleagues:read";
const CHANGES: u32 = 10;

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    let without = rig.server.keys.text_without(Some(REVOKED));
    let with = rig.server.keys.text_without(None);
    let is_over = AtomicBool::new(false);
    let (allowed, denied) = thread::scope(|scope| {
        let clients: Vec<_> = (0..2)
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
    let (checks, forwarded) = (rig.relay.take(), rig.api.take());
    // Both keys could make these requests at some time.
    let judged = judge_forwarded(&rig, checks, &forwarded);
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

/// Sends requests with both keys by turns, and counts those of the second that are allowed and
/// denied.
fn client(rig: &Rig, is_over: &AtomicBool) -> (u32, u32) {
    let kept = rig.request("GET", "/api/v1/colleagues/", KEPT);
    let revoked = rig.request("GET", "/api/v1/colleagues/", REVOKED);
    let mut connection = Connection::open(rig.front);
    let (mut allowed, mut denied) = (0, 0);
    while !is_over.load(Ordering::Relaxed) {
        for request in [&kept, &revoked] {
            let reply = connection.send(request);
            match reply.status {
                Some(200) if request.authorization == kept.authorization => {}
                Some(200) => allowed += 1,
                Some(401) if request.authorization == revoked.authorization => denied += 1,
                status => panic!("{status:?} for {request:?}"),
            }
            if reply.head.is_none_or(|head| head.closes()) {
                connection = Connection::open(rig.front);
            }
        }
    }
    (allowed, denied)
}

/// Judges the requests of all clients: each must have its check, and the identity of its key.
fn judge_forwarded(
    rig: &Rig,
    mut checks: Vec<Check>,
    forwarded: &[Forwarded],
) -> Result<(), Fault> {
    for one in forwarded {
        let is_of = |scope| {
            one.head
                .values("x-key-id")
                .any(|value| value == id(scope).as_bytes())
        };
        let scope = if is_of(REVOKED) { REVOKED } else { KEPT };
        let authorization = [rig.server.keys.bearer(scope)];
        judge_all(&rig.server, &authorization, &checks, slice::from_ref(one))?;
        let used = checks.iter().position(|check| is_answer_before(check, one));
        checks.remove(used.expect("the check that was found"));
    }
    Ok(())
}
