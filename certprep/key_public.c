/* The public half of a private key, and whether a certificate has it. */
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <string.h>

#include "cert.h"
#include "key_parts.h"

/* Orders by SEC 2 2.4.2, 2.5.1, 2.6.1. */
static const struct cp_curve curves[] = {
    {.type = CP_KEY_EC_P256,
     .nid = NID_X9_62_prime256v1,
     .len = 32,
     .order = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
               0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
               0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51}},
    {.type = CP_KEY_EC_P384,
     .nid = NID_secp384r1,
     .len = 48,
     .order = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
               0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
               0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
               0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73}},
    {.type = CP_KEY_EC_P521,
     .nid = NID_secp521r1,
     .len = 66,
     .order = {0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
               0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
               0xff, 0xff, 0xff, 0xff, 0xff, 0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b,
               0x7f, 0xcc, 0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89, 0x9c,
               0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09}},
};
#define NUM_CURVES (sizeof(curves) / sizeof(curves[0]))

struct cp_key_cache {
    EC_GROUP *groups[NUM_CURVES];
    EVP_MD *sha256;
    EVP_MD_CTX *digest;
};

const struct cp_curve *cp_curve_get(enum cp_key_type type) {
    for (size_t i = 0; i < NUM_CURVES; i++)
        if (curves[i].type == type)
            return &curves[i];
    return NULL;
}

struct cp_span cp_scalar_trimmed(struct cp_span scalar) {
    while (scalar.len > 0 && scalar.data[0] == 0) {
        scalar.data++;
        scalar.len--;
    }
    return scalar;
}

bool cp_curve_scalar_in_range(const struct cp_curve *curve, struct cp_span scalar) {
    struct cp_span d = cp_scalar_trimmed(scalar);
    if (d.len == 0 || d.len > curve->len)
        return false;
    /* The borrow of d - order, from the last octet on. */
    unsigned borrow = 0;
    for (size_t i = 1; i <= curve->len; i++) {
        unsigned octet = i <= d.len ? d.data[d.len - i] : 0;
        borrow = (octet - curve->order[curve->len - i] - borrow) >> 8 & 1;
    }
    return borrow == 1;
}

size_t cp_edwards_len(enum cp_key_type type) {
    return type == CP_KEY_ED25519 ? 32 : type == CP_KEY_ED448 ? 57 : 0;
}

/* ---- cache ----------------------------------------------------------------------------------- */

static void cache_cleanup(struct cp_key_cache *cache) {
    for (size_t i = 0; i < NUM_CURVES; i++)
        EC_GROUP_free(cache->groups[i]);
    EVP_MD_free(cache->sha256);
    EVP_MD_CTX_free(cache->digest);
}

enum cp_status cp_key_cache_new(struct cp_key_cache **out, struct cp_error *err) {
    *out = OPENSSL_zalloc(sizeof(**out));
    return *out != NULL ? CP_OK : cp_fail(err, CP_ERR_MEMORY, "key cache: out of memory");
}

void cp_key_cache_free(struct cp_key_cache *cache) {
    if (cache == NULL)
        return;
    cache_cleanup(cache);
    OPENSSL_free(cache);
}

static enum cp_status failed(struct cp_error *err, const char *what) {
    return cp_fail(err, CP_ERR_CRYPTO, "public half of the key: %s failed", what);
}

/* ---- SHA-256 of the SubjectPublicKeyInfo, RFC 5280 4.1.2.7 ----------------------------------- */

/* One piece of DER: header, then content that may be written elsewhere. */
struct piece {
    uint8_t header[2 * CP_DER_HEADER_MAX + 1];
    size_t header_len;
    struct cp_span content;
};

static size_t piece_len(const struct piece *piece) {
    return piece->header_len + piece->content.len;
}

static void add_header(struct piece *piece, uint8_t tag, size_t len) {
    piece->header_len += cp_der_header(piece->header + piece->header_len, tag, len);
}

static struct piece integer_piece(struct cp_span magnitude) {
    struct piece piece = {.content = magnitude};
    bool padded = magnitude.data[0] >= 0x80;
    add_header(&piece, CP_DER_INTEGER, magnitude.len + padded);
    if (padded)
        piece.header[piece.header_len++] = 0;
    return piece;
}

static enum cp_status hash_spki(struct cp_key *key, struct cp_key_cache *cache,
                                struct cp_error *err) {
    struct piece pieces[5] = {{.header_len = 0}};
    uint8_t algorithm[CP_ALGORITHM_MAX];
    pieces[1].content = cp_key_algorithm_der(key, algorithm);
    size_t bits_len = 1 + key->public_point_len, sequence_len = 0;
    if (cp_key_algorithm_get(key->type)->kind == CP_KIND_RSA) {
        pieces[3] = integer_piece(key->rsa.n);
        pieces[4] = integer_piece(key->rsa.e);
        sequence_len = piece_len(&pieces[3]) + piece_len(&pieces[4]);
        uint8_t scratch[CP_DER_HEADER_MAX];
        bits_len = 1 + cp_der_header(scratch, CP_DER_SEQUENCE, sequence_len) + sequence_len;
    } else {
        pieces[3].content = (struct cp_span){key->public_point, key->public_point_len};
    }
    add_header(&pieces[2], CP_DER_BIT_STRING, bits_len);
    size_t whole_len = piece_len(&pieces[1]) + piece_len(&pieces[2]) + bits_len;
    pieces[2].header[pieces[2].header_len++] = 0; /* unused bits */
    if (sequence_len != 0)
        add_header(&pieces[2], CP_DER_SEQUENCE, sequence_len);
    add_header(&pieces[0], CP_DER_SEQUENCE, whole_len);

    if (cache->digest == NULL && (cache->digest = EVP_MD_CTX_new()) == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "public half of the key: out of memory");
    if (cache->sha256 == NULL && (cache->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL)) == NULL)
        return failed(err, "SHA-256");
    if (EVP_DigestInit_ex2(cache->digest, cache->sha256, NULL) != 1)
        return failed(err, "SHA-256");
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
        if (EVP_DigestUpdate(cache->digest, pieces[i].header, pieces[i].header_len) != 1 ||
            EVP_DigestUpdate(cache->digest, pieces[i].content.data, pieces[i].content.len) != 1)
            return failed(err, "SHA-256");
    if (EVP_DigestFinal_ex(cache->digest, key->spki_sha256, NULL) != 1)
        return failed(err, "SHA-256");
    key->has_public = true;
    return CP_OK;
}

/* ---- the public half ------------------------------------------------------------------------- */

static enum cp_status derive_ec(struct cp_key *key, const struct cp_curve *curve,
                                struct cp_key_cache *cache, struct cp_error *err) {
    enum cp_status status = CP_ERR_CRYPTO;
    EC_GROUP **group = &cache->groups[curve - curves];
    struct cp_span d = cp_scalar_trimmed(key->scalar);
    BN_CTX *ctx = BN_CTX_secure_new(); /* wipes what it lends */
    EC_POINT *point = NULL;
    BIGNUM *scalar = NULL;
    if (ctx == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "public half of the key: out of memory");
        goto out;
    }
    BN_CTX_start(ctx);
    scalar = BN_CTX_get(ctx);
    if (*group == NULL)
        *group = EC_GROUP_new_by_curve_name(curve->nid);
    if (scalar == NULL || *group == NULL || (point = EC_POINT_new(*group)) == NULL) {
        status = failed(err, "setting up the curve");
        goto out;
    }
    BN_set_flags(scalar, BN_FLG_CONSTTIME);
    if (BN_bin2bn(d.data, (int)d.len, scalar) == NULL ||
        EC_POINT_mul(*group, point, scalar, NULL, NULL, ctx) != 1) {
        status = failed(err, "dG");
        goto out;
    }
    key->public_point_len = EC_POINT_point2oct(*group, point, POINT_CONVERSION_UNCOMPRESSED,
                                               key->public_point, sizeof(key->public_point), ctx);
    status = key->public_point_len == 1 + 2 * curve->len ? CP_OK : failed(err, "encoding dG");
out:
    EC_POINT_free(point);
    BN_CTX_end(ctx);
    BN_CTX_free(ctx);
    return status;
}

static enum cp_status derive_edwards(struct cp_key *key, struct cp_error *err) {
    int type = key->type == CP_KEY_ED25519 ? EVP_PKEY_ED25519 : EVP_PKEY_ED448;
    size_t len = sizeof(key->public_point);
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(type, NULL, key->scalar.data, key->scalar.len);
    bool ok = pkey != NULL && EVP_PKEY_get_raw_public_key(pkey, key->public_point, &len) == 1 &&
              len == cp_edwards_len(key->type);
    EVP_PKEY_free(pkey);
    key->public_point_len = ok ? len : 0;
    return ok ? CP_OK : failed(err, "the Edwards public key");
}

enum cp_status cp_key_derive_public_cached(struct cp_key *key, struct cp_key_cache *cache,
                                           struct cp_error *err) {
    enum cp_status status = CP_OK;
    const struct cp_key_algorithm *row = cp_key_algorithm_get(key->type);
    const struct cp_curve *curve = cp_curve_get(key->type);
    key->has_public = false;
    key->public_point_len = 0;
    if (row->kind == CP_KIND_OTHER) {
        char oid[80];
        cp_oid_format(oid, sizeof(oid), key->algorithm_oid);
        return cp_fail(err, CP_ERR_UNSUPPORTED, "private key: %s (%s): can't be computed with",
                       row->text, oid);
    }
    if (curve != NULL && !cp_curve_scalar_in_range(curve, key->scalar))
        return CP_OK;
    if (row->kind == CP_KIND_EDWARDS && key->scalar.len != cp_edwards_len(key->type))
        return CP_OK;
    ERR_set_mark();
    if (curve != NULL)
        status = derive_ec(key, curve, cache, err);
    else if (row->kind == CP_KIND_EDWARDS)
        status = derive_edwards(key, err);
    if (status == CP_OK)
        status = hash_spki(key, cache, err);
    ERR_pop_to_mark();
    return status;
}

enum cp_status cp_key_derive_public(struct cp_key *key, struct cp_error *err) {
    struct cp_key_cache cache = {.sha256 = NULL};
    enum cp_status status = cp_key_derive_public_cached(key, &cache, err);
    cache_cleanup(&cache);
    return status;
}

/* Encodings of a point, SEC 1 2.3.3: 04 x y; 02 or 03 (parity of y) x; 06 or 07 (parity) x y. */
static bool point_equals(const struct cp_key *key, struct cp_span encoded) {
    const uint8_t *own = key->public_point;
    size_t len = key->public_point_len, half = (len - 1) / 2;
    if (encoded.len == 0)
        return false;
    uint8_t form = encoded.data[0], parity = own[len - 1] & 1;
    switch (form) {
    case 2:
    case 3:
        return encoded.len == 1 + half && (form & 1) == parity &&
               memcmp(encoded.data + 1, own + 1, half) == 0;
    case 6:
    case 7:
        if ((form & 1) != parity)
            return false;
        /* fall through */
    case 4:
        return encoded.len == len && memcmp(encoded.data + 1, own + 1, len - 1) == 0;
    default:
        return false;
    }
}

bool cp_key_public_equals(const struct cp_key *key, struct cp_span encoded) {
    struct cp_span n, e;
    if (!key->has_public)
        return false;
    switch (cp_key_algorithm_get(key->type)->kind) {
    case CP_KIND_RSA:
        return cp_rsa_public_parse(&n, &e, encoded, NULL) == CP_OK &&
               cp_span_equal(n, key->rsa.n) && cp_span_equal(e, key->rsa.e);
    case CP_KIND_EC:
        return point_equals(key, encoded);
    case CP_KIND_EDWARDS:
        return cp_span_equal(encoded, (struct cp_span){key->public_point, key->public_point_len});
    case CP_KIND_OTHER:
        break;
    }
    return false;
}

bool cp_key_matches(const struct cp_key *key, const struct cp_cert *cert) {
    if (!key->has_public || key->type != cert->key_type)
        return false;
    if (cp_key_algorithm_get(key->type)->kind == CP_KIND_RSA)
        return cp_span_equal(key->rsa.n, cert->rsa_n) && cp_span_equal(key->rsa.e, cert->rsa_e);
    return cp_key_public_equals(key, cert->public_key);
}
