/* Functions that the tests of the C interface share. */
#ifndef CHECK_H
#define CHECK_H

#include "routescope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Counts a claim, and shows it if it does not hold. */
#define CHECK(claim) check((claim) ? true : false, #claim, __FILE__, __LINE__)

void check(bool holds, const char *claim, const char *file, int line);

/* Returns the number of claims that did not hold so far. */
unsigned long failures(void);

/* A text for an input; `letters` is a literal without NUL inside. */
routescope_text text(const char *letters);

/* Whether an output is these letters. */
bool is(routescope_text it, const char *letters);

/* The tests. The first two return how many vectors hold, by this policy and by
 * the one that a file has, and count `all`. */
unsigned long check_vectors(const char *file, const routescope_policy *by, unsigned long *all);
unsigned long check_loading(const char *compiled, const char *vectors, unsigned long *all);
void check_mistakes(void);
void check_sizes(void);
void check_keys(void);
void check_responses(void);
void check_listing(void);

#endif
