/* The functions that request_loop.c needs of the machine it runs on. host.c
 * defines them for a computer; a firmware defines them over its network stack. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Waits for the next connection. False: there will be no more. */
bool next_connection(void);

/* Reads what the connection sends until `capacity` bytes are there, or it
 * sends no more; how many there are. */
size_t receive(char *buffer, size_t capacity);

/* Sends bytes on the connection. */
void transmit(const char *bytes, size_t length);

/* Writes bytes to the operator's log. */
void log_bytes(const char *bytes, size_t length);

/* Seconds since 1970. */
uint64_t now(void);

#endif
