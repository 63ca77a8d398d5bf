/* Tests the C interface: the shared vectors, then every edge.
 *
 *     ctest tests/vectors/pbx.tsv
 *
 * The last line says how many vectors hold; the exit code is 0 if everything
 * does. */
#include "check.h"

static unsigned long made;
static unsigned long failed;

void check(bool holds, const char *claim, const char *file, int line) {
    made++;
    if (!holds) {
        failed++;
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    }
}

unsigned long failures(void) { return failed; }

routescope_text text(const char *letters) {
    routescope_text it;
    it.data = letters;
    it.length = strlen(letters);
    return it;
}

bool is(routescope_text it, const char *letters) {
    return it.length == strlen(letters) && memcmp(it.data, letters, it.length) == 0;
}

int main(int count, char **arguments) {
    unsigned long all = 0;
    unsigned long held;

    if (count != 2) {
        fprintf(stderr, "usage: ctest VECTORS\n");
        return 2;
    }
    CHECK(routescope_abi_version() == ROUTESCOPE_ABI_VERSION);
    check_mistakes();
    check_sizes();
    check_keys();
    check_responses();
    check_listing();
    held = check_vectors(arguments[1], &all);
    printf("%lu/%lu checks, %lu/%lu vectors\n", made - failed, made, held, all);
    return failed == 0 && all > 0 && held == all ? 0 : 1;
}
