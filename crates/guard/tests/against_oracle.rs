//! Random policies, keys, requests and reloads, against an oracle that knows nothing of hashes,
//! tables and snapshots: a list of keys that are compared by their texts, and scopes by their
//! names.
//!
//! `ROUTESCOPE_ORACLE_ROUNDS` sets the number of random guards; each decides some thousand times.

use fastrand::Rng;
use routescope::{OwnedPolicy, Policy, Reason};
use routescope_guard::{
    Guard, HashSecret, KeyEntry, KeyFile, KeyHash, PreviousKey, ReloadError, StoredHash,
};

/// A key as the oracle knows it.
#[derive(Clone, Debug)]
struct Known {
    text: String,
    id: String,
    scopes: Vec<String>,
    expires: Option<u64>,
    is_previous: bool,
}

const SCOPES: [&str; 8] = [
    "orders:read",
    "orders:write",
    "orders:*",
    "users:read",
    "users:*",
    "nothing:read",
    "shop:read",
    "shop:*",
];
const METHODS: [&str; 8] = [
    "GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "get", "PATCH",
];
const SEGMENTS: [&str; 7] = ["a", "b", "A", "{x}", "orders", "%7C", "a.b"];
const TEXTS: [&str; 12] = [
    "a", "b", "A", "orders", "7", "%7C", "%7c", "a.b", "", "..", "%61", "a+",
];

fn path(rng: &mut Rng, segments: &[&str]) -> String {
    let count = rng.usize(1..4);
    let mut path = String::new();
    for _ in 0..count {
        path.push('/');
        let segment = segments[rng.usize(..segments.len())];
        path.push_str(&segment.replace("{x}", &format!("{{x{}}}", path.len())));
    }
    if rng.bool() {
        path.push('/');
    }
    path
}

/// The text of a policy, which may have mistakes that the compiler refuses.
fn policy_text(rng: &mut Rng, format: Option<&str>, has_options: bool) -> String {
    let mut text = "version: 1\nname: shop\nmethod_rule: none\n".to_owned();
    if let Some(format) = format {
        text.push_str(&format!("key: {format}\n"));
    }
    if rng.bool() {
        text.push_str("umbrella: shop\n");
    }
    if has_options && rng.u8(..3) == 0 {
        text.push_str("paths: { case: insensitive, trailing_slash: optional }\n");
    }
    text.push_str("scopes:\n");
    for scope in SCOPES.iter().take(5) {
        if rng.u8(..4) == 0 {
            continue;
        }
        text.push_str(&format!("  \"{scope}\":\n    routes:\n"));
        for _ in 0..rng.usize(1..4) {
            let method = METHODS[rng.usize(..5)];
            let method = if method == "HEAD" { "GET" } else { method };
            text.push_str(&format!("      - {method} {}\n", path(rng, &SEGMENTS)));
        }
    }
    // More scopes than one word of a set has bits.
    if rng.u8(..4) == 0 {
        for number in 0..70 {
            text.push_str(&format!(
                "  \"m{number}:read\":\n    routes:\n      - GET /m/{number}\n"
            ));
        }
    }
    text
}

fn policy(rng: &mut Rng, format: Option<&str>) -> Vec<u8> {
    loop {
        let has_options = rng.bool();
        let text = policy_text(rng, format, has_options);
        if let Ok(compiled) = routescope_compiler::compile("p.yaml", &text) {
            return compiled.to_bytes();
        }
    }
}

const NOW: u64 = 1_000_000;

fn moment(rng: &mut Rng) -> u64 {
    match rng.u8(..8) {
        0 => 0,
        1 => NOW - 1,
        2 => NOW,
        3 => NOW + 1,
        4 => u64::MAX,
        5 => u64::MAX - 1,
        _ => NOW + 100,
    }
}

fn key_text(rng: &mut Rng, format: Option<&str>) -> String {
    let digits: String = (0..16).map(|_| rng.alphanumeric()).collect();
    match format {
        None if rng.bool() => format!("e{digits}.b{digits}.c{digits}"),
        None => digits,
        Some(_) => format!("k.v.-{digits}"),
    }
}

/// Random keys, for the guard and for the oracle. No two have one text.
fn keys(rng: &mut Rng, format: Option<&str>, secret: &HashSecret) -> (KeyFile, Vec<Known>) {
    let mut known: Vec<Known> = Vec::new();
    let mut entries = Vec::new();
    for number in 0..rng.usize(..12) {
        let hash = |rng: &mut Rng, text: &str| match rng.bool() {
            true => StoredHash::Sha256(KeyHash::sha256(text.as_bytes())),
            false => StoredHash::HmacSha256(secret.hash(text.as_bytes())),
        };
        let text = key_text(rng, format);
        let scopes: Vec<String> = SCOPES
            .iter()
            .filter(|_| rng.bool())
            .map(|scope| (*scope).to_owned())
            .collect();
        let id = format!("owner-{number}");
        let mut entry = KeyEntry::new(&id, hash(rng, &text), scopes.clone());
        entry.expires = rng.bool().then(|| moment(rng));
        known.push(Known {
            text: text.clone(),
            id: id.clone(),
            scopes: scopes.clone(),
            expires: entry.expires,
            is_previous: false,
        });
        if rng.u8(..3) == 0 {
            let text = key_text(rng, format);
            let expires = moment(rng);
            entry.previous = Some(PreviousKey {
                hash: hash(rng, &text),
                expires,
            });
            let expires = expires.min(entry.expires.unwrap_or(u64::MAX));
            known.push(Known {
                text,
                id,
                scopes,
                expires: Some(expires),
                is_previous: true,
            });
        }
        entries.push(entry);
    }
    (KeyFile::new(entries), known)
}

/// Reads `Authorization` a second way, which shares no code with the guard.
fn read(values: &[Vec<u8>], format: Option<&str>) -> Result<String, Reason> {
    let value = match values {
        [] => return Err(Reason::MissingKey),
        [value] => String::from_utf8_lossy(value).into_owned(),
        _ => return Err(Reason::MalformedKey),
    };
    let is_scheme = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
    };
    let (scheme, rest) = match value.split_once(' ') {
        Some((scheme, rest)) => (scheme, Some(rest)),
        None => (value.as_str(), None),
    };
    if !is_scheme(scheme) {
        return Err(Reason::MalformedKey);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Reason::MissingKey);
    }
    let token = rest.unwrap_or_default().trim_start_matches(' ');
    let is_key = match format {
        Some(_) => {
            token.len() == 21
                && token.starts_with("k.v.-")
                && token[5..].chars().all(|c| c.is_ascii_alphanumeric())
        }
        None => {
            let body = token.trim_end_matches('=');
            !body.is_empty()
                && token.len() <= 4096
                && body
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c))
        }
    };
    if is_key {
        Ok(token.to_owned())
    } else {
        Err(Reason::MalformedKey)
    }
}

fn headers(rng: &mut Rng, known: &[Known], format: Option<&str>) -> Vec<Vec<u8>> {
    let mut text = match known {
        [] => key_text(rng, format),
        _ if rng.u8(..6) == 0 => key_text(rng, format),
        _ => known[rng.usize(..known.len())].text.clone(),
    };
    match rng.u8(..48) {
        0 => text.push(' '),
        1 => text.push('='),
        2 => {
            text.pop();
        }
        3 => text.push('0'),
        4 => text = text.to_ascii_uppercase(),
        5 => text.insert(0, '.'),
        6 => text.push(','),
        7 => text.push('\0'),
        _ => {}
    }
    let scheme = match rng.u8(..40) {
        0 => "bearer ",
        1 => "BEARER  ",
        2 => "Bearer\t",
        3 => "Bearer",
        4 => "Basic ",
        5 => " Bearer ",
        6 => "Bearer, ",
        7 => "",
        8 => "Bearer: ",
        9 => "Bearer Bearer ",
        _ => "Bearer ",
    };
    let mut value = format!("{scheme}{text}").into_bytes();
    if rng.u8(..40) == 0 {
        value.push(0xFF);
    }
    match rng.u8(..20) {
        0 => vec![],
        1 => vec![value.clone(), value],
        2 => vec![b"Basic eA==".to_vec(), value],
        3 => vec![value, Vec::new()],
        _ => vec![value],
    }
}

/// A request, most times one that the policy lists.
fn request(rng: &mut Rng, policy: Policy<'_>) -> (&'static str, String) {
    let route = policy.routes().nth(rng.usize(..policy.routes().len()));
    let (Some(route), true) = (route, rng.u8(..4) > 0) else {
        return (METHODS[rng.usize(..METHODS.len())], path(rng, &TEXTS));
    };
    let segments = route.template().split('/').map(|segment| {
        if segment.starts_with('{') {
            TEXTS[rng.usize(..TEXTS.len())]
        } else {
            segment
        }
    });
    let target = segments.collect::<Vec<_>>().join("/");
    let method = match rng.u8(..6) {
        0 => METHODS[rng.usize(..METHODS.len())],
        _ => route.method().as_str(),
    };
    (method, target)
}

/// A decision of the guard and of the oracle.
fn check(
    rng: &mut Rng,
    guard: &Guard,
    policy: Policy<'_>,
    known: &[Known],
    format: Option<&str>,
) -> bool {
    let values = headers(rng, known, format);
    let (method, mut target) = request(rng, policy);
    match rng.u8(..32) {
        0 => target.push_str("?a=/b"),
        1 => target.push_str("#x"),
        2 => target.push_str(";p"),
        3 => target.insert_str(0, "http://h"),
        4 => target.clear(),
        _ => {}
    }
    let now = match rng.u8(..8) {
        0 => u64::MAX,
        1 => 0,
        2 => NOW - 1,
        3 => NOW + 1,
        _ => NOW,
    };
    let answer = guard.decide(
        values.iter().map(Vec::as_slice),
        method,
        target.as_bytes(),
        now,
    );
    let context = || format!("{values:?} {method} {target} at {now}, of {known:?}: {answer}");

    let (reason, owner) = match read(&values, format) {
        Err(reason) => (Some(reason), None),
        Ok(text) => match known.iter().find(|known| known.text == text) {
            None => (Some(Reason::UnknownKey), None),
            Some(known) if known.expires.is_some_and(|expires| now >= expires) => {
                (Some(Reason::ExpiredKey), Some(known))
            }
            Some(known) => {
                let names: Vec<&str> = known.scopes.iter().map(String::as_str).collect();
                let decision = policy.authorize(names.as_slice(), method, target.as_bytes());
                let reason = decision.denial().map(|denial| denial.reason());
                (reason, Some(known))
            }
        },
    };
    assert_eq!(answer.reason(), reason.map(Into::into), "{}", context());
    assert_eq!(
        answer.key_id(),
        owner.map(|known| known.id.as_str()),
        "{}",
        context()
    );
    assert_eq!(answer.admits(), reason.is_none(), "{}", context());
    let is_previous = owner.is_some_and(|known| known.is_previous);
    assert_eq!(answer.is_previous_key(), is_previous, "{}", context());
    let forwarded: Vec<_> = answer.forward_headers().collect();
    assert_eq!(forwarded.is_empty(), reason.is_some(), "{}", context());
    if reason.is_none() {
        assert_eq!(
            Some(forwarded[0]),
            owner.map(|known| ("x-key-id", known.id.as_str()))
        );
    }
    let digest: String = policy.digest().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(answer.digest(), digest);
    reason.is_none()
}

/// Whether some key with one scope may now make a request that it could not make.
fn opens_more(rng: &mut Rng, was: Policy<'_>, is: Policy<'_>) -> Option<String> {
    for _ in 0..300 {
        let (method, target) = request(rng, is);
        for scope in SCOPES {
            if !was.authorize(&[scope], method, &target).is_allow()
                && is.authorize(&[scope], method, &target).is_allow()
            {
                return Some(format!("{method} {target} by {scope}"));
            }
        }
    }
    None
}

#[test]
fn the_guard_decides_as_a_list_of_keys_does() {
    let rounds = std::env::var("ROUTESCOPE_ORACLE_ROUNDS");
    let rounds: u64 = rounds.map_or(30, |rounds| rounds.parse().expect("a number"));
    let (mut decisions, mut allowed, mut reloads, mut refused, mut wider) = (0, 0, 0, 0, 0);
    for seed in 0..rounds {
        let mut rng = Rng::with_seed(seed);
        let rng = &mut rng;
        let format = rng
            .bool()
            .then_some("{ prefix: \"k.v.-\", length: 21, alphabet: alphanumeric }");
        let bytes = rng.choice([
            "0123456789abcdef0123456789abcdef",
            "another secret of some length...!",
        ]);
        let secret = || HashSecret::new(bytes.unwrap_or_default().as_bytes()).expect("a secret");
        let load = |bytes: &[u8]| OwnedPolicy::from_bytes(bytes.to_vec()).expect("a policy");
        let mut in_force = policy(rng, format);
        let (file, mut known) = keys(rng, format, &secret());
        let refuses = rng.bool();
        let guard = Guard::builder(load(&in_force))
            .keys(file)
            .hash_secret(secret());
        #[cfg(feature = "compiler")]
        let guard = guard.refuse_wider(refuses);
        let guard = guard.build().expect("a guard");
        for _ in 0..10 {
            let held = load(&in_force);
            for _ in 0..500 {
                decisions += 1;
                allowed += u32::from(check(rng, &guard, held.policy(), &known, format));
            }
            let next = policy(rng, format);
            let (file, more) = keys(rng, format, &secret());
            let done = match rng.u8(..3) {
                0 => guard.set_keys(file).map(|_| (None, Some(more))),
                1 => guard
                    .set_policy(load(&next))
                    .map(|_| (Some(next.clone()), None)),
                _ => guard
                    .replace(load(&next), file)
                    .map(|_| (Some(next.clone()), Some(more))),
            };
            match done {
                Ok((policy, keys)) => {
                    reloads += 1;
                    if let Some(policy) = policy {
                        if cfg!(feature = "compiler") && refuses {
                            let is = load(&policy);
                            assert_eq!(opens_more(rng, held.policy(), is.policy()), None, "{seed}");
                        }
                        in_force = policy;
                    }
                    known = keys.unwrap_or(known);
                }
                Err(ReloadError::DuplicateKey { .. }) => refused += 1,
                Err(error) => {
                    assert!(refuses, "{error}");
                    wider += 1;
                }
            }
        }
    }
    eprintln!(
        "{decisions} decisions, {allowed} allowed, {reloads} reloads, {refused} refused, {wider} wider"
    );
    assert!(allowed > 0 && reloads > 0);
}
