/* Decides the shared vectors through the C interface and leaves with the
 * verdict. */
#include "semihosting.h"
#include "vectors.h"

extern const char vectors_start[], vectors_end[];

static void write_number(unsigned number) {
    char digits[12];
    char *first = digits + sizeof digits - 1;
    *first = '\0';
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    semihosting_write(first);
}

int main(void) {
    const summary sum = vectors_run(vectors_start, vectors_end);
    write_number(sum.held);
    semihosting_write("/");
    write_number(sum.all);
    semihosting_write(" vectors\n");
    if (sum.first_wrong != 0) {
        semihosting_write("the first that does not hold is in line ");
        write_number(sum.first_wrong);
        semihosting_write("\n");
    }
    semihosting_write("stack: ");
    write_number((unsigned)sum.stack);
    semihosting_write(" bytes, decision through C\n");
    return sum.all > 0 && sum.held == sum.all ? 0 : 1;
}
