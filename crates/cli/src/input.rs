//! Files and standard input.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use routescope_core::__private::format::MAGIC;

use crate::failure::{Failure, Result};

/// The name of a file in messages.
pub(crate) fn name(file: &Path) -> String {
    if is_stdin(file) {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

pub(crate) fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// A file's text; `-` is standard input.
pub(crate) fn text(file: &Path) -> Result<String> {
    to_text(file, bytes(file)?)
}

/// A file's bytes; `-` is standard input.
pub(crate) fn bytes(file: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader(file)?
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::unreadable(&name(file), &error))?;
    Ok(bytes)
}

/// Whether a file is one that `routescope compile` wrote, damaged or not, rather than text.
pub(crate) fn is_compiled(bytes: &[u8]) -> bool {
    let [a, b, c, d, ..] = MAGIC;
    bytes.starts_with(&[a, b, c, d])
}

/// The text that the bytes of a file are.
pub(crate) fn to_text(file: &Path, bytes: Vec<u8>) -> Result<String> {
    if is_compiled(&bytes) {
        return Err(Failure::new(
            format_args!(
                "{} is a compiled policy, without its routes.yaml",
                name(file)
            ),
            "name the routes.yaml it was compiled from; `decide`, `explain`, `suggest`, `graph` and `test` can ask a compiled policy",
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error
            .as_bytes()
            .iter()
            .take(good)
            .filter(|&&byte| byte == b'\n')
            .count();
        Failure::new(
            format_args!("{} is not UTF-8, from line {line} on", name(file)),
            "save it as UTF-8",
        )
    })
}

/// A file to be read line by line; `-` is standard input.
pub(crate) fn reader(file: &Path) -> Result<Box<dyn BufRead>> {
    if is_stdin(file) {
        return Ok(Box::new(BufReader::with_capacity(1 << 16, io::stdin())));
    }
    let open = File::open(file).and_then(|opened| {
        if opened.metadata()?.is_dir() {
            Err(io::ErrorKind::IsADirectory.into())
        } else {
            Ok(opened)
        }
    });
    let opened = open.map_err(|error| Failure::unreadable(&name(file), &error))?;
    Ok(Box::new(BufReader::with_capacity(1 << 16, opened)))
}
