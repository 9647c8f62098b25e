/* cert: the facts of one certificate in one plain struct, RFC 5280 4.
 *
 * Every span is borrowed from the DER. Parsing is strict on structure (DER, order, one of each
 * extension it reads) and says nothing on meaning: that is what the checks are for. Extensions that
 * it does not know are counted, and noted if critical. OpenSSL is not called.
 */
#ifndef CP_CERT_H
#define CP_CERT_H

#include "algorithm.h"
#include "der.h"

/* Extensions that are told apart; any other is counted, and noted if it is critical. */
enum cp_extension {
    CP_EXT_SUBJECT_KEY_ID,     /* 2.5.29.14 */
    CP_EXT_KEY_USAGE,          /* 2.5.29.15 */
    CP_EXT_SUBJECT_ALT_NAME,   /* 2.5.29.17 */
    CP_EXT_ISSUER_ALT_NAME,    /* 2.5.29.18 */
    CP_EXT_BASIC_CONSTRAINTS,  /* 2.5.29.19 */
    CP_EXT_NAME_CONSTRAINTS,   /* 2.5.29.30 */
    CP_EXT_CRL_DISTRIBUTION,   /* 2.5.29.31 */
    CP_EXT_POLICIES,           /* 2.5.29.32 */
    CP_EXT_POLICY_MAPPINGS,    /* 2.5.29.33 */
    CP_EXT_AUTHORITY_KEY_ID,   /* 2.5.29.35 */
    CP_EXT_POLICY_CONSTRAINTS, /* 2.5.29.36 */
    CP_EXT_EXTENDED_KEY_USAGE, /* 2.5.29.37 */
    CP_EXT_INHIBIT_ANY_POLICY, /* 2.5.29.54 */
    CP_EXT_AUTHORITY_INFO,     /* 1.3.6.1.5.5.7.1.1 */
    CP_EXT_TLS_FEATURE,        /* 1.3.6.1.5.5.7.1.24 */
    CP_EXT_SCT_LIST,           /* 1.3.6.1.4.1.11129.2.4.2 */
    CP_EXT_CT_POISON,          /* 1.3.6.1.4.1.11129.2.4.3 */
    CP_NUM_EXTENSIONS,
};

/* KeyUsage bits, RFC 5280 4.2.1.3: bit n is 1 << n. */
enum {
    CP_KU_DIGITAL_SIGNATURE = 1 << 0,
    CP_KU_NON_REPUDIATION = 1 << 1,
    CP_KU_KEY_ENCIPHERMENT = 1 << 2,
    CP_KU_DATA_ENCIPHERMENT = 1 << 3,
    CP_KU_KEY_AGREEMENT = 1 << 4,
    CP_KU_KEY_CERT_SIGN = 1 << 5,
    CP_KU_CRL_SIGN = 1 << 6,
    CP_KU_ENCIPHER_ONLY = 1 << 7,
    CP_KU_DECIPHER_ONLY = 1 << 8,
};

enum {
    CP_EKU_SERVER_AUTH = 1 << 0,
    CP_EKU_CLIENT_AUTH = 1 << 1,
    CP_EKU_ANY = 1 << 2,
    CP_EKU_OTHER = 1 << 3,
};

struct cp_cert {
    struct cp_span der;
    struct cp_span tbs;                     /* what the signature covers */
    unsigned version;                       /* 1, 2 or 3 */
    struct cp_span serial;                  /* INTEGER content octets, sign included */
    struct cp_span tbs_signature_algorithm; /* whole AlgorithmIdentifier inside and outside: */
    struct cp_span signature_algorithm;     /* RFC 5280 4.1.1.2 wants them equal */
    enum cp_signature_type signature_type;
    struct cp_span signature; /* BIT STRING octets */
    struct cp_span issuer;    /* whole Name */
    struct cp_span subject;   /* whole Name */
    uint64_t issuer_hash;     /* equal names have equal hashes: a filter before cp_name_equal */
    uint64_t subject_hash;
    bool issuer_empty;
    bool subject_empty;
    struct cp_span common_name; /* last CN of the subject, value octets; may be empty */
    uint8_t common_name_tag;
    int64_t not_before_s;
    int64_t not_after_s; /* INT64_MAX for 99991231235959Z: no well-defined end, 4.1.2.5 */
    struct cp_span spki; /* whole SubjectPublicKeyInfo */
    enum cp_key_type key_type;
    struct cp_span key_algorithm_oid; /* the curve's where the key is EC with a named curve */
    struct cp_span public_key;        /* subjectPublicKey octets */
    unsigned key_bits;
    struct cp_span rsa_n, rsa_e; /* magnitudes; empty unless RSA */
    /* Lenient inputs: BER that is not DER but has one meaning, as some issuers write it (a DEFAULT
     * value written out, X.690 11.5). Counted, with the place of the first. */
    size_t num_lenient;
    size_t first_lenient_offset;
    const char *first_lenient;
    /* extensions */
    uint32_t extensions; /* bit 1 << enum cp_extension: present */
    uint32_t critical;   /* same, for critical ones */
    size_t num_extensions;
    size_t num_unknown_critical;
    struct cp_span first_unknown_critical;    /* OID content octets */
    struct cp_span values[CP_NUM_EXTENSIONS]; /* extnValue content: DER of the extension */
    struct cp_span subject_alt_names; /* content of GeneralNames, for cp_general_name_next */
    size_t num_dns_names, num_ip_names, num_other_names;
    uint32_t key_usage;              /* 0 if absent */
    uint32_t extended_key_usage;     /* 0 if absent */
    bool is_ca;                      /* basicConstraints.cA */
    int path_len;                    /* -1: no limit */
    struct cp_span subject_key_id;   /* keyIdentifier octets; may be empty */
    struct cp_span authority_key_id; /* keyIdentifier octets; may be empty */
};

/* RSA below 2048 bits, BR 6.1.5. */
static inline bool cp_cert_has_weak_key(const struct cp_cert *cert) {
    return cert->key_type == CP_KEY_RSA && cert->key_bits < 2048;
}

/* GeneralName, RFC 5280 4.2.1.6, by its context tag. */
enum cp_general_name_kind {
    CP_GN_OTHER = 0,
    CP_GN_EMAIL = 1,
    CP_GN_DNS = 2,
    CP_GN_X400 = 3,
    CP_GN_DIRECTORY = 4,
    CP_GN_EDI = 5,
    CP_GN_URI = 6,
    CP_GN_IP = 7,
    CP_GN_REGISTERED_ID = 8,
};

struct cp_general_name {
    enum cp_general_name_kind kind;
    struct cp_span value; /* dNSName, URI, e-mail: characters; IP: octets; directory: whole Name */
};

CP_MUST_USE enum cp_status cp_cert_parse(struct cp_cert *out, struct cp_span der,
                                         struct cp_error *err);

static inline bool cp_cert_has(const struct cp_cert *cert, enum cp_extension ext) {
    return (cert->extensions >> ext & 1) != 0;
}
static inline bool cp_cert_is_critical(const struct cp_cert *cert, enum cp_extension ext) {
    return (cert->critical >> ext & 1) != 0;
}

/* Walks GeneralNames content that cp_cert_parse has proved well formed: false at the end. */
bool cp_general_name_next(struct cp_span *names, struct cp_general_name *out);

/* Same subject and issuer name, RFC 5280 6.1 "self-issued". */
bool cp_cert_is_self_issued(const struct cp_cert *cert);

/* Short form of the subject for people, escaped: its CN, else the first SAN, else the whole name.
 */
void cp_cert_subject_text(char *out, size_t out_size, const struct cp_cert *cert);
/* The next character of a string whose characters take width octets: 2, a BMPString, which is used
 * as UTF-16, or 4, a UniversalString. False at the end. utf8_len is 0 where code is no character.
 */
bool cp_wide_next(struct cp_span *text, size_t width, uint32_t *code, uint8_t utf8[4],
                  size_t *utf8_len);

/* SHA-256 of the SubjectPublicKeyInfo or of the whole certificate, as lower-case hex. */
CP_MUST_USE enum cp_status cp_sha256_hex(char out[65], struct cp_span data, struct cp_error *err);

/* Name comparison, RFC 5280 7.1: same bytes, or the same attributes when case and runs of spaces in
 * PrintableString and UTF8String are folded. */
bool cp_name_equal(struct cp_span a, struct cp_span b);
/* Same for names that cp_name_equal calls equal. */
uint64_t cp_name_hash(struct cp_span name);
/* True if base's RDNs are the first ones of name: the test of a directoryName subtree, 4.2.1.10. */
bool cp_name_is_within(struct cp_span name, struct cp_span base);

#endif
