//! The scopes that a key holds, as sets or as names.

use crate::prepared::{PreparedScopes, set_of_which_all};
use crate::{By, Requirement, Route, Scope, ScopeSet};

/// Why a key may call a route that holds the names of which this is true, if it may.
fn allowed_by_names<'t>(route: Route<'t>, is_held: impl Fn(&str) -> bool) -> Option<By<'t>> {
    match route.requirement() {
        Requirement::Public => return Some(By::Public),
        Requirement::AnyKey => return Some(By::AnyKey),
        Requirement::Scopes(_) => {}
    }
    if let Some(scope) = route.accepted().iter().find(|scope| is_held(scope.name())) {
        return Some(By::Scope(scope));
    }
    let is_held = |id: &[u8; 2]| {
        let scope = Scope::new(route.tables(), u16::from_le_bytes(*id));
        is_held(scope.name())
    };
    set_of_which_all(route, |clause| clause.scopes.iter().any(is_held))
}

/// The scopes that a key holds: a prepared [`ScopeSet`], which is fast, or their names, with
/// the same answers.
///
/// Names are slices, arrays and, with the feature `alloc`, `Vec`, `Box`, `Rc`, `Arc` and
/// `BTreeSet` of anything that is `AsRef<str>`. They compare byte for byte. `*` is a whole
/// action, never a pattern.
///
/// Sealed: what a key holds is a set of scopes and nothing cleverer.
pub trait HeldScopes: sealed::Sealed {
    /// The set, if it is a prepared one.
    #[doc(hidden)]
    #[inline]
    fn prepared(&self) -> Option<PreparedScopes<'_>> {
        None
    }

    /// Why a key with these scopes may call a route, if it may.
    #[doc(hidden)]
    fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>>;
}

impl<const WORDS: usize> HeldScopes for ScopeSet<WORDS> {
    #[inline]
    fn prepared(&self) -> Option<PreparedScopes<'_>> {
        Some(self.as_prepared())
    }

    #[inline]
    fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
        self.as_prepared().allowed_by(route.tables(), route)
    }
}

impl<S: AsRef<str>> HeldScopes for [S] {
    fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
        allowed_by_names(route, |name| self.iter().any(|held| held.as_ref() == name))
    }
}

impl<S: AsRef<str>, const N: usize> HeldScopes for [S; N] {
    fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
        self.as_slice().allowed_by(route)
    }
}

/// Held scopes behind a pointer.
macro_rules! pointers {
    ($($pointer:ty),+) => {$(
        impl<H: HeldScopes + ?Sized> HeldScopes for $pointer {
            #[inline]
            fn prepared(&self) -> Option<PreparedScopes<'_>> {
                (**self).prepared()
            }

            #[inline]
            fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
                (**self).allowed_by(route)
            }
        }

        impl<H: sealed::Sealed + ?Sized> sealed::Sealed for $pointer {}
    )+};
}

pointers!(&H);

#[cfg(feature = "alloc")]
mod with_alloc {
    use alloc::boxed::Box;
    use alloc::collections::BTreeSet;
    use alloc::rc::Rc;
    use alloc::sync::Arc;
    use alloc::vec::Vec;

    use super::{HeldScopes, PreparedScopes, allowed_by_names, sealed};
    use crate::{By, Route};

    pointers!(Box<H>, Rc<H>, Arc<H>);

    impl<S: AsRef<str>> HeldScopes for Vec<S> {
        fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
            self.as_slice().allowed_by(route)
        }
    }

    impl<S: AsRef<str>> sealed::Sealed for Vec<S> {}

    impl<S: AsRef<str>> HeldScopes for BTreeSet<S> {
        fn allowed_by<'t>(&self, route: Route<'t>) -> Option<By<'t>> {
            allowed_by_names(route, |name| self.iter().any(|held| held.as_ref() == name))
        }
    }

    impl<S: AsRef<str>> sealed::Sealed for BTreeSet<S> {}
}

mod sealed {
    pub trait Sealed {}
    impl<const WORDS: usize> Sealed for super::ScopeSet<WORDS> {}
    impl<S: AsRef<str>> Sealed for [S] {}
    impl<S: AsRef<str>, const N: usize> Sealed for [S; N] {}
}
