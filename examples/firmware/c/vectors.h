/* The shared vectors; tests/vectors/README.md says what they are. */
#ifndef VECTORS_H
#define VECTORS_H

#include <stdbool.h>
#include <stddef.h>

#include "routescope.h"

/* The result of all lines together. */
typedef struct summary {
    unsigned all;         /* lines that are no comments   */
    unsigned held;        /* of these, answered as they say */
    unsigned first_wrong; /* line number, or 0            */
    size_t stack;         /* deepest, of routescope_authorize() */
} summary;

summary vectors_run(const routescope_policy *policy, const char *start, const char *end);

#endif
