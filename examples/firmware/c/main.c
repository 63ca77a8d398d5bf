/* Decides the shared vectors through the C interface and leaves with the
 * verdict. */
#include "routescope.h"
#include "semihosting.h"
#include "vectors.h"

extern const char vectors_start[], vectors_end[];

int main(void) {
    const summary sum = vectors_run(routescope_policy_pbx(), vectors_start, vectors_end);
    semihosting_write_number(sum.held);
    semihosting_write("/");
    semihosting_write_number(sum.all);
    semihosting_write(" vectors\n");
    if (sum.first_wrong != 0) {
        semihosting_write("the first that does not hold is in line ");
        semihosting_write_number(sum.first_wrong);
        semihosting_write("\n");
    }
    semihosting_write("stack: ");
    semihosting_write_number((unsigned)sum.stack);
    semihosting_write(" bytes, decision through C\n");
    return sum.all > 0 && sum.held == sum.all ? 0 : 1;
}
