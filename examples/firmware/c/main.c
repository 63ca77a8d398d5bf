/* Decides the shared vectors through the C interface and leaves with the
 * verdict. */
#include "routescope.h"
#include "semihosting.h"
#include "vectors.h"

extern const char vectors_start[], vectors_end[], members_start[], members_end[];

const routescope_policy *firmware_policy_members(void);

static bool hold(summary sum, const char *what) {
    semihosting_write_number(sum.held);
    semihosting_write("/");
    semihosting_write_number(sum.all);
    semihosting_write(what);
    if (sum.first_wrong != 0) {
        semihosting_write("the first that does not hold is in line ");
        semihosting_write_number(sum.first_wrong);
        semihosting_write("\n");
    }
    return sum.all > 0 && sum.held == sum.all;
}

int main(void) {
    const summary sum = vectors_run(routescope_policy_pbx(), vectors_start, vectors_end);
    const summary members = vectors_run(firmware_policy_members(), members_start, members_end);
    bool good = hold(sum, " vectors\n");
    good &= hold(members, " vectors of sets, public routes and any key\n");
    semihosting_write("stack: ");
    semihosting_write_number((unsigned)sum.stack);
    semihosting_write(" bytes, decision through C\n");
    return good ? 0 : 1;
}
