/* Services of a debugger, or of QEMU, for a program without an operating system. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdbool.h>
#include <stddef.h>

/* Shows a NUL-terminated text. */
void semihosting_write(const char *text);

/* Shows a number. */
void semihosting_write_number(unsigned number);

/* Reads a file of the host, if it is there and is smaller than the buffer. */
bool semihosting_read(const char *path, void *buffer, size_t capacity, size_t *length);

/* Ends the program; QEMU's exit code is 0 if all was good, else 1. */
_Noreturn void semihosting_exit(bool good);

#endif
