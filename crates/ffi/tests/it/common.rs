//! Scope sets and texts as C has them.

use std::ffi::c_char;

use routescope_ffi::{
    Decision, Handle, ScopeSet, Text, code, routescope_authorize, routescope_scope_set_prepare,
};

/// A scope set as C declares it.
#[repr(C)]
pub(crate) struct Set<const WORDS: usize> {
    size: u32,
    pub(crate) answer: u32,
    words: [u64; WORDS],
}

impl<const WORDS: usize> Set<WORDS> {
    pub(crate) fn new() -> Self {
        Self {
            size: u32::try_from(size_of::<Self>()).unwrap(),
            answer: 0,
            words: [0; WORDS],
        }
    }

    pub(crate) fn prepare(&mut self, policy: &'static Handle, names: &[&str]) -> bool {
        let names: Vec<Text> = names.iter().copied().map(text).collect();
        let set = (&raw mut *self).cast::<ScopeSet>();
        // SAFETY: `size` is true, and the names are texts.
        unsafe { routescope_scope_set_prepare(policy, set, names.as_ptr(), names.len()) }
    }

    pub(crate) fn answer(&self, policy: &'static Handle, target: &str) -> u32 {
        self.authorize(policy, "GET", target).answer
    }

    pub(crate) fn authorize(
        &self,
        policy: &'static Handle,
        method: &str,
        target: &str,
    ) -> Decision {
        let set = (&raw const *self).cast::<ScopeSet>();
        let (method, target) = (text(method), text(target));
        let mut decision = undecided();
        // SAFETY: both sizes are true, and the texts are texts.
        let allowed = unsafe {
            routescope_authorize(
                policy,
                set,
                method.data,
                method.length,
                target.data,
                target.length,
                &raw mut decision,
            )
        };
        assert_eq!(allowed, decision.answer == code::ALLOW);
        decision
    }
}

pub(crate) fn undecided() -> Decision {
    // SAFETY: any bytes make a decision, zeros among them.
    let mut decision: Decision = unsafe { std::mem::zeroed() };
    decision.size = u32::try_from(size_of::<Decision>()).unwrap();
    decision
}

/// A text of the library's.
pub(crate) fn letters(text: Text) -> &'static str {
    // SAFETY: such texts are valid for ever, because the tests leak their policies.
    let bytes = unsafe { std::slice::from_raw_parts(text.data.cast(), text.length) };
    std::str::from_utf8(bytes).unwrap()
}

pub(crate) fn text(text: &str) -> Text {
    Text {
        data: text.as_ptr().cast::<c_char>(),
        length: text.len(),
    }
}
