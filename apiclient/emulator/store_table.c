/* How the custom hostnames are kept: the list, the table by name, certificates and keys; and how
 * they are shown. */
#include "store.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* ---- the list and the table ------------------------------------------------------------------ */

static size_t hash_of(const char *text) {
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (size_t)(hash ^ hash >> 32);
}

size_t *esa_emu_table_slot(struct esa_emu_store *store, const char *hostname) {
    size_t at = hash_of(hostname) & (store->num_slots - 1);
    while (store->slots[at] != 0 &&
           strcmp(store->entries[store->slots[at] - 1]->hostname, hostname) != 0)
        at = (at + 1) & (store->num_slots - 1);
    return &store->slots[at];
}

/* NULL if there is none. */
struct esa_emu_entry *esa_emu_table_name(struct esa_emu_store *store, const char *hostname) {
    size_t place = *esa_emu_table_slot(store, hostname);
    struct esa_emu_entry *entry = place != 0 ? store->entries[place - 1] : NULL;
    return entry != NULL && !entry->deleted ? entry : NULL;
}

struct esa_emu_entry *esa_emu_table_id(struct esa_emu_store *store, int64_t id) {
    if (id < ESA_EMU_FIRST_ID || (id - ESA_EMU_FIRST_ID) % 2 != 0 ||
        (id - ESA_EMU_FIRST_ID) / 2 >= (int64_t)store->num)
        return NULL;
    struct esa_emu_entry *entry = store->entries[(id - ESA_EMU_FIRST_ID) / 2];
    return entry->deleted ? NULL : entry;
}

bool esa_emu_table_room(struct esa_emu_store *store) {
    if (store->num == store->cap) {
        size_t cap = store->cap == 0 ? ESA_EMU_FIRST_SLOTS : store->cap * 2;
        struct esa_emu_entry **entries = realloc(store->entries, cap * sizeof(*entries));
        if (entries == NULL)
            return false;
        store->entries = entries;
        store->cap = cap;
    }
    if ((store->num_used + 1) * 2 <= store->num_slots)
        return true;
    size_t *old = store->slots, num_old = store->num_slots;
    size_t *slots = calloc(num_old * 2, sizeof *slots);
    if (slots == NULL)
        return false;
    store->slots = slots;
    store->num_slots = num_old * 2;
    for (size_t i = 0; i < num_old; i++) {
        if (old[i] != 0)
            *esa_emu_table_slot(store, store->entries[old[i] - 1]->hostname) = old[i];
    }
    free(old);
    return true;
}

/* ---- certificates and keys that are kept ----------------------------------------------------- */

static void drop_span(struct esa_emu_store *store, struct esa_emu_span *span) {
    char *own = NULL; /* the same block, which keep_span made and may be written to */
    memcpy(&own, &span->data, sizeof own);
    store->material -= span->len;
    if (own != NULL)
        OPENSSL_cleanse(own, span->len);
    free(own);
    *span = (struct esa_emu_span){NULL, 0};
}

static bool keep_span(struct esa_emu_store *store, struct esa_emu_span *out,
                      struct esa_emu_span in) {
    char *copy = NULL;
    *out = (struct esa_emu_span){NULL, 0};
    if (in.len == 0)
        return true;
    if (in.len <= ESA_EMU_MAX_MATERIAL - store->material)
        copy = malloc(in.len);
    if (copy == NULL)
        return false;
    memcpy(copy, in.data, in.len);
    out->data = copy;
    out->len = in.len;
    store->material += in.len;
    return true;
}

void esa_emu_table_drop_cert(struct esa_emu_store *store, struct esa_emu_cert *cert) {
    drop_span(store, &cert->certificate);
    drop_span(store, &cert->private_key);
    *cert = (struct esa_emu_cert){0};
}

bool esa_emu_table_keep_cert(struct esa_emu_store *store, struct esa_emu_cert *out,
                             const struct esa_emu_cert *in) {
    *out = *in;
    out->private_key = (struct esa_emu_span){NULL, 0};
    if (!keep_span(store, &out->certificate, in->certificate))
        return false;
    if (keep_span(store, &out->private_key, in->private_key))
        return true;
    drop_span(store, &out->certificate);
    return false;
}

/* ---- looks ----------------------------------------------------------------------------------- */

static void show(struct esa_emu_store *store, struct esa_emu_entry *entry, struct esa_emu_buf *out,
                 esa_emu_look_fn *look, void *context) {
    struct esa_emu_view view;
    esa_emu_state_view(&view, entry, &store->options->rules, esa_emu_store_now(store));
    look(out, entry, &view, context);
    entry->looks++;
}

enum esa_emu_code esa_emu_store_get(struct esa_emu_store *store, int64_t id,
                                    struct esa_emu_buf *out, esa_emu_look_fn *look, void *context) {
    pthread_mutex_lock(&store->lock);
    struct esa_emu_entry *entry = esa_emu_table_id(store, id);
    if (entry != NULL)
        show(store, entry, out, look, context);
    pthread_mutex_unlock(&store->lock);
    return entry != NULL ? ESA_EMU_ACCEPTED : ESA_EMU_HOSTNAME_NOT_FOUND;
}

static bool fits(struct esa_emu_store *store, const struct esa_emu_entry *entry,
                 const struct esa_emu_filter *filter) {
    struct esa_emu_view view;
    if (entry->deleted || (filter->site_id != 0 && entry->site_id != filter->site_id) ||
        (filter->record_id != 0 && entry->record_id != filter->record_id) ||
        !esa_emu_match(entry->hostname, filter->hostname, filter->how))
        return false;
    if (filter->status[0] == '\0')
        return true;
    esa_emu_state_view(&view, entry, &store->options->rules, esa_emu_store_now(store));
    return strcmp(view.status, filter->status) == 0;
}

void esa_emu_store_list(struct esa_emu_store *store, int64_t *total,
                        const struct esa_emu_filter *filter, struct esa_emu_buf *out,
                        esa_emu_look_fn *look, void *context) {
    int64_t first = (filter->page_number - 1) * filter->page_size;
    bool exact = filter->hostname[0] != '\0' && filter->how == ESA_EMU_MATCH_EXACT;
    *total = 0;
    pthread_mutex_lock(&store->lock);
    /* One name needs no walk over all of them. */
    size_t place = exact ? *esa_emu_table_slot(store, filter->hostname) : 0;
    size_t begin = exact ? place - (place != 0) : 0, end = exact ? place : store->num;
    for (size_t i = begin; i < end; i++) {
        struct esa_emu_entry *entry = store->entries[i];
        if (!fits(store, entry, filter))
            continue;
        if (*total >= first && *total - first < filter->page_size)
            show(store, entry, out, look, context);
        ++*total;
    }
    pthread_mutex_unlock(&store->lock);
}

void esa_emu_store_name(struct esa_emu_store *store, char out[ESA_EMU_HOSTNAME_MAX + 1],
                        int64_t id) {
    pthread_mutex_lock(&store->lock);
    const struct esa_emu_entry *entry = esa_emu_table_id(store, id);
    const char *name = entry != NULL ? entry->hostname : "";
    memcpy(out, name, strlen(name) + 1);
    pthread_mutex_unlock(&store->lock);
}
