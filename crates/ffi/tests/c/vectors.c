/* The shared vectors, the same for every form of this product. */
#include "check.h"

/* The one that decides. */
static const routescope_policy *policy;

enum { FIELDS = 7, LINE = 1 << 17, NAMES = 64, JOINED = 4096 };

/* A field of a line, in memory of exactly its size, so that a checker of
 * memory notices a read past its end. */
struct field {
    char *bytes;
    size_t length;
};

static int digit(char letter) {
    const char *digits = "0123456789ABCDEF";
    const char *at = letter == '\0' ? NULL : strchr(digits, letter);
    return at == NULL ? -1 : (int)(at - digits);
}

/* Reads `\xHH` and plain bytes up to a TAB or the end; what follows that. */
static const char *read_field(const char *from, struct field *field) {
    size_t length = strcspn(from, "\t");
    size_t at = 0;
    char *bytes = (char *)malloc(length == 0 ? 1 : length);

    if (bytes == NULL) {
        abort();
    }
    field->length = 0;
    while (at < length) {
        char byte = from[at++];
        if (byte == '\\') {
            int high = at + 2 < length + 1 && from[at] == 'x' ? digit(from[at + 1]) : -1;
            int low = high < 0 ? -1 : digit(from[at + 2]);
            if (low < 0) {
                fprintf(stderr, "not an escape: %s\n", from);
                abort();
            }
            byte = (char)(unsigned char)(high * 16 + low);
            at += 3;
        }
        bytes[field->length++] = byte;
    }
    field->bytes = (char *)realloc(bytes, field->length == 0 ? 1 : field->length);
    if (field->bytes == NULL) {
        abort();
    }
    return from[length] == '\t' ? from + length + 1 : NULL;
}

static bool same(const struct field *field, const char *letters) {
    return field->length == strlen(letters) && memcmp(field->bytes, letters, field->length) == 0;
}

/* Adds a text to a line of them. */
static void join(char *joined, const char *between, routescope_text next) {
    size_t used = strlen(joined);
    int more = snprintf(joined + used, JOINED - used, "%s%.*s", used == 0 ? "" : between,
                        (int)next.length, next.data);
    if (more < 0 || (size_t)more >= JOINED - used) {
        abort();
    }
}

/* Prepares the scopes of a vector, each in a separate allocation. */
static void prepare(routescope_scope_set *held, const struct field *scopes) {
    routescope_text names[NAMES] = {{NULL, 0}};
    size_t count = 0;
    size_t start = 0;
    size_t i;

    while (start < scopes->length) {
        const char *space = (const char *)memchr(scopes->bytes + start, ' ', scopes->length - start);
        size_t end = space == NULL ? scopes->length : (size_t)(space - scopes->bytes);
        char *name = (char *)malloc(end - start + 1);
        if (name == NULL || count == NAMES) {
            abort();
        }
        memcpy(name, scopes->bytes + start, end - start);
        names[count].data = name;
        names[count].length = end - start;
        count++;
        start = end + 1;
    }
    CHECK(routescope_scope_set_prepare(policy, held, names, count));
    CHECK(routescope_scope_set_held(held) + routescope_scope_set_unknown(held) <= count);
    for (i = 0; i < count; i++) {
        free((void *)(size_t)names[i].data);
    }
}

/* The route of a decision, as vectors write it. */
static void route_of(const routescope_decision *decision, char *joined) {
    joined[0] = '\0';
    if (decision->method != 0) {
        join(joined, " ", routescope_method_name(decision->method));
    }
    join(joined, " ", decision->path_template);
}

/* Writes the detail of a decision as vectors write it. */
static void detail_of(const routescope_decision *decision, char *joined) {
    routescope_text names[NAMES];
    size_t count;
    size_t i;
    uint32_t method;

    joined[0] = '\0';
    switch (decision->answer) {
    case ROUTESCOPE_ALLOW:
        join(joined, "", decision->scope);
        break;
    case ROUTESCOPE_MISSING_SCOPE:
        count = routescope_accepted_scopes(policy, decision->method,
                                           decision->path_template, names, NAMES);
        CHECK(count == decision->accepted && count > 0 && count <= NAMES);
        for (i = 0; i < count && i < NAMES; i++) {
            join(joined, " ", names[i]);
        }
        break;
    case ROUTESCOPE_METHOD_NOT_LISTED:
        for (method = ROUTESCOPE_GET; method <= ROUTESCOPE_OPTIONS; method <<= 1) {
            if ((decision->methods & method) != 0) {
                join(joined, " ", routescope_method_name(method));
            }
        }
        break;
    case ROUTESCOPE_BAD_PATH:
        join(joined, "", routescope_path_rule_name(decision->path_rule));
        sprintf(joined + strlen(joined), "@%lu", (unsigned long)decision->path_offset);
        break;
    default:
        break;
    }
}

/* Checks that the number of a decision's route is that of the same route. */
static void check_number(const routescope_decision *decision, bool routed) {
    routescope_route route = ROUTESCOPE_ROUTE_INIT;

    CHECK(decision->has_route == (routed ? 1u : 0u));
    if (!routed) {
        CHECK(decision->route == 0);
        return;
    }
    CHECK(routescope_route_at(policy, decision->route, &route));
    CHECK(route.method == decision->method && route.accepted == decision->accepted &&
          route.path_template.data == decision->path_template.data);
}

/* Checks the response for the client against the vector's detail. */
static void check_told(const routescope_decision *decision, const struct field *detail) {
    char expected[JOINED] = "";
    char told[JOINED];
    size_t first = 0;
    size_t length = routescope_challenge(policy, decision, told, sizeof told);

    if (decision->answer != ROUTESCOPE_MISSING_SCOPE) {
        CHECK(length == 0 && told[0] == '\0');
        return;
    }
    while (first < detail->length && detail->bytes[first] != ' ') {
        first++;
    }
    sprintf(expected, "Bearer error=\"insufficient_scope\", scope=\"%.*s\"", (int)first,
            detail->bytes);
    CHECK(length == strlen(expected) && strcmp(told, expected) == 0);
    CHECK(decision->scope.length == first &&
          memcmp(decision->scope.data, detail->bytes, first) == 0);

    length = routescope_accepted_header(policy, decision, told, sizeof told);
    CHECK(length == strlen(told) && length >= detail->length);
}

static void check_decision(const struct field *vector) {
    const struct field *method = &vector[1];
    const struct field *target = &vector[2];
    const struct field *answer = &vector[4];
    bool allowed = same(answer, "allow");
    bool routed = allowed || same(answer, "missing_scope");
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    char joined[JOINED];

    prepare(&held, &vector[3]);
    CHECK(routescope_authorize(policy, &held, method->bytes, method->length, target->bytes,
                               target->length, NULL) == allowed);
    CHECK(routescope_authorize(policy, &held, method->bytes, method->length, target->bytes,
                               target->length, &decision) == allowed);
    CHECK(decision.filled == sizeof decision);
    CHECK((decision.answer == ROUTESCOPE_ALLOW) == allowed);
    CHECK(decision.status == (allowed ? 200u : 403u));
    CHECK(decision.by == (allowed ? (uint32_t)ROUTESCOPE_BY_SCOPE : 0u));
    CHECK(decision.sets == 0 && decision.spare == 0);
    joined[0] = '\0';
    join(joined, "", routescope_answer_name(decision.answer));
    CHECK(same(answer, joined));
    route_of(&decision, joined);
    CHECK(same(&vector[5], joined));
    detail_of(&decision, joined);
    CHECK(same(&vector[6], joined));
    check_told(&decision, &vector[6]);
    check_number(&decision, routed);

    CHECK(routescope_required_scopes(policy, method->bytes, method->length, target->bytes,
                                     target->length, &decision) == routed);
    CHECK(decision.answer != ROUTESCOPE_ALLOW);
    joined[0] = '\0';
    join(joined, "", routescope_answer_name(decision.answer));
    CHECK(routed ? decision.answer == ROUTESCOPE_MISSING_SCOPE : same(answer, joined));
    check_number(&decision, routed);

    /* No route of this policy is public, whatever the path. */
    CHECK(!routescope_authorize_without_key(policy, method->bytes, method->length, target->bytes,
                                            target->length, &decision));
    CHECK(decision.answer == ROUTESCOPE_MISSING_KEY && decision.status == 401);
    check_number(&decision, false);
}

static void check_key(const struct field *vector) {
    const struct field *answer = &vector[2];
    bool proper = same(answer, "ok");
    routescope_text value;
    routescope_text key;
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;

    value.data = vector[1].bytes;
    value.length = vector[1].length;
    CHECK(routescope_bearer_key(policy, &value, 1, &key, &decision) == proper);
    CHECK(decision.status == 401);
    if (proper) {
        CHECK(decision.answer == ROUTESCOPE_UNKNOWN_KEY);
        CHECK(key.length == 100 && key.data + key.length == value.data + value.length);
        CHECK(routescope_key_matches(policy, key.data, key.length));
    } else {
        CHECK(same(answer, decision.answer == ROUTESCOPE_MISSING_KEY ? "missing_key" : "malformed_key"));
        CHECK(decision.answer == ROUTESCOPE_MISSING_KEY ||
              decision.answer == ROUTESCOPE_MALFORMED_KEY);
        CHECK(key.length == 0 && key.data != NULL);
    }
}

/* Whether a vector is of a known kind and holds. */
static bool holds(char *line) {
    struct field vector[FIELDS];
    unsigned long before = failures();
    const char *rest = line;
    int count = 0;
    int i;

    while (rest != NULL && count < FIELDS) {
        rest = read_field(rest, &vector[count++]);
    }
    if (rest == NULL && count == 7 && same(&vector[0], "decide")) {
        check_decision(vector);
    } else if (rest == NULL && count == 3 && same(&vector[0], "key")) {
        check_key(vector);
    } else {
        CHECK(!"a vector of a known kind");
    }
    for (i = 0; i < count; i++) {
        free(vector[i].bytes);
    }
    return failures() == before;
}

unsigned long check_vectors(const char *path, const routescope_policy *by, unsigned long *all) {
    static char line[LINE];
    unsigned long held = 0;
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        perror(path);
        exit(2);
    }
    policy = by;
    while (fgets(line, sizeof line, file) != NULL) {
        size_t length = strlen(line);
        if (length == 0 || line[length - 1] != '\n') {
            fprintf(stderr, "%s: a line is too long, or the last one is not whole\n", path);
            exit(2);
        }
        line[length - 1] = '\0';
        if (line[0] == '#') {
            continue;
        }
        (*all)++;
        if (holds(line)) {
            held++;
        } else {
            fprintf(stderr, "vector: %s\n", line);
        }
    }
    fclose(file);
    return held;
}
