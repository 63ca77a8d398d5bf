//! `routescope schema`, held to the compiler: the schema has the fields and values that the
//! compiler reads, no others, and refuses no policy that compiles.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use routescope_compiler::compile;
use routescope_compiler::unstable::yaml::{self, Node};
use serde_json::{Map, Number, Value, json};

use crate::common::{expect, repository, run};

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&run(&["schema"]).exits(0).out).unwrap());

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::validator_for(&SCHEMA).unwrap());

/// The mappings of a policy: each one's place in the schema, and a policy with the field `FIELD`
/// in it.
const MAPPINGS: [(&str, &str); 5] = [
    ("", "version: 1\nname: demo\nFIELD: 1\nscopes: {}\n"),
    (
        "/properties/key",
        "version: 1\nname: demo\nkey: { FIELD: 1 }\nscopes: {}\n",
    ),
    (
        "/properties/paths",
        "version: 1\nname: demo\npaths: { FIELD: 1 }\nscopes: {}\n",
    ),
    (
        "/$defs/scope",
        "version: 1\nname: demo\nscopes: { \"a:read\": { FIELD: 1 } }\n",
    ),
    (
        "/$defs/route",
        "version: 1\nname: demo\npublic: [{ FIELD: 1 }]\n",
    ),
];

/// The fields with a choice of values: each one's place in the schema, and a policy with the
/// value `VALUE`.
const CHOICES: [(&str, &str); 9] = [
    (
        "/properties/version",
        "version: VALUE\nname: demo\npublic: [GET /a]\n",
    ),
    (
        "/properties/scope_names",
        "version: 1\nname: demo\nscope_names: VALUE\nscopes: { \"a:read\": { routes: [GET /a] } }\n",
    ),
    (
        "/properties/method_rule",
        "version: 1\nname: demo\nmethod_rule: VALUE\nscopes: { \"a:read\": { routes: [GET /a] } }\n",
    ),
    (
        "/properties/key/properties/alphabet",
        "version: 1\nname: demo\nkey: { prefix: my-, length: 40, alphabet: VALUE }\npublic: [GET /a]\n",
    ),
    (
        "/properties/paths/properties/trailing_slash",
        "version: 1\nname: demo\npaths: { trailing_slash: VALUE }\npublic: [GET /a]\n",
    ),
    (
        "/properties/paths/properties/case",
        "version: 1\nname: demo\npaths: { case: VALUE }\npublic: [GET /a]\n",
    ),
    (
        "/properties/paths/properties/values",
        "version: 1\nname: demo\npaths: { values: VALUE }\npublic: [GET /a]\n",
    ),
    (
        "/$defs/route/properties/overlap",
        "version: 1\nname: demo\npublic: [{ route: GET /a, overlap: VALUE }]\n",
    ),
    (
        "/$defs/route/properties/literal",
        "version: 1\nname: demo\npublic: [{ route: GET /a, literal: VALUE }]\n",
    ),
];

/// A policy as an editor reads it; none if it is not YAML.
fn as_json(source: &str) -> Option<Value> {
    fn convert(node: &Node) -> Value {
        match &node.value {
            yaml::Value::Null => Value::Null,
            yaml::Value::Bool(value) => Value::Bool(*value),
            yaml::Value::Integer(value) => {
                Number::from_i128(*value).map_or(Value::Null, Value::Number)
            }
            yaml::Value::Float(value) => {
                Number::from_f64(*value).map_or(Value::Null, Value::Number)
            }
            yaml::Value::Text(text) => Value::String(text.clone()),
            yaml::Value::List(items) => items.iter().map(convert).collect(),
            yaml::Value::Map(entries) => {
                let entry = |(key, value): &(Node, Node)| {
                    let key = match &key.value {
                        yaml::Value::Text(text) => text.clone(),
                        _ => convert(key).to_string(),
                    };
                    (key, convert(value))
                };
                Value::Object(entries.iter().map(entry).collect::<Map<_, _>>())
            }
        }
    }
    yaml::read(source).ok().as_ref().map(convert)
}

/// The complaints of the schema about a policy.
fn complaints(policy: &Value) -> String {
    let mut text = String::new();
    for error in VALIDATOR.iter_errors(policy) {
        writeln!(text, "{}: {error}", error.instance_path()).unwrap();
    }
    text
}

fn fits(source: &str) -> bool {
    as_json(source).is_some_and(|policy| VALIDATOR.is_valid(&policy))
}

fn compiles(source: &str) -> bool {
    compile("routes.yaml", source).is_ok()
}

/// Every part of the schema that is a schema for values of a policy, by its place. The conditions
/// on names of scopes are left out: they narrow what is there.
fn parts() -> Vec<(String, &'static Value)> {
    fn collect(at: String, part: &'static Value, parts: &mut Vec<(String, &'static Value)>) {
        for field in ["properties", "$defs"] {
            for (name, part) in part[field].as_object().into_iter().flatten() {
                collect(format!("{at}/{field}/{name}"), part, parts);
            }
        }
        parts.push((at, part));
    }
    let mut parts = Vec::new();
    collect(String::new(), &SCHEMA, &mut parts);
    parts
}

#[test]
fn the_committed_file_is_the_schema() {
    let path = repository().join("routes.schema.json");
    let committed = fs::read_to_string(path).unwrap();
    assert!(
        committed == run(&["schema"]).exits(0).out,
        "write it anew: `routescope schema > routes.schema.json`"
    );
}

#[test]
fn it_is_a_schema_of_its_draft() {
    assert_eq!(Draft::default().detect(&SCHEMA), Draft::Draft202012);
    jsonschema::meta::validate(&SCHEMA).unwrap();
    for (at, part) in parts() {
        let explained = part
            .get("description")
            .or(part.get("$ref"))
            .or(part.get("title"));
        assert!(
            explained.is_some() || at == "/$defs/routes",
            "{at} says nothing"
        );
    }
}

/// Editors show the sentence in place of a regular expression.
#[test]
fn each_pattern_says_what_to_write() {
    fn collect(part: &Value, patterns: &mut usize) {
        if part.get("pattern").is_some_and(Value::is_string) {
            assert!(part["patternErrorMessage"].is_string(), "{part}");
            *patterns += 1;
        }
        let fields = part.as_object().into_iter().flat_map(Map::values);
        let items = part.as_array().into_iter().flatten();
        fields.chain(items).for_each(|part| collect(part, patterns));
    }
    let mut patterns = 0;
    collect(&SCHEMA, &mut patterns);
    assert!(patterns >= 12, "only {patterns} patterns");
}

/// An unknown field's error lists those that the compiler knows.
#[test]
fn it_has_the_fields_of_the_compiler() {
    for (at, policy) in MAPPINGS {
        let source = policy.replace("FIELD", "qqqqqqqqqqqqqqqq");
        let report = compile("routes.yaml", &source).expect_err("no such field");
        let mut advice = report
            .problems()
            .iter()
            .flat_map(routescope_compiler::Problem::advice);
        let list = advice.find_map(|help| help.strip_prefix("its fields are "));
        let known: BTreeSet<&str> = list.unwrap().split('`').skip(1).step_by(2).collect();
        let part = SCHEMA.pointer(at).unwrap();
        let properties = part["properties"].as_object().unwrap();
        let described: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(described, known, "`{at}` of the schema, and the compiler");
        assert_eq!(part["additionalProperties"], false, "{at}");
        assert!(!fits(&source), "{source}");
    }
}

/// A mapping or a choice that is new in the schema is held to the compiler too.
#[test]
fn every_mapping_and_choice_is_tested() {
    let places = |wanted: fn(&Value) -> bool| -> BTreeSet<String> {
        let parts = parts().into_iter().filter(|(_, part)| wanted(part));
        parts.map(|(at, _)| at).collect()
    };
    let tested = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(at, _)| (*at).to_owned())
            .collect::<BTreeSet<_>>()
    };
    let has_fields = |part: &Value| part.get("properties").is_some();
    let is_choice = |part: &Value| part.get("enum").or(part.get("const")).is_some();
    assert_eq!(places(has_fields), tested(&MAPPINGS));
    assert_eq!(places(is_choice), tested(&CHOICES));
}

#[test]
fn it_has_the_values_of_the_compiler() {
    for (at, policy) in CHOICES {
        let part = SCHEMA.pointer(at).unwrap();
        let values = match part.get("enum") {
            Some(values) => values.as_array().unwrap().clone(),
            None => vec![part["const"].clone()],
        };
        for value in &values {
            let source = policy.replace("VALUE", &value.to_string());
            assert!(compiles(&source), "{at}: {source}");
            assert!(fits(&source), "{at}: {source}");
        }
        let others = [
            json!("other"),
            json!(2),
            json!(false),
            json!("EXACT"),
            json!([]),
        ];
        for other in others.into_iter().chain([Value::Null, json!({})]) {
            let source = policy.replace("VALUE", &other.to_string());
            assert!(!compiles(&source), "{at}: {source}");
            assert!(!fits(&source), "{at}: {source}");
        }
    }
}

#[test]
fn its_examples_and_defaults_are_right() {
    let mut checked = 0;
    for (at, part) in parts() {
        let whole = json!({ "$defs": SCHEMA["$defs"], "allOf": [part] });
        let validator = jsonschema::validator_for(&whole).unwrap();
        let examples = part["examples"].as_array().into_iter().flatten();
        for example in examples.chain(part.get("default")) {
            assert!(validator.is_valid(example), "{at}: {example}");
            checked += 1;
        }
    }
    assert!(checked >= 25, "only {checked} examples");
    for policy in SCHEMA["examples"].as_array().unwrap() {
        if let Err(report) = compile("example.yaml", &policy.to_string()) {
            panic!("{report}");
        }
    }
}

/// The texts of the policies in the repository: files, and the blocks of its documents.
fn policies() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if !name.starts_with('.') && !matches!(name, "target" | "node_modules") {
                    collect(&path, found);
                }
                continue;
            }
            let read = || fs::read_to_string(&path).unwrap();
            match path.extension().and_then(|kind| kind.to_str()) {
                Some("yaml") => found.push((path.clone(), read())),
                Some("md") => {
                    let text = read();
                    let blocks = text.split("```yaml\n").skip(1);
                    let blocks = blocks.filter_map(|rest| rest.split_once("```"));
                    found.extend(blocks.map(|(block, _)| (path.clone(), block.to_owned())));
                }
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(&repository(), &mut found);
    found
}

#[test]
fn policies_that_compile_fit() {
    let (mut checked, mut wrong) = (0, String::new());
    for (path, source) in policies() {
        if !compiles(&source) {
            continue;
        }
        checked += 1;
        let complaints = complaints(&as_json(&source).unwrap());
        if !complaints.is_empty() {
            writeln!(wrong, "{}\n{complaints}", path.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(checked >= 50, "only {checked} policies");
}

/// The mistakes that only the compiler finds: those of meaning, and few of form. An editor shows
/// all others of the compiler's own tests; of fields that stand twice, it tells by itself.
#[test]
fn mistakes_of_form_do_not_fit() {
    let (mut beyond, mut found) = (String::new(), 0);
    let folder = repository().join("crates/compiler/tests/bad");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "yaml"))
    {
        let source = fs::read_to_string(path).unwrap();
        match as_json(&source) {
            // An editor says by itself that it is not YAML.
            None => {}
            Some(policy) if VALIDATOR.is_valid(&policy) => {
                let name = path.file_stem().unwrap().to_str().unwrap();
                writeln!(beyond, "{name}").unwrap();
            }
            Some(_) => found += 1,
        }
    }
    assert!(found >= 100, "only {found} mistakes do not fit");
    expect("schema/beyond-the-form.txt", &beyond);
}

/// Rules of form that need more than a list of values: the schema and the compiler agree.
#[test]
fn it_agrees_with_the_compiler_about_forms() {
    let scopes = "scopes: { \"a:read\": { routes: [GET /a] } }";
    let route = |route: &str| format!("public: [{}]", json!(route));
    let heading = |names: &str| format!("scopes: {{ {}: {{ routes: [GET /a] }} }}", json!(names));
    let opaque = |rest: &str| format!("scope_names: opaque\n{rest}");
    let nine = "a:read b:read c:read d:read e:read f:read g:read h:read i:read";
    let long = "a".repeat(256);
    for (policy, right) in [
        // Values
        (format!("updated: 2024-02-29\n{scopes}"), true),
        (format!("updated: 2024-02-30\n{scopes}"), false),
        (format!("updated: 2024-11-31\n{scopes}"), false),
        (format!("updated: 2024-13-01\n{scopes}"), false),
        (format!("updated: 2024-12-31\n{scopes}"), true),
        (format!("updated: 24-12-31\n{scopes}"), false),
        (format!("revision: 4294967295\n{scopes}"), true),
        (format!("revision: 4294967296\n{scopes}"), false),
        (format!("revision: 0\n{scopes}"), false),
        (format!("umbrella: api\n{scopes}"), true),
        (format!("umbrella: \"api:*\"\n{scopes}"), false),
        (format!("umbrella: {}\n{scopes}", "u".repeat(250)), true),
        (format!("umbrella: {}\n{scopes}", "u".repeat(251)), false),
        (format!("global: \"*:*\"\n{scopes}"), true),
        (format!("global: admin\n{scopes}"), false),
        (
            format!("key: {{ prefix: \"\", length: 16, alphabet: base64url }}\n{scopes}"),
            true,
        ),
        (
            format!("key: {{ prefix: \"k;\", length: 40, alphabet: base64url }}\n{scopes}"),
            false,
        ),
        (
            format!("key: {{ prefix: k, length: 4097, alphabet: base64url }}\n{scopes}"),
            false,
        ),
        (format!("key: {{ prefix: k, length: 40 }}\n{scopes}"), false),
        // Opaque names
        (opaque(&format!("umbrella: api\n{scopes}")), false),
        (opaque(&format!("method_rule: none\n{scopes}")), true),
        (opaque(&format!("method_rule: read-write\n{scopes}")), false),
        (opaque(&format!("global: admin\n{scopes}")), true),
        (opaque(&format!("global: an admin\n{scopes}")), false),
        (
            opaque(&heading("https://example.com/auth/a chat:write:bot")),
            true,
        ),
        (opaque(&heading(&long[1..])), true),
        (opaque(&heading(&long)), false),
        (opaque(&heading("a,b")), false),
        (opaque(&heading("a\"b")), false),
        (opaque(&heading("a\\b")), false),
        (opaque(&heading("ä")), false),
        (opaque(&heading("routes")), false),
        (opaque(&heading("routes.read")), true),
        // Headings
        (heading("a:read b:*"), true),
        (heading(&nine[..nine.len() - 7]), true),
        (heading(nine), false),
        (heading("a:read  b:read"), false),
        (heading(" a:read"), false),
        (heading("a"), false),
        (heading("a:read:b"), false),
        (heading("*:read"), false),
        (heading("a:re*"), false),
        // Implications
        (
            format!("implies: {{ \"b:read\": [\"a:read\"] }}\n{scopes}"),
            true,
        ),
        (format!("implies: {{ \"b:read\": [] }}\n{scopes}"), true),
        (format!("implies:\n{scopes}"), true),
        (
            format!("implies: {{ \"b:read\": \"a:read\" }}\n{scopes}"),
            false,
        ),
        (
            format!("implies: {{ \"b:read\": [\"a:read\", \"a:read\"] }}\n{scopes}"),
            false,
        ),
        (format!("implies: {{ b: [\"a:read\"] }}\n{scopes}"), false),
        (
            opaque(&format!("implies: {{ b: [\"a:read\"] }}\n{scopes}")),
            true,
        ),
        // Fields that are needed, and those that may be empty
        ("any_key: [GET /a]".to_owned(), true),
        ("public:".to_owned(), true),
        ("updated: 2024-02-29".to_owned(), false),
        ("scopes:".to_owned(), false),
        ("scopes: { \"a:read\": }".to_owned(), true),
        ("scopes: { \"a:read\": { routes: } }".to_owned(), true),
        ("scopes: { \"a:read\": [GET /a] }".to_owned(), false),
        ("scopes: { \"a:read\": { summary: 1 } }".to_owned(), false),
        ("scopes: { \"a:read\": { name: _2FA } }".to_owned(), true),
        ("scopes: { \"a:read\": { name: ReadA } }".to_owned(), false),
        ("scopes: { \"a:read\": { name: __ } }".to_owned(), false),
        // Routes
        (route("GET /"), true),
        (route("GET /{*}"), true),
        (route("GET /a/{*rest}"), true),
        (route("GET /a/{*rest}/"), false),
        (route("GET /a/{*rest}/b"), false),
        (route("GET /a/x{*rest}"), false),
        (route("POST /a/{id}:cancel"), true),
        (route("GET /a/key={key}/{b}.json/"), true),
        (route("GET /a/{from}-{to}"), false),
        (route("GET /a/{}"), false),
        (route("GET /a/{id"), false),
        (route("GET /a/{i d}"), false),
        (route("GET /caf%C3%A9/~a@b,c"), true),
        (route("GET /caf%c3%a9"), false),
        (route("GET /a;b"), false),
        (route("GET /a b"), false),
        (route("GET /a//b"), false),
        (route("GET //"), false),
        (route("GET /a?b"), false),
        (route("GET /ä"), false),
        (route("GET a"), false),
        (route("GET  /a"), false),
        (route("get /a"), false),
        (route("TRACE /a"), false),
        (route("GET"), false),
        ("public: [GET /a, GET /a]".to_owned(), false),
        ("public: [{ route: GET /a, name: GetA }]".to_owned(), true),
        ("public: [{ route: GET /a, name: ALL }]".to_owned(), false),
        ("public: [{ route: GET /a, name: getA }]".to_owned(), false),
        ("public: [{ note: a }]".to_owned(), false),
        ("public: [{ GET: /a }]".to_owned(), false),
        ("public: [null]".to_owned(), false),
        ("public: GET /a".to_owned(), false),
    ] {
        let source = format!("version: 1\nname: demo\n{policy}\n");
        assert_eq!(compiles(&source), right, "the compiler: {source}");
        let json = as_json(&source).expect(&source);
        assert_eq!(
            VALIDATOR.is_valid(&json),
            right,
            "the schema: {source}\n{}",
            complaints(&json)
        );
    }
}

#[test]
fn the_command_has_no_options() {
    run(&["schema", "--format", "json"]).exits(2);
    run(&["schema", "routes.yaml"]).exits(2);
}
