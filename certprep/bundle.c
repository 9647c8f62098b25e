#include "bundle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"
#include "pem.h"

enum cp_status cp_bundle_new(struct cp_bundle **out, struct cp_error *err) {
    *out = calloc(1, sizeof(**out));
    return *out != NULL ? CP_OK : cp_fail(err, CP_ERR_MEMORY, "bundle: out of memory");
}

void cp_bundle_free(struct cp_bundle *bundle) {
    if (bundle == NULL)
        return;
    for (size_t i = 0; i < bundle->num_keys; i++)
        cp_secret_cleanup(&bundle->keys[i].decrypted);
    for (size_t i = 0; i < bundle->num_defects; i++)
        free(bundle->defects[i].message);
    for (size_t i = 0; i < bundle->num_sources; i++) {
        free(bundle->sources[i].name);
        cp_secret_cleanup(&bundle->sources[i].bytes);
    }
    cp_secret_cleanup(&bundle->passphrase);
    free(bundle->sources);
    free(bundle->certs);
    free(bundle->keys);
    free(bundle->defects);
    free(bundle);
}

size_t cp_bundle_num_certs(const struct cp_bundle *bundle) {
    return bundle->num_certs;
}

size_t cp_bundle_num_keys(const struct cp_bundle *bundle) {
    return bundle->num_keys;
}

enum cp_status cp_bundle_set_passphrase(struct cp_bundle *bundle, const uint8_t *pass,
                                        size_t pass_len, struct cp_error *err) {
    if (pass_len > CP_MAX_PASSPHRASE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "pass phrase: over %d bytes", CP_MAX_PASSPHRASE_LEN);
    cp_secret_cleanup(&bundle->passphrase);
    enum cp_status status = cp_secret_init(&bundle->passphrase, pass_len, err);
    if (status == CP_OK)
        status = cp_secret_append(&bundle->passphrase, pass, pass_len, err);
    return status;
}

/* Room for one more; NULL if out of memory. Arrays of spans and offsets only: no secret is copied.
 */
static void *grow(void *array, size_t item_len, size_t num, size_t *cap) {
    if (num < *cap)
        return array;
    size_t want = *cap == 0 ? 8 : *cap * 2;
    void *grown = realloc(array, want * item_len);
    if (grown != NULL)
        *cap = want;
    return grown;
}

static enum cp_status add_defect(struct cp_bundle *bundle, enum cp_check check,
                                 const struct cp_place *place, size_t column, const char *message,
                                 struct cp_error *err) {
    void *grown =
        grow(bundle->defects, sizeof(*bundle->defects), bundle->num_defects, &bundle->cap_defects);
    char *copy = strdup(message);
    if (grown != NULL)
        bundle->defects = grown;
    if (grown == NULL || copy == NULL) {
        free(copy);
        return cp_fail(err, CP_ERR_MEMORY, "bundle: out of memory");
    }
    bundle->defects[bundle->num_defects++] = (struct cp_input_defect){
        .check = check, .place = *place, .column = column, .message = copy};
    return CP_OK;
}

static enum cp_status add_cert(struct cp_bundle *bundle, struct cp_span der,
                               const struct cp_place *place, struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    void *grown =
        grow(bundle->certs, sizeof(*bundle->certs), bundle->num_certs, &bundle->cap_certs);
    if (grown == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "bundle: out of memory");
    bundle->certs = grown;
    struct cp_bundle_cert *cert = &bundle->certs[bundle->num_certs];
    cert->place = *place;
    if (cp_cert_parse(&cert->cert, der, &why) != CP_OK)
        return add_defect(bundle, CP_CHECK_CERT_MALFORMED, place, 0, why.message, err);
    bundle->num_certs++;
    return CP_OK;
}

/* Takes over *decrypted, which may be empty, whatever happens. */
static enum cp_status add_key(struct cp_bundle *bundle, struct cp_span der,
                              enum cp_key_format format, struct cp_secret *decrypted,
                              const struct cp_place *place, struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status;
    void *grown = grow(bundle->keys, sizeof(*bundle->keys), bundle->num_keys, &bundle->cap_keys);
    if (grown == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "bundle: out of memory");
        goto out;
    }
    bundle->keys = grown;
    struct cp_bundle_key *key = &bundle->keys[bundle->num_keys];
    *key = (struct cp_bundle_key){.place = *place, .was_encrypted = decrypted->data != NULL};
    status = cp_key_parse(&key->key, der, format, &why);
    if (status == CP_OK && cp_key_algorithm_get(key->key.type)->kind != CP_KIND_OTHER)
        status = cp_key_derive_public(&key->key, &why);
    if (status == CP_ERR_MEMORY || status == CP_ERR_CRYPTO) {
        status = cp_fail(err, status, "%s", why.message);
        goto out;
    }
    if (status != CP_OK) {
        status = add_defect(bundle,
                            status == CP_ERR_UNSUPPORTED ? CP_CHECK_KEY_UNSUPPORTED
                                                         : CP_CHECK_KEY_MALFORMED,
                            place, 0, why.message, err);
        goto out;
    }
    key->decrypted = *decrypted;
    *decrypted = (struct cp_secret){0};
    bundle->num_keys++;
out:
    cp_secret_cleanup(decrypted);
    return status;
}

/* An encrypted key: without a pass phrase a finding, with a wrong one a status. */
static enum cp_status add_encrypted(struct cp_bundle *bundle, const struct cp_source *source,
                                    const struct cp_pem_block *block, struct cp_span der,
                                    const struct cp_place *place, struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct cp_secret plain = {0};
    struct cp_span pass = {bundle->passphrase.data, bundle->passphrase.len};
    enum cp_key_format format = block->kind == CP_PEM_RSA_PRIVATE_KEY  ? CP_KEY_PKCS1
                                : block->kind == CP_PEM_EC_PRIVATE_KEY ? CP_KEY_SEC1
                                                                       : CP_KEY_PKCS8;
    enum cp_status status;
    if (pass.data == NULL)
        return add_defect(bundle, CP_CHECK_KEY_ENCRYPTED, place, 0,
                          "the private key is encrypted and no pass phrase was given", err);
    if (block->headers.len != 0) {
        struct cp_span whole = {source->text.data + block->begin_offset,
                                block->end_offset - block->begin_offset};
        status = cp_key_decrypt_traditional(&plain, whole, pass, &why);
    } else {
        status = cp_key_decrypt_pkcs8(&plain, der, pass, &why);
    }
    if (status == CP_ERR_PARSE)
        return add_defect(bundle, CP_CHECK_KEY_MALFORMED, place, 0, why.message, err);
    if (status == CP_ERR_UNSUPPORTED)
        return add_defect(bundle, CP_CHECK_KEY_UNSUPPORTED, place, 0, why.message, err);
    if (status != CP_OK)
        return cp_fail(err, status, "%s:%zu: %s", source->name, place->line, why.message);
    return add_key(bundle, (struct cp_span){plain.data, plain.len}, format, &plain, place, err);
}

/* One block whose base64 has been decoded to der. */
static enum cp_status add_block(struct cp_bundle *bundle, const struct cp_source *source,
                                const struct cp_pem_block *block, struct cp_span der,
                                const struct cp_place *place, struct cp_error *err) {
    struct cp_secret none = {0};
    char message[128], label[64];
    bool headers = block->headers.len != 0;
    switch (block->kind) {
    case CP_PEM_CERTIFICATE:
        return add_cert(bundle, der, place, err);
    case CP_PEM_PRIVATE_KEY:
        return add_key(bundle, der, CP_KEY_PKCS8, &none, place, err);
    case CP_PEM_RSA_PRIVATE_KEY:
        return headers ? add_encrypted(bundle, source, block, der, place, err)
                       : add_key(bundle, der, CP_KEY_PKCS1, &none, place, err);
    case CP_PEM_EC_PRIVATE_KEY:
        return headers ? add_encrypted(bundle, source, block, der, place, err)
                       : add_key(bundle, der, CP_KEY_SEC1, &none, place, err);
    case CP_PEM_ENCRYPTED_PRIVATE_KEY:
        return add_encrypted(bundle, source, block, der, place, err);
    case CP_PEM_EC_PARAMETERS: /* the key behind it names its curve itself */
        return CP_OK;
    case CP_PEM_OTHER:
        break;
    }
    cp_escape(label, sizeof(label), block->label);
    snprintf(message, sizeof(message), "a block '%s' was passed over", label);
    return add_defect(bundle, CP_CHECK_BLOCK_UNEXPECTED, place, 0, message, err);
}

/* Decodes and adds the blocks of one source; out has room for what all of them decode to. */
static enum cp_status read_blocks(struct cp_bundle *bundle, size_t index, uint8_t *out,
                                  struct cp_error *err) {
    const struct cp_source *source = &bundle->sources[index];
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = true, any = false;
    cp_pem_reader_init(&reader, source->text);
    while (reader.offset < source->text.len) {
        struct cp_error why = {CP_OK, 0, 0, ""};
        struct cp_place place = {.source = index};
        enum cp_status status = cp_pem_next(&reader, &block, &found, &why);
        if (status == CP_OK && !found)
            break;
        any = true;
        if (++bundle->num_blocks > CP_MAX_BLOCKS)
            return cp_fail(err, CP_ERR_LIMIT, "%s: more than %d PEM blocks", source->name,
                           CP_MAX_BLOCKS);
        if (status != CP_OK) {
            place.line = why.line;
            place.offset = why.offset;
            status = add_defect(bundle, CP_CHECK_PEM_BROKEN, &place, 0, why.message, err);
            if (status != CP_OK)
                return status;
            continue;
        }
        place.line = block.begin_line;
        place.offset = block.begin_offset;
        size_t len = 0, bad = 0, line, column;
        const char *reason = "";
        if (cp_base64_decode(out, &len, block.body, &bad, &reason) != CP_OK || len == 0) {
            size_t at = (size_t)(block.body.data - source->text.data) + bad;
            cp_pem_position(source->text, at, &line, &column);
            place.line = line;
            place.offset = at;
            status = add_defect(bundle, CP_CHECK_PEM_BASE64, &place, column,
                                len == 0 && *reason == '\0' ? "the block is empty" : reason, err);
        } else {
            status = add_block(bundle, source, &block, (struct cp_span){out, len}, &place, err);
            out += len;
        }
        if (status != CP_OK)
            return status;
    }
    if (!any)
        return cp_fail(err, CP_ERR_INPUT,
                       "%s: no PEM block in it; want text with -----BEGIN CERTIFICATE-----",
                       source->name);
    return CP_OK;
}

enum cp_status cp_bundle_add(struct cp_bundle *bundle, const char *name, enum cp_role role,
                             const uint8_t *data, size_t data_len, struct cp_error *err) {
    if (data_len == 0)
        return cp_fail(err, CP_ERR_INPUT, "%s: the file is empty", name);
    if (data_len > CP_MAX_FILE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "%s: larger than the maximum of %zu bytes", name,
                       CP_MAX_FILE_LEN);
    if (bundle->num_sources == CP_MAX_FILES)
        return cp_fail(err, CP_ERR_LIMIT, "%s: more than %d files", name, CP_MAX_FILES);
    if (bundle->sources == NULL)
        bundle->sources = calloc(CP_MAX_FILES, sizeof(*bundle->sources));
    char *copy = strdup(name);
    if (bundle->sources == NULL || copy == NULL) {
        free(copy);
        return cp_fail(err, CP_ERR_MEMORY, "bundle: out of memory");
    }
    size_t index = bundle->num_sources++;
    struct cp_source *source = &bundle->sources[index];
    *source = (struct cp_source){.name = copy, .role = role};
    enum cp_status status = cp_secret_init(&source->bytes, data_len + cp_base64_max(data_len), err);
    if (status == CP_OK)
        status = cp_secret_append(&source->bytes, data, data_len, err);
    if (status != CP_OK)
        return status;
    source->text = (struct cp_span){source->bytes.data, data_len};
    return read_blocks(bundle, index, source->bytes.data + data_len, err);
}

bool cp_cert_same_names(const struct cp_cert *a, const struct cp_cert *b) {
    return cp_span_equal(a->subject_alt_names, b->subject_alt_names) &&
           cp_name_equal(a->subject, b->subject);
}

/* Has it issued (by name) another certificate of the bundle? */
static bool is_issuer(const struct cp_bundle *bundle, size_t index) {
    const struct cp_cert *cert = &bundle->certs[index].cert;
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *other = &bundle->certs[i].cert;
        if (i != index && other->issuer_hash == cert->subject_hash &&
            cp_name_equal(other->issuer, cert->subject) && !cp_span_equal(other->der, cert->der))
            return true;
    }
    return false;
}

/* Higher is likelier the leaf. */
static int leaf_rank(const struct cp_bundle *bundle, size_t index) {
    const struct cp_bundle_cert *cert = &bundle->certs[index];
    return (bundle->sources[cert->place.source].role == CP_ROLE_CERT) * 8 + !cert->cert.is_ca * 4 +
           !is_issuer(bundle, index) * 2 +
           (bundle->sources[cert->place.source].role != CP_ROLE_CHAIN);
}

/* Is there a certificate that could not be read? Then it may be the leaf. */
static bool has_unread_cert(const struct cp_bundle *bundle) {
    for (size_t i = 0; i < bundle->num_defects; i++) {
        enum cp_check check = bundle->defects[i].check;
        if (check == CP_CHECK_CERT_MALFORMED || check == CP_CHECK_PEM_BROKEN ||
            check == CP_CHECK_PEM_BASE64)
            return true;
    }
    return false;
}

/* None if only CAs are left and a certificate was unreadable: to judge a CA as the leaf would bury
 * the real finding under consequences. */
static size_t leaf_by_structure(const struct cp_bundle *bundle) {
    size_t best = SIZE_MAX;
    int best_rank = -1;
    for (size_t i = 0; i < bundle->num_certs; i++) {
        int rank = leaf_rank(bundle, i);
        if (rank > best_rank || (rank == best_rank && bundle->certs[i].cert.not_after_s >
                                                          bundle->certs[best].cert.not_after_s)) {
            best = i;
            best_rank = rank;
        }
    }
    if (best != SIZE_MAX && bundle->certs[best].cert.is_ca && has_unread_cert(bundle))
        return SIZE_MAX;
    return best;
}

/* The certificate that key belongs to; the one that lasts longest if there are several. */
static size_t owner_of(const struct cp_bundle *bundle, const struct cp_key *key) {
    size_t owner = SIZE_MAX;
    for (size_t i = 0; i < bundle->num_certs; i++)
        if (cp_key_matches(key, &bundle->certs[i].cert) &&
            (owner == SIZE_MAX ||
             bundle->certs[i].cert.not_after_s > bundle->certs[owner].cert.not_after_s))
            owner = i;
    return owner;
}

/* A later certificate for the names of the one at index, with another key; SIZE_MAX if none. */
static size_t renewal_of(const struct cp_bundle *bundle, size_t index) {
    const struct cp_cert *old = &bundle->certs[index].cert;
    size_t best = SIZE_MAX;
    int64_t latest = old->not_before_s;
    for (size_t i = 0; i < bundle->num_certs; i++) {
        const struct cp_cert *cert = &bundle->certs[i].cert;
        if (cert->not_before_s > latest && !cert->is_ca && cp_cert_same_names(cert, old) &&
            !cp_span_equal(cert->spki, old->spki)) {
            best = i;
            latest = cert->not_before_s;
        }
    }
    return best;
}

void cp_bundle_select(const struct cp_bundle *bundle, struct cp_selection *out) {
    *out = (struct cp_selection){.leaf = leaf_by_structure(bundle),
                                 .key = bundle->num_keys != 0 ? 0 : SIZE_MAX,
                                 .key_owner = SIZE_MAX};
    for (size_t i = 0; i < bundle->num_keys; i++) {
        size_t owner = owner_of(bundle, &bundle->keys[i].key);
        if (owner == SIZE_MAX)
            continue;
        size_t renewal = renewal_of(bundle, owner);
        bool is_ca = bundle->certs[owner].cert.is_ca && bundle->num_certs > 1 && owner != out->leaf;
        /* A key of the newest leaf ends the search; any other owner is kept until one is found. */
        if (out->key_owner == SIZE_MAX || (!is_ca && renewal == SIZE_MAX)) {
            out->key = i;
            out->key_owner = owner;
            out->key_is_stale = renewal != SIZE_MAX;
            if (renewal != SIZE_MAX)
                out->leaf = renewal;
            else if (!is_ca)
                out->leaf = owner;
        }
        if (!is_ca && renewal == SIZE_MAX)
            break;
    }
    out->key_matches =
        out->key_owner != SIZE_MAX && out->leaf != SIZE_MAX &&
        cp_span_equal(bundle->certs[out->leaf].cert.spki, bundle->certs[out->key_owner].cert.spki);
}
