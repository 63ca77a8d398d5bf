//! `include/routescope_pbx.h` has the names of the policy that the library has.

use std::fs;
use std::path::Path;

use routescope_compiler::{Generator, compile};
use routescope_ffi::routescope::pbx::POLICY;

fn file(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// It is what this command writes, from the root of the repository:
/// `routescope generate routes.yaml --lang c -o crates/ffi/include/routescope_pbx.h`
#[test]
fn it_is_up_to_date() {
    let compiled = compile("routes.yaml", &file("../../routes.yaml")).unwrap();
    let header = Generator::new()
        .command("routescope generate routes.yaml --lang c")
        .c_header(&compiled, "routes.yaml", None)
        .unwrap();
    assert!(
        header == file("include/routescope_pbx.h"),
        "run the command above"
    );
}

#[test]
fn its_names_stand_for_the_scopes_and_routes_of_the_library() {
    let header = file("include/routescope_pbx.h");
    let defined = |kind: &str| -> Vec<String> {
        let lines = header
            .lines()
            .filter_map(|line| line.strip_prefix("#define ROUTESCOPE_PBX_"));
        let values = lines.filter_map(|line| line.strip_prefix(kind)?.split_once(' '));
        values.map(|(_, value)| value.to_owned()).collect()
    };
    let scopes = POLICY.scopes().map(|scope| format!("{:?}", scope.name()));
    assert_eq!(defined("SCOPE_"), scopes.collect::<Vec<_>>());
    let indices = POLICY.routes().map(|route| route.index().to_string());
    assert_eq!(defined("ROUTE_"), indices.collect::<Vec<_>>());
    assert_eq!(defined("ROUTES"), [POLICY.routes().len().to_string()]);
}

/// Bytes that C compares with those of `routescope_policy_digest`.
#[test]
fn its_digest_is_that_of_the_library() {
    let header = file("include/routescope_pbx.h").replace("\\\n", "");
    let (_, digest) = header
        .split_once("#define ROUTESCOPE_PBX_DIGEST_INIT {")
        .unwrap();
    let (digest, _) = digest.split_once('}').unwrap();
    let bytes = digest.split(',').map(|byte| {
        let byte = byte.trim().strip_prefix("0x").unwrap();
        u8::from_str_radix(byte, 16).unwrap()
    });
    assert_eq!(bytes.collect::<Vec<_>>(), POLICY.digest());
}
