//! Decides the shared vectors on a Cortex-M4F and leaves with the verdict.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};

use policy::pbx;

#[entry]
fn main() -> ! {
    let (mut held, mut all) = (0usize, 0usize);
    for (line, vector) in vectors::all() {
        all += 1;
        let holds = vector.is_ok_and(|vector| {
            vector.holds(|held, method, target| pbx::authorize(held, method, target))
        });
        if holds {
            held += 1;
        } else {
            hprintln!("line {} does not hold", line);
        }
    }
    hprintln!("{}/{} vectors", held, all);
    leave(held == all && all > 0)
}

fn leave(good: bool) -> ! {
    debug::exit(if good {
        debug::EXIT_SUCCESS
    } else {
        debug::EXIT_FAILURE
    });
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    leave(false)
}
