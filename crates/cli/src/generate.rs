//! `routescope generate`: code with the names of a policy.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use routescope_compiler::unstable::printable;
use routescope_compiler::{Compiled, Generator};

use crate::failure::{Failure, Outcome, Result};
use crate::output::Output;
use crate::policy::Source;
use crate::{atomic, input};

/// Write a policy as code: its tables and names in Rust, or its names in C
///
/// `--lang rust` is a whole module for those who commit generated code: `#[rustfmt::skip] mod api;`
/// and it works (rustfmt would lay it out otherwise, and `--check` compares bytes). A
/// build script needs no such file (`routescope::policy!` includes what it made). `--lang c` is a
/// header: a macro for the name of each scope and for the number of each route. The same policy
/// gives the same bytes.
///
/// Comments name all that opens a route. A route that needs several scopes at once has no scope that
/// suffices alone: in Rust, ask `Route::requirement`, because `Route::accepted` is empty there.
///
/// Exits with 0 if the code is written; 2 if it is not, for instance because two routes would have
/// one name. With `--check`, nothing is written, and 1 means that the file is not what the policy
/// gives now.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The policy, a routes.yaml; `-` reads it from standard input
    /// [default: that of --policy, and so on]
    file: Option<PathBuf>,

    /// The language
    #[arg(long, value_name = "LANGUAGE")]
    lang: Language,

    /// Write this file, which must be a generated one if it exists [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Write nothing; say whether the file of --output is up to date
    #[arg(long, requires = "output")]
    check: bool,

    /// In Rust, the crate that the module uses: `routescope` or `routescope-core`
    #[arg(long, value_name = "CRATE", default_value = "routescope")]
    dependency: String,

    /// In Rust, the path of the module in its crate, for `scope_set!`
    /// [default: `crate::` and the name of the file]
    #[arg(long, value_name = "PATH")]
    module: Option<String>,

    /// In Rust, whether scopes and routes have names: `auto` leaves them out where they are very
    /// many
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    names: Names,

    /// In C, what the names begin with [default: `ROUTESCOPE_` and the name of the policy]
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Language {
    /// A module with the tables and all names
    Rust,
    /// A header with the names
    C,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Names {
    /// Up to 2,000 routes
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

pub(crate) fn generate(
    arguments: &Arguments,
    policy: &Source,
    output: &mut Output,
) -> Result<Outcome> {
    let source = policy.or_argument(arguments.file.as_deref())?;
    let compiled = source.compile()?;
    let code = code(arguments, &source, &compiled)?;
    let Some(file) = &arguments.output else {
        output.write_all(code.as_bytes())?;
        return Ok(Outcome::Yes);
    };
    atomic::is_replaceable(
        file,
        "generate",
        "name a file; without `--output`, standard output is written",
    )?;
    if !arguments.check && !file.exists() {
        atomic::create(file, code.as_bytes())?;
        writeln!(output, "{}: written", file.display())?;
        return Ok(Outcome::Yes);
    }
    let old = input::text(file)?;
    if old == code {
        writeln!(output, "{}: up to date", file.display())?;
        return Ok(Outcome::Yes);
    }
    if arguments.check {
        let answered = stale(file, &old, &code, output);
        return Outcome::No.after(answered);
    }
    if !old.lines().take(2).any(|line| line.contains("@generated")) {
        return Err(Failure::new(
            format_args!("{} exists and is no generated file", file.display()),
            "name another file, or remove it first",
        ));
    }
    atomic::replace(file, code.as_bytes())?;
    writeln!(output, "{}: written", file.display())?;
    Ok(Outcome::Yes)
}

fn code(arguments: &Arguments, source: &Source, compiled: &Compiled) -> Result<String> {
    // The header names no folders, so that it is the same wherever the command was run.
    let name = source.file_name();
    let name = Path::new(&name)
        .file_name()
        .map_or_else(|| name.clone(), |name| name.to_string_lossy().into_owned());
    let argument = match source.file() {
        Some(file) if input::is_stdin(file) => "-",
        _ => &name,
    };
    let generator = Generator::new().command(command(arguments, argument));
    if arguments.lang == Language::C {
        return Ok(generator.c_header(compiled, &name, arguments.prefix.as_deref())?);
    }
    let generator = generator.module(arguments.dependency.replace('-', "_"), module(arguments));
    let generator = match arguments.names {
        Names::Auto => generator,
        Names::Always => generator.names(true),
        Names::Never => generator.names(false),
    };
    let generated = generator.rust(compiled, &name)?;
    if let Some(note) = generated.note {
        anstream::eprintln!(
            "note: {}\n  help: `--names always` names them, and `--names never` ends this note",
            printable(&note)
        );
    }
    Ok(generated.source)
}

/// The command that makes the file again.
fn command(arguments: &Arguments, name: &str) -> String {
    let mut command = format!("routescope generate {name} --lang ");
    match arguments.lang {
        Language::C => {
            command += "c";
            if let Some(prefix) = &arguments.prefix {
                command += &format!(" --prefix {prefix}");
            }
        }
        Language::Rust => {
            command += "rust";
            if arguments.dependency != "routescope" {
                command += &format!(" --dependency {}", arguments.dependency);
            }
            if let Some(module) = &arguments.module {
                command += &format!(" --module {module}");
            }
            match arguments.names {
                Names::Auto => {}
                Names::Always => command += " --names always",
                Names::Never => command += " --names never",
            }
        }
    }
    command
}

/// The path of the module: that of a file `src/api.rs` or `src/api/mod.rs`.
fn module(arguments: &Arguments) -> String {
    if let Some(module) = &arguments.module {
        return module.clone();
    }
    let file = arguments.output.as_deref().unwrap_or(Path::new("api.rs"));
    let name = match file.file_stem() {
        Some(stem) if stem == "mod" => file.parent().and_then(Path::file_name),
        stem => stem,
    };
    let name = name.map(|name| name.to_string_lossy().replace('-', "_"));
    format!("crate::{}", name.as_deref().unwrap_or("api"))
}

fn stale(file: &Path, old: &str, new: &str, output: &mut Output) -> Result<()> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let line = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    writeln!(
        output,
        "{}:{}: not what the policy gives now\n- {}\n+ {}\nthe same command without `--check` writes it",
        file.display(),
        line + 1,
        crate::wire::cut(old.get(line).unwrap_or(&"(the end of the file)")),
        crate::wire::cut(new.get(line).unwrap_or(&"(the end of the file)")),
    )?;
    Ok(())
}
