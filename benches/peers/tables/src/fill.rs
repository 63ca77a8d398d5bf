//! Requests for templates.

use fastrand::Rng;

/// The template with a value in place of every parameter.
pub fn fill(template: &str, rng: &mut Rng) -> String {
    fill_with(template, || value(rng))
}

/// The template with the caller's values in place of its parameters.
pub fn fill_with(template: &str, mut value: impl FnMut() -> String) -> String {
    let filled: Vec<String> = template
        .split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                value()
            } else {
                segment.to_owned()
            }
        })
        .collect();
    filled.join("/")
}

/// A plain number, a UUID or a name, as real parameters are.
pub fn value(rng: &mut Rng) -> String {
    match rng.u8(0..3) {
        0 => rng.u32(0..10_000).to_string(),
        1 => format!(
            "{:08x}-1f2e-4d3c-8b4a-{:012x}",
            rng.u32(..),
            rng.u64(..) >> 16
        ),
        _ => format!("user.{}", rng.u32(0..1000)),
    }
}
