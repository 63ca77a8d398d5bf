//! `routescope explain`: one decision and why.

mod explanation;
mod hints;
mod human;
mod keys;
mod matching;
mod nearest;
mod offence;
mod question;
mod remedy;

use std::ffi::OsString;
use std::io::Write;

use self::question::Question;
use crate::failure::{Failure, Outcome, Result};
use crate::held::HeldArgument;
use crate::output::{Format, HUMAN_AND_JSON, Output, formats};
use crate::policy::Source;
use crate::wire::from_hex;

/// Explain one decision: why a request is allowed or denied, and what would change it
///
/// For example, why does this key get 403?
///
///     routescope explain PUT /api/v1/pbx/system/reboot/ --scope colleagues:read
///
/// Give the target byte for byte as the client sends it, in quotes if the shell would act on it. One
/// with bytes that no shell passes on goes into --target-hex; one that begins with `-` after `--`.
///
/// Exits with 0 if the request is allowed, 1 if it is denied, 2 if the command was wrong.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The request's method, such as GET
    #[arg(value_name = "METHOD")]
    method: OsString,

    /// The request target: the path, and the query if there is one
    #[arg(
        value_name = "TARGET",
        required_unless_present = "target_hex",
        conflicts_with = "target_hex"
    )]
    target: Option<OsString>,

    /// The request target as hex digits, two for each byte
    #[arg(long, value_name = "HEX")]
    target_hex: Option<String>,

    /// How to print the answer
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = formats(HUMAN_AND_JSON))]
    pub(crate) format: Format,

    #[command(flatten)]
    held: HeldArgument,

    /// Ask about a request without a key, which only a public route takes
    #[arg(long, conflicts_with = "values")]
    no_key: bool,
}

pub(crate) fn explain(
    arguments: &Arguments,
    source: &Source,
    output: &mut Output,
) -> Result<Outcome> {
    let target = target(arguments)?;
    let compiled = source.read()?;
    let policy = compiled.policy();
    let model = compiled.model();
    let matcher = model.matcher();
    let question = Question {
        policy,
        model,
        matcher: &matcher,
        method: arguments.method.as_encoded_bytes(),
        target: &target,
        held: &arguments.held.names(),
        no_key: arguments.no_key,
    };
    let explanation = question.answer();
    match output.format {
        Format::Json => output.json(&explanation)?,
        _ => {
            writeln!(output, "{}", source.headline(policy))?;
            human::write(&explanation, &question, output)?;
        }
    }
    Ok(explanation.is_allow().into())
}

fn target(arguments: &Arguments) -> Result<Vec<u8>> {
    if let Some(digits) = &arguments.target_hex {
        return from_hex(digits.as_bytes()).ok_or_else(|| {
            Failure::new(
                format_args!("`{digits}` is no text of hex digits"),
                "give two digits for each byte, without spaces: 2f61 is /a",
            )
        });
    }
    // clap sees to it that one of the two is there.
    let target = arguments.target.as_deref().unwrap_or_default();
    Ok(target.as_encoded_bytes().to_vec())
}
