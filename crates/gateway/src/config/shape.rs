//! The shape of a configuration file: its fields, and what each can hold.
//!
//! A file is held against this before anything is made of it, so that all mistakes are told at
//! once, each with what would fix it.

use std::fmt;
use std::ops::Range;

use routescope_source::report::{Problem, quoted};
use routescope_source::suggest::nearest;
use routescope_source::yaml::{Node, Value};

/// The values that a field can have.
#[derive(Debug)]
pub(super) enum Shape {
    Text,
    /// An octal number, with or without quotes.
    Mode,
    Truth,
    /// A whole number from the first to the second.
    Number(i128, i128),
    OneOf(&'static [&'static str]),
    List(&'static Shape),
    Fields(&'static [Field]),
}

/// A field of a mapping.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    is_required: bool,
    pub(super) shape: Shape,
    /// A value that it could have.
    example: &'static str,
}

const fn field(name: &'static str, shape: Shape, example: &'static str) -> Field {
    Field {
        name,
        is_required: false,
        shape,
        example,
    }
}

const fn required(name: &'static str, shape: Shape, example: &'static str) -> Field {
    Field {
        name,
        is_required: true,
        shape,
        example,
    }
}

/// The whole file.
pub(super) const DOCUMENT: Shape = Shape::Fields(&[
    field("policy", Shape::Text, "policy: api.rsp"),
    field("keys", Shape::Text, "keys: keys.yaml"),
    field("hash_secret", Shape::Text, "hash_secret: hash-secret"),
    field("refuse_wider", Shape::Truth, "refuse_wider: true"),
    field(
        "tokens",
        Shape::Fields(TOKENS),
        "tokens: { issuer: https://login.example, audience: https://api.example, keys: jwks.json }",
    ),
    required(
        "listeners",
        Shape::List(&Shape::Fields(LISTENER)),
        "listeners: [{ gateway: nginx, address: 127.0.0.1:9180 }]",
    ),
    field(
        "admin",
        Shape::Fields(ADMIN),
        "admin: { address: 127.0.0.1:9181 }",
    ),
    field(
        "log",
        Shape::Fields(LOG),
        "log: { allows: 1000, denials: 100 }",
    ),
    field(
        "limits",
        Shape::Fields(LIMITS),
        "limits: { connections: 16384 }",
    ),
    field("threads", Shape::Number(1, 1_024), "threads: 2"),
]);

const GATEWAYS: Shape = Shape::OneOf(&[
    "nginx",
    "haproxy",
    "apache",
    "caddy",
    "traefik",
    "envoy",
    "envoy-grpc",
]);

// The fields of a place, which gateways' listeners and the one of operators have.
const PEERS: Field = field(
    "peers",
    Shape::List(&Shape::Text),
    "peers: [\"10.0.0.0/24\"]",
);
const USERS: Field = field(
    "users",
    Shape::List(&Shape::Number(0, u32::MAX as i128)),
    "users: [33]",
);
const MODE: Field = field("mode", Shape::Mode, "mode: \"0660\"");
const TLS: Field = field(
    "tls",
    Shape::Fields(CERTIFICATE),
    "tls: { certificate: cert.pem, key: key.pem }",
);

const LISTENER: &[Field] = &[
    required("gateway", GATEWAYS, "gateway: nginx"),
    required("address", Shape::Text, "address: 127.0.0.1:9180"),
    field("name", Shape::Text, "name: edge"),
    field("path_prefix", Shape::Text, "path_prefix: /check"),
    PEERS,
    USERS,
    MODE,
    TLS,
    field(
        "override_headers",
        Shape::OneOf(&["refuse", "ignore"]),
        "override_headers: refuse",
    ),
    field("show_reason", Shape::Truth, "show_reason: true"),
    field("hide_credential", Shape::Truth, "hide_credential: true"),
    field(
        "shadow",
        Shape::OneOf(&["off", "forbidden", "everything"]),
        "shadow: forbidden",
    ),
    field(
        "shadow_routes",
        Shape::List(&Shape::Text),
        "shadow_routes: [\"GET /api/v1/colleagues/\"]",
    ),
];

const ADMIN: &[Field] = &[
    required("address", Shape::Text, "address: 127.0.0.1:9181"),
    PEERS,
    USERS,
    MODE,
    TLS,
];

const CERTIFICATE: &[Field] = &[
    required("certificate", Shape::Text, "certificate: cert.pem"),
    required("key", Shape::Text, "key: key.pem"),
    field(
        "client_authorities",
        Shape::Text,
        "client_authorities: authorities.pem",
    ),
];

const TOKENS: &[Field] = &[
    required("issuer", Shape::Text, "issuer: https://login.example"),
    required("audience", Shape::Text, "audience: https://api.example"),
    required("keys", Shape::Text, "keys: jwks.json"),
    field("scope_claim", Shape::Text, "scope_claim: scp"),
    field("leeway", Shape::Number(0, 300), "leeway: 30"),
];

const LOG: &[Field] = &[
    field("allows", Shape::Number(0, u32::MAX as i128), "allows: 1000"),
    field(
        "denials",
        Shape::Number(0, u32::MAX as i128),
        "denials: 100",
    ),
];

const LIMITS: &[Field] = &[
    field(
        "connections",
        Shape::Number(1, 1_000_000),
        "connections: 16384",
    ),
    // hyper reads into a buffer of at least 8 KiB.
    field(
        "header_bytes",
        Shape::Number(8_192, 1 << 20),
        "header_bytes: 32768",
    ),
    field("idle_timeout", Shape::Number(1, 86_400), "idle_timeout: 75"),
    field("stop_timeout", Shape::Number(0, 86_400), "stop_timeout: 10"),
];

/// The mistakes in the shape of a file.
pub(super) fn mistakes(file: &Node) -> Vec<Problem> {
    let mut problems = Vec::new();
    let example = "listeners: [{ gateway: nginx, address: 127.0.0.1:9180 }]";
    let document = Named {
        name: None,
        is_item: false,
        example,
    };
    document.compare(&DOCUMENT, file, &mut problems);
    problems
}

/// A field's name and an example of it, for messages about its value or an item of that.
#[derive(Clone, Copy)]
struct Named {
    /// None for the whole file.
    name: Option<&'static str>,
    is_item: bool,
    example: &'static str,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = self.name else {
            return f.write_str("the file");
        };
        match self.is_item {
            true => write!(f, "an item of `{name}`"),
            false => write!(f, "`{name}`"),
        }
    }
}

impl Named {
    fn compare(self, shape: &Shape, node: &Node, problems: &mut Vec<Problem>) {
        match (shape, &node.value) {
            (Shape::Text, Value::Text(text)) if !text.is_empty() => {}
            (Shape::Text, Value::Text(_)) => {
                let message = format!("{self} is empty");
                let help = format!("write it like `{}`", self.example);
                problems.push(Problem::error(node.at.clone(), message).help(help));
            }
            // Without quotes, YAML reads `0660` as one of these.
            (Shape::Mode, Value::Text(_) | Value::Integer(_) | Value::Float(_)) => {}
            (Shape::Truth, Value::Bool(_)) => {}
            (Shape::Number(least, most), Value::Integer(number)) => {
                if !(least..=most).contains(&number) {
                    let message = format!("{self} is out of bounds");
                    let help = format!("write {least} to {most}");
                    problems.push(Problem::error(node.at.clone(), message).help(help));
                }
            }
            (Shape::OneOf(names), Value::Text(text)) => {
                if !names.contains(&&**text) {
                    let message = format!("{self} cannot be {}", quoted(text));
                    let help = did_you_mean(text, names);
                    problems.push(Problem::error(node.at.clone(), message).help(help));
                }
            }
            (Shape::List(shape), Value::List(nodes)) => {
                let item = Self {
                    is_item: true,
                    ..self
                };
                for node in nodes {
                    item.compare(shape, node, problems);
                }
            }
            (Shape::Fields(fields), Value::Map(entries)) => {
                self.compare_fields(fields, node, entries, problems);
            }
            (_, other) => problems.push(self.wrong_kind(shape, node.at.clone(), other)),
        }
    }

    fn compare_fields(
        self,
        fields: &'static [Field],
        node: &Node,
        entries: &[(Node, Node)],
        problems: &mut Vec<Problem>,
    ) {
        let mut found: Vec<&str> = Vec::new();
        for (key, value) in entries {
            let written = match &key.value {
                Value::Text(text) => text.as_str(),
                _ => "",
            };
            let Some(field) = fields.iter().find(|field| field.name == written) else {
                let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
                let help = did_you_mean(written, &names);
                problems.push(Problem::error(key.at.clone(), "an unknown field").help(help));
                continue;
            };
            if found.contains(&field.name) {
                let message = format!("`{}` a second time", field.name);
                problems.push(Problem::error(key.at.clone(), message).help("keep one of them"));
                continue;
            }
            found.push(field.name);
            let named = Self {
                name: Some(field.name),
                is_item: false,
                example: field.example,
            };
            named.compare(&field.shape, value, problems);
        }
        for field in fields {
            if field.is_required && !found.contains(&field.name) {
                let message = match self.name {
                    None => format!("`{}` is missing", field.name),
                    Some(_) => format!("`{}` is missing in {self}", field.name),
                };
                let help = format!("add `{}`", field.example);
                problems.push(Problem::error(node.at.clone(), message).help(help));
            }
        }
    }

    fn wrong_kind(self, shape: &Shape, at: Range<usize>, found: &Value) -> Problem {
        let found = match found {
            // A text may be a key that stands in the wrong place.
            Value::Text(text) if !text.is_empty() => "a text".to_owned(),
            other => other.kind(),
        };
        let expected = match shape {
            Shape::Text => "a text",
            Shape::OneOf(_) => "a name",
            Shape::Mode => "a mode",
            Shape::Truth => "`true` or `false`",
            Shape::Number(..) => "a whole number",
            Shape::List(_) => "a list",
            Shape::Fields(_) => "a mapping",
        };
        let help = match shape {
            Shape::OneOf(names) => there_are(names),
            _ => format!("write it like `{}`", self.example),
        };
        let message = format!("{self} is {found}, and {expected} is expected");
        Problem::error(at, message).help(help)
    }
}

fn did_you_mean(written: &str, names: &[&str]) -> String {
    match nearest(written, names.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => there_are(names),
    }
}

fn there_are(names: &[&str]) -> String {
    format!("there are {}", names.join(", "))
}
