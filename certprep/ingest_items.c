#include "ingest_items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/container.h"
#include "cp_limits.h"

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

enum cp_status cp_ingest_defect(struct cp_bundle *bundle, enum cp_check check,
                                const struct cp_place *place, size_t column, const char *message,
                                const char *help, struct cp_error *err) {
    void *grown =
        grow(bundle->defects, sizeof(*bundle->defects), bundle->num_defects, &bundle->cap_defects);
    char *copy = strdup(message), *help_copy = help == NULL ? NULL : strdup(help);
    if (grown != NULL)
        bundle->defects = grown;
    if (grown == NULL || copy == NULL || (help != NULL && help_copy == NULL)) {
        free(copy);
        free(help_copy);
        return cp_fail(err, CP_ERR_MEMORY, "bundle: out of memory");
    }
    bundle->defects[bundle->num_defects++] = (struct cp_input_defect){
        .check = check, .place = *place, .column = column, .message = copy, .help = help_copy};
    return CP_OK;
}

enum cp_status cp_ingest_count(struct cp_bundle *bundle, const char *name, struct cp_error *err) {
    if (++bundle->num_blocks <= CP_MAX_BLOCKS)
        return CP_OK;
    return cp_fail(err, CP_ERR_LIMIT, "%s: more than %d PEM blocks or objects", name,
                   CP_MAX_BLOCKS);
}

enum cp_status cp_ingest_cert(struct cp_bundle *bundle, struct cp_span der,
                              const struct cp_place *place, struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    void *grown =
        grow(bundle->certs, sizeof(*bundle->certs), bundle->num_certs, &bundle->cap_certs);
    if (grown == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "bundle: out of memory");
    bundle->certs = grown;
    struct cp_bundle_cert *cert = &bundle->certs[bundle->num_certs];
    cert->place = *place;
    if (cp_cert_parse(&cert->cert, der, &why) != CP_OK) {
        CP_TRY(cp_ingest_defect(bundle, CP_CHECK_CERT_MALFORMED, place, 0, why.message, NULL, err));
        bundle->defects[bundle->num_defects - 1].der = der;
        return CP_OK;
    }
    bundle->num_certs++;
    return CP_OK;
}

static enum cp_status derive_public(struct cp_bundle *bundle, struct cp_key *key,
                                    struct cp_error *err) {
    if (bundle->key_cache == NULL)
        CP_TRY(cp_key_cache_new(&bundle->key_cache, err));
    return cp_key_derive_public_cached(key, bundle->key_cache, err);
}

enum cp_status cp_ingest_key(struct cp_bundle *bundle, struct cp_span der,
                             enum cp_key_format format, struct cp_secret *own,
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
    *key = (struct cp_bundle_key){.place = *place, .was_encrypted = own->data != NULL};
    status = cp_key_parse(&key->key, der, format, &why);
    if (status == CP_OK && cp_key_algorithm_get(key->key.type)->kind != CP_KIND_OTHER)
        status = derive_public(bundle, &key->key, &why);
    if (status == CP_ERR_MEMORY || status == CP_ERR_CRYPTO) {
        status = cp_fail(err, status, "%s", why.message);
        goto out;
    }
    if (status != CP_OK) {
        status = cp_ingest_defect(bundle,
                                  status == CP_ERR_UNSUPPORTED ? CP_CHECK_KEY_UNSUPPORTED
                                                               : CP_CHECK_KEY_MALFORMED,
                                  place, 0, why.message, NULL, err);
        goto out;
    }
    key->decrypted = *own;
    *own = (struct cp_secret){0};
    bundle->num_keys++;
out:
    cp_secret_cleanup(own);
    return status;
}

/* "name:line: ", or "name: " in a binary file. */
static enum cp_status fail_at(const struct cp_bundle *bundle, const struct cp_place *place,
                              enum cp_status status, const char *message, struct cp_error *err) {
    const char *name = bundle->sources[place->source].name;
    if (place->line != 0)
        return cp_fail(err, status, "%s:%zu: %s", name, place->line, message);
    return cp_fail(err, status, "%s: %s", name, message);
}

enum cp_status cp_ingest_encrypted(struct cp_bundle *bundle, struct cp_span der,
                                   struct cp_span traditional, enum cp_key_format format,
                                   const struct cp_place *place, struct cp_error *err) {
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct cp_secret plain = {0};
    struct cp_span pass = {bundle->passphrase.data, bundle->passphrase.len};
    enum cp_status status;
    if (pass.data == NULL)
        return cp_ingest_defect(bundle, CP_CHECK_KEY_ENCRYPTED, place, 0,
                                "the private key is encrypted and no pass phrase was given", NULL,
                                err);
    if (++bundle->num_decryptions > CP_MAX_DECRYPTIONS) {
        snprintf(why.message, sizeof(why.message), "more than %d encrypted keys",
                 CP_MAX_DECRYPTIONS);
        return fail_at(bundle, place, CP_ERR_LIMIT, why.message, err);
    }
    if (traditional.len != 0)
        status = cp_key_decrypt_traditional(&plain, traditional, pass, &why);
    else
        status = cp_key_decrypt_pkcs8(&plain, der, pass, &why);
    if (status == CP_ERR_PARSE)
        return cp_ingest_defect(bundle, CP_CHECK_KEY_MALFORMED, place, 0, why.message, NULL, err);
    if (status == CP_ERR_UNSUPPORTED)
        return cp_ingest_defect(bundle, CP_CHECK_KEY_UNSUPPORTED, place, 0, why.message, NULL, err);
    if (status != CP_OK)
        return fail_at(bundle, place, status, why.message, err);
    return cp_ingest_key(bundle, (struct cp_span){plain.data, plain.len}, format, &plain, place,
                         err);
}

/* ---- containers ------------------------------------------------------------------------------ */

struct container {
    struct cp_bundle *bundle;
    struct cp_place place;       /* of the container */
    struct cp_secret *extracted; /* PKCS#12: where certificates are copied to */
    struct cp_error *err;        /* the caller's: for what is a status, whatever the item says */
    enum cp_status failed;       /* that status; a walk's own failure is a defect */
};

/* Items of a PKCS#7 lie in the container, which lives as long as the bundle; of a PKCS#12 they are
 * copied: certificates together, a key into a secret of its own. */
static enum cp_status take_item(void *context, enum cp_item_kind kind, struct cp_span der,
                                size_t offset, struct cp_error *ignored) {
    struct container *c = context;
    struct cp_place place = c->place;
    struct cp_secret own = {0};
    (void)ignored;
    if (place.line == 0)
        place.offset += offset;
    c->failed = cp_ingest_count(c->bundle, c->bundle->sources[place.source].name, c->err);
    if (c->failed != CP_OK)
        return c->failed;
    if (kind == CP_ITEM_KEY) {
        c->failed = cp_secret_init(&own, der.len, c->err);
        if (c->failed == CP_OK)
            c->failed = cp_secret_append(&own, der.data, der.len, c->err);
        if (c->failed == CP_OK)
            c->failed = cp_ingest_key(c->bundle, (struct cp_span){own.data, own.len}, CP_KEY_PKCS8,
                                      &own, &place, c->err);
        cp_secret_cleanup(&own);
        return c->failed;
    }
    if (c->extracted != NULL) {
        const uint8_t *copy = c->extracted->data + c->extracted->len;
        c->failed = cp_secret_append(c->extracted, der.data, der.len, c->err);
        der.data = copy;
    }
    if (c->failed == CP_OK)
        c->failed = cp_ingest_cert(c->bundle, der, &place, c->err);
    return c->failed;
}

static const char *plural(size_t num) {
    return num == 1 ? "" : "s";
}

enum cp_status cp_ingest_pkcs7(struct cp_bundle *bundle, struct cp_span der,
                               const struct cp_place *place, struct cp_error *err) {
    struct container c = {.bundle = bundle, .place = *place, .err = err};
    struct cp_error why = {CP_OK, 0, 0, ""};
    size_t num = 0;
    char message[CP_ERROR_MAX];
    enum cp_status status = cp_pkcs7_walk(der, take_item, &c, &num, &why);
    if (c.failed != CP_OK)
        return c.failed;
    if (status != CP_OK) {
        snprintf(message, sizeof(message), "PKCS#7: %.480s", why.message);
        return cp_ingest_defect(bundle, CP_CHECK_CONTAINER_UNREADABLE, place, 0, message,
                                "export it again from where it was made, as PEM or with its "
                                "certificates",
                                err);
    }
    snprintf(message, sizeof(message), "a PKCS#7 container with %zu certificate%s", num,
             plural(num));
    return cp_ingest_defect(bundle, CP_CHECK_PKCS7_INPUT, place, 0, message, NULL, err);
}

static enum cp_status note_pkcs12(struct cp_bundle *bundle, const struct cp_place *place,
                                  const struct cp_pkcs12_facts *facts, struct cp_error *err) {
    char message[128];
    snprintf(message, sizeof(message), "a PKCS#12 container with %zu certificate%s and %zu key%s",
             facts->num_certs, plural(facts->num_certs), facts->num_keys, plural(facts->num_keys));
    enum cp_status status =
        cp_ingest_defect(bundle, CP_CHECK_PKCS12_INPUT, place, 0, message, NULL, err);
    if (status == CP_OK && facts->legacy)
        status = cp_ingest_defect(bundle, CP_CHECK_PKCS12_LEGACY, place, 0,
                                  "the PKCS#12 container is encrypted with RC2, RC4, DES or 3DES",
                                  NULL, err);
    return status;
}

enum cp_status cp_ingest_pkcs12(struct cp_bundle *bundle, struct cp_span der,
                                const struct cp_place *place, struct cp_error *err) {
    struct cp_source *source = &bundle->sources[place->source];
    struct container c = {
        .bundle = bundle, .place = *place, .extracted = &source->extracted, .err = err};
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct cp_span pass = {bundle->passphrase.data, bundle->passphrase.len};
    struct cp_pkcs12_facts facts;
    /* No certificate is longer outside than inside. */
    enum cp_status status = cp_secret_init(&source->extracted, der.len, err);
    if (status != CP_OK)
        return status;
    status = cp_pkcs12_walk(der, pass, take_item, &c, &facts, &why);
    if (c.failed != CP_OK)
        return c.failed;
    if (status == CP_OK)
        return note_pkcs12(bundle, place, &facts, err);
    if (status == CP_ERR_PASSPHRASE && pass.data == NULL)
        return cp_ingest_defect(bundle, CP_CHECK_CONTAINER_LOCKED, place, 0,
                                "the PKCS#12 container is encrypted and no pass phrase was given",
                                NULL, err);
    if (status != CP_ERR_PARSE && status != CP_ERR_UNSUPPORTED)
        return fail_at(bundle, place, status, why.message, err);
    char message[CP_ERROR_MAX];
    snprintf(message, sizeof(message), "%s%.480s",
             strncmp(why.message, "PKCS#12", 7) == 0 ? "" : "PKCS#12: ", why.message);
    return cp_ingest_defect(bundle, CP_CHECK_CONTAINER_UNREADABLE, place, 0, message, NULL, err);
}
