//! How a policy compares paths.

/// How a policy compares paths: the `paths` of its file.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct PathOptions {
    /// Whether the case of literals counts.
    pub case: Case,
    /// Whether the trailing slash counts.
    pub trailing_slash: TrailingSlash,
    /// The values that parameters and catch-alls take.
    pub values: Values,
}

impl PathOptions {
    /// Whether literals match in any ASCII case.
    #[must_use]
    pub const fn ignores_case(self) -> bool {
        matches!(self.case, Case::Insensitive)
    }

    /// Whether no value may contain a `:`.
    #[must_use]
    pub const fn forbids_colons(self) -> bool {
        matches!(self.values, Values::NoColon)
    }

    /// Whether templates match with and without their trailing slash.
    #[must_use]
    pub const fn slash_is_optional(self) -> bool {
        matches!(self.trailing_slash, TrailingSlash::Optional)
    }
}

/// The values that parameters and catch-alls take.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Values {
    /// Any segment that keeps the path rules.
    #[default]
    Any,
    /// Segments without `:`, raw or escaped. For APIs with verbs such as `{id}:cancel` that the
    /// policy does not list.
    NoColon,
}

impl Values {
    /// Its name in `routes.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::NoColon => "no-colon",
        }
    }
}

/// Whether the case of literals counts.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Case {
    /// Literals match byte for byte.
    #[default]
    Exact,
    /// Literals match in any ASCII case.
    Insensitive,
}

impl Case {
    /// Its name in `routes.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Insensitive => "insensitive",
        }
    }
}

/// Whether the trailing slash of a path counts.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum TrailingSlash {
    /// The trailing slash is part of a template.
    #[default]
    Exact,
    /// Every template matches with and without its trailing slash.
    Optional,
}

impl TrailingSlash {
    /// Its name in `routes.yaml`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Optional => "optional",
        }
    }
}
