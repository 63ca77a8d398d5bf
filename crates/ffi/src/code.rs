//! The numbers that stand for answers, path rules, methods and what allows a request, and their
//! names.
//!
//! They never change and are never used again for something else. Those of denials, with
//! their names and statuses, are the engine's: see [`Reason`].

use routescope::{By, Method, Methods, PathRule, Reason};

use crate::Text;

/// The answer of a function, and of a struct that it fills.
pub type Answer = u32;

/// Nothing was decided: a denial. It is 0, so that zeroed memory denies.
pub const UNDECIDED: Answer = 0;
/// The function did what it was asked. Never the answer of a decision.
pub const OK: Answer = 0x01;
/// Yes. At least two bits away from every other answer, so that no single
/// flipped bit makes one.
pub const ALLOW: Answer = 0x5AA5;

/// 401: no key.
pub const MISSING_KEY: Answer = Reason::MissingKey as Answer;
/// 401: no key of the policy's format.
pub const MALFORMED_KEY: Answer = Reason::MalformedKey as Answer;
/// 401: nobody knows the key.
pub const UNKNOWN_KEY: Answer = Reason::UnknownKey as Answer;
/// 401: the key's time is over.
pub const EXPIRED_KEY: Answer = Reason::ExpiredKey as Answer;

/// 403: none of the seven methods.
pub const BAD_METHOD: Answer = Reason::BadMethod as Answer;
/// 403: the target breaks a path rule.
pub const BAD_PATH: Answer = Reason::BadPath as Answer;
/// 403: no template matches.
pub const UNKNOWN_ROUTE: Answer = Reason::UnknownRoute as Answer;
/// 403: the template that wins does not list the method.
pub const METHOD_NOT_LISTED: Answer = Reason::MethodNotListed as Answer;
/// 403: of no alternative of the route are all scopes held.
pub const MISSING_SCOPE: Answer = Reason::MissingScope as Answer;

/// 500: the handle of a policy is null or misaligned.
pub const NO_POLICY: Answer = 0x40;
/// 500: a text is null and has a length, or is longer than memory.
pub const BAD_TEXT: Answer = 0x41;
/// 500: a scope set is null, misaligned, of an unknown size or not prepared.
pub const BAD_SCOPE_SET: Answer = 0x42;
/// 500: an output struct's `size` is not that of any version.
pub const BAD_SIZE: Answer = 0x43;
/// 500: the scope set has too few words for the policy.
pub const TOO_FEW_WORDS: Answer = 0x44;
/// 500: there is no route or scope with this number.
pub const OUT_OF_RANGE: Answer = 0x45;

/// 500: bytes that do not begin as a compiled policy does.
pub const NOT_A_POLICY: Answer = 0x50;
/// 500: a compiled policy in a format that this version does not read.
pub const BAD_FORMAT: Answer = 0x51;
/// 500: a compiled policy that is cut, or continues after its end.
pub const BAD_LENGTH: Answer = 0x52;
/// 500: bytes that were changed since the compiler wrote them.
pub const BAD_CHECKSUM: Answer = 0x53;
/// 500: a policy of another name than was asked for.
pub const WRONG_NAME: Answer = 0x54;
/// 500: a policy of an older revision than was asked for.
pub const OLD_REVISION: Answer = 0x55;
/// 500: a compiled policy with a field that no compiler writes.
pub const MALFORMED_POLICY: Answer = 0x56;
/// 500: tables with an index out of range, or of another version.
pub const UNSOUND_POLICY: Answer = 0x57;

/// The answers that are no denials of the engine's.
const OTHERS: [(Answer, &str); 17] = [
    (UNDECIDED, "undecided"),
    (OK, "ok"),
    (ALLOW, "allow"),
    (NO_POLICY, "no_policy"),
    (BAD_TEXT, "bad_text"),
    (BAD_SCOPE_SET, "bad_scope_set"),
    (BAD_SIZE, "bad_size"),
    (TOO_FEW_WORDS, "too_few_words"),
    (OUT_OF_RANGE, "out_of_range"),
    (NOT_A_POLICY, "not_a_policy"),
    (BAD_FORMAT, "bad_format"),
    (BAD_LENGTH, "bad_length"),
    (BAD_CHECKSUM, "bad_checksum"),
    (WRONG_NAME, "wrong_name"),
    (OLD_REVISION, "old_revision"),
    (MALFORMED_POLICY, "malformed_policy"),
    (UNSOUND_POLICY, "unsound_policy"),
];

/// The reason that has this number, if the answer is a denial of the engine's.
pub(crate) fn reason_of(answer: Answer) -> Option<Reason> {
    let mut reasons = Reason::ALL.into_iter();
    reasons.find(|reason| *reason as Answer == answer)
}

/// The HTTP status that goes with an answer.
#[unsafe(no_mangle)]
pub extern "C" fn routescope_status(answer: Answer) -> u32 {
    match answer {
        OK | ALLOW => 200,
        _ => reason_of(answer).map_or(500, |reason| reason.status().into()),
    }
}

/// The name of an answer in logs.
#[unsafe(no_mangle)]
pub extern "C" fn routescope_answer_name(answer: Answer) -> Text {
    let other = OTHERS.iter().find(|(number, _)| *number == answer);
    let other = other.map_or("", |(_, name)| *name);
    Text::of(reason_of(answer).map_or(other, Reason::as_str))
}

/// The number of a path rule: those of the C interface are fixed here, whatever the order in
/// Rust.
pub(crate) const fn of_rule(rule: PathRule) -> u32 {
    match rule {
        PathRule::TooLong => 1,
        PathRule::NotOriginForm => 2,
        PathRule::Fragment => 3,
        PathRule::QueryBytes => 4,
        PathRule::TooManySegments => 5,
        PathRule::SegmentTooLong => 6,
        PathRule::Byte => 7,
        PathRule::BadEscape => 8,
        PathRule::EncodedDelimiter => 9,
        PathRule::EncodedUnreserved => 10,
        PathRule::Utf8 => 11,
        PathRule::Confusable => 12,
        PathRule::EmptySegment => 13,
        PathRule::DotSegment => 14,
        PathRule::SegmentEdge => 15,
        PathRule::ShadowsLiteral => 16,
        PathRule::ColonInValue => 17,
    }
}

/// The name of a path rule in logs.
#[unsafe(no_mangle)]
pub extern "C" fn routescope_path_rule_name(rule: u32) -> Text {
    let found = PathRule::ALL
        .into_iter()
        .find(|known| of_rule(*known) == rule);
    Text::of(found.map_or("", PathRule::as_str))
}

/// Nothing allowed the request, or scopes are needed.
pub const BY_NONE: u32 = 0;
/// A held scope that suffices alone.
pub const BY_SCOPE: u32 = 1;
/// All scopes of a set, none of which suffices alone.
pub const BY_ALL: u32 = 2;
/// Any valid key.
pub const BY_ANY_KEY: u32 = 3;
/// The route is public: nobody looks at the key.
pub const BY_PUBLIC: u32 = 4;

pub(crate) const fn of_by(by: &By<'_>) -> u32 {
    match by {
        By::Scope(_) => BY_SCOPE,
        By::All(_) => BY_ALL,
        By::AnyKey => BY_ANY_KEY,
        By::Public => BY_PUBLIC,
    }
}

/// The name in logs of what allowed a request: that of [`By::as_str`].
#[unsafe(no_mangle)]
pub extern "C" fn routescope_by_name(by: u32) -> Text {
    Text::of(match by {
        BY_SCOPE => "scope",
        BY_ALL => "all",
        BY_ANY_KEY => "any_key",
        BY_PUBLIC => "public",
        _ => "",
    })
}

/// The bit of a method, the same in every set of methods.
pub(crate) const fn of_method(method: Method) -> u32 {
    Methods::NONE.with(method).bits() as u32
}

/// The name of the method that has this bit.
#[unsafe(no_mangle)]
pub extern "C" fn routescope_method_name(method: u32) -> Text {
    let found = Method::ALL
        .into_iter()
        .find(|known| of_method(*known) == method);
    Text::of(found.map_or("", Method::as_str))
}

/// `GET`; a route that lists it answers `HEAD` too.
pub const GET: u32 = 1 << 0;
/// `HEAD`
pub const HEAD: u32 = 1 << 1;
/// `POST`
pub const POST: u32 = 1 << 2;
/// `PUT`
pub const PUT: u32 = 1 << 3;
/// `PATCH`
pub const PATCH: u32 = 1 << 4;
/// `DELETE`
pub const DELETE: u32 = 1 << 5;
/// `OPTIONS`
pub const OPTIONS: u32 = 1 << 6;

// Should the engine ever number its methods anew, this stops the build before
// C programs read other methods than were meant.
const _: () = assert!(
    of_method(Method::Get) == GET
        && of_method(Method::Head) == HEAD
        && of_method(Method::Post) == POST
        && of_method(Method::Put) == PUT
        && of_method(Method::Patch) == PATCH
        && of_method(Method::Delete) == DELETE
        && of_method(Method::Options) == OPTIONS
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Every answer with its name.
    fn answers() -> impl Iterator<Item = (Answer, &'static str)> {
        let reasons = Reason::ALL.map(|reason| (reason as Answer, reason.as_str()));
        reasons.into_iter().chain(OTHERS)
    }

    #[test]
    fn answers_are_distinct_and_allow_is_far_from_each() {
        for (i, (answer, name)) in answers().enumerate() {
            for (other, other_name) in answers().skip(i.saturating_add(1)) {
                assert!(answer != other && name != other_name, "{name} {other_name}");
            }
            assert!(
                answer == ALLOW || (answer ^ ALLOW).count_ones() >= 2,
                "{name}"
            );
        }
    }

    #[test]
    fn names_and_statuses_are_those_of_the_engine() {
        for (answer, name) in answers() {
            assert_eq!(routescope_answer_name(answer).as_static(), name);
            let status = match answer {
                OK | ALLOW => 200,
                0x10..=0x1F => 401,
                0x20..=0x2F => 403,
                _ => 500,
            };
            assert_eq!(routescope_status(answer), status, "{name}");
        }
    }

    #[test]
    fn rules_are_numbered_as_listed() {
        for (i, rule) in PathRule::ALL.into_iter().enumerate() {
            assert_eq!(of_rule(rule) as usize, i.saturating_add(1));
            assert_eq!(
                routescope_path_rule_name(of_rule(rule)).as_static(),
                rule.as_str()
            );
        }
        for unknown in [0, 18, u32::MAX] {
            assert_eq!(routescope_path_rule_name(unknown).length, 0);
            assert_eq!(
                routescope_answer_name(unknown.wrapping_add(0x100)).length,
                0
            );
        }
        for (by, name) in [
            (BY_NONE, ""),
            (BY_SCOPE, "scope"),
            (BY_ALL, "all"),
            (BY_ANY_KEY, By::AnyKey.as_str()),
            (BY_PUBLIC, By::Public.as_str()),
            (5, ""),
            (u32::MAX, ""),
        ] {
            assert_eq!(routescope_by_name(by).as_static(), name);
        }
        assert_eq!(of_by(&By::AnyKey), BY_ANY_KEY);
        assert_eq!(of_by(&By::Public), BY_PUBLIC);
        assert_eq!(routescope_method_name(GET | HEAD).length, 0);
        assert_eq!(routescope_method_name(OPTIONS).as_static(), "OPTIONS");
    }
}
