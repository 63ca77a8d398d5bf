//! The relay of Envoy's gRPC: frames pass unchanged, and the messages in them are decoded.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use envoy_types::pb::envoy::service::auth::v3::check_response::HttpResponse;
use envoy_types::pb::envoy::service::auth::v3::{CheckRequest, CheckResponse};
use prost::Message;

use crate::frames::{DATA, Frame, PREFACE};
use crate::relay::{Mode, Shared, hang};

/// A check that waits for its answer: its id, and the answer as far as it has come.
type Waiting = HashMap<u32, (u64, Vec<u8>)>;

/// Passes frames both ways.
pub(crate) fn pass(
    shared: &Arc<Shared>,
    mut gateway: TcpStream,
    mut server: TcpStream,
) -> io::Result<()> {
    let waiting = Arc::new(Mutex::new(Waiting::new()));
    let back = {
        let (server, gateway) = (server.try_clone()?, gateway.try_clone()?);
        let (shared, waiting) = (Arc::clone(shared), Arc::clone(&waiting));
        thread::spawn(move || {
            // Either side may close whenever it likes.
            let _ = answers(&shared, &waiting, server, &gateway);
            let _ = gateway.shutdown(Shutdown::Both);
        })
    };
    let mut preface = [0; PREFACE.len()];
    gateway.read_exact(&mut preface)?;
    server.write_all(&preface)?;
    let mut requests: HashMap<u32, Vec<u8>> = HashMap::new();
    while let Some(frame) = Frame::read(&mut gateway)? {
        if frame.kind() == DATA {
            requests
                .entry(frame.stream())
                .or_default()
                .extend(frame.payload());
        }
        if frame.ends_stream() {
            let message = requests.remove(&frame.stream()).unwrap_or_default();
            let id = shared.record(told(&message));
            lock(&waiting).insert(frame.stream(), (id, Vec::new()));
        }
        if matches!(shared.mode(), Mode::Hang | Mode::Away) {
            return hang(&mut gateway);
        }
        server.write_all(&frame.bytes)?;
    }
    server.shutdown(Shutdown::Both)?;
    back.join().expect("the thread of answers");
    Ok(())
}

fn lock(waiting: &Mutex<Waiting>) -> std::sync::MutexGuard<'_, Waiting> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answers(
    shared: &Shared,
    waiting: &Mutex<Waiting>,
    mut server: TcpStream,
    mut gateway: &TcpStream,
) -> io::Result<()> {
    while let Some(frame) = Frame::read(&mut server)? {
        if let Some((_, message)) = lock(waiting).get_mut(&frame.stream())
            && frame.kind() == DATA
        {
            message.extend(frame.payload());
        }
        if frame.ends_stream()
            && let Some((id, message)) = lock(waiting).remove(&frame.stream())
            && let Some(status) = status(&message)
        {
            shared.answered(id, status);
        }
        gateway.write_all(&frame.bytes)?;
    }
    Ok(())
}

/// The bytes of a message, after the byte of its compression, which is off, and its length.
fn unframed(bytes: &[u8]) -> &[u8] {
    bytes.get(5..).unwrap_or(&[])
}

/// The method and the target that a check request tells.
fn told(message: &[u8]) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let request = CheckRequest::decode(unframed(message)).expect("a check request");
    let http = request
        .attributes
        .and_then(|attributes| attributes.request?.http);
    let some = |text: String| Some(text.into_bytes()).filter(|text| !text.is_empty());
    match http {
        Some(http) => (some(http.method), some(http.path)),
        None => (None, None),
    }
}

fn status(message: &[u8]) -> Option<u16> {
    let response = CheckResponse::decode(unframed(message)).ok()?;
    match (response.status?.code, response.http_response) {
        (0, _) => Some(200),
        (_, Some(HttpResponse::DeniedResponse(denied))) => u16::try_from(denied.status?.code).ok(),
        _ => None,
    }
}
