//! The gateways under test: how each is started, and where it tells the request that it asks about.

use crate::http1::Head;
use crate::sender::Protocol;

/// The preset of a listener of the authorization server, which says where it is told a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Preset {
    Nginx,
    Haproxy,
    Apache,
    Caddy,
    Traefik,
    Envoy,
    EnvoyGrpc,
}

impl Preset {
    /// The name in the server's configuration.
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

    /// The method and the target that a check request tells, read without the server's code.
    /// `None` stands for one that is missing or doubled.
    pub(crate) fn told(self, check: &Head) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        let only = |name| {
            let mut values = check.values(name);
            let value = values.next()?.to_vec();
            values.next().is_none().then_some(value)
        };
        match self {
            Self::Nginx | Self::Haproxy | Self::Apache => {
                (only("x-original-method"), only("x-original-uri"))
            }
            Self::Caddy | Self::Traefik => (only("x-forwarded-method"), only("x-forwarded-uri")),
            Self::Envoy | Self::EnvoyGrpc => {
                (Some(check.method().to_vec()), Some(check.target().to_vec()))
            }
        }
    }
}

/// A gateway with one of the configurations in `gateways/`.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) name: &'static str,
    pub(crate) preset: Preset,
    /// The name in the list that `gateways/install` prints.
    pub(crate) program: &'static str,
    /// The folder of its configuration, in `gateways/`.
    pub(crate) folder: &'static str,
    /// The arguments; `FOLDER` stands for the folder with the copied configuration.
    pub(crate) arguments: &'static [&'static str],
    /// The port in the file that takes cleartext HTTP/2, or none.
    pub(crate) http2: Option<&'static str>,
    /// The number of its processes that share many requests. Envoy waits for a second before it
    /// closes a connection that broke the protocol, so that it needs several.
    pub(crate) processes: usize,
    /// Whether the API gets the fields after a body as the client sent them.
    pub(crate) forwards_trailers: bool,
}

impl Gateway {
    /// The versions of HTTP that its front takes.
    pub(crate) fn protocols(&self) -> Vec<Protocol> {
        let http2 = self.http2.map(|_| Protocol::Http2);
        [Protocol::Http1].into_iter().chain(http2).collect()
    }
}

pub(crate) const NGINX: Gateway = Gateway {
    name: "nginx",
    preset: Preset::Nginx,
    program: "nginx",
    folder: "nginx",
    arguments: &[
        "-p",
        "FOLDER",
        "-c",
        "FOLDER/nginx.conf",
        "-e",
        "stderr",
        "-g",
        "daemon off;",
    ],
    http2: Some("8081"),
    processes: 1,
    forwards_trailers: false,
};

pub(crate) const ENVOY: Gateway = Gateway {
    name: "envoy",
    preset: Preset::Envoy,
    program: "envoy",
    folder: "envoy",
    arguments: &[
        "-c",
        "FOLDER/envoy.yaml",
        "--disable-hot-restart",
        "--log-level",
        "warning",
    ],
    http2: Some("8080"),
    processes: 6,
    forwards_trailers: false,
};

pub(crate) const ENVOY_GRPC: Gateway = Gateway {
    name: "envoy-grpc",
    preset: Preset::EnvoyGrpc,
    arguments: &[
        "-c",
        "FOLDER/envoy-grpc.yaml",
        "--disable-hot-restart",
        "--log-level",
        "warning",
    ],
    ..ENVOY
};

pub(crate) const CADDY: Gateway = Gateway {
    name: "caddy",
    preset: Preset::Caddy,
    program: "caddy",
    folder: "caddy",
    arguments: &[
        "run",
        "--config",
        "FOLDER/Caddyfile",
        "--adapter",
        "caddyfile",
    ],
    http2: Some("8080"),
    processes: 1,
    forwards_trailers: false,
};

pub(crate) const TRAEFIK: Gateway = Gateway {
    name: "traefik",
    preset: Preset::Traefik,
    program: "traefik",
    folder: "traefik",
    arguments: &["--configFile=FOLDER/traefik.yaml"],
    http2: Some("8080"),
    processes: 1,
    forwards_trailers: false,
};

pub(crate) const HAPROXY: Gateway = Gateway {
    name: "haproxy",
    preset: Preset::Haproxy,
    program: "haproxy",
    folder: "haproxy",
    arguments: &["-db", "-f", "FOLDER/haproxy.cfg"],
    http2: Some("8080"),
    processes: 1,
    // 2.6 has no option against that.
    forwards_trailers: true,
};

pub(crate) const APACHE: Gateway = Gateway {
    name: "apache",
    preset: Preset::Apache,
    program: "apache",
    folder: "apache",
    arguments: &[
        "-C",
        "Define ROUTESCOPE FOLDER",
        "-f",
        "FOLDER/httpd.conf",
        "-DFOREGROUND",
    ],
    http2: Some("8080"),
    processes: 1,
    forwards_trailers: false,
};
