/* From the index to reports: each distinct leaf once, with its key and its chain from wherever they
 * stand; then the keys and the defects that no leaf's report has. */
#include "units.h"

#include <stdlib.h>
#include <string.h>

#include "bytes.h"

static enum cp_status out_of_memory(struct cp_error *err) {
    return cp_fail(err, CP_ERR_MEMORY, "out of memory");
}

/* ---- a unit ---- */

void gate_units_cleanup(struct gate_units *units) {
    for (size_t i = 0; i < units->num; i++) {
        cp_report_free(units->items[i].report);
        cp_bundle_free(units->items[i].bundle);
        free(units->items[i].label);
    }
    free(units->items);
    *units = (struct gate_units){0};
}

static size_t bytes_of(const struct cp_bundle *bundle) {
    size_t len = 0;
    for (size_t i = 0; i < bundle->num_sources; i++)
        len += bundle->sources[i].bytes.cap + bundle->sources[i].repaired.cap +
               bundle->sources[i].extracted.cap;
    return len;
}

/* Judges the bundle and keeps it, whatever happens. What keeps it from being judged is an unread.
 */
static enum cp_status judge(struct gate_work *work, struct cp_bundle *bundle, size_t source,
                            const struct cp_tree_policy *tree, struct cp_error *err) {
    struct gate_units *units = work->units;
    struct cp_check_options options = *work->judging->options;
    const char *label = work->index->sources[source].label;
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct gate_unit unit = {.label = strdup(label), .bundle = bundle};
    options.tree = tree;
    /* What came with a chain is judged with that one, as clients will. */
    for (size_t i = 0; i < bundle->num_certs; i++)
        if (bundle->certs[i].cert.is_ca)
            options.pool = NULL;
    units->kept_len += bytes_of(bundle);
    if (unit.label == NULL ||
        !gate_grow((void **)&units->items, &units->cap, units->num, sizeof(unit), GATE_MAX_UNITS)) {
        cp_bundle_free(bundle);
        free(unit.label);
        return cp_fail(err, CP_ERR_LIMIT, "out of memory, or more than %zu certificates",
                       GATE_MAX_UNITS);
    }
    enum cp_status status = CP_OK;
    if (work->judging->policy != NULL && bundle->num_certs != 0) {
        const char *file = bundle->sources[bundle->certs[0].place.source].name;
        status = cli_policy_hostnames(work->judging->policy, &options, &file, 1, &why);
    }
    if (status == CP_OK)
        status = cp_checker_run(work->judging->checker, &unit.report, bundle, &options, &why);
    if (status == CP_OK && units->kept_len > GATE_MAX_KEPT)
        status = cp_fail(err, CP_ERR_LIMIT, "more than %zu bytes of material: split the tree",
                         GATE_MAX_KEPT);
    else if (status == CP_ERR_MEMORY || status == CP_ERR_USAGE)
        status = cp_fail(err, status, "%s", why.message);
    else if (status != CP_OK)
        status =
            gate_unread_add(work->index->unreads, label, why.message) ? CP_OK : out_of_memory(err);
    units->items[units->num++] = unit;
    return status;
}

static enum cp_status unread(struct gate_work *work, size_t source, const struct cp_error *why,
                             struct cp_error *err) {
    if (why->status == CP_ERR_MEMORY)
        return out_of_memory(err);
    return gate_unread_add(work->index->unreads, work->index->sources[source].label, why->message)
               ? CP_OK
               : out_of_memory(err);
}

/* ---- a leaf ---- */

struct wanted {
    const struct gate_work *work;
    const uint8_t *leaf_sha256, *spki_sha256; /* leaf_sha256: NULL, no leaf */
    uint64_t issuers[GATE_MAX_ABOVE];         /* subjects of the certificates above the leaf */
    size_t num_issuers;
    bool roots;
};

static bool keep_key(const void *context, const struct cp_key *key) {
    const struct wanted *wanted = context;
    return key->has_public && memcmp(key->spki_sha256, wanted->spki_sha256, 32) == 0;
}

static bool keep_cert(const void *context, const struct cp_cert *cert) {
    const struct wanted *wanted = context;
    if (!cert->is_ca)
        return wanted->leaf_sha256 != NULL && gate_is_cert(cert, wanted->leaf_sha256);
    if (!wanted->roots && cp_cert_is_self_issued(cert))
        return false;
    for (size_t i = 0; i < wanted->num_issuers; i++)
        if (wanted->issuers[i] == cert->subject_hash)
            return true;
    return false;
}

/* Fills in the issuers, and lists the other files of the folder that have some of them. */
static void climb(const struct gate_work *work, struct wanted *wanted, size_t *chain,
                  size_t *num_chain, size_t leaf) {
    const struct gate_cert *at = &work->index->certs[leaf];
    size_t home = at->source;
    *num_chain = 0;
    while (!at->is_alone && wanted->num_issuers < GATE_MAX_ABOVE) {
        uint64_t issuer = at->issuer_hash;
        size_t above = gate_find_issuer(work, issuer, home);
        wanted->issuers[wanted->num_issuers++] = issuer;
        if (above == SIZE_MAX)
            return;
        at = &work->index->certs[above];
        bool known = at->source == home || at->is_alone;
        for (size_t i = 0; !known && i < *num_chain; i++)
            known = chain[i] == at->source;
        if (!known)
            chain[(*num_chain)++] = at->source;
    }
}

static enum cp_status add_leaf_source(struct gate_work *work, struct cp_bundle *bundle,
                                      struct wanted *wanted, size_t which, struct cp_error *err) {
    struct gate_source *source = &work->index->sources[which];
    size_t added = 0;
    enum cp_status status = gate_index_add(work->index, bundle, &added, which, CP_ROLE_ANY, err);
    if (status != CP_OK)
        return status;
    if (source->num_leaves > 1) {
        wanted->roots = true;
        gate_bundle_keep_certs(bundle, added, keep_cert, wanted);
        gate_bundle_keep_keys(bundle, added, keep_key, wanted);
    }
    if (source->is_judged)
        gate_bundle_drop_defects(bundle, added);
    source->is_judged = true;
    for (size_t i = 0; i < bundle->num_certs; i++)
        if (gate_is_cert(&bundle->certs[i].cert, wanted->leaf_sha256))
            return CP_OK;
    return cp_fail(err, CP_ERR_IO, "it changed while it was read");
}

static enum cp_status add_chain(struct gate_work *work, struct cp_bundle *bundle,
                                struct wanted *wanted, const size_t *chain, size_t num_chain,
                                struct cp_error *err) {
    enum cp_status status = CP_OK;
    wanted->roots = false; /* in a file of its own, it is not what is served */
    for (size_t i = 0; status == CP_OK && i < num_chain; i++) {
        struct gate_source *source = &work->index->sources[chain[i]];
        size_t added = 0;
        status = gate_index_add(work->index, bundle, &added, chain[i], CP_ROLE_CHAIN, err);
        if (status != CP_OK)
            break;
        gate_bundle_keep_certs(bundle, added, keep_cert, wanted);
        gate_bundle_keep_keys(bundle, added, NULL, NULL);
        if (source->is_judged || source->num_leaves != 0)
            gate_bundle_drop_defects(bundle, added);
        else
            source->is_judged = true;
    }
    return status;
}

static enum cp_status add_key(struct gate_work *work, struct cp_bundle *bundle, size_t key,
                              struct cp_error *err) {
    struct gate_source *source = &work->index->sources[work->index->keys[key].source];
    struct wanted wanted = {.spki_sha256 = work->index->keys[key].spki_sha256};
    size_t added = 0;
    enum cp_status status = gate_index_add(work->index, bundle, &added,
                                           work->index->keys[key].source, CP_ROLE_KEY, err);
    if (status != CP_OK)
        return status;
    gate_bundle_keep_certs(bundle, added, NULL, NULL);
    gate_bundle_keep_keys(bundle, added, keep_key, &wanted);
    if (source->is_judged || source->num_leaves != 0 || source->num_keys > 1)
        gate_bundle_drop_defects(bundle, added);
    else
        source->is_judged = true;
    return CP_OK;
}

/* Are all keys of the bundle in a report already? They are from here on. */
static bool name_keys(struct gate_work *work, const struct gate_source *home, const uint8_t *spki,
                      size_t key) {
    bool all = true;
    for (size_t i = home->first_key; i < home->first_key + home->num_keys; i++) {
        struct gate_key *at = &work->index->keys[i];
        if (home->num_leaves > 1 && memcmp(at->spki_sha256, spki, 32) != 0)
            continue;
        all = all && at->is_named;
        at->is_named = true;
    }
    if (key != SIZE_MAX) {
        all = all && work->index->keys[key].is_named;
        work->index->keys[key].is_named = true;
    }
    return all;
}

/* leaf: index of index->certs. */
enum cp_status gate_judge_leaf(struct gate_work *work, size_t leaf, const char *const *copies,
                               size_t num_copies, struct cp_error *err) {
    const struct gate_cert *cert = &work->index->certs[leaf];
    const struct gate_source *home = &work->index->sources[cert->source];
    struct cp_tree_policy tree = {.allowed_keys = work->judging->allowed_keys->items,
                                  .num_allowed_keys = work->judging->allowed_keys->num_items,
                                  .copies = copies,
                                  .num_copies = num_copies};
    struct wanted wanted = {
        .work = work, .leaf_sha256 = cert->sha256, .spki_sha256 = cert->spki_sha256};
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct cp_bundle *bundle = NULL;
    size_t chain[GATE_MAX_ABOVE], num_chain = 0, key = SIZE_MAX;
    enum cp_status status = cp_bundle_new(&bundle, err);
    if (status != CP_OK)
        return status;
    climb(work, &wanted, chain, &num_chain, leaf);
    status = add_leaf_source(work, bundle, &wanted, cert->source, &why);
    if (status == CP_OK)
        status = add_chain(work, bundle, &wanted, chain, num_chain, &why);
    if (status == CP_OK && bundle->num_keys == 0)
        key = gate_find_key(work, leaf);
    if (status == CP_OK && key != SIZE_MAX)
        status = add_key(work, bundle, key, &why);
    if (status != CP_OK) {
        cp_bundle_free(bundle);
        return unread(work, cert->source, &why, err);
    }
    tree.keys_are_named = name_keys(work, home, cert->spki_sha256, key);
    return judge(work, bundle, cert->source, &tree, err);
}

/* ---- what is left ---- */

/* A key that no leaf's report has: another copy, one of a CA, or one without a certificate. */
static enum cp_status judge_key(struct gate_work *work, size_t key, struct cp_error *err) {
    const struct gate_key *at = &work->index->keys[key];
    struct cp_tree_policy tree = {.allowed_keys = work->judging->allowed_keys->items,
                                  .num_allowed_keys = work->judging->allowed_keys->num_items,
                                  .keys_are_owned = gate_has_owner(work, at)};
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct cp_bundle *bundle = NULL;
    enum cp_status status = cp_bundle_new(&bundle, err);
    if (status != CP_OK)
        return status;
    if (at->has_public) {
        status = add_key(work, bundle, key, &why);
    } else { /* its parts do not belong together: it is found by its place alone */
        size_t added = 0;
        status = gate_index_add(work->index, bundle, &added, at->source, CP_ROLE_KEY, &why);
        gate_bundle_keep_certs(bundle, added, NULL, NULL);
        gate_bundle_drop_defects(bundle, added);
    }
    if (status != CP_OK) {
        cp_bundle_free(bundle);
        return unread(work, at->source, &why, err);
    }
    const struct gate_source *home = &work->index->sources[at->source];
    for (size_t i = home->first_key; i < home->first_key + home->num_keys; i++) {
        struct gate_key *other = &work->index->keys[i];
        other->is_named |= !at->has_public || memcmp(other->spki_sha256, at->spki_sha256, 32) == 0;
    }
    return judge(work, bundle, at->source, &tree, err);
}

static enum cp_status judge_defects(struct gate_work *work, size_t which, struct cp_error *err) {
    struct gate_source *source = &work->index->sources[which];
    const struct cp_tree_policy tree = {.allowed_keys = work->judging->allowed_keys->items,
                                        .num_allowed_keys = work->judging->allowed_keys->num_items,
                                        .keys_are_named = true};
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct cp_bundle *bundle = NULL;
    size_t added = 0;
    enum cp_status status = cp_bundle_new(&bundle, err);
    if (status != CP_OK)
        return status;
    status = gate_index_add(work->index, bundle, &added, which, CP_ROLE_ANY, &why);
    if (status != CP_OK) {
        cp_bundle_free(bundle);
        return unread(work, which, &why, err);
    }
    gate_bundle_keep_certs(bundle, added, NULL, NULL);
    gate_bundle_keep_keys(bundle, added, NULL, NULL);
    source->is_judged = true;
    return judge(work, bundle, which, &tree, err);
}

enum cp_status gate_judge_rest(struct gate_work *work, struct cp_error *err) {
    enum cp_status status = CP_OK;
    for (size_t i = 0; status == CP_OK && i < work->index->num_keys; i++)
        if (!work->index->keys[i].is_named)
            status = judge_key(work, i, err);
    for (size_t i = 0; status == CP_OK && i < work->index->num_sources; i++)
        if (work->index->sources[i].has_defects && !work->index->sources[i].is_judged)
            status = judge_defects(work, i, err);
    return status;
}
