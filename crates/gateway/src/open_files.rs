//! The limit of open files, of which each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::Limits;
use crate::message::say;
use crate::{admin, connections};

/// Files that are none of a connection of a gateway: those of operators and strangers, listeners,
/// the runtime, and files that a reload reads.
const OTHERS: usize = admin::CONNECTIONS + 2 * connections::STRANGERS + 128;

/// Raises the limit to what the system allows, and says if that is too low for the connections.
///
/// The low limit that shells and service managers set is for programs that wait with `select`,
/// which this one does not.
pub(crate) fn raise(limits: &Limits) {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // A system may refuse what it said that it allows. Then the old limit holds.
    let current = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    if let Some(warning) = warning(limits.connections, current) {
        say(warning);
    }
}

/// Says that a limit of open files is too low; none stands for no limit.
fn warning(connections: usize, files: Option<u64>) -> Option<String> {
    let needed = connections.saturating_add(OTHERS);
    let files = files.filter(|files| *files < needed as u64)?;
    Some(format!(
        "warning: {connections} connections need {needed} open files, and the system allows {files}: raise `LimitNOFILE=` of the unit or `ulimit -Hn`, or lower `limits: {{ connections }}`"
    ))
}

#[cfg(test)]
mod tests {
    use super::{OTHERS, warning};

    #[test]
    fn a_limit_that_is_too_low_is_told() {
        let files = |more: usize| Some((1_000 + OTHERS + more) as u64);
        assert_eq!(warning(1_000, None), None);
        assert_eq!(warning(1_000, files(0)), None);
        assert!(warning(1_001, files(0)).is_some());
        assert!(warning(usize::MAX, files(0)).is_some());
    }
}
