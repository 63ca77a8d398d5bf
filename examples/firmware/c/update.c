/* Updates the policy of a running device: updates come from files of the
 * computer that QEMU runs on, good ones decide the shared vectors through the C
 * interface, and bad ones change nothing. */
#include "semihosting.h"
#include "slots.h"
#include "stack.h"
#include "vectors.h"

extern const char vectors_start[], vectors_end[];

/* An accident that befalls an update on the way, or none. */
typedef enum mishap { ARRIVES, POWER_FAILS, BIT_FLIPS } mishap;

static const struct {
    const char *what, *file;
    mishap mishap;
    uint32_t answer;
} updates[] = {
    {"another API's", "other.rsp", ARRIVES, ROUTESCOPE_WRONG_NAME},
    {"edition 7", "pbx-7.rsp", ARRIVES, ROUTESCOPE_OK},
    {"edition 7 again", "pbx-7.rsp", ARRIVES, ROUTESCOPE_OLD_REVISION},
    {"edition 8, the power fails", "pbx-8.rsp", POWER_FAILS, ROUTESCOPE_BAD_LENGTH},
    {"edition 8, a bit flips", "pbx-8.rsp", BIT_FLIPS, ROUTESCOPE_BAD_CHECKSUM},
    {"edition 8", "pbx-8.rsp", ARRIVES, ROUTESCOPE_OK},
    {"edition 7 once more", "pbx-7.rsp", ARRIVES, ROUTESCOPE_OLD_REVISION},
    {"another API's again", "other.rsp", ARRIVES, ROUTESCOPE_WRONG_NAME},
};

enum { UPDATES = sizeof updates / sizeof updates[0], LAST_EDITION = 8 };

static void write_text(routescope_text text) {
    char letters[80];
    size_t length = 0;
    for (; length < text.length && length < sizeof letters - 1; length++) {
        letters[length] = text.data[length];
    }
    letters[length] = '\0';
    semihosting_write(letters);
}

/* Whether the policy in force answers all vectors as they say. */
static bool decides(void) {
    const summary sum = vectors_run(slots_policy(), vectors_start, vectors_end);
    semihosting_write_number(sum.held);
    semihosting_write("/");
    semihosting_write_number(sum.all);
    semihosting_write(" vectors from bytes\n");
    if (sum.first_wrong != 0) {
        semihosting_write("the first that does not hold is in line ");
        semihosting_write_number(sum.first_wrong);
        semihosting_write("\n");
    }
    return sum.all > 0 && sum.held == sum.all;
}

/* A change that stack_depth() hands on. */
typedef struct change {
    size_t length;
    uint32_t answer;
} change;

static void change_over(void *argument) {
    change *c = argument;
    c->answer = slots_change_over(c->length);
}

int main(void) {
    size_t deepest = 0;
    bool good = true;

    slots_boot();
    good &= slots_policy() == routescope_policy_pbx();
    for (size_t i = 0; i < UPDATES; i++) {
        const uint32_t before = routescope_policy_revision(slots_policy());
        uint8_t *const room = slots_room();
        change c = {0, ROUTESCOPE_UNDECIDED};
        if (!semihosting_read(updates[i].file, room, SLOT_SIZE, &c.length)) {
            semihosting_write("cannot read the update\n");
            return 1;
        }
        if (updates[i].mishap == POWER_FAILS) {
            c.length /= 2;
        } else if (updates[i].mishap == BIT_FLIPS) {
            room[c.length / 2] ^= 0x10;
        }
        const size_t depth = stack_depth(change_over, &c);
        deepest = depth > deepest ? depth : deepest;
        semihosting_write(updates[i].what);
        semihosting_write(": ");
        write_text(routescope_answer_name(c.answer));
        semihosting_write("\n");
        good &= c.answer == updates[i].answer;

        /* Only a good one changes anything, and a reset finds the same one. */
        const uint32_t after = routescope_policy_revision(slots_policy());
        good &= (after > before) == (c.answer == ROUTESCOPE_OK) && after >= before;
        slots_boot();
        good &= routescope_policy_revision(slots_policy()) == after;
        if (c.answer == ROUTESCOPE_OK) {
            good &= decides();
        }
    }
    good &= routescope_policy_revision(slots_policy()) == LAST_EDITION;
    semihosting_write("stack: ");
    semihosting_write_number((unsigned)deepest);
    semihosting_write(" bytes, loading through C\n");
    semihosting_write("RAM: ");
    semihosting_write_number((unsigned)sizeof(routescope_loaded_policy));
    semihosting_write(" bytes, a loaded policy in C\n");
    return good ? 0 : 1;
}
