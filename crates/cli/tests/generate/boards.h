/*
 * @generated from standard input by routescope-compiler 0.2.0. Do not edit.
 * To make it again: routescope generate - --lang c.
 * SHA-256 of what it decides: b834b50cec1f77edea504f637b419b48650e076a4540d8e9301a3a9e27d28d6b
 *
 * The numbers of routes are those of this policy and of no other. Where the policy
 * in use may be another edition, because it was loaded or the library replaced,
 * compare the digests before you trust a number:
 *
 *     static const uint8_t known[ROUTESCOPE_DIGEST_LENGTH] = ROUTESCOPE_BOARDS_DIGEST_INIT;
 *     const uint8_t *digest = routescope_policy_digest(policy);
 *     if (digest == NULL || memcmp(digest, known, sizeof known) != 0) { ... }
 */
#ifndef ROUTESCOPE_BOARDS_NAMES_H
#define ROUTESCOPE_BOARDS_NAMES_H
#define ROUTESCOPE_BOARDS_NAMES_b834b50cec1f77ed

/* Scopes, the implied ones included: names for a set of scopes. */
#define ROUTESCOPE_BOARDS_SCOPE_ALL_ALL "*/*"
#define ROUTESCOPE_BOARDS_SCOPE_APPS_ALL_ALL "apps/*:*"
#define ROUTESCOPE_BOARDS_SCOPE_BOARDS_READ "boards.read"
#define ROUTESCOPE_BOARDS_SCOPE_BOARDS_WRITE "boards.write"
#define ROUTESCOPE_BOARDS_SCOPE_HTTPS_EXAMPLE_COM_AUTH_BOARDS "https://example.com/auth/boards"
#define ROUTESCOPE_BOARDS_SCOPE_WHAT_ALL_A "what\?\?/*|`a`"

/* Routes: the place of each in the policy's list, and their number. */
#define ROUTESCOPE_BOARDS_ROUTE_GET_ALL_REST 0
#define ROUTESCOPE_BOARDS_ROUTE_GET_APPS 1
#define ROUTESCOPE_BOARDS_ROUTE_GET_BOARDS 2
#define ROUTESCOPE_BOARDS_ROUTE_POST_BOARDS 3
#define ROUTESCOPE_BOARDS_ROUTE_GET_HEALTH 4
#define ROUTESCOPE_BOARDS_ROUTE_LOG_IN 5
#define ROUTESCOPE_BOARDS_ROUTE_GET_ME 6
#define ROUTESCOPE_BOARDS_ROUTES 7

/* Routes that need no scope, or several at once: the scopes of which each suffices
 * alone are not all that opens them.
 *
 *     GET /all/{*rest}: * / *, or boards.read and boards.write
 *     POST /boards: boards.read and what? ?/ *|`a`, or * / *, or boards.read and boards.write
 *     GET /health: public, no key
 *     POST /login: public, no key
 *     GET /me: any valid key
 */

/* The digest of the policy, for an array of 32 bytes. */
#define ROUTESCOPE_BOARDS_DIGEST_INIT { \
    0xb8, 0x34, 0xb5, 0x0c, 0xec, 0x1f, 0x77, 0xed, \
    0xea, 0x50, 0x4f, 0x63, 0x7b, 0x41, 0x9b, 0x48, \
    0x65, 0x0e, 0x07, 0x6a, 0x45, 0x40, 0xd8, 0xe9, \
    0x30, 0x1a, 0x3a, 0x9e, 0x27, 0xd2, 0x8d, 0x6b }

#elif !defined ROUTESCOPE_BOARDS_NAMES_b834b50cec1f77ed
#error "another policy has the names that begin with ROUTESCOPE_BOARDS: give one of the two another --prefix"
#endif
