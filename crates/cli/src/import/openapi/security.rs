//! The `security` of operations: which of its requirements count, and what these need.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use routescope_compiler::unstable::yaml::{Node, Value};

use super::edition::Edition;
use super::needs::{Fault, Needs, Requirements, Together};
use super::options::{Lists, Options};
use super::schemes::Schemes;
use super::tree::{Tree, text};
use crate::import::refusals::{Refusal, cut};
use crate::import::table::{MOST_SETS, MOST_TOGETHER, is_token};

pub(super) struct Security<'n> {
    /// The `security` of operations that have none.
    global: Option<&'n Node>,
    pub(super) schemes: Schemes<'n>,
    lists: Lists,
    /// The result of each `security`, read once however many operations refer to it.
    known: HashMap<*const Node, Read>,
}

/// The requirements of a `security`, or its fault wherever it is used.
type Read = Result<Rc<Requirements>, Rc<Refusal>>;

/// A message lists at most this many names.
const MOST_NAMES: usize = 3;

/// One requirement of a `security`.
enum Requirement<'n> {
    /// It needs nothing.
    Nothing,
    /// It needs another scheme than the one that counts, or scopes of another.
    Elsewhere,
    /// It needs a key, with these scopes.
    Key(Key<'n>),
}

struct Key<'n> {
    /// The names of its schemes, for messages.
    schemes: String,
    /// The schemes without scopes besides the one that counts.
    beside: Option<String>,
    scopes: BTreeSet<&'n str>,
    /// The position of the first scope.
    at: Range<usize>,
}

impl<'n> Security<'n> {
    pub(super) fn new(
        tree: &Tree<'n>,
        edition: Edition,
        options: &Options<'_>,
    ) -> Result<Self, Rc<Refusal>> {
        Ok(Self {
            global: tree.field(tree.root, "security")?,
            schemes: Schemes::new(tree, edition, options.scheme)?,
            lists: options.lists,
            known: HashMap::new(),
        })
    }

    /// The requirements of an operation, and whether they are its own.
    pub(super) fn requirements(
        &mut self,
        tree: &Tree<'n>,
        operation: &'n Node,
    ) -> Result<(Rc<Requirements>, bool), Rc<Refusal>> {
        let own = tree.field(operation, "security")?;
        let Some(security) = own.or(self.global) else {
            let unstated = Requirements {
                needs: Ok(Needs::Unstated),
                schemes: Vec::new(),
                beside: None,
                has_list: false,
                at: operation.at.clone(),
            };
            return Ok((Rc::new(unstated), false));
        };
        let place = std::ptr::from_ref(security);
        let read = match self.known.get(&place) {
            Some(known) => known.clone(),
            None => {
                let read = self.read(tree, security).map(Rc::new);
                self.known.insert(place, read.clone());
                read
            }
        }?;
        self.schemes.count(&read.schemes);
        Ok((read, own.is_some()))
    }

    fn read(&mut self, tree: &Tree<'n>, security: &'n Node) -> Result<Requirements, Rc<Refusal>> {
        let mut reading = Reading {
            lists: self.lists,
            schemes: &mut self.schemes,
            used: BTreeSet::new(),
            beside: None,
            has_list: false,
        };
        let needs = reading.security(tree, security)?;
        Ok(Requirements {
            needs,
            schemes: reading.used.into_iter().collect(),
            beside: reading.beside,
            has_list: reading.has_list,
            at: security.at.clone(),
        })
    }
}

/// The reading of one `security`.
struct Reading<'r, 'n> {
    lists: Lists,
    schemes: &'r mut Schemes<'n>,
    used: BTreeSet<usize>,
    beside: Option<String>,
    has_list: bool,
}

impl<'n> Reading<'_, 'n> {
    fn security(
        &mut self,
        tree: &Tree<'n>,
        security: &'n Node,
    ) -> Result<Result<Needs, Fault>, Rc<Refusal>> {
        if !matches!(security.value, Value::List(_)) {
            let says = format!(
                "has a `security` that is {}, and not a list",
                security.value.kind()
            );
            let help =
                "write one requirement a line, each after a `-`; `[]` means that anyone may use it";
            return Ok(Err(fault("security", &security.at, says, help)));
        }
        let requirements = tree.items(security)?;
        let mut needs = NeedsReader::new(self.lists);
        for requirement in requirements {
            let requirement = tree.follow(requirement)?;
            if !matches!(requirement.value, Value::Map(_)) {
                let says = format!("has a requirement that is {}", requirement.value.kind());
                let help = "a requirement is the name of a scheme with a list of scopes, such as `- oauth: [things:read]`";
                return Ok(Err(fault("requirement", &requirement.at, says, help)));
            }
            match self.requirement(tree, requirement)? {
                Ok(Requirement::Nothing) => needs.nothing = true,
                Ok(Requirement::Elsewhere) => needs.elsewhere = true,
                Ok(Requirement::Key(key)) => {
                    self.has_list |= key.scopes.len() > 1;
                    if self.beside.is_none() {
                        self.beside.clone_from(&key.beside);
                    }
                    needs.key(key);
                }
                Err(fault) => return Ok(Err(fault)),
            }
        }
        Ok(needs.needs(requirements.is_empty(), &security.at))
    }

    /// One requirement: every scheme that it names is needed, and every scope.
    fn requirement(
        &mut self,
        tree: &Tree<'n>,
        requirement: &'n Node,
    ) -> Result<Result<Requirement<'n>, Fault>, Rc<Refusal>> {
        let entries = tree.entries(requirement)?;
        if entries.is_empty() {
            return Ok(Ok(Requirement::Nothing));
        }
        let mut schemes: Vec<String> = Vec::new();
        let mut beside: Vec<String> = Vec::new();
        let (mut counts, mut others_have_scopes) = (false, false);
        let mut scopes = BTreeSet::new();
        let mut at = requirement.at.clone();
        for (scheme, list) in entries {
            let name = text(scheme).unwrap_or_default();
            let Some(number) = self.schemes.number(name) else {
                let says = format!(
                    "names the security scheme `{}`, which the file does not have",
                    cut(name)
                );
                let help = self.schemes.help_for_unknown();
                return Ok(Err(fault("scheme", &scheme.at, says, help)));
            };
            // Its value: a name that occurs twice is found here.
            let list = tree.field(requirement, name)?.unwrap_or(list);
            // `null` is a name without a value.
            if !matches!(list.value, Value::List(_) | Value::Null) {
                let says = format!("names scopes of `{}` that are no list", cut(name));
                let help = "write them as a list, such as `[things:read]`";
                return Ok(Err(fault("scopes", &scheme.at, says, help)));
            }
            let is_chosen = self.schemes.is_chosen(number);
            let mut named = false;
            for scope in tree.items(list)? {
                let scope = tree.follow(scope)?;
                let Some(scope_name) = text(scope) else {
                    let says = format!("names a scope that is {}", scope.value.kind());
                    let help = "a scope is a text: put it into quotes";
                    return Ok(Err(fault("scope", &scope.at, says, help)));
                };
                named = true;
                if is_chosen {
                    if scopes.is_empty() {
                        at = scope.at.clone();
                    }
                    scopes.insert(scope_name);
                } else {
                    others_have_scopes = true;
                }
            }
            self.used.insert(number);
            self.schemes.used(number, &scheme.at, named);
            counts |= is_chosen;
            let quoted = || format!("`{}`", cut(name));
            if schemes.len() < MOST_NAMES {
                schemes.push(quoted());
            }
            if !is_chosen && beside.len() < MOST_NAMES {
                beside.push(quoted());
            }
        }
        if !counts || others_have_scopes {
            return Ok(Ok(Requirement::Elsewhere));
        }
        Ok(Ok(Requirement::Key(Key {
            schemes: schemes.join(" and "),
            beside: (!beside.is_empty()).then(|| beside.join(" and ")),
            scopes,
            at,
        })))
    }
}

/// The needs of the requirements of a `security`, put together.
struct NeedsReader {
    lists: Lists,
    nothing: bool,
    elsewhere: bool,
    all: Vec<Together>,
    seen: HashSet<String>,
    /// The number of alternatives with several scopes.
    sets: usize,
    /// The first requirements of either sort, for the message.
    with: Vec<String>,
    without: Vec<String>,
    /// The first fault of a scope, which only counts if scopes decide.
    fault: Option<Fault>,
}

impl NeedsReader {
    fn new(lists: Lists) -> Self {
        Self {
            lists,
            nothing: false,
            elsewhere: false,
            all: Vec::new(),
            seen: HashSet::new(),
            sets: 0,
            with: Vec::new(),
            without: Vec::new(),
            fault: None,
        }
    }

    fn key(&mut self, key: Key<'_>) {
        let Some(first) = key.scopes.first() else {
            if self.without.len() < MOST_NAMES {
                self.without.push(key.schemes);
            }
            return;
        };
        if self.with.len() < MOST_NAMES {
            self.with
                .push(format!("{} with `{}`", key.schemes, cut(first)));
        }
        if self.fault.is_none() {
            self.fault = self.fault_of(&key);
        }
        match self.lists {
            Lists::Any => {
                for scope in key.scopes {
                    self.together(scope.to_owned(), &key.at);
                }
            }
            Lists::All if key.scopes.len() > MOST_TOGETHER => {}
            Lists::All => {
                let names: Vec<&str> = key.scopes.into_iter().collect();
                let text = names.join(" ");
                self.sets += usize::from(names.len() > 1 && !self.seen.contains(&text));
                self.together(text, &key.at);
            }
        }
    }

    fn together(&mut self, text: String, at: &Range<usize>) {
        if self.seen.insert(text.clone()) {
            let at = at.clone();
            self.all.push(Together { text, at });
        }
    }

    fn fault_of(&self, key: &Key<'_>) -> Option<Fault> {
        for name in &key.scopes {
            let shown = cut(name);
            if has_placeholder(name) {
                return Some(Fault {
                    kind: "bound scope",
                    says: format!("needs `{shown}`, a scope that goes with a value"),
                    help: "a policy compares the names of scopes, and not values of the path with them; as a plain text, it would be a scope that a key could be made to hold. Name a scope without the value in the file, and have the back end compare the value",
                    at: key.at.clone(),
                    inexpressible: true,
                });
            }
            if !is_token(name) {
                return Some(Fault {
                    kind: "scope name",
                    says: format!("needs `{shown}`, which is no scope"),
                    help: "a scope has 1 to 255 visible ASCII characters, and neither `\"` nor `\\` nor a comma among them: correct it in the file",
                    at: key.at.clone(),
                    inexpressible: true,
                });
            }
        }
        (self.lists == Lists::All && key.scopes.len() > MOST_TOGETHER).then(|| Fault {
            kind: "together",
            says: format!("needs {} scopes at once, and a policy can ask for {MOST_TOGETHER}", key.scopes.len()),
            help: "make one scope that stands for several; or, if the list means any one of its scopes, say `--lists any`",
            at: key.at.clone(),
            inexpressible: true,
        })
    }

    fn needs(self, is_empty: bool, at: &Range<usize>) -> Result<Needs, Fault> {
        let (with, without) = (&self.with, &self.without);
        if is_empty || self.nothing {
            let optional = self.elsewhere || !with.is_empty() || !without.is_empty();
            return Ok(Needs::Nothing { optional });
        }
        match (with.is_empty(), without.is_empty()) {
            (true, true) => Ok(Needs::Elsewhere),
            (true, false) => Ok(Needs::Key),
            (false, false) => Ok(Needs::Mixed(format!(
                "takes {} without a scope, or {}",
                without.join(" or "),
                with.join(" or ")
            ))),
            (false, true) => match self.fault {
                Some(fault) => Err(fault),
                None if self.sets > MOST_SETS => Err(Fault {
                    kind: "sets",
                    says: format!(
                        "has {} requirements of several scopes, and a policy can list a route under {MOST_SETS}",
                        self.sets
                    ),
                    help: "make one scope that stands for several; or, if the lists mean any one of their scopes, say `--lists any`",
                    at: at.clone(),
                    inexpressible: true,
                }),
                None => Ok(Needs::Scopes(self.all)),
            },
        }
    }
}

/// Whether a scope's name has a part in braces, in place of which a value is meant.
fn has_placeholder(name: &str) -> bool {
    name.split_once('{')
        .is_some_and(|(_, rest)| rest.contains('}'))
}

fn fault(kind: &'static str, at: &Range<usize>, says: String, help: &'static str) -> Fault {
    Fault {
        kind,
        says,
        help,
        at: at.clone(),
        inexpressible: false,
    }
}
