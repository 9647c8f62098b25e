/* Version, validity, unique identifiers: RFC 5280 4.1.2. */
#include "profile.h"

bool cp_profile_version(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->version != 3 &&
           cp_profile_say(why, "it is of version %u; TLS needs the extensions of version 3",
                          p->cert->version);
}

/* Finds the element behind so many others of the TBSCertificate, the version not counted. */
static bool find_field(struct cp_der_reader *in, const struct cp_cert *cert, unsigned index) {
    struct cp_der_reader outer;
    struct cp_der element;
    cp_der_reader_init(&outer, cert->tbs);
    if (cp_der_enter(&outer, in, CP_DER_SEQUENCE, "tbs", NULL) != CP_OK)
        return false;
    index += cp_der_peek(in, CP_DER_CONTEXT_CONSTRUCTED(0));
    for (; index > 0; index--)
        if (cp_der_any(in, &element, "tbs", NULL) != CP_OK)
            return false;
    return !cp_der_at_end(in);
}

bool cp_profile_unique_id(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct cp_der_reader in;
    return find_field(&in, p->cert, 6) &&
           (cp_der_peek(&in, CP_DER_CONTEXT(1)) || cp_der_peek(&in, CP_DER_CONTEXT(2))) &&
           cp_profile_say(why, "it has an issuerUniqueID or subjectUniqueID");
}

bool cp_profile_validity_reversed(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->not_after_s < p->cert->not_before_s &&
           cp_profile_say(why, "its notAfter is before its notBefore: it is never valid");
}

/* UTCTime through the year 2049, GeneralizedTime from 2050. */
bool cp_profile_time_choice(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct cp_der_reader in, validity;
    int64_t year_2050_s;
    if (!find_field(&in, p->cert, 3) ||
        cp_der_enter(&in, &validity, CP_DER_SEQUENCE, "validity", NULL) != CP_OK ||
        !cp_time_from_civil(&year_2050_s, 2050, 1, 1, 0, 0, 0))
        return false;
    for (int i = 0; i < 2; i++) {
        int64_t time_s;
        bool is_utc;
        if (cp_der_time(&validity, &time_s, &is_utc, "validity", NULL) != CP_OK)
            return false;
        if (!is_utc && time_s < year_2050_s)
            return cp_profile_say(why, "its %s is before 2050 and written as GeneralizedTime",
                                  i == 0 ? "notBefore" : "notAfter");
    }
    return false;
}
