/* profile: the rules of RFC 5280 and its kin, one function a rule; profile.def says where each
 * applies. Internal to check_profile.c and checks/profile.
 *
 * A rule answers whether it is broken, and then writes why: a clause, the certificate's own values
 * escaped. It allocates nothing and writes nothing where all is well. What takes a walk (names,
 * SAN, the encoding) is walked once, by the scans below, and the rules read what was noted.
 */
#ifndef CP_CHECKS_PROFILE_H
#define CP_CHECKS_PROFILE_H

#include "../../access.h"
#include "../../der_canonical.h"

enum {
    CP_PLACE_LEAF = 1 << 0,
    CP_PLACE_INTERMEDIATE = 1 << 1,
    CP_PLACE_ROOT = 1 << 2, /* judged only if the profile is not auto */
};

enum cp_name_defect {
    CP_NAME_TOO_LONG,
    CP_NAME_EMPTY,          /* an attribute without a value */
    CP_NAME_COUNTRY,        /* not two letters in a PrintableString */
    CP_NAME_OLD_TYPE,       /* TeletexString, BMPString, UniversalString */
    CP_NAME_PRINTABLE,      /* characters outside of PrintableString */
    CP_NAME_CONTROL,        /* NUL and other control characters */
    CP_NAME_DUPLICATE,      /* a type twice in one RDN */
    CP_NAME_IA5_TYPE,       /* emailAddress, domainComponent: not an IA5String */
    CP_NAME_PRINTABLE_TYPE, /* serialNumber, dnQualifier: not a PrintableString */
    CP_NUM_NAME_DEFECTS
};

struct cp_name_facts {
    unsigned defects; /* bit 1 << enum cp_name_defect */
    struct {
        struct cp_span type, value;
        size_t num; /* characters, where they are too many */
        size_t max;
    } at[CP_NUM_NAME_DEFECTS]; /* set only where the bit is */
};

enum cp_san_defect {
    CP_SAN_EMPTY, /* a dNSName, URI or mail address of nothing, or a dNSName " " */
    CP_SAN_IA5,
    CP_SAN_URI,
    CP_SAN_MAIL,
    CP_NUM_SAN_DEFECTS
};

struct cp_san_facts {
    unsigned defects; /* bit 1 << enum cp_san_defect */
    struct cp_span at[CP_NUM_SAN_DEFECTS];
    const char *why[CP_NUM_SAN_DEFECTS];
};

/* authorityInfoAccess; all false and empty if it is not there. */
struct cp_aia_facts {
    bool malformed, has_ocsp;
    enum cp_access_method bad_method; /* whose location is no fetchable URI; OTHER: none */
    struct cp_span bad_location;
    struct cp_span unknown_method; /* OID */
};

/* cRLDistributionPoints; the same. */
struct cp_crl_facts {
    bool malformed;
    bool nameless, only_reasons; /* a point without name and issuer; then: it has reasons */
    bool has_name, has_uri;      /* any point's; a fetchable one */
};

/* certificatePolicies; the same. Values point into the certificate. */
struct cp_policy_facts {
    struct cp_span twice;         /* OID */
    struct cp_span bad_cps;       /* and what is wrong with it: */
    const char *bad_cps_why;      /* NULL: nothing */
    struct cp_span any_qualifier; /* OID */
    uint8_t notice_tag;           /* a userNotice's string type that is not allowed; 0: none */
    bool notice_has_bad_length;
    size_t notice_len; /* characters of that one */
};

/* What a rule reads. */
struct cp_profile_cert {
    const struct cp_cert *cert;
    unsigned place;
    struct cp_name_facts subject;
    struct cp_san_facts san;
    struct cp_aia_facts aia;
    struct cp_crl_facts crl;
    struct cp_policy_facts policies;
    struct cp_der_canonical der;
};

#define CP_PROFILE_WHY 320
typedef bool cp_profile_rule(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]);

#define RULE(check, function, places, profiles, extension) cp_profile_rule cp_profile_##function;
#include "../profile.def"
#undef RULE

void cp_profile_scan_name(struct cp_name_facts *out, struct cp_span name);
void cp_profile_scan_san(struct cp_san_facts *out, const struct cp_cert *cert);
void cp_profile_scan_aia(struct cp_aia_facts *out, const struct cp_cert *cert);
void cp_profile_scan_crl(struct cp_crl_facts *out, const struct cp_cert *cert);
void cp_profile_scan_policies(struct cp_policy_facts *out, const struct cp_cert *cert);

/* Writes why and says true. */
bool cp_profile_say(char why[CP_PROFILE_WHY], const char *format, ...) CP_PRINTF(2, 3);
/* The value escaped, at most 80 bytes of it. */
#define CP_PROFILE_TEXT 88
void cp_profile_text(char out[CP_PROFILE_TEXT], struct cp_span value);

/* ---- reading ---- */

/* Is the extension's value one SEQUENCE of at least one element? Then *inside reads it. */
bool cp_profile_sequence(struct cp_der_reader *inside, struct cp_span value);
/* GeneralName of RFC 5280 4.2.1.6; *out is the element. */
bool cp_profile_general_name(struct cp_der_reader *in, struct cp_der *out);
bool cp_profile_is_general_name(const struct cp_der *name);
/* One or more GeneralNames to the end. */
bool cp_profile_general_names(struct cp_der_reader in);
bool cp_profile_is_ia5(struct cp_span text);
/* Is c one of the ASCII characters whose bits are set? */
static inline bool cp_profile_is_in(const uint64_t set[2], uint8_t c) {
    return c < 128 && (set[c >> 6] >> (c & 63) & 1) != 0;
}
/* NULL, or what is wrong with an absolute URI, RFC 3986 3. */
const char *cp_profile_uri_defect(struct cp_span uri);
/* Is it a URI that a client fetches: http, https, ldap? */
bool cp_profile_is_fetchable(struct cp_span uri);

/* The parameters of an AlgorithmIdentifier (whole): tag 0 if absent. */
struct cp_der cp_profile_parameters(struct cp_span algorithm);
/* The AlgorithmIdentifier of the key, whole. */
struct cp_span cp_profile_key_algorithm(const struct cp_cert *cert);
/* Finds any extension by its OID. False: it is not there. */
bool cp_profile_extension(const struct cp_cert *cert, struct cp_span oid, bool *critical);

#endif
