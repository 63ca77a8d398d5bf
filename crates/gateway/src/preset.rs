//! The gateways that ask, and how each tells the method and the target of the request.

use serde::Deserialize;

/// A gateway that asks whether a request may go on.
///
/// A listener has one. Nothing is detected: a client can send the headers by which another gateway
/// tells the target, and a server that takes whichever is there lets everybody in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Preset {
    Nginx,
    Haproxy,
    Apache,
    Caddy,
    Traefik,
    /// Envoy's `ext_authz` with an HTTP service.
    Envoy,
    /// Envoy's `ext_authz` with a gRPC service.
    EnvoyGrpc,
}

/// The place of the method and the target of the request in a check request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Original {
    /// In two headers.
    Headers {
        method: &'static str,
        target: &'static str,
    },
    /// In its own request line, behind a prefix of the path.
    RequestLine,
    /// In a message.
    Message,
}

/// The names of the protocols, as TLS peers negotiate them (ALPN).
pub(crate) const HTTP1: &str = "http/1.1";
const HTTP2: &str = "h2";

impl Preset {
    /// The name in the configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Apache => "apache",
            Self::Caddy => "caddy",
            Self::Traefik => "traefik",
            Self::Envoy => "envoy",
            Self::EnvoyGrpc => "envoy-grpc",
        }
    }

    /// The name of the protocol that it speaks.
    pub(crate) const fn protocol(self) -> &'static str {
        match self.original() {
            Original::Headers { .. } | Original::RequestLine => HTTP1,
            Original::Message => HTTP2,
        }
    }

    /// Whether an answer to it can name headers that it removes from a request that goes on.
    pub(crate) const fn removes_headers(self) -> bool {
        matches!(self, Self::Envoy | Self::EnvoyGrpc)
    }

    pub(crate) const fn original(self) -> Original {
        match self {
            Self::Nginx | Self::Haproxy | Self::Apache => Original::Headers {
                method: "x-original-method",
                target: "x-original-uri",
            },
            Self::Caddy | Self::Traefik => Original::Headers {
                method: "x-forwarded-method",
                target: "x-forwarded-uri",
            },
            Self::Envoy => Original::RequestLine,
            Self::EnvoyGrpc => Original::Message,
        }
    }

    /// Whether a header is one by which this gateway tells method or target.
    pub(crate) fn tells_by(self, name: &str) -> bool {
        match self.original() {
            Original::Headers { method, target } => name == method || name == target,
            Original::RequestLine | Original::Message => false,
        }
    }
}
