/* The custom hostnames that were created: name, id and the uploaded leaf's SHA-256. */
#include "emulator.h"

#include <stdlib.h>
#include <string.h>

/* 2^53 + 1: the first integer that a double can't hold. Steps of two keep to odd numbers, so that
 * every id loses precision in a reader that takes JSON numbers for doubles. */
#define FIRST_ID INT64_C(9007199254740993)

enum { FIRST_SLOTS = 256 };

struct entry {
    char *hostname; /* lower case; NULL: free */
    int64_t id;
    char cert_sha256[65];
};

/* Open addressing; the number of slots is a power of two, at most half of them are used. */
struct esa_emu_store {
    pthread_mutex_t lock;
    struct entry *slots;
    size_t num_slots;
    size_t num;
    size_t quota;
};

struct esa_emu_store *esa_emu_store_new(size_t quota) {
    struct esa_emu_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return NULL;
    store->slots = calloc(FIRST_SLOTS, sizeof *store->slots);
    if (store->slots == NULL || pthread_mutex_init(&store->lock, NULL) != 0) {
        free(store->slots);
        free(store);
        return NULL;
    }
    store->num_slots = FIRST_SLOTS;
    store->quota = quota;
    return store;
}

/* FNV-1a. */
static size_t hash_of(const char *text) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32);
}

static struct entry *find(struct entry *slots, size_t num_slots, const char *hostname) {
    size_t at = hash_of(hostname) & (num_slots - 1);
    while (slots[at].hostname != NULL && strcmp(slots[at].hostname, hostname) != 0)
        at = (at + 1) & (num_slots - 1);
    return &slots[at];
}

static bool make_room(struct esa_emu_store *store) {
    if ((store->num + 1) * 2 <= store->num_slots)
        return true;
    size_t num_slots = store->num_slots * 2;
    struct entry *slots = calloc(num_slots, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < store->num_slots; i++) {
        if (store->slots[i].hostname != NULL)
            *find(slots, num_slots, store->slots[i].hostname) = store->slots[i];
    }
    free(store->slots);
    store->slots = slots;
    store->num_slots = num_slots;
    return true;
}

/* Call with the lock held. */
static enum esa_emu_code create(struct esa_emu_store *store, int64_t *hostname_id,
                                const char *hostname, const char *cert_sha256) {
    if (find(store->slots, store->num_slots, hostname)->hostname != NULL)
        return ESA_EMU_CONFLICT;
    if (store->num >= store->quota)
        return ESA_EMU_QUOTA_EXCEEDED;
    if (!make_room(store))
        return ESA_EMU_INTERNAL_EXCEPTION;
    char *copy = malloc(strlen(hostname) + 1);
    if (copy == NULL)
        return ESA_EMU_INTERNAL_EXCEPTION;
    memcpy(copy, hostname, strlen(hostname) + 1);
    struct entry *entry = find(store->slots, store->num_slots, hostname);
    entry->hostname = copy;
    entry->id = FIRST_ID + 2 * (int64_t)store->num;
    memcpy(entry->cert_sha256, cert_sha256, strlen(cert_sha256) + 1);
    store->num++;
    *hostname_id = entry->id;
    return ESA_EMU_ACCEPTED;
}

enum esa_emu_code esa_emu_store_create(struct esa_emu_store *store, int64_t *hostname_id,
                                       const char *hostname, const char *cert_sha256) {
    char lower[ESA_EMU_HOSTNAME_MAX + 1];
    size_t len = strlen(hostname);
    if (len >= sizeof lower || strlen(cert_sha256) > 64)
        return ESA_EMU_INVALID_PARAMETER;
    memcpy(lower, hostname, len + 1);
    for (char *c = lower; *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + 32);
    }
    pthread_mutex_lock(&store->lock);
    enum esa_emu_code code = create(store, hostname_id, lower, cert_sha256);
    pthread_mutex_unlock(&store->lock);
    return code;
}

void esa_emu_store_free(struct esa_emu_store *store) {
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->num_slots; i++)
        free(store->slots[i].hostname);
    pthread_mutex_destroy(&store->lock);
    free(store->slots);
    free(store);
}
