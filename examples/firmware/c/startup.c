/* From reset to main() on a Cortex-M4F. */
#include <stdint.h>

#include "semihosting.h"

int main(void);

/* From memory.ld. */
extern uint32_t data_in_flash[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];

_Noreturn void reset(void);

static void fault(void) {
    semihosting_write("fault\n");
    semihosting_exit(false);
}

/* Where the processor looks: its first stack pointer, then where to begin,
 * then the handlers of 14 exceptions. Nothing here enables an interrupt. */
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} table = {stack_top,
           {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault,
            fault, fault, fault}};

_Noreturn void reset(void) {
    /* The image is compiled for the FPU: full access, before anything uses it. */
    volatile uint32_t *const access = (volatile uint32_t *)0xE000ED88;
    *access |= 0xFu << 20;
    __asm__ volatile("dsb\n isb" ::: "memory");

    const uint32_t *from = data_in_flash;
    for (uint32_t *to = data_start; to < data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end;) {
        *to++ = 0;
    }
    semihosting_exit(main() == 0);
}
