/* Policies from bytes: the one that was compiled decides; no other bytes do. */
#include "check.h"

enum { HEADER = 140, REVISION = 7, STATES = 72 + 4 * 4, MUTATIONS = 2000 };

static const char target[] = "/api/v1/colleagues/";
enum { TARGET = sizeof target - 1 };

/* The file, in memory of exactly its size, so that a checker of memory notices
 * a read past its end. */
static struct {
    unsigned char *bytes;
    size_t length;
} compiled;

static unsigned char *memory(size_t length) {
    unsigned char *bytes = (unsigned char *)malloc(length == 0 ? 1 : length);
    if (bytes == NULL) {
        abort();
    }
    return bytes;
}

static void read_compiled(const char *path) {
    FILE *file = fopen(path, "rb");
    long length;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (length = ftell(file)) <= HEADER) {
        perror(path);
        exit(2);
    }
    rewind(file);
    compiled.length = (size_t)length;
    compiled.bytes = memory(compiled.length);
    if (fread(compiled.bytes, 1, compiled.length, file) != compiled.length) {
        perror(path);
        exit(2);
    }
    fclose(file);
}

static unsigned char *copy_of(size_t length) {
    unsigned char *bytes = memory(length);
    memcpy(bytes, compiled.bytes, length);
    return bytes;
}

/* Writes the checksum that the bytes have now, as an attacker would. */
static void seal(unsigned char *bytes) {
    uint64_t sum = UINT64_C(0xCBF29CE484222325);
    size_t end = compiled.length - 8;
    size_t i;

    for (i = 0; i < end; i++) {
        sum = (sum ^ bytes[i]) * UINT64_C(0x100000001B3);
    }
    for (i = 0; i < 8; i++) {
        bytes[end + i] = (unsigned char)(sum >> (8 * i));
    }
}

/* The answer of a handle's policy to a key with this scope. */
static uint32_t asked(const routescope_policy *policy, const char *scope) {
    const routescope_text name = text(scope);
    routescope_scope_set held = ROUTESCOPE_SCOPE_SET_INIT;
    routescope_decision decision = ROUTESCOPE_DECISION_INIT;
    bool allowed;

    CHECK(routescope_scope_set_prepare(policy, &held, &name, 1) == (policy != NULL) ||
          held.answer == ROUTESCOPE_NO_POLICY || held.answer == ROUTESCOPE_TOO_FEW_WORDS);
    allowed = routescope_authorize(policy, &held, "GET", 3, target, TARGET, &decision);
    CHECK(allowed == (decision.answer == ROUTESCOPE_ALLOW));
    return decision.answer;
}

static bool load(routescope_loaded_policy *loaded, const void *bytes, size_t length) {
    return routescope_policy_load(loaded, bytes, length, text("pbx"), REVISION);
}

/* The answer to bytes that must be refused, after checking that they were. */
static uint32_t refused(const void *bytes, size_t length, const char *name, uint32_t revision) {
    routescope_loaded_policy loaded = ROUTESCOPE_LOADED_POLICY_INIT;

    CHECK(!routescope_policy_load(&loaded, bytes, length, text(name), revision));
    CHECK(routescope_loaded_policy_handle(&loaded) == NULL);
    CHECK(loaded.size == sizeof loaded && loaded.answer != ROUTESCOPE_OK);
    CHECK(routescope_status(loaded.answer) == 500);
    return loaded.answer;
}

static void check_loaded(void) {
    routescope_loaded_policy loaded = ROUTESCOPE_LOADED_POLICY_INIT;
    unsigned char *bytes = memory(compiled.length + 16);
    const routescope_policy *policy;
    size_t offset;

    /* From any address, and as often as one likes. */
    for (offset = 0; offset < 16; offset++) {
        memcpy(bytes + offset, compiled.bytes, compiled.length);
        CHECK(load(&loaded, bytes + offset, compiled.length));
        CHECK(loaded.answer == ROUTESCOPE_OK && loaded.size == sizeof loaded);
        CHECK(loaded.found == 0 && loaded.expected == 0 && is(loaded.detail, ""));
        policy = routescope_loaded_policy_handle(&loaded);
        CHECK(policy != NULL && policy == routescope_loaded_policy_handle(&loaded));
        CHECK(asked(policy, "colleagues:read") == ROUTESCOPE_ALLOW);
        CHECK(asked(policy, "sounds:read") == ROUTESCOPE_MISSING_SCOPE);
    }

    /* It says of itself what the constant says, and its revision besides. */
    CHECK(routescope_policy_revision(policy) == REVISION);
    CHECK(routescope_policy_revision(routescope_policy_pbx()) == 0);
    CHECK(routescope_policy_revision(NULL) == 0);
    CHECK(is(routescope_policy_name(policy), "pbx"));
    CHECK(is(routescope_policy_updated(policy), "2026-05-28"));
    CHECK(memcmp(routescope_policy_digest(policy), routescope_policy_digest(routescope_policy_pbx()),
                 ROUTESCOPE_DIGEST_LENGTH) == 0);
    CHECK(routescope_route_count(policy) == routescope_route_count(routescope_policy_pbx()));
    CHECK(routescope_scope_count(policy) == routescope_scope_count(routescope_policy_pbx()));
    CHECK(routescope_key_length(policy) == 100);
    free(bytes);
}

/* Names and revisions that are demanded. */
static void check_demands(void) {
    static const struct {
        const char *name;
        size_t length;
        uint32_t revision;
        uint32_t answer;
    } demands[] = {
        {"pbx", 3, REVISION, ROUTESCOPE_OK},
        {"", 0, 0, ROUTESCOPE_OK},
        {NULL, 0, REVISION - 1, ROUTESCOPE_OK},
        {"shop", 4, 0, ROUTESCOPE_WRONG_NAME},
        {"pb", 2, 0, ROUTESCOPE_WRONG_NAME},
        {"pbx", 4, 0, ROUTESCOPE_WRONG_NAME},
        {"\xFF", 1, 0, ROUTESCOPE_WRONG_NAME},
        {"shop", 4, REVISION + 1, ROUTESCOPE_WRONG_NAME},
        {"pbx", 3, REVISION + 1, ROUTESCOPE_OLD_REVISION},
        {"", 0, UINT32_MAX, ROUTESCOPE_OLD_REVISION},
        {NULL, 3, 0, ROUTESCOPE_BAD_TEXT},
        {"pbx", SIZE_MAX, 0, ROUTESCOPE_BAD_TEXT},
    };
    size_t i;

    for (i = 0; i < sizeof demands / sizeof demands[0]; i++) {
        routescope_loaded_policy loaded = ROUTESCOPE_LOADED_POLICY_INIT;
        routescope_text name;
        bool told;

        name.data = demands[i].name;
        name.length = demands[i].length;
        told = routescope_policy_load(&loaded, compiled.bytes, compiled.length, name,
                                      demands[i].revision);
        CHECK(loaded.answer == demands[i].answer && told == (loaded.answer == ROUTESCOPE_OK));
        CHECK((routescope_loaded_policy_handle(&loaded) != NULL) == told);
        if (loaded.answer == ROUTESCOPE_OLD_REVISION) {
            CHECK(loaded.found == REVISION && loaded.expected == demands[i].revision);
        }
    }
}

/* Bytes that were cut or changed on their way. */
static void check_accidents(void) {
    routescope_loaded_policy loaded = ROUTESCOPE_LOADED_POLICY_INIT;
    unsigned char *bytes;
    size_t i;

    for (i = 0; i < compiled.length; i += i < HEADER + 20 ? 1 : 23) {
        bytes = copy_of(i);
        CHECK(refused(bytes, i, "pbx", 0) ==
              (uint32_t)(i < 8 ? ROUTESCOPE_NOT_A_POLICY : ROUTESCOPE_BAD_LENGTH));
        free(bytes);
    }
    bytes = memory(compiled.length + 1);
    memcpy(bytes, compiled.bytes, compiled.length);
    bytes[compiled.length] = 0;
    CHECK(!load(&loaded, bytes, compiled.length + 1) && loaded.answer == ROUTESCOPE_BAD_LENGTH);
    CHECK(loaded.found == compiled.length + 1 && loaded.expected == compiled.length);
    free(bytes);

    bytes = copy_of(compiled.length);
    for (i = 0; i < compiled.length; i += i < HEADER + 20 ? 1 : 23) {
        bytes[i] = (unsigned char)(bytes[i] ^ (1u << i % 8));
        CHECK(refused(bytes, compiled.length, "", 0) ==
              (uint32_t)(i < 8    ? ROUTESCOPE_NOT_A_POLICY
                         : i < 12 ? ROUTESCOPE_BAD_FORMAT
                         : i < 16 ? ROUTESCOPE_BAD_LENGTH
                                  : ROUTESCOPE_BAD_CHECKSUM));
        bytes[i] = compiled.bytes[i];
    }
    bytes[8]++;
    CHECK(!load(&loaded, bytes, compiled.length) && loaded.answer == ROUTESCOPE_BAD_FORMAT);
    CHECK(loaded.found == loaded.expected + 1);
    free(bytes);
}

/* Bytes that somebody has changed, and sealed again: they are refused, or decide
 * something without harm. */
static void check_attacks(void) {
    routescope_loaded_policy loaded = ROUTESCOPE_LOADED_POLICY_INIT;
    unsigned char *bytes = copy_of(compiled.length);
    uint32_t random = 1;
    size_t accepted = 0;
    size_t i;

    seal(bytes);
    CHECK(memcmp(bytes, compiled.bytes, compiled.length) == 0);
    bytes[64] = 2;
    seal(bytes);
    CHECK(!load(&loaded, bytes, compiled.length));
    CHECK(loaded.answer == ROUTESCOPE_MALFORMED_POLICY && is(loaded.detail, "case"));
    bytes[64] = compiled.bytes[64];
    memset(bytes + STATES, 0xFF, 4);
    seal(bytes);
    CHECK(!load(&loaded, bytes, compiled.length));
    CHECK(loaded.answer == ROUTESCOPE_MALFORMED_POLICY && is(loaded.detail, "sections"));
    memcpy(bytes + STATES, compiled.bytes + STATES, 4);
    bytes[16]++;
    seal(bytes);
    CHECK(!load(&loaded, bytes, compiled.length));
    CHECK(loaded.answer == ROUTESCOPE_UNSOUND_POLICY && loaded.detail.length > 6);
    CHECK(memcmp(loaded.detail.data, "layout", 6) == 0);
    bytes[16]--;

    for (i = 0; i < MUTATIONS; i++) {
        size_t at;
        random = random * 1664525u + 1013904223u;
        at = 16 + (random >> 8) % (compiled.length - 24);
        bytes[at] = (unsigned char)(random >> 24 ^ random >> 3);
        seal(bytes);
        if (routescope_policy_load(&loaded, bytes, compiled.length, text(""), 0)) {
            const routescope_policy *policy = routescope_loaded_policy_handle(&loaded);
            uint32_t answer = asked(policy, "sounds:read");
            CHECK(policy != NULL && answer >= ROUTESCOPE_BAD_METHOD);
            accepted++;
        } else {
            CHECK(loaded.answer == ROUTESCOPE_MALFORMED_POLICY ||
                  loaded.answer == ROUTESCOPE_UNSOUND_POLICY);
        }
        bytes[at] = compiled.bytes[at];
    }
    CHECK(accepted > 0 && accepted < MUTATIONS);
    free(bytes);
}

/* Pointers and sizes that are wrong. */
static void check_mistakes_of_loading(void) {
    static const uint32_t sizes[] = {0, 1, 7, 8, 9, 32, 100, 1025, UINT32_MAX};
    const char *end_of_memory = (const char *)(uintptr_t)(UINTPTR_MAX - 2);
    routescope_loaded_policy loaded = ROUTESCOPE_LOADED_POLICY_INIT;
    routescope_loaded_policy zeroed;
    size_t i;

    CHECK(!load(NULL, compiled.bytes, compiled.length));
    CHECK(!load((routescope_loaded_policy *)(void *)((char *)&loaded + 1), compiled.bytes,
                compiled.length));
    CHECK(loaded.answer == ROUTESCOPE_UNDECIDED);
    CHECK(refused(NULL, compiled.length, "pbx", 0) == ROUTESCOPE_BAD_TEXT);
    CHECK(refused(end_of_memory, compiled.length, "pbx", 0) == ROUTESCOPE_BAD_TEXT);
    CHECK(refused(compiled.bytes, SIZE_MAX, "pbx", 0) == ROUTESCOPE_BAD_TEXT);
    CHECK(refused(NULL, 0, "pbx", 0) == ROUTESCOPE_NOT_A_POLICY);

    for (i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        loaded.size = sizes[i];
        loaded.answer = ROUTESCOPE_OK;
        CHECK(!load(&loaded, compiled.bytes, compiled.length));
        CHECK(loaded.answer == (sizes[i] < 8 ? (uint32_t)ROUTESCOPE_OK : (uint32_t)ROUTESCOPE_BAD_SIZE));
        CHECK(loaded.size == sizes[i] && routescope_loaded_policy_handle(&loaded) == NULL);
    }

    memset(&zeroed, 0, sizeof zeroed);
    CHECK(routescope_loaded_policy_handle(NULL) == NULL);
    CHECK(routescope_loaded_policy_handle(&zeroed) == NULL);
    zeroed.size = sizeof zeroed;
    zeroed.answer = ROUTESCOPE_OK;
    CHECK(routescope_loaded_policy_handle(&zeroed) == NULL);
}

/* A loaded struct may be copied, overwritten, loaded again or zeroed: its handle denies, or
 * decides by a whole policy. */
static void check_handles(void) {
    static const routescope_loaded_policy unset = ROUTESCOPE_LOADED_POLICY_INIT;
    static routescope_loaded_policy one = ROUTESCOPE_LOADED_POLICY_INIT;
    static routescope_loaded_policy other = ROUTESCOPE_LOADED_POLICY_INIT;
    const routescope_policy *policy;

    CHECK(load(&one, compiled.bytes, compiled.length));
    CHECK(load(&other, compiled.bytes, compiled.length));
    policy = routescope_loaded_policy_handle(&one);
    CHECK(asked(policy, "pbx:*") == ROUTESCOPE_ALLOW);

    /* A copy is no policy, and neither is what a copy was written over. */
    other = one;
    CHECK(routescope_loaded_policy_handle(&other) == NULL);
    CHECK(asked(policy, "pbx:*") == ROUTESCOPE_ALLOW);
    CHECK(load(&other, compiled.bytes, compiled.length));
    one = other;
    CHECK(asked(policy, "pbx:*") == ROUTESCOPE_NO_POLICY);
    CHECK(routescope_policy_digest(policy) == NULL && routescope_route_count(policy) == 0);

    CHECK(load(&one, compiled.bytes, compiled.length));
    CHECK(asked(policy, "pbx:*") == ROUTESCOPE_ALLOW);
    CHECK(!load(&one, compiled.bytes, compiled.length - 1));
    CHECK(routescope_loaded_policy_handle(&one) == NULL);
    CHECK(asked(policy, "pbx:*") == ROUTESCOPE_NO_POLICY);
    CHECK(load(&one, compiled.bytes, compiled.length));
    CHECK(asked(policy, "pbx:*") == ROUTESCOPE_ALLOW);
    one = unset;
    CHECK(asked(policy, "pbx:*") == ROUTESCOPE_NO_POLICY);
}

unsigned long check_loading(const char *path, const char *vectors, unsigned long *all) {
    static routescope_loaded_policy loaded = ROUTESCOPE_LOADED_POLICY_INIT;
    unsigned long held;

    read_compiled(path);
    check_loaded();
    check_demands();
    check_accidents();
    check_attacks();
    check_mistakes_of_loading();
    check_handles();
    CHECK(load(&loaded, compiled.bytes, compiled.length));
    held = check_vectors(vectors, routescope_loaded_policy_handle(&loaded), all);
    free(compiled.bytes);
    return held;
}
