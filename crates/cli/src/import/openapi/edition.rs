//! The editions of the standard: Swagger 2.0, and OpenAPI 3.0 to 3.2.

use std::rc::Rc;

use super::tree::{Tree, text};
use crate::import::refusals::Refusal;

/// The edition that a description is written in, as far as editions differ here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Edition {
    /// 2.0: `basePath` and `securityDefinitions`.
    Swagger,
    /// 3.0, 3.1 or 3.2: `servers` and `components: securitySchemes`.
    OpenApi,
}

impl Edition {
    /// The edition that a description says.
    pub(super) fn of(tree: &Tree<'_>) -> Result<Self, Rc<Refusal>> {
        let root = tree.root;
        let refuse = |at, message: String, help| {
            Err(Rc::new(Refusal::new("description", at, message, help)))
        };
        if let Some(node) = tree.field(root, "openapi")? {
            let version = text(node).unwrap_or_default();
            if ["3.0.", "3.1.", "3.2."]
                .iter()
                .any(|known| version.starts_with(known))
            {
                return Ok(Self::OpenApi);
            }
            let message = format!(
                "`openapi` is {}, where the versions 3.0, 3.1 and 3.2 can be read",
                node.value.kind()
            );
            return refuse(
                &node.at,
                message,
                "write the version as a text, such as `3.1.0`; convert a file of another version to 3.1",
            );
        }
        let Some(node) = tree.field(root, "swagger")? else {
            return refuse(
                &root.at,
                "this is no OpenAPI description: `openapi` is missing".to_owned(),
                "is it the right file?",
            );
        };
        if text(node) == Some("2.0") {
            return Ok(Self::Swagger);
        }
        let message = format!(
            "`swagger` is {}, where the version 2.0 can be read",
            node.value.kind()
        );
        refuse(
            &node.at,
            message,
            "write the version as a text, `\"2.0\"`; convert a file of another version to OpenAPI 3, for example at https://converter.swagger.io",
        )
    }
}
