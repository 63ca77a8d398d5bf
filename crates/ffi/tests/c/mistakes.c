/* Calls that are wrong: each is a denial that says what was wrong. */
#include "check.h"

static const char target[] = "/api/v1/colleagues/";
enum { TARGET = sizeof target - 1 };

static routescope_scope_set all_scopes(void) {
    const routescope_text names[] = {{"pbx:*", 5}};
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    CHECK(routescope_scope_set_prepare(routescope_policy_pbx(), &held, names, 1));
    CHECK(held.answer == ROUTESCOPE_OK);
    return held;
}

/* The answer to a GET of a good target, after checking that it is a no. */
static uint32_t refused(const routescope_policy *policy, const routescope_scope_set *held,
                        const char *method, size_t method_length, const char *path,
                        size_t path_length) {
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    decision.answer = ROUTESCOPE_ALLOW;
    CHECK(!routescope_authorize(policy, held, method, method_length, path, path_length, &decision));
    CHECK(!routescope_authorize(policy, held, method, method_length, path, path_length, NULL));
    CHECK(decision.answer != ROUTESCOPE_ALLOW && decision.filled == sizeof decision);
    CHECK(decision.status == routescope_status(decision.answer) && decision.status >= 401);
    return decision.answer;
}

static void check_policies(void) {
    routescope_scope_set held = all_scopes();
    const routescope_policy *misaligned =
        (const routescope_policy *)(const void *)((const char *)routescope_policy_pbx() + 1);
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    routescope_text name = {"colleagues:read", 15};
    routescope_text key;
    routescope_scope_set set = ROUTESCOPE_SCOPE_SET_INIT;
    routescope_route route = ROUTESCOPE_ROUTE_INIT;
    routescope_scope scope = ROUTESCOPE_SCOPE_INIT;

    CHECK(refused(NULL, &held, "GET", 3, target, TARGET) == ROUTESCOPE_NO_POLICY);
    CHECK(refused(misaligned, &held, "GET", 3, target, TARGET) == ROUTESCOPE_NO_POLICY);
    /* Of several mistakes, the first in the order of the header. */
    CHECK(refused(NULL, NULL, NULL, 3, target, TARGET) == ROUTESCOPE_NO_POLICY);
    CHECK(refused(routescope_policy_pbx(), NULL, NULL, 3, target, TARGET) == ROUTESCOPE_BAD_TEXT);
    CHECK(!routescope_required_scopes(NULL, "GET", 3, target, TARGET, &decision));
    CHECK(decision.answer == ROUTESCOPE_NO_POLICY && decision.status == 500);
    CHECK(!routescope_authorize_without_key(NULL, "GET", 3, target, TARGET, &decision));
    CHECK(decision.answer == ROUTESCOPE_NO_POLICY && decision.status == 500);
    CHECK(!routescope_authorize_without_key(misaligned, NULL, 3, target, TARGET, &decision));
    CHECK(decision.answer == ROUTESCOPE_NO_POLICY);
    CHECK(!routescope_bearer_key(NULL, &name, 1, &key, &decision));
    CHECK(decision.answer == ROUTESCOPE_NO_POLICY && key.length == 0);

    held = all_scopes();
    CHECK(!routescope_scope_set_prepare(NULL, &held, &name, 1));
    CHECK(held.answer == ROUTESCOPE_NO_POLICY);
    CHECK(refused(routescope_policy_pbx(), &held, "GET", 3, target, TARGET) ==
          ROUTESCOPE_BAD_SCOPE_SET);
    CHECK(!routescope_scope_set_prepare(misaligned, &set, &name, 1));

    CHECK(routescope_policy_digest(NULL) == NULL);
    CHECK(is(routescope_policy_name(NULL), "") && is(routescope_policy_updated(NULL), ""));
    CHECK(routescope_route_count(NULL) == 0 && routescope_scope_count(NULL) == 0);
    CHECK(!routescope_route_at(NULL, 0, &route) && route.answer == ROUTESCOPE_NO_POLICY);
    CHECK(!routescope_scope_at(NULL, 0, &scope) && scope.answer == ROUTESCOPE_NO_POLICY);
    CHECK(routescope_accepted_scopes(NULL, ROUTESCOPE_GET, name, &key, 1) == 0);
    CHECK(routescope_alternatives(NULL, ROUTESCOPE_GET, name, 0, &key, 1) == 0);
    CHECK(!routescope_key_matches(NULL, target, TARGET) && routescope_key_length(NULL) == 0);
}

static void check_texts(void) {
    const routescope_policy *pbx = routescope_policy_pbx();
    const char *end_of_memory = (const char *)(uintptr_t)(UINTPTR_MAX - 2);
    routescope_scope_set held = all_scopes();
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;

    CHECK(refused(pbx, &held, NULL, 3, target, TARGET) == ROUTESCOPE_BAD_TEXT);
    CHECK(refused(pbx, &held, "GET", 3, NULL, TARGET) == ROUTESCOPE_BAD_TEXT);
    CHECK(refused(pbx, &held, NULL, SIZE_MAX, NULL, SIZE_MAX) == ROUTESCOPE_BAD_TEXT);
    CHECK(refused(pbx, &held, end_of_memory, 3, target, TARGET) == ROUTESCOPE_BAD_TEXT);
    CHECK(refused(pbx, &held, "GET", 3, end_of_memory, TARGET) == ROUTESCOPE_BAD_TEXT);

    /* Nothing is an empty text, and nobody's method or path. */
    CHECK(refused(pbx, &held, NULL, 0, target, TARGET) == ROUTESCOPE_BAD_METHOD);
    CHECK(refused(pbx, &held, "GET", 0, target, TARGET) == ROUTESCOPE_BAD_METHOD);
    CHECK(refused(pbx, &held, "GET", 3, NULL, 0) == ROUTESCOPE_BAD_PATH);
    CHECK(refused(pbx, &held, "GET", 3, target, 0) == ROUTESCOPE_BAD_PATH);

    /* A length that cannot be is too long, and nobody reads that far. */
    CHECK(refused(pbx, &held, "GET", SIZE_MAX, target, TARGET) == ROUTESCOPE_BAD_METHOD);
    CHECK(refused(pbx, &held, "GET", 3, target, SIZE_MAX) == ROUTESCOPE_BAD_PATH);
    CHECK(refused(pbx, &held, "GET", 3, target, (size_t)PTRDIFF_MAX + 1) == ROUTESCOPE_BAD_PATH);
    CHECK(!routescope_authorize(pbx, &held, "GET", 3, target, SIZE_MAX, &decision));
    CHECK(decision.path_rule == ROUTESCOPE_RULE_TOO_LONG && decision.path_offset == 8192);

    CHECK(!routescope_authorize_without_key(pbx, NULL, 3, target, TARGET, &decision));
    CHECK(decision.answer == ROUTESCOPE_BAD_TEXT && decision.status == 500);
    CHECK(!routescope_authorize_without_key(pbx, "GET", 3, NULL, TARGET, NULL));
    CHECK(!routescope_authorize_without_key(pbx, "GET", SIZE_MAX, target, SIZE_MAX, &decision));
    CHECK(decision.answer == ROUTESCOPE_MISSING_KEY && decision.status == 401);

    /* A NUL ends nothing. */
    CHECK(refused(pbx, &held, "GET", 4, target, TARGET) == ROUTESCOPE_BAD_METHOD);
    CHECK(refused(pbx, &held, "GET", 3, target, TARGET + 1) == ROUTESCOPE_BAD_PATH);
}

/* The answer for a set that is none, after checking that it opens nothing. */
static void check_no_set(const routescope_scope_set *held) {
    CHECK(refused(routescope_policy_pbx(), held, "GET", 3, target, TARGET) ==
          ROUTESCOPE_BAD_SCOPE_SET);
    CHECK(routescope_scope_set_held(held) == 0 && routescope_scope_set_unknown(held) == 0);
}

static void check_sets(void) {
    static const uint32_t sizes[] = {0, 1, 7, 8, 9, 31, 33, 48, 57, 535, 537, 1024, UINT32_MAX};
    const routescope_policy *pbx = routescope_policy_pbx();
    const routescope_text name = {"pbx:*", 5};
    routescope_scope_set held = all_scopes();
    routescope_scope_set zeroed;
    routescope_scope_set moved[2];
    size_t i;

    memset(&zeroed, 0, sizeof zeroed);
    check_no_set(NULL);
    check_no_set(&zeroed);
    check_no_set((const routescope_scope_set *)(const void *)((const char *)&held + 1));
    zeroed.size = sizeof zeroed;
    check_no_set(&zeroed);

    /* Even a zeroed set that says that it is prepared holds nothing. */
    zeroed.answer = ROUTESCOPE_OK;
    CHECK(refused(pbx, &zeroed, "GET", 3, target, TARGET) == ROUTESCOPE_MISSING_SCOPE);

    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        held = all_scopes();
        held.size = sizes[i];
        check_no_set(&held);
        held.answer = ROUTESCOPE_ALLOW;
        CHECK(!routescope_scope_set_prepare(pbx, &held, &name, 1));
        CHECK(held.answer == (sizes[i] < 8 ? (uint32_t)ROUTESCOPE_ALLOW : (uint32_t)ROUTESCOPE_BAD_SIZE));
        CHECK(held.size == sizes[i]);
        check_no_set(&held);
    }

    CHECK(!routescope_scope_set_prepare(pbx, NULL, &name, 1));
    moved[0] = all_scopes();
    CHECK(!routescope_scope_set_prepare(
        pbx, (routescope_scope_set *)(void *)((char *)&moved[0] + 1), &name, 1));
    CHECK(moved[0].answer == ROUTESCOPE_OK && routescope_scope_set_held(&moved[0]) == 1);

    /* Sets are plain data. */
    moved[1] = moved[0];
    CHECK(routescope_authorize(pbx, &moved[1], "GET", 3, target, TARGET, NULL));
}

static void check_names(void) {
    const routescope_policy *pbx = routescope_policy_pbx();
    routescope_scope_set held = all_scopes();
    char places[2 * sizeof(routescope_text)] = {0};
    routescope_text names[4] = {{"pbx:*", 5}, {NULL, 1}, {"colleagues:read", 15}, {NULL, 0}};
    size_t i;

    /* One that cannot be read takes all with it. */
    CHECK(!routescope_scope_set_prepare(pbx, &held, names, 4));
    CHECK(held.answer == ROUTESCOPE_BAD_TEXT);
    check_no_set(&held);
    names[1].data = "x";
    names[1].length = SIZE_MAX;
    CHECK(!routescope_scope_set_prepare(pbx, &held, names, 4));
    CHECK(held.answer == ROUTESCOPE_BAD_TEXT);
    CHECK(!routescope_scope_set_prepare(pbx, &held, NULL, 1));
    CHECK(held.answer == ROUTESCOPE_BAD_TEXT);
    CHECK(!routescope_scope_set_prepare(pbx, &held, names, SIZE_MAX));
    CHECK(held.answer == ROUTESCOPE_BAD_TEXT);
    CHECK(!routescope_scope_set_prepare(pbx, &held, names, SIZE_MAX / sizeof names[0]));
    CHECK(held.answer == ROUTESCOPE_BAD_TEXT);
    CHECK(!routescope_scope_set_prepare(
        pbx, &held, (const routescope_text *)(const void *)(places + 1), 1));
    CHECK(held.answer == ROUTESCOPE_BAD_TEXT);
    check_no_set(&held);

    /* Names that mean nothing open nothing and hurt nobody. */
    names[0] = text("PBX:*");
    names[1] = text("\xFF\xFE");
    names[2] = text("pbx:* ");
    CHECK(routescope_scope_set_prepare(pbx, &held, names, 4));
    CHECK(routescope_scope_set_held(&held) == 0 && routescope_scope_set_unknown(&held) == 4);
    CHECK(refused(pbx, &held, "GET", 3, target, TARGET) == ROUTESCOPE_MISSING_SCOPE);
    names[1] = text("colleagues:read");
    CHECK(routescope_scope_set_prepare(pbx, &held, names, 4));
    CHECK(routescope_scope_set_held(&held) == 1 && routescope_scope_set_unknown(&held) == 3);
    CHECK(routescope_authorize(pbx, &held, "GET", 3, target, TARGET, NULL));

    for (i = 0; i < 2; i++) {
        CHECK(routescope_scope_set_prepare(pbx, &held, i == 0 ? NULL : names, 0));
        CHECK(routescope_scope_set_held(&held) == 0 && routescope_scope_set_unknown(&held) == 0);
        CHECK(refused(pbx, &held, "GET", 3, target, TARGET) == ROUTESCOPE_MISSING_SCOPE);
    }
}

void check_mistakes(void) {
    check_policies();
    check_texts();
    check_sets();
    check_names();
}
