/* Measures the stack that a call takes, by painting it before. */
#ifndef STACK_H
#define STACK_H

#include <stddef.h>

/* Calls `function(argument)`; how many bytes below the caller's frame it has
 * written to, of at most 4,096. */
size_t stack_depth(void (*function)(void *), void *argument);

#endif
