//! The scopes that an operation requires, from its `security`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use routescope_compiler::Problem;
use routescope_compiler::unstable::yaml::{Node, Value};

use super::tree::{Tree, text};
use crate::import::refusals::{Refusal, cut};
use crate::import::table::is_scope;

pub(super) struct Security<'n> {
    /// The `security` of operations that have none.
    global: Option<&'n Node>,
    /// The names of the schemes.
    schemes: HashSet<&'n str>,
    /// The summaries that the schemes give to their scopes.
    summaries: BTreeMap<&'n str, &'n str>,
    /// The result of each `security`, read once however many operations refer to it.
    known: HashMap<*const Node, Read>,
}

/// The requirements of a `security`, or its fault wherever it is used.
type Read = Result<Known, Rc<Refusal>>;

/// The same, shared by all operations that refer to it.
type Known = Rc<Result<Needs, Fault>>;

/// The requirements for a key.
#[derive(Debug)]
pub(super) enum Needs {
    /// Any one of these scopes, each with the position of its name.
    Scopes(Vec<(String, Range<usize>)>),
    /// None: nothing that an operation accepts names a scope.
    NoScope,
}

/// The fault of a `security`, to be told of an operation.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: &'static str,
    /// The part of the message that follows the operation's name.
    says: String,
    help: &'static str,
    at: Range<usize>,
}

impl Fault {
    /// The fault of an operation. `at` is the position to show instead, where the fault is
    /// elsewhere than below the operation.
    pub(super) fn of(&self, route: &str, at: Option<Range<usize>>) -> Problem {
        let at = at.unwrap_or_else(|| self.at.clone());
        Problem::error(at, format!("{route} {}", self.says)).help(self.help)
    }
}

/// A message lists at most this many names.
const MOST_NAMES: usize = 3;

impl<'n> Security<'n> {
    pub(super) fn new(tree: &Tree<'n>) -> Result<Self, Rc<Refusal>> {
        let mut security = Self {
            global: tree.field(tree.root, "security")?,
            schemes: HashSet::new(),
            summaries: BTreeMap::new(),
            known: HashMap::new(),
        };
        let components = tree.field(tree.root, "components")?;
        let schemes = match components {
            Some(components) => tree.field(components, "securitySchemes")?,
            None => None,
        };
        let mut seen = HashSet::new();
        for (name, scheme) in schemes.map_or(Ok(&[][..]), |schemes| tree.entries(schemes))? {
            security.schemes.extend(text(name));
            // A summary decides nothing: a scheme that cannot be read has none.
            let _ = security.summaries_of(tree, scheme, &mut seen);
        }
        Ok(security)
    }

    fn summaries_of(
        &mut self,
        tree: &Tree<'n>,
        scheme: &'n Node,
        seen: &mut HashSet<*const Node>,
    ) -> Result<(), Rc<Refusal>> {
        let scheme = tree.follow(scheme)?;
        let Some(flows) = tree.field(scheme, "flows")? else {
            return Ok(());
        };
        // Flows that several schemes refer to say the same each time.
        if !seen.insert(std::ptr::from_ref(flows)) {
            return Ok(());
        }
        for (_, flow) in tree.entries(flows)? {
            let flow = tree.follow(flow)?;
            let Some(scopes) = tree.field(flow, "scopes")? else {
                continue;
            };
            if !seen.insert(std::ptr::from_ref(scopes)) {
                continue;
            }
            for (scope, summary) in tree.entries(scopes)? {
                if let (Some(scope), Some(summary)) = (text(scope), text(summary)) {
                    self.summaries.entry(scope).or_insert(summary);
                }
            }
        }
        Ok(())
    }

    /// The file's description of a scope, in one line.
    pub(super) fn summary(&self, scope: &str) -> Option<String> {
        let words: Vec<&str> = self.summaries.get(scope)?.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// The requirements of an operation, and whether they are its own.
    pub(super) fn needs(
        &mut self,
        tree: &Tree<'n>,
        operation: &'n Node,
    ) -> Result<(Known, bool), Rc<Refusal>> {
        let own = tree.field(operation, "security")?;
        let Some(security) = own.or(self.global) else {
            return Ok((Rc::new(Ok(Needs::NoScope)), false));
        };
        let place = std::ptr::from_ref(security);
        if let Some(known) = self.known.get(&place) {
            return Ok((known.clone()?, own.is_some()));
        }
        let read = self.read(tree, security).map(Rc::new);
        self.known.insert(place, read.clone());
        Ok((read?, own.is_some()))
    }

    fn read(
        &self,
        tree: &Tree<'n>,
        security: &'n Node,
    ) -> Result<Result<Needs, Fault>, Rc<Refusal>> {
        let public = |node: &Node| {
            fault(
                "public",
                node,
                "is public: it can be used without a key".into(),
                "a policy cannot make a route public: what it does not list, it denies. Give the operation a scope in the file, or remove it and let the gateway pass it by",
            )
        };
        if !matches!(security.value, Value::List(_)) {
            return Ok(fault(
                "security",
                security,
                format!(
                    "has a `security` that is {}, and not a list",
                    security.value.kind()
                ),
                "write one requirement a line, each after a `-`; `[]` means that anyone may use it",
            ));
        }
        let alternatives = tree.items(security)?;
        if alternatives.is_empty() {
            return Ok(public(security));
        }
        let mut all: Vec<(String, Range<usize>)> = Vec::new();
        // The first alternatives of either sort, for the message.
        let (mut with, mut without) = (Vec::new(), Vec::new());
        let mut last = security;
        for alternative in alternatives {
            last = alternative;
            let alternative = tree.follow(alternative)?;
            if !matches!(alternative.value, Value::Map(_)) {
                return Ok(fault(
                    "requirement",
                    alternative,
                    format!("has a requirement that is {}", alternative.value.kind()),
                    "a requirement is the name of a scheme with a list of scopes, such as `- oauth: [things:read]`",
                ));
            }
            let requirement = match self.requirement(tree, alternative)? {
                Ok(requirement) => requirement,
                Err(fault) => return Ok(Err(fault)),
            };
            match requirement {
                None => return Ok(public(alternative)),
                Some(Requirement {
                    schemes,
                    scope: None,
                }) if without.len() < MOST_NAMES => {
                    without.push(schemes);
                }
                Some(Requirement { scope: None, .. }) => {}
                Some(Requirement {
                    schemes,
                    scope: Some(scope),
                }) => {
                    if with.len() < MOST_NAMES {
                        with.push(format!("{schemes} with `{}`", cut(&scope.0)));
                    }
                    all.push(scope);
                }
            }
        }
        if all.is_empty() {
            return Ok(Ok(Needs::NoScope));
        }
        if without.is_empty() {
            return match all.iter().find(|(name, _)| !is_scope(name)) {
                None => Ok(Ok(Needs::Scopes(all))),
                Some((name, at)) => Err(Rc::new(Refusal::new(
                    "scope name",
                    at,
                    format!("`{}` is no scope of a policy", cut(name)),
                    "a scope is `resource:action`, with letters, digits, `_`, `-` and `.`, such as `things:read`: rename it in the file",
                ))),
            };
        }
        Ok(fault(
            "mixed",
            last,
            format!(
                "takes {} without a scope, or {}",
                without.join(" or "),
                with.join(" or ")
            ),
            "a policy knows scopes and no schemes, so it cannot let in both: remove one sort of alternative from the file. `--unscoped` is for operations that no alternative gives a scope",
        ))
    }

    /// One alternative; `None` if it asks for nothing.
    fn requirement(
        &self,
        tree: &Tree<'n>,
        alternative: &'n Node,
    ) -> Result<Result<Option<Requirement>, Fault>, Rc<Refusal>> {
        let mut names: Vec<&str> = Vec::new();
        let mut scopes: Vec<(String, Range<usize>)> = Vec::new();
        for (scheme, list) in tree.entries(alternative)? {
            let name = text(scheme).unwrap_or_default();
            if !self.schemes.contains(name) {
                return Ok(Err(Fault {
                    kind: "scheme",
                    says: format!(
                        "names the security scheme `{}`, which the file does not have",
                        cut(name)
                    ),
                    help: "describe it under `components: securitySchemes:`, or correct its name",
                    at: scheme.at.clone(),
                }));
            }
            if names.len() < MOST_NAMES {
                names.push(name);
            }
            // Its value: a name that occurs twice is found here.
            let list = tree.field(alternative, name)?.unwrap_or(list);
            match &list.value {
                // `null` is a name without a value.
                Value::List(_) | Value::Null => {}
                _ => {
                    return Ok(Err(Fault {
                        kind: "scopes",
                        says: format!("names scopes of `{}` that are no list", cut(name)),
                        help: "write them as a list, such as `[things:read]`",
                        at: scheme.at.clone(),
                    }));
                }
            }
            for scope in tree.items(list)? {
                let scope = tree.follow(scope)?;
                let Some(name) = text(scope) else {
                    return Ok(Err(Fault {
                        kind: "scope",
                        says: format!("names a scope that is {}", scope.value.kind()),
                        help: "a scope is a text: put it into quotes",
                        at: scope.at.clone(),
                    }));
                };
                // More would only make the message longer.
                let is_known = scopes.iter().any(|(known, _)| known == name);
                if !is_known && scopes.len() <= MOST_NAMES {
                    scopes.push((name.to_owned(), scope.at.clone()));
                }
            }
        }
        if scopes.len() > 1 {
            let names: Vec<String> = scopes
                .iter()
                .take(MOST_NAMES)
                .map(|(name, _)| format!("`{}`", cut(name)))
                .collect();
            let more = if scopes.len() > names.len() {
                " and more"
            } else {
                ""
            };
            return Ok(Err(Fault {
                kind: "at once",
                says: format!("needs {}{more} at once", names.join(" and ")),
                help: "a policy says of which scopes a key needs any one, never several at once: make one scope that stands for both; or, if any one of them will do, write each as a requirement of its own",
                at: alternative.at.clone(),
            }));
        }
        if names.is_empty() {
            return Ok(Ok(None));
        }
        let schemes: Vec<String> = names
            .iter()
            .map(|name| format!("`{}`", cut(name)))
            .collect();
        Ok(Ok(Some(Requirement {
            schemes: schemes.join(" and "),
            scope: scopes.pop(),
        })))
    }
}

/// The scopes that one alternative asks for.
struct Requirement {
    /// The names of its schemes, for messages.
    schemes: String,
    scope: Option<(String, Range<usize>)>,
}

fn fault<T>(kind: &'static str, node: &Node, says: String, help: &'static str) -> Result<T, Fault> {
    Err(Fault {
        kind,
        says,
        help,
        at: node.at.clone(),
    })
}
