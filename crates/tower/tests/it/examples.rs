//! The examples, started as processes, and asked by the clients that they name.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use http::uri::PathAndQuery;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::wire;

/// A running example, ended with the test.
struct Example {
    process: Child,
    /// The first lines that it says.
    lines: Vec<String>,
}

impl Example {
    /// Builds and starts an example on a free port, and reads this many lines.
    fn start(name: &str, lines: usize) -> Self {
        // This test is `target/debug/deps/it-...`.
        let test = std::env::current_exe().expect("a path");
        let profile = test.ancestors().nth(2).expect("a profile");
        let target = profile.parent().expect("a target directory");
        let mut build = Command::new(env!("CARGO"));
        build.args([
            "build",
            "--quiet",
            "--locked",
            "--package",
            "routescope-tower",
        ]);
        build.args(["--example", name, "--target-dir"]).arg(target);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
        assert!(status.expect("cargo").success(), "{name} does not build");
        let path = profile.join("examples").join(name);
        let mut process = Command::new(&path)
            .arg("127.0.0.1:0")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let output = process.stderr.take().expect("a pipe");
        let output = BufReader::new(output).lines().take(lines);
        let lines = output.map(|line| line.expect("a text")).collect();
        Self { process, lines }
    }

    /// Does what the lines say (`401: curl -i http://...`), by curl if there is one.
    async fn follow(&self) {
        for line in &self.lines {
            let (status, command) = line.split_once(": ").expect("a status");
            // Only the key is between quotation marks.
            let quoted: Vec<_> = command.split('\'').collect();
            let (options, header) = match quoted.as_slice() {
                [options] => (options.to_string(), None),
                [before, header, after] => (format!("{before}{after}"), Some(*header)),
                _ => panic!("{line}"),
            };
            let mut words = options.split_whitespace().filter(|word| *word != "-H");
            assert_eq!(words.next(), Some("curl"), "{line}");
            let words: Vec<_> = words.collect();
            let got = match curl(&words, header) {
                Some(got) => got,
                None => by_bytes(words.last().expect("a URL"), header).await,
            };
            assert_eq!(got, status, "{line}");
        }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        // It may have ended by itself, and then the test says so.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The status that curl gets, if it is installed.
fn curl(words: &[&str], header: Option<&str>) -> Option<String> {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--max-time", "60", "--output", "/dev/null"]);
    curl.args(["--write-out", "%{http_code}", "--noproxy", "*"]);
    if let Some(header) = header {
        curl.args(["-H", header]);
    }
    let words = words.iter().filter(|word| **word != "-i");
    let output = curl.args(words).output().ok()?;
    Some(String::from_utf8(output.stdout).expect("a status"))
}

/// The status of a request over a socket.
async fn by_bytes(url: &str, header: Option<&str>) -> String {
    let (address, path) = address(url);
    let header = header.map_or_else(String::new, |header| format!("{header}\r\n"));
    let reply = wire::ask(address, &format!("GET {path}"), &header).await;
    reply.status.to_string()
}

/// The parts of a URL.
fn address(url: &str) -> (SocketAddr, String) {
    let rest = url.strip_prefix("http://").expect("a URL");
    let (address, path) = rest.split_once('/').expect("a path");
    (address.parse().expect("an address"), format!("/{path}"))
}

#[tokio::test]
async fn the_axum_example_does_what_it_says() {
    Example::start("axum", 3).follow().await;
}

#[tokio::test]
async fn the_axum_example_is_short() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/axum.rs");
    let text = std::fs::read_to_string(file).expect("the example");
    let code = text
        .lines()
        .skip_while(|line| line.starts_with("//!") || line.is_empty());
    assert!(code.count() <= 30);
}

#[tokio::test]
async fn the_hyper_example_does_what_it_says() {
    Example::start("hyper", 4).follow().await;
}

#[derive(Clone, PartialEq, prost::Message)]
struct HelloReply {
    #[prost(string, tag = "1")]
    message: String,
}

#[tokio::test]
async fn the_tonic_example_answers_a_client_of_tonic() {
    let example = Example::start("tonic", 1);
    let (address, _) = address(&example.lines[0]);
    let call = async |path, key: Option<&str>| -> Result<String, Status> {
        let channel = Channel::from_shared(format!("http://{address}")).expect("an address");
        let mut client = Grpc::new(channel.connect().await.expect("the server"));
        client.ready().await.expect("ready");
        let mut request = Request::new(());
        if let Some(key) = key {
            let value = format!("Bearer {key}").parse().expect("a value");
            request.metadata_mut().insert("authorization", value);
        }
        let codec = ProstCodec::<(), HelloReply>::default();
        let response = client
            .unary(request, PathAndQuery::from_static(path), codec)
            .await?;
        Ok(response.into_inner().message)
    };
    let key = Some("key-of-the-example");
    let cases = [
        ("/demo.Greeter/Hello", key, Ok("hello, front-desk")),
        ("/demo.Greeter/Hello", None, Err(Code::Unauthenticated)),
        ("/demo.Greeter/Hello", Some("x"), Err(Code::Unauthenticated)),
        ("/demo.Greeter/Forget", key, Err(Code::PermissionDenied)),
        ("/demo.Greeter/Other", key, Err(Code::PermissionDenied)),
    ];
    for (path, key, expected) in cases {
        let got = call(path, key).await.map_err(|status| status.code());
        assert_eq!(got.as_deref().map_err(Clone::clone), expected, "{path}");
    }
}
