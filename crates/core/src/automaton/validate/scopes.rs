//! Checks routes, their lists of scopes, and the names of scopes.

use super::{Check, TableError, err};
use crate::Method;
use crate::automaton::{
    Features, MAX_SCOPE_NAME, MAX_SCOPES, MAX_SET_LEN, MAX_SETS, RouteRow, SETS_FOLLOW, ScopeRow,
    Tables, TextRange,
};

impl Tables<'_> {
    pub(super) const fn validate_routes(&self) -> Check {
        let mut row = 0;
        while row < self.routes.len() {
            let route = RouteRow::from_bytes(&self.routes[row]);
            if route.method as usize >= Method::ALL.len() {
                return err("routes: no such method");
            }
            let [.., unused] = self.routes[row];
            if unused != 0 {
                return err("routes: a byte that no field has");
            }
            if !self.has_text(route.template) {
                return err("routes: a template is out of range");
            }
            if let Err(error) = self.validate_requirement(route.accepted) {
                return Err(error);
            }
            row += 1;
        }
        Ok(())
    }

    const fn validate_requirement(&self, accepted: u32) -> Check {
        match accepted {
            RouteRow::PUBLIC if self.features.has(Features::PUBLIC) => Ok(()),
            RouteRow::ANY_KEY if self.features.has(Features::ANY_KEY) => Ok(()),
            list => self.validate_list(list as usize),
        }
    }

    const fn validate_list(&self, list: usize) -> Check {
        let Some((_, [count, rest @ ..])) = self.accepted.split_at_checked(list) else {
            return err("routes: a list of scopes is out of range");
        };
        let count = u16::from_le_bytes(*count);
        let sets_follow = count & SETS_FOLLOW != 0;
        let count = count & !SETS_FOLLOW;
        // A route that nobody can call is none that a file can ask for.
        if count == 0 && !sets_follow || count as usize > MAX_SCOPES {
            return err("accepted: a list is empty or too long");
        }
        let Some((scopes, rest)) = rest.split_at_checked(count as usize) else {
            return err("accepted: a list is out of range");
        };
        let mask = match self.mask_of_list(scopes) {
            Ok(mask) => mask,
            Err(error) => return Err(error),
        };
        if self.has_masks() && mask != self.mask(list as u32) {
            return err("accepted: a mask is not that of its list");
        }
        if sets_follow {
            return self.validate_sets(count, rest);
        }
        Ok(())
    }

    /// The mask of a list of scopes, which are all in range.
    const fn mask_of_list(&self, scopes: &[[u8; 2]]) -> Result<u64, TableError> {
        let (mut mask, mut rest) = (0u64, scopes);
        while let [scope, after @ ..] = rest {
            let scope = u16::from_le_bytes(*scope);
            if scope as usize >= self.scopes.len() {
                return Err(TableError("accepted: a scope is out of range"));
            }
            mask |= 1 << (scope & 63);
            rest = after;
        }
        Ok(mask)
    }

    /// Checks the sets after a list of `singles` scopes.
    const fn validate_sets(&self, singles: u16, numbers: &[[u8; 2]]) -> Check {
        const OUT_OF_RANGE: Check = err("accepted: a set is out of range");
        if !self.features.has(Features::SETS) {
            return err("accepted: sets in a policy that has none");
        }
        let [count, rest @ ..] = numbers else {
            return OUT_OF_RANGE;
        };
        let count = u16::from_le_bytes(*count);
        if count == 0 || count as usize > MAX_SETS {
            return err("accepted: no set, or too many");
        }
        let (mut rest, mut left, mut last_position) = (rest, count, 0);
        while left > 0 {
            let [position, clauses, after @ ..] = rest else {
                return OUT_OF_RANGE;
            };
            let position = u16::from_le_bytes(*position);
            if position > singles || position < last_position {
                return err("accepted: the sets are not in order");
            }
            last_position = position;
            let mut clauses = u16::from_le_bytes(*clauses);
            // One scope alone is no set.
            if clauses < 2 || clauses as usize > MAX_SET_LEN {
                return err("accepted: a set has too few scopes, or too many");
            }
            rest = after;
            while clauses > 0 {
                rest = match self.validate_clause(rest) {
                    Ok(rest) => rest,
                    Err(error) => return Err(error),
                };
                clauses -= 1;
            }
            left -= 1;
        }
        Ok(())
    }

    /// Checks the clause that the numbers begin with, and returns those after it.
    const fn validate_clause<'n>(
        &self,
        numbers: &'n [[u8; 2]],
    ) -> Result<&'n [[u8; 2]], TableError> {
        const OUT_OF_RANGE: TableError = TableError("accepted: a set is out of range");
        let (stated, rest) = match numbers {
            [[a, b], [c, d], [e, f], [g, h], rest @ ..] if self.has_masks() => {
                (u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), rest)
            }
            rest if !self.has_masks() => (0, rest),
            _ => return Err(OUT_OF_RANGE),
        };
        let [count, rest @ ..] = rest else {
            return Err(OUT_OF_RANGE);
        };
        // Without a scope, nobody could meet the clause.
        let count = u16::from_le_bytes(*count) as usize;
        if count == 0 || count > MAX_SCOPES {
            return Err(TableError("accepted: a clause is empty or too long"));
        }
        let Some((scopes, rest)) = rest.split_at_checked(count) else {
            return Err(OUT_OF_RANGE);
        };
        match self.mask_of_list(scopes) {
            Ok(mask) if self.has_masks() && mask != stated => {
                Err(TableError("accepted: a mask is not that of its clause"))
            }
            Ok(_) => Ok(rest),
            Err(error) => Err(error),
        }
    }

    pub(super) const fn validate_scopes(&self) -> Check {
        let mut row = 0;
        while row < self.scopes.len() {
            let name = ScopeRow::from_bytes(&self.scopes[row]).name;
            let [.., declared, unused] = self.scopes[row];
            if declared > 1 || unused != 0 {
                return err("scopes: a byte that no field has");
            }
            if !self.is_scope_name(name) {
                return err("scopes: a name is out of range or has a byte that none has");
            }
            if row > 0 && !self.in_order(ScopeRow::from_bytes(&self.scopes[row - 1]).name, name) {
                return err("scopes: names are not in order");
            }
            row += 1;
        }
        let mut slot = 0;
        while slot < self.scope_slots.len() {
            if u16::from_le_bytes(self.scope_slots[slot]) as usize >= self.scopes.len() {
                return err("scopes: a slot of the hash of names is out of range");
            }
            slot += 1;
        }
        Ok(())
    }

    /// Whether a text is in range and consists of bytes that scope names have. None is empty, so
    /// that a name that could not be read is held by nobody, and none has a quote, which would
    /// end a parameter of a challenge.
    const fn is_scope_name(&self, name: TextRange) -> bool {
        let mut rest = self.part(name);
        if rest.is_empty() || rest.len() > MAX_SCOPE_NAME {
            return false;
        }
        while let [byte, after @ ..] = rest {
            let fits = if self.features.has(Features::OPAQUE) {
                // RFC 6749 section 3.3: a scope-token. Commas separate alternatives.
                byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b',')
            } else {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'*')
            };
            if !fits {
                return false;
            }
            rest = after;
        }
        true
    }

    /// Whether text `a` comes before text `b`.
    const fn in_order(&self, a: TextRange, b: TextRange) -> bool {
        let (mut a, mut b) = (self.part(a), self.part(b));
        while let ([left, after_a @ ..], [right, after_b @ ..]) = (a, b) {
            if *left != *right {
                return *left < *right;
            }
            (a, b) = (after_a, after_b);
        }
        a.len() < b.len()
    }
}
