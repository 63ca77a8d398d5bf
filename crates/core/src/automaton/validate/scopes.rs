//! Checks routes, their lists of scopes, and the names of scopes.

use super::{Check, err};
use crate::Method;
use crate::automaton::{MAX_SCOPE_NAME, MAX_SCOPES, RouteRow, ScopeRow, Tables, TextRange};

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
            if let Err(error) = self.validate_list(route.accepted as usize) {
                return Err(error);
            }
            row += 1;
        }
        Ok(())
    }

    const fn validate_list(&self, list: usize) -> Check {
        let Some((_, [count, rest @ ..])) = self.accepted.split_at_checked(list) else {
            return err("routes: a list of scopes is out of range");
        };
        // An empty list would deny everybody, which no file can ask for.
        let mut scopes = match rest.split_at_checked(u16::from_le_bytes(*count) as usize) {
            Some((list, _)) if !list.is_empty() && list.len() <= MAX_SCOPES => list,
            _ => return err("accepted: a list is empty or too long"),
        };
        let mut mask = 0u64;
        while let [scope, after @ ..] = scopes {
            let scope = u16::from_le_bytes(*scope);
            if scope as usize >= self.scopes.len() {
                return err("accepted: a scope is out of range");
            }
            mask |= 1 << (scope & 63);
            scopes = after;
        }
        if self.has_masks() && mask != self.mask(list as u32) {
            return err("accepted: a mask is not that of its list");
        }
        Ok(())
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
            if !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-' | b'.' | b':' | b'*') {
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
