//! The ways in, each with its own shadow mode.

use std::sync::{Arc, Mutex, Weak};

use crate::shadow::Shadow;
use crate::sync::lock;

/// One way in, with its own settings.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) name: Box<str>,
    pub(crate) shadow: Shadow,
}

/// The listeners of a guard, for as long as somebody holds a handle of theirs.
#[derive(Debug, Default)]
pub(crate) struct Listeners(Mutex<Vec<Weak<Listener>>>);

impl Listeners {
    pub(crate) fn add(&self, name: &str, shadow: Shadow) -> Arc<Listener> {
        let listener = Arc::new(Listener {
            name: name.into(),
            shadow,
        });
        let mut listeners = lock(&self.0);
        // A program that makes a handle for each connection must not fill the memory.
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(Arc::downgrade(&listener));
        listener
    }

    /// Those that are in use, in the order in which they were made.
    pub(crate) fn in_use(&self) -> Vec<Arc<Listener>> {
        lock(&self.0).iter().filter_map(Weak::upgrade).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Listeners;
    use crate::shadow::Shadow;
    use crate::sync::lock;

    #[test]
    fn dropped_listeners_are_forgotten() {
        let listeners = Listeners::default();
        let kept = listeners.add("kept", Shadow::OFF);
        for _ in 0..1_000 {
            listeners.add("dropped", Shadow::OFF);
        }
        let names: Vec<_> = listeners
            .in_use()
            .iter()
            .map(|each| each.name.clone())
            .collect();
        assert_eq!(names, ["kept".into()]);
        drop(kept);
        assert!(listeners.in_use().is_empty());
        assert!(lock(&listeners.0).len() <= 2);
    }
}
