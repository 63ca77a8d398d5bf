//! What can be wrong with tables that nobody meant to be wrong: indices, lengths
//! and bytes. What they mean is the compiler's to prove.

use crate::Method;
use crate::automaton::{
    Edge, End, GROUP, HASHED, LAYOUT, LITERALS, MAX_LOG2, MAX_SCOPES, MAX_SIBLINGS, MAX_STATES,
    MAX_TEXT, NONE, RouteRow, SIBLINGS, STATE, ScopeRow, State, Tables, VALUE,
};
use crate::path::{MAX_SEGMENTS, PLAIN};

impl Tables<'_> {
    /// What is wrong with the tables, or `None`: they are laid out as this version reads
    /// them, every index is in range, every group is in a table and leads forward, every
    /// name is in order.
    ///
    /// Says nothing about whether they mean what the file says; that is the
    /// compiler's proof.
    #[must_use]
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "runs when a policy is built, in a const for static ones, where it stops the build"
    )]
    pub const fn fault(&self) -> Option<&'static str> {
        if self.layout != LAYOUT {
            return Some(
                "layout: another version of routescope-compiler wrote these tables; have them written by the one of this routescope-core's version",
            );
        }
        if self.states.is_empty() || self.states.len() > MAX_STATES {
            return Some("states: none, or too many");
        }
        if !self.displacements.len().is_power_of_two()
            || !self.literal_displacements.len().is_power_of_two()
            || !self.literal_filter.len().is_power_of_two()
        {
            return Some("displacements, or filter: not a power of two");
        }
        if self.slots == 0 || self.slots as usize > self.edges.len() {
            return Some("edges: fewer than slots");
        }
        if self.scopes.len() > MAX_SCOPES {
            return Some("scopes: too many");
        }
        if self.text.len() > MAX_TEXT {
            return Some("text: too long");
        }
        if let [0, 0, 0, 0, 0, 0, 0, 0, ..] = self.digest {
            // A prepared set names its policy by these bytes; zero is the empty set's.
            return Some("digest: begins with zeros");
        }
        if let Some(fault) = self.state_fault() {
            return Some(fault);
        }
        if let Some(fault) = self.edge_fault() {
            return Some(fault);
        }
        if let Some(fault) = self.route_fault() {
            return Some(fault);
        }
        self.scope_fault()
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn state_fault(&self) -> Option<&'static str> {
        if !self.is_state(0) {
            return Some("states: the start is a group");
        }
        let mut i = 0;
        while i < self.states.len() {
            let State {
                label,
                next,
                end,
                value,
                label_len,
                shape,
                kind,
                ..
            } = self.states[i];
            if label_len != 0 && !self.is_label(label, label_len) {
                return Some("states: a label is out of range or has a byte that none has");
            }
            if !self.is_end(end, true) || kind == VALUE && !self.is_end(End::from_bits(value), true)
            {
                return Some("states: an end is out of range, or lists other methods");
            }
            let leads = self.is_state(value);
            let rows = match kind {
                LITERALS | VALUE if self.states[i].log2() <= MAX_LOG2 => 1 << (shape & 0x1F),
                // Forward, so that the groups in groups end.
                GROUP if self.states[i].log2() <= MAX_LOG2 && next as usize > i => {
                    1 << (shape & 0x1F)
                }
                STATE if leads => 0,
                SIBLINGS if leads && shape <= MAX_SIBLINGS => shape as usize,
                HASHED if leads || value == NONE => 0,
                _ => return Some("states: no such kind, or a table that is out of range"),
            };
            if kind != HASHED && next as usize + rows > self.states.len() {
                return Some("states: a table that is out of range");
            }
            let mut k = next as usize;
            while kind == SIBLINGS && k < next as usize + rows {
                if self.states[k].label_len == 0 {
                    return Some("states: a sibling has no label");
                }
                k += 1;
            }
            if kind == GROUP && label_len != 0 {
                return Some("states: a group has a label");
            }
            i += 1;
        }
        i = 0;
        while i < self.twins.len() {
            if !self.is_slash_end(self.twins[i][0]) || !self.is_slash_end(self.twins[i][1]) {
                return Some("twins: an end is out of range, or lists other methods");
            }
            i += 1;
        }
        i = 0;
        while i < self.literals.len() {
            if !self.is_end(self.literals[i], false) {
                return Some("literals: an end is out of range, or lists other methods");
            }
            i += 1;
        }
        None
    }

    /// Whether a path can have come to that row. A group only goes on choosing: as a
    /// state it would have neither labels nor a kind of value.
    #[allow(clippy::indexing_slicing, reason = "as fault()")]
    const fn is_state(&self, row: u32) -> bool {
        (row as usize) < self.states.len() && self.states[row as usize].kind != GROUP
    }

    /// Whether there are such routes, or such twins.
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn is_end(&self, end: End, or_twins: bool) -> bool {
        if end.bits() == End::NONE.bits() {
            return true;
        }
        if let Some(row) = end.as_twins() {
            return or_twins && (row as usize) < self.twins.len();
        }
        let mut route = end.first_route() as usize;
        let mut bits = end.methods().bits();
        if bits == 0 {
            return false;
        }
        while bits != 0 {
            if route >= self.routes.len()
                || self.routes[route].method as u32 != bits.trailing_zeros()
            {
                return false;
            }
            bits &= bits - 1;
            route += 1;
        }
        true
    }

    /// Whether there are such routes, or a path can have such a segment to be refused for.
    const fn is_slash_end(&self, end: End) -> bool {
        match end.as_refused() {
            Some(segment) => (segment as usize) < MAX_SEGMENTS,
            None => self.is_end(end, false),
        }
    }

    /// Whether text can be a label, as far as its bytes say it.
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn is_label(&self, label: u32, label_len: u16) -> bool {
        let end = label as usize + label_len as usize;
        if end > self.text.len() || label_len == 0 {
            return false;
        }
        // No calls in here: a constant is interpreted, and large tables have
        // millions of bytes.
        let (text, plain) = (self.text.as_bytes(), &PLAIN);
        let mut i = label as usize;
        while i < end {
            let byte = text[i];
            if plain[(byte >> 5) as usize] >> (byte & 31) & 1 == 0 && byte != b'%' && byte != b'/' {
                return false;
            }
            i += 1;
        }
        true
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn edge_fault(&self) -> Option<&'static str> {
        let mut i = 0;
        while i < self.edges.len() {
            let Edge {
                state,
                target,
                label,
                label_len,
                twin,
            } = self.edges[i];
            if state != NONE {
                if !self.is_state(target) {
                    return Some("edges: a target is out of range, or a group");
                }
                if !self.is_label(label, label_len) {
                    return Some(
                        "edges: a label is out of range or has a byte that no segment has",
                    );
                }
            }
            // Twins lead forward too, so that a chain of them ends.
            let next = self.slots as usize + twin as usize;
            if twin != 0 && (next > self.edges.len() || next - 1 <= i) {
                return Some("edges: a twin is out of range or leads back");
            }
            i += 1;
        }
        None
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn route_fault(&self) -> Option<&'static str> {
        let mut i = 0;
        while i < self.routes.len() {
            let RouteRow {
                template,
                accepted,
                template_len,
                method,
            } = self.routes[i];
            if method as usize >= Method::ALL.len() {
                return Some("routes: no such method");
            }
            if template as usize + template_len as usize > self.text.len() {
                return Some("routes: a template is out of range");
            }
            if accepted as usize >= self.accepted.len() {
                return Some("routes: a list of scopes is out of range");
            }
            let count = self.accepted[accepted as usize] as usize;
            // An empty list would deny everybody, which no file can ask for.
            if count == 0 || accepted as usize + count >= self.accepted.len() {
                return Some("accepted: a list is empty or too long");
            }
            let mut k = 1;
            while k <= count {
                if self.accepted[accepted as usize + k] as usize >= self.scopes.len() {
                    return Some("accepted: a scope is out of range");
                }
                k += 1;
            }
            if self.has_masks() && self.mask_of(accepted as usize, count) != self.mask(accepted) {
                return Some("accepted: the bits of a list are not its scopes'");
            }
            i += 1;
        }
        None
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn scope_fault(&self) -> Option<&'static str> {
        let mut i = 0;
        while i < self.scopes.len() {
            let ScopeRow { name, name_len, .. } = self.scopes[i];
            if name as usize + name_len as usize > self.text.len() {
                return Some("scopes: a name is out of range");
            }
            if i > 0 && !self.in_order(i - 1, i) {
                return Some("scopes: names are not in order");
            }
            i += 1;
        }
        None
    }

    /// Whether the name of scope `a` comes before that of scope `b`.
    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn in_order(&self, a: usize, b: usize) -> bool {
        let text = self.text.as_bytes();
        let (a, b) = (self.scopes[a], self.scopes[b]);
        let mut i = 0;
        while i < a.name_len as usize && i < b.name_len as usize {
            let (left, right) = (text[a.name as usize + i], text[b.name as usize + i]);
            if left != right {
                return left < right;
            }
            i += 1;
        }
        a.name_len < b.name_len
    }

    #[allow(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "as fault()"
    )]
    const fn mask_of(&self, list: usize, count: usize) -> u64 {
        let mut mask = 0;
        let mut i = 1;
        while i <= count {
            mask |= 1 << (self.accepted[list + i] & 63);
            i += 1;
        }
        mask
    }
}
