/* webpki: the CA/Browser Forum's Baseline Requirements for TLS certificates (BR, version 2.x), one
 * function a rule. rules.def says which rule is found by which function, where it applies, from
 * which date of issue on, and in which words.
 *
 * What the rules of other groups say already (syntax of dNSNames, SHA-1, key sizes, serverAuth, a
 * CA as leaf) is not said again.
 */
#ifndef CP_WEBPKI_H
#define CP_WEBPKI_H

#include "../../access.h"
#include "../../checks.h"

/* Where in the path a rule applies. */
enum {
    CP_WEBPKI_LEAF = 1 << 0,
    CP_WEBPKI_INTERMEDIATE = 1 << 1,
    CP_WEBPKI_ROOT = 1 << 2,
    CP_WEBPKI_CA = CP_WEBPKI_INTERMEDIATE | CP_WEBPKI_ROOT,
    CP_WEBPKI_ANY = CP_WEBPKI_LEAF | CP_WEBPKI_CA,
};

/* Dates from which on a rule binds, by notBefore: seconds since the epoch. */
#define CP_BR_ALWAYS INT64_MIN
#define CP_BR_2012_07_01 INT64_C(1341100800) /* the BR begin: no internal names */
#define CP_BR_2016_09_30 INT64_C(1475193600) /* 64 bits of serial number */
#define CP_BR_2018_03_01 INT64_C(1519862400) /* 825 days */
#define CP_BR_2020_09_01 INT64_C(1598918400) /* 398 days */
#define CP_BR_2022_09_01 INT64_C(1661990400) /* no organizational units */
#define CP_BR_2023_09_15 INT64_C(1694736000) /* the profiles of BR 2.0 */
#define CP_BR_2026_03_15 INT64_C(1773532800) /* 200 days; no reverse zones */
#define CP_BR_2026_06_15 INT64_C(1781481600) /* Chrome: serverAuth alone */
#define CP_BR_2027_03_15 INT64_C(1805068800) /* 100 days */
#define CP_BR_2029_03_15 INT64_C(1868227200) /* 47 days */

/* Subject attributes that BR 7.1.4.2 names, in the order of its table. */
enum cp_webpki_attribute {
    CP_ATTR_DOMAIN_COMPONENT,
    CP_ATTR_COUNTRY,
    CP_ATTR_STATE,
    CP_ATTR_LOCALITY,
    CP_ATTR_POSTAL_CODE,
    CP_ATTR_STREET,
    CP_ATTR_ORGANIZATION,
    CP_ATTR_SURNAME,
    CP_ATTR_GIVEN_NAME,
    CP_ATTR_UNIT,
    CP_ATTR_COMMON_NAME,
    CP_NUM_ORDERED_ATTRIBUTES,
    CP_ATTR_SERIAL_NUMBER = CP_NUM_ORDERED_ATTRIBUTES,
    CP_ATTR_BUSINESS_CATEGORY,
    CP_ATTR_JURISDICTION_COUNTRY,
    CP_ATTR_JURISDICTION_STATE,
    CP_ATTR_JURISDICTION_LOCALITY,
    CP_ATTR_ORGANIZATION_ID,
    CP_ATTR_EMAIL,
    CP_ATTR_OTHER,
    CP_NUM_ATTRIBUTES,
};

struct cp_webpki_subject {
    uint16_t counts[CP_NUM_ATTRIBUTES];
    struct cp_span first[CP_NUM_ATTRIBUTES];
    bool multi_valued;       /* an RDN of several attributes */
    bool out_of_order;       /* BR 7.1.4.2 */
    struct cp_span metadata; /* a value without letter or digit; data NULL: there is none */
};

/* Extended key usages, beyond those of cert.h. */
enum {
    CP_WEBPKI_EKU_SERVER = 1 << 0,
    CP_WEBPKI_EKU_CLIENT = 1 << 1,
    CP_WEBPKI_EKU_CODE = 1 << 2,
    CP_WEBPKI_EKU_EMAIL = 1 << 3,
    CP_WEBPKI_EKU_TIME = 1 << 4,
    CP_WEBPKI_EKU_OCSP = 1 << 5,
    CP_WEBPKI_EKU_PRECERT = 1 << 6,
    CP_WEBPKI_EKU_ANY = 1 << 7,
    CP_WEBPKI_EKU_OTHER = 1 << 8,
};

enum {
    CP_WEBPKI_DV = 1 << 0, /* 2.23.140.1.2.1 */
    CP_WEBPKI_OV = 1 << 1, /* 2.23.140.1.2.2 */
    CP_WEBPKI_IV = 1 << 2, /* 2.23.140.1.2.3 */
    CP_WEBPKI_EV = 1 << 3, /* 2.23.140.1.1 */
};

struct cp_webpki_policies {
    bool readable;
    unsigned reserved; /* CP_WEBPKI_DV ... */
    bool any;
    bool foreign_qualifier;    /* another than id-qt-cps */
    struct cp_span cps_scheme; /* a CPS URI that is neither http nor https; data NULL: none */
};

/* What authorityInfoAccess or cRLDistributionPoints hold. */
struct cp_webpki_locations {
    bool readable;
    unsigned num_ocsp, num_issuers, num_other; /* methods; CRL URIs count as num_other */
    bool not_uri;
    bool foreign_fields;     /* CRL: reasons, cRLIssuer, or a name relative to the issuer */
    struct cp_span scheme;   /* a URI that is not http; data NULL: none */
    struct cp_span internal; /* a URI whose host is not on the public internet */
};

struct cp_webpki {
    const struct cp_cert *cert;
    const struct cp_cert *issuer;       /* NULL: not known */
    unsigned place;                     /* CP_WEBPKI_LEAF, ... */
    const struct cp_report_host *hosts; /* that were asked for */
    size_t num_hosts;
    uint32_t purposes; /* CP_WEBPKI_EKU_... */
    struct cp_webpki_subject subject;
    struct cp_webpki_policies policies;
    struct cp_webpki_locations aia, crl;
};

void cp_webpki_read(struct cp_webpki *out, const struct cp_cert *cert, const struct cp_cert *issuer,
                    unsigned place);
void cp_webpki_read_subject(struct cp_webpki_subject *out, struct cp_span name);
void cp_webpki_read_policies(struct cp_webpki_policies *out, struct cp_span value);
void cp_webpki_read_aia(struct cp_webpki_locations *out, struct cp_span value);
void cp_webpki_read_crl(struct cp_webpki_locations *out, struct cp_span value);

/* Room for what a rule found, escaped. */
#define CP_WEBPKI_DETAIL 300

/* True: the certificate breaks the rule. detail is what was found; it may stay empty. */
#define RULE(check, function, where, since, text)                                                  \
    bool cp_webpki_##function(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]);
#include "rules.def"
#undef RULE

/* One name of the SAN, lower-case where it is a dNSName, without "*.". */
struct cp_webpki_name {
    struct cp_general_name given;
    size_t len, num_labels; /* of text; 0 unless cp_dns_check calls it well formed */
    char text[CP_HOSTNAME_MAX + 1];
    const char *top; /* the last label of text */
    bool wildcard;
};

#define NAME_RULE(check, function, since, text)                                                    \
    bool cp_webpki_name_##function(const struct cp_webpki_name *name);
#include "name_rules.def"
#undef NAME_RULE

void cp_webpki_name_read(struct cp_webpki_name *out, const struct cp_general_name *given);
/* Is the host a name or address of a private network? */
bool cp_webpki_host_is_internal(struct cp_span host);
/* RFC 6890 and its successors: not reachable through the public internet. */
bool cp_webpki_ip_is_reserved(struct cp_span octets);

#endif
