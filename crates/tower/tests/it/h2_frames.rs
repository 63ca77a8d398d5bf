//! HTTP/2 by frames (RFC 9113), with header fields that no client library would send.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

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

fn frame(bytes: &mut Vec<u8>, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
    let length = u32::try_from(payload.len()).expect("a short payload");
    bytes.extend(&length.to_be_bytes()[1..]);
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
}

/// A header block of literal fields with literal names, neither indexed nor Huffman-coded
/// (RFC 7541 section 6.2.2).
fn block(fields: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        text(&mut bytes, name);
        text(&mut bytes, value);
    }
    bytes
}

fn text(bytes: &mut Vec<u8>, text: &[u8]) {
    // An integer with a prefix of 7 bits (RFC 7541 section 5.1).
    let mut rest = text.len();
    if rest < 127 {
        bytes.push(u8::try_from(rest).expect("7 bits"));
    } else {
        bytes.push(127);
        rest -= 127;
        while rest >= 128 {
            bytes.push(u8::try_from(rest % 128).expect("7 bits") | 128);
            rest /= 128;
        }
        bytes.push(u8::try_from(rest).expect("7 bits"));
    }
    bytes.extend(text);
}
