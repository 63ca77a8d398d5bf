//! Masks what may be a key in texts about files.

/// A run of this many characters of keys is taken for one. No name in a policy is as long.
const MIN_RUN: usize = 40;

/// A text with `[masked]` in place of everything that may be a key: somebody may have named a
/// key file where a policy is asked for, or have pasted a key into it.
pub(crate) fn masked(text: &str) -> String {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let run = rest.find(|letter| !is_letter(letter)).unwrap_or(rest.len());
        let (run, others) = rest.split_at(run);
        masked.push_str(if run.len() >= MIN_RUN {
            "[masked]"
        } else {
            run
        });
        let other = others.find(is_letter).unwrap_or(others.len());
        let (other, next) = others.split_at(other);
        masked.push_str(other);
        rest = next;
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn only_long_runs_are_masked() {
        let key = format!("wsk-v1-{}", "aB3".repeat(31));
        for (text, expected) in [
            (String::new(), ""),
            (key.clone(), "[masked]"),
            (format!("a `{key}` b"), "a `[masked]` b"),
            (format!("\u{e9}{key}\u{e9}"), "\u{e9}[masked]\u{e9}"),
            (
                "GET /a/update-contact-info/ ^^^^".to_owned(),
                "GET /a/update-contact-info/ ^^^^",
            ),
        ] {
            assert_eq!(masked(&text), expected);
        }
    }
}
