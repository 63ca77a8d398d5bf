/* Keys: the headers that carry them, their form, and comparing them. */
#include "check.h"

#define TEN "0123456789"
#define KEY "wsk-v1-abc" TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void check_headers(void) {
    const routescope_policy *pbx = routescope_policy_pbx();
    routescope_text values[2] = {{"Bearer " KEY, 107}, {"Bearer " KEY, 107}};
    char places[2 * sizeof(routescope_text)] = {0};
    routescope_text key = {NULL, 0};
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;

    CHECK(routescope_bearer_key(pbx, values, 1, &key, &decision) && is(key, KEY));
    CHECK(decision.answer == ROUTESCOPE_UNKNOWN_KEY && decision.status == 401);
    CHECK(routescope_bearer_key(pbx, values, 1, &key, NULL));

    /* Two headers, of which the second is not even looked at. */
    values[1].data = NULL;
    CHECK(!routescope_bearer_key(pbx, values, 2, &key, &decision) && is(key, ""));
    CHECK(decision.answer == ROUTESCOPE_MALFORMED_KEY);
    CHECK(!routescope_bearer_key(pbx, values, SIZE_MAX, &key, &decision));
    CHECK(decision.answer == ROUTESCOPE_MALFORMED_KEY);

    CHECK(!routescope_bearer_key(pbx, NULL, 0, &key, &decision));
    CHECK(decision.answer == ROUTESCOPE_MISSING_KEY);
    CHECK(!routescope_bearer_key(pbx, values, 0, &key, NULL));
    CHECK(!routescope_bearer_key(pbx, NULL, 1, &key, &decision));
    CHECK(decision.answer == ROUTESCOPE_BAD_TEXT && decision.status == 500);
    CHECK(!routescope_bearer_key(pbx, (const routescope_text *)(const void *)(places + 1), 1, &key,
                                 &decision));
    CHECK(decision.answer == ROUTESCOPE_BAD_TEXT);
    CHECK(!routescope_bearer_key(pbx, values, 1, NULL, &decision));
    CHECK(decision.answer == ROUTESCOPE_BAD_TEXT);
    CHECK(!routescope_bearer_key(pbx, values, 1, NULL, NULL));
    CHECK(!routescope_bearer_key(pbx, values, 1, (routescope_text *)(void *)(places + 1),
                                 &decision));
    CHECK(decision.answer == ROUTESCOPE_BAD_TEXT);
    CHECK(places[1] == 0 && memcmp(places, places + 1, sizeof places - 1) == 0);

    values[0].length = SIZE_MAX;
    CHECK(!routescope_bearer_key(pbx, values, 1, &key, &decision));
    CHECK(decision.answer == ROUTESCOPE_BAD_TEXT);
    values[0].data = NULL;
    values[0].length = 0;
    CHECK(!routescope_bearer_key(pbx, values, 1, &key, &decision));
    CHECK(decision.answer == ROUTESCOPE_MALFORMED_KEY);
}

static void check_form(void) {
    const routescope_policy *pbx = routescope_policy_pbx();

    CHECK(routescope_key_length(pbx) == 100);
    CHECK(routescope_key_matches(pbx, KEY, 100));
    CHECK(!routescope_key_matches(pbx, KEY, 99));
    CHECK(!routescope_key_matches(pbx, KEY, 101));
    CHECK(!routescope_key_matches(pbx, KEY, SIZE_MAX));
    CHECK(!routescope_key_matches(pbx, KEY, 0));
    CHECK(!routescope_key_matches(pbx, NULL, 0));
    CHECK(!routescope_key_matches(pbx, NULL, 100));
}

static void check_same(void) {
    CHECK(routescope_same_key(KEY, 100, KEY, 100));
    CHECK(!routescope_same_key(KEY, 100, KEY, 99));
    CHECK(!routescope_same_key(KEY, 7, "wsk-v2-", 7));
    CHECK(!routescope_same_key("", 0, "", 0));
    CHECK(!routescope_same_key(NULL, 0, NULL, 0));
    CHECK(!routescope_same_key(NULL, 100, NULL, 100));
    CHECK(!routescope_same_key(KEY, 100, NULL, 100));
    CHECK(!routescope_same_key(NULL, 100, KEY, 100));
    CHECK(!routescope_same_key(KEY, SIZE_MAX, KEY, SIZE_MAX));
}

void check_keys(void) {
    check_headers();
    check_form();
    check_same();
}
