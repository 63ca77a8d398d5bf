/*
 * A server's request loop in front of the PBX API, as a firmware has it: static
 * buffers, no heap, no standard library but memchr and friends. Everything that
 * is allowed goes to handle(); everything else is refused with what RFC 6750
 * says, and logged with the reason.
 *
 *     cc -std=c99 -Iinclude request_loop.c host.c -lroutescope -o request_loop
 *     ./request_loop request.http
 *
 * One request a connection, so that what follows its head can be nothing but
 * its body, never a second request that nobody decided on.
 */
#include "platform.h"
#include "routescope.h"

#include <string.h>

enum { HEAD_CAPACITY = 4096, SCOPES_OF_A_KEY = 4 };

/* ---- Keys -------------------------------------------------------------- */

/* A key as the device stores it. A product keeps a hash of each key, not the key,
 * and hashes what requests bring before it compares. */
struct stored_key {
    const char *key;
    uint64_t expires; /* seconds since 1970; 0: never */
    const routescope_text scopes[SCOPES_OF_A_KEY];
    size_t scope_count;
};

#define TEN "0123456789"
#define EIGHTY TEN TEN TEN TEN TEN TEN TEN TEN

static const struct stored_key stored_keys[] = {
    {"wsk-v1-" "desk000000000" EIGHTY,
     0,
     {{"colleagues:read", 15}, {"phonebooks:*", 12}, {"", 0}, {"", 0}},
     2},
    {"wsk-v1-" "maintenance00" EIGHTY, 0, {{"pbx:*", 5}, {"", 0}, {"", 0}, {"", 0}}, 1},
    {"wsk-v1-" "lastyear00000" EIGHTY, 1, {{"pbx:*", 5}, {"", 0}, {"", 0}, {"", 0}}, 1},
};

enum { KEYS = sizeof stored_keys / sizeof stored_keys[0] };

/* Prepared when the device starts, and again if its keys change. */
static routescope_scope_set held_by[KEYS];

static bool prepare_keys(const routescope_policy *policy) {
    static const routescope_scope_set unprepared = ROUTESCOPE_SCOPE_SET_INIT;
    size_t i;

    for (i = 0; i < KEYS; i++) {
        held_by[i] = unprepared;
        if (!routescope_scope_set_prepare(policy, &held_by[i], stored_keys[i].scopes,
                                          stored_keys[i].scope_count)) {
            return false;
        }
    }
    return true;
}

/* The number of a key, or KEYS. Looks at every stored key to its end, so that
 * the time tells nothing about how far a guess was right. */
static size_t find_key(routescope_text key) {
    size_t found = KEYS;
    size_t i;

    for (i = 0; i < KEYS; i++) {
        if (routescope_same_key(stored_keys[i].key, strlen(stored_keys[i].key), key.data,
                                key.length)) {
            found = i;
        }
    }
    return found;
}

/* ---- Reading a request -------------------------------------------------- */

struct request {
    routescope_text method;
    routescope_text target;
    routescope_text authorization[2]; /* more than one is refused anyway */
    size_t authorizations;
};

static bool same_letters(routescope_text it, const char *lower) {
    size_t i;

    if (it.length != strlen(lower)) {
        return false;
    }
    for (i = 0; i < it.length; i++) {
        char letter = it.data[i];
        if (letter >= 'A' && letter <= 'Z') {
            letter = (char)(letter - 'A' + 'a');
        }
        if (letter != lower[i]) {
            return false;
        }
    }
    return true;
}

/* Takes the text up to `end` off the front of `rest`. */
static bool take_until(routescope_text *rest, char end, routescope_text *taken) {
    const char *found =
        rest->length == 0 ? NULL : (const char *)memchr(rest->data, end, rest->length);
    if (found == NULL) {
        return false;
    }
    taken->data = rest->data;
    taken->length = (size_t)(found - rest->data);
    rest->data = found + 1;
    rest->length -= taken->length + 1;
    return true;
}

static bool take_line(routescope_text *rest, routescope_text *line) {
    if (!take_until(rest, '\n', line) || line->length == 0 ||
        line->data[line->length - 1] != '\r') {
        return false;
    }
    line->length--;
    return true;
}

static routescope_text without_blanks(routescope_text it) {
    while (it.length > 0 && (it.data[0] == ' ' || it.data[0] == '\t')) {
        it.data++;
        it.length--;
    }
    while (it.length > 0 && (it.data[it.length - 1] == ' ' || it.data[it.length - 1] == '\t')) {
        it.length--;
    }
    return it;
}

/* A header that could make a handler serve something else than was decided. */
static bool redirects(routescope_text name) {
    return same_letters(name, "x-http-method-override") || same_letters(name, "x-original-url") ||
           same_letters(name, "x-rewrite-url");
}

/* Reads a request's head; false if it is none that we would serve. */
static bool read_head(routescope_text rest, struct request *request) {
    routescope_text line;
    routescope_text name;

    request->authorizations = 0;
    if (!take_line(&rest, &line) || !take_until(&line, ' ', &request->method) ||
        !take_until(&line, ' ', &request->target) || line.length != 8 ||
        memcmp(line.data, "HTTP/1.1", 8) != 0) {
        return false;
    }
    for (;;) {
        if (!take_line(&rest, &line)) {
            return false;
        }
        if (line.length == 0) {
            return true;
        }
        /* A blank in a name, or before it, is read in more than one way. */
        if (!take_until(&line, ':', &name) || name.length == 0 ||
            memchr(name.data, ' ', name.length) != NULL ||
            memchr(name.data, '\t', name.length) != NULL || redirects(name)) {
            return false;
        }
        if (same_letters(name, "authorization")) {
            if (request->authorizations < 2) {
                request->authorization[request->authorizations] = without_blanks(line);
            }
            request->authorizations++;
        }
    }
}

/* ---- Answering ---------------------------------------------------------- */

static void put(const char *letters) { transmit(letters, strlen(letters)); }

static void put_header(const char *name, const char *value, size_t length, size_t capacity) {
    /* A value that is cut off would say something else. */
    if (length > 0 && length < capacity) {
        put(name);
        put(": ");
        transmit(value, length);
        put("\r\n");
    }
}

static const char *status_line(uint32_t status) {
    switch (status) {
    case 200:
        return "HTTP/1.1 200 OK\r\n";
    case 400:
        return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
        return "HTTP/1.1 401 Unauthorized\r\n";
    case 403:
        return "HTTP/1.1 403 Forbidden\r\n";
    default:
        return "HTTP/1.1 500 Internal Server Error\r\n";
    }
}

static void refuse(const routescope_policy *policy, const routescope_decision *decision) {
    static char value[512];
    size_t length;

    put(status_line(decision->status));
    length = routescope_challenge(policy, decision, value, sizeof value);
    put_header("WWW-Authenticate", value, length, sizeof value);
    length = routescope_accepted_header(policy, decision, value, sizeof value);
    put_header("X-Accepted-Scopes", value, length, sizeof value);
    put("Content-Length: 0\r\nConnection: close\r\n\r\n");
}

/* Where the device does what was asked, by exactly these bytes. */
static void handle(const struct request *request) {
    (void)request;
    put(status_line(200));
    put("Content-Length: 0\r\nConnection: close\r\n\r\n");
}

static void log_text(routescope_text it) { log_bytes(it.data, it.length); }

/* The reason, the template, and the scope that allowed it, or else what did: no
 * byte of the request's, and no key. */
static void log_decision(const routescope_decision *decision) {
    log_text(routescope_answer_name(decision->answer));
    log_bytes(" ", 1);
    log_text(routescope_path_rule_name(decision->path_rule));
    log_text(decision->path_template);
    log_bytes(" ", 1);
    log_text(decision->answer == ROUTESCOPE_ALLOW && decision->by != ROUTESCOPE_BY_SCOPE
                 ? routescope_by_name(decision->by)
                 : decision->scope);
    log_bytes("\n", 1);
}

/* ---- The loop ----------------------------------------------------------- */

/* Whether a request may be made. A public route, then the key, its time, and the
 * rest; `decision` says why not at every step. */
static bool decide(const routescope_policy *policy, const struct request *request,
                   routescope_decision *decision) {
    routescope_text key;
    size_t found;

    /* Before anyone looks at the key: a request to a public route needs none. */
    if (routescope_authorize_without_key(policy, request->method.data, request->method.length,
                                         request->target.data, request->target.length, decision)) {
        return true;
    }
    if (!routescope_bearer_key(policy, request->authorization, request->authorizations, &key,
                               decision)) {
        return false;
    }
    found = find_key(key);
    if (found == KEYS) {
        return false; /* the answer is UNKNOWN_KEY already */
    }
    if (stored_keys[found].expires != 0 && now() >= stored_keys[found].expires) {
        decision->answer = ROUTESCOPE_EXPIRED_KEY;
        decision->status = routescope_status(ROUTESCOPE_EXPIRED_KEY);
        return false;
    }
    return routescope_authorize(policy, &held_by[found], request->method.data,
                                request->method.length, request->target.data,
                                request->target.length, decision);
}

int request_loop(void) {
    static const routescope_decision undecided = ROUTESCOPE_DECISION_INIT;
    static char head[HEAD_CAPACITY];
    const routescope_policy *policy = routescope_policy_pbx();

    if (routescope_abi_version() < ROUTESCOPE_ABI_VERSION || !prepare_keys(policy)) {
        return 1;
    }
    while (next_connection()) {
        routescope_decision decision = undecided;
        struct request request;
        routescope_text received;

        received.data = head;
        received.length = receive(head, sizeof head);
        if (!read_head(received, &request)) {
            put(status_line(400));
            put("Content-Length: 0\r\nConnection: close\r\n\r\n");
            continue;
        }
        if (decide(policy, &request, &decision)) {
            handle(&request);
        } else {
            refuse(policy, &decision);
        }
        log_decision(&decision);
    }
    return 0;
}
