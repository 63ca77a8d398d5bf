//! Checks the names of scopes: in headings, in `implies`, as `umbrella` and `global`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use routescope_core::__private::MAX_SET_LEN;

use crate::model::{ScopeList, ScopeName};
use crate::source::document::{Document, MethodRule, ScopeNames, Spanned};
use crate::source::report::{Problem, quoted};
use crate::source::suggest::{nearest, one_edit_apart};

/// Most bytes of an umbrella: `umbrella:read` is a scope.
const MAX_UMBRELLA: usize = ScopeName::MAX_LEN - ":read".len();

/// The most scopes of all lists of `implies` together.
const MAX_IMPLIED: usize = 1 << 16;

const SCOPE: &str =
    "write `resource:action` with one colon, such as `colleagues:read` or `colleagues:*`";

const OPAQUE: &str = "if the scopes of this API have names of other forms, say `scope_names: opaque` at the top of the file";

const TOKEN: &str = "a scope consists of visible ASCII characters but for `\"`, `\\` and `,` (RFC 6749 section 3.3; commas separate scopes in headers)";

/// The content of `implies`.
pub(crate) type Implies = BTreeMap<ScopeName, BTreeSet<ScopeName>>;

/// Checks `umbrella` and `method_rule` against the kind of names.
pub(crate) fn settings(document: &Document, problems: &mut Vec<Problem>) {
    let opaque = document.scope_names == ScopeNames::Opaque;
    if let Some(stated) = &document.stated_method_rule
        && opaque
        && stated.value == MethodRule::ReadWrite
    {
        let message = "`method_rule: read-write` goes by actions, which opaque names do not have";
        let problem = Problem::error(stated.at.clone(), message);
        problems.push(
            problem.help(
                "remove it: with `scope_names: opaque`, any method may stand under any scope",
            ),
        );
    }
    let Some(umbrella) = &document.umbrella else {
        return;
    };
    if opaque {
        let message = "an umbrella is a resource, which opaque names do not have";
        problems.push(Problem::error(umbrella.at.clone(), message).help(
            "remove it, and state what the wide scopes imply in `implies`, or which one opens everything with `global`",
        ));
    } else if umbrella.value.len() > MAX_UMBRELLA {
        let message = format!(
            "an umbrella of {} bytes, over the limit of {MAX_UMBRELLA}",
            umbrella.value.len()
        );
        problems.push(Problem::error(umbrella.at.clone(), message).help("shorten it"));
    } else if let Some(problem) = bad_name(&umbrella.value, "resource") {
        problems.push(
            Problem::error(
                umbrella.at.clone(),
                format!("`umbrella` is {}: {problem}", quoted(&umbrella.value)),
            )
            .help(match umbrella.value.split_once(':') {
                Some((resource, _)) if bad_name(resource, "resource").is_none() => {
                    format!("write the resource alone: `umbrella: {resource}`")
                }
                _ => "name a resource, such as `pbx`: its scopes then cover every resource".into(),
            }),
        );
    }
}

/// The global scope, if there is one and it can be one.
pub(crate) fn global(document: &Document, problems: &mut Vec<Problem>) -> Option<ScopeName> {
    let global = document.global.as_ref()?;
    if document.scope_names == ScopeNames::ResourceAction {
        // The parser takes `*:*` alone.
        return ScopeName::split(&global.value);
    }
    match opaque_name(&global.value, &global.at) {
        Ok(name) => Some(name),
        Err(problem) => {
            problems.push(*problem);
            None
        }
    }
}

/// The scopes of each heading, by the index of its entry.
pub(crate) fn headings(
    document: &Document,
    problems: &mut Vec<Problem>,
) -> BTreeMap<usize, ScopeList> {
    let mut lists = BTreeMap::new();
    let mut seen: HashMap<ScopeList, Range<usize>> = HashMap::new();
    for (index, entry) in document.scopes.iter().enumerate() {
        let Some(names) = heading(document, &entry.name, entry.names(), problems) else {
            continue;
        };
        let list = ScopeList::new(names);
        let at = &entry.name.at;
        // The parser has reported the same text twice.
        if let Some(first) = seen.insert(list.clone(), at.clone())
            && list.single().is_none()
            && !document.scopes[..index]
                .iter()
                .any(|other| other.name.value == entry.name.value)
        {
            problems.push(
                Problem::error(at.clone(), format!("the scopes `{list}` stand here twice"))
                    .label("again")
                    .with_label(first, "first here")
                    .help("the order of scopes in a heading means nothing: put all routes under one of them"),
            );
        }
        lists.insert(index, list);
    }
    lists
}

/// The scopes of one heading, unless one of them cannot be a scope.
fn heading<'d>(
    document: &Document,
    whole: &Spanned<String>,
    names: impl Iterator<Item = Spanned<&'d str>>,
    problems: &mut Vec<Problem>,
) -> Option<Vec<ScopeName>> {
    let text = &whole.value;
    let error = |message: String, help: &str| Problem::error(whole.at.clone(), message).help(help);
    let words: Vec<&str> = text.split(' ').filter(|name| !name.is_empty()).collect();
    if !words.is_empty() && words.join(" ") != *text {
        let help = match words.as_slice() {
            [only] => format!("write `{only}`"),
            several => format!("write one space between scopes: `{}`", several.join(" ")),
        };
        problems.push(error(
            format!("{} has a space too many", quoted(text)),
            &help,
        ));
        return None;
    }
    if words.len() > MAX_SET_LEN {
        problems.push(error(
            format!("a heading of {} scopes, over the limit of {MAX_SET_LEN}", words.len()),
            "a heading with several scopes means that all of them are needed; list a route that any one of them opens under each of them",
        ));
        return None;
    }
    let mut scopes = Vec::new();
    for name in names {
        match scope_name(document, name.value, &name.at, words.len() > 1) {
            Ok(scope) if scopes.contains(&scope) => {
                let message = format!("`{scope}` stands twice in one heading");
                problems.push(Problem::error(name.at, message).help("remove one of the two"));
                return None;
            }
            Ok(scope) => scopes.push(scope),
            Err(problem) => {
                problems.push(*problem);
                return None;
            }
        }
    }
    Some(scopes)
}

/// Reads a name, by the kind of names that the file has.
fn scope_name(
    document: &Document,
    text: &str,
    at: &Range<usize>,
    in_set: bool,
) -> Result<ScopeName, Box<Problem>> {
    if text.contains(',') {
        let message = format!("{} is not a scope: it contains a comma", quoted(text));
        return Err(Box::new(Problem::error(at.clone(), message).help(
            "if these are several scopes, write a space between them where all are needed, and a heading for each where one of them suffices",
        )));
    }
    match document.scope_names {
        ScopeNames::Opaque => opaque_name(text, at),
        ScopeNames::ResourceAction => resource_action(document, text, at, in_set),
    }
}

fn opaque_name(text: &str, at: &Range<usize>) -> Result<ScopeName, Box<Problem>> {
    let error =
        |message: String, help: &str| Box::new(Problem::error(at.clone(), message).help(help));
    if text.is_empty() {
        return Err(error("an empty text is not a scope".into(), TOKEN));
    }
    if text.len() > ScopeName::MAX_LEN {
        let (len, most) = (text.len(), ScopeName::MAX_LEN);
        return Err(error(
            format!("a scope of {len} bytes, over the limit of {most}"),
            "shorten it",
        ));
    }
    let outside = text
        .chars()
        .find(|c| !c.is_ascii_graphic() || matches!(c, '"' | '\\' | ','));
    match outside {
        None => Ok(ScopeName::opaque(text)),
        Some(c) => {
            let c = match c {
                ' ' => "a space".to_owned(),
                c if c.is_control() => "a control character".to_owned(),
                c => format!("`{c}`"),
            };
            Err(error(
                format!("{} is not a scope: it contains {c}", quoted(text)),
                TOKEN,
            ))
        }
    }
}

fn resource_action(
    document: &Document,
    text: &str,
    at: &Range<usize>,
    in_set: bool,
) -> Result<ScopeName, Box<Problem>> {
    let error = |message: String| Problem::error(at.clone(), message);
    if text.is_empty() {
        return Err(Box::new(
            error("an empty text is not a scope".into()).help(SCOPE),
        ));
    }
    let Some(scope) = ScopeName::split(text) else {
        let problem = error(format!("{} is not a scope", quoted(text))).help(SCOPE);
        if matches!(text, "public" | "any_key") {
            let help =
                format!("`{text}` is a list of routes at the top of the file, beside `scopes`");
            return Err(Box::new(
                error(format!("{} is not a scope", quoted(text))).help(help),
            ));
        }
        return Err(Box::new(match opaque_name(text, at) {
            Ok(_) => problem.help(OPAQUE),
            Err(_) => problem,
        }));
    };
    let (resource, action) = scope.parts().unwrap_or_default();
    for (part, what) in [(resource, "resource"), (action, "action")] {
        if what == "action" && part == "*" {
            continue;
        }
        if let Some(problem) = bad_name(part, what) {
            let help = if text == "*:*" {
                "a scope that opens everything is the field `global: \"*:*\"`, at the top of the file"
            } else if part.contains('*') {
                "`*` stands for a whole action, never for a part of a name and never for a resource"
            } else {
                SCOPE
            };
            let message = format!("{} is not a scope: {problem}", quoted(text));
            let problem = error(message).help(help);
            let is_url = text.contains('/') && opaque_name(text, at).is_ok();
            return Err(Box::new(if is_url {
                problem.help(OPAQUE)
            } else {
                problem
            }));
        }
    }
    if text.len() > ScopeName::MAX_LEN {
        let (len, most) = (text.len(), ScopeName::MAX_LEN);
        let message = format!("a scope of {len} bytes, over the limit of {most}");
        return Err(Box::new(error(message).help("shorten it")));
    }
    if document.method_rule() == MethodRule::ReadWrite
        && !in_set
        && one_edit_apart(&action.to_lowercase(), "read")
        || action != "read" && action.eq_ignore_ascii_case("read")
    {
        let problem = error(format!("`{text}` looks like a slip of the pen"))
            .help(format!("did you mean `{resource}:read`?"));
        return Err(Box::new(if action.eq_ignore_ascii_case("read") {
            problem
        } else {
            problem.help("if the API really has an operation of this name, add `method_rule: none` at the top of the file")
        }));
    }
    Ok(scope)
}

/// Reads `implies`, of which each name must be one that a scope can have. Whether the names mean something is
/// checked with the model: see [`crate::model::implied`].
pub(crate) fn implies(document: &Document, problems: &mut Vec<Problem>) -> Implies {
    let mut implies = Implies::new();
    let mut count = 0;
    for entry in &document.implies {
        let mut read = |name: &Spanned<String>| {
            let text = &name.value;
            let read = if text.contains(' ') {
                let message = format!("{} is more than one scope", quoted(text));
                let problem = Problem::error(name.at.clone(), message);
                Err(Box::new(problem.help(
                    "`implies` is about single scopes: write a line for each",
                )))
            } else {
                scope_name(document, text, &name.at, true)
            };
            match read {
                Ok(scope) => Some(scope),
                Err(problem) => {
                    problems.push(*problem);
                    None
                }
            }
        };
        let Some(name) = read(&entry.name) else {
            continue;
        };
        let implied: Vec<Option<ScopeName>> = entry.implied.iter().map(read).collect();
        let listed = implies.entry(name.clone()).or_default();
        for (scope, text) in implied.into_iter().zip(&entry.implied) {
            let Some(scope) = scope else { continue };
            count += 1;
            if count == MAX_IMPLIED + 1 {
                let message =
                    format!("`implies` has more than {MAX_IMPLIED} scopes in its lists, the limit");
                problems
                    .push(Problem::error(text.at.clone(), message).help("split the policy by API"));
                return implies;
            }
            if scope == name {
                let message = format!("`{name}` implies itself");
                let help = "remove it from its list: every scope is as good as itself";
                problems.push(Problem::error(text.at.clone(), message).help(help));
            } else if !listed.insert(scope) {
                let message = format!("`{name}` implies `{}` twice", text.value);
                problems
                    .push(Problem::error(text.at.clone(), message).help("remove one of the two"));
            }
        }
    }
    implies
}

/// The advice for a name that the policy does not know.
pub(crate) fn did_you_mean<'k>(
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Option<String> {
    nearest(name, known).map(|near| format!("did you mean `{near}`?"))
}

/// Why `text` cannot name a resource or an action.
pub(crate) fn bad_name(text: &str, what: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if text.is_empty() {
        return Some(format!("the {what} is missing"));
    }
    let outside = text
        .chars()
        .find(|c| !c.is_ascii() || !u8::try_from(*c).is_ok_and(fits))?;
    let outside = match outside {
        ' ' => "space".to_owned(),
        other => format!("`{other}`"),
    };
    Some(format!(
        "a{} {what} has letters, digits, `_`, `-` and `.`, and no {outside}",
        if what == "action" { "n" } else { "" },
    ))
}
