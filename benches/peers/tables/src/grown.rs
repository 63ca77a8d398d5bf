//! Tables of any size.
//!
//! Up to the 5,203 routes of the real list, a table is a sample of it by whole
//! services (the first segment). Beyond, the list is repeated for more products,
//! as a company grows that has an API for each: `/compute/v1/…` becomes
//! `/fleet-compute/v1/…`. A minimising compiler would see through plain copies
//! and store one, so no two copies are alike:
//!
//! - in each service of a copy, a quarter of the literals below the version have
//!   the product's name in them (`instances` becomes `instances-fleet`);
//! - each copy lacks an eighth of the routes;
//! - each copy lacks those of more than eight segments, since a policy of 100,000 routes has 600,000
//!   segments at most.
//!
//! Which ones, a hash of product, service and literal decides, so that routes
//! which shared a prefix still share it. A renaming never makes two literals
//! equal, so templates overlap as before.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash};

use fastrand::Rng;
use rustc_hash::FxBuildHasher;

use crate::lists::{action, google, pbx};
use crate::{Listed, Table};

/// The words that stand for products.
const PRODUCTS: [&str; 26] = [
    "fleet", "retail", "clinic", "harbour", "studio", "bank", "farm", "school", "hotel", "theatre",
    "mill", "garage", "orchard", "library", "museum", "bakery", "office", "factory", "airport",
    "station", "market", "quarry", "brewery", "shipyard", "stadium", "depot",
];
/// Services with at least this many routes have their own scopes; the others
/// share their product's. A policy has 4,096 scopes at most.
const OWN_SCOPES: usize = 20;

/// The most segments of a template of a copy.
const MOST_SEGMENTS: usize = 8;

/// A table of about `routes` routes; of exactly that number, beyond the real list. 110 routes are
/// the PBX table.
///
/// # Panics
///
/// Beyond some 120,000 routes, where there are no more products.
pub fn grown(routes: usize) -> Table {
    if routes == 110 {
        return pbx();
    }
    let all = google();
    if routes == all.routes.len() {
        return all;
    }
    if routes < all.routes.len() {
        return sample(&all, routes);
    }
    let mut rows = Rows::default();
    for listed in &all.routes {
        rows.push(
            listed.method,
            &all.templates[listed.template],
            "google",
            listed,
        );
    }
    for product in PRODUCTS {
        copy(&all, product, routes, &mut rows);
    }
    assert_eq!(
        rows.0.len(),
        routes,
        "there are too few products for this many routes"
    );
    Table::new(format!("grown-{routes}"), false, rows.scoped())
}

/// Whole services in a random order, each if it still fits.
fn sample(all: &Table, routes: usize) -> Table {
    let mut services: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for listed in &all.routes {
        let template = &all.templates[listed.template];
        services.entry(service(template)).or_default().push(listed);
    }
    let mut services: Vec<Vec<&Listed>> = services.into_values().collect();
    Rng::with_seed(routes as u64).shuffle(&mut services);
    let mut chosen: Vec<&Listed> = Vec::new();
    for service in services {
        if chosen.len() + service.len() <= routes {
            chosen.extend(service);
        }
    }
    let rows = chosen.into_iter().map(|listed| {
        let template = &all.templates[listed.template];
        (
            listed.method,
            template,
            listed.scope.clone(),
            listed.overlaps,
        )
    });
    Table::new(format!("google-{routes}"), false, rows)
}

fn copy(all: &Table, product: &str, routes: usize, rows: &mut Rows) {
    for listed in &all.routes {
        if rows.0.len() == routes {
            return;
        }
        let template = &all.templates[listed.template];
        let is_deep = template.matches('/').count() > MOST_SEGMENTS;
        if is_deep || chance((product, template, listed.method)) % 8 == 0 {
            continue;
        }
        let service = service(template);
        let segments = template.split('/').enumerate().map(|(place, segment)| {
            if place == 1 {
                format!("{product}-{segment}")
            } else if place > 2
                && !segment.is_empty()
                && !segment.starts_with('{')
                && chance((product, service, segment)) % 4 == 0
            {
                format!("{segment}-{product}")
            } else {
                segment.to_owned()
            }
        });
        let template: Vec<String> = segments.collect();
        rows.push(listed.method, &template.join("/"), product, listed);
    }
}

fn service(template: &str) -> &str {
    template.split('/').nth(1).unwrap_or_default()
}

/// The same in every run.
fn chance(of: impl Hash) -> u64 {
    FxBuildHasher.hash_one(of) >> 32
}

/// Routes whose scopes wait until the services have been counted.
#[derive(Default)]
struct Rows(Vec<Row>);

struct Row {
    method: &'static str,
    template: String,
    product: String,
    overlaps: bool,
}

impl Rows {
    fn push(&mut self, method: &'static str, template: &str, product: &str, like: &Listed) {
        self.0.push(Row {
            method,
            template: template.to_owned(),
            product: product.to_owned(),
            overlaps: like.overlaps,
        });
    }

    fn scoped(self) -> Vec<(&'static str, String, String, bool)> {
        let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
        for row in &self.0 {
            *sizes.entry(service(&row.template).to_owned()).or_default() += 1;
        }
        let scoped = self.0.into_iter().map(|row| {
            let service = service(&row.template);
            let resource = if sizes[service] >= OWN_SCOPES {
                service
            } else {
                &row.product
            };
            let scope = format!("{resource}:{}", action(row.method));
            (row.method, row.template, scope, row.overlaps)
        });
        scoped.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn has_the_size_asked_for() {
        for routes in [110, 5203, 20_000, 100_000] {
            assert_eq!(grown(routes).routes.len(), routes);
        }
        for routes in [120, 1000] {
            let sample = grown(routes).routes.len();
            assert!((routes * 99 / 100..=routes).contains(&sample), "{sample}");
        }
    }

    #[test]
    fn has_no_two_services_alike() {
        let table = grown(20_000);
        let mut below: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
        for listed in &table.routes {
            let template = &table.templates[listed.template];
            let service = service(template);
            let rest = &template[service.len() + 1..];
            below
                .entry(service)
                .or_default()
                .insert((listed.method, rest));
        }
        let services = below.len();
        let large: Vec<_> = below
            .values()
            .filter(|routes| routes.len() >= OWN_SCOPES)
            .collect();
        let distinct: BTreeSet<_> = large.iter().collect();
        assert_eq!(distinct.len(), large.len(), "of {services} services");
        let scopes: BTreeSet<&String> = table.routes.iter().map(|r| &r.scope).collect();
        assert!(scopes.len() < 4096, "{}", scopes.len());
    }
}
