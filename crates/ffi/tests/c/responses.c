/* Responses for clients are written into buffers of any size. */
#include "check.h"

enum { GUARD = 0x5A, ROOM = 256 };

typedef size_t (*writer)(const routescope_policy *, const routescope_decision *, char *, size_t);

/* A value in buffers of every capacity: what snprintf would write, no more. */
static void check_written(writer write, const routescope_decision *decision, const char *value) {
    const routescope_policy *pbx = routescope_policy_pbx();
    size_t length = strlen(value);
    char expected[ROOM];
    char *buffer;
    size_t capacity;

    for (capacity = 0; capacity <= length + 2; capacity++) {
        /* Exactly so much memory, for those who watch it. */
        buffer = (char *)malloc(capacity == 0 ? 1 : capacity);
        if (buffer == NULL) {
            abort();
        }
        memset(buffer, GUARD, capacity == 0 ? 1 : capacity);
        CHECK(write(pbx, decision, buffer, capacity) == length);
        if (capacity == 0) {
            CHECK(buffer[0] == GUARD);
        } else {
            CHECK(snprintf(expected, capacity, "%s", value) == (int)length);
            CHECK(strcmp(buffer, expected) == 0);
            CHECK(capacity <= length + 1 || buffer[length + 1] == GUARD);
        }
        free(buffer);
    }
    CHECK(write(pbx, decision, NULL, 0) == length);
    CHECK(write(pbx, decision, NULL, ROOM) == length);
    CHECK(write(pbx, decision, expected, SIZE_MAX) == length && strcmp(expected, value) == 0);
}

static uint32_t status_of(uint32_t answer) {
    if (answer == ROUTESCOPE_OK || answer == ROUTESCOPE_ALLOW) {
        return 200;
    }
    if (answer >= ROUTESCOPE_MISSING_KEY && answer <= ROUTESCOPE_EXPIRED_KEY) {
        return 401;
    }
    return answer >= ROUTESCOPE_BAD_METHOD && answer <= ROUTESCOPE_MISSING_SCOPE ? 403 : 500;
}

static void check_every_answer(void) {
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    uint32_t answer;

    for (answer = 0; answer <= 0xFFFF; answer++) {
        decision.answer = answer;
        switch (answer) {
        case ROUTESCOPE_MISSING_KEY:
            check_written(routescope_challenge, &decision, "Bearer");
            break;
        case ROUTESCOPE_MALFORMED_KEY:
        case ROUTESCOPE_UNKNOWN_KEY:
        case ROUTESCOPE_EXPIRED_KEY:
            check_written(routescope_challenge, &decision, "Bearer error=\"invalid_token\"");
            break;
        default: /* MISSING_SCOPE too, where it comes without a route */
            CHECK(routescope_challenge(routescope_policy_pbx(), &decision, NULL, 0) == 0);
        }
        CHECK(routescope_accepted_header(routescope_policy_pbx(), &decision, NULL, 0) == 0);
        CHECK(routescope_status(answer) == status_of(answer));
    }
    decision.answer = UINT32_MAX;
    check_written(routescope_challenge, &decision, "");
}

static void check_missing_scope(void) {
    static const char told[] = "Bearer error=\"insufficient_scope\", scope=\"colleagues:read\"";
    const routescope_policy *pbx = routescope_policy_pbx();
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    routescope_decision junk;
    routescope_decision places[2];
    char value[ROOM];
    uint32_t bit;

    CHECK(routescope_required_scopes(pbx, "HEAD", 4, "/api/v1/colleagues/", 19, &decision));
    CHECK(decision.method == ROUTESCOPE_GET && is(decision.scope, "colleagues:read"));
    check_written(routescope_challenge, &decision, told);
    check_written(routescope_accepted_header, &decision,
                  "colleagues:read, colleagues:*, pbx:read, pbx:*");
    CHECK(routescope_challenge(NULL, &decision, value, sizeof value) == 0 && value[0] == '\0');

    /* A route that is none: wild pointers are compared, never followed. */
    junk = decision;
    junk.path_template.data = (const char *)(uintptr_t)1;
    check_written(routescope_challenge, &junk, "");
    junk.path_template.length = SIZE_MAX;
    check_written(routescope_accepted_header, &junk, "");
    junk = decision;
    junk.path_template.length--;
    check_written(routescope_challenge, &junk, "");
    junk = decision;
    junk.scope.data = NULL;
    junk.scope.length = SIZE_MAX;
    check_written(routescope_challenge, &junk, told);
    for (bit = 1; bit != 0; bit <<= 1) {
        junk = decision;
        junk.method ^= bit;
        check_written(routescope_challenge, &junk, "");
    }

    /* Decisions that are none. */
    memset(value, GUARD, sizeof value);
    CHECK(routescope_challenge(pbx, NULL, value, sizeof value) == 0 && value[0] == '\0');
    memcpy((char *)places + 1, &decision, sizeof decision);
    CHECK(routescope_challenge(pbx,
                               (const routescope_decision *)(const void *)((char *)places + 1),
                               value, sizeof value) == 0);
    junk = decision;
    junk.size = 7;
    check_written(routescope_challenge, &junk, "");
    junk.size = UINT32_MAX;
    check_written(routescope_challenge, &junk, "");
    /* Of an older header, which had no route to tell the scope by. */
    junk.size = 40;
    check_written(routescope_challenge, &junk, "");
    junk.answer = ROUTESCOPE_EXPIRED_KEY;
    junk.size = 8;
    check_written(routescope_challenge, &junk, "Bearer error=\"invalid_token\"");
}

void check_responses(void) {
    check_every_answer();
    check_missing_scope();
}
