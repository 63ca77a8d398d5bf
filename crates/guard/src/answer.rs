//! The answer to a request: what a gateway does, says and forwards.

use std::fmt;
use std::sync::Arc;

use routescope::{BadPath, By, Methods, Policy, Route, Scope};

use crate::header;
use crate::identity::Identity;
use crate::reason::{CheckFault, DenyReason};
use crate::snapshot::{PreparedPolicy, Snapshot, Who};
use crate::texts::Texts;
use crate::verdict::{Denied, Verdict};

/// The answer to a request. It keeps the snapshot that it was decided by, so that its route,
/// identity and digest are those of one policy and one set of keys, whatever is reloaded
/// meanwhile.
///
/// It never holds the key.
#[must_use = "an answer that nobody looks at protects nothing"]
pub struct Answer {
    held: Held,
    verdict: Verdict,
    who: Who,
    admits: bool,
}

/// A snapshot that is borrowed, which costs no counter that threads share.
pub(crate) type Borrowed = arc_swap::Guard<Arc<Snapshot>>;

/// The source of the texts and names of an answer.
enum Held {
    Snapshot(Borrowed),
    /// The parts of an answer that somebody keeps. A stream that lasts for hours then keeps no old
    /// keys in memory.
    Parts {
        policy: Arc<PreparedPolicy>,
        key: Option<Arc<Identity>>,
    },
}

impl Held {
    fn policy(&self) -> &Arc<PreparedPolicy> {
        match self {
            Self::Snapshot(snapshot) => &snapshot.policy,
            Self::Parts { policy, .. } => policy,
        }
    }
}

impl Answer {
    pub(crate) const fn new(snapshot: Borrowed, verdict: Verdict, who: Who, admits: bool) -> Self {
        Self {
            held: Held::Snapshot(snapshot),
            verdict,
            who,
            admits,
        }
    }

    /// Whether the policy allows the request.
    #[must_use]
    pub const fn is_allow(&self) -> bool {
        matches!(self.verdict, Verdict::Allow { .. })
    }

    /// Whether the request goes on: it is allowed, or it is denied and shadow mode lets it
    /// through. Forward a request if this is true, and add [`Self::forward_headers`].
    #[must_use]
    pub const fn admits(&self) -> bool {
        self.admits
    }

    /// The HTTP status of the decision: 200, 401 or 403. In shadow mode it may be 401 or 403 for a
    /// request that goes on.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self.reason() {
            None => 200,
            Some(reason) => reason.status(),
        }
    }

    /// Why not, if the decision is no.
    #[must_use]
    pub const fn reason(&self) -> Option<DenyReason> {
        self.verdict.reason()
    }

    /// The route that the request calls, if it was found: with an allow, and with a missing scope.
    #[must_use]
    pub fn route(&self) -> Option<Route<'_>> {
        match self.verdict {
            Verdict::Allow { route, .. } | Verdict::Deny(Denied::MissingScope { route }) => {
                self.policy().routes().nth(route as usize)
            }
            Verdict::Deny(_) => None,
        }
    }

    /// The route's name, `GET /api/v1/colleagues/{id}/`, if it was found.
    #[must_use]
    pub fn route_name(&self) -> Option<&str> {
        match self.verdict {
            Verdict::Allow { route, .. } | Verdict::Deny(Denied::MissingScope { route }) => {
                Some(self.texts().route(route))
            }
            Verdict::Deny(_) => None,
        }
    }

    /// The path template that the request matches: that of its route, or of a template that does
    /// not list the method.
    #[must_use]
    pub fn template(&self) -> Option<&str> {
        let route = self.policy().routes().nth(self.verdict.route()? as usize)?;
        Some(route.template())
    }

    /// Why the request is allowed, if it is: the held scope, for instance.
    #[must_use]
    pub fn by(&self) -> Option<By<'_>> {
        match self.verdict {
            Verdict::Allow { by, .. } => by.in_policy(self.route()?),
            Verdict::Deny(_) => None,
        }
    }

    /// The held scope that allowed the request alone, if one did: the narrowest of them.
    #[must_use]
    pub fn scope(&self) -> Option<Scope<'_>> {
        self.by()?.scope()
    }

    /// The path rule that the target breaks, if that is why.
    #[must_use]
    pub const fn bad_path(&self) -> Option<BadPath> {
        match self.verdict {
            Verdict::Deny(Denied::BadPath(bad)) => Some(bad),
            _ => None,
        }
    }

    /// The methods that the template lists, if the request's is none of them.
    #[must_use]
    pub const fn methods(&self) -> Option<Methods> {
        match self.verdict {
            Verdict::Deny(Denied::MethodNotListed { methods, .. }) => Some(methods),
            _ => None,
        }
    }

    /// The fault of the request that made the gateway refuse it before its key was read, if that is
    /// why.
    #[must_use]
    pub const fn check_fault(&self) -> Option<CheckFault> {
        match self.verdict {
            Verdict::Deny(Denied::BadCheckRequest(fault)) => Some(fault),
            _ => None,
        }
    }

    /// The id of the key, if it is known: with an allow, with an expired key of the file, and with
    /// everything that was denied after the key was found. A token has none, and a request to a
    /// public route has none.
    ///
    /// It is the text of the file, unescaped; see [`Self::forward_headers`].
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        let key = self.key()?;
        Some(key.id())
    }

    /// The subject of the token, if it is one that was verified, as the identity provider writes
    /// it. It is apart from [`Self::key_id`], since a provider's users may choose a name that is
    /// the id of somebody's key.
    #[must_use]
    pub fn token_subject(&self) -> Option<&str> {
        Some(self.token()?.id())
    }

    fn texts(&self) -> &Texts {
        &self.held.policy().texts
    }

    fn key(&self) -> Option<&Arc<Identity>> {
        match &self.held {
            Held::Snapshot(snapshot) => snapshot.key(&self.who),
            Held::Parts { key, .. } => key.as_ref(),
        }
    }

    #[cfg(feature = "tokens")]
    fn token(&self) -> Option<&Identity> {
        match &self.who {
            Who::Token(identity) => Some(identity),
            _ => None,
        }
    }

    #[cfg(not(feature = "tokens"))]
    #[allow(clippy::unused_self, reason = "as with tokens")]
    const fn token(&self) -> Option<&Identity> {
        None
    }

    /// Whether the key is one that another key replaces, and which is valid for a while yet.
    #[must_use]
    pub const fn is_previous_key(&self) -> bool {
        matches!(
            self.who,
            Who::Key {
                is_previous: true,
                ..
            }
        )
    }

    /// The digest of the policy that decided, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.texts().digest
    }

    /// The policy that decided.
    #[must_use]
    pub fn policy(&self) -> Policy<'_> {
        self.held.policy().held.policy()
    }

    /// The headers of the response, which tell the client why: `WWW-Authenticate` (RFC 6750
    /// section 3) with a 401 and with a missing scope, and then `X-Accepted-Scopes` too. There are
    /// none for an allow, and for a denial that no other key would change.
    ///
    /// Names are lower-case, values are visible ASCII and spaces. Nothing allocates: the texts
    /// were made with the snapshot.
    pub fn response_headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let texts = self.texts();
        let (challenge, accepted) = match self.verdict {
            Verdict::Deny(Denied::Key(denial)) => (Some(texts.key_challenge(denial)), None),
            Verdict::Deny(Denied::MissingScope { route }) => {
                let both = texts.missing_scope(route);
                (both.map(|both| both.0), both.map(|both| both.1))
            }
            Verdict::Allow { .. } | Verdict::Deny(_) => (None, None),
        };
        let challenge = challenge.map(|text| (header::WWW_AUTHENTICATE, text));
        let accepted = accepted.map(|text| (header::ACCEPTED_SCOPES, text));
        challenge.into_iter().chain(accepted)
    }

    /// The headers that tell a back end about an allowed request: the key's id (`x-key-id`) or the
    /// token's subject (`x-token-subject`), the route (`x-route`) and the digest
    /// (`x-policy-digest`). Remove the client's own headers of these names ([`IDENTITY_HEADERS`]) from every request,
    /// whatever the answer, or a client could say who it is.
    ///
    /// A request to a public route goes on without an identity, whatever key it has: nobody has
    /// looked at that.
    ///
    /// Empty for everything that is not allowed, in shadow mode too. Ids are percent-encoded where
    /// a header cannot carry them.
    ///
    /// [`IDENTITY_HEADERS`]: crate::IDENTITY_HEADERS
    pub fn forward_headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let headers = match self.verdict {
            Verdict::Allow { route, .. } => {
                let key = self.key();
                let route = self.texts().route(route);
                [
                    key.map(|key| (header::KEY_ID, key.header())),
                    self.token()
                        .map(|token| (header::TOKEN_SUBJECT, token.header())),
                    Some((header::ROUTE, route)),
                    Some((header::POLICY_DIGEST, self.digest())),
                ]
            }
            Verdict::Deny(_) => [None; 4],
        };
        headers.into_iter().flatten()
    }
}

/// The clone keeps the policy and the key's id, by counters that threads share, and lets the other
/// keys go: it may be kept for as long as a stream lasts.
impl Clone for Answer {
    fn clone(&self) -> Self {
        Self {
            held: Held::Parts {
                policy: Arc::clone(self.held.policy()),
                key: self.key().cloned(),
            },
            verdict: self.verdict,
            who: self.who.clone(),
            admits: self.admits,
        }
    }
}

/// As [`routescope::Decision`]: `allow GET /api/v1/colleagues/ by colleagues:read`, or `deny` with
/// the reason and what it carries. The identity is not shown.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let denied = match self.verdict {
            Verdict::Allow { .. } => {
                let route = self.route_name().unwrap_or("");
                return match self.by() {
                    Some(By::Public) => write!(f, "allow {route}, which is public"),
                    Some(by) => write!(f, "allow {route} by {by}"),
                    None => write!(f, "allow {route}"),
                };
            }
            Verdict::Deny(denied) => denied,
        };
        write!(f, "deny {}", denied.reason())?;
        match denied {
            Denied::BadPath(bad) => write!(f, ": {bad}"),
            Denied::MethodNotListed { methods, .. } => {
                write!(f, ": {} lists {methods}", self.template().unwrap_or(""))
            }
            Denied::MissingScope { route } => {
                let (_, accepted) = self.texts().missing_scope(route).unwrap_or_default();
                write!(
                    f,
                    ": {} accepts {accepted}",
                    self.route_name().unwrap_or("")
                )
            }
            Denied::BadCheckRequest(fault) => write!(f, ": {fault}"),
            Denied::Key(_) | Denied::BadMethod | Denied::UnknownRoute | Denied::Unavailable => {
                Ok(())
            }
        }
    }
}

/// The same text as `Display`, in `Answer(...)`.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({self})")
    }
}
