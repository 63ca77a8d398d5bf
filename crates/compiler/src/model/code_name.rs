//! Names in generated code: those that a rule makes of scopes and routes, and those that the file
//! states with `name:`.

use std::collections::HashMap;

use routescope_core::Method;

use crate::model::listed_route::read_route;
use crate::model::template::Template;
use crate::source::document::{Document, ScopeNames, Spanned};
use crate::source::report::{Problem, quoted};

/// The name of the constant for a scope: `ORDERS_READ` for `orders:read`, `ORDERS_ALL` for
/// `orders:*`. Empty if the scope has no letter and no digit.
pub(crate) fn of_scope(scope: &str, names: ScopeNames) -> String {
    let words = match names {
        ScopeNames::ResourceAction if scope == "*:*" => vec!["all".to_owned()],
        ScopeNames::ResourceAction => {
            let mut words = words(scope);
            if scope.ends_with(":*") && !words.is_empty() {
                words.push("all".to_owned());
            }
            words
        }
        // A `*` is a letter there, and may be all that tells two names apart.
        ScopeNames::Opaque => words(&scope.replace('*', ".all.")),
    };
    identifier(words.join("_").to_ascii_uppercase())
}

/// The name of the variant for a route: `GetOrdersId` for `GET /orders/{id}`.
pub(crate) fn of_route(method: Method, template: &str) -> String {
    words_of_route(method, template)
        .iter()
        .map(|word| capitalised(word))
        .collect()
}

/// The name of a route in C, without its prefix: `GET_ORDERS_ID`. `stated` is the name that the
/// file gives to the variant.
pub(crate) fn of_route_in_c(method: Method, template: &str, stated: Option<&str>) -> String {
    let words = match stated {
        Some(name) => words(name),
        None => words_of_route(method, template),
    };
    words.join("_").to_ascii_uppercase()
}

/// A text in upper snake case, for the prefix of names in C.
pub(crate) fn in_upper_case(text: &str) -> String {
    words(text).join("_").to_ascii_uppercase()
}

fn words_of_route(method: Method, template: &str) -> Vec<String> {
    let mut all = words(method.as_str());
    let segments = template.split('/').filter(|segment| !segment.is_empty());
    for segment in segments.clone() {
        match segment {
            "{}" => all.push("any".to_owned()),
            "{*}" => all.push("rest".to_owned()),
            _ => all.extend(words(segment)),
        }
    }
    if segments.count() == 0 {
        all.push("root".to_owned());
    }
    all
}

/// The words of a text: runs of ASCII letters and digits, split where `camelCase` begins a word.
/// Of the capitals in `HTTPServer`, the last one begins the second word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in text.split(|c: char| !c.is_ascii_alphanumeric()) {
        let bytes = run.as_bytes();
        let mut start = 0;
        for at in 1..bytes.len() {
            let is_lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
            let begins = bytes[at].is_ascii_uppercase()
                && (!bytes[at - 1].is_ascii_uppercase() || is_lower(at + 1));
            if begins {
                words.push(run[start..at].to_owned());
                start = at;
            }
        }
        if start < run.len() {
            words.push(run[start..].to_owned());
        }
    }
    words
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(usize::from(!word.is_empty()));
    first.to_ascii_uppercase() + &rest.to_ascii_lowercase()
}

/// Makes an identifier of a name that begins with a digit, by a `_` before it.
fn identifier(name: String) -> String {
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

/// Reports each `name:` that cannot be one, and routes with two.
pub(crate) fn check(document: &Document, problems: &mut Vec<Problem>) {
    let mut named: HashMap<(Method, Template), &Spanned<String>> = HashMap::new();
    for entry in &document.scopes {
        if let Some(name) = &entry.code_name
            && entry.single().is_none()
        {
            problems.push(
                Problem::error(
                    name.at.clone(),
                    "a heading of several scopes has no name in generated code",
                )
                .help("remove it: each of the scopes has a constant; to name one, give it an entry without routes"),
            );
        } else if let Some(name) = &entry.code_name
            && !is_constant(&name.value)
        {
            let made = of_scope(&name.value, document.scope_names);
            let instead = match is_constant(&made) {
                true => made,
                false => of_scope(&entry.name.value, document.scope_names),
            };
            problems.push(bad_name(
                name,
                "a scope's constant",
                "upper-case letters, digits and `_`, and begins with a letter or `_`",
                &instead,
            ));
        }
    }
    for route in document.routes() {
        let Some(name) = &route.code_name else {
            continue;
        };
        let Ok((method, text, template)) = read_route(route) else {
            continue;
        };
        if !is_variant(&name.value) {
            let made: String = words(&name.value)
                .iter()
                .map(|word| capitalised(word))
                .collect();
            let instead = match is_variant(&made) {
                true => made,
                false => of_route(method, text),
            };
            problems.push(bad_name(
                    name,
                    "a route's variant",
                    "letters and digits, begins with an upper-case letter, and is neither `ALL` nor `Self`",
                    &instead,
                ));
            continue;
        }
        let first = *named.entry((method, template)).or_insert(name);
        if first.value != name.value {
            problems.push(
                Problem::error(
                    name.at.clone(),
                    format!(
                        "`{method} {text}` has two names, `{}` and `{}`",
                        first.value, name.value
                    ),
                )
                .label("another one")
                .with_label(first.at.clone(), "the first one")
                .help("one route has one name, whatever scopes list it: remove one of the two"),
            );
        }
    }
}

fn bad_name(name: &Spanned<String>, what: &str, rule: &str, instead: &str) -> Problem {
    let problem = Problem::error(
        name.at.clone(),
        format!("{} cannot be the name of {what}", quoted(&name.value)),
    );
    let problem = problem.help(format!("such a name has {rule}"));
    if instead.is_empty() {
        problem
    } else {
        problem.help(format!("write `name: {instead}`"))
    }
}

fn is_constant(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    name.bytes().all(fits) && name.bytes().any(|byte| byte != b'_') && is_identifier(name)
}

fn is_variant(name: &str) -> bool {
    // `Route::ALL` is the array of all routes.
    name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name != "ALL"
        && is_identifier(name)
}

/// Whether Rust takes a name for an identifier, which no keyword is.
fn is_identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_scopes() {
        for (scope, name) in [
            ("orders:read", "ORDERS_READ"),
            ("orders:*", "ORDERS_ALL"),
            ("*:*", "ALL"),
            ("stream:QueryPresences", "STREAM_QUERY_PRESENCES"),
            ("call-logs:read", "CALL_LOGS_READ"),
            ("call.logs_v2:read", "CALL_LOGS_V2_READ"),
            ("HTTPServer:read", "HTTP_SERVER_READ"),
            ("oauth2Clients:read", "OAUTH2_CLIENTS_READ"),
            ("OAuth2:read", "O_AUTH2_READ"),
            ("2fa:read", "_2FA_READ"),
            ("self:type", "SELF_TYPE"),
            ("a--b:_c_", "A_B_C"),
            ("-:-", ""),
            ("-:*", ""),
        ] {
            let made = of_scope(scope, ScopeNames::ResourceAction);
            assert_eq!(made, name, "{scope}");
            assert!(name.is_empty() || is_constant(name), "{scope}");
        }
    }

    #[test]
    fn names_of_opaque_scopes() {
        for (scope, name) in [
            (
                "https://example.com/auth/pets",
                "HTTPS_EXAMPLE_COM_AUTH_PETS",
            ),
            (
                "https://example.com/auth/pets.readonly",
                "HTTPS_EXAMPLE_COM_AUTH_PETS_READONLY",
            ),
            ("user-read-private", "USER_READ_PRIVATE"),
            ("repo:status", "REPO_STATUS"),
            ("chat:write:bot", "CHAT_WRITE_BOT"),
            ("Mail.ReadWrite", "MAIL_READ_WRITE"),
            ("repo", "REPO"),
            ("orders:*", "ORDERS_ALL"),
            ("*:*", "ALL_ALL"),
            ("*", "ALL"),
            ("apps/*:*", "APPS_ALL_ALL"),
            ("*/deployments:list", "ALL_DEPLOYMENTS_LIST"),
            ("deployments:list", "DEPLOYMENTS_LIST"),
            ("view_orders:{projectKey}", "VIEW_ORDERS_PROJECT_KEY"),
            ("2fa", "_2FA"),
            ("~!$", ""),
        ] {
            assert_eq!(of_scope(scope, ScopeNames::Opaque), name, "{scope}");
            assert!(name.is_empty() || is_constant(name), "{scope}");
        }
    }

    #[test]
    fn names_of_routes() {
        for (method, template, name, in_c) in [
            (Method::Get, "/orders/{id}", "GetOrdersId", "GET_ORDERS_ID"),
            (
                Method::Get,
                "/orders/{orderId}/",
                "GetOrdersOrderId",
                "GET_ORDERS_ORDER_ID",
            ),
            (
                Method::Get,
                "/files/{*path}",
                "GetFilesPath",
                "GET_FILES_PATH",
            ),
            (Method::Delete, "/", "DeleteRoot", "DELETE_ROOT"),
            (
                Method::Options,
                "/{}/{*}",
                "OptionsAnyRest",
                "OPTIONS_ANY_REST",
            ),
            (
                Method::Post,
                "/api/v1.2/call_logs/",
                "PostApiV12CallLogs",
                "POST_API_V1_2_CALL_LOGS",
            ),
            (Method::Put, "/caf%C3%A9", "PutCafC3A9", "PUT_CAF_C3_A9"),
            (
                Method::Patch,
                "/self/type/2",
                "PatchSelfType2",
                "PATCH_SELF_TYPE_2",
            ),
            (
                Method::Head,
                "/APIKeys/:id",
                "HeadApiKeysId",
                "HEAD_API_KEYS_ID",
            ),
        ] {
            let route = format!("{method} {template}");
            assert_eq!(of_route(method, template), name, "{route}");
            assert_eq!(of_route_in_c(method, template, None), in_c, "{route}");
            assert!(is_variant(name), "{route}");
        }
        assert_eq!(
            of_route_in_c(Method::Get, "/", Some("GetAPIKey")),
            "GET_API_KEY"
        );
    }

    #[test]
    fn names_that_a_file_may_state() {
        for (name, constant, variant) in [
            ("ORDERS_READ", true, false),
            ("_2FA", true, false),
            ("GetOrders", false, true),
            ("GETORDERS2", true, true),
            ("ALL", true, false),
            ("Self", false, false),
            ("self", false, false),
            ("type", false, false),
            ("__", false, false),
            ("", false, false),
            ("2FA", false, false),
            ("Get_Orders", false, false),
            ("GETÄ", false, false),
            ("A B", false, false),
            ("r#A", false, false),
        ] {
            assert_eq!(is_constant(name), constant, "{name}");
            assert_eq!(is_variant(name), variant, "{name}");
        }
    }
}
