//! Decides the shared vectors on a Cortex-M4F and leaves with the verdict.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;

use image::leave;
use policy::pbx;

#[entry]
fn main() -> ! {
    let (mut held, mut all) = (0usize, 0usize);
    for (line, vector) in vectors::all() {
        all += 1;
        let holds = vector.is_ok_and(|vector| {
            vector.holds(pbx::POLICY, |held, method, target| {
                pbx::authorize(held, method, target)
            })
        });
        if holds {
            held += 1;
        } else {
            hprintln!("line {} does not hold", line);
        }
    }
    hprintln!("{}/{} vectors", held, all);
    let (mut held_members, mut all_members) = (0usize, 0usize);
    for (line, holds) in vectors::members::all() {
        all_members += 1;
        if holds {
            held_members += 1;
        } else {
            hprintln!("line {} of members.tsv does not hold", line);
        }
    }
    hprintln!(
        "{}/{} vectors of sets, public routes and any key",
        held_members,
        all_members
    );
    leave(held == all && all > 0 && held_members == all_members && all_members > 0)
}
