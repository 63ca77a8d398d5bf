#include "slots.h"

typedef struct slot {
    size_t length;
    uint8_t bytes[SLOT_SIZE];
    routescope_loaded_policy loaded;
} slot;

static slot slots[2] = {{.loaded = ROUTESCOPE_LOADED_POLICY_INIT},
                        {.loaded = ROUTESCOPE_LOADED_POLICY_INIT}};
static slot *in_force;

static bool load(slot *from, uint32_t min_revision) {
    const routescope_text name = {"pbx", 3};
    return routescope_policy_load(&from->loaded, from->bytes, from->length, name, min_revision);
}

static uint32_t revision(const slot *of) {
    return routescope_policy_revision(routescope_loaded_policy_handle(&of->loaded));
}

void slots_boot(void) {
    const bool first = load(&slots[0], 0), second = load(&slots[1], 0);
    if (first && second) {
        in_force = revision(&slots[1]) > revision(&slots[0]) ? &slots[1] : &slots[0];
    } else {
        in_force = first ? &slots[0] : second ? &slots[1] : NULL;
    }
}

const routescope_policy *slots_policy(void) {
    const routescope_policy *loaded =
        in_force == NULL ? NULL : routescope_loaded_policy_handle(&in_force->loaded);
    return loaded == NULL ? routescope_policy_pbx() : loaded;
}

static slot *spare(void) {
    return in_force == &slots[0] ? &slots[1] : &slots[0];
}

uint8_t *slots_room(void) {
    return spare()->bytes;
}

uint32_t slots_change_over(size_t length) {
    slot *const next = spare();
    next->length = length <= SLOT_SIZE ? length : 0;
    /* Nothing is later than the last number that there is. */
    const uint32_t current = routescope_policy_revision(slots_policy());
    if (current == UINT32_MAX) {
        return ROUTESCOPE_OLD_REVISION;
    }
    if (load(next, current + 1)) {
        in_force = next;
    }
    return next->loaded.answer;
}
