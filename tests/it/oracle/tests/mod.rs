//! The oracle has to be right before anything is compared with it: it meets the published cases, and
//! small tables whose answers can be read off the rules.

mod decisions;
mod published;
mod scopes;
mod targets;

use super::{Heading, Listed, Oracle, Verdict};

/// A policy from lines such as `a:read GET /a/{id}/`.
fn table(lines: &[&str]) -> Oracle {
    let routes = lines.iter().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        Listed {
            heading: Heading::of(words[0]),
            method: words[1].to_string(),
            template: words[2].to_string(),
        }
    });
    Oracle {
        routes: routes.collect(),
        ..Oracle::default()
    }
}

/// The route that answers, or the reason in short.
fn answer(oracle: &Oracle, method: &str, target: &str) -> String {
    match oracle.required(method.as_bytes(), target.as_bytes()) {
        Ok((route, _)) => route,
        Err(Verdict::MethodNotListed { template, methods }) => {
            format!("not on {template}: {}", methods.join(" "))
        }
        Err(verdict) => format!("{verdict:?}"),
    }
}
