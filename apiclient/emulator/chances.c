/* Chances that do not hang on the order in which threads run: the draw follows from the seed, from
 * action and hostname, and from how often both have been drawn for. */
#include "faults.h"

#include <stdlib.h>

enum { NUM_SLOTS = 1 << 21 };

struct slot {
    uint64_t key; /* 0: free */
    uint32_t count;
};

/* Open addressing; when it is half full, what is new shares one count. */
struct esa_emu_chances {
    struct slot *slots;
    size_t num;
    uint32_t shared;
};

uint64_t esa_emu_chances_mix(uint64_t value) {
    value += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

struct esa_emu_chances *esa_emu_chances_new(void) {
    struct esa_emu_chances *chances = calloc(1, sizeof *chances);
    if (chances == NULL)
        return NULL;
    chances->slots = calloc(NUM_SLOTS, sizeof *chances->slots);
    if (chances->slots == NULL) {
        free(chances);
        return NULL;
    }
    return chances;
}

static uint64_t hash(uint64_t start, const char *text) {
    for (; *text != '\0'; text++)
        start = (start ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (start ^ 0xff) * UINT64_C(1099511628211);
}

static uint32_t *count_of(struct esa_emu_chances *chances, uint64_t key) {
    size_t at = (size_t)esa_emu_chances_mix(key) & (NUM_SLOTS - 1);
    while (chances->slots[at].key != 0 && chances->slots[at].key != key)
        at = (at + 1) & (NUM_SLOTS - 1);
    struct slot *slot = &chances->slots[at];
    if (slot->key == 0 && chances->num >= NUM_SLOTS / 2)
        return &chances->shared;
    chances->num += slot->key == 0;
    slot->key = key;
    return &slot->count;
}

uint64_t esa_emu_chances_draw(struct esa_emu_chances *chances, uint64_t seed, const char *action,
                              const char *hostname) {
    uint64_t key = hash(hash(UINT64_C(14695981039346656037), action), hostname) | 1;
    uint32_t *count = count_of(chances, key);
    uint64_t draw = esa_emu_chances_mix(esa_emu_chances_mix(seed ^ key) + *count);
    ++*count;
    return draw;
}

void esa_emu_chances_free(struct esa_emu_chances *chances) {
    if (chances == NULL)
        return;
    free(chances->slots);
    free(chances);
}
