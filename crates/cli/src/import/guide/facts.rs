//! The facts that a guide tells outside of its mapping: the key's form, the umbrella, the day,
//! its own counts, and requests that it shows.

use routescope::Alphabet;
use routescope_compiler::document::Key;

use super::line::Line;
use crate::import::refusals::cut;
use crate::import::table::{Example, ImportedTable};

/// Looks for the facts outside of the mapping.
pub(super) fn find(source: &str, lines: &[&Line], table: &mut ImportedTable) {
    if table.updated.is_none() {
        table.updated = lines.iter().find_map(|line| updated(&line.text));
    }
    key(source, lines, table);
    umbrella(lines, table);
    table.examples = examples(source, lines);
}

/// `2026-05-28` of `Last updated: 2026-05-28.`
pub(super) fn updated(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let after = lower.split_once("last updated")?.1;
    let date = after.trim_start_matches([':', ' ']).get(..10)?;
    let shape: String = date
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    (shape == "0000-00-00").then(|| date.to_owned())
}

/// The numbers of `109 routes across 25 scopes`.
pub(super) fn counts(text: &str) -> Option<(usize, usize)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let before = |unit: &str| {
        words.windows(2).find_map(|pair| {
            let named = pair[1].trim_matches(|c: char| !c.is_ascii_alphabetic());
            let number: String = pair[0].chars().filter(char::is_ascii_digit).collect();
            (named == unit || format!("{named}s") == unit).then(|| number.parse().ok())?
        })
    };
    Some((before("routes")?, before("scopes")?))
}

/// `Key format: 100 characters, prefix wsk-v1- followed by 93 alphanumeric characters.`
fn key(source: &str, lines: &[&Line], table: &mut ImportedTable) {
    let is_format = |line: &&&Line| line.text.to_ascii_lowercase().starts_with("key format");
    let Some(line) = lines.iter().find(is_format) else {
        return;
    };
    table.key = key_format(&line.text);
    if table.key.is_none() {
        table.notes.push(format!(
            "line {} says what a key looks like, and was not understood: `{}`. Write `key:` into the policy by hand",
            LineNumbers::new(source).of(line),
            cut(&line.text)
        ));
    }
}

fn key_format(text: &str) -> Option<Key> {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches([',', '.', ';']))
        .collect();
    let place = |what: &str| {
        words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(what))
    };
    let number = |word: &str| word.parse::<u16>().ok();
    let prefix = *words.get(place("prefix")? + 1)?;
    let followed = place("followed")?;
    let rest = number(words.get(followed + 2)?)?;
    let alphabet = match words.get(followed + 3)?.to_ascii_lowercase().as_str() {
        "alphanumeric" => Alphabet::Alphanumeric,
        "base64url" => Alphabet::Base64Url,
        "hex" | "hexadecimal" if text.contains("lower") => Alphabet::LowerHex,
        _ => return None,
    };
    let length = words[..followed].iter().find_map(|word| number(word))?;
    let adds_up = usize::from(length) == prefix.len() + usize::from(rest);
    adds_up.then(|| Key::new(prefix, length, alphabet))
}

/// The resource of `Read routes accept pbx:read and pbx:*`.
fn umbrella(lines: &[&Line], table: &mut ImportedTable) {
    // The lines are joined: flat text breaks them wherever there was markup.
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let all = texts.join(" ");
    let lower = all.to_ascii_lowercase();
    let place = |what: &str| lower.find(what).map(|at| at + what.len());
    let (Some(read), Some(write)) = (place("read routes accept"), place("write routes accept"))
    else {
        return;
    };
    let (read, write) = (all.get(read..write).unwrap_or(&all[read..]), &all[write..]);
    let name_before = |text: &str, end: &str| {
        let before = text.split_once(end)?.0;
        let start = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
            .map_or(0, |at| at + 1);
        Some(before[start..].to_owned())
    };
    let resource = name_before(write, ":*").filter(|name| !name.is_empty());
    let agrees = |name: &String| {
        name_before(read, ":read").as_ref() == Some(name) && read.contains(&format!("{name}:*"))
    };
    table.umbrella = resource.filter(agrees);
    if table.umbrella.is_none() {
        table.notes.push(
            "the guide says that some scopes cover all routes, and it was not understood which. Write `umbrella:` into the policy by hand".to_owned(),
        );
    }
}

/// The requests of the guide's `curl` commands.
fn examples(source: &str, lines: &[&Line]) -> Vec<Example> {
    let mut numbers = LineNumbers::new(source);
    let mut examples = Vec::new();
    let mut scope = None;
    let mut rest = lines.iter();
    while let Some(line) = rest.next() {
        let needed = line.text.strip_prefix("Requires ");
        if let Some(name) = needed.and_then(|text| text.split_whitespace().next()) {
            scope = Some(name.trim_end_matches([',', '.', ';']).to_owned());
        }
        let Some(command) = line.text.trim_start_matches("$ ").strip_prefix("curl ") else {
            continue;
        };
        let mut command = command.to_owned();
        let mut last = line;
        while last.text.ends_with('\\') {
            let Some(next) = rest.next() else { break };
            command.truncate(command.trim_end_matches('\\').len());
            command.push(' ');
            command.push_str(&next.text);
            last = next;
        }
        if let Some((method, path)) = request(&command) {
            examples.push(Example {
                method,
                path,
                scope: scope.take(),
                line: numbers.of(line),
            });
        }
    }
    examples
}

/// The method and path of a `curl` command.
fn request(command: &str) -> Option<(String, String)> {
    let words = words(command);
    let mut method = None;
    let mut has_body = false;
    let mut url = None;
    let mut all = words.iter();
    while let Some(word) = all.next() {
        match word.as_str() {
            "-X" | "--request" => method = all.next().cloned(),
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--json" | "-F" | "--form" => {
                has_body = true;
                all.next();
            }
            "-H" | "--header" => {
                all.next();
            }
            "-I" | "--head" => method = Some("HEAD".to_owned()),
            word if word.starts_with("-X") => method = Some(word[2..].to_owned()),
            word => url = url.or_else(|| word.split_once("://").map(|(_, rest)| rest.to_owned())),
        }
    }
    let url = url?;
    let path = &url[url.find('/')?..];
    let path = path.split(['?', '#']).next()?;
    let default = if has_body { "POST" } else { "GET" };
    Some((method.unwrap_or(default.to_owned()), path.to_owned()))
}

/// Splits as a shell does, as far as guides go.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c.is_whitespace() => words.push(String::new()),
            _ => {
                if let Some(word) = words.last_mut() {
                    word.push(c);
                }
            }
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The numbers of lines that are asked for in the file's order.
struct LineNumbers<'s> {
    source: &'s str,
    at: usize,
    line: usize,
}

impl<'s> LineNumbers<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            source,
            at: 0,
            line: 1,
        }
    }

    fn of(&mut self, line: &Line) -> usize {
        let passed = self.source.get(self.at..line.at.start).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', passed.as_bytes()).count();
        self.at = self.at.max(line.at.start);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences() {
        assert_eq!(
            updated("Routes. Last updated: 2026-05-28."),
            Some("2026-05-28".into())
        );
        assert_eq!(updated("Last updated: May 28"), None);
        assert_eq!(counts("109 routes across 25 scopes."), Some((109, 25)));
        assert_eq!(counts("1,109 routes across 1 scope."), Some((1109, 1)));
        assert_eq!(counts("some routes across 25 scopes."), None);
        let key = key_format(
            "Key format: 100 characters, prefix wsk-v1- followed by 93 alphanumeric characters.",
        );
        assert_eq!(
            key.map(|key| (key.prefix, key.length)),
            Some(("wsk-v1-".into(), 100))
        );
        let wrong =
            "Key format: 100 characters, prefix wsk-v1- followed by 94 alphanumeric characters.";
        assert_eq!(key_format(wrong), None);
    }

    #[test]
    fn curl() {
        for (command, method, path) in [
            (r#""https://h/a/" -H "X: y""#, "GET", "/a/"),
            (
                r#"-X PUT "https://h.x/a/{id}/?q=1" -d '{"a b":1}'"#,
                "PUT",
                "/a/{id}/",
            ),
            ("https://h/a --data x=1", "POST", "/a"),
        ] {
            assert_eq!(request(command), Some((method.to_owned(), path.to_owned())));
        }
        assert_eq!(request("https://h"), None);
    }
}
