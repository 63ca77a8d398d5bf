//! Requests that do not end. Where each occupies a thread, a client without a key could occupy them all.

use crate::gateways::Gateway;
use crate::rig::Rig;
use crate::sender::Connection;

pub(crate) fn test(gateway: &Gateway) {
    let rig = Rig::start(gateway);
    for (name, bytes) in [
        ("a request line", "GET /api/v1/colleagues/"),
        (
            "a head",
            "GET /api/v1/colleagues/ HTTP/1.1\r\nHost: gateway.example\r\nX-A: ",
        ),
        (
            "a body of a request without a key",
            "POST /api/v1/phonebooks/ HTTP/1.1\r\nHost: gateway.example\r\nContent-Length: 100\r\n\r\nx",
        ),
        (
            "chunks of a request without a key",
            "POST /api/v1/phonebooks/ HTTP/1.1\r\nHost: gateway.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx",
        ),
    ] {
        let mut connection = Connection::open(rig.front);
        connection.write(bytes.as_bytes());
        // The sender gives a gateway up that has neither answered nor closed for 15 seconds.
        let reply = connection.read(b"GET");
        assert!(
            matches!(reply.status, None | Some(401 | 408)),
            "{name}: {reply:?}"
        );
        assert!(rig.api.take().is_empty(), "{name} was forwarded");
        let _ = rig.relay.take();
    }
    rig.finish();
}
