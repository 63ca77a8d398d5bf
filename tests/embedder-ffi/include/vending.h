/* The vending machine's policy, for routescope's functions. */
#ifndef VENDING_H
#define VENDING_H

#include <routescope.h>

#ifdef __cplusplus
extern "C" {
#endif

const routescope_policy *vending_policy(void);

#ifdef __cplusplus
}
#endif

#endif
