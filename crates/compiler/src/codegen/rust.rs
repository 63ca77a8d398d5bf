//! The items of a generated module in Rust, but for its tables.

use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;

use super::docs;
use super::names::Names;
use crate::Compiled;

/// A text that is no Rust. The names are checked before, so that it is a mistake of the compiler, or
/// the path of a module that is none.
#[derive(Debug)]
pub(super) struct NotRust(String);

impl std::fmt::Display for NotRust {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<syn::Error> for NotRust {
    fn from(error: syn::Error) -> Self {
        Self(error.to_string())
    }
}

type Result<T> = std::result::Result<T, NotRust>;

/// The policy, and the functions that ask it.
pub(super) fn policy() -> Result<String> {
    let items = [
        quote! {
            /// The compiled policy.
            #[allow(long_running_const_eval)]
            pub static POLICY: engine::Policy<'static> = engine::Policy::new(TABLES);
        },
        quote! {
            /// The compiled policy with its tables as constants, for code that is generic over
            /// policies.
            #[derive(Clone, Copy, Debug)]
            pub struct Compiled;
        },
        quote! {
            impl engine::ConstantSource for Compiled {}
        },
        quote! {
            impl engine::PolicySource<'static> for Compiled {
                #[allow(clippy::inline_always, reason = "the caller is compiled for these tables")]
                #[inline(always)]
                fn policy(self) -> engine::Policy<'static> {
                    engine::Policy::from_validated(TABLES)
                }
            }
        },
        quote! {
            /// A key's scopes, prepared for this policy.
            pub type ScopeSet = engine::ScopeSet<{ POLICY.scope_words() }>;
        },
        quote! {
            /// Prepares a key's scopes; see [`Policy::scope_set`](engine::Policy::scope_set).
            #[must_use]
            pub fn scope_set(names: impl IntoIterator<Item = impl AsRef<str>>) -> ScopeSet {
                POLICY.scope_set_in(names)
            }
        },
        quote! {
            /// Whether a key that holds `held` may make the request; see
            /// [`Policy::authorize`](engine::Policy::authorize).
            #[inline]
            pub fn authorize(
                held: &(impl engine::HeldScopes + ?Sized),
                method: impl AsRef<[u8]>,
                target: impl AsRef<[u8]>,
            ) -> engine::Decision<'static> {
                engine::authorize(Compiled, held, method.as_ref(), target.as_ref())
            }
        },
        quote! {
            /// The requirement of a request: nothing, any valid key, or scopes; see
            /// [`Policy::required_scopes`](engine::Policy::required_scopes).
            ///
            /// # Errors
            ///
            /// The denial that every key gets here.
            #[inline]
            pub fn required_scopes(
                method: impl AsRef<[u8]>,
                target: impl AsRef<[u8]>,
            ) -> Result<engine::Requirement<'static>, engine::RouteDenial<'static>> {
                route(method, target).map(engine::Route::requirement)
            }
        },
        quote! {
            /// The public route that a request calls, if it calls one: it needs no key; see
            /// [`Policy::public_route`](engine::Policy::public_route).
            #[must_use]
            #[inline]
            pub fn public_route(
                method: impl AsRef<[u8]>,
                target: impl AsRef<[u8]>,
            ) -> Option<engine::Route<'static>> {
                engine::find_public_route(Compiled, method.as_ref(), target.as_ref())
            }
        },
        quote! {
            /// The route that a request calls, whoever makes it; see
            /// [`Policy::route`](engine::Policy::route).
            ///
            /// # Errors
            ///
            /// The denial that every key gets here.
            #[inline]
            pub fn route(
                method: impl AsRef<[u8]>,
                target: impl AsRef<[u8]>,
            ) -> Result<engine::Route<'static>, engine::RouteDenial<'static>> {
                engine::find_route(Compiled, method.as_ref(), target.as_ref())
            }
        },
    ];
    written(items)
}

/// `mod scopes`, with a constant for each scope.
pub(super) fn scopes(compiled: &Compiled, names: &Names) -> Result<String> {
    let summaries: HashMap<&str, &str> = compiled
        .document()
        .scopes
        .iter()
        .filter_map(|entry| Some((entry.name.value.as_str(), entry.summary.as_deref()?)))
        .collect();
    let mut constants = TokenStream::new();
    for ((scope, named), id) in compiled.policy().scopes().zip(&names.scopes).zip(0u16..) {
        let constant: syn::Ident = syn::parse_str(&named.name)?;
        let (name, id) = (scope.name(), proc_macro2::Literal::u16_unsuffixed(id));
        let summary = summaries.get(name).copied();
        let lines = docs::of_scope(compiled.policy(), scope, summary)
            .into_iter()
            .map(comment);
        constants.extend(quote! {
            #(#[doc = #lines])*
            pub const #constant: engine::Scope<'static> = scope(#id, #name);
        });
    }
    written([quote! {
        /// The scopes that the policy knows, the implied ones included.
        pub mod scopes {
            use super::engine;

            #constants

            /// Each constant is checked against the tables.
            const fn scope(id: u16, name: &str) -> engine::Scope<'static> {
                engine::scope(super::TABLES, id, name)
            }
        }
    }])
}

/// `enum Route`, with a variant for each route.
pub(super) fn routes(compiled: &Compiled, names: &Names) -> Result<String> {
    let mut variants = Vec::with_capacity(names.routes.len());
    let mut lines = Vec::with_capacity(names.routes.len());
    for (route, named) in compiled.policy().routes().zip(&names.routes) {
        variants.push(syn::parse_str::<syn::Ident>(&named.name)?);
        lines.push(comment(docs::of_route(route)));
    }
    let count = proc_macro2::Literal::usize_unsuffixed(variants.len());
    // Without routes, no value of the enum exists, and it has no number to represent.
    let (representation, index) = if variants.is_empty() {
        (TokenStream::new(), quote!(match self {}))
    } else {
        (quote!(#[repr(u16)]), quote!(self as usize))
    };
    let items = [
        quote! {
            /// The routes of the policy, in the order of [`POLICY.routes()`](engine::Policy::routes).
            #[allow(
                clippy::enum_variant_names,
                clippy::upper_case_acronyms,
                reason = "a rule makes the names of what the policy lists"
            )]
            #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
            #representation
            pub enum Route {
                #(#[doc = #lines] #variants,)*
            }
        },
        quote! {
            impl Route {
                /// Every route, each at its [index](Self::index).
                pub const ALL: [Self; #count] = [#(Self::#variants,)*];

                /// The name of a route that this policy found. A request with HEAD has that of GET.
                ///
                /// `None` for a route of any other policy, such as one that was loaded at run time:
                /// the name of another route is never given.
                #[must_use]
                pub fn of(route: engine::Route<'_>) -> Option<Self> {
                    let index = engine::index_in(TABLES, route)?;
                    Self::ALL.get(index).copied()
                }

                /// Its place in [`Self::ALL`], from 0: an index for an array of counters.
                #[must_use]
                pub const fn index(self) -> usize {
                    #index
                }

                /// The method that it lists.
                #[must_use]
                pub fn method(self) -> engine::Method {
                    engine::Route::from(self).method()
                }

                /// The path template as the file writes it.
                #[must_use]
                pub fn template(self) -> &'static str {
                    engine::Route::from(self).template()
                }

                /// The requirement of a request that calls it.
                #[must_use]
                pub fn requirement(self) -> engine::Requirement<'static> {
                    engine::Route::from(self).requirement()
                }

                /// The scopes of which each alone suffices, narrowest first. Without any, ask
                /// [`Self::requirement`]: the route may need several at once.
                #[must_use]
                pub fn accepted(self) -> engine::AcceptedScopes<'static> {
                    engine::Route::from(self).accepted()
                }
            }
        },
        quote! {
            impl From<Route> for engine::Route<'static> {
                fn from(route: Route) -> Self {
                    engine::route(TABLES, route.index())
                }
            }
        },
        quote! {
            /// `GET /things/{id}`
            impl core::fmt::Display for Route {
                fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                    core::fmt::Display::fmt(&engine::Route::from(*self), f)
                }
            }
        },
        quote! {
            const _: () = engine::has_routes(TABLES, Route::ALL.len());
        },
    ];
    written(items)
}

/// `scope_set!`, for a module whose path is known. The formatter does not lay out macros, so that
/// this one is text.
pub(super) fn scope_set_macro(module: &str) -> Result<String> {
    let module = module_path(module)?;
    Ok(format!(
        "macro_rules! scope_set_of_names {{
    ($($scope:ident),* $(,)?) => {{
        {module}::ScopeSet::of({module}::POLICY, &[$({module}::scopes::$scope),*])
    }};
}}

/// The set of these `scopes`, by their names, in a constant:
/// `const SERVICE: ScopeSet = scope_set![...];`
pub(crate) use scope_set_of_names as scope_set;

"
    ))
}

/// The path of a module as Rust writes it: of names alone, and without what is no part of it.
fn module_path(text: &str) -> Result<String> {
    let path = syn::Path::parse_mod_style.parse_str(text)?;
    let names: Vec<String> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let root = if path.leading_colon.is_some() {
        "::"
    } else {
        ""
    };
    Ok(format!("{root}{}", names.join("::")))
}

/// The line that brings the engine of a crate into a module that is a file by itself.
pub(super) fn engine_of(dependency: &str) -> Result<String> {
    let dependency: syn::Ident = syn::parse_str(dependency)?;
    Ok(format!(
        "use ::{dependency}::__private::generated as engine;\n\n"
    ))
}

fn comment(line: String) -> String {
    if line.is_empty() {
        line
    } else {
        format!(" {line}")
    }
}

/// Items as text, with an empty line after each.
fn written(items: impl IntoIterator<Item = TokenStream>) -> Result<String> {
    let mut text = String::new();
    for item in items {
        let file: syn::File = syn::parse2(item)?;
        for line in with_empty_lines(&prettyplease::unparse(&file)) {
            text.push_str(line);
            text.push('\n');
        }
        text.push('\n');
    }
    Ok(text)
}

/// The lines of a text, with an empty one between what an item ends with and the comment or
/// attribute of the next.
fn with_empty_lines(text: &str) -> impl Iterator<Item = &str> {
    let mut ended = false;
    text.lines().flat_map(move |line| {
        let code = line.trim_start();
        let begins = code.starts_with("///") || code.starts_with("#[");
        let apart = ended && begins;
        ended = !code.starts_with("///") && code.ends_with([';', '}']);
        apart.then_some("").into_iter().chain([line])
    })
}
