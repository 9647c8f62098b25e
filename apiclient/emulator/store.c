/* What is done to the custom hostnames, each deed told to the ledger before it counts. */
#include "store.h"

#include <stdlib.h>
#include <string.h>

/* ---- deeds, first as changes of the model ---------------------------------------------------- */

int64_t esa_emu_store_now(struct esa_emu_store *store) {
    return esa_emu_options_now(store->options);
}

static bool tell(struct esa_emu_store *store, const char *action, const struct esa_emu_entry *entry,
                 bool has_cert, int64_t time_s) {
    struct esa_emu_deed deed = {.time_s = time_s, .has_cert = has_cert, .entry = *entry};
    memcpy(deed.action, action, strlen(action) + 1);
    return esa_emu_ledger_write(&store->ledger, &deed);
}

/* Puts a new entry at the end; told: it is in the ledger already. */
static enum esa_emu_code add(struct esa_emu_store *store, int64_t *id,
                             const struct esa_emu_entry *fresh, bool told, int64_t time_s) {
    if (store->num >= ESA_EMU_MAX_HOSTNAMES || !esa_emu_table_room(store))
        return ESA_EMU_INTERNAL_EXCEPTION;
    struct esa_emu_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        return ESA_EMU_INTERNAL_EXCEPTION;
    *entry = *fresh;
    entry->cert = (struct esa_emu_cert){0};
    entry->id = ESA_EMU_FIRST_ID + 2 * (int64_t)store->num;
    entry->created_s = entry->updated_s = entry->cert_set_s = time_s;
    entry->num_applications = 1;
    if (!esa_emu_table_keep_cert(store, &entry->cert, &fresh->cert) ||
        (!told && !tell(store, "CreateCustomHostname", entry, true, time_s))) {
        esa_emu_table_drop_cert(store, &entry->cert);
        free(entry);
        return ESA_EMU_INTERNAL_EXCEPTION;
    }
    size_t *slot = esa_emu_table_slot(store, entry->hostname);
    store->num_used += *slot == 0;
    store->entries[store->num++] = entry;
    *slot = store->num;
    store->num_live++;
    *id = entry->id;
    return ESA_EMU_ACCEPTED;
}

static enum esa_emu_code change(struct esa_emu_store *store, struct esa_emu_entry *entry,
                                const struct esa_emu_changes *changes, bool told, int64_t time_s) {
    struct esa_emu_entry next = *entry;
    bool has_cert = changes->cert.type != ESA_EMU_CERT_NONE;
    next.ssl = changes->has_ssl ? changes->ssl : entry->ssl;
    if (changes->record_id != 0)
        next.record_id = changes->record_id;
    if (next.ssl && !has_cert && entry->cert.type == ESA_EMU_CERT_NONE)
        return ESA_EMU_INVALID_PARAMETER; /* on, but with which certificate? */
    if (!next.ssl && has_cert)
        return ESA_EMU_INVALID_PARAMETER;
    if (has_cert && !esa_emu_table_keep_cert(store, &next.cert, &changes->cert))
        return ESA_EMU_INTERNAL_EXCEPTION;
    if (!next.ssl)
        next.cert = (struct esa_emu_cert){0};
    if (has_cert) {
        next.cert_set_s = time_s;
        next.applied_at = next.looks;
        next.num_applications = 1;
    }
    next.updated_s = time_s;
    next.active_from = next.looks;
    if (!told && !tell(store, "UpdateCustomHostname", &next, true, time_s)) {
        if (has_cert)
            esa_emu_table_drop_cert(store, &next.cert);
        return ESA_EMU_INTERNAL_EXCEPTION;
    }
    if (has_cert || !next.ssl)
        esa_emu_table_drop_cert(store, &entry->cert);
    *entry = next;
    return ESA_EMU_ACCEPTED;
}

static void set_verified(struct esa_emu_entry *entry, int64_t time_s) {
    entry->verified = true;
    entry->active_from = entry->looks;
    entry->updated_s = time_s;
}

static void set_applied(struct esa_emu_entry *entry, int64_t time_s) {
    entry->applied_at = entry->looks;
    entry->num_applications++;
    entry->updated_s = entry->cert_set_s = time_s;
}

static void set_deleted(struct esa_emu_store *store, struct esa_emu_entry *entry) {
    esa_emu_table_drop_cert(store, &entry->cert);
    entry->deleted = true;
    store->num_live--;
}

/* ---- from the ledger ------------------------------------------------------------------------- */

static const char *replay_create(struct esa_emu_store *store, const struct esa_emu_deed *deed) {
    int64_t id = 0, retry_after_ms = 0;
    if (esa_emu_table_name(store, deed->entry.hostname) != NULL)
        return "creates a hostname that exists";
    if (deed->entry.id != ESA_EMU_FIRST_ID + 2 * (int64_t)store->num)
        return "has an id out of order";
    (void)esa_emu_rate_take(&store->rate, &retry_after_ms, deed->time_s * 1000);
    return add(store, &id, &deed->entry, true, deed->time_s) == ESA_EMU_ACCEPTED ? NULL
                                                                                 : "out of memory";
}

static const char *replay_deed(struct esa_emu_store *store, const struct esa_emu_deed *deed) {
    const struct esa_emu_entry *told = &deed->entry;
    if (strcmp(deed->action, "CreateCustomHostname") == 0)
        return replay_create(store, deed);
    struct esa_emu_entry *entry = esa_emu_table_id(store, told->id);
    if (entry == NULL || strcmp(entry->hostname, told->hostname) != 0)
        return "speaks of a hostname that does not exist";
    if (strcmp(deed->action, "UpdateCustomHostname") == 0) {
        struct esa_emu_changes changes = {
            .record_id = told->record_id, .has_ssl = true, .ssl = told->ssl, .cert = told->cert};
        return change(store, entry, &changes, true, deed->time_s) == ESA_EMU_ACCEPTED
                   ? NULL
                   : "an update that does not fit";
    }
    if (strcmp(deed->action, "VerifyCustomHostname") == 0)
        set_verified(entry, deed->time_s);
    else if (strcmp(deed->action, "ApplyCustomHostnameCertificate") == 0)
        set_applied(entry, deed->time_s);
    else if (strcmp(deed->action, "DeleteCustomHostname") == 0)
        set_deleted(store, entry);
    else
        return "an unknown action";
    return NULL;
}

static bool replay(void *context, const char **reason, const struct esa_emu_deed *deed) {
    const char *wrong = replay_deed(context, deed);
    if (wrong != NULL)
        *reason = wrong;
    return wrong == NULL;
}

const char *esa_emu_store_new(struct esa_emu_store **out, struct esa_emu_options *options) {
    struct esa_emu_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return "out of memory";
    *store = (struct esa_emu_store){
        .options = options, .ledger.fd = -1, .num_slots = ESA_EMU_FIRST_SLOTS};
    store->slots = calloc(ESA_EMU_FIRST_SLOTS, sizeof *store->slots);
    if (store->slots == NULL || !esa_emu_rate_init(&store->rate, options->rate, options->rate_s) ||
        pthread_mutex_init(&store->lock, NULL) != 0) {
        free(store->slots);
        esa_emu_rate_cleanup(&store->rate);
        free(store);
        return "out of memory";
    }
    *out = store;
    return options->state_file == NULL
               ? NULL
               : esa_emu_ledger_open(&store->ledger, options->state_file, replay, store);
}

/* ---- deeds ----------------------------------------------------------------------------------- */

enum esa_emu_code esa_emu_store_create(struct esa_emu_store *store, int64_t *id,
                                       int64_t *retry_after_ms, const struct esa_emu_entry *fresh) {
    enum esa_emu_code code = ESA_EMU_ACCEPTED;
    pthread_mutex_lock(&store->lock);
    if (!esa_emu_rate_take(&store->rate, retry_after_ms, esa_emu_options_now_ms(store->options)))
        code = ESA_EMU_THROTTLING_USER;
    else if (esa_emu_table_name(store, fresh->hostname) != NULL)
        code = ESA_EMU_CONFLICT;
    else if ((int64_t)store->num_live >= store->options->quota)
        code = ESA_EMU_QUOTA_EXCEEDED;
    else
        code = add(store, id, fresh, false, esa_emu_store_now(store));
    pthread_mutex_unlock(&store->lock);
    return code;
}

enum esa_emu_code esa_emu_store_update(struct esa_emu_store *store, int64_t id,
                                       const struct esa_emu_changes *changes) {
    pthread_mutex_lock(&store->lock);
    struct esa_emu_entry *entry = esa_emu_table_id(store, id);
    enum esa_emu_code code = entry != NULL
                                 ? change(store, entry, changes, false, esa_emu_store_now(store))
                                 : ESA_EMU_HOSTNAME_NOT_FOUND;
    pthread_mutex_unlock(&store->lock);
    return code;
}

/* One name a line; what follows a "#" is a comment. */
static bool is_listed(const char *path, const char *hostname) {
    struct esa_emu_buf text = {.max = ESA_EMU_MAX_FILE};
    char name[ESA_EMU_HOSTNAME_MAX + 1];
    bool found = false;
    const char *line = esa_emu_read_file(&text, path) ? text.data : NULL;
    while (line != NULL && !found) {
        const char *end = strchr(line, '\n');
        size_t len = strcspn(line, " \t\r\n#");
        found = esa_emu_lower(name, sizeof name, (struct esa_emu_span){line, len}) &&
                strcmp(name, hostname) == 0;
        line = end != NULL ? end + 1 : NULL;
    }
    esa_emu_buf_cleanup(&text);
    return found;
}

static bool passes(const struct esa_emu_entry *entry, const struct esa_emu_rules *rules) {
    switch (rules->verify_mode) {
    case ESA_EMU_VERIFY_AFTER:
        return entry->verify_calls >= rules->verify_after;
    case ESA_EMU_VERIFY_FILE:
        return is_listed(rules->verify_file, entry->hostname);
    case ESA_EMU_VERIFY_AUTO:
        break;
    }
    return true;
}

static enum esa_emu_code verify(struct esa_emu_store *store, struct esa_emu_entry *entry) {
    struct esa_emu_view view;
    int64_t time_s = esa_emu_store_now(store);
    esa_emu_state_view(&view, entry, &store->options->rules, time_s);
    if (strcmp(view.status, "conflicted") == 0)
        return ESA_EMU_CONFLICT;
    if (strcmp(view.status, "offline") == 0)
        return ESA_EMU_OFFLINE;
    entry->verify_calls++;
    if (entry->verified)
        return ESA_EMU_ACCEPTED;
    if (!passes(entry, &store->options->rules))
        return ESA_EMU_VERIFY_UNPASSED;
    if (!tell(store, "VerifyCustomHostname", entry, false, time_s))
        return ESA_EMU_INTERNAL_EXCEPTION;
    set_verified(entry, time_s);
    return ESA_EMU_ACCEPTED;
}

static enum esa_emu_code apply(struct esa_emu_store *store, struct esa_emu_entry *entry) {
    int64_t time_s = esa_emu_store_now(store);
    if (!entry->ssl || entry->cert.type != ESA_EMU_CERT_FREE)
        return ESA_EMU_INVALID_PARAMETER;
    if (!tell(store, "ApplyCustomHostnameCertificate", entry, false, time_s))
        return ESA_EMU_INTERNAL_EXCEPTION;
    set_applied(entry, time_s);
    return ESA_EMU_ACCEPTED;
}

static enum esa_emu_code delete (struct esa_emu_store *store, struct esa_emu_entry *entry) {
    if (!tell(store, "DeleteCustomHostname", entry, false,
              esa_emu_store_now(store))) return ESA_EMU_INTERNAL_EXCEPTION;
    set_deleted(store, entry);
    return ESA_EMU_ACCEPTED;
}

static enum esa_emu_code with_entry(struct esa_emu_store *store, int64_t id,
                                    enum esa_emu_code (*act)(struct esa_emu_store *store,
                                                             struct esa_emu_entry *entry)) {
    pthread_mutex_lock(&store->lock);
    struct esa_emu_entry *entry = esa_emu_table_id(store, id);
    enum esa_emu_code code = entry != NULL ? act(store, entry) : ESA_EMU_HOSTNAME_NOT_FOUND;
    pthread_mutex_unlock(&store->lock);
    return code;
}

enum esa_emu_code esa_emu_store_verify(struct esa_emu_store *store, int64_t id) {
    return with_entry(store, id, verify);
}

enum esa_emu_code esa_emu_store_apply(struct esa_emu_store *store, int64_t id) {
    return with_entry(store, id, apply);
}

enum esa_emu_code esa_emu_store_delete(struct esa_emu_store *store, int64_t id) {
    return with_entry(store, id, delete);
}

void esa_emu_store_free(struct esa_emu_store *store) {
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->num; i++) {
        esa_emu_table_drop_cert(store, &store->entries[i]->cert);
        free(store->entries[i]);
    }
    pthread_mutex_destroy(&store->lock);
    esa_emu_ledger_close(&store->ledger);
    esa_emu_rate_cleanup(&store->rate);
    free(store->entries);
    free(store->slots);
    free(store);
}
