/* What belongs together in a tree: copies of a certificate, its key, its issuers. */
#define _GNU_SOURCE /* qsort_r */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "units.h"

bool gate_is_cert(const struct cp_cert *cert, const uint8_t sha256[32]) {
    uint8_t digest[32];
    (void)SHA256(cert->der.data, cert->der.len, digest);
    return memcmp(digest, sha256, sizeof(digest)) == 0;
}

/* ---- orders ---- */

static int order_of(size_t a, size_t b) {
    return a < b ? -1 : a > b;
}

static int order_of_hash(uint64_t a, uint64_t b) {
    return a < b ? -1 : a > b;
}

static int compare_leaves(const void *a, const void *b, void *context) {
    const struct gate_index *index = context;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int order = memcmp(index->certs[x].sha256, index->certs[y].sha256, 32);
    return order != 0 ? order : order_of(x, y);
}

static int compare_issuers(const void *a, const void *b, void *context) {
    const struct gate_index *index = context;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int order = order_of_hash(index->certs[x].subject_hash, index->certs[y].subject_hash);
    if (order == 0)
        order = order_of_hash(index->sources[index->certs[x].source].folder,
                              index->sources[index->certs[y].source].folder);
    return order != 0 ? order : order_of(x, y);
}

static int compare_owners(const void *a, const void *b, void *context) {
    const struct gate_index *index = context;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int order = memcmp(index->certs[x].spki_sha256, index->certs[y].spki_sha256, 32);
    return order != 0 ? order : order_of(x, y);
}

static int compare_keys(const void *a, const void *b, void *context) {
    const struct gate_index *index = context;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int order = memcmp(index->keys[x].spki_sha256, index->keys[y].spki_sha256, 32);
    return order != 0 ? order : order_of(x, y);
}

/* ---- issuers ---- */

/* The first of work->issuers with that name and, if it counts, that folder or a later one. */
static size_t first_issuer(const struct gate_work *work, uint64_t name, uint64_t folder) {
    const struct gate_index *index = work->index;
    size_t low = 0, high = work->num_issuers;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        const struct gate_cert *cert = &index->certs[work->issuers[mid]];
        int order = order_of_hash(cert->subject_hash, name);
        if (order == 0)
            order = order_of_hash(index->sources[cert->source].folder, folder);
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

size_t gate_find_issuer(const struct gate_work *work, uint64_t name, size_t source) {
    const struct gate_index *index = work->index;
    const struct gate_source *home = &index->sources[source];
    for (size_t i = home->first_cert; i < home->first_cert + home->num_certs; i++)
        if (index->certs[i].is_ca && index->certs[i].subject_hash == name)
            return i;
    size_t at = first_issuer(work, name, home->folder);
    if (at == work->num_issuers)
        return SIZE_MAX;
    const struct gate_cert *cert = &index->certs[work->issuers[at]];
    return cert->subject_hash == name && index->sources[cert->source].folder == home->folder
               ? work->issuers[at]
               : SIZE_MAX;
}

/* ---- keys ---- */

static size_t first_key(const struct gate_work *work, const uint8_t *spki_sha256) {
    size_t low = 0, high = work->index->num_keys;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (memcmp(work->index->keys[work->keys[mid]].spki_sha256, spki_sha256, 32) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static size_t first_owner(const struct gate_work *work, const uint8_t *spki_sha256) {
    size_t low = 0, high = work->index->num_certs;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (memcmp(work->index->certs[work->owners[mid]].spki_sha256, spki_sha256, 32) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

bool gate_has_owner(const struct gate_work *work, const struct gate_key *key) {
    size_t at = first_owner(work, key->spki_sha256);
    return key->has_public && at < work->index->num_certs &&
           memcmp(work->index->certs[work->owners[at]].spki_sha256, key->spki_sha256, 32) == 0;
}

static bool has_key(const struct gate_work *work, const struct gate_cert *cert) {
    size_t at = first_key(work, cert->spki_sha256);
    return at < work->index->num_keys &&
           memcmp(work->index->keys[work->keys[at]].spki_sha256, cert->spki_sha256, 32) == 0;
}

/* Same path but for the ending: site.crt, site.key. */
static bool same_stem(const char *a, const char *b) {
    const char *dot_a = strrchr(a, '.'), *dot_b = strrchr(b, '.');
    return dot_a != NULL && dot_b != NULL && strchr(dot_a, '/') == NULL &&
           strchr(dot_b, '/') == NULL && dot_a - a == dot_b - b &&
           memcmp(a, b, (size_t)(dot_a - a)) == 0;
}

/* A key that fits no certificate of the tree, beside a leaf that has no key. */
static size_t find_lone_key(const struct gate_work *work, size_t leaf) {
    const struct gate_index *index = work->index;
    const struct gate_source *home = &index->sources[index->certs[leaf].source];
    const char *path = index->files->items[home->file].path;
    size_t found = SIZE_MAX, num_keys = 0, num_leaves = 0;
    for (size_t i = 0; i < index->num_keys; i++) {
        const struct gate_source *source = &index->sources[index->keys[i].source];
        if (source->folder != home->folder || source->is_secret || source->num_certs != 0 ||
            gate_has_owner(work, &index->keys[i]))
            continue;
        if (same_stem(path, index->files->items[source->file].path))
            return i;
        found = i;
        num_keys++;
    }
    if (num_keys != 1)
        return SIZE_MAX;
    for (size_t i = 0; i < work->num_leaves; i++) {
        const struct gate_cert *other = &index->certs[work->leaves[i]];
        num_leaves +=
            index->sources[other->source].folder == home->folder &&
            (i == 0 || memcmp(other->sha256, index->certs[work->leaves[i - 1]].sha256, 32) != 0) &&
            !has_key(work, other);
    }
    return num_leaves == 1 ? found : SIZE_MAX;
}

size_t gate_find_key(const struct gate_work *work, size_t leaf) {
    const struct gate_index *index = work->index;
    const struct gate_cert *cert = &index->certs[leaf];
    size_t found = SIZE_MAX;
    if (index->sources[cert->source].is_secret)
        return SIZE_MAX; /* whatever else has it: its Secret lacks it */
    for (size_t i = first_key(work, cert->spki_sha256); i < index->num_keys; i++) {
        const struct gate_key *key = &index->keys[work->keys[i]];
        if (memcmp(key->spki_sha256, cert->spki_sha256, 32) != 0)
            break;
        if (found == SIZE_MAX)
            found = work->keys[i];
        if (index->sources[key->source].folder == index->sources[cert->source].folder)
            return work->keys[i];
    }
    return found != SIZE_MAX ? found : find_lone_key(work, leaf);
}

/* ---- leaves ---- */

/* Beside a key that is another certificate's: what is wrong there must not be hidden by a sound
 * copy elsewhere. */
static bool is_contradicted(const struct gate_index *index, const struct gate_cert *cert) {
    const struct gate_source *home = &index->sources[cert->source];
    if (home->num_leaves != 1 || home->num_keys == 0)
        return false;
    for (size_t i = home->first_key; i < home->first_key + home->num_keys; i++)
        if (memcmp(index->keys[i].spki_sha256, cert->spki_sha256, 32) == 0)
            return false;
    return true;
}

/* The certificates above the leaf, in their order; 0 where the source has none, or several leaves.
 */
static uint64_t chain_of(const struct gate_index *index, const struct gate_cert *cert) {
    const struct gate_source *home = &index->sources[cert->source];
    uint64_t hash = 0;
    for (size_t i = home->first_cert;
         home->num_leaves == 1 && i < home->first_cert + home->num_certs; i++) {
        uint64_t part;
        memcpy(&part, index->certs[i].sha256, sizeof(part));
        if (index->certs[i].is_ca)
            hash = hash * 31 + (part | 1) + (&index->certs[i] < cert);
    }
    return hash;
}

/* Is it served with another chain than the copies that are judged? Then that chain is judged, too.
 */
static bool has_other_chain(const struct gate_index *index, const size_t *judged, size_t num,
                            const struct gate_cert *cert) {
    uint64_t chain = chain_of(index, cert);
    for (size_t i = 0; i < num; i++)
        if (chain_of(index, &index->certs[judged[i]]) == chain)
            return false;
    return chain != 0;
}

/* Higher: the copy that is judged. */
static int rank_of(const struct gate_index *index, const struct gate_cert *cert) {
    const struct gate_source *home = &index->sources[cert->source];
    bool has_issuer = false, has_own_key = false;
    for (size_t i = home->first_cert; i < home->first_cert + home->num_certs; i++)
        has_issuer |= index->certs[i].is_ca && index->certs[i].subject_hash == cert->issuer_hash;
    for (size_t i = home->first_key; i < home->first_key + home->num_keys; i++)
        has_own_key |= memcmp(index->keys[i].spki_sha256, cert->spki_sha256, 32) == 0;
    return has_issuer * 2 + has_own_key;
}

/* work->leaves[from..to) are the same certificate. Those that differ in what stands with them are
 * judged one by one; the others are copies of the best. */
static enum cp_status judge_copies(struct gate_work *work, size_t from, size_t to,
                                   struct cp_error *err) {
    const struct gate_index *index = work->index;
    const char **copies = calloc(to - from, sizeof(*copies));
    size_t *judged = calloc(to - from, sizeof(*judged));
    size_t best = SIZE_MAX, num = 0, num_judged = 0, num_plain;
    enum cp_status status = CP_OK;
    if (copies == NULL || judged == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "out of memory");
        goto out;
    }
    for (size_t i = from; i < to; i++) {
        const struct gate_cert *cert = &index->certs[work->leaves[i]];
        if (!is_contradicted(index, cert) &&
            (best == SIZE_MAX || rank_of(index, cert) > rank_of(index, &index->certs[best])))
            best = work->leaves[i];
    }
    if (best != SIZE_MAX)
        judged[num_judged++] = best;
    for (size_t i = from; i < to; i++) {
        const struct gate_cert *cert = &index->certs[work->leaves[i]];
        if (work->leaves[i] == best || is_contradicted(index, cert))
            continue;
        if (has_other_chain(index, judged, num_judged, cert))
            judged[num_judged++] = work->leaves[i];
        else if (cert->source != index->certs[best].source)
            copies[num++] = index->sources[cert->source].label;
    }
    num_plain = num_judged;
    for (size_t i = from; i < to; i++)
        if (is_contradicted(index, &index->certs[work->leaves[i]]))
            judged[num_judged++] = work->leaves[i];
    for (size_t i = 0; status == CP_OK && i < num_judged; i++)
        status = gate_judge_leaf(work, judged[i], copies, i == 0 && num_plain != 0 ? num : 0, err);
out:
    free(copies);
    free(judged);
    return status;
}

static int compare_numbers(const void *a, const void *b) {
    return order_of(*(const size_t *)a, *(const size_t *)b);
}

/* Groups in the order in which their first copy was read. */
static enum cp_status judge_leaves(struct gate_work *work, gate_progress_fn *progress,
                                   void *context, struct cp_error *err) {
    const struct gate_index *index = work->index;
    struct group {
        size_t first, from, to;
    } *groups = calloc(work->num_leaves + 1, sizeof(*groups));
    size_t num = 0;
    enum cp_status status = CP_OK;
    if (groups == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    for (size_t i = 0; i < work->num_leaves; i++) {
        if (i == 0 || memcmp(index->certs[work->leaves[i]].sha256,
                             index->certs[work->leaves[i - 1]].sha256, 32) != 0)
            groups[num++] = (struct group){work->leaves[i], i, i};
        groups[num - 1].to = i + 1;
    }
    qsort(groups, num, sizeof(*groups), compare_numbers); /* by first, their first member */
    for (size_t i = 0; status == CP_OK && i < num; i++) {
        if (progress != NULL)
            progress(context, "judging", i, num);
        status = judge_copies(work, groups[i].from, groups[i].to, err);
    }
    free(groups);
    return status;
}

enum cp_status gate_units_judge(struct gate_units *units, const struct gate_judging *judging,
                                gate_progress_fn *progress, void *context, struct cp_error *err) {
    struct gate_index *index = judging->index;
    struct gate_work work = {.index = index, .judging = judging, .units = units};
    size_t num = index->num_certs;
    enum cp_status status = CP_OK;
    work.leaves = calloc(num + 1, sizeof(size_t));
    work.issuers = calloc(num + 1, sizeof(size_t));
    work.owners = calloc(num + 1, sizeof(size_t));
    work.keys = calloc(index->num_keys + 1, sizeof(size_t));
    if (work.leaves == NULL || work.issuers == NULL || work.owners == NULL || work.keys == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "out of memory");
        goto out;
    }
    for (size_t i = 0; i < num; i++) {
        work.owners[i] = i;
        if (index->certs[i].is_ca)
            work.issuers[work.num_issuers++] = i;
        else
            work.leaves[work.num_leaves++] = i;
    }
    for (size_t i = 0; i < index->num_keys; i++)
        work.keys[i] = i;
    qsort_r(work.leaves, work.num_leaves, sizeof(size_t), compare_leaves, index);
    qsort_r(work.issuers, work.num_issuers, sizeof(size_t), compare_issuers, index);
    qsort_r(work.owners, num, sizeof(size_t), compare_owners, index);
    qsort_r(work.keys, index->num_keys, sizeof(size_t), compare_keys, index);
    status = judge_leaves(&work, progress, context, err);
    if (status == CP_OK)
        status = gate_judge_rest(&work, err);
out:
    free(work.leaves);
    free(work.issuers);
    free(work.owners);
    free(work.keys);
    return status;
}
