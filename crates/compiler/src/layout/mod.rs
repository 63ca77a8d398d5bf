//! Lays out the tables: [`Model`] and automaton -> [`OwnedPolicy`].

pub(crate) mod bytes;
pub(crate) mod compress;
pub(crate) mod dispatch;
pub(crate) mod emit;
pub(crate) mod exact;
pub(crate) mod owned;
pub(crate) mod perfect_hash;
mod scope_lists;
pub(crate) mod scopes;
pub(crate) mod string_pool;

use routescope_core::__private::{
    Accept, Features, HashedEdge, LAYOUT, MAX_ROUTES, MAX_TEXT, RouteRow, ScopeRow, SlashPair,
    State, StateKind,
};
use routescope_core::Methods;

use crate::automaton::SegmentAutomaton;
use crate::automaton::no_tables::{NoTables, OverLimit};
use crate::layout::dispatch::StateTables;
use crate::layout::exact::ExactMap;
use crate::layout::owned::{OwnedPolicy, OwnedTables, accepts as encode_accepts, u16s, u64s};
use crate::layout::scope_lists::ScopeLists;
use crate::layout::scopes::ScopeHash;
use crate::layout::string_pool::StringPool;
use crate::model::digest::digest;
use crate::model::requirements::Requirements;
use crate::model::{Listing, Model, ScopeName};
use crate::source::document::ScopeNames;

/// Lays out the tables of a model, of whose templates this is the automaton.
pub(crate) fn lower(model: &Model, automaton: &SegmentAutomaton) -> Result<OwnedPolicy, NoTables> {
    let known: Vec<ScopeName> = in_name_order(model);
    let mut text = StringPool::new(
        model
            .templates
            .iter()
            .flat_map(|listing| &listing.routes)
            .map(|route| route.text.as_str()),
    );
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    let scopes = scope_rows(model, &known, &mut text);
    let scope_hash = ScopeHash::new(&names)?;
    let RouteTables {
        accepts,
        routes,
        accepted,
        features,
    } = route_tables(model, &known, &text)?;
    let StateTables {
        states,
        slash_pairs,
        edge_slots,
        edges,
        edge_displacements,
    } = dispatch::build(automaton.states(), &accepts, &mut text, model.options)?;
    let exact = ExactMap::new(model, &accepts);
    let text = text.into_string();
    if text.len() > MAX_TEXT {
        return Err(NoTables::OverLimit(OverLimit {
            what: "bytes of text",
            limit: MAX_TEXT,
        }));
    }
    Ok(OwnedPolicy::new(OwnedTables {
        name: model.name.clone(),
        updated: model.updated.clone().unwrap_or_default(),
        revision: model.revision.unwrap_or_default(),
        umbrella: model.umbrella.clone().unwrap_or_default(),
        digest: digest(model),
        layout: LAYOUT,
        features: features.with(features_of(&states)),
        options: model.options,
        key: model.key.clone(),
        states: states.into_iter().map(State::to_bytes).collect(),
        slash_pairs: slash_pairs.into_iter().map(SlashPair::to_bytes).collect(),
        edge_slots,
        edges: edges.into_iter().map(HashedEdge::to_bytes).collect(),
        edge_displacements: u16s(&edge_displacements),
        exact: encode_accepts(&exact.slots),
        exact_displacements: u16s(&exact.displacements),
        exact_hash_words: exact.hash_words,
        exact_filter: u64s(&exact.filter),
        routes: routes.into_iter().map(RouteRow::to_bytes).collect(),
        accepted: u16s(&accepted),
        scopes: scopes.into_iter().map(ScopeRow::to_bytes).collect(),
        scope_slots: u16s(&scope_hash.slots),
        scope_displacements: u16s(&scope_hash.displacements),
        scope_hash_words: scope_hash.words,
        text,
    }))
}

/// The features that rows of states use.
fn features_of(states: &[State]) -> Features {
    let is_affix = |state: &State| matches!(state.kind, StateKind::AffixEdge { .. });
    if states.iter().any(is_affix) {
        Features::NONE.with(Features::AFFIXES)
    } else {
        Features::NONE
    }
}

/// The scopes in byte order of their names, in which policies list them and
/// which is not the order of their parts: `a-b:x` comes before `a:x`.
fn in_name_order(model: &Model) -> Vec<ScopeName> {
    let mut known: Vec<ScopeName> = model.known_scopes().into_iter().collect();
    known.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    known
}

fn scope_rows(model: &Model, known: &[ScopeName], text: &mut StringPool) -> Vec<ScopeRow> {
    known
        .iter()
        .map(|scope| ScopeRow {
            name: text.add(scope.as_str()),
            declared: model.scopes.contains(scope),
        })
        .collect()
}

/// The routes of a policy, and what they need.
struct RouteTables {
    /// Of each template, the accepting entry.
    accepts: Vec<Accept>,
    routes: Vec<RouteRow>,
    accepted: Vec<u16>,
    features: Features,
}

fn route_tables(
    model: &Model,
    known: &[ScopeName],
    text: &StringPool,
) -> Result<RouteTables, NoTables> {
    let requirements = Requirements::new(model)?;
    let mut lists = ScopeLists::new(known);
    let mut accepts = Vec::with_capacity(model.templates.len());
    let mut routes = Vec::with_capacity(model.route_count());
    for Listing {
        template: _,
        routes: listed,
    } in &model.templates
    {
        let first_route = u32::try_from(routes.len())
            .ok()
            .filter(|_| routes.len() < MAX_ROUTES)
            .ok_or(OverLimit {
                what: "routes",
                limit: MAX_ROUTES,
            })?;
        let methods = listed
            .iter()
            .fold(Methods::NONE, |methods, route| methods.with(route.method));
        accepts.push(Accept::template(first_route, methods));
        for route in listed {
            routes.push(RouteRow {
                template: text.of_template(&route.text),
                accepted: lists.add(requirements.of(route))?,
                method: route.method as u8,
            });
        }
    }
    let opaque = match model.scope_names {
        ScopeNames::ResourceAction => Features::NONE,
        ScopeNames::Opaque => Features::OPAQUE,
    };
    Ok(RouteTables {
        accepts,
        routes,
        features: lists.features.with(opaque),
        accepted: lists.numbers,
    })
}
