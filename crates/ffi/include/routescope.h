/*
 * routescope: may a key that holds these scopes call this method on this path?
 *
 * The answer takes one pass over the path, no memory but the stack, and no
 * state: every function may be called from any thread and from an interrupt,
 * also while another call is under way, as long as nobody writes what it reads.
 * No function allocates, locks, calls back, or ends the program.
 *
 *     const routescope_policy *policy = routescope_policy_pbx();
 *     const routescope_text names[] = {{"colleagues:read", 15}};
 *     routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;      // once per key
 *     routescope_decision decision = ROUTESCOPE_DECISION_INIT;
 *
 *     routescope_scope_set_prepare(policy, &held, names, 1);
 *     if (routescope_authorize(policy, &held, "GET", 3, target, target_length, &decision)) {
 *         // serve it, by exactly the bytes of target
 *     } else {
 *         // refuse it with decision.status
 *     }
 *
 * RULES FOR ALL FUNCTIONS
 *
 * Texts are a pointer and a length in bytes. They need no NUL and no UTF-8. A
 * length of 0 is an empty text, also with NULL. Inputs are only read, and only
 * during the call. Texts in outputs have no NUL after them, their pointer is
 * never NULL, and unless it says otherwise they stay valid and unchanged for
 * ever: they lie in the policy's constants, or in the bytes that it was loaded
 * from, for as long as these do.
 *
 * Structs that a function fills begin with `size`, which the caller sets to
 * sizeof once (the _INIT macros do), then `answer`. A library writes no more
 * than `size` bytes, and whole fields only; `filled` says how many bytes it
 * has written. So program and library may be of different versions: fields
 * that end after `filled` were not known to the library. Below 8 bytes or
 * above 1024, `size` is refused: the function returns false, and `answer`, if
 * there is room for it, is ROUTESCOPE_BAD_SIZE.
 *
 * Mistakes are denials. NULL and misaligned pointers, lengths that leave the
 * address space, numbers out of range and structs nobody has set up give false
 * or 0, and an `answer` that says which mistake it was, where there is a struct
 * to say it in. No library can notice the rest, so it stays the caller's duty:
 * a pointer that is not NULL points at as many bytes as go with it, and a
 * policy's handle comes from the function that returns it.
 *
 * Zeroed memory denies: 0 is no permission in any field.
 *
 * Security: hand over the request target exactly as it came, forward exactly
 * the bytes that were decided on, and compare keys in constant time.
 */
#ifndef ROUTESCOPE_H
#define ROUTESCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A result that must not be dropped. */
#if defined(__GNUC__) || defined(__clang__)
#define ROUTESCOPE_MUST_USE __attribute__((warn_unused_result))
#else
#define ROUTESCOPE_MUST_USE
#endif

/* ---- Version ---------------------------------------------------------- */

/* The version of this header. It grows when something is added. Existing names
 * keep their number, place and meaning; a changed meaning gets a new name. */
#define ROUTESCOPE_ABI_VERSION 3

/* The version of the library, to compare with ROUTESCOPE_ABI_VERSION where
 * the two are not built together:
 *
 *     if (routescope_abi_version() < ROUTESCOPE_ABI_VERSION) { refuse to start; }
 */
uint32_t routescope_abi_version(void);

/* ---- Numbers ---------------------------------------------------------- */

/* The answers of functions. Fields that hold one are uint32_t, because the
 * width of an enum is the compiler's choice. */
enum {
    ROUTESCOPE_UNDECIDED = 0x00,         /* nothing yet: a denial              */
    ROUTESCOPE_OK = 0x01,                /* done; never the answer to a request */
    ROUTESCOPE_ALLOW = 0x5AA5,           /* yes; two bits or more from any other */

    /* 401: the key is at fault. */
    ROUTESCOPE_MISSING_KEY = 0x10,       /* the request carries none           */
    ROUTESCOPE_MALFORMED_KEY = 0x11,     /* something that is no key           */
    ROUTESCOPE_UNKNOWN_KEY = 0x12,       /* nobody knows it                    */
    ROUTESCOPE_EXPIRED_KEY = 0x13,       /* its time is over: yours to say     */

    /* 403: this key may not, or nobody may. */
    ROUTESCOPE_BAD_METHOD = 0x20,        /* none of the seven methods          */
    ROUTESCOPE_BAD_PATH = 0x21,          /* the target breaks a path rule      */
    ROUTESCOPE_UNKNOWN_ROUTE = 0x22,     /* no template matches: not public!   */
    ROUTESCOPE_METHOD_NOT_LISTED = 0x23, /* the template does not list it      */
    ROUTESCOPE_MISSING_SCOPE = 0x24,     /* of no alternative all are held     */

    /* 500: the call was wrong. */
    ROUTESCOPE_NO_POLICY = 0x40,         /* handle NULL or misaligned          */
    ROUTESCOPE_BAD_TEXT = 0x41,          /* NULL with a length, or too long    */
    ROUTESCOPE_BAD_SCOPE_SET = 0x42,     /* NULL, misaligned or not prepared   */
    ROUTESCOPE_BAD_SIZE = 0x43,          /* `size` was not set                 */
    ROUTESCOPE_TOO_FEW_WORDS = 0x44,     /* see ROUTESCOPE_SCOPE_WORDS         */
    ROUTESCOPE_OUT_OF_RANGE = 0x45,      /* no route or scope of this number   */

    /* 500: bytes were not loaded. */
    ROUTESCOPE_NOT_A_POLICY = 0x50,      /* do not begin as a policy does      */
    ROUTESCOPE_BAD_FORMAT = 0x51,        /* a format of another version        */
    ROUTESCOPE_BAD_LENGTH = 0x52,        /* cut, or longer than they say       */
    ROUTESCOPE_BAD_CHECKSUM = 0x53,      /* changed on their way               */
    ROUTESCOPE_WRONG_NAME = 0x54,        /* another policy than was asked for  */
    ROUTESCOPE_OLD_REVISION = 0x55,      /* below the revision asked for       */
    ROUTESCOPE_MALFORMED_POLICY = 0x56,  /* a field that no compiler writes    */
    ROUTESCOPE_UNSOUND_POLICY = 0x57     /* an index out of range, or tables
                                            of another version                 */
};

/* The rule that a refused target breaks. The README says why each is there. */
enum {
    ROUTESCOPE_RULE_TOO_LONG = 1,
    ROUTESCOPE_RULE_NOT_ORIGIN_FORM = 2,
    ROUTESCOPE_RULE_FRAGMENT = 3,
    ROUTESCOPE_RULE_QUERY_BYTES = 4,
    ROUTESCOPE_RULE_TOO_MANY_SEGMENTS = 5,
    ROUTESCOPE_RULE_SEGMENT_TOO_LONG = 6,
    ROUTESCOPE_RULE_BYTE = 7,
    ROUTESCOPE_RULE_BAD_ESCAPE = 8,
    ROUTESCOPE_RULE_ENCODED_DELIMITER = 9,
    ROUTESCOPE_RULE_ENCODED_UNRESERVED = 10,
    ROUTESCOPE_RULE_UTF8 = 11,
    ROUTESCOPE_RULE_CONFUSABLE = 12,
    ROUTESCOPE_RULE_EMPTY_SEGMENT = 13,
    ROUTESCOPE_RULE_DOT_SEGMENT = 14,
    ROUTESCOPE_RULE_SEGMENT_EDGE = 15,
    ROUTESCOPE_RULE_SHADOWS_LITERAL = 16,
    ROUTESCOPE_RULE_COLON_IN_VALUE = 17
};

/* Methods, a bit each, so that a field can hold several. */
enum {
    ROUTESCOPE_GET = 0x01,
    ROUTESCOPE_HEAD = 0x02,
    ROUTESCOPE_POST = 0x04,
    ROUTESCOPE_PUT = 0x08,
    ROUTESCOPE_PATCH = 0x10,
    ROUTESCOPE_DELETE = 0x20,
    ROUTESCOPE_OPTIONS = 0x40
};

/* The reasons why a request is allowed. 0 is none of them. */
enum {
    ROUTESCOPE_BY_SCOPE = 1,   /* a held scope that suffices alone              */
    ROUTESCOPE_BY_ALL = 2,     /* all scopes of a set; none of them alone       */
    ROUTESCOPE_BY_ANY_KEY = 3, /* the key itself: the route asks for no scope   */
    ROUTESCOPE_BY_PUBLIC = 4   /* nothing: nobody looks at the key              */
};

/* ---- Structs ---------------------------------------------------------- */

/* Bytes of somebody's: not NUL-terminated, not necessarily UTF-8. To print:
 *
 *     printf("%.*s\n", (int)text.length, text.data);
 */
typedef struct routescope_text {
    const char *data; /* may be NULL in inputs if length is 0 */
    size_t length;    /* in bytes */
} routescope_text;

/* A compiled routes.yaml: constant data, and a pointer to it is good for ever,
 * or loaded from bytes, see routescope_policy_load(). */
typedef struct routescope_policy routescope_policy;

/* A policy that was loaded from bytes. Yours to store, in static memory or
 * where else it stays: NOT TO BE COPIED OR MOVED once it is loaded, because a
 * handle is a pointer into it. The tables stay in the bytes. 416 bytes, or 280
 * with pointers of 32 bits. */
typedef struct routescope_loaded_policy {
    uint32_t size;     /* sizeof(routescope_loaded_policy)                     */
    uint32_t answer;   /* ROUTESCOPE_OK once loaded, or why not                */
    uint32_t found;    /* BAD_FORMAT, BAD_LENGTH, OLD_REVISION: what they have */
    uint32_t expected; /* and what was expected                                */
    routescope_text detail; /* MALFORMED_POLICY, UNSOUND_POLICY: what of them  */
    uint64_t words[16 + 4 * sizeof(void *)]; /* the library's: do not touch    */
} routescope_loaded_policy;

#define ROUTESCOPE_LOADED_POLICY_INIT                                                              \
    {sizeof(routescope_loaded_policy), 0u, 0u, 0u, {"", 0}, {0u}}

/* The words of 64 scopes each that a scope set has room for: 1, 4 or 64. A
 * policy of up to 256 scopes, those that the rules imply included, does with
 * 4. Define it before this header is included, and alike in a whole program;
 * if a set is too small for the policy, preparing it says so. */
#ifndef ROUTESCOPE_SCOPE_WORDS
#define ROUTESCOPE_SCOPE_WORDS 4
#endif
#if ROUTESCOPE_SCOPE_WORDS != 1 && ROUTESCOPE_SCOPE_WORDS != 4 && ROUTESCOPE_SCOPE_WORDS != 64
#error "ROUTESCOPE_SCOPE_WORDS must be 1, 4 or 64"
#endif

/* A key's scopes, prepared for one policy. Yours to store and to copy; 32, 56
 * or 536 bytes. It holds nothing for any other policy: after an update of the
 * table, prepare it again. */
typedef struct routescope_scope_set {
    uint32_t size;   /* sizeof(routescope_scope_set) */
    uint32_t answer; /* ROUTESCOPE_OK once prepared  */
    uint64_t words[2 + ROUTESCOPE_SCOPE_WORDS]; /* the library's: do not touch */
} routescope_scope_set;

#define ROUTESCOPE_SCOPE_SET_INIT {sizeof(routescope_scope_set), 0u, {0u}}

/* The answer to a request, for the log and for the response. A field that
 * does not go with the answer is 0 or empty.
 *
 * Counters without a text: an array of routescope_route_count() entries, and
 *
 *     if (decision.has_route && decision.route < sizeof calls / sizeof calls[0]) {
 *         calls[decision.route]++;
 *     }
 *
 * The number holds for this policy alone: another version of a table may give
 * it to another route. A header of names, such as routescope_pbx.h, has the
 * digest to compare before its numbers are used. */
typedef struct routescope_decision {
    uint32_t size;        /* sizeof(routescope_decision)                       */
    uint32_t answer;      /* ROUTESCOPE_ALLOW, or why not                      */
    uint32_t filled;      /* bytes written by the library                      */
    uint32_t status;      /* 200, 401, 403, or 500 for a mistake of the call   */
    uint32_t path_rule;   /* BAD_PATH: ROUTESCOPE_RULE_...                     */
    uint32_t path_offset; /* BAD_PATH: where, in bytes from the target's start */
    uint32_t method;      /* if has_route: the route's method, GET for a HEAD
                             that a GET route answers                          */
    uint32_t methods;     /* METHOD_NOT_LISTED: the listed ones, HEAD with GET */
    uint32_t accepted;    /* if has_route: the number of scopes that suffice
                             alone. 0 does not mean that it needs nothing      */
    uint32_t sets;        /* if has_route: the number of sets of two scopes or
                             more that suffice if all of one are held.
                             `reserved` in headers before version 3            */
    routescope_text path_template; /* if has_route, and METHOD_NOT_LISTED      */
    routescope_text scope; /* ALLOW by a scope: the narrowest held one that
                              suffices alone. MISSING_SCOPE: the narrowest
                              alternative, if that is one scope. Else empty    */
    uint32_t route;     /* if has_route: its number, as for routescope_route_at() */
    uint32_t has_route; /* ALLOW, MISSING_SCOPE, and OK where there is one: 1.
                           Also 0 from a library of version 1, which does not
                           know these two                                      */
    uint32_t by;        /* ALLOW: ROUTESCOPE_BY_..., why. OK: what the route
                           needs, BY_ANY_KEY or BY_PUBLIC. Else 0              */
    uint32_t spare;     /* 0                                                   */
} routescope_decision;

#define ROUTESCOPE_DECISION_INIT                                                                   \
    {sizeof(routescope_decision), 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, {"", 0}, {"", 0}, 0u, 0u,    \
     0u, 0u}

/* A route of the policy: a method on a template. */
typedef struct routescope_route {
    uint32_t size;     /* sizeof(routescope_route)                             */
    uint32_t answer;   /* ROUTESCOPE_OK, or what was wrong                     */
    uint32_t filled;   /* bytes written by the library                         */
    uint32_t method;   /* its bit                                              */
    uint32_t accepted; /* the number of scopes that suffice alone. 0 does not
                          mean that it needs nothing: see `sets` and `by`      */
    uint32_t sets;     /* the number of sets that suffice if all are held      */
    routescope_text path_template;
    uint32_t by;    /* BY_ANY_KEY or BY_PUBLIC if it asks for no scope. Else 0 */
    uint32_t spare; /* 0                                                       */
} routescope_route;

#define ROUTESCOPE_ROUTE_INIT {sizeof(routescope_route), 0u, 0u, 0u, 0u, 0u, {"", 0}, 0u, 0u}

/* A scope of the policy. */
typedef struct routescope_scope {
    uint32_t size;     /* sizeof(routescope_scope)                            */
    uint32_t answer;   /* ROUTESCOPE_OK, or what was wrong                    */
    uint32_t filled;   /* bytes written by the library                        */
    uint32_t declared; /* 1: the file lists it; 0: the rules imply it         */
    routescope_text name;
} routescope_scope;

#define ROUTESCOPE_SCOPE_INIT {sizeof(routescope_scope), 0u, 0u, 0u, {"", 0}}

/* ---- The policy ------------------------------------------------------- */

/* The handle of the PBX API's policy. Never NULL. A library over a table of
 * your own has a function of your own in its place. Cost: none. */
const routescope_policy *routescope_policy_pbx(void);

/* SHA-256 of what the policy decides: two policies with the same digest give
 * the same answer to every question. NULL for no policy. Cost: none.
 *
 *     memcmp(routescope_policy_digest(policy), expected, ROUTESCOPE_DIGEST_LENGTH) == 0
 */
#define ROUTESCOPE_DIGEST_LENGTH 32
const uint8_t *routescope_policy_digest(const routescope_policy *policy);

/* The policy's name, `pbx`. Empty for no policy. Cost: none. */
routescope_text routescope_policy_name(const routescope_policy *policy);

/* The day its file was last updated, `2026-05-28`. Empty for no policy, or if
 * the file does not say. Cost: none. */
routescope_text routescope_policy_updated(const routescope_policy *policy);

/* The number of its edition, `revision:` of its file; it grows with each. 0 for
 * no policy, or if the file does not say. Cost: none. */
uint32_t routescope_policy_revision(const routescope_policy *policy);

/* ---- A policy from bytes ---------------------------------------------- */

/* Loads the policy that `routescope compile` has written, without an
 * allocation or a copy: to update a device's table without its image, or a
 * gateway's without its program.
 *
 * The `length` bytes stay yours. They need no alignment. They must outlive
 * `loaded`, and must not change while it is in use: for an update, write other
 * bytes, load them into another struct, and change over once that is done. A
 * load that fails keeps no policy in `loaded`, and nothing else is touched.
 *
 *     static uint8_t slots[2][16384];
 *     static routescope_loaded_policy policies[2] = {ROUTESCOPE_LOADED_POLICY_INIT,
 *                                                    ROUTESCOPE_LOADED_POLICY_INIT};
 *     unsigned spare = 1 - in_force;
 *     if (routescope_policy_load(&policies[spare], slots[spare], length, name, revision)) {
 *         in_force = spare; // then prepare the scope sets of all keys again
 *     } else {
 *         log(routescope_answer_name(policies[spare].answer)); // the old one stays
 *     }
 *
 * `name` is the name that the policy must have; empty, any will do.
 * `min_revision` is the least revision that it must have, that of the policy
 * in force as a rule, so that nobody brings an old table back; 0, any will do.
 *
 * True if the policy is loaded. If not, `loaded->answer` says why. In this
 * order: BAD_SIZE; BAD_TEXT, for bytes or a name; NOT_A_POLICY, BAD_FORMAT,
 * BAD_LENGTH, BAD_CHECKSUM; MALFORMED_POLICY; WRONG_NAME, OLD_REVISION;
 * UNSOUND_POLICY. False and nothing more if `loaded` is NULL or misaligned.
 *
 * Security: no bytes make a later call crash, but who chooses the bytes chooses
 * who gets in. The checksum finds accidents and stops no attacker. Bytes from
 * anywhere but this program's own files are signed, and the signature is
 * checked before they are loaded.
 *
 * Not to be called on a struct whose handle another thread or an interrupt may
 * use.
 *
 * Cost: two passes over the bytes; on a Cortex-M4 1.2 KiB of stack. Bytes that
 * no compiler writes may take longer, because their rows may share long texts:
 * some tenths of a second for a megabyte. */
ROUTESCOPE_MUST_USE
bool routescope_policy_load(routescope_loaded_policy *loaded, const void *bytes, size_t length,
                            routescope_text name, uint32_t min_revision);

/* The handle of a loaded policy, for all other functions. NULL, with which they
 * deny, if none is loaded, and if the struct was copied or moved after it was
 * loaded.
 *
 * It points into `loaded`, and is good until that is loaded again. It denies
 * from then on if the load failed or the struct was zeroed or overwritten with
 * another one, and belongs to the new policy if it did not. Cost: none.
 *
 *     const routescope_policy *policy = routescope_loaded_policy_handle(&policies[in_force]);
 */
const routescope_policy *routescope_loaded_policy_handle(const routescope_loaded_policy *loaded);

/* ---- Scope sets ------------------------------------------------------- */

/* Prepares the scopes of a key, once, so that decisions test a few bits.
 *
 * `names` are `count` texts, `colleagues:read`. A name that the policy does not
 * know, malformed ones among it, grants nothing and is no mistake: keys are
 * often made for several APIs. No names at all make the set of a key that opens
 * what the policy opens to any key, and nothing else.
 *
 * True if the set is prepared. If not, `set->answer` says why, and every
 * decision with it is a denial: NO_POLICY, BAD_TEXT (also if `names` is NULL
 * with a count; nothing is then held, not even the names before the bad one),
 * TOO_FEW_WORDS, BAD_SIZE.
 *
 * Not to be called on a set that another thread or an interrupt reads.
 *
 * Cost: one look-up in a hash table for each name; with 64 words, some 600 bytes
 * of stack.
 *
 *     const routescope_text names[] = {{"colleagues:read", 15}, {"phonebooks:*", 12}};
 *     routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
 *     if (!routescope_scope_set_prepare(policy, &held, names, 2)) { log(held.answer); }
 */
bool routescope_scope_set_prepare(const routescope_policy *policy, routescope_scope_set *set,
                                  const routescope_text *names, size_t count);

/* Returns the number of scopes of its policy that a set holds. 0 if it was not
 * prepared. */
uint32_t routescope_scope_set_held(const routescope_scope_set *set);

/* Returns the number of names that the set was prepared from and that its policy
 * does not know. */
uint32_t routescope_scope_set_unknown(const routescope_scope_set *set);

/* ---- Deciding --------------------------------------------------------- */

/* Whether a key that holds `held` may call `method` on `target`. True is yes;
 * everything else, whatever went wrong, is no.
 *
 * The key has been found, and its time is not over: a route that is open to any
 * key is open to every set. If the policy has public routes, ask
 * routescope_authorize_without_key() before you look at the key.
 *
 * `target` is the request target as it came on the wire, query included, at
 * most 8,192 bytes; a longer one is BAD_PATH, and its length is not believed.
 * Methods are case-sensitive.
 *
 * `decision` may be NULL if the yes or no is enough. Its answer is, in this
 * order: NO_POLICY, BAD_TEXT, BAD_SCOPE_SET; BAD_METHOD, BAD_PATH,
 * UNKNOWN_ROUTE, METHOD_NOT_LISTED, MISSING_SCOPE; ALLOW.
 *
 * Cost: one pass over the path, one table look-up a segment, a bit test for
 * each accepted scope, and for each scope of its sets where no held scope
 * suffices alone; for BAD_PATH and UNKNOWN_ROUTE a second pass.
 *
 *     if (routescope_authorize(policy, &key->held, method.data, method.length,
 *                              target.data, target.length, &decision)) { forward(); }
 */
ROUTESCOPE_MUST_USE
bool routescope_authorize(const routescope_policy *policy, const routescope_scope_set *held,
                          const char *method, size_t method_length, const char *target,
                          size_t target_length, routescope_decision *decision);

/* Whether `method` on `target` may be called without a key, because it is a
 * public route of the policy, by exactly these bytes. Ask this first. Nobody
 * looks at the key of a request to a public route, so that a wrong one is no
 * harm there, and nothing is known of who calls: forward no name of a key.
 *
 * The answer is ALLOW, with BY_PUBLIC and the route; else MISSING_KEY, whatever
 * the path: who has no key does not learn which routes there are. NO_POLICY or
 * BAD_TEXT if the call was wrong. `decision` may be NULL.
 *
 * Cost: none if the policy has no public route, else that of
 * routescope_authorize().
 *
 *     if (routescope_authorize_without_key(policy, method.data, method.length, target.data,
 *                                          target.length, &decision)) {
 *         forward();
 *     } else if (routescope_bearer_key(policy, values, count, &key, &decision)) {
 *         // find the key, then ask routescope_authorize()
 *     }
 */
ROUTESCOPE_MUST_USE
bool routescope_authorize_without_key(const routescope_policy *policy, const char *method,
                                      size_t method_length, const char *target,
                                      size_t target_length, routescope_decision *decision);

/* Finds the route of a request and what it needs, whoever makes it. True if a
 * route answers it. The answer is then one of two:
 *
 *     OK               no scope: `by` is BY_ANY_KEY (a valid key) or BY_PUBLIC
 *     MISSING_SCOPE    a key with all scopes of one alternative: see
 *                      routescope_alternatives(). The decision is the one of a
 *                      key without scopes
 *
 * False, and the reason, if no key could make the request. Never ALLOW: this is
 * no permission. `decision` may be NULL.
 *
 * Cost: that of routescope_authorize().
 *
 *     if (routescope_required_scopes(policy, "GET", 3, "/api/v1/colleagues/", 19, &decision)) {
 *         // decision.scope is colleagues:read, decision.accepted is 4, decision.sets is 0
 *     }
 */
bool routescope_required_scopes(const routescope_policy *policy, const char *method,
                                size_t method_length, const char *target, size_t target_length,
                                routescope_decision *decision);

/* The scopes of one alternative of a route, number `index`, narrowest first. A
 * key needs ALL scopes of ANY ONE alternative: one scope that suffices alone, or
 * a set of two or more.
 *
 * Writes at most `capacity` names, and returns how many scopes the alternative
 * has: more than `capacity` if not all have fitted, so that the names are only a
 * part of what is needed. 8 are enough for the sets that compilers write today.
 * 0 if there is no alternative of this number, and for no such route or no
 * policy. `names` may be NULL, to count only.
 *
 * The route is told by `method` and `path_template` as a decision or a route
 * of the same policy holds them (the text is recognised by its place, not by
 * its letters). There are as many alternatives as its `accepted` and `sets`
 * together. A route that is public or open to any key has none: its `by` says
 * so, and 0 at index 0 does not.
 *
 * Cost: a pass over the policy's routes, without looking at texts, and `index`
 * steps.
 *
 *     routescope_text names[8];
 *     size_t count;
 *     uint32_t i;
 *     for (i = 0; (count = routescope_alternatives(policy, decision.method, decision.path_template,
 *                                                  i, names, 8)) > 0; i++) {
 *         show_all_of(names, count);
 *     }
 */
size_t routescope_alternatives(const routescope_policy *policy, uint32_t method,
                               routescope_text path_template, uint32_t index,
                               routescope_text *names, size_t capacity);

/* The scopes of which each ALONE suffices for a route, narrowest first.
 *
 * Not all that the route needs: a scope that suffices only together with others
 * is not among them. Of a route under sets alone the list is empty, as is that
 * of a route which is public or open to any key. So an empty list does not mean
 * "needs nothing", and nobody decides by this list: routescope_authorize()
 * decides, and routescope_alternatives() lists everything.
 *
 * The route is told as for routescope_alternatives(). Writes at most `capacity`
 * names, and returns how many there are: more than `capacity` if not all have
 * fitted. 0 also for no such route or no policy. `names` may be NULL, to count
 * only.
 *
 * Cost: a pass over the policy's routes, without looking at texts.
 *
 *     routescope_text names[8];
 *     size_t count = routescope_accepted_scopes(policy, decision.method,
 *                                               decision.path_template, names, 8);
 */
size_t routescope_accepted_scopes(const routescope_policy *policy, uint32_t method,
                                  routescope_text path_template, routescope_text *names,
                                  size_t capacity);

/* ---- Keys ------------------------------------------------------------- */

/* The key that a request carries.
 *
 * `values` are the values of all its Authorization headers, `count` of them.
 * Two are malformed, because a back end might read the other one: hand all
 * over. Without any, `values` may be NULL.
 *
 * True: `*key` is the key, within the caller's header, of the form that the
 * policy declares; without a declared form, a b64token (RFC 6750) of at most
 * 4,096 bytes. Whether it exists, the caller finds out. Until then the answer
 * is UNKNOWN_KEY, so that a key which is not found has been refused already.
 *
 * False: `*key` is empty, and the answer MISSING_KEY (also for another scheme
 * than Bearer), MALFORMED_KEY, NO_POLICY or BAD_TEXT (also if `key` is NULL).
 *
 * `decision` may be NULL. Keys do not belong into logs.
 *
 * Cost: one pass over the header.
 *
 *     routescope_text value = {header, header_length}, key;
 *     if (routescope_bearer_key(policy, &value, 1, &key, &decision)) { entry = find(key); }
 */
ROUTESCOPE_MUST_USE
bool routescope_bearer_key(const routescope_policy *policy, const routescope_text *values,
                           size_t count, routescope_text *key, routescope_decision *decision);

/* Whether these bytes have the form of the policy's keys, for keys that come
 * from elsewhere. False also if the policy declares no form. Says nothing
 * about whether the key exists. Cost: one pass over the key. */
ROUTESCOPE_MUST_USE
bool routescope_key_matches(const routescope_policy *policy, const char *key, size_t key_length);

/* The length of the policy's keys in bytes, to size a table with. 0 for no
 * policy, or if it declares no form. Cost: none. */
uint32_t routescope_key_length(const routescope_policy *policy);

/* Whether two keys are the same, in a time that depends on their lengths only.
 * Empty keys are never the same, not even as each other, so that an unused
 * entry of a table opens for nobody. Cost: one pass over both. */
ROUTESCOPE_MUST_USE
bool routescope_same_key(const char *one, size_t one_length, const char *other,
                         size_t other_length);

/* ---- What the client is told ------------------------------------------ */

/* The value of the WWW-Authenticate header of a refused request (RFC 6750):
 *
 *     no key                         Bearer
 *     malformed, unknown, expired    Bearer error="invalid_token"
 *     missing scope                  Bearer error="insufficient_scope", scope="colleagues:read"
 *     any other answer               none: no key could get further
 *
 * The scopes in it mean all of these, with spaces between. So it names one whole
 * alternative, the narrowest: scope="boards:read boards:write".
 *
 * As snprintf: writes at most `capacity` bytes, the last of them a NUL, and
 * returns how long the value is without it. So 0 is "no such header", and a
 * result of `capacity` or more is "did not fit": do not send the buffer.
 * 128 bytes do for alternatives of up to 80. `buffer` may be NULL, to measure
 * only.
 *
 * `decision` is one of this policy's, or one whose answer the caller has set,
 * such as EXPIRED_KEY. `policy` matters to MISSING_SCOPE only.
 *
 * Cost: for MISSING_SCOPE a pass over the policy's routes; then the copy.
 *
 *     char value[128];
 *     size_t length = routescope_challenge(policy, &decision, value, sizeof value);
 *     if (length > 0 && length < sizeof value) { send("WWW-Authenticate", value); }
 */
size_t routescope_challenge(const routescope_policy *policy, const routescope_decision *decision,
                            char *buffer, size_t capacity);

/* The value of the X-Accepted-Scopes header: the alternatives of which the caller
 * needs any one, narrowest first, `colleagues:read, colleagues:*, pbx:*`. Commas
 * stand between alternatives, and spaces between the scopes of one of which all
 * are needed: `boards:read boards:write, admin`. Only MISSING_SCOPE has one.
 * Written and counted as by routescope_challenge(). */
size_t routescope_accepted_header(const routescope_policy *policy,
                                  const routescope_decision *decision, char *buffer,
                                  size_t capacity);

/* ---- Going through a policy ------------------------------------------- */

/* Returns the number of routes of the policy. 0 for no policy. */
uint32_t routescope_route_count(const routescope_policy *policy);

/* The route with this number, from 0, in the order of templates, then methods.
 * False, and NO_POLICY or OUT_OF_RANGE, if there is none. Cost: `index` steps.
 *
 *     routescope_route route = ROUTESCOPE_ROUTE_INIT;
 *     uint32_t i;
 *     for (i = 0; routescope_route_at(policy, i, &route); i++) { show(&route); }
 */
bool routescope_route_at(const routescope_policy *policy, uint32_t index, routescope_route *route);

/* Returns the number of scopes that the policy knows, implied ones included. */
uint32_t routescope_scope_count(const routescope_policy *policy);

/* The scope with this number, from 0, in the order of names. False, and
 * NO_POLICY or OUT_OF_RANGE, if there is none. Cost: `index` steps. */
bool routescope_scope_at(const routescope_policy *policy, uint32_t index, routescope_scope *scope);

/* ---- Names, for logs -------------------------------------------------- */

/* `missing_scope` for ROUTESCOPE_MISSING_SCOPE. Empty for an unknown number. */
routescope_text routescope_answer_name(uint32_t answer);

/* `dot_segment` for ROUTESCOPE_RULE_DOT_SEGMENT. Empty for an unknown number. */
routescope_text routescope_path_rule_name(uint32_t rule);

/* `GET` for ROUTESCOPE_GET. Empty for an unknown number, and for two bits. */
routescope_text routescope_method_name(uint32_t method);

/* `any_key` for ROUTESCOPE_BY_ANY_KEY. Empty for an unknown number, and for 0. */
routescope_text routescope_by_name(uint32_t by);

/* The HTTP status that goes with an answer: 200, 401, 403, or 500. */
uint32_t routescope_status(uint32_t answer);

#ifdef __cplusplus
}
#endif

#endif /* ROUTESCOPE_H */
