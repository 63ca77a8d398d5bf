//! A policy and its keys: what one decision needs, replaced as one.

use std::fmt;
use std::sync::Arc;

use routescope::{
    ApiKey, Guard, GuardDecision, HeldScopes, KeyDenial, KeyFormat, OwnedPolicy, Policy, StoredKey,
};

use crate::counters::Slots;
use crate::identity::Identity;
use crate::keys::{Found, HeldSet, KeyHash, KeyTable};
use crate::lookup::FoundKey;
use crate::texts::Texts;
#[cfg(feature = "tokens")]
use crate::tokens::{TokenDenial, TokenVerifier, VerifiedToken, has_token_form};
use crate::verdict::{Denied, Verdict};

/// A policy and its keys. A decision takes one snapshot and asks only that.
pub(crate) struct Snapshot {
    pub(crate) policy: Arc<PreparedPolicy>,
    pub(crate) keys: KeyTable,
    #[cfg(feature = "tokens")]
    tokens: Option<TokenVerifier>,
    /// The counter of each route.
    pub(crate) slots: Slots,
}

/// A policy with the texts that are made of it. Answers that somebody keeps hold this, and no keys.
pub(crate) struct PreparedPolicy {
    pub(crate) held: HeldPolicy,
    pub(crate) texts: Texts,
}

impl PreparedPolicy {
    pub(crate) fn new(held: HeldPolicy) -> Self {
        let texts = Texts::new(held.policy());
        Self { held, texts }
    }
}

/// A policy that lives as long as its snapshot.
pub(crate) enum HeldPolicy {
    Embedded(Policy<'static>),
    Loaded(Arc<OwnedPolicy>),
}

impl HeldPolicy {
    #[inline]
    pub(crate) fn policy(&self) -> Policy<'_> {
        match self {
            Self::Embedded(policy) => *policy,
            Self::Loaded(policy) => policy.policy(),
        }
    }

    /// Whether this is the same policy. Its digest does not tell: that of loaded bytes is what
    /// they say that it is.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Embedded(policy), Self::Embedded(other)) => {
                std::ptr::eq(policy.tables(), other.tables())
            }
            (Self::Loaded(policy), Self::Loaded(other)) => policy.as_bytes() == other.as_bytes(),
            (Self::Embedded(_), Self::Loaded(_)) | (Self::Loaded(_), Self::Embedded(_)) => false,
        }
    }
}

/// Whose request it is, as far as that is known.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    Nobody,
    /// A key of the snapshot's file.
    Key {
        owner: u32,
        is_previous: bool,
    },
    /// A key that was looked up elsewhere.
    FoundKey(Arc<Identity>),
    /// A token.
    #[cfg(feature = "tokens")]
    Token(Arc<Identity>),
    /// A token that was refused: whose it is, it alone says. The log tells why.
    #[cfg(feature = "tokens")]
    BadToken(TokenDenial),
}

/// The credential that the headers of a request show, if they show one.
pub(crate) enum Credential {
    /// A key of the snapshot's file.
    Key(Found),
    /// A token that was verified.
    #[cfg(feature = "tokens")]
    Token(VerifiedToken),
    /// A token that was refused.
    #[cfg(feature = "tokens")]
    BadToken(TokenDenial),
    /// Something with the form of a key that is in no file.
    UnknownKey(Option<KeyHash>),
    /// Nothing that could be a key or a valid token.
    Denied(KeyDenial),
}

impl Snapshot {
    pub(crate) fn new(
        policy: Arc<PreparedPolicy>,
        keys: KeyTable,
        #[cfg(feature = "tokens")] tokens: Option<TokenVerifier>,
        slots: Slots,
    ) -> Self {
        Self {
            policy,
            keys,
            #[cfg(feature = "tokens")]
            tokens,
            slots,
        }
    }

    #[inline]
    pub(crate) fn policy(&self) -> Policy<'_> {
        self.policy.held.policy()
    }

    #[inline]
    pub(crate) fn texts(&self) -> &Texts {
        &self.policy.texts
    }

    /// The verdict on a request to a public route. It comes before [`Self::credential`], since the
    /// credential of such a request is not looked at: a bad one is allowed, and a good one is
    /// nobody's.
    #[inline]
    pub(crate) fn decide_public(&self, method: &[u8], target: &[u8]) -> Option<(Verdict, Who)> {
        let guard = Guard::without_store(self.policy());
        let route = guard.public_route(method, target)?;
        Some((Verdict::public(route), Who::Nobody))
    }

    /// The first step of a decision on a route that is not public: the key or token of the request.
    ///
    /// `is_looked_up` says whether an unknown key is to be looked up elsewhere, by its hash.
    #[inline]
    pub(crate) fn credential<'h>(
        &self,
        authorization: impl IntoIterator<Item = &'h [u8]>,
        is_looked_up: bool,
        #[cfg_attr(
            not(feature = "tokens"),
            allow(unused_variables, reason = "for tokens")
        )]
        now: u64,
    ) -> Credential {
        let key = match self.read(authorization) {
            Ok(key) => key,
            Err(denial) => return Credential::Denied(denial),
        };
        #[cfg(feature = "tokens")]
        if let Some(tokens) = &self.tokens
            && self.is_token(key.as_bytes())
        {
            return match tokens.check(key.as_bytes(), now) {
                Ok(token) => Credential::Token(token),
                Err(denial) => Credential::BadToken(denial),
            };
        }
        match self.keys.find(key.as_bytes()) {
            Some(found) => Credential::Key(found),
            None => Credential::UnknownKey(is_looked_up.then(|| self.keys.hash(key.as_bytes()))),
        }
    }

    /// Reads the key or token, which must have the policy's form of a key, or that of a token
    /// where tokens are accepted.
    #[inline]
    fn read<'h>(
        &self,
        authorization: impl IntoIterator<Item = &'h [u8]>,
    ) -> Result<ApiKey<'h>, KeyDenial> {
        let format = self.policy().key_format();
        let is_key = |text: &[u8]| format.as_ref().is_some_and(|format| format.matches(text));
        #[cfg(feature = "tokens")]
        if self.tokens.is_some() {
            let is_any = |text: &[u8]| format.is_none() && ApiKey::is_b64token(text);
            let has_form = |text: &[u8]| is_key(text) || is_any(text) || has_token_form(text);
            return ApiKey::from_headers_if(authorization, has_form);
        }
        if format.is_some() {
            return ApiKey::from_headers_if(authorization, is_key);
        }
        ApiKey::from_headers(authorization, None::<&KeyFormat<'_>>)
    }

    /// Whether a credential is a token, and not a key: it has the form of a token, and not that
    /// of the policy's keys.
    #[cfg(feature = "tokens")]
    fn is_token(&self, text: &[u8]) -> bool {
        let format = self.policy().key_format();
        has_token_form(text) && !format.is_some_and(|format| format.matches(text))
    }

    /// The other steps of a decision, in the order of [`routescope::Guard::authorize`]: the
    /// expiry, method, path, route, method on the route, scopes.
    #[inline]
    pub(crate) fn decide(
        &self,
        credential: &Credential,
        method: &[u8],
        target: &[u8],
        now: u64,
    ) -> (Verdict, Who) {
        match credential {
            &Credential::Key(found) => {
                let who = Who::Key {
                    owner: found.owner(),
                    is_previous: found.is_previous(),
                };
                let expires = found.expires();
                let verdict = match self.keys.held(found) {
                    Some(HeldSet::Small(held)) => {
                        self.authorize(held, expires, method, target, now)
                    }
                    Some(HeldSet::Any(held)) => self.authorize(held, expires, method, target, now),
                    None => Verdict::Deny(Denied::Key(KeyDenial::Unknown)),
                };
                (verdict, who)
            }
            #[cfg(feature = "tokens")]
            Credential::Token(token) => {
                let held = self.policy().scope_set(token.scopes());
                // The verifier has checked the expiry, with the leeway that it was given.
                let verdict = self.authorize(&held, None, method, target, now);
                (verdict, Who::Token(Arc::new(Identity::new(&token.subject))))
            }
            #[cfg(feature = "tokens")]
            &Credential::BadToken(denial) => (
                Verdict::Deny(Denied::Key(denial.key_denial())),
                Who::BadToken(denial),
            ),
            Credential::UnknownKey(_) => {
                (Verdict::Deny(Denied::Key(KeyDenial::Unknown)), Who::Nobody)
            }
            &Credential::Denied(denial) => (Verdict::Deny(Denied::Key(denial)), Who::Nobody),
        }
    }

    /// As [`Self::decide`], with a key that was looked up elsewhere.
    pub(crate) fn decide_found(
        &self,
        found: &FoundKey,
        method: &[u8],
        target: &[u8],
        now: u64,
    ) -> (Verdict, Who) {
        let held = self.policy().scope_set(&found.scopes);
        let verdict = self.authorize(&held, found.expires, method, target, now);
        (verdict, Who::FoundKey(Arc::new(Identity::new(&found.id))))
    }

    /// Decides by the guard that firmware uses too: one place for the order of the checks.
    #[inline]
    fn authorize(
        &self,
        held: &impl HeldScopes,
        expires: Option<u64>,
        method: &[u8],
        target: &[u8],
        now: u64,
    ) -> Verdict {
        let mut stored = StoredKey::new(held, ());
        stored.expires = expires;
        let guard = Guard::without_store(self.policy());
        // `decide_public` has looked at the path for public routes.
        let decision: GuardDecision<'_> = guard.authorize_with_key(stored, method, target, now);
        Verdict::new(&decision, self.texts())
    }

    /// The key whose request it is.
    pub(crate) fn key<'s>(&'s self, who: &'s Who) -> Option<&'s Arc<Identity>> {
        match who {
            Who::Key { owner, .. } => self.keys.identity(*owner),
            Who::FoundKey(identity) => Some(identity),
            #[cfg(feature = "tokens")]
            Who::Token(_) | Who::BadToken(_) => None,
            Who::Nobody => None,
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("policy", &self.policy())
            .field("keys", &self.keys.len())
            .finish_non_exhaustive()
    }
}
