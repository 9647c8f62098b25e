/* certs: the table of certificates, and what one row can say. */
#ifndef TC_CERTS_H
#define TC_CERTS_H

#include "bytes.h"

enum tc_profile { TC_LEAF, TC_INTERMEDIATE, TC_ROOT };

enum {
    TC_NO_SAN = 1 << 0,
    TC_NO_KEY_IDS = 1 << 1,       /* neither SKI nor AKI */
    TC_CA = 1 << 2,               /* a leaf that says CA:TRUE and keyCertSign */
    TC_NOT_CA = 1 << 3,           /* basicConstraints without cA */
    TC_UNKNOWN_CRITICAL = 1 << 4, /* a critical extension 2.999.7 */
    TC_SAN_TWICE = 1 << 5,        /* RFC 5280 4.2: one of each */
    TC_V1 = 1 << 6,               /* version 1, no extensions */
    TC_PSS = 1 << 7,              /* signed with RSASSA-PSS */
    TC_COMPRESSED_POINT = 1 << 8, /* SPKI with the compressed point, RFC 5480 2.2 */
    TC_UNKNOWN_KEY = 1 << 9,      /* SPKI with the algorithm 2.999.1 */
    TC_EXPLICIT_FALSE = 1 << 10,  /* cA FALSE written out: a default, DER forbids it */
    TC_NO_BASIC_CONSTRAINTS = 1 << 11,
    TC_WRONG_AKI = 1 << 12,  /* the key identifier of another issuer */
    TC_BAD_POINT = 1 << 13,  /* an EC point that is not on the curve */
    TC_POINT_FORM = 1 << 14, /* an EC point whose first octet, 05, is no form of SEC 1 2.3.3 */
};

typedef void tc_patch(struct tc_bytes *der);

/* Zero and NULL mean: as the profile has it. */
struct tc_cert_row {
    const char *name;
    const char *subject; /* "C=CN/O=certprep tests/CN=..." in DER order */
    const char *key;
    const char *issuer; /* another row; NULL: itself */
    enum tc_profile profile;
    unsigned flags;
    const char *san;        /* "DNS:a,IP:192.0.2.10,IPHEX:c000020a05"; %XX is an octet */
    const char *not_before; /* "20260401000000Z", or "17:" or "18:", the tag, and raw characters */
    const char *not_after;
    const char *digest;
    const char *serial;               /* hex of the content octets; "-": none */
    const char *key_usage;            /* "digitalSignature,keyCertSign" */
    const char *extended_key_usage;   /* "serverAuth,clientAuth" */
    unsigned path_len;                /* of intermediates; roots have none */
    const char *permitted, *excluded; /* name constraints, one dNSName */
    /* Extensions that are set in the place of the profile's, or added: "OID=HEX", "OID!=HEX" for a
     * critical one, "OID=-" to leave it out; spaces between. HEX is the DER of the value. */
    const char *set;
    tc_patch *patch_tbs;  /* before signing */
    tc_patch *patch_cert; /* after signing */
};

/* One table an area, listed in tables.c. */
struct tc_cert_table {
    const struct tc_cert_row *rows;
    const size_t *num_rows;
};

extern const struct tc_cert_table tc_cert_tables[];
extern const size_t tc_num_cert_tables;

const struct tc_cert_row *tc_cert_row_get(const char *name);

/* Issues the certificate of a row. */
void tc_cert_issue(struct tc_bytes *out, const struct tc_cert_row *row);
/* A PKCS#10 request for the row's subject and key. */
void tc_csr_make(struct tc_bytes *out, const struct tc_cert_row *row);

/* Parts of issuing, each in its own file. */
void tc_put_extensions(struct tc_bytes *tbs, const struct tc_cert_row *row);
/* Carries out row->set on a whole TBSCertificate. */
void tc_set_extensions(struct tc_bytes *tbs, const char *set);
void tc_put_spki(struct tc_bytes *out, const struct tc_cert_row *row);

/* Patches, in defects.c. */
void tc_patch_signature(struct tc_bytes *der);
void tc_patch_trailing(struct tc_bytes *der);
void tc_patch_indefinite(struct tc_bytes *der);
void tc_patch_long_length(struct tc_bytes *der);
void tc_patch_boolean(struct tc_bytes *der);
void tc_patch_inner_algorithm(struct tc_bytes *der);
void tc_patch_indefinite_validity(struct tc_bytes *der);
void tc_patch_key_usage_bits(struct tc_bytes *der);

#endif
