//! Properties of every policy and every path.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use routescope_compiler::{Compiled, Generator};

use crate::implementations::{of, verdict};
use crate::oracle::{By, Oracle, Verdict, well_formed};
use crate::random::{GLOBS, HELD, Recipe, World, held, line, recipe, with_value, world};

/// `PROPTEST_CASES` asks for more than an ordinary run tries; CI does.
pub(crate) fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(96);
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn recipes() -> impl Strategy<Value = Vec<Recipe>> {
    prop::collection::vec(recipe(), 24)
}

fn decide(compiled: &Compiled, held: &[&str], method: &str, target: &str) -> Verdict {
    verdict(compiled.policy().authorize(held, method, target))
}

fn allows(compiled: &Compiled, held: &[&str], method: &str, target: &str) -> bool {
    matches!(
        decide(compiled, held, method, target),
        Verdict::Allow { .. }
    )
}

proptest! {
    #![proptest_config(config())]

    /// Every implementation decides as the oracle does, and names the same
    /// route, scopes and methods.
    #[test]
    fn all_decide_alike(world in world(true), recipes in recipes(), held in held()) {
        let compiled = world.compile();
        let all = of(&world.oracle, &compiled);
        for recipe in recipes {
            let (method, target) = recipe.make(&world.oracle);
            let want = world.oracle.decide(&held, method.as_bytes(), target.as_bytes());
            for implementation in &all {
                let got = (implementation.decide)(&held, method.as_bytes(), target.as_bytes());
                prop_assert_eq!(&got, &want, "{}: {} {} with {:?}\n{}", implementation.name, method, target, held, world.source);
            }
            let want = world.oracle.decide_without_key(method.as_bytes(), target.as_bytes());
            for implementation in &all {
                for got in (implementation.decide_without_key)(method.as_bytes(), target.as_bytes()) {
                    prop_assert_eq!(&got, &want, "{}: {} {} without a key\n{}", implementation.name, method, target, world.source);
                }
            }
        }
    }

    /// One more scope never closes what was open; so one less never opens.
    #[test]
    fn more_scopes_never_close(world in world(true), recipes in recipes(), held in held(), more in select(HELD), at in any::<Index>()) {
        let compiled = world.compile();
        let mut with = held.clone();
        with.insert(at.index(held.len() + 1), more);
        for recipe in recipes {
            let (method, target) = recipe.make(&world.oracle);
            prop_assert!(!allows(&compiled, &held, &method, &target) || allows(&compiled, &with, &method, &target));
        }
    }

    /// `r:*` opens whatever `r:x` opens, and with an umbrella `u`, `u:*` opens
    /// whatever any scope but the global one opens, and `u:read` whatever any
    /// `r:read` does.
    #[test]
    fn wide_scopes_cover_narrow_ones(world in world(true), recipes in recipes(), scope in select(HELD)) {
        let compiled = world.compile();
        let Some((resource, action)) = scope.split_once(':') else { return Ok(()) };
        if world.oracle.opaque {
            // There, a name implies nothing.
            return Ok(());
        }
        for recipe in recipes {
            let (method, target) = recipe.make(&world.oracle);
            if !allows(&compiled, &[scope], &method, &target) {
                continue;
            }
            let open = |scope: &str| allows(&compiled, &[scope], &method, &target);
            if scope != "*:*" {
                let full = format!("{resource}:*");
                prop_assert!(open(&full));
                if world.oracle.umbrella.is_some() {
                    prop_assert!(open("all:*"));
                    prop_assert!(action != "read" || open("all:read"));
                }
            }
            prop_assert!(world.oracle.global.is_none() || open("*:*"));
        }
    }

    /// `*` is a whole action, never a pattern: what merely looks like a scope
    /// opens nothing, alone or beside others.
    #[test]
    fn globs_open_nothing(world in world(true), recipes in recipes(), glob in select(GLOBS), held in held()) {
        let compiled = world.compile();
        let with: Vec<&str> = held.iter().copied().chain([glob]).collect();
        for recipe in recipes {
            let (method, target) = recipe.make(&world.oracle);
            prop_assert_eq!(decide(&compiled, &[glob], &method, &target), decide(&compiled, &[], &method, &target), "{} {} with {}", method, target, glob);
            prop_assert_eq!(decide(&compiled, &with, &method, &target), decide(&compiled, &held, &method, &target));
        }
    }

    /// Without an umbrella or a global scope, their names mean nothing beyond
    /// routes that are listed under that resource.
    #[test]
    fn umbrellas_open_only_where_declared(world in world(true), recipes in recipes()) {
        let compiled = world.compile();
        for recipe in recipes {
            let (method, target) = recipe.make(&world.oracle);
            if world.oracle.umbrella.is_none()
                && world.oracle.implies.is_empty()
                && let Verdict::Allow { route, by: By::Scope(_) | By::All(_) } = decide(&compiled, &["all:*"], &method, &target)
            {
                let (method, template) = route.split_once(' ').expect("a method and a template");
                let own = world.oracle.routes.iter().any(|line| {
                    line.heading.names().iter().all(|name| name.starts_with("all:")) && line.method == method && shape(&line.template) == shape(template)
                });
                prop_assert!(own, "all:* opens {}\n{}", route, world.source);
            }
            let global = decide(&compiled, &["*:*"], &method, &target);
            let by_scope = matches!(global, Verdict::Allow { by: By::Scope(_) | By::All(_), .. });
            // Opaque, it is a name like others.
            prop_assert!(!by_scope || world.oracle.global.is_some() || world.oracle.opaque);
        }
    }

    /// A route more changes nothing for paths that it does not match in any
    /// spelling; for those that it nearly matches, it can only close.
    #[test]
    fn a_route_more_changes_only_its_paths(world in world(false), more in line(false), recipes in recipes(), held in held()) {
        let compiled = world.compile();
        let larger = world.with_lines(world.oracle.routes.iter().cloned().chain([more.clone()]).collect());
        let larger_compiled = larger.compile();
        let alone = world.with_lines(vec![more]);
        for recipe in recipes {
            let (method, target) = recipe.make(&larger.oracle);
            let (before, after) = (decide(&compiled, &held, &method, &target), decide(&larger_compiled, &held, &method, &target));
            let matched = !matches!(alone.oracle.required(b"GET", target.as_bytes()), Err(Verdict::UnknownRoute | Verdict::BadPath));
            if !matched {
                let same = std::mem::discriminant(&before) == std::mem::discriminant(&after);
                prop_assert!(same || matches!(after, Verdict::BadPath | Verdict::UnknownRoute), "{} {}: {:?} became {:?}", method, target, before, after);
                if let (Verdict::Allow { route: before, .. }, Verdict::Allow { route: after, .. }) = (&before, &after) {
                    prop_assert_eq!(before, after);
                }
            }
        }
    }

    /// The order of the file means nothing.
    #[test]
    fn order_means_nothing(world in world(true), seed in any::<Index>()) {
        let mut lines = world.oracle.routes.clone();
        let shift = seed.index(lines.len());
        lines.rotate_left(shift);
        lines.reverse();
        let other = world.with_lines(lines);
        prop_assume!(other.oracle.routes.len() == world.oracle.routes.len());
        let (a, b) = (world.compile(), other.compile());
        let (left, right) = (a.policy(), b.policy());
        prop_assert_eq!(left.digest(), right.digest());
        let rust = |compiled| {
            // Names may collide in such policies.
            let generated = Generator::new().names(false).rust(compiled, "x.yaml");
            generated.map(|generated| generated.source)
        };
        prop_assert_eq!(rust(&a), rust(&b));
    }

    /// A parameter takes any one proper segment that is no sibling's spelling,
    /// and nothing else.
    #[test]
    fn a_parameter_is_one_segment(value in "[a-z0-9._~!$&'()*+,=:@-]{1,12}", escaped in any::<bool>()) {
        let source = "version: 1\nname: t\nscopes:\n  \"r:read\":\n    routes:\n      - GET /a/{x}/b\n      - GET /a/import/c\n";
        let compiled = routescope_compiler::compile("t.yaml", source).expect("a proper policy");
        let value = if escaped { format!("{value}%C3%BC") } else { value };
        let proper = !value.ends_with('.') && !value.eq_ignore_ascii_case("import");
        let open = |target: &str| allows(&compiled, &["r:read"], "GET", target);
        prop_assert_eq!(open(&format!("/a/{value}/b")), proper || value == "import");
        for closed in [format!("/a/{value}/{value}/b"), "/a//b".to_owned(), "/a/b".to_owned(), format!("/a/{value}/b/")] {
            prop_assert!(!open(&closed), "{}", closed);
        }
    }

    /// A catch-all takes one or more proper segments, with and without a slash.
    #[test]
    fn a_catch_all_is_all_the_rest(values in prop::collection::vec("[a-z0-9_-]{1,8}", 0..33)) {
        let source = "version: 1\nname: t\nscopes:\n  \"r:read\":\n    routes:\n      - GET /files/{*rest}\n";
        let compiled = routescope_compiler::compile("t.yaml", source).expect("a proper policy");
        let path: String = std::iter::once("files").chain(values.iter().map(String::as_str)).map(|segment| format!("/{segment}")).collect();
        for target in [path.clone(), format!("{path}/")] {
            let open = allows(&compiled, &["r:read"], "GET", &target);
            prop_assert_eq!(open, !values.is_empty() && values.len() < 32, "{}", target);
        }
    }

    /// If a path is allowed, a back end that rewrites it still serves it by the
    /// same template.
    #[test]
    fn allowed_paths_are_fixpoints(world in world(false), recipes in recipes()) {
        fixpoints(&world, &world.compile(), recipes)?;
    }

    /// The same with literals that differ only in case, as far as the compiler
    /// lets them pass without `overlap: allow`.
    #[test]
    fn allowed_paths_are_fixpoints_among_case_collisions(world in world(true), recipes in recipes()) {
        if let Ok(compiled) = routescope_compiler::compile("strict.yaml", &world.source.replace("overlap: allow", "note: none")) {
            fixpoints(&world, &compiled, recipes)?;
        }
    }

    /// No bytes make it panic, and none that breaks a rule is let through.
    #[test]
    fn any_bytes_will_do(world in world(true), method in prop::collection::vec(any::<u8>(), 0..8), target in prop::collection::vec(any::<u8>(), 0..64)) {
        let compiled = world.compile();
        let policy = compiled.policy();
        for method in [&method[..], b"GET"] {
            for target in [target.clone(), [b"/".as_slice(), &target].concat()] {
                let got = verdict(policy.authorize(HELD, method, &target));
                prop_assert_eq!(&got, &world.oracle.decide(HELD, method, &target));
                let refused = well_formed(&target).is_none() && method == b"GET";
                prop_assert_eq!(routescope::path::check(&target).is_err(), well_formed(&target).is_none());
                prop_assert!(!refused || got == Verdict::BadPath);
            }
        }
    }
}

fn fixpoints(
    world: &World,
    compiled: &Compiled,
    recipes: Vec<Recipe>,
) -> Result<(), TestCaseError> {
    let policy = compiled.policy();
    for recipe in recipes {
        let (method, target) = recipe.make(&world.oracle);
        let Ok(route) = policy.route(&method, &target) else {
            continue;
        };
        let template = shape(route.template());
        let path = target.split('?').next().unwrap_or_default();
        for rewrite in REWRITES {
            let served = rewrite.serve(&world.oracle, path);
            prop_assert_eq!(
                served.as_ref(),
                Some(&template),
                "{}: {}\n{}",
                rewrite.name,
                target,
                world.source
            );
        }
    }
    Ok(())
}

/// A back end that rewrites the path before it looks for a template.
struct Rewrite {
    name: &'static str,
    path: fn(&str) -> String,
    /// The same rewrite applied to the literals of its templates, so that both meet.
    literal: fn(&str) -> String,
}

const REWRITES: &[Rewrite] = &[
    Rewrite {
        name: "no rewrite",
        path: str::to_owned,
        literal: str::to_owned,
    },
    Rewrite {
        name: "one percent-decode",
        path: decoded,
        literal: decoded,
    },
    Rewrite {
        name: "dot-segment removal",
        path: without_dots,
        literal: str::to_owned,
    },
    Rewrite {
        name: "slash merge",
        path: merged,
        literal: str::to_owned,
    },
    Rewrite {
        name: "backslash fold",
        path: |path| path.replace('\\', "/"),
        literal: str::to_owned,
    },
    Rewrite {
        name: "`;` strip",
        path: stripped,
        literal: str::to_owned,
    },
    Rewrite {
        name: "ASCII lower-casing",
        path: str::to_ascii_lowercase,
        literal: str::to_ascii_lowercase,
    },
    Rewrite {
        name: "all of them",
        path: |path| {
            without_dots(&merged(&stripped(&decoded(path).replace('\\', "/")))).to_ascii_lowercase()
        },
        literal: |literal| decoded(literal).to_ascii_lowercase(),
    },
];

impl Rewrite {
    /// The most specific template for the rewritten path, read naively.
    fn serve(&self, oracle: &Oracle, path: &str) -> Option<String> {
        let path = (self.path)(path);
        let (path, slash) = split(&path);
        let mut fitting: Vec<(Vec<u8>, String)> = Vec::new();
        for line in &oracle.routes {
            let (segments, template_slash) = split(&line.template);
            let catch_all = segments.last().is_some_and(|last| last.starts_with("{*"));
            let either = catch_all || oracle.trailing_slash_optional && !segments.is_empty();
            let long_enough = if catch_all {
                path.len() >= segments.len()
            } else {
                path.len() == segments.len()
            };
            let in_case = |text: &str| match oracle.case_insensitive {
                true => text.to_ascii_lowercase(),
                false => text.to_owned(),
            };
            let fits = segments.iter().zip(&path).all(|(segment, value)| {
                let value = in_case(value);
                let Some((before, rest)) = segment.split_once('{') else {
                    return in_case(&(self.literal)(segment)) == value;
                };
                let behind = rest.split_once('}').map_or("", |(_, behind)| behind);
                let [before, behind] = [before, behind].map(|text| in_case(&(self.literal)(text)));
                value.len() > before.len() + behind.len()
                    && value.starts_with(&before)
                    && value.ends_with(&behind)
            });
            if long_enough && fits && (either || template_slash == slash) {
                let rank = |segment: &String| match segment {
                    segment if segment.starts_with("{*") => 3,
                    segment if segment.starts_with('{') && segment.ends_with('}') => 2,
                    segment if segment.contains('{') => 1,
                    _ => 0,
                };
                fitting.push((segments.iter().map(rank).collect(), shape(&line.template)));
            }
        }
        fitting.into_iter().min().map(|(_, shape)| shape)
    }
}

fn split(path: &str) -> (Vec<String>, bool) {
    let segments: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(str::to_owned)
        .collect();
    (segments, path.ends_with('/'))
}

/// A template without the names of its parameters.
fn shape(template: &str) -> String {
    template
        .split('/')
        .map(|segment| with_value(segment, "{}").unwrap_or_else(|| segment.to_owned()))
        .collect::<Vec<_>>()
        .join("/")
}

fn decoded(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let escape = bytes
            .get(i + 1..i + 3)
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (bytes[i], escape) {
            (b'%', Some(byte)) => {
                out.push(byte);
                i += 3;
            }
            (byte, _) => {
                out.push(byte);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
    }
    kept.join("/")
}

fn merged(path: &str) -> String {
    let mut out = path.to_owned();
    while out.contains("//") {
        out = out.replace("//", "/");
    }
    out
}

fn stripped(path: &str) -> String {
    path.split('/')
        .map(|segment| segment.split(';').next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("/")
}
