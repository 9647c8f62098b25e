/* store.h: the inside of store.c (what is done) and store_table.c (how it is kept and shown). */
#ifndef ESA_EMULATOR_STORE_H
#define ESA_EMULATOR_STORE_H

#include "model.h"

/* 2^53 + 1: the first integer that a double can't hold. Steps of two keep to odd numbers, so that
 * every id loses precision in a reader that takes JSON numbers for doubles. */
#define ESA_EMU_FIRST_ID INT64_C(9007199254740993)

enum { ESA_EMU_FIRST_SLOTS = 256 };

/* Open addressing; the number of slots is a power of two, at most half of them are used. A deleted
 * entry keeps its slot until its name is created anew. */
struct esa_emu_store {
    pthread_mutex_t lock;
    struct esa_emu_options *options;
    struct esa_emu_entry **entries;
    size_t num, cap, num_live;
    size_t *slots; /* place in entries + 1; 0: free */
    size_t num_slots, num_used;
    size_t material; /* bytes of certificates and keys */
    struct esa_emu_ledger ledger;
    struct esa_emu_rate rate;
};

int64_t esa_emu_store_now(struct esa_emu_store *store);

/* With the lock held. The slot of a name; a deleted entry's slot is its name's, too. */
size_t *esa_emu_table_slot(struct esa_emu_store *store, const char *hostname);
/* NULL if there is none. */
struct esa_emu_entry *esa_emu_table_name(struct esa_emu_store *store, const char *hostname);
struct esa_emu_entry *esa_emu_table_id(struct esa_emu_store *store, int64_t id);
bool esa_emu_table_room(struct esa_emu_store *store);
/* Copies of certificate and key, counted and wiped. */
bool esa_emu_table_keep_cert(struct esa_emu_store *store, struct esa_emu_cert *out,
                             const struct esa_emu_cert *in);
void esa_emu_table_drop_cert(struct esa_emu_store *store, struct esa_emu_cert *cert);

#endif
