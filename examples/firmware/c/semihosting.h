/* Services of a debugger, or of QEMU, for a program without an operating system. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdbool.h>

/* Shows a NUL-terminated text. */
void semihosting_write(const char *text);

/* Ends the program; QEMU's exit code is 0 if all was good, else 1. */
_Noreturn void semihosting_exit(bool good);

#endif
