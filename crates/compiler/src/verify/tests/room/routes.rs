//! The faults that routes, their lists of scopes, and scopes have room for.

use routescope_core::__private::{Features, RouteRow, ScopeRow, TextRange};
use routescope_core::{Method, Methods};

use super::super::faults::Fault;
use super::super::needs::{self, Need};
use super::{other_ranges, rows, templates};
use crate::layout::owned::OwnedTables;

pub(super) fn route_faults(tables: &OwnedTables, faults: &mut Vec<Fault>) {
    let routes: Vec<RouteRow> = tables.decoded_routes().collect();
    let accepted = tables.accepted_numbers();
    let scope_ids = 0..u16::try_from(tables.scopes.len()).unwrap();
    for template in templates(tables) {
        let others = (0..1 << Method::ALL.len()).filter_map(Methods::from_bits);
        faults.extend(
            others
                .filter(|other| *other != template.methods())
                .map(|other| Fault::Methods(template, other)),
        );
        faults.extend(
            rows(routes.len())
                .filter(|route| *route != template.first_route())
                .map(|route| Fault::FirstRoute(template, route)),
        );
    }
    for (a, row) in routes.iter().enumerate() {
        let RouteRow {
            template,
            method,
            accepted: list,
        } = *row;
        faults.extend(
            Method::ALL
                .into_iter()
                .filter(|other| *other as u8 != method)
                .map(|other| Fault::Method(a, other)),
        );
        for (b, other) in routes.iter().enumerate().skip(a + 1) {
            if list != other.accepted {
                faults.push(Fault::SwapAccepted(a, b));
            }
            faults.push(Fault::SwapRoutes(a, b));
        }
        let need = Need::read(tables, a);
        let changes = needs::changes(&need, scope_ids.end);
        faults.extend(changes.into_iter().map(|change| Fault::Need(a, change)));
        let list = match need {
            Need::Scopes { singles, .. } => singles,
            Need::Public | Need::AnyKey => Vec::new(),
        };
        for at in 0..list.len() {
            let mut without = list.to_vec();
            without.remove(at);
            faults.push(Fault::Accepts(a, without));
            for other in scope_ids.clone().filter(|id| *id != list[at]) {
                let mut replaced = list.to_vec();
                replaced[at] = other;
                faults.push(Fault::Accepts(a, replaced));
            }
            if at > 0 {
                let mut swapped = list.to_vec();
                swapped.swap(at - 1, at);
                faults.push(Fault::Accepts(a, swapped));
            }
        }
        for id in scope_ids.clone() {
            for at in [0, list.len()] {
                let mut more = list.to_vec();
                more.insert(at, id);
                faults.push(Fault::Accepts(a, more));
            }
        }
        let texts = routes.iter().map(|other| other.template);
        let texts = other_ranges(template, texts, tables);
        faults.extend(texts.map(|text| Fault::RouteText(a, text)));
    }
    let all = [
        Features::SETS,
        Features::ANY_KEY,
        Features::PUBLIC,
        Features::OPAQUE,
    ];
    let bits = tables.features.bits();
    let without = all.map(|feature| Features::from_bits(bits & !feature.bits()));
    let opaque = tables.features.with(Features::OPAQUE);
    let others = without.into_iter().flatten().chain([opaque]);
    let others = others.filter(|other| *other != tables.features);
    faults.extend(others.map(Fault::Features));
    for (at, number) in accepted.iter().enumerate() {
        faults.extend(
            (0..=scope_ids.end)
                .filter(|other| other != number)
                .map(|other| Fault::AcceptedNumber(at, other)),
        );
    }
}

pub(super) fn scope_faults(tables: &OwnedTables, faults: &mut Vec<Fault>) {
    for (a, bytes) in tables.scopes.iter().enumerate() {
        let ScopeRow { name, .. } = ScopeRow::from_bytes(bytes);
        faults.push(Fault::Declared(a));
        faults.push(Fault::NoScope(a));
        faults.extend((a + 1..tables.scopes.len()).map(|b| Fault::SwapScopes(a, b)));
        let moved = rows(tables.text.len()).filter(|start| *start != name.start);
        let moved = moved.map(|start| TextRange { start, ..name });
        faults.extend(moved.map(|text| Fault::ScopeText(a, text)));
        let resized = (0..name.len + 4).filter(|len| *len != name.len);
        let resized = resized.map(|len| TextRange { len, ..name });
        faults.extend(resized.map(|text| Fault::ScopeText(a, text)));
    }
}
