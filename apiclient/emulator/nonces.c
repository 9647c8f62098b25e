/* The nonces of the last half hour: a date may lie 15 minutes ahead, and is good until 15 minutes
 * after, so a nonce must be known for twice that time. */
#include "api.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024, KEPT_S = 2 * 15 * 60 + 1, HASH_LEN = 32 };

struct slot {
    unsigned char hash[HASH_LEN];
    int64_t expires_s;
    bool used;
};

/* Open addressing; the number of slots is a power of two, at most half of them are used. */
struct esa_emu_nonces {
    pthread_mutex_t lock;
    struct slot *slots;
    size_t num_slots;
    size_t num_used;
};

struct esa_emu_nonces *esa_emu_nonces_new(void) {
    struct esa_emu_nonces *nonces = calloc(1, sizeof *nonces);
    if (nonces == NULL)
        return NULL;
    nonces->slots = calloc(FIRST_SLOTS, sizeof *nonces->slots);
    if (nonces->slots == NULL || pthread_mutex_init(&nonces->lock, NULL) != 0) {
        free(nonces->slots);
        free(nonces);
        return NULL;
    }
    nonces->num_slots = FIRST_SLOTS;
    return nonces;
}

/* The slot that holds hash, or the free one where it belongs. */
static struct slot *find(struct slot *slots, size_t num_slots, const unsigned char *hash) {
    size_t at = 0;
    memcpy(&at, hash, sizeof at);
    for (at &= num_slots - 1; slots[at].used; at = (at + 1) & (num_slots - 1)) {
        if (memcmp(slots[at].hash, hash, HASH_LEN) == 0)
            break;
    }
    return &slots[at];
}

/* Throws out what has expired; doubles the room if that did not free half of it. */
static bool rebuild(struct esa_emu_nonces *nonces, int64_t now_s) {
    size_t live = 0;
    for (size_t i = 0; i < nonces->num_slots; i++)
        live += nonces->slots[i].used && nonces->slots[i].expires_s > now_s;
    if (live >= ESA_EMU_MAX_NONCES)
        return false;
    size_t num_slots = nonces->num_slots;
    while (live * 4 > num_slots || num_slots < FIRST_SLOTS)
        num_slots *= 2;
    struct slot *slots = calloc(num_slots, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < nonces->num_slots; i++) {
        const struct slot *old = &nonces->slots[i];
        if (old->used && old->expires_s > now_s)
            *find(slots, num_slots, old->hash) = *old;
    }
    free(nonces->slots);
    nonces->slots = slots;
    nonces->num_slots = num_slots;
    nonces->num_used = live;
    return true;
}

bool esa_emu_nonces_use(struct esa_emu_nonces *nonces, bool *full, struct esa_emu_span nonce,
                        int64_t now_s) {
    unsigned char hash[EVP_MAX_MD_SIZE];
    bool fresh = false;
    *full = true;
    if (EVP_Digest(nonce.data, nonce.len, hash, NULL, EVP_sha256(), NULL) != 1)
        return false;
    pthread_mutex_lock(&nonces->lock);
    if ((nonces->num_used + 1) * 2 <= nonces->num_slots || rebuild(nonces, now_s)) {
        struct slot *slot = find(nonces->slots, nonces->num_slots, hash);
        *full = false;
        fresh = !slot->used || slot->expires_s <= now_s;
        if (fresh) {
            nonces->num_used += !slot->used;
            memcpy(slot->hash, hash, HASH_LEN);
            slot->used = true;
            slot->expires_s = now_s + KEPT_S;
        }
    }
    pthread_mutex_unlock(&nonces->lock);
    return fresh;
}

void esa_emu_nonces_free(struct esa_emu_nonces *nonces) {
    if (nonces == NULL)
        return;
    pthread_mutex_destroy(&nonces->lock);
    free(nonces->slots);
    free(nonces);
}
