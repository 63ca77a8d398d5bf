//! Generated code: a policy with names for its scopes and routes, in Rust and in C.
//!
//! The names are made with `quote`, checked by `syn` and formatted by `prettyplease`. The tables
//! below them are rows of numbers, which [`emit`](crate::layout::emit) writes as text.

mod c;
mod docs;
mod names;
mod rust;

use routescope_core::Policy;

use crate::Compiled;
use crate::layout::emit::{self, hex};
use crate::source::report::{Report, printable};
use names::{Language, Names};

/// The most routes that are named unless [`Generator::names`] asks for it.
///
/// rustc checks each name and each constant, and that grows faster than their number. It takes this
/// many seconds of processor time to check a module without and with names: 0.7 and 1.1 of 500
/// routes, 2.3 and 3.9 of 2,000, 6.1 and 16 of 5,000.
pub const MAX_NAMED_ROUTES: usize = 2000;

/// Makes code of compiled policies.
///
/// ```
/// use routescope_compiler::{Generator, compile};
///
/// let source = "version: 1\nname: shop\nscopes:\n  \"orders:read\":\n    routes:\n      - GET /orders/{id}\n";
/// let generated = Generator::new().rust(&compile("shop.yaml", source)?, "shop.yaml")?;
/// assert!(generated.source.contains("pub const ORDERS_READ: "));
/// assert!(generated.source.contains("GetOrdersId"));
/// # Ok::<(), routescope_compiler::Report>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it generates nothing before it is given a policy"]
pub struct Generator {
    names: Option<bool>,
    module: Option<Module>,
    command: Option<String>,
}

/// The place of a generated file that is a module by itself.
#[derive(Clone, Debug)]
struct Module {
    dependency: String,
    path: String,
}

/// Code in Rust, and what belongs to it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Generated {
    /// The source of the module.
    pub source: String,
    /// Its documentation in Markdown: what opens what.
    pub docs: String,
    /// Why there are no names, in a sentence, if nobody asked to leave them out.
    pub note: Option<String>,
}

impl Generator {
    /// A generator of what [`policy!`](routescope_core::policy!) includes.
    pub const fn new() -> Self {
        Self {
            names: None,
            module: None,
            command: None,
        }
    }

    /// Whether scopes and routes have names in Rust. By default, they have up to
    /// [`MAX_NAMED_ROUTES`] routes.
    pub const fn names(mut self, names: bool) -> Self {
        self.names = Some(names);
        self
    }

    /// A file that is a module by itself, for those who commit what is generated. `dependency` is
    /// the crate that it uses, `routescope` or `routescope_core`; `path` is its own, such as
    /// `crate::api`.
    pub fn module(mut self, dependency: impl Into<String>, path: impl Into<String>) -> Self {
        self.module = Some(Module {
            dependency: dependency.into(),
            path: path.into(),
        });
        self
    }

    /// The command that makes the file again, for its header.
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    /// The policy as Rust. `file` is named in the header. The same policy gives the same bytes,
    /// whatever the order of its file.
    ///
    /// # Errors
    ///
    /// A [`Report`] of names:
    ///
    /// - two scopes, or two routes, that would have the same one;
    /// - a scope without a letter or digit;
    /// - a [`module`](Self::module) whose crate or path is no path of Rust.
    pub fn rust(&self, compiled: &Compiled, file: &str) -> Result<Generated, Report> {
        let tables = compiled.owned.owned_tables();
        let routes = tables.routes.len();
        let named = match self.names {
            // An index of a route has two bytes.
            Some(names) => names && routes <= usize::from(u16::MAX),
            None => routes <= MAX_NAMED_ROUTES,
        };
        let note = (!named && self.names != Some(false)).then(|| {
            format!(
                "{file}: {routes} routes have no names in generated code, {}",
                match self.names {
                    None => format!("because more than {MAX_NAMED_ROUTES} take long to build"),
                    Some(_) => format!("because at most {} can be named", u16::MAX),
                }
            )
        });
        let names = named
            .then(|| Names::new(compiled, Language::Rust))
            .transpose()
            .map_err(|problems| compiled.warnings.about(problems))?;
        let docs = docs::of_module(compiled, names.as_ref());
        let code = self.code(compiled, names.as_ref());
        let code = code.map_err(|error| {
            Report::unreadable(
                file,
                format!("the generated code is no Rust: {error}"),
                "the module needs a path such as `crate::api`, and its dependency the name of a crate; where both are right, this is a bug of routescope-compiler. Please report it with the file",
            )
        })?;
        let mut source = self.header("//", compiled.policy(), file);
        if self.module.is_none() {
            source += "// `policy!` makes it a module, in which `engine` is what the engine has for such files.\n";
        }
        source.push('\n');
        if self.module.is_some() {
            for line in docs.lines() {
                source += format!("//! {line}").trim_end();
                source.push('\n');
            }
            source += "\n#![allow(\n    dead_code,\n    unreachable_pub,\n    unused_imports,\n    unused_macros,\n    \
                reason = \"a program uses a part of it\"\n)]\n\n";
        }
        source += &code;
        source += &format!(
            "// {}\n{TABLES_ATTRIBUTES}const TABLES: &engine::Tables<'static> = &{};\n",
            emit::summary(tables),
            emit::emit(tables),
        );
        Ok(Generated { source, docs, note })
    }

    /// The items above the tables.
    fn code(&self, compiled: &Compiled, names: Option<&Names>) -> Result<String, rust::NotRust> {
        let mut items = match &self.module {
            Some(Module { dependency, .. }) => rust::engine_of(dependency)?,
            None => String::new(),
        };
        items += &rust::policy()?;
        if let Some(names) = names {
            items += &rust::scopes(compiled, names)?;
            items += &rust::routes(compiled, names)?;
            if let Some(Module { path, .. }) = &self.module {
                items += &rust::scope_set_macro(path)?;
            }
        }
        Ok(items)
    }

    /// The names as a header in C, of which `prefix` begins each: `ROUTESCOPE_SHOP` for a policy
    /// `shop`, unless another one is given. `file` is named in the header.
    ///
    /// # Errors
    ///
    /// A [`Report`] of names:
    ///
    /// - two scopes, or two routes, that would have the same one;
    /// - a scope without a letter or digit;
    /// - a prefix that is no identifier of C, or that of the library's own names, `ROUTESCOPE`;
    /// - no prefix for a policy whose name has no letter and no digit.
    pub fn c_header(
        &self,
        compiled: &Compiled,
        file: &str,
        prefix: Option<&str>,
    ) -> Result<String, Report> {
        let names = Names::new(compiled, Language::C)
            .map_err(|problems| compiled.warnings.about(problems))?;
        let prefix = match prefix {
            Some(prefix) => c::stated_prefix(prefix),
            None => c::prefix(compiled.policy().name()),
        };
        let prefix = prefix
            .map_err(|refused| Report::unreadable(file, refused.to_string(), refused.advice()))?;
        Ok(c::header(
            compiled.policy(),
            &names,
            &prefix,
            &self.header(" *", compiled.policy(), file),
        ))
    }

    /// The lines above everything, each behind a comment's sign.
    fn header(&self, sign: &str, policy: Policy<'_>, file: &str) -> String {
        // The rest of a name behind a line break would be code, and rustc refuses a file with marks
        // that reorder its text.
        let in_comment = |text: &str| printable(text).replace("*/", "*?").replace("/*", "/?");
        let file = in_comment(file);
        let again = match &self.command {
            Some(command) => in_comment(command),
            None => format!("build the package whose build.rs names {file}"),
        };
        format!(
            "{sign} @generated from {file} by routescope-compiler {}. Do not edit.\n\
             {sign} To make it again: {again}.\n\
             {sign} SHA-256 of what it decides: {}\n",
            env!("CARGO_PKG_VERSION"),
            hex(policy.digest()),
        )
    }
}

impl Compiled {
    /// The policy as Rust source, for `routescope_core::policy!`. `file` is
    /// named in its header. Short for [`Generator::new`] and [`Generator::rust`].
    ///
    /// # Errors
    ///
    /// As [`Generator::rust`].
    pub fn to_rust(&self, file: &str) -> Result<String, Report> {
        let generated = Generator::new().rust(self, file)?;
        Ok(generated.source)
    }
}

/// For the tables. The interpreter of constants takes long to validate large ones.
const TABLES_ATTRIBUTES: &str = "#[allow(long_running_const_eval)]\n\
    #[allow(clippy::wildcard_imports, clippy::unreadable_literal, reason = \"rows of numbers\")]\n";
