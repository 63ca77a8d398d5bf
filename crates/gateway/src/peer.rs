//! The peers that may ask.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The other end of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Peer {
    Address(IpAddr),
    /// The user whose process has opened a unix socket; none if the system does not tell.
    User(Option<u32>),
}

/// The peers that may ask on a listener.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Peers {
    /// On TCP, those with an address of these networks.
    Networks(Vec<IpNet>),
    /// On a unix socket, everybody who may open it.
    AnyUser,
    /// On a unix socket, the processes of these users.
    Users(Vec<u32>),
}

impl Peers {
    /// The processes of this machine, by TCP.
    pub(crate) fn loopback() -> Self {
        let four = IpNet::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), 8);
        let six = IpNet::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 128);
        Self::Networks([four, six].into_iter().flatten().collect())
    }

    pub(crate) fn may_ask(&self, peer: Peer) -> bool {
        match (self, peer) {
            (Self::Networks(networks), Peer::Address(address)) => {
                // A socket of IPv6 tells of an IPv4 peer as `::ffff:127.0.0.1`.
                let address = address.to_canonical();
                networks.iter().any(|network| network.contains(&address))
            }
            (Self::AnyUser, Peer::User(_)) => true,
            (Self::Users(users), Peer::User(Some(user))) => users.contains(&user),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Peer, Peers};

    #[test]
    fn the_configured_peers_may_ask_and_nobody_else() {
        let networks = |texts: &[&str]| {
            Peers::Networks(texts.iter().map(|text| text.parse().unwrap()).collect())
        };
        let address = |text: &str| Peer::Address(text.parse().unwrap());
        let cases = [
            ("loopback", Peers::loopback(), address("127.0.0.1"), true),
            (
                "all of 127/8",
                Peers::loopback(),
                address("127.9.9.9"),
                true,
            ),
            ("IPv6", Peers::loopback(), address("::1"), true),
            (
                "IPv4 in IPv6",
                Peers::loopback(),
                address("::ffff:127.0.0.1"),
                true,
            ),
            (
                "another host",
                Peers::loopback(),
                address("10.0.0.1"),
                false,
            ),
            (
                "another in IPv6",
                Peers::loopback(),
                address("::ffff:10.0.0.1"),
                false,
            ),
            (
                "a network",
                networks(&["10.1.0.0/16"]),
                address("10.1.2.3"),
                true,
            ),
            (
                "beside it",
                networks(&["10.1.0.0/16"]),
                address("10.2.2.3"),
                false,
            ),
            (
                "one address",
                networks(&["10.1.0.1/32"]),
                address("10.1.0.1"),
                true,
            ),
            ("no network", networks(&[]), address("127.0.0.1"), false),
            (
                "a user on TCP",
                Peers::loopback(),
                Peer::User(Some(0)),
                false,
            ),
            ("any user", Peers::AnyUser, Peer::User(None), true),
            (
                "any user on TCP",
                Peers::AnyUser,
                address("127.0.0.1"),
                false,
            ),
            (
                "the user",
                Peers::Users(vec![33]),
                Peer::User(Some(33)),
                true,
            ),
            (
                "root is another",
                Peers::Users(vec![33]),
                Peer::User(Some(0)),
                false,
            ),
            (
                "an unknown user",
                Peers::Users(vec![33]),
                Peer::User(None),
                false,
            ),
        ];
        for (name, peers, peer, expected) in cases {
            assert_eq!(peers.may_ask(peer), expected, "{name}");
        }
    }
}
