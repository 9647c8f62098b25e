/* Which certificate and which key stands where: every file read once, facts kept, bytes not. */
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "checks.h"
#include "cp_limits.h"
#include "gate.h"

#define MAX_ITEMS ((size_t)2000000)

static enum cp_status out_of_memory(struct cp_error *err) {
    return cp_fail(err, CP_ERR_MEMORY, "out of memory");
}

/* FNV-1a of the folder's name. */
static uint64_t hash_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)path[i]) * 0x100000001b3;
    return hash;
}

enum cp_status gate_index_parts(struct gate_index *index, const struct gate_parts **out,
                                size_t file, struct cp_error *err) {
    const struct gate_file *which = &index->files->items[file];
    enum cp_status status = CP_OK;
    if (cli_is_dash(which->path)) { /* it can be read once */
        if (!index->has_standard_input)
            status = gate_extract(&index->standard_input, which, err);
        index->has_standard_input = true;
        *out = &index->standard_input;
        return status;
    }
    *out = &index->cached;
    if (index->has_cached && index->cached_file == file)
        return CP_OK;
    gate_parts_cleanup(&index->cached);
    index->cached_file = file;
    status = gate_extract(&index->cached, which, err);
    index->has_cached = status == CP_OK;
    return status;
}

static enum cp_status add_with(struct gate_index *index, struct cp_bundle *bundle, size_t *source,
                               const struct gate_part *part, const char *path, enum cp_role role,
                               bool with_passphrase, struct cp_error *err) {
    struct cp_span pass = {index->passphrase.data, with_passphrase ? index->passphrase.len : 0};
    if (pass.len != 0) {
        enum cp_status status = cp_bundle_set_passphrase(bundle, pass.data, pass.len, err);
        if (status != CP_OK)
            return status;
    } else {
        cp_secret_cleanup(&bundle->passphrase);
    }
    return gate_bundle_add(bundle, source, part, path, role, err);
}

static enum cp_status add_part(struct gate_index *index, struct cp_bundle *bundle, size_t *source,
                               const struct gate_part *part, const char *path, enum cp_role role,
                               struct cp_error *err) {
    enum cp_status status = add_with(index, bundle, source, part, path, role, true, err);
    if (status != CP_ERR_PASSPHRASE || index->passphrase.len == 0)
        return status;
    /* What was read of it before the key stays out: it is read again. */
    gate_bundle_keep_certs(bundle, *source, NULL, NULL);
    gate_bundle_keep_keys(bundle, *source, NULL, NULL);
    gate_bundle_drop_defects(bundle, *source);
    return add_with(index, bundle, source, part, path, role, false, err);
}

enum cp_status gate_index_add(struct gate_index *index, struct cp_bundle *bundle, size_t *source,
                              size_t which, enum cp_role role, struct cp_error *err) {
    const struct gate_source *from = &index->sources[which];
    const struct gate_parts *parts = NULL;
    enum cp_status status = gate_index_parts(index, &parts, from->file, err);
    if (status == CP_OK && from->part >= parts->num)
        status = cp_fail(err, CP_ERR_IO, "it changed while it was read");
    if (status == CP_OK)
        status = add_part(index, bundle, source, &parts->items[from->part],
                          index->files->items[from->file].path, role, err);
    return status;
}

/* ---- facts ---- */

static enum cp_status note_cert(struct gate_index *index, const struct cp_cert *cert,
                                const char *label, struct cp_error *err) {
    if (!gate_grow((void **)&index->certs, &index->cap_certs, index->num_certs,
                   sizeof(*index->certs), MAX_ITEMS))
        return out_of_memory(err);
    struct gate_cert *out = &index->certs[index->num_certs++];
    *out = (struct gate_cert){.source = index->num_sources,
                              .subject_hash = cert->subject_hash,
                              .issuer_hash = cert->issuer_hash,
                              .is_ca = cert->is_ca,
                              .is_alone = cp_cert_is_self_issued(cert)};
    (void)SHA256(cert->der.data, cert->der.len, out->sha256);
    (void)SHA256(cert->spki.data, cert->spki.len, out->spki_sha256);
    if (!cert->is_ca)
        return CP_OK;
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status =
        cp_pool_add(index->pool, cert->der.data, cert->der.len, label, NULL, &why);
    if (status == CP_ERR_MEMORY)
        return out_of_memory(err);
    if (status != CP_OK && !gate_unread_add(index->unreads, label, why.message))
        return out_of_memory(err);
    return CP_OK;
}

static enum cp_status note_key(struct gate_index *index, const struct cp_key *key,
                               struct cp_error *err) {
    if (!gate_grow((void **)&index->keys, &index->cap_keys, index->num_keys, sizeof(*index->keys),
                   MAX_ITEMS))
        return out_of_memory(err);
    struct gate_key *out = &index->keys[index->num_keys++];
    *out = (struct gate_key){.source = index->num_sources, .has_public = key->has_public};
    memcpy(out->spki_sha256, key->spki_sha256, sizeof(out->spki_sha256));
    return CP_OK;
}

/* Requests, public keys, parameters and revocation lists may stand in a tree. */
static bool is_harmless(enum cp_check check) {
    return check == CP_CHECK_BLOCK_UNEXPECTED || check == CP_CHECK_WRONG_OBJECT ||
           check == CP_CHECK_REQUEST || check == CP_CHECK_CRL || check == CP_CHECK_PUBLIC_KEY ||
           check == CP_CHECK_PGP || check == CP_CHECK_DH_PARAMETERS;
}

/* Is there anything to say of what could not be read? */
static bool has_defects(const struct cp_bundle *bundle) {
    for (size_t i = 0; i < bundle->num_defects; i++) {
        const struct cp_input_defect *defect = &bundle->defects[i];
        if (cp_policy_is_key(defect) || (!is_harmless(defect->check) &&
                                         cp_rule_get((size_t)defect->check)->severity != CP_NOTE))
            return true;
    }
    return false;
}

static enum cp_status note_source(struct gate_index *index, const struct cp_bundle *bundle,
                                  size_t file, size_t part, const struct gate_part *from,
                                  struct cp_error *err) {
    const char *path = index->files->items[file].path;
    struct gate_source source = {.file = file,
                                 .part = part,
                                 .first_cert = index->num_certs,
                                 .num_certs = bundle->num_certs,
                                 .first_key = index->num_keys,
                                 .num_keys = bundle->num_keys,
                                 .folder = hash_folder(path),
                                 .is_secret = from->is_secret,
                                 .has_defects = has_defects(bundle)};
    enum cp_status status = CP_OK;
    if (bundle->num_certs == 0 && bundle->num_keys == 0 && !source.has_defects)
        return CP_OK;
    size_t len = strlen(path) + sizeof(from->name) + 4;
    source.label = malloc(len);
    if (source.label == NULL || !gate_grow((void **)&index->sources, &index->cap_sources,
                                           index->num_sources, sizeof(source), GATE_MAX_PARTS)) {
        free(source.label);
        return cp_fail(err, CP_ERR_LIMIT, "out of memory, or more than %zu inputs", GATE_MAX_PARTS);
    }
    (void)snprintf(source.label, len, from->name[0] == '\0' ? "%s%s" : "%s (%s)",
                   cli_is_dash(path) ? "<stdin>" : path, from->name);
    for (size_t i = 0; status == CP_OK && i < bundle->num_certs; i++) {
        source.num_leaves += !bundle->certs[i].cert.is_ca;
        status = note_cert(index, &bundle->certs[i].cert, source.label, err);
    }
    for (size_t i = 0; status == CP_OK && i < bundle->num_keys; i++)
        status = note_key(index, &bundle->keys[i].key, err);
    index->sources[index->num_sources++] = source;
    return status;
}

/* ---- reading ---- */

/* What is wrong with one file is no end of the run. */
static enum cp_status note_unread(struct gate_index *index, size_t file, enum cp_status status,
                                  const struct cp_error *why, struct cp_error *err) {
    const char *path = index->files->items[file].path;
    if (status == CP_ERR_MEMORY)
        return cp_fail(err, status, "%s", why->message);
    /* Most messages lead with the name, which an unread has by itself. */
    size_t len = strlen(path);
    const char *message = why->message;
    if (strncmp(message, path, len) == 0 && strncmp(message + len, ": ", 2) == 0)
        message += len + 2;
    return gate_unread_add(index->unreads, cli_is_dash(path) ? "<stdin>" : path, message)
               ? CP_OK
               : out_of_memory(err);
}

static enum cp_status read_file(struct gate_index *index, struct cp_bundle *bundle, size_t file,
                                struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    const struct gate_parts *parts = NULL;
    enum cp_status status = gate_index_parts(index, &parts, file, &why);
    if (status != CP_OK)
        return note_unread(index, file, status, &why, err);
    for (size_t i = 0; i < parts->num; i++) {
        size_t source = 0;
        cp_bundle_clear(bundle);
        status = add_part(index, bundle, &source, &parts->items[i], index->files->items[file].path,
                          CP_ROLE_ANY, &why);
        status = status == CP_OK ? note_source(index, bundle, file, i, &parts->items[i], err)
                                 : note_unread(index, file, status, &why, err);
        if (status != CP_OK)
            return status;
    }
    return CP_OK;
}

enum cp_status gate_index_read(struct gate_index *index, gate_progress_fn *progress, void *context,
                               struct cp_error *err) {
    struct cp_bundle *bundle = NULL;
    enum cp_status status = cp_bundle_new(&bundle, err);
    if (status == CP_OK)
        status = cp_pool_new(&index->pool, err);
    for (size_t i = 0; status == CP_OK && i < index->files->num; i++) {
        if (progress != NULL)
            progress(context, "reading", i, index->files->num);
        status = read_file(index, bundle, i, err);
    }
    cp_bundle_free(bundle);
    return status;
}

void gate_index_cleanup(struct gate_index *index) {
    for (size_t i = 0; i < index->num_sources; i++)
        free(index->sources[i].label);
    free(index->sources);
    free(index->certs);
    free(index->keys);
    cp_pool_free(index->pool);
    cp_secret_cleanup(&index->passphrase);
    gate_parts_cleanup(&index->standard_input);
    gate_parts_cleanup(&index->cached);
}
