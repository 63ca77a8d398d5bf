/*
 * @generated from standard input by routescope-compiler 0.2.0. Do not edit.
 * To make it again: routescope generate - --lang c.
 * SHA-256 of what it decides: 38d75cad4cf93afef1da64aebb19cbb85625a7ddedda46dcdfaec5800d2c6366
 */
#ifndef ROUTESCOPE_MY_SHOP_H
#define ROUTESCOPE_MY_SHOP_H

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

#endif
