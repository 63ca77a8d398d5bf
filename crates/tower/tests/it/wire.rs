//! HTTP/1.1 by bytes.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A response as it came.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    /// The value of a header, which must not be doubled.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|header| header.0 == name);
        let value = values.next()?;
        assert!(values.next().is_none(), "two of {name}: {self:?}");
        Some(&value.1)
    }

    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let status = status.and_then(|status| status.parse().ok());
        let header = |line: &str| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        };
        Self {
            status: status.unwrap_or_else(|| panic!("no response: {text:?}")),
            headers: lines.map(header).collect(),
            body: body.to_owned(),
        }
    }
}

/// Sends bytes, and reads until the server closes.
pub(crate) async fn send(address: SocketAddr, request: impl AsRef<[u8]>) -> Reply {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.expect("the server");
        stream.write_all(request.as_ref()).await.expect("to send");
        let mut bytes = Vec::new();
        // A server that refuses a request may close before all of it is read.
        let _ = stream.read_to_end(&mut bytes).await;
        Reply::parse(&String::from_utf8_lossy(&bytes))
    };
    let limit = Duration::from_secs(60);
    timeout(limit, exchange).await.expect("a response in time")
}

/// The head of a request, after which the server closes the connection.
pub(crate) fn head(method: &[u8], target: &[u8], headers: &str) -> Vec<u8> {
    let end = format!(" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n");
    [method, b" ", target, end.as_bytes()].concat()
}

/// Sends a request of a text.
pub(crate) async fn ask(address: SocketAddr, line: &str, headers: &str) -> Reply {
    let (method, target) = line.split_once(' ').expect("a method and a target");
    send(address, head(method.as_bytes(), target.as_bytes(), headers)).await
}
