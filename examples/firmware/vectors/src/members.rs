//! The vectors of a policy with sets of scopes, public routes and a route for any key.

use routescope::{By, Decision};

use policy::members;

use crate::compare::reads;
use crate::held;

/// The file, carried in flash.
static FILE: &[u8] = include_bytes!("../members.tsv");

/// Every line that is no comment, with its number, and whether it holds: by the constant policy,
/// and by the same tables as a loaded policy has them.
pub fn all() -> impl Iterator<Item = (usize, bool)> {
    FILE.split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with(b"#"))
        .map(|(i, line)| (i + 1, holds(line) == Some(true)))
}

fn holds(line: &[u8]) -> Option<bool> {
    let mut fields = line.split(|byte| *byte == b'\t');
    let mut field = || fields.next();
    let (kind, method, target, scopes) = (field()?, field()?, field()?, field()?);
    let expected = Expected {
        answer: field()?,
        by: field()?,
        detail: field()?,
    };
    let policy = members::POLICY;
    Some(match kind {
        b"request" => {
            let held = held(policy, scopes);
            expected.is(&members::authorize(&held, method, target))
                && expected.is(&policy.authorize(&held, method, target))
        }
        b"keyless" => {
            expected.is_without_key(members::public_route(method, target).is_some())
                && expected.is_without_key(policy.public_route(method, target).is_some())
        }
        _ => false,
    })
}

struct Expected<'l> {
    answer: &'l [u8],
    by: &'l [u8],
    detail: &'l [u8],
}

impl Expected<'_> {
    fn is(&self, decision: &Decision<'_>) -> bool {
        match decision {
            Decision::Allow { by, .. } => {
                let detail_is = match by {
                    By::Scope(_) | By::All(_) => reads(self.detail, format_args!("{by}")),
                    By::AnyKey | By::Public => self.detail.is_empty(),
                };
                self.answer == b"allow" && self.by == by.as_str().as_bytes() && detail_is
            }
            Decision::Deny(denial) => {
                let detail_is = match denial.alternatives() {
                    Some(alternatives) => reads(self.detail, format_args!("{alternatives}")),
                    None => self.detail.is_empty(),
                };
                self.answer == denial.reason().as_str().as_bytes()
                    && self.by.is_empty()
                    && detail_is
            }
        }
    }

    fn is_without_key(&self, is_public: bool) -> bool {
        let (answer, by): (&[u8], &[u8]) = if is_public {
            (b"allow", b"public")
        } else {
            (b"missing_key", b"")
        };
        self.answer == answer && self.by == by && self.detail.is_empty()
    }
}
