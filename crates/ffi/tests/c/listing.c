/* Going through a policy: its routes, its scopes, what it says of itself. */
#include "check.h"

#include <routescope_pbx.h>

enum { NAMES = 64 };

static void check_routes(void) {
    const routescope_policy *pbx = routescope_policy_pbx();
    uint32_t count = routescope_route_count(pbx);
    routescope_route route = ROUTESCOPE_ROUTE_INIT;
    routescope_text names[NAMES];
    routescope_text none = {"", 0};
    routescope_text one = {"", 0};
    size_t accepted;
    size_t i;
    uint32_t index;

    for (index = 0; routescope_route_at(pbx, index, &route); index++) {
        CHECK(route.answer == ROUTESCOPE_OK && route.filled == sizeof route);
        CHECK(routescope_method_name(route.method).length > 0);
        CHECK(route.path_template.length > 0 && route.path_template.data[0] == '/');
        accepted = routescope_accepted_scopes(pbx, route.method, route.path_template, names, NAMES);
        CHECK(accepted == route.accepted && accepted > 0 && accepted <= NAMES);
        for (i = 0; i < accepted; i++) {
            CHECK(memchr(names[i].data, ':', names[i].length) != NULL);
        }
        CHECK(is(names[accepted - 1], "pbx:*"));

        /* As many as there is room for, and the same count. */
        for (i = 0; i < accepted; i++) {
            memset(names, 0, sizeof names);
            CHECK(routescope_accepted_scopes(pbx, route.method, route.path_template, names, i) ==
                  accepted);
            CHECK(names[i].data == NULL && (i == 0 || names[i - 1].data != NULL));
        }
        CHECK(routescope_accepted_scopes(pbx, route.method, route.path_template, NULL, 0) ==
              accepted);
        CHECK(routescope_accepted_scopes(pbx, route.method, route.path_template, NULL, SIZE_MAX) ==
              accepted);
        /* Each is an alternative, and there are no others. */
        CHECK(route.sets == 0 && route.by == 0 && route.spare == 0);
        routescope_accepted_scopes(pbx, route.method, route.path_template, names, NAMES);
        for (i = 0; i < accepted; i++) {
            CHECK(routescope_alternatives(pbx, route.method, route.path_template, (uint32_t)i,
                                          &one, 1) == 1);
            CHECK(one.data == names[i].data && one.length == names[i].length);
        }
        CHECK(routescope_alternatives(pbx, route.method, route.path_template, (uint32_t)accepted,
                                      &one, 1) == 0);
        CHECK(routescope_alternatives(pbx, route.method, route.path_template, UINT32_MAX, NULL,
                                      0) == 0);
        CHECK(routescope_alternatives(pbx, UINT32_MAX, route.path_template, 0, NULL, 0) == 0);
        CHECK(routescope_accepted_scopes(pbx, 0, route.path_template, NULL, 0) == 0);
        CHECK(routescope_accepted_scopes(pbx, UINT32_MAX, route.path_template, NULL, 0) == 0);
    }
    CHECK(index == count && count == 110);
    CHECK(route.answer == ROUTESCOPE_OUT_OF_RANGE && is(route.path_template, ""));
    CHECK(!routescope_route_at(pbx, UINT32_MAX, &route));
    CHECK(routescope_accepted_scopes(pbx, ROUTESCOPE_GET, none, NULL, 0) == 0);
}

static void check_scopes(void) {
    const routescope_policy *pbx = routescope_policy_pbx();
    uint32_t declared = 0;
    routescope_scope scope = ROUTESCOPE_SCOPE_INIT;
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    uint32_t index;

    for (index = 0; routescope_scope_at(pbx, index, &scope); index++) {
        CHECK(scope.answer == ROUTESCOPE_OK && scope.filled == sizeof scope);
        CHECK(routescope_scope_set_prepare(pbx, &held, &scope.name, 1));
        CHECK(routescope_scope_set_held(&held) == 1 && routescope_scope_set_unknown(&held) == 0);
        CHECK(scope.declared <= 1);
        declared += scope.declared;
    }
    CHECK(index == routescope_scope_count(pbx) && index > declared && declared == 25);
    CHECK(scope.answer == ROUTESCOPE_OUT_OF_RANGE && is(scope.name, ""));
    CHECK(!routescope_scope_at(pbx, UINT32_MAX, &scope));
}

static void check_names(void) {
    CHECK(is(routescope_answer_name(0), "undecided"));
    CHECK(is(routescope_answer_name(ROUTESCOPE_MISSING_SCOPE), "missing_scope"));
    CHECK(is(routescope_path_rule_name(ROUTESCOPE_RULE_DOT_SEGMENT), "dot_segment"));
    CHECK(is(routescope_method_name(ROUTESCOPE_OPTIONS), "OPTIONS"));
    CHECK(is(routescope_by_name(ROUTESCOPE_BY_ANY_KEY), "any_key"));
    CHECK(is(routescope_by_name(0), "") && is(routescope_by_name(UINT32_MAX), ""));
    CHECK(is(routescope_answer_name(UINT32_MAX), ""));
    CHECK(is(routescope_path_rule_name(0), "") && is(routescope_path_rule_name(UINT32_MAX), ""));
    CHECK(is(routescope_method_name(0), "") && is(routescope_method_name(0x80), ""));
    CHECK(is(routescope_method_name(ROUTESCOPE_GET | ROUTESCOPE_HEAD), ""));
}

void check_listing(void) {
    const routescope_policy *pbx = routescope_policy_pbx();
    const uint8_t *digest = routescope_policy_digest(pbx);
    static const uint8_t zero[ROUTESCOPE_DIGEST_LENGTH] = {0};
    static const uint8_t known[ROUTESCOPE_DIGEST_LENGTH] = ROUTESCOPE_PBX_DIGEST_INIT;

    CHECK(pbx != NULL && pbx == routescope_policy_pbx());
    CHECK(digest != NULL && digest == routescope_policy_digest(pbx));
    CHECK(memcmp(digest, zero, sizeof zero) != 0);
    CHECK(memcmp(digest, known, sizeof known) == 0);
    CHECK(is(routescope_policy_name(pbx), "pbx"));
    CHECK(routescope_policy_updated(pbx).length == strlen("2026-05-28"));
    check_routes();
    check_scopes();
    check_names();
}
