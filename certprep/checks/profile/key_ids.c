/* Key identifiers: RFC 5280 4.2.1.1, 4.2.1.2. */
#include "profile.h"

static bool has_extensions(const struct cp_profile_cert *p) {
    return p->cert->version == 3;
}

/* "The one exception" is a self-signed certificate. */
bool cp_profile_aki_missing(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return has_extensions(p) && !cp_cert_has(p->cert, CP_EXT_AUTHORITY_KEY_ID) &&
           !cp_cert_is_self_issued(p->cert) &&
           cp_profile_say(why, "it has no authorityKeyIdentifier");
}

/* Which of the three fields are there: bit 0 keyIdentifier, 1 issuer, 2 serial number. */
static unsigned aki_fields(const struct cp_cert *cert) {
    struct cp_der_reader in, fields;
    struct cp_der field;
    unsigned found = 0;
    cp_der_reader_init(&in, cert->values[CP_EXT_AUTHORITY_KEY_ID]);
    if (cp_der_enter(&in, &fields, CP_DER_SEQUENCE, "AKI", NULL) != CP_OK)
        return 0;
    while (!cp_der_at_end(&fields) && cp_der_any(&fields, &field, "AKI", NULL) == CP_OK)
        found |= 1U << (field.tag & 7);
    return found;
}

bool cp_profile_aki_no_key_id(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->authority_key_id.len == 0 && !cp_cert_is_self_issued(p->cert) &&
           cp_profile_say(why, "its authorityKeyIdentifier has no keyIdentifier");
}

bool cp_profile_aki_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return cp_cert_is_critical(p->cert, CP_EXT_AUTHORITY_KEY_ID) &&
           cp_profile_say(why, "its authorityKeyIdentifier is critical");
}

bool cp_profile_aki_pair(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    unsigned fields = aki_fields(p->cert);
    return (fields >> 1 & 1) != (fields >> 2 & 1) &&
           cp_profile_say(why, "its authorityKeyIdentifier has the issuer's %s without its %s",
                          (fields >> 1 & 1) != 0 ? "name" : "serial number",
                          (fields >> 1 & 1) != 0 ? "serial number" : "name");
}

bool cp_profile_ski_missing(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return has_extensions(p) && p->cert->is_ca && !cp_cert_has(p->cert, CP_EXT_SUBJECT_KEY_ID) &&
           cp_profile_say(why, "it is a CA and has no subjectKeyIdentifier");
}

bool cp_profile_ski_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return cp_cert_is_critical(p->cert, CP_EXT_SUBJECT_KEY_ID) &&
           cp_profile_say(why, "its subjectKeyIdentifier is critical");
}

bool cp_profile_ski_empty(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->subject_key_id.len == 0 &&
           cp_profile_say(why, "its subjectKeyIdentifier is empty");
}
