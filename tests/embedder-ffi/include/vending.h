/* The vending machine's policies, for routescope's functions. */
#ifndef VENDING_H
#define VENDING_H

#include <routescope.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The policy of customers. */
const routescope_policy *vending_policy(void);

/* The policy of the technician's tool. */
const routescope_policy *vending_service_policy(void);

/* The policy of the pin boards. */
const routescope_policy *vending_boards_policy(void);

#ifdef __cplusplus
}
#endif

#endif
