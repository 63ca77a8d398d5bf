//! The shared vectors on a machine without an allocator; their format is in
//! `tests/vectors/README.md`.
#![no_std]

mod compare;
mod field;
pub mod members;

use routescope::{ApiKey, Decision, Policy};

use policy::pbx;

pub use compare::agrees;
pub use field::Unescaped;

/// The file, carried in flash.
pub static FILE: &[u8] = include_bytes!("../../../../tests/vectors/pbx.tsv");

/// No field of the file stands for more bytes.
pub const LONGEST: usize = 10_000;

/// A line of the file, its fields as they stand there.
#[derive(Clone, Copy)]
pub enum Vector {
    /// A request, and its decision.
    Decide {
        /// The request's method.
        method: &'static [u8],
        /// The request's target.
        target: &'static [u8],
        /// The names of the scopes that the key holds, with a space between.
        scopes: &'static [u8],
        /// `allow`, or the reason of the denial.
        answer: &'static [u8],
        /// The route or template that it is about.
        route: &'static [u8],
        /// The other fields of the decision, as vectors write them.
        detail: &'static [u8],
    },
    /// The value of an `Authorization` header, and what it is.
    Key {
        /// The header's value.
        value: &'static [u8],
        /// `ok`, or the reason of the denial.
        answer: &'static [u8],
    },
}

/// Every vector with its line number. `Err` is a line that is none.
pub fn all() -> impl Iterator<Item = (usize, Result<Vector, ()>)> {
    FILE.split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with(b"#"))
        .map(|(i, line)| (i + 1, Vector::read(line)))
}

impl Vector {
    fn read(line: &'static [u8]) -> Result<Self, ()> {
        let mut fields = line.split(|byte| *byte == b'\t');
        let mut field = || fields.next().ok_or(());
        let vector = match field()? {
            b"decide" => Self::Decide {
                method: field()?,
                target: field()?,
                scopes: field()?,
                answer: field()?,
                route: field()?,
                detail: field()?,
            },
            b"key" => Self::Key {
                value: field()?,
                answer: field()?,
            },
            _ => return Err(()),
        };
        match fields.next() {
            None => Ok(vector),
            Some(_) => Err(()),
        }
    }

    /// Asks `authorize`, which decides by this policy, or the key reader, and compares the whole
    /// answer.
    pub fn holds<'t>(
        &self,
        policy: Policy<'t>,
        authorize: impl FnOnce(&pbx::ScopeSet, &[u8], &[u8]) -> Decision<'t>,
    ) -> bool {
        match *self {
            Self::Decide {
                method,
                target,
                scopes,
                answer,
                route,
                detail,
            } => {
                let held = held(policy, scopes);
                let method = Unescaped::<500>::of(method);
                let target = Unescaped::<LONGEST>::of(target);
                let (Some(method), Some(target)) = (method.bytes(), target.bytes()) else {
                    return false;
                };
                let decision = authorize(&held, method, target);
                agrees(&decision, answer, route, detail)
            }
            Self::Key { value, answer } => {
                let value = Unescaped::<500>::of(value);
                let Some(value) = value.bytes() else {
                    return false;
                };
                let said = match ApiKey::from_headers(Some(value), policy.key_format().as_ref()) {
                    Ok(_) => "ok",
                    Err(denial) => denial.reason().as_str(),
                };
                said.as_bytes() == answer
            }
        }
    }
}

/// The set of a vector's scopes. A name that is no UTF-8 is none that a policy
/// knows, like the empty one.
pub fn held(policy: Policy<'_>, scopes: &[u8]) -> pbx::ScopeSet {
    let scopes = Unescaped::<1000>::of(scopes);
    let names = scopes
        .bytes()
        .unwrap_or_default()
        .split(|byte| *byte == b' ');
    policy.scope_set_in(names.map(|name| core::str::from_utf8(name).unwrap_or_default()))
}
