//! The authorization server hangs, or is away.

use std::thread;
use std::time::{Duration, Instant};

use crate::gateways::Gateway;
use crate::relay::{LATE, Mode};
use crate::rig::Rig;
use crate::sender::{Protocol, Request};
use crate::verdicts::{Fate, Fault};

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    late(&rig).unwrap_or_else(|fault| panic!("{fault}"));
    for (name, mode) in [("hangs", Mode::Hang), ("is away", Mode::Away)] {
        rig.relay.set(mode);
        let allowed = rig.request("GET", "/api/v1/colleagues/", "pbx:*");
        let denied = rig.request("PUT", "/api/v1/pbx/system/reboot/", "colleagues:read");
        let nobody = Request::new("GET", "/api/v1/colleagues/", None);
        for request in [allowed, denied, nobody] {
            for protocol in gateway.protocols() {
                // The sender gives a gateway up that has not answered for 15 seconds.
                let (reply, fate) = rig.send(protocol, &request);
                assert!(matches!(fate, Fate::Own(_)), "the server {name}: {fate:?}");
                assert!(
                    matches!(reply.status, Some(403 | 500 | 502 | 503 | 504)),
                    "the server {name}: {reply:?}"
                );
            }
        }
        // A gateway that forwards after it has answered would do it within its time-outs.
        quiet_for(&rig, Duration::from_millis(300));
    }
    rig.finish();
}

/// An answer that comes after the gateway has given up is no answer to the next request.
pub(crate) fn late(rig: &Rig) -> Result<(), Fault> {
    let first = rig.request("GET", "/api/v1/colleagues/", "pbx:*");
    let next = rig.request("PUT", "/api/v1/pbx/system/reboot/", "colleagues:read");
    rig.relay.set(Mode::Late);
    let (reply, result) = rig.observe(Protocol::Http1, &first);
    result?;
    // Over gRPC, the answer came in time.
    assert!(matches!(reply.status, Some(200 | 403 | 500..)), "{reply:?}");
    rig.relay.set(Mode::Pass);
    let started = Instant::now();
    while started.elapsed() < LATE {
        let (reply, result) = rig.observe(Protocol::Http1, &next);
        let fate = result?;
        assert_eq!(reply.status, Some(403), "{fate:?}");
    }
    Ok(())
}

/// Fails if anything is forwarded in this time. Checks that nobody answers may come again.
fn quiet_for(rig: &Rig, time: Duration) {
    let started = Instant::now();
    while started.elapsed() < time {
        let forwarded = rig.api.take();
        assert!(forwarded.is_empty(), "forwarded unasked: {forwarded:?}");
        thread::sleep(Duration::from_millis(10));
    }
    let _ = rig.relay.take();
}
