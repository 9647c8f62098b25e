/* PKCS#12: PFX, AuthenticatedSafe, SafeContents (RFC 7292 4). Plaintext is only ever in a
 * cp_secret. */
#include <openssl/err.h>

#include "ber.h"
#include "container.h"
#include "cp_limits.h"
#include "der.h"
#include "key_parts.h"
#include "pkcs12_mac.h"

#define MAX_SAFE_DEPTH 4 /* of safeContentsBags in one another */

static const uint8_t oid_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
static const uint8_t oid_encrypted[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06};
/* bagtypes, RFC 7292 appendix D: the last arc tells them apart */
static const uint8_t oid_bag[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01};
static const uint8_t oid_x509[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01};

enum bag { BAG_KEY = 1, BAG_SHROUDED_KEY, BAG_CERT, BAG_CRL, BAG_SECRET, BAG_SAFE_CONTENTS };

struct walk {
    struct cp_span passphrases[2]; /* candidates; the first that fits is the one */
    size_t num_passphrases;
    bool given;  /* by the caller */
    bool proven; /* the MAC has verified, with passphrases[0] */
    uint64_t cost;
    struct cp_legacy legacy;
    struct cp_pkcs12_facts *facts;
    cp_item_fn *item;
    void *context;
};

static bool is_oid(struct cp_span oid, const uint8_t *want, size_t len) {
    return cp_span_equal(oid, (struct cp_span){want, len});
}

static struct cp_span span_of(const struct cp_secret *secret) {
    return (struct cp_span){secret->data, secret->len};
}

static enum cp_status spend(struct walk *w, uint64_t cost, struct cp_error *err) {
    w->cost += cost; /* each is at most CP_MAX_KDF_ITERATIONS */
    if (w->cost <= CP_MAX_PKCS12_ITERATIONS)
        return CP_OK;
    return cp_fail(err, CP_ERR_LIMIT,
                   "PKCS#12: key derivation: over the maximum of %d iterations for the container",
                   CP_MAX_PKCS12_ITERATIONS);
}

static enum cp_status wrong(const struct walk *w, struct cp_error *err) {
    return cp_fail(err, CP_ERR_PASSPHRASE, "PKCS#12: %s",
                   w->given ? "the pass phrase is wrong, or the container is damaged"
                            : "the container needs a pass phrase");
}

/* Tries the pass phrases; *out is DER of one element. */
static enum cp_status decrypt_with(struct walk *w, struct cp_secret *out, struct cp_span algorithm,
                                   struct cp_span data, OSSL_LIB_CTX *library, uint64_t cost,
                                   struct cp_error *err) {
    enum cp_status status = CP_ERR_PASSPHRASE;
    for (size_t i = 0; status == CP_ERR_PASSPHRASE && i < w->num_passphrases; i++) {
        struct cp_secret plain = {0};
        status = spend(w, cost, err);
        if (status == CP_OK)
            status =
                cp_key_scheme_decrypt(&plain, algorithm, data, w->passphrases[i], library, err);
        if (status == CP_OK) {
            status = cp_ber_to_der(out, span_of(&plain), "PKCS#12: decrypted content", err);
            /* By chance the padding was right: without a MAC only the content tells. */
            if (status == CP_ERR_PARSE && !w->proven)
                status = CP_ERR_PASSPHRASE;
        }
        cp_secret_cleanup(&plain);
        if (status == CP_OK) {
            w->passphrases[0] = w->passphrases[i];
            w->num_passphrases = 1;
        }
    }
    return status == CP_ERR_PASSPHRASE ? wrong(w, err) : status;
}

static enum cp_status decrypt(struct walk *w, struct cp_secret *out, const struct cp_der *algorithm,
                              const struct cp_der_reader *at, struct cp_span data,
                              struct cp_error *err) {
    struct cp_scheme scheme;
    struct cp_der_reader in = cp_der_inside(at, algorithm);
    *out = (struct cp_secret){0};
    CP_TRY(cp_key_scheme_check(&scheme, &in, &w->legacy, err));
    w->facts->encrypted = true;
    w->facts->legacy |= scheme.legacy || w->legacy.library != NULL;
    return decrypt_with(w, out, algorithm->whole, data, w->legacy.library, scheme.cost, err);
}

/* ---- bags ------------------------------------------------------------------------------------ */

static enum cp_status give_key(struct walk *w, struct cp_span der, struct cp_error *err) {
    w->facts->num_keys++;
    return w->item(w->context, CP_ITEM_KEY, der, 0, err);
}

/* EncryptedPrivateKeyInfo, RFC 5958 3. */
static enum cp_status read_shrouded_key(struct walk *w, struct cp_der_reader *in,
                                        struct cp_error *err) {
    struct cp_der_reader info;
    struct cp_der algorithm, data;
    struct cp_secret plain = {0};
    CP_TRY(cp_der_enter(in, &info, CP_DER_SEQUENCE, "pkcs8ShroudedKeyBag", err));
    CP_TRY(cp_der_expect(&info, &algorithm, CP_DER_SEQUENCE, "encryptionAlgorithm", err));
    CP_TRY(cp_der_expect(&info, &data, CP_DER_OCTET_STRING, "encryptedData", err));
    CP_TRY(cp_der_end(&info, "pkcs8ShroudedKeyBag", err));
    enum cp_status status = decrypt(w, &plain, &algorithm, &info, data.content, err);
    if (status == CP_OK)
        status = give_key(w, span_of(&plain), err);
    cp_secret_cleanup(&plain);
    return status;
}

/* CertBag: x509Certificate; an sdsiCertificate is passed over. */
static enum cp_status read_cert(struct walk *w, struct cp_der_reader *in, struct cp_error *err) {
    struct cp_der_reader bag, value;
    struct cp_der type, cert;
    CP_TRY(cp_der_enter(in, &bag, CP_DER_SEQUENCE, "CertBag", err));
    CP_TRY(cp_der_expect(&bag, &type, CP_DER_OID, "CertBag.certId", err));
    if (!is_oid(type.content, oid_x509, sizeof(oid_x509)))
        return CP_OK;
    CP_TRY(cp_der_enter(&bag, &value, CP_DER_CONTEXT_CONSTRUCTED(0), "CertBag.certValue", err));
    CP_TRY(cp_der_expect(&value, &cert, CP_DER_OCTET_STRING, "CertBag.certValue", err));
    CP_TRY(cp_der_end(&value, "CertBag.certValue", err));
    CP_TRY(cp_der_end(&bag, "CertBag", err));
    w->facts->num_certs++;
    return w->item(w->context, CP_ITEM_CERTIFICATE, cert.content, 0, err);
}

static enum cp_status read_safe(struct walk *w, struct cp_der_reader *in, unsigned depth,
                                struct cp_error *err);

static enum cp_status read_bag(struct walk *w, struct cp_der_reader *in, unsigned depth,
                               struct cp_error *err) {
    struct cp_der_reader bag, value;
    struct cp_der type, element;
    CP_TRY(cp_der_enter(in, &bag, CP_DER_SEQUENCE, "SafeBag", err));
    CP_TRY(cp_der_expect(&bag, &type, CP_DER_OID, "SafeBag.bagId", err));
    CP_TRY(cp_der_enter(&bag, &value, CP_DER_CONTEXT_CONSTRUCTED(0), "SafeBag.bagValue", err));
    if (!cp_der_at_end(&bag))
        CP_TRY(cp_der_expect(&bag, &element, CP_DER_SET, "SafeBag.bagAttributes", err));
    CP_TRY(cp_der_end(&bag, "SafeBag", err));
    struct cp_span oid = type.content;
    if (oid.len != sizeof(oid_bag) + 1 ||
        !is_oid((struct cp_span){oid.data, sizeof(oid_bag)}, oid_bag, sizeof(oid_bag)))
        return CP_OK; /* somebody's own type */
    switch (oid.data[sizeof(oid_bag)]) {
    case BAG_KEY:
        CP_TRY(cp_der_expect(&value, &element, CP_DER_SEQUENCE, "keyBag", err));
        CP_TRY(give_key(w, element.whole, err));
        break;
    case BAG_SHROUDED_KEY:
        CP_TRY(read_shrouded_key(w, &value, err));
        break;
    case BAG_CERT:
        CP_TRY(read_cert(w, &value, err));
        break;
    case BAG_SAFE_CONTENTS:
        if (depth == MAX_SAFE_DEPTH)
            return cp_der_fail(&value, err, "safeContentsBag", "nested too deep");
        CP_TRY(read_safe(w, &value, depth + 1, err));
        break;
    default: /* a CRL, a secret */
        return CP_OK;
    }
    return cp_der_end(&value, "SafeBag.bagValue", err);
}

static enum cp_status read_safe(struct walk *w, struct cp_der_reader *in, unsigned depth,
                                struct cp_error *err) {
    struct cp_der_reader safe;
    CP_TRY(cp_der_enter(in, &safe, CP_DER_SEQUENCE, "SafeContents", err));
    while (!cp_der_at_end(&safe))
        CP_TRY(read_bag(w, &safe, depth, err));
    return cp_der_end(in, "SafeContents", err);
}

/* ---- safes ----------------------------------------------------------------------------------- */

static enum cp_status read_safe_der(struct walk *w, const struct cp_secret *der,
                                    struct cp_error *err) {
    struct cp_der_reader in;
    cp_der_reader_init(&in, span_of(der));
    return read_safe(w, &in, 0, err);
}

/* [0] IMPLICIT OCTET STRING, in one piece or in several (which look like [0] EXPLICIT). */
static enum cp_status read_encrypted_content(struct cp_secret *out, struct cp_der_reader *in,
                                             struct cp_error *err) {
    struct cp_der content, piece;
    bool pieces = cp_der_peek(in, CP_DER_CONTEXT_CONSTRUCTED(0));
    CP_TRY(cp_der_expect(in, &content, pieces ? CP_DER_CONTEXT_CONSTRUCTED(0) : CP_DER_CONTEXT(0),
                         "encryptedContent", err));
    CP_TRY(cp_secret_init(out, content.content.len, err));
    if (!pieces)
        return cp_secret_append(out, content.content.data, content.content.len, err);
    struct cp_der_reader inner = cp_der_inside(in, &content);
    while (!cp_der_at_end(&inner)) {
        CP_TRY(cp_der_expect(&inner, &piece, CP_DER_OCTET_STRING, "encryptedContent", err));
        CP_TRY(cp_secret_append(out, piece.content.data, piece.content.len, err));
    }
    return CP_OK;
}

/* EncryptedData, RFC 5652 8. */
static enum cp_status read_encrypted_safe(struct walk *w, struct cp_der_reader *in,
                                          struct cp_error *err) {
    struct cp_der_reader data, info;
    struct cp_der type, algorithm;
    struct cp_secret content = {0}, plain = {0};
    uint32_t version;
    CP_TRY(cp_der_enter(in, &data, CP_DER_SEQUENCE, "EncryptedData", err));
    CP_TRY(cp_der_small(&data, &version, 2, "EncryptedData.version", err));
    CP_TRY(cp_der_enter(&data, &info, CP_DER_SEQUENCE, "encryptedContentInfo", err));
    CP_TRY(cp_der_expect(&info, &type, CP_DER_OID, "encryptedContentInfo.contentType", err));
    CP_TRY(cp_der_expect(&info, &algorithm, CP_DER_SEQUENCE, "contentEncryptionAlgorithm", err));
    enum cp_status status = read_encrypted_content(&content, &info, err);
    if (status == CP_OK)
        status = cp_der_end(&info, "encryptedContentInfo", err);
    if (status == CP_OK)
        status = decrypt(w, &plain, &algorithm, &info, span_of(&content), err);
    if (status == CP_OK)
        status = read_safe_der(w, &plain, err);
    cp_secret_cleanup(&content);
    cp_secret_cleanup(&plain);
    return status;
}

static enum cp_status read_plain_safe(struct walk *w, struct cp_der_reader *in,
                                      struct cp_error *err) {
    struct cp_der octets;
    struct cp_secret der = {0};
    CP_TRY(cp_der_expect(in, &octets, CP_DER_OCTET_STRING, "ContentInfo.content", err));
    enum cp_status status = cp_ber_to_der(&der, octets.content, "SafeContents", err);
    if (status == CP_OK)
        status = read_safe_der(w, &der, err);
    cp_secret_cleanup(&der);
    return status;
}

/* ContentInfo, RFC 5652 3; *content reads inside its [0]. */
static enum cp_status read_content_info(struct cp_der_reader *in, struct cp_span *oid,
                                        struct cp_der_reader *content, struct cp_error *err) {
    struct cp_der_reader info;
    CP_TRY(cp_der_enter(in, &info, CP_DER_SEQUENCE, "ContentInfo", err));
    CP_TRY(cp_der_oid(&info, oid, "ContentInfo.contentType", err));
    CP_TRY(cp_der_enter(&info, content, CP_DER_CONTEXT_CONSTRUCTED(0), "ContentInfo.content", err));
    return cp_der_end(&info, "ContentInfo", err);
}

static enum cp_status read_safes(struct walk *w, struct cp_span octets, struct cp_error *err) {
    struct cp_secret der = {0};
    struct cp_der_reader in, safes, content;
    struct cp_span oid;
    char dotted[80];
    enum cp_status status = cp_ber_to_der(&der, octets, "AuthenticatedSafe", err);
    if (status != CP_OK)
        return status;
    cp_der_reader_init(&in, span_of(&der));
    status = cp_der_enter(&in, &safes, CP_DER_SEQUENCE, "AuthenticatedSafe", err);
    while (status == CP_OK && !cp_der_at_end(&safes)) {
        status = read_content_info(&safes, &oid, &content, err);
        if (status != CP_OK)
            break;
        if (is_oid(oid, oid_data, sizeof(oid_data))) {
            status = read_plain_safe(w, &content, err);
        } else if (is_oid(oid, oid_encrypted, sizeof(oid_encrypted))) {
            status = read_encrypted_safe(w, &content, err);
        } else {
            cp_oid_format(dotted, sizeof(dotted), oid);
            status = cp_fail(err, CP_ERR_UNSUPPORTED,
                             "PKCS#12: content of type %s: want data or password-encrypted data",
                             dotted);
        }
    }
    cp_secret_cleanup(&der);
    return status;
}

/* Finds the pass phrase that the MAC verifies with. */
static enum cp_status prove(struct walk *w, struct cp_der_reader *in, struct cp_span octets,
                            struct cp_error *err) {
    struct cp_pkcs12_mac mac;
    CP_TRY(cp_pkcs12_mac_read(&mac, in, err));
    for (size_t i = 0; i < w->num_passphrases; i++) {
        CP_TRY(spend(w, mac.iterations, err));
        CP_TRY(cp_pkcs12_mac_check(&w->proven, &mac, octets, w->passphrases[i], err));
        if (w->proven) {
            w->passphrases[0] = w->passphrases[i];
            w->num_passphrases = 1;
            return CP_OK;
        }
    }
    return wrong(w, err);
}

static enum cp_status read_pfx(struct walk *w, struct cp_span der, struct cp_error *err) {
    struct cp_der_reader in, pfx, content;
    struct cp_der octets;
    struct cp_span oid;
    uint32_t version;
    cp_der_reader_init(&in, der);
    CP_TRY(cp_der_enter(&in, &pfx, CP_DER_SEQUENCE, "PFX", err));
    CP_TRY(cp_der_small(&pfx, &version, 3, "PFX.version", err));
    CP_TRY(read_content_info(&pfx, &oid, &content, err));
    if (!is_oid(oid, oid_data, sizeof(oid_data)))
        return cp_fail(err, CP_ERR_UNSUPPORTED,
                       "PKCS#12: sealed with a public key (RFC 7292 3.1), not with a pass phrase");
    CP_TRY(cp_der_expect(&content, &octets, CP_DER_OCTET_STRING, "PFX.authSafe", err));
    if (!cp_der_at_end(&pfx)) {
        CP_TRY(prove(w, &pfx, octets.content, err));
        CP_TRY(cp_der_end(&pfx, "PFX", err));
    }
    return read_safes(w, octets.content, err);
}

enum cp_status cp_pkcs12_walk(struct cp_span der, struct cp_span passphrase, cp_item_fn *item,
                              void *context, struct cp_pkcs12_facts *facts, struct cp_error *err) {
    static const uint8_t empty[1];
    struct cp_secret copy = {0};
    struct walk w = {.passphrases = {passphrase, {NULL, 0}},
                     .num_passphrases = 1,
                     .given = passphrase.data != NULL,
                     .facts = facts,
                     .item = item,
                     .context = context};
    *facts = (struct cp_pkcs12_facts){.num_certs = 0};
    if (passphrase.len > CP_MAX_PASSPHRASE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "pass phrase: over the maximum of %d bytes",
                       CP_MAX_PASSPHRASE_LEN);
    if (passphrase.len ==
        0) { /* RFC 7292 B.1: some take no octets, some the two of an empty BMPString */
        w.passphrases[0] = (struct cp_span){NULL, 0};
        w.passphrases[1] = (struct cp_span){empty, 0};
        w.num_passphrases = 2;
    }
    ERR_set_mark();
    enum cp_status status = cp_ber_to_der(&copy, der, "PFX", err);
    if (status == CP_OK)
        status = read_pfx(&w, span_of(&copy), err);
    ERR_pop_to_mark();
    cp_legacy_close(&w.legacy);
    cp_secret_cleanup(&copy);
    return status;
}
