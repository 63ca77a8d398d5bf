//! The methods that a template answers, told from those that it lists.

use routescope::{Method, Methods};

/// The listed method whose route takes a request: `GET` answers `HEAD` too, where `HEAD`
/// is not listed.
pub(crate) fn taking(listed: Methods, requested: Method) -> Option<Method> {
    if listed.contains(requested) {
        return Some(requested);
    }
    (requested == Method::Head && listed.contains(Method::Get)).then_some(Method::Get)
}

/// The methods that a template answers which lists these.
pub(crate) fn answered(listed: Methods) -> impl Iterator<Item = Method> {
    Method::ALL
        .into_iter()
        .filter(move |method| taking(listed, *method).is_some())
}

#[cfg(test)]
mod tests {
    use routescope_compiler::compile;

    use super::*;

    /// The engine denies a method with the list of those that the template answers,
    /// which is the list here.
    #[test]
    fn the_engine_answers_the_same() {
        for bits in 1..1u8 << Method::ALL.len() {
            let listed = Methods::from_bits(bits).unwrap();
            let mut policy =
                "version: 1\nname: a\nmethod_rule: none\nscopes:\n  \"a:*\":\n    routes:\n"
                    .to_owned();
            for method in listed.iter() {
                policy.push_str(&format!("      - {method} /a\n"));
            }
            let compiled = compile("a.yaml", &policy).unwrap();
            let engine = Method::ALL.into_iter().filter(|method| {
                let policy = compiled.policy();
                policy.authorize(&["a:*"], method.as_str(), "/a").is_allow()
            });
            assert!(answered(listed).eq(engine), "{listed}");
        }
    }
}
