//! Measures the cost of a decision on a Cortex-M4F: stack, by painting it, and
//! instructions, by a clock that QEMU advances by one step each
//! (`-icount shift=0`).
#![no_std]
#![no_main]

use core::arch::asm;
use core::hint::black_box;
use core::mem::MaybeUninit;
use core::ptr;

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;

use image::{host, leave};
use policy::pbx::{self, ScopeSet};
use routescope::{ApiKey, Decision, LoadError, LoadedPolicy, Loader};
use vectors::{LONGEST, Unescaped, Vector};

#[entry]
fn main() -> ! {
    let mut clock = cortex_m::Peripherals::take()
        .expect("nobody has them yet")
        .SYST;
    let mut counter = Counter::new(&mut clock);
    hprintln!("rate: {} instructions a tick", counter.rate);
    stack();
    instructions(&mut counter);
    loading(&mut counter);
    leave(true)
}

/// A request, as C or an interrupt would make it: nothing is inlined.
type Decide = fn(&ScopeSet, &[u8], &[u8], &mut MaybeUninit<Decision<'static>>);

#[inline(never)]
fn decide(
    held: &ScopeSet,
    method: &[u8],
    target: &[u8],
    decision: &mut MaybeUninit<Decision<'static>>,
) {
    decision.write(pbx::authorize(held, method, target));
}

#[inline(never)]
fn do_nothing(_: &ScopeSet, _: &[u8], _: &[u8], _: &mut MaybeUninit<Decision<'static>>) {}

#[inline(never)]
fn read_key(value: &[u8]) -> bool {
    ApiKey::from_headers(Some(value), pbx::POLICY.key_format().as_ref()).is_ok()
}

#[inline(never)]
fn prepare(names: &[&str]) -> ScopeSet {
    pbx::scope_set(names)
}

/// The deepest stack of all vectors.
fn stack() {
    let (mut decision, mut key) = (Deepest::default(), Deepest::default());
    for (line, vector) in vectors::all() {
        match vector {
            Ok(Vector::Decide {
                method,
                target,
                scopes,
                ..
            }) => {
                let held = vectors::held(pbx::POLICY, scopes);
                let (method, target) = (
                    Unescaped::<500>::of(method),
                    Unescaped::<LONGEST>::of(target),
                );
                let method = method.bytes().unwrap_or_default();
                let target = target.bytes().unwrap_or_default();
                let mut out = MaybeUninit::uninit();
                decision.add(
                    line,
                    depth(|| black_box(decide as Decide)(&held, method, target, &mut out)),
                );
            }
            Ok(Vector::Key { value, .. }) => {
                let value = Unescaped::<500>::of(value);
                let value = value.bytes().unwrap_or_default();
                key.add(
                    line,
                    depth(|| {
                        black_box(black_box(read_key as fn(&[u8]) -> bool)(value));
                    }),
                );
            }
            Err(()) => leave(false),
        }
    }
    decision.show("decision");
    key.show("key");
    let names = ["colleagues:read", "nonsense", "pbx:*"];
    let mut set = Deepest::default();
    set.add(
        0,
        depth(|| {
            black_box(black_box(prepare as fn(&[&str]) -> ScopeSet)(&names));
        }),
    );
    set.show("scope set");
    // The measure measures: a function that keeps 256 bytes needs them.
    let known = depth(|| {
        black_box(black_box(keep as fn(u32) -> u32)(1));
    });
    hprintln!("stack: {} bytes, of a function that keeps 256", known);
    if !(256..320).contains(&known) {
        leave(false);
    }
}

#[inline(never)]
fn keep(seed: u32) -> u32 {
    let mut words = [seed; 64];
    black_box(&mut words);
    words[usize::from(seed as u8 & 63)]
}

#[derive(Default)]
struct Deepest {
    bytes: usize,
    line: usize,
}

impl Deepest {
    fn add(&mut self, line: usize, bytes: usize) {
        if bytes > self.bytes {
            *self = Self { bytes, line };
        }
    }

    fn show(&self, what: &str) {
        hprintln!(
            "stack: {} bytes, {}, vector of line {}",
            self.bytes,
            what,
            self.line
        );
    }
}

/// More than anything here needs; `main` has megabytes.
const PAINTED: usize = 4096;
const PAINT: u32 = 0x5AFE_C0DE;

/// Returns the number of bytes below this frame that `call` writes to.
#[inline(never)]
fn depth(call: impl FnOnce()) -> usize {
    // A frame does not move within a function: what lies below it is free until
    // the call, and what has changed below it after the call was the callee's.
    let top = cortex_m::register::msp::read() as usize;
    for at in (top - PAINTED..top).step_by(4) {
        // SAFETY: RAM below the stack pointer, aligned as the stack pointer is, that nothing else uses.
        unsafe { ptr::with_exposed_provenance_mut::<u32>(at).write_volatile(PAINT) };
    }
    call();
    let lowest = (top - PAINTED..top).step_by(4).find(|&at| {
        // SAFETY: as above.
        let word = unsafe { ptr::with_exposed_provenance::<u32>(at).read_volatile() };
        word != PAINT
    });
    top - lowest.unwrap_or(top)
}

fn instructions(counter: &mut Counter<'_>) {
    for (what, held, method, target) in [
        ("literal", "colleagues:read", "GET", "/api/v1/colleagues/"),
        (
            "literal, the longest route",
            "pbx:*",
            "POST",
            "/api/v2/call-control/attendant-transfer/",
        ),
        (
            "parameter",
            "colleagues:read",
            "GET",
            "/api/v1/colleagues/42/",
        ),
        (
            "two parameters and a query",
            "phonebooks:*",
            "PUT",
            "/api/v1/phonebooks/7/contacts/19/?a=b",
        ),
        ("missing scope", "devices:*", "GET", "/api/v1/colleagues/"),
        ("method not listed", "pbx:*", "PATCH", "/api/v1/colleagues/"),
        ("unknown", "pbx:*", "GET", "/api/v1/nothing/"),
        ("refused", "pbx:*", "GET", "/api/v1/sounds/%2e%2e/pbx/"),
        (
            "refused, no method",
            "pbx:*",
            "TRACE",
            "/api/v1/colleagues/",
        ),
    ] {
        let held = pbx::scope_set([held]);
        let count = counter.of(1000, &held, method.as_bytes(), target.as_bytes());
        hprintln!("instructions: {}, {}: {} {}", count, what, method, target);
    }
    let (mut most, mut most_line, mut common, mut common_line) = (0, 0, 0, 0);
    for (line, vector) in vectors::all() {
        let Ok(Vector::Decide {
            method,
            target,
            scopes,
            ..
        }) = vector
        else {
            continue;
        };
        let held = vectors::held(pbx::POLICY, scopes);
        let (method, target) = (
            Unescaped::<500>::of(method),
            Unescaped::<LONGEST>::of(target),
        );
        let (method, target) = (
            method.bytes().unwrap_or_default(),
            target.bytes().unwrap_or_default(),
        );
        let count = counter.of(40, &held, method, target);
        if count > most {
            (most, most_line) = (count, line);
        }
        if target.len() <= 128 && count > common {
            (common, common_line) = (count, line);
        }
    }
    hprintln!(
        "instructions: {}, most of all vectors with a target of at most 128 bytes, line {}",
        common,
        common_line
    );
    hprintln!(
        "instructions: {}, most of all vectors, line {}",
        most,
        most_line
    );
}

/// Loads a policy, as a device does at each start and after an update.
#[inline(never)]
fn load<'b>(bytes: &'b [u8], loaded: &mut MaybeUninit<Result<LoadedPolicy<'b>, LoadError>>) {
    loaded.write(Loader::new().name("pbx").min_revision(1).load(bytes));
}

type Load = for<'b> fn(&'b [u8], &mut MaybeUninit<Result<LoadedPolicy<'b>, LoadError>>);

fn loading(counter: &mut Counter<'_>) {
    let mut buffer = [0; 16 * 1024];
    let bytes = host::read(c"pbx-7.rsp", &mut buffer).and_then(|length| buffer.get(..length));
    let Some(bytes) = bytes else {
        hprintln!("cannot read pbx-7.rsp");
        leave(false);
    };
    let mut loaded = MaybeUninit::<Result<LoadedPolicy<'_>, LoadError>>::uninit();
    let bytes_of_stack = depth(|| black_box(load as Load)(bytes, &mut loaded));
    let ticks = counter.ticks(|| black_box(load as Load)(bytes, &mut loaded));
    // SAFETY: `load` has written it.
    if unsafe { loaded.assume_init_ref() }.is_err() {
        hprintln!("the policy does not load");
        leave(false);
    }
    hprintln!("stack: {} bytes, loading", bytes_of_stack);
    hprintln!(
        "instructions: {}, loading {} bytes",
        ticks * counter.rate,
        bytes.len()
    );
    hprintln!(
        "RAM: {} bytes, a loaded policy",
        size_of::<LoadedPolicy<'_>>()
    );
}

/// Counts instructions by the system timer.
struct Counter<'c> {
    clock: &'c mut SYST,
    /// Instructions a tick.
    rate: u32,
}

impl<'c> Counter<'c> {
    /// Finds the rate by loops of known length. Without `-icount` two of them
    /// would not agree.
    fn new(clock: &'c mut SYST) -> Self {
        clock.set_clock_source(SystClkSource::Core);
        clock.set_reload(0x00FF_FFFF);
        clock.clear_current();
        clock.enable_counter();
        let mut counter = Self { clock, rate: 0 };
        let (short, long) = (
            counter.ticks(|| spin(100_000)),
            counter.ticks(|| spin(1_100_000)),
        );
        // Two instructions a round.
        let rate = 2_000_000 / (long - short).max(1);
        if rate < 2 || (long - short).abs_diff(2_000_000 / rate) > 2 {
            hprintln!("the clock does not count instructions: run with -icount shift=0");
            leave(false);
        }
        counter.rate = rate;
        counter
    }

    fn ticks(&mut self, call: impl FnOnce()) -> u32 {
        self.clock.clear_current();
        // The first tick loads the counter, which then counts down.
        while SYST::get_current() == 0 {}
        let start = SYST::get_current();
        call();
        let end = SYST::get_current();
        // It is 0 once in a round, and says so here.
        if self.clock.has_wrapped() {
            hprintln!("the timer went round: fewer rounds");
            leave(false);
        }
        start - end
    }

    /// Instructions of one decision, beyond those of a function that returns at
    /// once, rounded.
    fn of(&mut self, rounds: u32, held: &ScopeSet, method: &[u8], target: &[u8]) -> u32 {
        let mut of = |call: Decide| {
            let call = black_box(call);
            let mut decision = MaybeUninit::uninit();
            self.ticks(|| {
                for _ in 0..rounds {
                    call(held, method, target, &mut decision);
                    black_box(&decision);
                }
            })
        };
        let ticks = of(decide).saturating_sub(of(do_nothing));
        (ticks * self.rate + rounds / 2) / rounds
    }
}

#[inline(never)]
fn spin(rounds: u32) {
    // SAFETY: counts a register down.
    unsafe {
        asm!("2:", "subs {0}, #1", "bne 2b", inout(reg) rounds => _, options(nomem, nostack))
    };
}
