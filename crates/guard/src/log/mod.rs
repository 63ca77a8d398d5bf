//! The decision log: a JSON line for each decision that somebody may have to look at.

mod limit;
mod line;
mod sink;
mod target;

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use self::limit::Limit;
use self::line::SuppressedLine;
pub(crate) use self::line::{Decided, DecisionLine, Time, cut};
pub use self::sink::LogSink;
use crate::counters::Counters;
use crate::verdict::Verdict;

/// Where decisions are logged, and how many of them: JSON lines.
///
/// Give it to [`Builder::log`](crate::Builder::log). Without one, nothing is logged; errors of
/// reloads are returned and kept in [`Status`](crate::Status) all the same.
///
/// | field | of | value |
/// |---|---|---|
/// | `time` | all | RFC 3339 in UTC: of a decision, the `now` that it was made with; else the clock of the system |
/// | `event` | all | `decision`, `suppressed`, `start`, `listener`, `reload` |
/// | `decision` | decision | `allow` or `deny` |
/// | `by` | allow | `scope`, `all`, `any_key` or `public`: a held scope suffices alone; all scopes of an alternative are held; the route is open to every valid key; it is public, so that nobody has looked at the key |
/// | `scopes` | allow by `all` | the scopes of that alternative, a list |
/// | `reason` | deny | [`DenyReason::as_str`](crate::DenyReason::as_str) |
/// | `detail` | `bad_path`, `bad_check_request`, a refused token | the name of the [path rule](routescope::path::PathRule), of the [`CheckFault`](crate::CheckFault), or of the `TokenDenial` |
/// | `key` | decision | the key's id; left out where nobody knows it, and on public routes |
/// | `subject` | decision | the subject of a token that was verified, in place of `key` |
/// | `previous_key` | decision | `true` for a key that another one replaces; else left out |
/// | `method` | decision | the method; `null` for a text that is no usual name of one |
/// | `route` | allow, `missing_scope` | the route's name |
/// | `template` | `method_not_listed` | the path template |
/// | `path` | `bad_path`, `unknown_route` | the path of the request, see below |
/// | `cut` | `bad_path`, `unknown_route` | `true` if `path` is less than the path; else left out |
/// | `form` | `bad_path`, `unknown_route` | in place of `path`, if the target begins with no slash: `absolute-form`, `asterisk-form`, `empty`, `other` |
/// | `listener` | decision, listener | the name of the [listener](crate::Guard::listener); left out for the first one |
/// | `shadow` | deny | `true` if shadow mode let the request through; else left out |
/// | `lines` | suppressed | the number of denials that got no line since the last one that got one |
/// | `policy`, `revision`, `keys` | start, reload | the policy that is in force and the number of keys |
/// | `digest` | decision, start, reload | the digest of the policy that decided or is in force |
/// | `shadow_mode` | start, listener | the text of the shadow mode: `off`, `403`, `403 on GET /a/`, `401 and 403` |
/// | `warnings` | start, reload | what somebody should look at, as in [`Status::warnings`](crate::Status::warnings) |
/// | `result` | reload | `ok`; `failed`; `refused` for a policy that opens more |
/// | `error` | reload | the text of the error, cut at 4,096 bytes |
///
/// **A line holds no key and no query.** A path ends before the first `?`, `#` or `;`, escaped or
/// not. `[masked]` stands in it for a text with the policy's prefix of keys and everything that
/// follows, for a JSON Web Token, for a run of 40 characters of keys (or as many as a key has after
/// its prefix), and for everything before an `@` in a segment. A path is cut at 256 bytes; bytes
/// other than visible ASCII, and backslashes, are `\xNN`. Parameters of a path may be personal:
/// they appear with `unknown_route` and `bad_path`.
///
/// Allows are sampled at random, so that a client with a rhythm is not missed by another rhythm.
/// Denials have a limit of lines a second; how many were suppressed is told before the next line
/// and by [`Counts::suppressed_lines`](crate::Counts::suppressed_lines). Reloads, the start, and
/// listeners in shadow mode are always logged.
///
/// A line is written by the thread that decides, and its decision waits for the
/// [sink](LogSink). A decision without a line allocates nothing and takes no lock.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use routescope::pbx;
/// use routescope_guard::{DecisionLog, Guard};
///
/// let lines = Arc::new(Mutex::new(Vec::new())); // or a file, or standard error
/// let log = DecisionLog::new(Arc::clone(&lines)).one_allow_in(1_000).denials_per_second(50);
/// let guard = Guard::builder(pbx::POLICY).log(log).build()?;
///
/// assert!(!guard.decide(None, "GET", "/api/v1/colleagues/", 1_780_000_000).admits());
/// let text = String::from_utf8(lines.lock().unwrap().clone()).unwrap();
/// let line = text.lines().last().unwrap();
/// assert!(line.starts_with(
///     r#"{"time":"2026-05-28T20:26:40Z","event":"decision","decision":"deny","reason":"missing_key","method":"GET","#
/// ));
/// # Ok::<(), routescope_guard::ReloadError>(())
/// ```
#[must_use = "it logs nothing before a builder gets it"]
pub struct DecisionLog {
    sink: Arc<dyn LogSink>,
    one_allow_in: u32,
    denials: u32,
}

impl DecisionLog {
    /// A log that writes no allows, and 100 denials a second at most.
    pub fn new(sink: impl LogSink + 'static) -> Self {
        Self {
            sink: Arc::new(sink),
            one_allow_in: 0,
            denials: 100,
        }
    }

    /// Logs one of this many allows, at random: 1 for each, 0 for none.
    pub const fn one_allow_in(mut self, allows: u32) -> Self {
        self.one_allow_in = allows;
        self
    }

    /// Logs at most this many denials in a second; 0 for none, which are then not counted as
    /// suppressed either.
    pub const fn denials_per_second(mut self, lines: u32) -> Self {
        self.denials = lines;
        self
    }
}

impl fmt::Debug for DecisionLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionLog")
            .field("one_allow_in", &self.one_allow_in)
            .field("denials_per_second", &self.denials)
            .finish_non_exhaustive()
    }
}

/// The log of a guard. Without a sink it takes nothing.
pub(crate) struct Log {
    one_allow_in: u32,
    denials: u32,
    limit: Limit,
    sink: Option<Arc<dyn LogSink>>,
    /// The number of suppressed lines that the log has told of.
    reported: AtomicU64,
    errors: AtomicU64,
}

/// The largest buffer that a thread keeps: the lines of decisions are shorter.
const MAX_KEPT: usize = 8 * 1_024;

thread_local! {
    /// The memory of the line before. It is taken out while it is used, so that a sink may decide.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Log {
    pub(crate) fn new(log: Option<DecisionLog>) -> Self {
        let (one_allow_in, denials, sink) = match log {
            Some(log) => (log.one_allow_in, log.denials, Some(log.sink)),
            None => (0, 0, None),
        };
        Self {
            one_allow_in,
            denials,
            limit: Limit::new(denials),
            sink,
            reported: AtomicU64::new(0),
            errors: AtomicU64::new(0),
        }
    }

    /// Whether a decision gets a line.
    #[inline]
    pub(crate) fn takes(&self, verdict: &Verdict, counters: &Counters, now: u64) -> bool {
        match verdict {
            Verdict::Allow { .. } => self.one_allow_in != 0 && self.takes_allow(),
            Verdict::Deny(_) => self.denials != 0 && self.takes_denial(counters, now),
        }
    }

    fn takes_allow(&self) -> bool {
        fastrand::u32(..self.one_allow_in) == 0
    }

    fn takes_denial(&self, counters: &Counters, now: u64) -> bool {
        let is_taken = self.limit.take(now);
        if !is_taken {
            counters.suppress();
        }
        is_taken
    }

    /// Writes the line of a decision that [`Self::takes`] took, and before it the number of those
    /// that it did not take.
    pub(crate) fn write_decision(&self, line: &DecisionLine<'_>, counters: &Counters) {
        let suppressed = counters.suppressed();
        let reported = self.reported.fetch_max(suppressed, Ordering::Relaxed);
        let lines = suppressed.saturating_sub(reported);
        if lines > 0 {
            self.write(&SuppressedLine::new(line.time, lines));
        }
        self.write(line);
    }

    /// Writes a line, if there is a sink. Errors and panics of the sink are counted.
    pub(crate) fn write(&self, line: &impl Serialize) {
        let Some(sink) = &self.sink else { return };
        let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
        buffer.clear();
        let written = serde_json::to_writer(&mut buffer, line).is_ok() && {
            buffer.push(b'\n');
            // A sink that panicked is asked again: what it then sees is its own affair.
            let done = catch_unwind(AssertUnwindSafe(|| sink.write_line(&buffer)));
            matches!(done, Ok(Ok(())))
        };
        if !written {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        if buffer.capacity() <= MAX_KEPT {
            // A thread that ends keeps nothing.
            let _ = BUFFER.try_with(|kept| kept.set(buffer));
        }
    }

    /// The number of lines that the sink did not take.
    pub(crate) fn errors(&self) -> u64 {
        self.errors.load(Ordering::Relaxed)
    }
}
