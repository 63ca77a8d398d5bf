/*
 * @generated from standard input by routescope-compiler 0.2.0. Do not edit.
 * To make it again: routescope generate - --lang c.
 * SHA-256 of what it decides: 38d75cad4cf93afef1da64aebb19cbb85625a7ddedda46dcdfaec5800d2c6366
 *
 * The numbers of routes are those of this policy and of no other. Where the policy
 * in use may be another edition, because it was loaded or the library replaced,
 * compare the digests before you trust a number:
 *
 *     static const uint8_t known[ROUTESCOPE_DIGEST_LENGTH] = ROUTESCOPE_MY_SHOP_DIGEST_INIT;
 *     const uint8_t *digest = routescope_policy_digest(policy);
 *     if (digest == NULL || memcmp(digest, known, sizeof known) != 0) { ... }
 */
#ifndef ROUTESCOPE_MY_SHOP_NAMES_H
#define ROUTESCOPE_MY_SHOP_NAMES_H
#define ROUTESCOPE_MY_SHOP_NAMES_38d75cad4cf93afe

/* Scopes, the implied ones included: names for a set of scopes. */
#define ROUTESCOPE_MY_SHOP_SCOPE_2FA_ALL "2fa:*"
#define ROUTESCOPE_MY_SHOP_SCOPE_2FA_RESET "2fa:Reset"
#define ROUTESCOPE_MY_SHOP_SCOPE_ORDERS "orders:*"
#define ROUTESCOPE_MY_SHOP_SCOPE_ORDERS_READ "orders:read"
#define ROUTESCOPE_MY_SHOP_SCOPE_SHOP_ALL "shop:*"
#define ROUTESCOPE_MY_SHOP_SCOPE_SHOP_READ "shop:read"

/* Routes: the place of each in the policy's list, and their number. */
#define ROUTESCOPE_MY_SHOP_ROUTE_GET_ORDERS 0
#define ROUTESCOPE_MY_SHOP_ROUTE_GET_ORDERS_ID 1
#define ROUTESCOPE_MY_SHOP_ROUTE_CANCEL_ORDER 2
#define ROUTESCOPE_MY_SHOP_ROUTE_POST_SELF_2FA_WAY 3
#define ROUTESCOPE_MY_SHOP_ROUTES 4

/* The digest of the policy, for an array of 32 bytes. */
#define ROUTESCOPE_MY_SHOP_DIGEST_INIT { \
    0x38, 0xd7, 0x5c, 0xad, 0x4c, 0xf9, 0x3a, 0xfe, \
    0xf1, 0xda, 0x64, 0xae, 0xbb, 0x19, 0xcb, 0xb8, \
    0x56, 0x25, 0xa7, 0xdd, 0xed, 0xda, 0x46, 0xdc, \
    0xdf, 0xae, 0xc5, 0x80, 0x0d, 0x2c, 0x63, 0x66 }

#elif !defined ROUTESCOPE_MY_SHOP_NAMES_38d75cad4cf93afe
#error "another policy has the names that begin with ROUTESCOPE_MY_SHOP: give one of the two another --prefix"
#endif
