//! The decision log.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use routescope::pbx;
use routescope_guard::{CheckFault, DecisionLog, Guard, LogSink, Shadow};
use serde_json::{Value, json};

use crate::requests::{File, Lines, NOW, entry, key, keys, parsed, text};

const COLLEAGUES: &str = "/api/v1/colleagues/";

fn header(key: &str) -> String {
    format!("Bearer {key}")
}

fn allow(guard: &Guard, key: &str, now: u64) {
    let header = header(key);
    let answer = guard.decide(Some(header.as_bytes()), "GET", COLLEAGUES, now);
    assert!(answer.is_allow());
}

fn deny(guard: &Guard, now: u64) {
    assert!(!guard.decide(None, "GET", COLLEAGUES, now).admits());
}

/// The events of one sort.
fn events(lines: &Lines, event: &str) -> Vec<Value> {
    let mut lines = parsed(lines);
    lines.retain(|line| line.get("event").is_some_and(|is| is == event));
    lines
}

/// A request, and its line without `time`, `event` and `digest`.
struct Case {
    name: &'static str,
    key: Option<&'static str>,
    method: &'static [u8],
    target: &'static str,
    expected: Value,
}

#[test]
fn each_decision_has_its_fields() {
    let case = |name, key, method: &'static str, target, expected| Case {
        name,
        key,
        method: method.as_bytes(),
        target,
        expected,
    };
    let desk = Some("front-desk");
    let cases = [
        case(
            "allow",
            desk,
            "GET",
            "/api/v1/colleagues/?q=1",
            json!({"decision": "allow", "by": "scope", "key": "front-desk", "method": "GET", "route": "GET /api/v1/colleagues/"}),
        ),
        case(
            "HEAD is shown as it was sent",
            desk,
            "HEAD",
            COLLEAGUES,
            json!({"decision": "allow", "by": "scope", "key": "front-desk", "method": "HEAD", "route": "GET /api/v1/colleagues/"}),
        ),
        case(
            "a key that is replaced",
            Some("replaced"),
            "GET",
            COLLEAGUES,
            json!({"decision": "allow", "by": "scope", "key": "front-desk", "previous_key": true, "method": "GET", "route": "GET /api/v1/colleagues/"}),
        ),
        case(
            "an id that would break a line",
            Some("a\"b\\c\r\n{\"decision\":\"allow\"}\u{2028}"),
            "GET",
            COLLEAGUES,
            json!({"decision": "allow", "by": "scope", "key": "a\"b\\c\r\n{\"decision\":\"allow\"}\u{2028}", "method": "GET", "route": "GET /api/v1/colleagues/"}),
        ),
        case(
            "missing key",
            None,
            "GET",
            "/api/v1/colleagues/?q=1",
            json!({"decision": "deny", "reason": "missing_key", "method": "GET"}),
        ),
        case(
            "unknown key",
            Some("nobody"),
            "GET",
            COLLEAGUES,
            json!({"decision": "deny", "reason": "unknown_key", "method": "GET"}),
        ),
        case(
            "expired key",
            Some("expired"),
            "GET",
            COLLEAGUES,
            json!({"decision": "deny", "reason": "expired_key", "key": "expired", "method": "GET"}),
        ),
        case(
            "bad method",
            desk,
            "G\"T\r\n",
            COLLEAGUES,
            json!({"decision": "deny", "reason": "bad_method", "key": "front-desk", "method": null}),
        ),
        case(
            "bad path",
            desk,
            "GET",
            "/api/v1/../\"colleagues\"/?q=1",
            json!({"decision": "deny", "reason": "bad_path", "detail": "dot_segment", "key": "front-desk", "method": "GET", "path": "/api/v1/../\"colleagues\"/"}),
        ),
        case(
            "a target of another form",
            desk,
            "GET",
            "http://user:password@host/",
            json!({"decision": "deny", "reason": "bad_path", "detail": "not_origin_form", "key": "front-desk", "method": "GET", "form": "absolute-form"}),
        ),
        case(
            "unknown route",
            desk,
            "GET",
            "/api/v2/colleagues/?q=1",
            json!({"decision": "deny", "reason": "unknown_route", "key": "front-desk", "method": "GET", "path": "/api/v2/colleagues/"}),
        ),
        case(
            "method not listed",
            desk,
            "DELETE",
            COLLEAGUES,
            json!({"decision": "deny", "reason": "method_not_listed", "key": "front-desk", "method": "DELETE", "template": "/api/v1/colleagues/"}),
        ),
        case(
            "missing scope",
            desk,
            "GET",
            "/api/v1/phonebooks/",
            json!({"decision": "deny", "reason": "missing_scope", "key": "front-desk", "method": "GET", "route": "GET /api/v1/phonebooks/"}),
        ),
    ];
    let breaker = "a\"b\\c\r\n{\"decision\":\"allow\"}\u{2028}";
    let text_of = |name: &str| key(name.bytes().map(u64::from).sum());
    let mut desk = entry("front-desk", &text_of("front-desk"), &["colleagues:read"]);
    desk.previous = Some(routescope_guard::PreviousKey {
        hash: entry("", &text_of("replaced"), &[]).hash,
        expires: NOW + 1,
    });
    let mut expired = entry("expired", &text_of("expired"), &["pbx:*"]);
    expired.expires = Some(NOW);
    let breaks = entry(breaker, &text_of(breaker), &["pbx:*"]);
    let lines = Lines::default();
    let guard = Guard::builder(pbx::POLICY)
        .keys(keys([desk, expired, breaks]))
        .log(DecisionLog::new(Arc::clone(&lines)).one_allow_in(1))
        .build()
        .unwrap();
    for case in &cases {
        lines.lock().unwrap().clear();
        let header = case.key.map(|name| header(&text_of(name)));
        let answer = guard.decide(
            header.as_ref().map(String::as_bytes),
            case.method,
            case.target,
            NOW,
        );
        let mut expected = case.expected.clone();
        let fields = expected.as_object_mut().unwrap();
        fields.insert("time".to_owned(), "2026-05-28T20:26:40Z".into());
        fields.insert("event".to_owned(), "decision".into());
        fields.insert("digest".to_owned(), answer.digest().into());
        assert_eq!(parsed(&lines), [expected], "{}: {answer}", case.name);
    }
    lines.lock().unwrap().clear();
    let trial = guard.listener("trial \"1\"", Shadow::everything());
    assert!(trial.decide(None, "GET", COLLEAGUES, u64::MAX).admits());
    let _ = guard.refuse(CheckFault::OverrideHeader, "GET", COLLEAGUES, NOW);
    let shown = parsed(&lines);
    let fields = |line: usize, names: &[&str]| -> Vec<Value> {
        names
            .iter()
            .map(|name| shown[line][*name].clone())
            .collect()
    };
    assert_eq!(
        fields(0, &["event", "listener", "shadow_mode"]),
        ["listener", "trial \"1\"", "401 and 403"]
    );
    assert_eq!(
        fields(1, &["time", "listener", "shadow", "reason"]),
        [
            Value::Null,
            "trial \"1\"".into(),
            true.into(),
            "missing_key".into()
        ]
    );
    assert_eq!(
        fields(2, &["reason", "detail"]),
        ["bad_check_request", "override_header"]
    );
}

#[test]
fn denials_over_the_limit_are_told_when_lines_flow_again() {
    let lines = Lines::default();
    let log = DecisionLog::new(Arc::clone(&lines)).denials_per_second(3);
    let guard = Guard::builder(pbx::POLICY).log(log).build().unwrap();
    for _ in 0..10 {
        deny(&guard, NOW);
    }
    assert_eq!(events(&lines, "decision").len(), 3);
    assert_eq!(guard.counts().suppressed_lines, 7);
    assert!(events(&lines, "suppressed").is_empty());
    deny(&guard, NOW + 1);
    deny(&guard, NOW + 1);
    let shown: Vec<Value> = parsed(&lines).split_off(4);
    assert_eq!(
        shown[0],
        json!({"time": "2026-05-28T20:26:41Z", "event": "suppressed", "lines": 7})
    );
    let shown: Vec<_> = shown.iter().map(|line| &line["event"]).collect();
    assert_eq!(shown, ["suppressed", "decision", "decision"]);
    assert_eq!(guard.counts().suppressed_lines, 7);
}

#[test]
fn no_line_is_lost_without_being_counted() {
    let lines = Lines::default();
    let log = DecisionLog::new(Arc::clone(&lines)).denials_per_second(5);
    let guard = Guard::builder(pbx::POLICY).log(log).build().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let guard = &guard;
            scope.spawn(move || {
                for step in 0..2_000 {
                    deny(guard, NOW + step / 100);
                }
            });
        }
    });
    deny(&guard, NOW + 1_000);
    let told = events(&lines, "suppressed");
    let told: u64 = told
        .iter()
        .map(|line| line["lines"].as_u64().unwrap())
        .sum();
    let written = events(&lines, "decision").len() as u64;
    let counts = guard.counts();
    assert_eq!(told, counts.suppressed_lines);
    assert_eq!(written + told, counts.total());
    // Five in each of 20 seconds, whichever thread comes first to one, and the last.
    assert_eq!(written, 5 * 20 + 1);
}

/// Of 10,000 allows of a client whose every tenth request is another one, each sort gets about its
/// share of one in ten. A counter in place of chance would show one sort alone.
#[test]
fn a_client_with_a_rhythm_is_sampled_too() {
    let lines = Lines::default();
    let log = DecisionLog::new(Arc::clone(&lines)).one_allow_in(10);
    let secret = key(1);
    let guard = Guard::builder(pbx::POLICY)
        .keys(keys([entry("desk", &secret, &["pbx:*"])]))
        .log(log)
        .build()
        .unwrap();
    let header = header(&secret);
    for place in 0..10_000 {
        let method = if u32::is_multiple_of(place, 10) {
            "HEAD"
        } else {
            "GET"
        };
        let answer = guard.decide(Some(header.as_bytes()), method, COLLEAGUES, NOW);
        assert!(answer.is_allow());
    }
    let shown = events(&lines, "decision");
    let heads = shown.iter().filter(|line| line["method"] == "HEAD").count();
    // Five standard deviations around 100 and 1,000.
    assert!((50..=150).contains(&heads), "{heads}");
    assert!((850..=1_150).contains(&shown.len()), "{}", shown.len());
}

#[test]
fn settings_of_zero_write_nothing() {
    let lines = Lines::default();
    let log = DecisionLog::new(Arc::clone(&lines))
        .one_allow_in(0)
        .denials_per_second(0);
    let secret = key(1);
    let guard = Guard::builder(pbx::POLICY)
        .keys(keys([entry("desk", &secret, &["pbx:*"])]))
        .log(log)
        .build()
        .unwrap();
    for _ in 0..100 {
        allow(&guard, &secret, NOW);
        deny(&guard, NOW);
    }
    assert!(events(&lines, "decision").is_empty());
    assert_eq!(guard.counts().suppressed_lines, 0);
}

#[test]
fn a_decision_without_a_line_allocates_nothing() {
    let lines = Lines::default();
    let log = DecisionLog::new(Arc::clone(&lines))
        .one_allow_in(u32::MAX)
        .denials_per_second(1);
    let secret = key(1);
    let guard = Guard::builder(pbx::POLICY)
        .keys(keys([entry("desk", &secret, &["pbx:*"])]))
        .log(log)
        .build()
        .unwrap();
    let header = header(&secret);
    let decide = || {
        let answer = guard.decide(Some(header.as_bytes()), "GET", COLLEAGUES, NOW);
        assert!(answer.is_allow());
        for target in ["/a/../b", "/unknown", COLLEAGUES] {
            assert!(!guard.decide(None, "GET", target, NOW).admits());
            let answer = guard.decide(Some(header.as_bytes()), "PUT", target, NOW);
            assert!(!answer.admits());
        }
    };
    // The thread takes its number and the limit its last line.
    decide();
    let info = allocation_counter::measure(decide);
    assert_eq!(info.count_total, 0);
    assert!(guard.counts().suppressed_lines >= 6);
}

/// Lines are formatted into a buffer that the thread keeps.
#[test]
fn a_line_needs_no_new_buffer() {
    struct Counted(AtomicUsize);
    impl LogSink for Counted {
        fn write_line(&self, line: &[u8]) -> io::Result<()> {
            self.0.fetch_add(line.len(), Ordering::Relaxed);
            Ok(())
        }
    }
    let sink = Arc::new(Counted(AtomicUsize::new(0)));
    let log = DecisionLog::new(Arc::clone(&sink)).denials_per_second(1_000);
    let guard = Guard::builder(pbx::POLICY).log(log).build().unwrap();
    deny(&guard, NOW);
    let before = sink.0.load(Ordering::Relaxed);
    let info = allocation_counter::measure(|| deny(&guard, NOW));
    assert!(sink.0.load(Ordering::Relaxed) > before);
    assert_eq!(info.count_total, 0);
}

/// A writer that notes each call.
#[derive(Default)]
struct Calls(Arc<Mutex<Vec<Vec<u8>>>>);

impl Write for Calls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_line_is_one_write() {
    let writer = Calls::default();
    let calls = Arc::clone(&writer.0);
    let log = DecisionLog::new(Mutex::new(writer));
    let guard = Guard::builder(pbx::POLICY).log(log).build().unwrap();
    deny(&guard, NOW);
    guard.reload().unwrap();
    let calls = calls.lock().unwrap();
    assert_eq!(calls.len(), 3);
    for call in calls.iter() {
        assert_eq!(call.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(call.last(), Some(&b'\n'));
    }
}

/// A writer that fails or panics, by what is asked of it.
struct Broken(BrokenWrite);

type BrokenWrite = fn() -> io::Result<usize>;

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        (self.0)()
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_broken_sink_costs_no_decision() {
    let cases: [(&str, BrokenWrite); 3] = [
        ("an error", || Err(io::ErrorKind::StorageFull.into())),
        ("nothing written", || Ok(0)),
        ("a panic, which poisons the mutex", || {
            panic!("the sink panics on purpose")
        }),
    ];
    for (name, write) in cases {
        let log = DecisionLog::new(Mutex::new(Broken(write)));
        let guard = Guard::builder(pbx::POLICY).log(log).build().unwrap();
        for _ in 0..3 {
            deny(&guard, NOW);
        }
        guard.reload().unwrap();
        let counts = guard.counts();
        // The start, three decisions and a reload.
        assert_eq!((counts.total(), counts.log_errors), (3, 5), "{name}");
    }
}

/// A sink that decides by the guard that it logs for, once.
#[test]
fn a_sink_may_decide() {
    struct Asks(Mutex<Option<Guard>>, AtomicUsize);
    impl LogSink for Asks {
        fn write_line(&self, line: &[u8]) -> io::Result<()> {
            let guard = self.0.lock().unwrap().take();
            if let Some(guard) = guard {
                deny(&guard, NOW);
            }
            // The inner line has not written into this one.
            serde_json::from_slice::<Value>(line).map_err(io::Error::from)?;
            self.1.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }
    let sink = Arc::new(Asks(Mutex::new(None), AtomicUsize::new(0)));
    let log = DecisionLog::new(Arc::clone(&sink));
    let guard = Guard::builder(pbx::POLICY).log(log).build().unwrap();
    *sink.0.lock().unwrap() = Some(guard.clone());
    deny(&guard, NOW);
    // The start, the decision, and the sink's own.
    assert_eq!(sink.1.load(Ordering::Relaxed), 3);
    assert_eq!(guard.counts().log_errors, 0);
}

#[test]
fn the_start_and_reloads_are_always_logged() {
    let file = File::new("log-policy", &pbx_bytes());
    let lines = Lines::default();
    let log = DecisionLog::new(Arc::clone(&lines)).denials_per_second(0);
    let guard = Guard::builder(routescope_guard::PolicyOrigin::file(&file.0))
        .shadow(Shadow::forbidden())
        .log(log)
        .build()
        .unwrap();
    guard.reload().unwrap();
    std::fs::write(&file.0, b"\xffno policy").unwrap();
    let error = guard.reload().unwrap_err();
    let shown = parsed(&lines);
    let events: Vec<_> = shown.iter().map(|line| &line["event"]).collect();
    assert_eq!(events, ["start", "reload", "reload"], "{}", text(&lines));
    let status = guard.status();
    for line in &shown {
        assert_eq!(line["digest"], *status.digest);
        assert_eq!(line["policy"], "pbx");
        assert_eq!(line["keys"], 0);
    }
    assert_eq!(shown[0]["shadow_mode"], "403");
    assert_eq!(shown[1]["result"], "ok");
    assert_eq!(shown[2]["result"], "failed");
    assert_eq!(shown[2]["error"], error.to_string());
}

/// The policy of the PBX as a file.
fn pbx_bytes() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../routes.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let compiled = routescope_compiler::compile("routes.yaml", &text);
    compiled.unwrap().to_bytes()
}
