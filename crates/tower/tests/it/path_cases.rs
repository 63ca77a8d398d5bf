//! The hostile and ordinary targets of `path-cases.json`.

/// A request by its id.
#[derive(Debug)]
pub(crate) struct PathCase {
    pub(crate) id: String,
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
}

pub(crate) fn path_cases() -> Vec<PathCase> {
    let cases = include_str!("../../../../tests/data/path-cases.json");
    let cases: Vec<serde_json::Value> = serde_json::from_str(cases).expect("JSON");
    assert_eq!(cases.len(), 216);
    let read = |case: &serde_json::Value| {
        let text = |name: &str| case[name].as_str().map(str::to_owned);
        let target = match (text("target"), text("target_hex")) {
            (Some(target), None) => target.into_bytes(),
            (None, Some(digits)) => unhex(&digits),
            _ => panic!("a target or its hexadecimal digits: {case}"),
        };
        PathCase {
            id: text("id").expect("an id"),
            method: text("method").expect("a method").into_bytes(),
            target,
        }
    };
    cases.iter().map(read).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}
