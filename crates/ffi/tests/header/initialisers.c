/* Every _INIT macro of the header, compiled as each dialect of C and C++ with
 * the warnings that programs turn into errors (trial case F03). */
#include "routescope.h"

/* Nothing is set but the size: 0 is no permission in any field. */
static int denies(uint32_t size, size_t whole, uint32_t answer) {
    return size == whole && answer == ROUTESCOPE_UNDECIDED;
}

int main(void) {
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    routescope_route route = ROUTESCOPE_ROUTE_INIT;
    routescope_scope scope = ROUTESCOPE_SCOPE_INIT;
    routescope_loaded_policy loaded = ROUTESCOPE_LOADED_POLICY_INIT;
    static const routescope_scope_set constant = ROUTESCOPE_SCOPE_SET_INIT;

    return denies(held.size, sizeof held, held.answer) &&
                   denies(decision.size, sizeof decision, decision.answer) &&
                   denies(route.size, sizeof route, route.answer) &&
                   denies(scope.size, sizeof scope, scope.answer) &&
                   denies(loaded.size, sizeof loaded, loaded.answer) &&
                   denies(constant.size, sizeof constant, constant.answer) &&
                   decision.path_template.length == 0 && decision.scope.length == 0 &&
                   decision.route == 0 && decision.has_route == 0 && decision.sets == 0 &&
                   decision.by == 0 && route.by == 0
               ? 0
               : 1;
}
