/* Outputs of any size: an older header's, a newer one's, nobody's. */
#include "check.h"

static const char target[] = "/api/v1/colleagues/";
enum { TARGET = sizeof target - 1, GUARD = 0xA5 };

/* Room for an output and a guard after it. */
union room {
    routescope_decision decision;
    routescope_route route;
    routescope_scope scope;
    unsigned char bytes[2048];
};

static void guard(union room *room, uint32_t size) {
    memset(room->bytes, GUARD, sizeof room->bytes);
    memcpy(room->bytes, &size, sizeof size);
}

static bool untouched_from(const union room *room, size_t from) {
    while (from < sizeof room->bytes) {
        if (room->bytes[from++] != GUARD) {
            return false;
        }
    }
    return true;
}

/* Checks the bytes of an output for which the caller gave `size` bytes and whose
 * struct has `whole` bytes. */
static void check_output(const union room *room, uint32_t size, size_t whole, bool told,
                         uint32_t answer) {
    uint32_t head[3];
    memcpy(head, room->bytes, sizeof head);

    CHECK(head[0] == size);
    if (size < 8) {
        CHECK(!told && untouched_from(room, 4));
    } else if (size > 1024) {
        CHECK(!told && head[1] == ROUTESCOPE_BAD_SIZE && untouched_from(room, 8));
    } else {
        CHECK(told && head[1] == answer);
        if (size < 12) {
            CHECK(untouched_from(room, 8));
        } else {
            CHECK(head[2] <= size && head[2] <= whole);
            CHECK(size < whole || head[2] == whole);
            CHECK(size > whole || size - head[2] < sizeof(routescope_text));
            CHECK(untouched_from(room, head[2]));
        }
    }
}

void check_sizes(void) {
    static const uint32_t junk[] = {1024, 1025, 0x7FFFFFFF, 0x80000000, UINT32_MAX, 0xA5A5A5A5};
    const routescope_policy *pbx = routescope_policy_pbx();
    const routescope_text name = {"colleagues:read", 15};
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    routescope_text key;
    union room room;
    uint32_t i;

    CHECK(routescope_scope_set_prepare(pbx, &held, &name, 1));
    for (i = 0; i < 128 + sizeof junk / sizeof junk[0]; i++) {
        uint32_t size = i < 128 ? i : junk[i - 128];
        bool told;

        guard(&room, size);
        told = routescope_authorize(pbx, &held, "GET", 3, target, TARGET, &room.decision);
        check_output(&room, size, sizeof room.decision, told, ROUTESCOPE_ALLOW);

        guard(&room, size);
        CHECK(!routescope_authorize(pbx, &held, "PUT", 3, target, TARGET, &room.decision));
        check_output(&room, size, sizeof room.decision, size >= 8 && size <= 1024,
                     ROUTESCOPE_METHOD_NOT_LISTED);

        guard(&room, size);
        told = routescope_required_scopes(pbx, "GET", 3, target, TARGET, &room.decision);
        check_output(&room, size, sizeof room.decision, told, ROUTESCOPE_MISSING_SCOPE);

        guard(&room, size);
        CHECK(!routescope_authorize_without_key(pbx, "GET", 3, target, TARGET, &room.decision));
        check_output(&room, size, sizeof room.decision, size >= 8 && size <= 1024,
                     ROUTESCOPE_MISSING_KEY);

        guard(&room, size);
        CHECK(!routescope_bearer_key(pbx, NULL, 0, &key, &room.decision));
        check_output(&room, size, sizeof room.decision, size >= 8 && size <= 1024,
                     ROUTESCOPE_MISSING_KEY);

        guard(&room, size);
        told = routescope_route_at(pbx, 0, &room.route);
        check_output(&room, size, sizeof room.route, told, ROUTESCOPE_OK);

        guard(&room, size);
        told = routescope_scope_at(pbx, 0, &room.scope);
        check_output(&room, size, sizeof room.scope, told, ROUTESCOPE_OK);
    }

    /* A program of version 1 of the header, which ends the struct after `scope`. */
    guard(&room, offsetof(routescope_decision, route));
    CHECK(routescope_authorize(pbx, &held, "GET", 3, target, TARGET, &room.decision));
    CHECK(room.decision.filled == offsetof(routescope_decision, route));
    CHECK(is(room.decision.scope, "colleagues:read"));

    /* One of version 2, which ends it before `by`. */
    guard(&room, offsetof(routescope_decision, by));
    CHECK(routescope_authorize(pbx, &held, "GET", 3, target, TARGET, &room.decision));
    CHECK(room.decision.filled == offsetof(routescope_decision, by));
    CHECK(room.decision.has_route == 1 && room.decision.sets == 0);

    /* Misaligned, NULL: nothing is written, and the answer is no. */
    guard(&room, sizeof room.decision);
    CHECK(!routescope_authorize(pbx, &held, "GET", 3, target, TARGET,
                                (routescope_decision *)(void *)(room.bytes + 1)));
    CHECK(!routescope_route_at(pbx, 0, (routescope_route *)(void *)(room.bytes + 2)));
    CHECK(untouched_from(&room, 4));
    CHECK(!routescope_route_at(pbx, 0, NULL) && !routescope_scope_at(pbx, 0, NULL));

    /* Zeroed memory is no yes, and has no size. */
    memset(&room, 0, sizeof room);
    CHECK(room.decision.answer != ROUTESCOPE_ALLOW);
    CHECK(!routescope_authorize(pbx, &held, "GET", 3, target, TARGET, &room.decision));
    CHECK(room.decision.answer == ROUTESCOPE_UNDECIDED);
}
