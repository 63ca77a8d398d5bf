//! Code that the images share: each leaves QEMU with an exit code, and the one that is updated
//! has slots for policies.
#![no_std]

pub mod host;
pub mod slots;

use core::panic::PanicInfo;

use cortex_m_semihosting::{debug, hprintln};

/// Ends QEMU, whose exit code is 0 if all was good.
pub fn leave(good: bool) -> ! {
    debug::exit(if good {
        debug::EXIT_SUCCESS
    } else {
        debug::EXIT_FAILURE
    });
    loop {
        cortex_m::asm::wfi();
    }
}

/// For the harness: the engine has no panic to call it with.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    leave(false)
}
