//! Sets of scopes, public routes and routes for any key, as C sees them: the cases of
//! `tests/data/scope-model`, by constant handles and by policies from bytes.

use std::fs;
use std::path::{Path, PathBuf};

use routescope_ffi::code::{routescope_answer_name, routescope_by_name, routescope_method_name};
use routescope_ffi::{
    Decision, Handle, LoadedPolicy, Route, Text, code, routescope_accepted_header,
    routescope_accepted_scopes, routescope_alternatives, routescope_authorize_without_key,
    routescope_challenge, routescope_loaded_policy_handle, routescope_policy_load,
    routescope_required_scopes, routescope_route_at,
};
use serde_json::Value;

use crate::common::{Set, letters, text, undecided};

/// Room for a loaded policy, as C declares it.
#[repr(C)]
struct Loaded {
    head: LoadedPolicy,
    words: [u64; 16 + 4 * size_of::<usize>()],
}

/// Both handles of a policy: of a constant, and of one from bytes.
fn handles(source: &str) -> [&'static Handle; 2] {
    let compiled = Box::leak(Box::new(
        routescope_compiler::compile("t.yaml", source).unwrap(),
    ));
    let bytes = Vec::leak(compiled.to_bytes());
    // SAFETY: zeros make such a struct.
    let loaded: &'static mut Loaded = Box::leak(Box::new(unsafe { std::mem::zeroed() }));
    loaded.head.size = u32::try_from(size_of::<Loaded>()).unwrap();
    let loaded = (&raw mut *loaded).cast::<LoadedPolicy>();
    // SAFETY: the size is true, and nothing here is ever freed.
    let handle = unsafe {
        let is_loaded =
            routescope_policy_load(loaded, bytes.as_ptr().cast(), bytes.len(), text(""), 0);
        assert!(
            is_loaded,
            "{}",
            letters(routescope_answer_name((*loaded).answer))
        );
        routescope_loaded_policy_handle(loaded).as_ref().unwrap()
    };
    [Box::leak(Box::new(Handle::new(compiled.policy()))), handle]
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/scope-model")
}

#[test]
fn cases_are_decided_as_they_say() {
    let cases = fs::read_to_string(data().join("cases.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&cases).unwrap();
    let mut tried = 0;
    for case in &cases {
        let name = case["name"].as_str().unwrap();
        let file = data().join(case["policy"].as_str().unwrap());
        for policy in handles(&fs::read_to_string(file).unwrap()) {
            for request in case["requests"].as_array().unwrap() {
                check(policy, request, &format!("{name}: {request}"));
                tried += 1;
            }
        }
    }
    assert!(tried >= 2 * 54, "{tried} requests");
}

/// A request against all that C is told about it.
fn check(policy: &'static Handle, request: &Value, about: &str) {
    let field = |name: &str| request[name].as_str();
    let (method, target) = (field("method").unwrap(), field("target").unwrap());
    let decision = if field("key") == Some("none") {
        without_key(policy, method, target)
    } else {
        let mut held = Set::<6>::new();
        assert!(
            held.prepare(policy, &strings(&request["scopes"])),
            "{about}"
        );
        held.authorize(policy, method, target)
    };
    let answer = field("reason").unwrap_or("allow");
    assert_eq!(
        letters(routescope_answer_name(decision.answer)),
        answer,
        "{about}"
    );
    assert_eq!(request["status"], decision.status, "{about}");
    assert_eq!(
        letters(routescope_by_name(decision.by)),
        field("by").unwrap_or(""),
        "{about}"
    );
    let route = (decision.has_route == 1).then(|| {
        let method = letters(routescope_method_name(decision.method));
        format!("{method} {}", letters(decision.path_template))
    });
    assert_eq!(route.as_deref(), field("route"), "{about}");
    let accepted: Vec<String> = accepted(policy, &decision);
    assert_eq!(accepted, strings(&request["accepted"]), "{about}");
    let listed = alternatives(policy, &decision);
    let expected = request["alternatives"].as_array().unwrap();
    let expected: Vec<Vec<&str>> = expected.iter().map(strings).collect();
    assert_eq!(listed, expected, "{about}");
    assert_eq!(decision.accepted as usize, accepted.len(), "{about}");
    assert_eq!(
        (decision.accepted + decision.sets) as usize,
        listed.len(),
        "{about}"
    );
    let challenge = response(routescope_challenge, policy, &decision);
    assert_eq!(challenge, field("challenge").unwrap_or(""), "{about}");
    let header = response(routescope_accepted_header, policy, &decision);
    let denied = if decision.answer == code::MISSING_SCOPE {
        expected
            .iter()
            .map(|all| all.join(" "))
            .collect::<Vec<_>>()
            .join(", ")
    } else {
        String::new()
    };
    assert_eq!(header, denied, "{about}");
    let scope = match (decision.answer, expected.first().map(Vec::as_slice)) {
        (code::ALLOW, _) => (decision.by == code::BY_SCOPE).then(|| letters(decision.scope)),
        (code::MISSING_SCOPE, Some([only])) => Some(*only),
        _ => None,
    };
    assert_eq!(letters(decision.scope), scope.unwrap_or(""), "{about}");
    required(policy, method, target, &decision, about);
}

/// The requirement of a route is told, and is no permission.
fn required(policy: &'static Handle, method: &str, target: &str, decided: &Decision, about: &str) {
    let (method, target) = (text(method), text(target));
    let mut decision = undecided();
    // SAFETY: the size is true, and the texts are texts.
    let is_listed = unsafe {
        routescope_required_scopes(
            policy,
            method.data,
            method.length,
            target.data,
            target.length,
            &raw mut decision,
        )
    };
    assert_ne!(decision.answer, code::ALLOW, "{about}");
    assert_eq!(is_listed, decision.has_route == 1, "{about}");
    if decided.has_route == 0 {
        return;
    }
    assert!(is_listed, "{about}");
    assert_eq!(
        (decision.route, decision.accepted, decision.sets),
        (decided.route, decided.accepted, decided.sets),
        "{about}"
    );
    // Either scopes are needed, of which there are some, or it says what else.
    let needs_scopes = decision.accepted + decision.sets > 0;
    let expected = if needs_scopes {
        code::MISSING_SCOPE
    } else {
        code::OK
    };
    assert_eq!(decision.answer, expected, "{about}");
    assert_eq!(needs_scopes, decision.by == code::BY_NONE, "{about}");
    let route = route_at(policy, decision.route);
    assert_eq!(
        (route.method, route.accepted, route.sets, route.by),
        (
            decision.method,
            decision.accepted,
            decision.sets,
            decision.by
        ),
        "{about}"
    );
}

const MEMBERS: &str = "
version: 1
name: members
scope_names: opaque
implies: { admin: [members.write] }
public: [POST /login, GET /help]
any_key: [GET /me]
scopes:
  members.read: { routes: ['GET /members/{id}'] }
  members.read members.write: { routes: ['PUT /members/{id}'] }
  admin: { routes: ['PUT /members/{id}', 'DELETE /members/{id}'] }
  audit.read members.read members.write: { routes: ['DELETE /members/{id}'] }
";

/// The answers of `MEMBERS`: method, target, what the key holds, the answer, by what, the scope.
#[test]
fn sets_public_routes_and_any_key() {
    let nothing: &[&str] = &[];
    type Row = (
        &'static str,
        &'static str,
        &'static [&'static str],
        u32,
        u32,
        &'static str,
    );
    let rows: [Row; 16] = [
        ("POST", "/login", nothing, code::ALLOW, code::BY_PUBLIC, ""),
        (
            "POST",
            "/login",
            &["admin"],
            code::ALLOW,
            code::BY_PUBLIC,
            "",
        ),
        ("HEAD", "/help", nothing, code::ALLOW, code::BY_PUBLIC, ""),
        ("GET", "/login", &["admin"], code::METHOD_NOT_LISTED, 0, ""),
        ("GET", "/me", nothing, code::ALLOW, code::BY_ANY_KEY, ""),
        (
            "GET",
            "/me",
            &["admin", "x"],
            code::ALLOW,
            code::BY_ANY_KEY,
            "",
        ),
        (
            "GET",
            "/members/1",
            nothing,
            code::MISSING_SCOPE,
            0,
            "members.read",
        ),
        (
            "GET",
            "/members/1",
            &["members.read"],
            code::ALLOW,
            code::BY_SCOPE,
            "members.read",
        ),
        (
            "PUT",
            "/members/1",
            &["members.read"],
            code::MISSING_SCOPE,
            0,
            "",
        ),
        (
            "PUT",
            "/members/1",
            &["members.write"],
            code::MISSING_SCOPE,
            0,
            "",
        ),
        (
            "PUT",
            "/members/1",
            &["members.write", "members.read"],
            code::ALLOW,
            code::BY_ALL,
            "",
        ),
        (
            "PUT",
            "/members/1",
            &["admin"],
            code::ALLOW,
            code::BY_SCOPE,
            "admin",
        ),
        (
            "DELETE",
            "/members/1",
            &["members.write", "members.read"],
            code::MISSING_SCOPE,
            0,
            "",
        ),
        (
            "DELETE",
            "/members/1",
            &["members.write", "audit.read", "members.read"],
            code::ALLOW,
            code::BY_ALL,
            "",
        ),
        (
            "DELETE",
            "/members/1",
            &["audit.read"],
            code::MISSING_SCOPE,
            0,
            "",
        ),
        ("GET", "/nothing", nothing, code::UNKNOWN_ROUTE, 0, ""),
    ];
    for policy in handles(MEMBERS) {
        for (method, target, held, answer, by, scope) in rows {
            let mut set = Set::<3>::new();
            assert!(set.prepare(policy, held));
            let decision = set.authorize(policy, method, target);
            let about = format!("{method} {target} {held:?}");
            assert_eq!((decision.answer, decision.by), (answer, by), "{about}");
            // The narrowest alternative may be a set, of which no scope may be named alone.
            if answer != code::MISSING_SCOPE || !scope.is_empty() {
                assert_eq!(letters(decision.scope), scope, "{about}");
            }
            required(policy, method, target, &decision, &about);
            let keyless = without_key(policy, method, target);
            if by == code::BY_PUBLIC {
                assert_eq!((keyless.answer, keyless.by), (code::ALLOW, by), "{about}");
                assert_eq!(keyless.route, decision.route, "{about}");
            } else {
                assert_eq!(keyless.answer, code::MISSING_KEY, "{about}");
                assert_eq!((keyless.has_route, keyless.by), (0, 0), "{about}");
            }
        }
    }
}

/// A route is not told by a list that may be empty.
#[test]
fn an_empty_list_says_nothing() {
    for policy in handles(MEMBERS) {
        for index in 0.. {
            let route = route_at(policy, index);
            if route.answer != code::OK {
                assert_eq!(index, 6);
                break;
            }
            let decision = Decision {
                method: route.method,
                path_template: route.path_template,
                ..undecided()
            };
            let listed = alternatives(policy, &decision);
            assert_eq!(listed.len() as u32, route.accepted + route.sets);
            assert_eq!(listed.is_empty(), route.by != code::BY_NONE);
            let count = |index, room| {
                let mut names = [text("untouched"); 4];
                // SAFETY: there is room for more names.
                let count = unsafe {
                    routescope_alternatives(
                        policy,
                        route.method,
                        route.path_template,
                        index,
                        names.as_mut_ptr(),
                        room,
                    )
                };
                assert!(names[room.min(count)..].iter().all(|it| it.length == 9));
                count
            };
            for (index, names) in listed.iter().enumerate() {
                let index = u32::try_from(index).unwrap();
                for room in 0..=3 {
                    assert_eq!(count(index, room), names.len());
                }
            }
            assert_eq!(count(u32::try_from(listed.len()).unwrap(), 3), 0);
            assert_eq!(count(u32::MAX, 3), 0);
        }
    }
}

fn without_key(policy: &'static Handle, method: &str, target: &str) -> Decision {
    let (method, target) = (text(method), text(target));
    let mut decision = undecided();
    // SAFETY: the size is true, and the texts are texts.
    let allowed = unsafe {
        routescope_authorize_without_key(
            policy,
            method.data,
            method.length,
            target.data,
            target.length,
            &raw mut decision,
        )
    };
    assert_eq!(allowed, decision.answer == code::ALLOW);
    decision
}

fn route_at(policy: &'static Handle, index: u32) -> Route {
    // SAFETY: any bytes make a route, zeros among them.
    let mut route: Route = unsafe { std::mem::zeroed() };
    route.size = u32::try_from(size_of::<Route>()).unwrap();
    // SAFETY: the size is true.
    let is_there = unsafe { routescope_route_at(policy, index, &raw mut route) };
    assert_eq!(is_there, route.answer == code::OK);
    route
}

fn accepted(policy: &'static Handle, decision: &Decision) -> Vec<String> {
    let mut names = [text(""); 64];
    // SAFETY: there is room for 64.
    let count = unsafe {
        routescope_accepted_scopes(
            policy,
            decision.method,
            decision.path_template,
            names.as_mut_ptr(),
            names.len(),
        )
    };
    owned(&names[..count])
}

fn alternatives(policy: &'static Handle, decision: &Decision) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    loop {
        let mut names = [text(""); 8];
        // SAFETY: there is room for 8.
        let count = unsafe {
            routescope_alternatives(
                policy,
                decision.method,
                decision.path_template,
                u32::try_from(all.len()).unwrap(),
                names.as_mut_ptr(),
                names.len(),
            )
        };
        if count == 0 {
            return all;
        }
        all.push(owned(&names[..count]));
    }
}

type Writer =
    unsafe extern "C" fn(*const Handle, *const Decision, *mut std::ffi::c_char, usize) -> usize;

fn response(write: Writer, policy: &'static Handle, decision: &Decision) -> String {
    let mut buffer = [0u8; 512];
    // SAFETY: the buffer has this size.
    let length = unsafe { write(policy, decision, buffer.as_mut_ptr().cast(), buffer.len()) };
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

fn owned(names: &[Text]) -> Vec<String> {
    names.iter().map(|name| letters(*name).to_owned()).collect()
}

fn strings(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter().map(|text| text.as_str().unwrap()).collect()
}
