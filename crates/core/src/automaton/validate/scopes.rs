//! Checks routes, their lists of scopes, and the names of scopes.

use super::{Check, TableError, err};
use crate::Method;
use crate::automaton::{
    Features, MAX_SCOPE_NAME, MAX_SCOPES, MAX_SET_LEN, MAX_SETS, RouteRow, SETS_FOLLOW, ScopeRow,
    Tables, TextRange,
};

/// The sentences about what can be wrong with a list.
struct Sentences {
    start: TableError,
    length: TableError,
    end: TableError,
    mask: TableError,
}

static OF_ROUTE: Sentences = Sentences {
    start: TableError("routes: a list of scopes is out of range"),
    length: TableError("accepted: a list is empty or too long"),
    end: TableError("accepted: a list is out of range"),
    mask: TableError("accepted: a mask is not that of its list"),
};

static OF_CLAUSE: Sentences = Sentences {
    start: TableError("accepted: a set is out of range"),
    length: TableError("accepted: a clause is empty or too long"),
    end: TableError("accepted: a set is out of range"),
    mask: TableError("accepted: a mask is not that of its clause"),
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
            RouteRow::PUBLIC if self.features.has(Features::PUBLIC) => return Ok(()),
            RouteRow::ANY_KEY if self.features.has(Features::ANY_KEY) => return Ok(()),
            _ => {}
        }
        // The mask precedes the place that the row names.
        let numbers = match (accepted as usize).checked_sub(self.mask_len()) {
            Some(start) => match self.accepted.split_at_checked(start) {
                Some((_, numbers)) => numbers,
                None => &[],
            },
            None => &[],
        };
        let (count, rest) = match self.validate_list(numbers, &OF_ROUTE) {
            Ok(list) => list,
            Err(error) => return Err(error),
        };
        if count & SETS_FOLLOW != 0 {
            return self.validate_sets(count & !SETS_FOLLOW, rest);
        }
        // A route that nobody can call is none that a file can ask for.
        if count == 0 {
            return Err(OF_ROUTE.length);
        }
        Ok(())
    }

    /// The number of entries that a mask has, if there are masks.
    const fn mask_len(&self) -> usize {
        if self.has_masks() { 4 } else { 0 }
    }

    /// Checks the list that the numbers begin with, with its mask. Returns its count, with the bit
    /// [`SETS_FOLLOW`], and the numbers after it.
    ///
    /// Not inlined, because it is called for routes and for clauses, and takes flash.
    #[inline(never)]
    const fn validate_list<'n>(
        &self,
        numbers: &'n [[u8; 2]],
        sentences: &'static Sentences,
    ) -> Result<(u16, &'n [[u8; 2]]), TableError> {
        let Some((stated, [count, rest @ ..])) = numbers.split_at_checked(self.mask_len()) else {
            return Err(sentences.start);
        };
        let count = u16::from_le_bytes(*count);
        let len = (count & !SETS_FOLLOW) as usize;
        if len > MAX_SCOPES {
            return Err(sentences.length);
        }
        let Some((mut scopes, rest)) = rest.split_at_checked(len) else {
            return Err(sentences.end);
        };
        let mut mask = 0u64;
        while let [scope, after @ ..] = scopes {
            let scope = u16::from_le_bytes(*scope);
            if scope as usize >= self.scopes.len() {
                return Err(TableError("accepted: a scope is out of range"));
            }
            mask |= 1 << (scope & 63);
            scopes = after;
        }
        if let [[a, b], [c, d], [e, f], [g, h]] = stated
            && mask != u64::from_le_bytes([*a, *b, *c, *d, *e, *f, *g, *h])
        {
            return Err(sentences.mask);
        }
        Ok((count, rest))
    }

    /// Checks the sets after a list of `singles` scopes.
    const fn validate_sets(&self, singles: u16, numbers: &[[u8; 2]]) -> Check {
        if !self.features.has(Features::SETS) {
            return err("accepted: sets in a policy that has none");
        }
        let [count, rest @ ..] = numbers else {
            return Err(OF_CLAUSE.start);
        };
        let mut left = u16::from_le_bytes(*count);
        if left == 0 || left as usize > MAX_SETS {
            return err("accepted: no set, or too many");
        }
        let (mut rest, mut last_position) = (rest, 0);
        while left > 0 {
            let [position, clauses, after @ ..] = rest else {
                return Err(OF_CLAUSE.start);
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
                rest = match self.validate_list(rest, &OF_CLAUSE) {
                    // Without a scope, nobody could meet the clause; and nothing follows it.
                    Ok((count, _)) if count == 0 || count & SETS_FOLLOW != 0 => {
                        return Err(OF_CLAUSE.length);
                    }
                    Ok((_, rest)) => rest,
                    Err(error) => return Err(error),
                };
                clauses -= 1;
            }
            left -= 1;
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
