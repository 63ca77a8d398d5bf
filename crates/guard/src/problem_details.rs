//! The body of a refusal: problem details (RFC 9457).

use routescope::{Reason, Requirement, Scope};
use serde::Serialize;

use crate::answer::Answer;
use crate::reason::DenyReason;

/// Problem details, with three members of ours.
#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accepted_scopes: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl Answer {
    /// The body of the response to a denied request, of the type `application/problem+json`
    /// (RFC 9457): status, a sentence, and where scopes are missing, `accepted_scopes`, each of
    /// which would suffice alone. Where the route has alternatives of several scopes, these are not
    /// among them, and `alternatives` lists all alternatives, each as the list of the scopes that
    /// are needed together. Both are narrowest first. `None` for an allow.
    ///
    /// `shows_reason` adds the name of the reason. It is for operators: it tells strangers which
    /// routes and keys there are.
    ///
    /// Cost: it allocates the body.
    ///
    /// ```
    /// use routescope::pbx;
    /// use routescope_guard::Guard;
    ///
    /// let guard = Guard::builder(pbx::POLICY).build()?;
    /// let answer = guard.decide(None, "GET", "/api/v1/colleagues/", 0);
    /// let body = answer.problem_details(true).unwrap();
    /// assert_eq!(String::from_utf8(body).unwrap(), concat!(
    ///     r#"{"type":"about:blank","title":"Unauthorized","status":401,"#,
    ///     r#""detail":"The request has no API key. Send it as `Authorization: Bearer KEY`.","#,
    ///     r#""reason":"missing_key"}"#,
    /// ));
    /// # Ok::<(), routescope_guard::ReloadError>(())
    /// ```
    #[must_use]
    pub fn problem_details(&self, shows_reason: bool) -> Option<Vec<u8>> {
        let reason = self.reason()?;
        let mut accepted_scopes = Vec::new();
        let mut alternatives = Vec::new();
        if reason == DenyReason::Decision(Reason::MissingScope)
            && let Some(route) = self.route()
            && let Requirement::Scopes(all) = route.requirement()
        {
            for scope in route.accepted() {
                accepted_scopes.push(scope.name());
            }
            if all
                .iter()
                .any(|alternative| alternative.as_scope().is_none())
            {
                for alternative in all {
                    alternatives.push(alternative.scopes().map(Scope::name).collect());
                }
            }
        }
        let problem = Problem {
            r#type: "about:blank",
            title: if reason.status() == 401 {
                "Unauthorized"
            } else {
                "Forbidden"
            },
            status: reason.status(),
            detail: reason.detail(),
            accepted_scopes,
            alternatives,
            reason: shows_reason.then(|| reason.as_str()),
        };
        // A structure of texts and numbers has no value that JSON cannot say.
        Some(serde_json::to_vec(&problem).unwrap_or_default())
    }
}

impl DenyReason {
    /// A sentence for the client, which tells no more than the status and the challenge do
    /// (RFC 6750 section 3.1). Visible ASCII and spaces, without `%`: it is a value of
    /// `grpc-message` too.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        match self {
            Self::Decision(reason) => match reason {
                Reason::MissingKey => {
                    "The request has no API key. Send it as `Authorization: Bearer KEY`."
                }
                Reason::MalformedKey | Reason::UnknownKey | Reason::ExpiredKey => {
                    "The API key is malformed, unknown or expired."
                }
                // True of a route that needs one scope, and of one that needs several at once.
                Reason::MissingScope => "The scopes of the API key do not open the route.",
                Reason::BadMethod
                | Reason::BadPath
                | Reason::UnknownRoute
                | Reason::MethodNotListed => NOT_ALLOWED,
            },
            Self::BadCheckRequest | Self::Unavailable => NOT_ALLOWED,
        }
    }
}

const NOT_ALLOWED: &str = "The request is not allowed.";
