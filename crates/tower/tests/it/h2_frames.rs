//! HTTP/2 by frames (RFC 9113), with header fields that no client library would send.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::h2_bytes::{
    ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, RST_STREAM, SETTINGS, block, frame,
};

/// Sends one request with these fields, in this order, and returns the body of the response, or
/// `None` if the server resets the stream or the connection.
pub(crate) async fn send(address: SocketAddr, fields: &[(&[u8], &[u8])]) -> Option<String> {
    let limit = Duration::from_secs(60);
    timeout(limit, exchange(address, fields))
        .await
        .expect("a response in time")
}

async fn exchange(address: SocketAddr, fields: &[(&[u8], &[u8])]) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.expect("the server");
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    frame(&mut bytes, SETTINGS, 0, 0, &[]);
    frame(
        &mut bytes,
        HEADERS,
        END_HEADERS | END_STREAM,
        1,
        &block(fields),
    );
    stream.write_all(&bytes).await.expect("to send");

    let mut body = Vec::new();
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await.ok()?;
        let [a, b, c, kind, flags, ..] = head;
        let length = u32::from_be_bytes([0, a, b, c]);
        let mut payload = vec![0; length as usize];
        stream.read_exact(&mut payload).await.ok()?;
        match kind {
            RST_STREAM | GOAWAY => return None,
            SETTINGS if flags & ACK == 0 => {
                let mut bytes = Vec::new();
                frame(&mut bytes, SETTINGS, ACK, 0, &[]);
                stream.write_all(&bytes).await.ok()?;
            }
            DATA => body.extend(payload),
            _ => {}
        }
        if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
            return Some(String::from_utf8_lossy(&body).into_owned());
        }
    }
}
