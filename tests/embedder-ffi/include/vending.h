/* The vending machine's policies, for routescope's functions. */
#ifndef VENDING_H
#define VENDING_H

#include <routescope.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What customers may do. */
const routescope_policy *vending_policy(void);

/* What the technician's tool may do. */
const routescope_policy *vending_service_policy(void);

#ifdef __cplusplus
}
#endif

#endif
