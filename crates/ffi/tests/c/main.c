/* Tests the C interface: every edge, then the shared vectors, decided by the
 * constant policy and by one from bytes, which is that of routes.yaml with
 * `revision: 7`.
 *
 *     ctest tests/vectors/pbx.tsv pbx.rsp
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
    unsigned long all_loaded = 0;
    unsigned long held_loaded;

    if (count != 3) {
        fprintf(stderr, "usage: ctest VECTORS POLICY\n");
        return 2;
    }
    CHECK(routescope_abi_version() == ROUTESCOPE_ABI_VERSION);
    check_mistakes();
    check_sizes();
    check_keys();
    check_responses();
    check_listing();
    held_loaded = check_loading(arguments[2], arguments[1], &all_loaded);
    held = check_vectors(arguments[1], routescope_policy_pbx(), &all);
    printf("%lu/%lu checks, %lu/%lu vectors, %lu/%lu vectors from bytes\n", made - failed, made, held,
           all, held_loaded, all_loaded);
    return failed == 0 && all > 0 && held == all && held_loaded == all && all_loaded == all ? 0 : 1;
}
