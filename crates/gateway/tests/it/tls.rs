//! Listeners with TLS: certificates, those of clients, and their reload.

use std::fs::{self, Permissions};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustix::process::Signal;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use crate::http::{Connection, check};
use crate::keys::{replace, write_keys};
use crate::server::{PATIENCE, Server, folder, program, run_to_end};

const LIST: &str = "/api/v1/colleagues/";

/// A certificate and its key, as PEM.
struct Pair {
    certificate: String,
    key: String,
}

/// An authority, which makes certificates.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    fn pair(&self) -> Pair {
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        Pair {
            certificate: params.signed_by(&key, &self.0).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

/// Writes a key that this user alone may read.
fn write_key(file: &Path, text: &str) {
    let new = file.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::set_permissions(&new, Permissions::from_mode(0o600)).unwrap();
    fs::rename(new, file).unwrap();
}

fn write(folder: &TempDir, pair: &Pair) {
    replace(&folder.path().join("server.pem"), &pair.certificate);
    write_key(&folder.path().join("server.key"), &pair.key);
}

fn config(gateway: &str, more: &str) -> String {
    format!(
        "keys: keys.yaml\nlisteners: [{{ gateway: {gateway}, address: 127.0.0.1:0, tls: {{ certificate: server.pem, key: server.key{more} }} }}]\nlimits: {{ idle_timeout: 2 }}\n"
    )
}

fn start(folder: TempDir, more: &str) -> (Server, String) {
    let file = folder.path().join("keys.yaml");
    let [key] = write_keys(&file, [("reader", &["colleagues:read"])]);
    (Server::start(folder, &config("nginx", more)), key)
}

/// A client that trusts an authority and may have a certificate.
fn client(authority: &Authority, own: Option<&Pair>, protocols: &[&str]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap();
    roots.add(root).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    let mut config = match own {
        Some(own) => {
            let certificate = CertificateDer::from_pem_slice(own.certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(own.key.as_bytes()).unwrap();
            builder
                .with_client_auth_cert(vec![certificate], key)
                .unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().into())
        .collect();
    Arc::new(config)
}

fn connect(
    server: &Server,
    config: &Arc<ClientConfig>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let stream = TcpStream::connect(server.address("nginx")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::clone(config), name).unwrap();
    StreamOwned::new(connection, stream)
}

/// The answer to a check request, or an error of the handshake or of the connection.
fn ask(server: &Server, config: &Arc<ClientConfig>, request: &str) -> Result<String, String> {
    let mut stream = connect(server, config);
    let error = |error: std::io::Error| error.to_string();
    stream.write_all(request.as_bytes()).map_err(error)?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).map_err(error)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

const OK: Result<&str, String> = Ok("HTTP/1.1 200");

#[test]
fn a_listener_with_a_certificate_speaks_tls_alone() {
    let (authority, folder) = (Authority::new(), folder());
    write(&folder, &authority.pair());
    let (server, key) = start(folder, "");
    let request = check("GET", LIST, Some(&key));
    for protocols in [&["http/1.1"][..], &[], &["h2", "http/1.1"]] {
        let answer = ask(&server, &client(&authority, None, protocols), &request);
        assert_eq!(answer.as_deref(), OK.as_deref(), "{protocols:?}");
    }
    let error = ask(&server, &client(&authority, None, &["h2"]), &request).unwrap_err();
    assert!(error.contains("NoApplicationProtocol"), "{error}");
    let other = client(&Authority::new(), None, &[]);
    let error = ask(&server, &other, &request).unwrap_err();
    assert!(
        error.contains("UnknownIssuer") || error.contains("BadSignature"),
        "{error}"
    );
    // A client that says nothing is cut, and keeps no other one waiting meanwhile.
    let silent = Connection::open(server.address("nginx"));
    let answer = ask(&server, &client(&authority, None, &[]), &request);
    assert_eq!(answer.as_deref(), OK.as_deref());
    assert_eq!(silent.rest(), b"");
    let mut plain = Connection::open(server.address("nginx"));
    plain.send(request.as_bytes()).unwrap();
    let bytes = plain.rest();
    assert!(!bytes.starts_with(b"HTTP"), "{}", bytes.escape_ascii());
}

#[test]
fn clients_show_a_certificate_of_the_authorities() {
    let (authority, folder) = (Authority::new(), folder());
    write(&folder, &authority.pair());
    let clients = Authority::new();
    replace(&folder.path().join("clients.pem"), &clients.pem());
    let (server, key) = start(folder, ", client_authorities: clients.pem");
    let request = check("GET", LIST, Some(&key));
    let (own, other) = (clients.pair(), authority.pair());
    let answer = ask(&server, &client(&authority, Some(&own), &[]), &request);
    assert_eq!(answer.as_deref(), OK.as_deref());
    for (name, own) in [("none", None), ("another authority's", Some(&other))] {
        let answer = ask(&server, &client(&authority, own, &[]), &request);
        assert!(answer.is_err(), "{name}: {answer:?}");
    }
}

#[test]
fn a_certificate_is_read_again_and_a_bad_one_changes_nothing() {
    let (old, new, folder) = (Authority::new(), Authority::new(), folder());
    write(&folder, &old.pair());
    let (server, key) = start(folder, "");
    let request = check("GET", LIST, Some(&key));
    let file = |name: &str| server.file(name);
    let mut open = Connection::over(Box::new(connect(&server, &client(&old, None, &[]))));
    assert_eq!(open.ask(&request).status, 200);
    // The key comes first, and makes no pair with the old certificate for a moment.
    let pair = new.pair();
    write_key(&file("server.key"), &pair.key);
    let line = server.stderr.wait_for("stays in force as it was");
    assert!(line.contains("server.key make no pair"), "{line}");
    let answer = ask(&server, &client(&old, None, &[]), &request);
    assert_eq!(answer.as_deref(), OK.as_deref());
    replace(&file("server.pem"), &pair.certificate);
    server.stderr.wait_for("reloaded: the certificate");
    let answer = ask(&server, &client(&new, None, &[]), &request);
    assert_eq!(answer.as_deref(), OK.as_deref());
    ask(&server, &client(&old, None, &[]), &request).unwrap_err();
    // A signal reads it again, changed or not, and says so.
    fs::remove_file(file("server.pem")).unwrap();
    server.stderr.wait_for_nth("stays in force as it was", 2);
    server.signal(Signal::HUP);
    let line = server.stderr.wait_for_nth("stays in force as it was", 3);
    assert!(line.contains("server.pem: cannot be read"), "{line}");
    let answer = ask(&server, &client(&new, None, &[]), &request);
    assert_eq!(answer.as_deref(), OK.as_deref());
}

#[test]
fn a_start_names_the_file_and_what_would_fix_it() {
    let authority = Authority::new();
    let other = authority.pair();
    let cases: [(&str, Spoil<'_>, [&str; 2]); 9] = [
        (
            "no certificate",
            &|folder| fs::remove_file(folder.join("server.pem")).unwrap(),
            ["server.pem: cannot be read", "check the name"],
        ),
        (
            "no key",
            &|folder| fs::remove_file(folder.join("server.key")).unwrap(),
            ["server.key: cannot be read", "check the name"],
        ),
        (
            "a key that everybody may read",
            &|folder| mode(&folder.join("server.key"), 0o644),
            ["server.key: every user may read it", "chmod o-r"],
        ),
        (
            "a certificate that the group may write",
            &|folder| mode(&folder.join("server.pem"), 0o664),
            [
                "server.pem: others than its owner may write it",
                "chmod go-w",
            ],
        ),
        (
            "another certificate's key",
            &|folder| write_key(&folder.join("server.key"), &other.key),
            [
                "make no pair",
                "name the key that the certificate was made for",
            ],
        ),
        (
            "a certificate in place of the key",
            &|folder| write_key(&folder.join("server.key"), &other.certificate),
            [
                "server.key: there is no private key in it",
                "BEGIN PRIVATE KEY",
            ],
        ),
        (
            "a key in place of the certificate",
            &|folder| write_key(&folder.join("server.pem"), &other.key),
            [
                "server.pem: there is no certificate in it",
                "BEGIN CERTIFICATE",
            ],
        ),
        (
            "a certificate that is none",
            &|folder| {
                let text = other.certificate.replace("MII", "AAA");
                replace(&folder.join("server.pem"), &text);
            },
            ["server.pem", "= help:"],
        ),
        (
            "authorities that are none",
            &|folder| replace(&folder.join("clients.pem"), "nothing\n"),
            [
                "clients.pem: there is no certificate in it",
                "BEGIN CERTIFICATE",
            ],
        ),
    ];
    for (name, spoil, texts) in cases {
        let folder = folder();
        write(&folder, &authority.pair());
        let path = folder.path();
        replace(&path.join("clients.pem"), &authority.pem());
        write_keys(&path.join("keys.yaml"), [("reader", &["colleagues:read"])]);
        spoil(path);
        let file = path.join("gateway.yaml");
        fs::write(&file, config("nginx", ", client_authorities: clients.pem")).unwrap();
        for command in [&[][..], &["check"]] {
            let mut program = program();
            let (code, text) = run_to_end(program.arg("--config").arg(&file).args(command));
            assert_eq!(code, Some(2), "{name}: {text}");
            for part in texts {
                assert!(text.contains(part), "{name}: {text}");
            }
            for line in other.key.lines().chain(other.certificate.lines()) {
                assert!(line.starts_with("-----") || !text.contains(line), "{name}");
            }
        }
    }
}

/// Makes something wrong in the folder of a sound configuration.
type Spoil<'s> = &'s dyn Fn(&Path);

fn mode(file: &Path, mode: u32) {
    fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
}

/// Envoy asks for HTTP/2 when the connection opens, and a listener for gRPC has nothing else.
#[test]
#[cfg(feature = "grpc")]
fn grpc_goes_over_tls() {
    use envoy_types::ext_authz::v3::pb::{CheckResponse, HttpResponse};
    use prost::Message;

    use crate::grpc::{http, message};
    use crate::h2_bytes::{DATA, END_HEADERS, END_STREAM, HEADERS, SETTINGS, block, frame};

    let (authority, folder) = (Authority::new(), folder());
    write(&folder, &authority.pair());
    let file = folder.path().join("keys.yaml");
    let [key] = write_keys(&file, [("reader", &["colleagues:read"])]);
    let server = Server::start(folder, &config("envoy-grpc", ""));

    let bearer = format!("Bearer {key}");
    let check = message(http(&[("authorization", &bearer)]));
    let mut body = vec![0];
    body.extend(u32::try_from(check.len()).unwrap().to_be_bytes());
    body.extend(check);
    let mut request = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    frame(&mut request, SETTINGS, 0, 0, &[]);
    let fields: [(&[u8], &[u8]); 6] = [
        (b":method", b"POST"),
        (b":scheme", b"https"),
        (b":authority", b"localhost"),
        (b":path", b"/envoy.service.auth.v3.Authorization/Check"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
    ];
    frame(&mut request, HEADERS, END_HEADERS, 1, &block(&fields));
    frame(&mut request, DATA, END_STREAM, 1, &body);

    let stream = TcpStream::connect(server.address("envoy-grpc")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(client(&authority, None, &["h2"]), name).unwrap();
    let mut stream = StreamOwned::new(connection, stream);
    stream.write_all(&request).unwrap();
    let response = loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).unwrap();
        let [a, b, c, kind, ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut payload).unwrap();
        if kind == DATA {
            break CheckResponse::decode(&payload[5..]).unwrap();
        }
    };
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"h2"[..]));
    let Some(HttpResponse::OkResponse(ok)) = response.http_response else {
        panic!("{response:?}");
    };
    let header = ok.headers[0].header.as_ref().unwrap();
    assert_eq!((&*header.key, &*header.value), ("x-key-id", "reader"));
}
