//! The places of listeners: addresses, and who may ask there.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_saphyr::Spanned;

use super::check::Check;
use super::{Address, Place, document};
use crate::peer::Peers;

impl Check<'_> {
    /// A place; none if its address is none.
    #[cfg_attr(
        not(feature = "tls"),
        allow(clippy::needless_pass_by_value, reason = "as with TLS")
    )]
    pub(super) fn place(
        &mut self,
        written: &Spanned<String>,
        peers: Option<Spanned<Vec<Spanned<String>>>>,
        users: Option<Spanned<Vec<u32>>>,
        mode: Option<Spanned<String>>,
        tls: Option<&Spanned<document::Tls>>,
    ) -> Option<Place> {
        let Some(address) = Address::parse(&written.value) else {
            let message = "neither an address and a port, nor a socket";
            let help =
                "write it like `127.0.0.1:9180`, `[::1]:9180` or `unix:/run/routescope/nginx.sock`";
            self.wrong(written, message, help);
            return None;
        };
        if self.addresses.contains(&address) {
            let help = "give each listener an address that no other has";
            self.wrong(written, "a second listener at this address", help);
        }
        // For port 0, the system chooses one for each.
        if !matches!(address, Address::Tcp(address) if address.port() == 0) {
            self.addresses.push(address.clone());
        }
        let peers = match &address {
            Address::Tcp(_) => {
                if let Some(users) = &users {
                    let help = "write `peers` with their addresses";
                    self.wrong(users, "only a unix socket tells the user of a peer", help);
                }
                if let Some(mode) = &mode {
                    self.wrong(mode, "only a unix socket has a mode", "remove it");
                }
                self.networks(written, &address, peers)
            }
            Address::Unix(_) => {
                if let Some(peers) = &peers {
                    let help = "write `users: [33]`, or nothing: its mode says who may ask";
                    self.wrong(peers, "peers of a unix socket have no address", help);
                }
                match users {
                    None if mode
                        .as_ref()
                        .is_some_and(|mode| is_open_to_all(&mode.value)) =>
                    {
                        if let Some(mode) = &mode {
                            let message = "every user of this machine may ask here";
                            let help = "add `users: [33]`, the users of the gateway's processes";
                            self.warn(mode, message, help);
                        }
                        Peers::AnyUser
                    }
                    Some(users) => {
                        self.not_empty(&users, "users: [33]");
                        Peers::Users(users.value)
                    }
                    None => Peers::AnyUser,
                }
            }
        };
        self.warn_of_no_tls(written, &address, tls);
        let mode = mode.map_or(0o660, |mode| match u32::from_str_radix(&mode.value, 8) {
            Ok(bits) if bits <= 0o777 => bits,
            _ => {
                self.wrong(&mode, "no mode of a file", "write it like `mode: \"0660\"`");
                0o660
            }
        });
        #[cfg(not(feature = "tls"))]
        if let Some(tls) = tls {
            self.no_feature(tls, "tls");
        }
        Some(Place {
            address,
            peers,
            mode,
            #[cfg(feature = "tls")]
            tls: tls.map(|tls| super::TlsConfig {
                certificate: self.file(&tls.value.certificate),
                key: self.file(&tls.value.key),
                client_authorities: tls
                    .value
                    .client_authorities
                    .as_ref()
                    .map(|file| self.file(file)),
            }),
        })
    }

    /// The networks of the peers. Nobody has to say who may ask on loopback; everywhere else,
    /// everybody who can reach the port could.
    fn networks(
        &mut self,
        written: &Spanned<String>,
        address: &Address,
        peers: Option<Spanned<Vec<Spanned<String>>>>,
    ) -> Peers {
        let Some(peers) = peers else {
            if !address.is_local() {
                let message = "other hosts can reach this address, and no `peers` are given";
                let help = "add the addresses of your gateways: `peers: [\"10.0.0.0/24\"]`";
                self.wrong(written, message, help);
            }
            return Peers::loopback();
        };
        self.not_empty(&peers, "peers: [\"10.0.0.0/24\"]");
        let mut networks = Vec::new();
        for text in &peers.value {
            let network = text.value.parse::<IpNet>();
            let network = network.or_else(|_| text.value.parse::<IpAddr>().map(IpNet::from));
            match network {
                Ok(network) if is_mapped(&network) => self.wrong(
                    text,
                    "no peer has this address: one of IPv4 is told as IPv4",
                    "write it like `10.0.0.0/24`",
                ),
                Ok(network) => {
                    if network.prefix_len() == 0 {
                        let message = "everybody who can reach the port may ask here";
                        let help = "write the addresses of your gateways";
                        self.warn(text, message, help);
                    }
                    networks.push(network);
                }
                Err(_) => self.wrong(
                    text,
                    "neither an address nor a network",
                    "write it like `10.0.0.7`, `10.0.0.0/24` or `fd00::/64`",
                ),
            }
        }
        Peers::Networks(networks)
    }

    /// Says that answers pass a network in the clear, where somebody could change them.
    fn warn_of_no_tls(
        &mut self,
        written: &Spanned<String>,
        address: &Address,
        tls: Option<&Spanned<document::Tls>>,
    ) {
        if !address.is_local() && tls.is_none() {
            let message = "keys and answers pass a network in the clear";
            let help = "add `tls`, or listen on loopback or on a unix socket";
            self.warn(written, message, help);
        }
    }

    fn not_empty<T>(&mut self, values: &Spanned<Vec<T>>, example: &str) {
        if values.value.is_empty() {
            let help = format!("write it like `{example}`, or remove it");
            self.wrong(values, "nobody may ask here", &help);
        }
    }
}

/// Whether a network is one of IPv4 addresses in the form of IPv6, `::ffff:10.0.0.0/104`.
fn is_mapped(network: &IpNet) -> bool {
    match network {
        IpNet::V4(_) => false,
        IpNet::V6(network) => {
            network.prefix_len() >= 96 && network.addr().to_ipv4_mapped().is_some()
        }
    }
}

/// Whether a mode lets every user open a socket.
fn is_open_to_all(mode: &str) -> bool {
    u32::from_str_radix(mode, 8).is_ok_and(|mode| mode & 0o002 != 0)
}
