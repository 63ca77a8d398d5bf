/* A C program over the vending machine's table. Exit code 0: all as it should. */
#include "vending.h"

#include <stdio.h>
#include <string.h>

static int failed;

static void expect(const char *method, const char *target, uint32_t answer) {
    static const routescope_text names[] = {{"slots:read", 10}, {"logs:read", 9}, {"pbx:*", 5}};
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    bool allowed;

    if (!routescope_scope_set_prepare(vending_policy(), &held, names, 3) ||
        routescope_scope_set_held(&held) != 2 || routescope_scope_set_unknown(&held) != 1) {
        failed++;
    }
    allowed = routescope_authorize(vending_policy(), &held, method, strlen(method), target,
                                   strlen(target), &decision);
    if (allowed != (answer == ROUTESCOPE_ALLOW) || decision.answer != answer) {
        routescope_text name = routescope_answer_name(decision.answer);
        printf("%s %s: %.*s\n", method, target, (int)name.length, name.data);
        failed++;
    }
}

int main(void) {
    static const char keys[] = "Bearer any.token~of=";
    routescope_text value = {keys, sizeof keys - 1};
    routescope_text key;
    routescope_text name = routescope_policy_name(vending_policy());

    expect("GET", "/slots", ROUTESCOPE_ALLOW);
    expect("HEAD", "/SLOTS/", ROUTESCOPE_ALLOW);
    expect("GET", "/slots/a7", ROUTESCOPE_ALLOW);
    expect("GET", "/logs/2026/11/coins.txt", ROUTESCOPE_ALLOW);
    expect("PUT", "/slots/a7", ROUTESCOPE_MISSING_SCOPE);
    expect("GET", "/coins/count", ROUTESCOPE_MISSING_SCOPE);
    expect("POST", "/slots", ROUTESCOPE_METHOD_NOT_LISTED);
    expect("GET", "/slots/..", ROUTESCOPE_BAD_PATH);
    expect("GET", "/api/v1/colleagues/", ROUTESCOPE_UNKNOWN_ROUTE);

    /* This table declares no form of keys. */
    if (!routescope_bearer_key(vending_policy(), &value, 1, &key, NULL) || key.length != 13 ||
        routescope_key_matches(vending_policy(), key.data, key.length) ||
        routescope_key_length(vending_policy()) != 0) {
        failed++;
    }
    if (name.length != 7 || memcmp(name.data, "vending", 7) != 0 ||
        routescope_policy_updated(vending_policy()).length != 0 ||
        routescope_route_count(vending_policy()) != 6) {
        failed++;
    }
    printf("%s\n", failed == 0 ? "the vending machine decides" : "FAILED");
    return failed == 0 ? 0 : 1;
}
