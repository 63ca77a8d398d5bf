//! The rules that hold for every request: the bytes that were decided are the bytes that are
//! forwarded, nothing is forwarded unasked, and nothing that the library would deny.

use std::fmt;

use routescope_guard::{IDENTITY_HEADERS, OVERRIDE_HEADERS, is_same_header};

use crate::http1::Head;
use crate::recorder::Forwarded;
use crate::relay::Check;
use crate::sender::{Reply, Request};
use crate::server::Server;

/// A rule that does not hold, with a description.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// A request was forwarded without its own check that was answered with 200 before.
    Unasked(String),
    /// The forwarded method or target are other bytes than the gateway told.
    OtherThanTold(String),
    /// The library denies the forwarded request.
    Denied(String),
    /// The client's status is not that of a request which was forwarded, or was not.
    Status(String),
    /// The forwarded headers have a credential, or a header that a client has made up.
    Header(String),
    /// The server was asked more than once about one request.
    AskedTwice(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rule, text) = match self {
            Self::Unasked(text) => ("forwarded unasked", text),
            Self::OtherThanTold(text) => ("forwarded other bytes than were decided", text),
            Self::Denied(text) => ("forwarded although the library denies it", text),
            Self::Status(text) => ("the status is wrong", text),
            Self::Header(text) => ("forwarded with a wrong header", text),
            Self::AskedTwice(text) => ("asked twice", text),
        };
        write!(f, "{rule}: {text}")
    }
}

/// The fate of one request for which every rule holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    Forwarded {
        method: Vec<u8>,
        target: Vec<u8>,
    },
    /// The server was asked about a method and a target, and the client got this status.
    Refused {
        method: Vec<u8>,
        target: Vec<u8>,
        status: u16,
    },
    /// The server was told no method or no target, or several, and the client got this status.
    RefusedUntold {
        status: u16,
    },
    /// The server could not read the check request as HTTP, and the client got this status.
    Unread {
        answer: u16,
        status: u16,
    },
    /// The gateway has answered itself, with a status or by closing.
    Own(Option<u16>),
    /// The server has allowed the request, and the gateway has answered itself all the same.
    AllowedAndOwn(Option<u16>),
}

/// Judges one request, with everything that was recorded while it was answered.
pub(crate) fn judge(
    server: &Server,
    request: &Request,
    reply: &Reply,
    checks: &[Check],
    forwarded: &[Forwarded],
) -> Result<Fate, Fault> {
    let sent = format!("{} {}", text(&request.method), text(&request.target));
    judge_all(server, |_| request.authorization.clone(), checks, forwarded)?;
    // A gateway may ask again where it got no answer.
    let answered = checks.iter().filter(|check| check.answer.is_some());
    if answered.count() > 1 || forwarded.len() > 1 {
        return Err(Fault::AskedTwice(format!(
            "{sent}: {checks:?} {forwarded:?}"
        )));
    }
    if let [forwarded] = forwarded {
        if !matches!(reply.status, Some(200 | 101 | 426)) {
            return Err(Fault::Status(format!(
                "{sent} was forwarded, and got {:?}",
                reply.status
            )));
        }
        let (method, target) = (
            forwarded.head.method().to_vec(),
            forwarded.head.target().to_vec(),
        );
        return Ok(Fate::Forwarded { method, target });
    }
    // `OPTIONS *` is a question about the server, and not about anything that is guarded.
    let is_about_server = request.method == b"OPTIONS" && request.target == b"*";
    if !matches!(reply.status, None | Some(400..=599)) && !is_about_server {
        return Err(Fault::Status(format!(
            "{sent} was not forwarded, and got {:?}",
            reply.status
        )));
    }
    let Some(check) = checks.last() else {
        return Ok(Fate::Own(reply.status));
    };
    match (check.answer.map(|answer| answer.status), reply.status) {
        (Some(200), status) => Ok(Fate::AllowedAndOwn(status)),
        (Some(answer @ (401 | 403)), Some(status)) if answer == status => {
            Ok(match (check.method.clone(), check.target.clone()) {
                (Some(method), Some(target)) => Fate::Refused {
                    method,
                    target,
                    status,
                },
                _ => Fate::RefusedUntold { status },
            })
        }
        (Some(answer @ 400..=499), Some(status)) if !matches!(answer, 401 | 403) => {
            Ok(Fate::Unread { answer, status })
        }
        (None, status @ (None | Some(403 | 500..))) => Ok(Fate::Own(status)),
        (answer, status) => Err(Fault::Status(format!(
            "{sent}: the server said {answer:?}, the client got {status:?}"
        ))),
    }
}

/// Judges any number of requests; `authorization` tells the credentials that a forwarded one was
/// sent with.
pub(crate) fn judge_all(
    server: &Server,
    authorization: impl Fn(&Head) -> Vec<String>,
    checks: &[Check],
    forwarded: &[Forwarded],
) -> Result<(), Fault> {
    let mut unused: Vec<&Check> = checks.iter().collect();
    for forwarded in forwarded {
        let head = &forwarded.head;
        let line = format!("{} {}", text(head.method()), text(head.target()));
        let is_before = |check: &&Check| {
            check
                .answer
                .is_some_and(|answer| answer.status == 200 && answer.at < forwarded.at)
        };
        let is_told = |check: &&Check| {
            check.method.as_deref() == Some(head.method())
                && check.target.as_deref() == Some(head.target())
        };
        let Some(at) = unused
            .iter()
            .position(|check| is_before(check) && is_told(check))
        else {
            return Err(match unused.iter().find(|check| is_before(check)) {
                Some(check) => Fault::OtherThanTold(format!("{line}, and told {check:?}")),
                None => Fault::Unasked(line),
            });
        };
        unused.remove(at);
        let answer = server.library(&authorization(head), head.method(), head.target());
        if !answer.is_allow() {
            return Err(Fault::Denied(format!("{line}: {:?}", answer.reason())));
        }
        let identity: Vec<_> = answer.forward_headers().collect();
        headers(forwarded, &identity).map_err(|fault| Fault::Header(format!("{line}: {fault}")))?;
    }
    Ok(())
}

/// Checks that a forwarded head has the identity of the library's answer and nothing that a client
/// could have made up.
fn headers(forwarded: &Forwarded, identity: &[(&str, &str)]) -> Result<(), String> {
    let head = &forwarded.head;
    for (name, value) in head.headers() {
        let value = String::from_utf8_lossy(value);
        if is_same_header(&name, "authorization") {
            return Err("the credential".to_owned());
        }
        if OVERRIDE_HEADERS
            .iter()
            .any(|other| is_same_header(&name, other))
        {
            return Err(format!("{name}: {value}"));
        }
        if IDENTITY_HEADERS
            .iter()
            .any(|other| is_same_header(&name, other))
            && !identity
                .iter()
                .any(|own| name.eq_ignore_ascii_case(own.0) && value == own.1)
        {
            return Err(format!("{name}: {value}, not one of {identity:?}"));
        }
    }
    for (name, _) in identity {
        if head.values(name).count() != 1 {
            return Err(format!("{name} is missing or doubled"));
        }
    }
    match head.has_two_lengths() {
        true => Err("a body of two lengths".to_owned()),
        false => Ok(()),
    }
}

/// Bytes as a text of one line.
pub(crate) fn text(bytes: &[u8]) -> String {
    match bytes.len() {
        0..=120 => bytes.escape_ascii().to_string(),
        length => format!("{}...({length} bytes)", bytes[..120].escape_ascii()),
    }
}
