/* Two slots for policies that arrive while the device runs.
 *
 * The policy in force lies in one, and the next one is written into the other.
 * On a device they are in flash, here they are in RAM. Nothing records which of
 * the two is in force: it is the one with the higher revision of those that
 * load. So there is no moment at which a loss of power leaves none. */
#ifndef SLOTS_H
#define SLOTS_H

#include <stddef.h>
#include <stdint.h>

#include "routescope.h"

/* Room for a policy of twice the size of today's. */
enum { SLOT_SIZE = 16 * 1024 };

/* Finds the policy in force after a reset, whatever the slots hold. */
void slots_boot(void);

/* The policy in force: the one from a slot, or else that of the image. Scope
 * sets are prepared again after each change. */
const routescope_policy *slots_policy(void);

/* The room for the next policy, SLOT_SIZE bytes. */
uint8_t *slots_room(void);

/* Puts the policy of `length` bytes that was written into the room into force,
 * if it is one, of our name, and later than the one in force: ROUTESCOPE_OK.
 * Otherwise nothing changes, and the answer says why. */
uint32_t slots_change_over(size_t length);

#endif
