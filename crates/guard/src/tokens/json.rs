//! Objects of JSON without duplicate members, whose values know their places.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of an object, each name once.
///
/// A value is a slice of the text that it was read from, so that its place is known; it is read
/// when it is asked for.
pub(super) struct Members<'t>(Vec<(String, &'t RawValue)>);

/// Why a text is no object without duplicate members.
pub(super) enum BadObject<'t> {
    /// It is not JSON, or not an object.
    Syntax(serde_json::Error),
    /// A member of this value has the name of an earlier one.
    Duplicate(&'t RawValue),
}

impl<'t> Members<'t> {
    /// Reads an object.
    ///
    /// Two names are equal if they are after their escapes are read: readers differ in which of
    /// two members they keep, so neither is taken.
    pub(super) fn read(text: &'t str) -> Result<Self, BadObject<'t>> {
        let Pairs(members) = serde_json::from_str(text).map_err(BadObject::Syntax)?;
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by_key(|&index| (&members[index].0, index));
        let second = order
            .windows(2)
            .filter(|pair| members[pair[0]].0 == members[pair[1]].0)
            .map(|pair| pair[1])
            .min();
        match second {
            Some(index) => Err(BadObject::Duplicate(members[index].1)),
            None => Ok(Self(members)),
        }
    }

    /// The value of a member. `null` is a value.
    pub(super) fn get(&self, name: &str) -> Option<&'t RawValue> {
        let member = self.0.iter().find(|(member, _)| member == name);
        member.map(|&(_, value)| value)
    }

    /// Whether any of these members is there, whatever its value.
    pub(super) fn has_any(&self, names: &[&str]) -> bool {
        self.0
            .iter()
            .any(|(member, _)| names.contains(&member.as_str()))
    }
}

struct Pairs<'t>(Vec<(String, &'t RawValue)>);

impl<'t> Deserialize<'t> for Pairs<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;

        impl<'t> Visitor<'t> for PairsVisitor {
            type Value = Pairs<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry::<String, &'t RawValue>()? {
                    members.push(member);
                }
                Ok(Pairs(members))
            }
        }

        deserializer.deserialize_map(PairsVisitor)
    }
}

/// A text; `None` if the value is none.
pub(super) fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// A list of texts; `None` if the value is none.
pub(super) fn texts(value: &RawValue) -> Option<Vec<String>> {
    serde_json::from_str(value.get()).ok()
}

/// A list; `None` if the value is none.
pub(super) fn list(value: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(value.get()).ok()
}

/// A `NumericDate` (RFC 7519 section 2), which may have a fraction.
#[derive(Clone, Copy)]
pub(super) struct NumericDate {
    /// The last whole second that is not after it.
    pub(super) floor: u64,
    /// The first whole second that is not before it.
    pub(super) ceil: u64,
}

impl NumericDate {
    /// The last second of the year 9999.
    ///
    /// A later time is one in milliseconds, which would be as good as no time.
    const MAX: u64 = 253_402_300_799;

    /// Reads a number; `None` if it is none, negative, or after [`Self::MAX`].
    pub(super) fn read(value: &RawValue) -> Option<Self> {
        let number = value.get();
        if !number.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let date = match number.parse::<u64>() {
            Ok(second) => Self {
                floor: second,
                ceil: second,
            },
            Err(_) => {
                // The conversion saturates: what is too great stays so.
                let second: f64 = number.parse().ok()?;
                Self {
                    floor: second.floor() as u64,
                    ceil: second.ceil() as u64,
                }
            }
        };
        (date.ceil <= Self::MAX).then_some(date)
    }
}
