/* A C program over the vending machine's three tables. Exit code 0: all as it should. */
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

static uint32_t answer(const routescope_policy *policy, const routescope_scope_set *held,
                       const char *target) {
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    bool allowed = routescope_authorize(policy, held, "GET", 3, target, strlen(target), &decision);

    return allowed == (decision.answer == ROUTESCOPE_ALLOW) ? decision.answer : 0;
}

/* Two policies of one library: each decides by its own table, and a set holds
 * nothing for the other (trial case F06). */
static void f06_two_policies(void) {
    const routescope_policy *vending = vending_policy();
    const routescope_policy *service = vending_service_policy();
    static const routescope_text names[] = {{"slots:read", 10}, {"machine:read", 12}};
    routescope_scope_set customer = ROUTESCOPE_SCOPE_SET_INIT;
    routescope_scope_set technician = ROUTESCOPE_SCOPE_SET_INIT;
    routescope_text name = routescope_policy_name(service);

    if (!routescope_scope_set_prepare(vending, &customer, names, 2) ||
        !routescope_scope_set_prepare(service, &technician, names, 2) ||
        routescope_scope_set_held(&customer) != 1 || routescope_scope_set_held(&technician) != 1 ||
        name.length != 7 || memcmp(name.data, "service", 7) != 0 ||
        routescope_route_count(service) != 3 ||
        answer(vending, &customer, "/slots") != ROUTESCOPE_ALLOW ||
        answer(vending, &technician, "/slots") != ROUTESCOPE_MISSING_SCOPE ||
        answer(vending, &customer, "/temperature") != ROUTESCOPE_UNKNOWN_ROUTE ||
        answer(service, &technician, "/slots") != ROUTESCOPE_ALLOW ||
        answer(service, &customer, "/slots") != ROUTESCOPE_MISSING_SCOPE ||
        answer(service, &technician, "/temperature") != ROUTESCOPE_ALLOW ||
        answer(service, &technician, "/slots/a7") != ROUTESCOPE_UNKNOWN_ROUTE) {
        printf("two policies in one library: not as it should\n");
        failed++;
    }
}

/* Returns the answer of the boards' table to a key with these scopes. */
static routescope_decision asked(const char *method, const char *target,
                                 const routescope_text *names, size_t count) {
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    bool allowed;

    if (!routescope_scope_set_prepare(vending_boards_policy(), &held, names, count)) {
        failed++;
    }
    allowed = routescope_authorize(vending_boards_policy(), &held, method, strlen(method), target,
                                   strlen(target), &decision);
    if (allowed != (decision.answer == ROUTESCOPE_ALLOW)) {
        failed++;
    }
    return decision;
}

static void claim(bool holds, const char *what) {
    if (!holds) {
        printf("not so: %s\n", what);
        failed++;
    }
}

#define CLAIM(claimed) claim(claimed, #claimed)

static bool is(routescope_text it, const char *letters) {
    return it.length == strlen(letters) && memcmp(it.data, letters, it.length) == 0;
}

/* Scopes that are needed together. */
static void sets(void) {
    static const routescope_text names[] = {{"boards.read", 11}, {"boards.write", 12}};
    const routescope_policy *boards = vending_boards_policy();
    routescope_decision decision = asked("POST", "/boards", names, 1);
    routescope_text all[8];
    char value[96];

    CLAIM(decision.answer == ROUTESCOPE_MISSING_SCOPE);
    CLAIM(decision.accepted == 0 && decision.sets == 1 && decision.scope.length == 0);
    CLAIM(routescope_accepted_scopes(boards, decision.method, decision.path_template, all, 8) == 0);
    CLAIM(routescope_alternatives(boards, decision.method, decision.path_template, 0, all, 8) == 2);
    CLAIM(is(all[0], "boards.read") && is(all[1], "boards.write"));
    CLAIM(routescope_alternatives(boards, decision.method, decision.path_template, 1, all, 8) == 0);
    routescope_challenge(boards, &decision, value, sizeof value);
    CLAIM(strstr(value, "scope=\"boards.read boards.write\"") != NULL);
    CLAIM(asked("POST", "/boards", names + 1, 1).answer == ROUTESCOPE_MISSING_SCOPE);
    decision = asked("POST", "/boards", names, 2);
    CLAIM(decision.answer == ROUTESCOPE_ALLOW && decision.by == ROUTESCOPE_BY_ALL);
    CLAIM(decision.scope.length == 0);

    decision = asked("POST", "/boards/7/pins", names, 2);
    CLAIM(decision.answer == ROUTESCOPE_MISSING_SCOPE);
    CLAIM(decision.accepted == 1 && decision.sets == 1);
    routescope_accepted_header(boards, &decision, value, sizeof value);
    CLAIM(strcmp(value, "boards.read pins.write, admin") == 0);
}

/* Routes that need no scope, and routes that need no key. */
static void without_scopes(void) {
    const routescope_policy *boards = vending_boards_policy();
    routescope_decision decision = asked("GET", "/users/me", NULL, 0);

    CLAIM(decision.answer == ROUTESCOPE_ALLOW && decision.by == ROUTESCOPE_BY_ANY_KEY);
    CLAIM(routescope_required_scopes(boards, "GET", 3, "/users/me", 9, &decision));
    CLAIM(decision.answer == ROUTESCOPE_OK && decision.by == ROUTESCOPE_BY_ANY_KEY);
    CLAIM(!routescope_authorize_without_key(boards, "GET", 3, "/users/me", 9, &decision));
    CLAIM(decision.answer == ROUTESCOPE_MISSING_KEY && decision.status == 401);
    CLAIM(routescope_authorize_without_key(boards, "POST", 4, "/users/login", 12, &decision));
    CLAIM(decision.answer == ROUTESCOPE_ALLOW && decision.by == ROUTESCOPE_BY_PUBLIC);
    CLAIM(!routescope_authorize_without_key(boards, "GET", 3, "/users/login", 12, &decision));
    CLAIM(!routescope_authorize_without_key(boards, "POST", 4, "/users/Login", 12, &decision));
    CLAIM(!routescope_authorize_without_key(boards, "GET", 3, "/nothing", 8, NULL));
    CLAIM(routescope_required_scopes(boards, "POST", 4, "/users/login", 12, &decision));
    CLAIM(decision.answer == ROUTESCOPE_OK && decision.by == ROUTESCOPE_BY_PUBLIC);
}

int main(void) {
    static const char keys[] = "Bearer any.token~of=";
    routescope_text value = {keys, sizeof keys - 1};
    routescope_text key;
    routescope_text name = routescope_policy_name(vending_policy());

    f06_two_policies();
    sets();
    without_scopes();
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
