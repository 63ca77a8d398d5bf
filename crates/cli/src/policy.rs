//! Which policy is asked.

use std::path::{Path, PathBuf};

use routescope_compiler::{Compiled, compile};

use crate::failure::Result;
use crate::input;

/// Where the policy comes from: `--policy FILE`, or the built-in one.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    file: Option<PathBuf>,
}

impl Source {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        Self { file }
    }

    /// What it is called in messages.
    pub(crate) fn name(&self) -> String {
        match &self.file {
            Some(file) => input::name(file),
            None => "the built-in PBX policy".to_owned(),
        }
    }

    /// What the file is called where a line of it is shown.
    pub(crate) fn file_name(&self) -> String {
        match &self.file {
            Some(file) => input::name(file),
            None => "routes.yaml".to_owned(),
        }
    }

    /// The file, if it is not the built-in policy.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The text of the routes.yaml.
    pub(crate) fn text(&self) -> Result<String> {
        match &self.file {
            Some(file) => input::text(file),
            None => Ok(routescope::PBX_ROUTES_YAML.to_owned()),
        }
    }

    /// Compiles it. Warnings are for `check` to show.
    pub(crate) fn compile(&self) -> Result<Compiled> {
        Ok(compile(&self.file_name(), &self.text()?)?)
    }
}
