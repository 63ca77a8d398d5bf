/* From nothing to main() under QEMU's user emulation, for processors that no
 * board here has. The stack is there. */
#include "semihosting.h"

int main(void);
_Noreturn void reset(void);

_Noreturn void reset(void) {
    semihosting_exit(main() == 0);
}
