//! A decision against the last three fields of a vector.

use core::fmt::{self, Write};

use routescope::{Decision, RouteDenial};

/// Whether the decision is this answer, about this route, with this detail.
pub fn agrees(decision: &Decision<'_>, answer: &[u8], route: &[u8], detail: &[u8]) -> bool {
    let said = match decision {
        Decision::Allow { .. } => "allow",
        Decision::Deny(denial) => denial.reason().as_str(),
    };
    let route_is = match decision {
        Decision::Allow { route: found, .. } | Decision::Deny(RouteDenial::MissingScope(found)) => {
            reads(route, format_args!("{found}"))
        }
        Decision::Deny(RouteDenial::MethodNotListed { template, .. }) => {
            template.as_bytes() == route
        }
        Decision::Deny(_) => route.is_empty(),
    };
    let detail_is = match decision {
        Decision::Allow { by, .. } => reads(detail, format_args!("{by}")),
        Decision::Deny(RouteDenial::MissingScope(found)) => found
            .accepted()
            .iter()
            .map(|scope| scope.name().as_bytes())
            .eq(words(detail)),
        Decision::Deny(RouteDenial::MethodNotListed { methods, .. }) => methods
            .iter()
            .map(|method| method.as_str().as_bytes())
            .eq(words(detail)),
        Decision::Deny(RouteDenial::BadPath(bad)) => {
            reads(detail, format_args!("{}@{}", bad.rule, bad.at))
        }
        Decision::Deny(_) => detail.is_empty(),
    };
    said.as_bytes() == answer && route_is && detail_is
}

fn words(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    field.split(|byte| *byte == b' ')
}

/// Whether the output is exactly `text`.
pub(crate) fn reads(text: &[u8], written: fmt::Arguments<'_>) -> bool {
    let mut rest = Rest(text);
    rest.write_fmt(written).is_ok() && rest.0.is_empty()
}

/// The rest of an expected text, while a writer is compared with it piece by piece.
struct Rest<'t>(&'t [u8]);

impl Write for Rest<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(piece.as_bytes()).ok_or(fmt::Error)?;
        Ok(())
    }
}
