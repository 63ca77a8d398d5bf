//! Finds the policy that a command asks, and reads it.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use routescope::{OwnedPolicy, Policy};
use routescope_compiler::model::Model;
use routescope_compiler::unstable::printable;
use routescope_compiler::{Compiled, compile};

use crate::failure::{Failure, Result};
use crate::input;

/// The environment's way to name the policy.
pub(crate) const VARIABLE: &str = "ROUTESCOPE_POLICY";

/// The policy of a folder that has one.
pub(crate) const FILE: &str = "routes.yaml";

/// The source of the policy.
///
/// The first of these that exists decides. If it cannot be read or does not compile, that is an
/// error: the next one would give another policy's answer to a question about this one.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// `--policy FILE`, or a file that a subcommand takes.
    Named(PathBuf),
    /// The file that [`VARIABLE`] names.
    Environment(PathBuf),
    /// [`FILE`] in the current folder.
    Folder,
    BuiltIn,
}

impl Source {
    /// The policy that the command line asks about; `named` is that of
    /// `--policy`.
    pub(crate) fn find(named: Option<PathBuf>) -> Self {
        if let Some(file) = named {
            return Self::Named(file);
        }
        if let Some(file) = env::var_os(VARIABLE) {
            return Self::Environment(file.into());
        }
        // Everything under that name counts, a link that leads nowhere too: only a name that is
        // free leaves the built-in policy.
        match Path::new(FILE).symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::BuiltIn,
            _ => Self::Folder,
        }
    }

    /// The one policy that a subcommand is about: its own argument, or `--policy`, or else the
    /// one that [`find`](Self::find) found.
    pub(crate) fn or_argument(&self, argument: Option<&Path>) -> Result<Self> {
        match (argument, self.named()) {
            (None, _) => Ok(self.clone()),
            (Some(file), None) => Ok(Self::Named(file.to_owned())),
            (Some(file), Some(named)) => Err(Failure::new(
                format_args!(
                    "two policies, {} and {}, where one is asked for",
                    file.display(),
                    named.display()
                ),
                "name one file, with or without --policy; run the command once for each",
            )),
        }
    }

    /// Refuses that both the policy and another file come from standard input.
    pub(crate) fn leaves_standard_input_to(&self, file: &Path, what: &str) -> Result<()> {
        if input::is_stdin(file) && self.file().is_some_and(input::is_stdin) {
            return Err(Failure::new(
                format_args!("the policy and {what} cannot both come from standard input"),
                "name a file for one of them",
            ));
        }
        Ok(())
    }

    /// Its name in messages.
    pub(crate) fn name(&self) -> String {
        match self.file() {
            Some(file) => input::name(file),
            None => "the built-in PBX policy".to_owned(),
        }
    }

    /// The file's name where a line of it is shown.
    pub(crate) fn file_name(&self) -> String {
        self.file().map_or_else(|| FILE.to_owned(), input::name)
    }

    /// The file, if it is not the built-in policy.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Self::Named(file) | Self::Environment(file) => Some(file),
            Self::Folder => Some(Path::new(FILE)),
            Self::BuiltIn => None,
        }
    }

    /// The file, where the command line names it.
    pub(crate) fn named(&self) -> Option<&Path> {
        match self {
            Self::Named(file) => Some(file),
            Self::Environment(_) | Self::Folder | Self::BuiltIn => None,
        }
    }

    /// The text of the routes.yaml.
    pub(crate) fn text(&self) -> Result<String> {
        let bytes = self.bytes()?;
        input::to_text(self.file().unwrap_or(Path::new(FILE)), bytes)
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let help = match self {
            Self::BuiltIn => return Ok(routescope::PBX_ROUTES_YAML.into()),
            Self::Named(file) => return input::bytes(file),
            Self::Environment(file) if file.as_os_str().is_empty() => {
                return Err(Failure::new(
                    format_args!("the environment's {VARIABLE} is empty"),
                    "let it name a routes.yaml, or unset it",
                ));
            }
            Self::Environment(_) => {
                format!("the environment's {VARIABLE} names it: correct that, or unset it")
            }
            Self::Folder => {
                format!(
                    "a {FILE} in the current folder is the policy, unless --policy names another"
                )
            }
        };
        let file = self.file().unwrap_or(Path::new(FILE));
        input::bytes(file).map_err(|failure| failure.and_help(&help))
    }

    /// Compiles it. Warnings are for `check` to show.
    pub(crate) fn compile(&self) -> Result<Compiled> {
        Ok(compile(&self.file_name(), &self.text()?)?)
    }

    /// Reads it, compiled or not, for a command that asks for decisions.
    pub(crate) fn read(&self) -> Result<Asked> {
        let bytes = self.bytes()?;
        if !input::is_compiled(&bytes) {
            let text = input::to_text(self.file().unwrap_or(Path::new(FILE)), bytes)?;
            return Ok(Asked::Compiled(Box::new(compile(
                &self.file_name(),
                &text,
            )?)));
        }
        let refused = |why: &dyn std::fmt::Display, help: &str| {
            Failure::new(format_args!("{}: {why}", self.name()), help)
        };
        let loaded = OwnedPolicy::from_bytes(bytes).map_err(|error| {
            refused(
                &error,
                "compile its routes.yaml again: `routescope compile routes.yaml -o FILE`",
            )
        })?;
        let model = Model::of_policy(loaded.policy()).ok_or_else(|| {
            refused(
                &"tables with a scope or a template that no routes.yaml has",
                "compile its routes.yaml again",
            )
        })?;
        Ok(Asked::Loaded {
            loaded: Box::new(loaded),
            model: Box::new(model),
        })
    }

    /// The first line for people: `policy: shop, updated 2026-05-28, from routes.yaml`. A
    /// person who asks about the wrong policy sees it at once.
    pub(crate) fn headline(&self, policy: Policy<'_>) -> String {
        let updated = match policy.updated() {
            Some(updated) => format!(", updated {}", printable(updated)),
            None => String::new(),
        };
        let revision = match policy.revision() {
            0 => String::new(),
            revision => format!(", revision {revision}"),
        };
        let name = printable(policy.name());
        format!("policy: {name}{updated}{revision}, {}", self.origin())
    }

    /// `from routes.yaml`
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::BuiltIn => "built in".to_owned(),
            Self::Environment(file) => {
                format!("from {}, by {VARIABLE}", printable(&input::name(file)))
            }
            Self::Named(_) | Self::Folder => format!("from {}", printable(&self.name())),
        }
    }
}

/// A policy that is asked for decisions: compiled here, or loaded.
#[derive(Debug)]
pub(crate) enum Asked {
    Compiled(Box<Compiled>),
    Loaded {
        loaded: Box<OwnedPolicy>,
        /// Its meaning as far as the tables tell it.
        model: Box<Model>,
    },
}

impl Asked {
    /// The policy, which decides.
    pub(crate) fn policy(&self) -> Policy<'_> {
        match self {
            Self::Compiled(compiled) => compiled.policy(),
            Self::Loaded { loaded, .. } => loaded.policy(),
        }
    }

    /// Its meaning, which explains.
    pub(crate) fn model(&self) -> &Model {
        match self {
            Self::Compiled(compiled) => compiled.model(),
            Self::Loaded { model, .. } => model,
        }
    }
}
