#include "semihosting.h"

#include <stdint.h>

enum {
    SYS_OPEN = 0x01,
    SYS_CLOSE = 0x02,
    SYS_WRITE0 = 0x04,
    SYS_READ = 0x06,
    SYS_EXIT_EXTENDED = 0x20,
    APPLICATION_EXIT = 0x20026,
    OPEN_BINARY = 1
};

/* The breakpoint that M-profile debuggers look for; elsewhere a supervisor
 * call. Both read a block of words, or a text, at `argument`. */
static uint32_t call(uint32_t operation, const void *argument) {
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
#if defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
#else
    __asm__ volatile("svc 0x123456" : "+r"(r0) : "r"(r1) : "memory", "lr");
#endif
    return r0;
}

void semihosting_write(const char *text) {
    call(SYS_WRITE0, text);
}

void semihosting_write_number(unsigned number) {
    char digits[12];
    char *first = digits + sizeof digits - 1;
    *first = '\0';
    do {
        *--first = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    semihosting_write(first);
}

bool semihosting_read(const char *path, void *buffer, size_t capacity, size_t *length) {
    size_t letters = 0;
    while (path[letters] != '\0') {
        letters++;
    }
    const uint32_t open[3] = {(uint32_t)(uintptr_t)path, OPEN_BINARY, (uint32_t)letters};
    const uint32_t file = call(SYS_OPEN, open);
    if (file == UINT32_MAX) {
        return false;
    }
    /* The result is how many bytes of the buffer are left. */
    const uint32_t read[3] = {file, (uint32_t)(uintptr_t)buffer, (uint32_t)capacity};
    const uint32_t left = call(SYS_READ, read);
    call(SYS_CLOSE, &file);
    *length = capacity - left;
    return left > 0 && left < capacity;
}

_Noreturn void semihosting_exit(bool good) {
    const uint32_t block[2] = {APPLICATION_EXIT, good ? 0 : 1};
    for (;;) {
        call(SYS_EXIT_EXTENDED, block);
    }
}
