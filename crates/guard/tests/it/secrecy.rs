//! No key is in anything that the guard shows: log, metrics, status, errors, `Debug`, `Display`,
//! headers, tracing and the messages of panics. Every place where a client or an operator may put
//! a key by mistake is tried, and all output is searched for every 12 bytes of every key.

use std::collections::HashSet;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::io;
use std::panic;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use routescope::pbx;
use routescope_guard::{
    Answer, CheckFault, DecisionLog, FoundKey, Guard, HashSecret, KeyFile, KeyHash, KeyLookup,
    LogSink, LookupFailed, PolicyOrigin, PreviousKey, Shadow, StoredHash,
};

use crate::requests::{File, Lines, NOW, entry, key, keys, text};

/// The least part of a key that must not be shown.
const WINDOW: usize = 12;

/// Everything that was shown, with a remark about where.
#[derive(Default)]
struct Shown(Vec<(String, String)>);

impl Shown {
    fn text(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.0.push((place.into(), text.into()));
    }

    fn value(&mut self, place: &str, value: &(impl Debug + Display)) {
        self.debug(place, value);
        self.text(format!("Display of {place}"), value.to_string());
    }

    fn debug(&mut self, place: &str, value: &impl Debug) {
        self.text(format!("Debug of {place}"), format!("{value:?} {value:#?}"));
    }

    fn answer(&mut self, place: &str, answer: &Answer) {
        self.value(place, answer);
        for (name, value) in answer.response_headers().chain(answer.forward_headers()) {
            self.text(format!("{place}: header {name}"), value);
        }
        let texts = [answer.key_id(), answer.route_name(), answer.template()];
        for text in texts.into_iter().flatten() {
            self.text(format!("{place}: text"), text);
        }
        self.debug(
            place,
            &(answer.reason(), answer.bad_path(), answer.check_fault()),
        );
        self.debug(place, &(answer.route(), answer.scope(), answer.policy()));
        self.debug(place, &answer.clone());
    }

    /// The places that show a part of a key, percent-encoded or not.
    fn leaks<'s>(&'s self, windows: &HashSet<[u8; WINDOW]>) -> Vec<&'s (String, String)> {
        let has_part = |text: &[u8]| {
            text.windows(WINDOW)
                .filter_map(array)
                .any(|part| windows.contains(&part))
        };
        let leaks = self.0.iter().filter(|(_, text)| {
            let mut plain = text.clone().into_bytes();
            loop {
                if has_part(&plain) {
                    return true;
                }
                let decoded = decode(&plain);
                if decoded == plain {
                    return false;
                }
                plain = decoded;
            }
        });
        leaks.collect()
    }
}

fn array(part: &[u8]) -> Option<[u8; WINDOW]> {
    part.try_into().ok()
}

fn decode(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                plain.push(byte);
                rest = &after[2..];
            }
            _ => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    plain
}

/// All parts of the random text of keys, in the case that they have, and in others.
fn windows(keys: &[String]) -> HashSet<[u8; WINDOW]> {
    let mut windows = HashSet::new();
    for key in keys {
        let random = key.strip_prefix("wsk-v1-").expect("the form of the PBX");
        for text in [
            random.to_owned(),
            random.to_uppercase(),
            random.to_lowercase(),
        ] {
            windows.extend(text.as_bytes().windows(WINDOW).filter_map(array));
        }
    }
    windows
}

/// The keys of the test: one of each kind, and what becomes of them.
struct TestKeys {
    valid: String,
    previous: String,
    keyed: String,
    expired: String,
    unknown: String,
    looked_up: String,
}

impl TestKeys {
    fn new() -> Self {
        Self {
            valid: key(11),
            previous: key(12),
            keyed: key(13),
            expired: key(14),
            unknown: key(15),
            looked_up: key(16),
        }
    }

    fn all(&self) -> Vec<String> {
        [
            &self.valid,
            &self.previous,
            &self.keyed,
            &self.expired,
            &self.unknown,
            &self.looked_up,
        ]
        .map(Clone::clone)
        .to_vec()
    }

    fn file(&self) -> KeyFile {
        let mut valid = entry("valid", &self.valid, &["colleagues:read"]);
        valid.previous = Some(PreviousKey {
            hash: entry("", &self.previous, &[]).hash,
            expires: NOW + 1,
        });
        valid.note = Some("a note".to_owned());
        let mut keyed = entry("keyed", "", &["pbx:*"]);
        keyed.hash = StoredHash::HmacSha256(secret().hash(self.keyed.as_bytes()));
        let mut expired = entry("expired", &self.expired, &["pbx:*"]);
        expired.expires = Some(NOW);
        keys([valid, keyed, expired])
    }
}

fn secret() -> HashSecret {
    HashSecret::new(&[7; HashSecret::MIN_LENGTH]).expect("long enough")
}

/// A store elsewhere: it knows one key, none, or does not answer.
#[derive(Clone, Copy, Debug)]
enum Store {
    Knows(KeyHash),
    Empty,
    Down,
}

impl KeyLookup for Store {
    async fn find(&self, hash: KeyHash) -> Result<Option<FoundKey>, LookupFailed> {
        match self {
            Self::Knows(known) if *known == hash => Ok(Some(FoundKey::new("looked-up", ["pbx:*"]))),
            Self::Knows(_) | Self::Empty => Ok(None),
            Self::Down => Err(LookupFailed),
        }
    }
}

fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a store without waiting is ready at once"),
    }
}

/// The `Authorization` headers that a request with this key may have, right and wrong ones.
fn headers(key: &str) -> Vec<Vec<String>> {
    let bearer = format!("Bearer {key}");
    let one = |header: String| vec![header];
    vec![
        one(bearer.clone()),
        one(format!("bearer   {key}")),
        one(key.to_owned()),
        one(format!("Basic {key}")),
        one(format!("Bearer {key}x")),
        one(format!("Bearer {}", &key[..key.len() - 1])),
        one(format!("Bearer {key}\u{e9}")),
        one(format!("Bearer {key}, Bearer {key}")),
        one(format!("Bearer {}", key.to_uppercase())),
        one(format!("Digest username=\"{key}\"")),
        vec![bearer.clone(), bearer],
        Vec::new(),
    ]
}

/// Methods and targets in which somebody has put a key.
fn requests(key: &str) -> Vec<(String, String)> {
    let encoded: String = key.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let twice: String = key.bytes().map(|byte| format!("%25{byte:02x}")).collect();
    let random = key.strip_prefix("wsk-v1-").expect("the form of the PBX");
    let list = "/api/v1/colleagues/";
    let targets = [
        list.to_owned(),
        format!("/api/v1/phonebooks/?key={key}"),
        format!("{list}?key={key}"),
        format!("{list}?{key}"),
        format!("{list}%3Fkey={key}"),
        format!("{list}%3fkey={key}"),
        format!("{list}%253Fkey={key}"),
        format!("{list};key={key}"),
        format!("{list}%3Bkey={key}"),
        format!("{list}#{key}"),
        format!("{list}%23{key}"),
        format!("{list}{key}/"),
        format!("{list}{key}"),
        format!("{list}{random}/"),
        format!("{list}{encoded}/"),
        format!("{list}{twice}/"),
        format!("{list}{}/", key.to_uppercase()),
        format!("{list}{}/", key.to_lowercase()),
        format!("{list}Bearer%20{key}/"),
        format!("{list}../{key}/"),
        format!("/{key}"),
        format!("/unknown/{key}/more"),
        format!("/unknown/{random}/more"),
        format!("/unknown/key={key}"),
        format!("/unknown/{}{key}", "a/".repeat(118)),
        format!("/unknown/{}{random}", "a/".repeat(118)),
        format!("/unknown/{}{twice}", "a/".repeat(118)),
        format!("http://{key}@pbx.example{list}"),
        format!("http://user:{key}@pbx.example{list}"),
        format!("//user:{key}@pbx.example{list}"),
        format!("/http://user:{key}@pbx.example{list}"),
        format!("/http:/user:{random}@pbx.example{list}"),
        format!("user:{key}@pbx.example:443"),
        key.to_owned(),
        format!(" {list}{key}"),
        format!("/unknown/\r\n{key}"),
        format!("/unknown/\u{e9}{key}\u{0}"),
    ];
    let methods = [
        key.to_owned(),
        random.to_owned(),
        random[..16].to_owned(),
        format!("GET {list}{key}"),
        format!("GET\n{key}"),
    ];
    let with_get = targets.into_iter().flat_map(|target| {
        ["GET", "DELETE", "get"].map(|method| (method.to_owned(), target.clone()))
    });
    let with_list = methods.map(|method| (method, list.to_owned()));
    with_get.chain(with_list).collect()
}

/// Asks a guard everything with every key, and shows every answer.
fn ask(shown: &mut Shown, guard: &Guard, keys: &TestKeys) {
    let looked_up = secret().hash(keys.looked_up.as_bytes());
    let stores = [Store::Knows(looked_up), Store::Empty, Store::Down];
    shown.debug("a hash", &looked_up);
    for key in keys.all() {
        let requests = requests(&key);
        for (place, header) in headers(&key).iter().enumerate() {
            let header = || header.iter().map(String::as_bytes);
            // All of them with the first header, which gets furthest; some of them with each.
            let skipped = if place == 0 { 1 } else { 7 };
            for (method, target) in requests.iter().step_by(skipped) {
                let answer = guard.decide(header(), method, target, NOW);
                shown.answer("an answer", &answer);
            }
            for store in &stores {
                for (method, target) in [("GET", "/api/v1/colleagues/"), ("GET", "/unknown/")] {
                    let answer = ready(guard.decide_with(store, header(), method, target, NOW));
                    shown.answer("an answer with a store", &answer);
                }
            }
        }
        for (method, target) in &requests {
            let fault = CheckFault::OverrideHeader;
            shown.answer("a refusal", &guard.refuse(fault, method, target, NOW));
            shown.value("a fault", &fault);
        }
    }
}

/// Shows all that the guard tells of itself.
fn show_guard(shown: &mut Shown, guard: &Guard) {
    shown.debug("the guard", guard);
    shown.debug("the counts", &guard.counts());
    shown.value("the status", &guard.status());
    shown.text("the metrics", guard.metrics());
}

/// Reloads that fail, and one that succeeds: with a policy that is a key, or is at a place that is
/// one.
fn show_reloads(shown: &mut Shown, guard: &Guard, keys: &TestKeys) {
    let policy = File::new("secrecy-policy", keys.valid.as_bytes());
    for origin in [
        PolicyOrigin::file(&policy.0),
        PolicyOrigin::file("/no/such/file"),
        PolicyOrigin::file(std::env::temp_dir()),
    ] {
        shown.debug("an origin", &origin);
        let error = guard.set_policy(origin).expect_err("no policy");
        shown.value("an error of a reload", &error);
        show_guard(shown, guard);
    }
    let reload = guard.reload().expect("the old sources");
    shown.debug("a reload", &reload);
}

/// Key files into which somebody has pasted a key.
fn show_key_files(shown: &mut Shown, keys: &TestKeys) {
    let hash: String = KeyHash::sha256(keys.unknown.as_bytes())
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let key = &keys.valid;
    let entry = |id: &str, hash: &str, more: &str| {
        format!(
            "version: 1\nkeys:\n  - id: {id}\n    sha256: {hash}\n    scopes: [\"pbx:*\"]\n{more}"
        )
    };
    let texts = [
        entry(key, &hash, ""),
        entry("a", key, ""),
        entry("a", &format!("sha256:{key}"), ""),
        entry("a", &hash, &format!("    note: {key}\n")),
        entry("a", &hash, &format!("    expires: {key}\n")),
        entry("a", &hash, &format!("    {key}: 1\n")),
        entry("a", &hash, &format!("    key: {key}\n")),
        entry("a", &hash, &format!("    previous: {key}\n")),
        entry(
            "a",
            &hash,
            &format!("    previous: {{ sha256: {key}, expires: {key} }}\n"),
        ),
        entry("a", &hash, &format!("    # {key}\n")),
        entry("a", &hash, &format!("{key}: [\n")),
        entry("a", &hash, &format!("  - {key}\n")),
        entry("a", &hash, "").replace("pbx:*", key),
        entry("a", &hash, "").replace("version: 1", &format!("version: {key}")),
        entry("a", &hash, "").replace("keys:", &format!("policy: {key}\nkeys:")),
        entry("a", &hash, &format!("    note: &a {key}\n  - *a\n")),
        format!("{key}\n"),
        format!("{key}: {key}\n"),
        format!("\"{key}\n"),
        format!("version: 1\nkeys: {key}\n"),
        format!("version: 1\nkeys: [{key}]\n"),
        format!("version: 1\n\tkeys: [{key}]\n"),
        format!("version: 1\nkeys: !{key} []\n"),
        format!("version: 1\nkeys: *{key}\n"),
    ];
    for text in &texts {
        let file = File::new("secrecy-keys.yaml", text.as_bytes());
        if let Err(error) = KeyFile::parse("keys.yaml", text) {
            shown.value("an error of a key file's text", &error);
        }
        let lines = Lines::default();
        let builder = Guard::builder(pbx::POLICY)
            .keys_file(&file.0)
            .log(DecisionLog::new(Arc::clone(&lines)));
        shown.debug("a builder", &builder);
        match builder.build() {
            Ok(guard) => show_guard(shown, &guard),
            Err(error) => shown.value("an error of a key file", &error),
        }
        shown.text("the log of key files", self::text(&lines));
    }
}

/// Texts of policies into which somebody has pasted a key.
#[cfg(feature = "compiler")]
fn show_policies(shown: &mut Shown, guard: &Guard, keys: &TestKeys) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../routes.yaml");
    let policy = std::fs::read_to_string(path).expect("the policy of the PBX");
    let key = &keys.valid;
    let texts = [
        format!("{policy}\n{key}\n"),
        format!("{policy}\n{key}: 1\n"),
        format!("{policy}\n\"{key}\n"),
        policy.replace("name: pbx", &format!("name: {key}")),
        policy.replace("version: 1", &format!("version: {key}")),
        policy.replace("umbrella: pbx", &format!("umbrella: {key}")),
        policy.replace("wsk-v1-", key),
        policy.replace("\"aclgroups:read\"", &format!("\"{key}\"")),
        policy.replace("\"aclgroups:read\"", &format!("\"{key}:reed\"")),
        policy.replace("/api/v1/aclgroups/", &format!("/api/{key}/{{a}}/{{a}}/")),
        key.clone(),
    ];
    for text in texts {
        let file = File::new("secrecy-routes.yaml", text.as_bytes());
        match guard.set_policy(PolicyOrigin::file(&file.0)) {
            // A policy that is put in force is public, scopes and all.
            Ok(_) => drop(guard.set_policy(pbx::POLICY)),
            Err(error) => shown.value("an error of a policy", &error),
        }
        show_guard(shown, guard);
    }
}

#[cfg(not(feature = "compiler"))]
fn show_policies(_: &mut Shown, _: &Guard, _: &TestKeys) {}

/// A sink that panics, and an error of one that quotes nothing.
struct Panics;

impl LogSink for Panics {
    fn write_line(&self, _: &[u8]) -> io::Result<()> {
        panic!("the sink panics on purpose")
    }
}

/// The messages of all panics, whichever thread they are of.
static PANICS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn watch_panics() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let mut panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner);
        panics.push(format!("{info} {info:?}"));
        drop(panics);
        usual(info);
    }));
}

/// Tokens of an identity provider, good ones and refused ones, in all places of a request.
#[cfg(feature = "tokens")]
fn show_tokens(shown: &mut Shown) -> Vec<String> {
    use crate::sign::{self, Signer};

    let header = br#"{"alg":"EdDSA","typ":"at+jwt","kid":"ed"}"#;
    let good = sign::token(header, sign::claims(&[], &[]).as_bytes(), Signer::Key("ed"));
    let expired = sign::claims(&[("exp", "1")], &[]);
    let tokens = [
        good.clone(),
        sign::token(header, expired.as_bytes(), Signer::Key("ed")),
        sign::token(
            b"{}",
            sign::claims(&[], &[]).as_bytes(),
            Signer::Bytes(&[7; 64]),
        ),
    ];
    let set = File::new("secrecy-jwks.json", sign::jwk_set(&["ed"]).as_bytes());
    let lines = Lines::default();
    let log = DecisionLog::new(Arc::clone(&lines))
        .one_allow_in(1)
        .denials_per_second(u32::MAX);
    let builder = Guard::builder(pbx::POLICY)
        .tokens(sign::rules(), &set.0)
        .log(log);
    let guard = builder.build().expect("a sound set");
    for token in &tokens {
        let bearer = format!("Bearer {token}");
        let list = "/api/v1/colleagues/";
        let targets = [
            list.to_owned(),
            format!("{list}?access_token={token}"),
            format!("{list}{token}/"),
            format!("/unknown/{token}"),
            format!("/unknown/Bearer%20{token}/a"),
            format!("https://{token}@host/"),
        ];
        for target in &targets {
            for header in [
                vec![bearer.as_bytes()],
                vec![bearer.as_bytes(); 2],
                vec![token.as_bytes()],
            ] {
                let answer = guard.decide(header.clone(), "GET", target, sign::NOW);
                shown.answer("an answer to a token", &answer);
                let answer = guard.decide(header, token, target, sign::NOW);
                shown.answer("an answer to a token", &answer);
            }
        }
    }
    show_guard(shown, &guard);
    let log = text(&lines);
    for part in [
        r#""subject":"billing-export""#,
        r#""detail":"expired""#,
        r#""path":"/unknown/[masked]""#,
        r#""path":"/unknown/Bearer%20[masked]""#,
    ] {
        assert!(log.contains(part), "{part}");
    }
    shown.text("the log of tokens", log);
    tokens.to_vec()
}

#[cfg(feature = "tokens")]
#[test]
fn no_token_is_shown() {
    let mut shown = Shown::default();
    let tokens = show_tokens(&mut shown);
    let mut windows = HashSet::new();
    for token in &tokens {
        windows.extend(token.as_bytes().windows(WINDOW).filter_map(array));
    }
    let leaks = shown.leaks(&windows);
    assert!(
        leaks.is_empty(),
        "{} leaks, such as {:#?}",
        leaks.len(),
        leaks.first()
    );
}

/// Everything that a guard shows in this process, with the keys that must not be in it.
fn everything() -> (Shown, TestKeys) {
    let keys = TestKeys::new();
    let mut shown = Shown::default();
    let lines = Lines::default();
    let log = DecisionLog::new(Arc::clone(&lines))
        .one_allow_in(1)
        .denials_per_second(u32::MAX);
    shown.debug("the log's settings", &log);
    let builder = Guard::builder(pbx::POLICY)
        .keys(keys.file())
        .hash_secret(secret())
        .log(log);
    shown.debug("the builder", &builder);
    shown.debug("the file", &keys.file());
    shown.debug("the secret", &secret());
    let guard = builder.build().expect("sound keys");
    ask(&mut shown, &guard, &keys);
    for shadow in [Shadow::forbidden(), Shadow::everything()] {
        shown.value("a mode", &shadow);
        ask(&mut shown, &guard.listener("trial", shadow), &keys);
    }
    show_guard(&mut shown, &guard);
    show_reloads(&mut shown, &guard, &keys);
    show_policies(&mut shown, &guard, &keys);
    show_key_files(&mut shown, &keys);
    let broken = Guard::builder(pbx::POLICY)
        .keys(keys.file())
        .hash_secret(secret())
        .log(DecisionLog::new(Panics));
    let broken = broken.build().expect("sound keys");
    for key in keys.all() {
        let header = format!("Bearer {key}");
        let target = format!("/unknown/{key}?{key}");
        let _ = broken.decide(Some(header.as_bytes()), &key, &target, NOW);
    }
    show_guard(&mut shown, &broken);
    shown.text("the log", text(&lines));
    (shown, keys)
}

#[test]
fn no_key_is_shown() {
    watch_panics();
    let (mut shown, keys) = subscribed(everything);
    let panics = PANICS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    shown.text("panics", panics.join("\n"));
    let windows = windows(&keys.all());
    let leaks = shown.leaks(&windows);
    assert!(
        leaks.is_empty(),
        "{} leaks, such as {:#?}",
        leaks.len(),
        leaks.first()
    );

    // All of it was shown: each reason in the log, ids, masks, a panic, and so on.
    let all = |place: &str| -> String {
        let of_place = shown.0.iter().filter(|(name, _)| name == place);
        of_place.map(|(_, text)| &**text).collect()
    };
    let log = all("the log");
    for reason in routescope_guard::DenyReason::all() {
        assert!(
            log.contains(&format!("\"reason\":\"{reason}\"")),
            "{reason}"
        );
    }
    for part in [
        "\"decision\":\"allow\"",
        "\"key\":\"valid\"",
        "\"key\":\"keyed\"",
        "\"key\":\"expired\"",
        "\"key\":\"looked-up\"",
        "\"previous_key\":true",
        "\"shadow\":true",
        "\"form\":\"absolute-form\"",
        "/unknown/[masked]",
        "[masked]@pbx.example",
        "\"cut\":true",
        "\"result\":\"failed\"",
    ] {
        assert!(log.contains(part), "{part}");
    }
    assert!(all("panics").contains("the sink panics on purpose"));
    assert!(all("the metrics").contains("routescope_denied_total"));
    // Of two dozen key files, some have the key in a comment, which is ignored.
    let places = shown.0.iter().filter(|(place, text)| {
        place == "Display of an error of a key file" && text.contains("secrecy-keys.yaml:")
    });
    assert!(places.count() >= 20);
    #[cfg(feature = "compiler")]
    assert!(
        all("Display of an error of a policy")
            .matches("[masked]")
            .count()
            > 3
    );
    #[cfg(feature = "tracing")]
    for part in [
        "decision",
        "missing_scope",
        "[masked]",
        "reload",
        "shadow_mode",
    ] {
        assert!(all("tracing").contains(part), "{part}");
    }
}

/// The search finds a part of a key wherever one is, so that finding none means something.
#[test]
fn the_search_finds_a_part_of_a_key() {
    let secret = key(1);
    let windows = windows(std::slice::from_ref(&secret));
    let encoded: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let cases = [
        (secret.clone(), true),
        (format!("a{}b", &secret[20..32]), true),
        (format!("a{}b", &secret[20..31]), false),
        (format!("a{}b", secret[20..32].to_uppercase()), true),
        (encoded.clone(), true),
        (encoded.replace('%', "%25"), true),
        ("wsk-v1-".to_owned(), false),
    ];
    for (text, expected) in cases {
        let mut shown = Shown::default();
        shown.text("a place", text.clone());
        assert_eq!(!shown.leaks(&windows).is_empty(), expected, "{text}");
    }
}

/// Runs with a subscriber that notes everything that it is told.
#[cfg(feature = "tracing")]
fn subscribed(run: fn() -> (Shown, TestKeys)) -> (Shown, TestKeys) {
    use std::fmt::Write;

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    #[derive(Clone, Default)]
    struct Notes(Arc<Mutex<String>>);

    impl Notes {
        fn note(&self, note: impl FnOnce(&mut Text<'_>)) {
            note(&mut Text(
                &mut self.0.lock().unwrap_or_else(PoisonError::into_inner),
            ));
        }
    }

    struct Text<'t>(&'t mut String);

    impl Visit for Text<'_> {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            // A `String` takes every text.
            let _ = writeln!(self.0, "{field}={value:?}");
        }
    }

    impl Subscriber for Notes {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.note(|text| {
                let _ = writeln!(text.0, "{:?}", span.metadata());
                span.record(text);
            });
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, values: &Record<'_>) {
            self.note(|text| values.record(text));
        }

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            self.note(|text| {
                let _ = writeln!(text.0, "{}", event.metadata().target());
                event.record(text);
            });
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    let notes = Notes::default();
    // While there is one subscriber alone, tracing asks that of the thread which comes to an event
    // first; the thread of another test has none, and the event would be off for good.
    let _second = tracing::Dispatch::new(Notes::default());
    let (mut shown, keys) = tracing::subscriber::with_default(notes.clone(), run);
    let notes = notes
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    shown.text("tracing", notes);
    (shown, keys)
}

#[cfg(not(feature = "tracing"))]
fn subscribed(run: fn() -> (Shown, TestKeys)) -> (Shown, TestKeys) {
    run()
}
