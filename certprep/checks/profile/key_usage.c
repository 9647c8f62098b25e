/* Basic constraints, key usage, extended key usage: RFC 5280 4.2.1.3, 4.2.1.9, 4.2.1.12; which
 * usages a key allows: RFC 3279 2.3.1, RFC 8813 3, RFC 9295 3. */
#include "profile.h"

bool cp_profile_ca_not_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->is_ca && !cp_cert_is_critical(p->cert, CP_EXT_BASIC_CONSTRAINTS) &&
           cp_profile_say(why, "it is a CA and its basicConstraints are not critical");
}

bool cp_profile_path_len_no_ca(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->path_len >= 0 && !p->cert->is_ca &&
           cp_profile_say(why, "its basicConstraints have a pathLenConstraint without cA");
}

bool cp_profile_path_len_no_sign(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->path_len >= 0 && p->cert->is_ca &&
           (p->cert->key_usage & CP_KU_KEY_CERT_SIGN) == 0 &&
           cp_profile_say(why, "it has a pathLenConstraint and its keyUsage lacks keyCertSign");
}

bool cp_profile_usage_missing(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->version == 3 && p->cert->is_ca && !cp_cert_has(p->cert, CP_EXT_KEY_USAGE) &&
           cp_profile_say(why, "it is a CA and has no keyUsage");
}

bool cp_profile_usage_not_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return !cp_cert_is_critical(p->cert, CP_EXT_KEY_USAGE) &&
           cp_profile_say(why, "its keyUsage is not critical");
}

bool cp_profile_usage_empty(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->key_usage == 0 && cp_profile_say(why, "its keyUsage has no bit set");
}

bool cp_profile_usage_key_type(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                        "cRLSign",          "encipherOnly",   "decipherOnly"};
    const struct cp_key_algorithm *row = cp_key_algorithm_get(p->cert->key_type);
    const uint32_t agreement = CP_KU_KEY_AGREEMENT | CP_KU_ENCIPHER_ONLY | CP_KU_DECIPHER_ONLY;
    const uint32_t encipherment = CP_KU_KEY_ENCIPHERMENT | CP_KU_DATA_ENCIPHERMENT;
    uint32_t wrong = p->cert->key_usage & (row->kind == CP_KIND_RSA       ? agreement
                                           : row->kind == CP_KIND_EC      ? encipherment
                                           : row->kind == CP_KIND_EDWARDS ? agreement | encipherment
                                                                          : 0);
    unsigned bit = 0;
    if (wrong == 0)
        return false;
    while ((wrong >> bit & 1) == 0)
        bit++;
    return cp_profile_say(why, "its keyUsage has %s, which a key of %s can't do", names[bit],
                          row->text);
}

/* Their meaning without keyAgreement is undefined, and they exclude each other. */
bool cp_profile_usage_only_bits(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    const uint32_t both = CP_KU_ENCIPHER_ONLY | CP_KU_DECIPHER_ONLY;
    uint32_t only = p->cert->key_usage & both;
    if (only == both)
        return cp_profile_say(why, "its keyUsage has both encipherOnly and decipherOnly");
    return only != 0 && (p->cert->key_usage & CP_KU_KEY_AGREEMENT) == 0 &&
           cp_profile_say(why, "its keyUsage has %s without keyAgreement",
                          only == CP_KU_ENCIPHER_ONLY ? "encipherOnly" : "decipherOnly");
}

/* At most so many are compared all with all; a certificate with more is looked at no further. */
#define MAX_PURPOSES 64

bool cp_profile_purpose_twice(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct cp_der_reader list;
    struct cp_span seen[MAX_PURPOSES];
    size_t num = 0;
    char oid[64];
    if (!cp_profile_sequence(&list, p->cert->values[CP_EXT_EXTENDED_KEY_USAGE]))
        return false;
    while (!cp_der_at_end(&list) && num < MAX_PURPOSES &&
           cp_der_oid(&list, &seen[num], "extKeyUsage", NULL) == CP_OK) {
        for (size_t i = 0; i < num; i++)
            if (cp_span_equal(seen[i], seen[num])) {
                cp_oid_format(oid, sizeof(oid), seen[num]);
                return cp_profile_say(why, "its extKeyUsage has the purpose %s twice", oid);
            }
        num++;
    }
    return false;
}

bool cp_profile_any_purpose_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return (p->cert->extended_key_usage & CP_EKU_ANY) != 0 &&
           cp_cert_is_critical(p->cert, CP_EXT_EXTENDED_KEY_USAGE) &&
           cp_profile_say(why, "its extKeyUsage is critical and has anyExtendedKeyUsage");
}
