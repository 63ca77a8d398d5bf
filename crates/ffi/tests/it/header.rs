//! `include/routescope.h` says what the code does.
//!
//! The header is written for readers, by hand. Here a C file is made from the
//! code: a prototype of each function (by cbindgen), and a claim about each
//! number, size, offset and type. A C compiler reads it together with the
//! header, and refuses where the two differ. That it does is tested too, on
//! headers that were made to differ.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use routescope_ffi::code::{
    routescope_answer_name, routescope_by_name, routescope_method_name, routescope_path_rule_name,
};
use routescope_ffi::routescope::Reason;
use routescope_ffi::{ABI_VERSION, Decision, Handle, LoadedPolicy, Route, Scope, ScopeSet, Text};

#[test]
fn the_header_agrees_with_the_code() {
    compile("agrees", &header()).unwrap();
}

/// Both ways: what the header declares is in the code, too.
#[test]
fn the_header_declares_nothing_else() {
    let header = header();
    let prototypes = prototypes();
    let functions: BTreeSet<&str> = words(&prototypes)
        .filter(|word| is_function(word))
        .collect();
    assert!(functions.len() > 20, "{functions:?}");
    let declared = header
        .split("*/")
        .flat_map(|part| words(part.split("/*").next().unwrap()))
        .filter(|word| is_function(word));
    assert_eq!(declared.collect::<BTreeSet<_>>(), functions);

    let numbers: BTreeSet<String> = numbers().into_iter().map(|(name, _)| name).collect();
    let declared = header.lines().filter_map(|line| line.split_once(" = "));
    let declared = declared
        .map(|(name, _)| name.trim())
        .filter(|name| name.starts_with("ROUTESCOPE_"));
    assert_eq!(
        declared.map(str::to_owned).collect::<BTreeSet<_>>(),
        numbers
    );
}

#[test]
fn a_header_that_differs_is_noticed() {
    let changes = [
        ("ROUTESCOPE_ALLOW = 0x5AA5", "ROUTESCOPE_ALLOW = 0"),
        (
            "ROUTESCOPE_UNKNOWN_KEY = 0x12",
            "ROUTESCOPE_UNKNOWN_KEY = 0x13",
        ),
        ("ROUTESCOPE_RULE_UTF8 = 11", "ROUTESCOPE_RULE_UTF8 = 12"),
        ("ROUTESCOPE_PUT = 0x08", "ROUTESCOPE_PUT = 0x10"),
        ("ROUTESCOPE_ABI_VERSION 3", "ROUTESCOPE_ABI_VERSION 2"),
        ("uint32_t status; ", "uint64_t status; "),
        ("uint32_t path_rule; ", "int32_t path_rule; "),
        ("uint32_t method;      /*", "uint32_t renamed;      /*"),
        (
            "    routescope_text scope;",
            "    uint32_t more; routescope_text scope;",
        ),
        ("    size_t length;    /*", "    ptrdiff_t length;    /*"),
        (
            "const char *data; /* may",
            "const unsigned char *data; /* may",
        ),
        ("uint64_t words[2 + ", "uint64_t words[1 + "),
        (
            "uint32_t accepted; /* the number",
            "uint16_t accepted; /* the number",
        ),
        (
            "    uint32_t by;        /*",
            "    uint32_t spare2; uint32_t by; /*",
        ),
        ("ROUTESCOPE_BY_ALL = 2", "ROUTESCOPE_BY_ALL = 1"),
        (
            "uint32_t index,\n                               routescope_text *names",
            "uint64_t index,\n                               routescope_text *names",
        ),
        (
            "bool routescope_authorize(",
            "uint32_t routescope_authorize(",
        ),
        (
            "const char *method, size_t method_length, const char *target,",
            "const char *method, uint32_t method_length, const char *target,",
        ),
        (
            "size_t count, routescope_text *key, ",
            "routescope_text *key, ",
        ),
        (
            "uint32_t routescope_status(uint32_t answer);",
            "uint32_t routescope_status(uint64_t answer);",
        ),
        (
            "const uint8_t *routescope_policy_digest",
            "uint8_t *routescope_policy_digest",
        ),
        ("uint32_t found;    /*", "uint64_t found;    /*"),
        (
            "const void *bytes, size_t length,",
            "const void *bytes, uint32_t length,",
        ),
        (
            "const routescope_scope_set *held,",
            "routescope_scope_set *held,",
        ),
    ];
    let header = header();
    compile("unchanged", &header).unwrap();
    for (i, (from, to)) in changes.into_iter().enumerate() {
        assert_eq!(header.matches(from).count(), 1, "{from}");
        let differs = header.replacen(from, to, 1);
        assert!(compile(&format!("differs-{i}"), &differs).is_err(), "{to}");
    }
}

fn header() -> String {
    fs::read_to_string(crate_dir().join("include/routescope.h")).unwrap()
}

fn crate_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Hands a header, and what the code says of it, to the C compiler.
fn compile(name: &str, header: &str) -> Result<(), String> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("routescope.h"), header).unwrap();
    fs::write(dir.join("claims.c"), claims()).unwrap();
    let output = Command::new(env::var("CC").unwrap_or_else(|_| "cc".to_owned()))
        .args([
            "-std=c99",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-pedantic",
            "-fsyntax-only",
        ])
        .arg(dir.join("claims.c"))
        .output()
        .expect("a C compiler, `cc` or what CC names");
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Returns a C program that asserts the sizes, offsets and numbers of the Rust code.
fn claims() -> String {
    let mut claims = Claims {
        text: "#include \"routescope.h\"\n".to_owned(),
        count: 0,
    };
    claims.text += &prototypes();
    claims.that(&format!("ROUTESCOPE_ABI_VERSION == {ABI_VERSION}"));
    claims.that("ROUTESCOPE_DIGEST_LENGTH == 32");
    for reason in Reason::ALL {
        let name = reason.as_str().to_uppercase();
        claims.that(&format!("ROUTESCOPE_{name} == {}", reason as u32));
    }
    for (name, number) in numbers() {
        claims.that(&format!("{name} == {number}"));
    }
    layouts(&mut claims);
    claims.that("sizeof(routescope_scope_set) == 8 + 8 * (2 + ROUTESCOPE_SCOPE_WORDS)");
    claims.text
}

struct Claims {
    text: String,
    count: usize,
}

impl Claims {
    fn that(&mut self, claim: &str) {
        self.count += 1;
        writeln!(
            self.text,
            "typedef char claim_{}[({claim}) ? 1 : -1];",
            self.count
        )
        .unwrap();
    }

    /// `field` of `structure` is where Rust has it, and of this very type.
    fn field(&mut self, structure: &str, field: &str, c_type: &str, offset: usize) {
        self.that(&format!("offsetof({structure}, {field}) == {offset}"));
        self.count += 1;
        writeln!(
            self.text,
            "{c_type} *field_{}({structure} *it); {c_type} *field_{0}({structure} *it) {{ return &it->{field}; }}",
            self.count
        )
        .unwrap();
    }
}

/// The name that C has for the type of a field.
trait InC {
    const NAME: &'static str;
}

impl InC for u32 {
    const NAME: &'static str = "uint32_t";
}

impl InC for usize {
    const NAME: &'static str = "size_t";
}

impl InC for *const std::ffi::c_char {
    const NAME: &'static str = "const char *";
}

impl InC for Text {
    const NAME: &'static str = "routescope_text";
}

fn name_in_c<T: InC>(_: fn(&'static ()) -> T) -> &'static str {
    T::NAME
}

/// Claims the layout of a struct. A field that is not listed does not build.
macro_rules! layout {
    ($claims:ident, $name:literal = $type:ident { $($field:ident),* }) => {
        $claims.that(&format!("sizeof({}) == {}", $name, size_of::<$type>()));
        fields!($claims, $name = $type { $($field),* });
        let _ = |it: $type| {
            let $type { $($field: _),* } = it;
        };
    };
}

/// Claims the beginning of a struct, and that the library's words follow it.
macro_rules! beginning {
    ($claims:ident, $name:literal = $type:ident { $($field:ident),* }) => {
        $claims.that(&format!("offsetof({}, words) == {}", $name, size_of::<$type>()));
        fields!($claims, $name = $type { $($field),* });
    };
}

macro_rules! fields {
    ($claims:ident, $name:literal = $type:ident { $($field:ident),* }) => {
        $(
            let c_type = name_in_c(|_| {
                let $type { $field, .. } = unreachable_value::<$type>();
                $field
            });
            $claims.field($name, stringify!($field), c_type, offset_of!($type, $field));
        )*
    };
}

/// Only for the types of its fields; never called.
fn unreachable_value<T>() -> T {
    unreachable!()
}

fn layouts(claims: &mut Claims) {
    layout!(claims, "routescope_text" = Text { data, length });
    layout!(
        claims,
        "routescope_decision" = Decision {
            size,
            answer,
            filled,
            status,
            path_rule,
            path_offset,
            method,
            methods,
            accepted,
            sets,
            path_template,
            scope,
            route,
            has_route,
            by,
            spare
        }
    );
    layout!(
        claims,
        "routescope_route" = Route {
            size,
            answer,
            filled,
            method,
            accepted,
            sets,
            path_template,
            by,
            spare
        }
    );
    layout!(
        claims,
        "routescope_scope" = Scope {
            size,
            answer,
            filled,
            declared,
            name
        }
    );
    // Of these two, the words are the library's own.
    beginning!(claims, "routescope_scope_set" = ScopeSet { size, answer });
    beginning!(
        claims,
        "routescope_loaded_policy" = LoadedPolicy {
            size,
            answer,
            found,
            expected,
            detail
        }
    );
}

/// Every number that the library has a name for, as the header should write it.
fn numbers() -> Vec<(String, u32)> {
    let mut numbers = Vec::new();
    for number in 0..=0xFFFF {
        for (prefix, name) in [
            ("ROUTESCOPE_", text(routescope_answer_name(number))),
            ("ROUTESCOPE_RULE_", text(routescope_path_rule_name(number))),
            ("ROUTESCOPE_", text(routescope_method_name(number))),
            ("ROUTESCOPE_BY_", text(routescope_by_name(number))),
        ] {
            if !name.is_empty() {
                numbers.push((format!("{prefix}{}", name.to_uppercase()), number));
            }
        }
    }
    numbers
}

fn text(text: Text) -> &'static str {
    // SAFETY: names are constants of the library.
    let bytes = unsafe { std::slice::from_raw_parts(text.data.cast(), text.length) };
    std::str::from_utf8(bytes).unwrap()
}

/// A prototype of every function, from the source.
fn prototypes() -> String {
    let rename = [
        ("Handle", "routescope_policy"),
        ("Text", "routescope_text"),
        ("ScopeSet", "routescope_scope_set"),
        ("LoadedPolicy", "routescope_loaded_policy"),
        ("Decision", "routescope_decision"),
        ("Route", "routescope_route"),
        ("Scope", "routescope_scope"),
        ("Answer", "uint32_t"),
    ];
    let mut config = cbindgen::Config {
        language: cbindgen::Language::C,
        no_includes: true,
        usize_is_size_t: true,
        ..cbindgen::Config::default()
    };
    config.export.item_types = vec![cbindgen::ItemType::Functions];
    config.export.rename = rename
        .map(|(rust, c)| (rust.to_owned(), c.to_owned()))
        .into();
    let mut builder = cbindgen::Builder::new().with_config(config);
    let mut files: Vec<PathBuf> = fs::read_dir(crate_dir().join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        builder = builder.with_src(file);
    }
    let mut written = Vec::new();
    builder
        .generate()
        .expect("cbindgen reads the source")
        .write(&mut written);
    let mut prototypes = String::from_utf8(written).unwrap();
    // The one function that a macro defines; its type is checked here.
    let _: extern "C" fn() -> *const Handle = routescope_ffi::routescope_policy_pbx;
    prototypes += "\nconst routescope_policy *routescope_policy_pbx(void);\n";
    prototypes
}

/// Words, each with what follows it, which tells a function from a type.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_')
}

fn is_function(word: &str) -> bool {
    word.starts_with("routescope_") && word.ends_with('(')
}
