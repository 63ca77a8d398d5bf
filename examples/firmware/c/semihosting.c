#include "semihosting.h"

#include <stdint.h>

enum { SYS_WRITE0 = 0x04, SYS_EXIT_EXTENDED = 0x20, APPLICATION_EXIT = 0x20026 };

/* The breakpoint that M-profile debuggers look for; elsewhere a supervisor
 * call. Both read a block of words, or a text, at `argument`. */
static void call(uint32_t operation, const void *argument) {
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
#else
    __asm__ volatile("svc 0x123456" : "+r"(r0) : "r"(r1) : "memory", "lr");
#endif
}

void semihosting_write(const char *text) {
    call(SYS_WRITE0, text);
}

_Noreturn void semihosting_exit(bool good) {
    const uint32_t block[2] = {APPLICATION_EXIT, good ? 0 : 1};
    for (;;) {
        call(SYS_EXIT_EXTENDED, block);
    }
}
