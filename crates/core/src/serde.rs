//! Names as `serde` strings, with the feature `serde`.

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::{BadPath, Method, PathRule, Reason};

/// Reads a name by its `FromStr`.
struct Name<T>(PhantomData<T>, &'static str);

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Name<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
        name.parse().map_err(E::custom)
    }
}

macro_rules! names {
    ($($name:ty: $expecting:literal;)+) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Name(PhantomData, $expecting))
            }
        }
    )+};
}

names! {
    Method: "the name of a method, such as GET";
    Reason: "the name of a reason, such as missing_scope";
    PathRule: "the name of a path rule, such as dot_segment";
}

/// `{"rule": "dot_segment", "at": 15}`
impl Serialize for BadPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("BadPath", 2)?;
        fields.serialize_field("rule", &self.rule)?;
        fields.serialize_field("at", &self.at)?;
        fields.end()
    }
}
