#include "vectors.h"

#include <stdint.h>

#include "routescope.h"
#include "stack.h"

typedef routescope_text text;

/* There is no C library here, so no memcmp() or strlen(). */
static bool same(text one, text other) {
    if (one.length != other.length) {
        return false;
    }
    for (size_t i = 0; i < one.length; i++) {
        if (one.data[i] != other.data[i]) {
            return false;
        }
    }
    return true;
}

/* Cuts `rest` at the first `mark`, and returns the part before the mark. */
static text cut(text *rest, char mark) {
    text before = {rest->data, 0};
    while (before.length < rest->length && rest->data[before.length] != mark) {
        before.length++;
    }
    const size_t taken = before.length < rest->length ? before.length + 1 : before.length;
    rest->data += taken;
    rest->length -= taken;
    return before;
}

/* Whether `rest` begins with `part`, which is then cut off. */
static bool skip(text *rest, text part) {
    const text head = {rest->data, part.length};
    if (rest->length < part.length || !same(head, part)) {
        return false;
    }
    rest->data += part.length;
    rest->length -= part.length;
    return true;
}

static text of(const char *literal) {
    text whole = {literal, 0};
    while (literal[whole.length] != '\0') {
        whole.length++;
    }
    return whole;
}

static int hex(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* Undoes `\xHH`. False for a field that is malformed or does not fit. */
static bool unescape(text field, char *buffer, size_t capacity, text *bytes) {
    size_t length = 0;
    for (size_t i = 0; i < field.length; length++) {
        if (length == capacity) {
            return false;
        }
        if (field.data[i] != '\\') {
            buffer[length] = field.data[i++];
            continue;
        }
        if (field.length - i < 4 || field.data[i + 1] != 'x') {
            return false;
        }
        const int high = hex(field.data[i + 2]), low = hex(field.data[i + 3]);
        if (high < 0 || low < 0) {
            return false;
        }
        buffer[length] = (char)(unsigned char)(high << 4 | low);
        i += 4;
    }
    bytes->data = buffer;
    bytes->length = length;
    return true;
}

/* A request and its decision, as stack_depth() hands them on. */
typedef struct request {
    const routescope_policy *policy;
    const routescope_scope_set *held;
    text method, target;
    routescope_decision decision;
    bool allowed;
} request;

static void decide(void *argument) {
    request *r = argument;
    r->allowed = routescope_authorize(r->policy, r->held, r->method.data, r->method.length,
                                      r->target.data, r->target.length, &r->decision);
}

/* `METHOD template`, or the template alone. */
static bool is_route(const routescope_decision *decision, text field) {
    if (decision->method != 0 && !(skip(&field, routescope_method_name(decision->method)) &&
                                   skip(&field, of(" ")))) {
        return false;
    }
    return same(field, decision->path_template);
}

/* The accepted scopes, narrowest first. */
static bool is_accepted(const request *r, text field) {
    text names[16];
    const size_t count = routescope_accepted_scopes(r->policy, r->decision.method,
                                                    r->decision.path_template, names, 16);
    if (count == 0 || count > 16 || count != r->decision.accepted ||
        !same(names[0], r->decision.scope)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!same(cut(&field, ' '), names[i])) {
            return false;
        }
    }
    return field.length == 0;
}

static bool are_methods(uint32_t methods, text field) {
    for (uint32_t bit = 1; bit != 0; bit <<= 1) {
        if ((methods & bit) != 0 && !same(cut(&field, ' '), routescope_method_name(bit))) {
            return false;
        }
    }
    return field.length == 0;
}

/* `rule@offset`. */
static bool is_place(const routescope_decision *decision, text field) {
    if (!skip(&field, routescope_path_rule_name(decision->path_rule)) || !skip(&field, of("@"))) {
        return false;
    }
    uint32_t offset = 0;
    for (size_t i = 0; i < field.length; i++) {
        offset = offset * 10 + (uint32_t)(field.data[i] - '0');
    }
    return field.length > 0 && offset == decision->path_offset;
}

static bool is_detail(const request *r, text field) {
    switch (r->decision.answer) {
    case ROUTESCOPE_ALLOW:
        return same(field, r->decision.scope);
    case ROUTESCOPE_MISSING_SCOPE:
        return is_accepted(r, field);
    case ROUTESCOPE_METHOD_NOT_LISTED:
        return are_methods(r->decision.methods, field);
    case ROUTESCOPE_BAD_PATH:
        return is_place(&r->decision, field);
    default:
        return field.length == 0;
    }
}

/* decide METHOD target scopes answer route detail */
static bool decide_holds(const routescope_policy *policy, text fields, size_t *stack) {
    static const routescope_decision none = ROUTESCOPE_DECISION_INIT;
    char method[500], target[10000], scopes[1000];
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    request r = {.policy = policy, .held = &held, .decision = none};
    text names[64], rest;
    size_t count = 0;

    if (!unescape(cut(&fields, '\t'), method, sizeof method, &r.method) ||
        !unescape(cut(&fields, '\t'), target, sizeof target, &r.target) ||
        !unescape(cut(&fields, '\t'), scopes, sizeof scopes, &rest)) {
        return false;
    }
    while (rest.length > 0) {
        if (count == 64) {
            return false;
        }
        names[count++] = cut(&rest, ' ');
    }
    if (!routescope_scope_set_prepare(policy, &held, names, count)) {
        return false;
    }
    const size_t depth = stack_depth(decide, &r);
    *stack = depth > *stack ? depth : *stack;

    const text answer = cut(&fields, '\t'), route = cut(&fields, '\t'), detail = fields;
    return r.allowed == same(answer, of("allow")) &&
           same(answer, routescope_answer_name(r.decision.answer)) &&
           is_route(&r.decision, route) && is_detail(&r, detail);
}

/* Whether the alternatives of a denial are these: `a b, c`. */
static bool are_alternatives(const request *r, text field) {
    text names[8];
    size_t count;
    uint32_t index = 0;
    for (; (count = routescope_alternatives(r->policy, r->decision.method,
                                            r->decision.path_template, index, names, 8)) > 0;
         index++) {
        if (count > 8 || (index > 0 && !skip(&field, of(", ")))) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if ((i > 0 && !skip(&field, of(" "))) || !skip(&field, names[i])) {
                return false;
            }
        }
    }
    return field.length == 0 && index == r->decision.accepted + r->decision.sets;
}

/* method target scopes answer by detail, of a policy with sets. Without a key, nobody holds any. */
static bool set_holds(const routescope_policy *policy, text fields, bool has_key) {
    static const routescope_decision none = ROUTESCOPE_DECISION_INIT;
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    request r = {.policy = policy, .held = &held, .decision = none};
    text names[8], scopes;
    size_t count = 0;

    r.method = cut(&fields, '\t');
    r.target = cut(&fields, '\t');
    scopes = cut(&fields, '\t');
    while (scopes.length > 0) {
        if (count == 8) {
            return false;
        }
        names[count++] = cut(&scopes, ' ');
    }
    if (!routescope_scope_set_prepare(policy, &held, names, count)) {
        return false;
    }
    if (has_key) {
        decide(&r);
    } else {
        r.allowed = routescope_authorize_without_key(policy, r.method.data, r.method.length,
                                                     r.target.data, r.target.length, &r.decision);
    }
    const text answer = cut(&fields, '\t'), by = cut(&fields, '\t'), detail = fields;
    const bool told = r.decision.answer == ROUTESCOPE_MISSING_SCOPE ? are_alternatives(&r, detail)
                      : r.decision.by == ROUTESCOPE_BY_ALL ? r.decision.scope.length == 0
                                                           : same(detail, r.decision.scope);
    return told && r.allowed == same(answer, of("allow")) &&
           same(answer, routescope_answer_name(r.decision.answer)) &&
           same(by, routescope_by_name(r.decision.by));
}

/* key value answer */
static bool key_holds(const routescope_policy *policy, text fields) {
    char buffer[500];
    text value, key;
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    if (!unescape(cut(&fields, '\t'), buffer, sizeof buffer, &value)) {
        return false;
    }
    if (routescope_bearer_key(policy, &value, 1, &key, &decision)) {
        return same(fields, of("ok")) && decision.answer == ROUTESCOPE_UNKNOWN_KEY &&
               key.length == routescope_key_length(policy);
    }
    return same(fields, routescope_answer_name(decision.answer));
}

summary vectors_run(const routescope_policy *policy, const char *start, const char *end) {
    text rest = {start, (size_t)(end - start)};
    summary sum = {0, 0, 0, 0};
    for (unsigned line = 1; rest.length > 0; line++) {
        text fields = cut(&rest, '\n');
        if (fields.length == 0 || fields.data[0] == '#') {
            continue;
        }
        const text kind = cut(&fields, '\t');
        const bool holds = same(kind, of("decide")) ? decide_holds(policy, fields, &sum.stack)
                           : same(kind, of("key"))  ? key_holds(policy, fields)
                           : same(kind, of("request")) ? set_holds(policy, fields, true)
                           : same(kind, of("keyless")) ? set_holds(policy, fields, false)
                                                       : false;
        sum.all++;
        sum.held += holds;
        if (!holds && sum.first_wrong == 0) {
            sum.first_wrong = line;
        }
    }
    return sum;
}
