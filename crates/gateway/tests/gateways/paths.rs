//! Hostile and ordinary targets, as bytes over HTTP/1.1 and as frames over HTTP/2.
//!
//! `expected/NAME.txt` has a line for each case that does not simply get the library's verdict on
//! the bytes that were sent. `ROUTESCOPE_BLESS=1` writes these files.

use std::{env, fs};

use crate::gateways::Gateway;
use crate::path_cases::{PathCase, path_cases};
use crate::process::repository;
use crate::rig::Rig;
use crate::sender::Protocol;
use crate::verdicts::{Fate, text};

/// Targets that `path-cases.json` does not have: forms of targets that gateways treat apart.
const MORE: [(&str, &str, &str); 16] = [
    ("X01", "GET", "http://gateway.example/api/v1/colleagues/"),
    (
        "X02",
        "PUT",
        "http://other.example/api/v1/pbx/system/reboot/",
    ),
    (
        "X03",
        "GET",
        "http://user:word@gateway.example/api/v1/colleagues/",
    ),
    (
        "X04",
        "GET",
        "HTTP://gateway.example/api/v1/colleagues/?page=2",
    ),
    (
        "X05",
        "GET",
        "http://gateway.example/api/v1/sounds/../colleagues/",
    ),
    ("X06", "GET", "/api/v1/colleagues/#fragment"),
    ("X07", "GET", "/api/v1/colleagues/#/../pbx/system/reboot/"),
    ("X08", "GET", "*"),
    ("X09", "GET", "api/v1/colleagues/"),
    ("X10", "GET", "//gateway.example/api/v1/colleagues/"),
    (
        "X11",
        "PUT",
        "/api/v1/colleagues/;/../../pbx/system/reboot/",
    ),
    ("X12", "PUT", "/api/v1/colleagues/..;/pbx/system/reboot/"),
    (
        "X13",
        "GET",
        "/api/v1/colleagues/?next=/../pbx/system/reboot/",
    ),
    ("X14", "GET", "?/api/v1/colleagues/"),
    ("X15", "GET", "/api/v1/phonebooks/a%2Cb/contacts/"),
    ("X16", "CONNECT", "gateway.example:443"),
];

pub(crate) fn test(gateway: &Gateway) {
    let of_case = |case| {
        gateway
            .protocols()
            .into_iter()
            .map(move |protocol| (case, protocol))
    };
    let cases = cases();
    let requests: Vec<_> = cases.iter().flat_map(of_case).collect();
    let results = Rig::for_each(gateway, &requests, |rig, (case, protocol)| {
        let (is_allowed, line) = send(rig, *protocol, case);
        (
            is_allowed,
            line.map(|line| format!("{} {} {line}", case.id, protocol.name())),
        )
    });
    // 31 cases are allowed unchanged.
    let allowed = results.iter().filter(|result| result.0).count();
    assert!(
        allowed >= 31 * gateway.protocols().len(),
        "{allowed} allowed"
    );
    let lines: Vec<_> = results.into_iter().filter_map(|result| result.1).collect();
    compare(gateway.name, &lines);
}

impl Protocol {
    const fn name(self) -> &'static str {
        match self {
            Self::Http1 => "http1",
            Self::Http2 => "http2",
        }
    }
}

fn cases() -> Vec<PathCase> {
    let more = MORE.iter().map(|&(id, method, target)| PathCase {
        id: id.to_owned(),
        method: method.as_bytes().to_vec(),
        target: target.as_bytes().to_vec(),
    });
    path_cases().into_iter().chain(more).collect()
}

/// Sends a case with a key that opens every route. Returns whether it was forwarded, and how it
/// differs from the library's answer to the bytes that were sent.
fn send(rig: &Rig, protocol: Protocol, case: &PathCase) -> (bool, Option<String>) {
    let request = rig.request(&case.method, &case.target, "pbx:*");
    let (_, fate) = rig.send(protocol, &request);
    let is_as_sent = |method: &[u8], target: &[u8]| method == case.method && target == case.target;
    let library = rig.library(&request);
    let as_sent = if library.is_allow() { "allow" } else { "deny" };
    let difference = match &fate {
        // The server has decided the bytes that were sent, as the library does.
        Fate::Forwarded { method, target } | Fate::Refused { method, target, .. }
            if is_as_sent(method, target) =>
        {
            None
        }
        Fate::Forwarded { method, target } => Some(format!(
            "arrives as {} {}: allow (as sent: {as_sent})",
            text(method),
            text(target),
        )),
        Fate::Refused {
            method,
            target,
            status,
        } => Some(format!(
            "is asked as {} {}: {status} (as sent: {as_sent})",
            text(method),
            text(target),
        )),
        Fate::RefusedUntold { status } => Some(format!("is asked without a target: {status}")),
        Fate::Unread { answer, status } => Some(format!(
            "is asked in a check request that the server answers with {answer}: {status}"
        )),
        Fate::Own(Some(status)) => Some(format!("is answered by the gateway itself: {status}")),
        Fate::Own(None) => Some("is closed or reset by the gateway".to_owned()),
        Fate::AllowedAndOwn(Some(status)) => Some(format!(
            "is allowed, and answered by the gateway itself: {status}"
        )),
        Fate::AllowedAndOwn(None) => Some("is allowed, and closed by the gateway".to_owned()),
    };
    (matches!(fate, Fate::Forwarded { .. }), difference)
}

/// Compares with the expected lines, or writes them.
fn compare(name: &str, lines: &[String]) {
    let folder = repository().join("crates/gateway/tests/gateways/expected");
    let path = folder.join(format!("{name}.txt"));
    let found: String = lines.iter().map(|line| format!("{line}\n")).collect();
    if env::var_os("ROUTESCOPE_BLESS").is_some() {
        fs::create_dir_all(&folder).expect("the folder of expected lines");
        fs::write(&path, found).expect("the expected lines");
        return;
    }
    let expected = fs::read_to_string(&path).expect("the expected lines");
    let missing = expected
        .lines()
        .filter(|line| !lines.iter().any(|other| other == line));
    let added = lines
        .iter()
        .filter(|line| !expected.lines().any(|other| other == *line));
    let missing: Vec<_> = missing.collect();
    let added: Vec<_> = added.collect();
    assert!(
        missing.is_empty() && added.is_empty(),
        "{name} treats targets in another way.\nNo longer: {missing:#?}\nNew: {added:#?}"
    );
}
