/* The subject: BR 7.1.2.7.2 to 7.1.2.7.5, 7.1.2.10.2, 7.1.4.1, 7.1.4.2, 7.1.4.3; EV
 * Guidelines 7.1.4.2.
 */
#include "webpki.h"

#include <stdio.h>
#include <string.h>

#include "../../ip.h"

static void show(char detail[CP_WEBPKI_DETAIL], struct cp_span value) {
    (void)cp_escape(detail, CP_WEBPKI_DETAIL, value);
}

static bool has(const struct cp_webpki *w, enum cp_webpki_attribute kind) {
    return w->subject.counts[kind] != 0;
}

static bool has_policy(const struct cp_webpki *w, unsigned policy) {
    return (w->policies.reserved & policy) != 0;
}

/* ---- common name ---- */

static bool is_ascii(struct cp_span text) {
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] >= 0x80)
            return false;
    return true;
}

/* dNSName: octet by octet; iPAddress: dotted decimal or RFC 5952, as BR 7.1.4.3 has it. */
static bool is_name(struct cp_span cn, size_t ip_len, const uint8_t ip[16],
                    const struct cp_general_name *name) {
    char text[CP_IP_TEXT];
    if (name->kind == CP_GN_DNS)
        return cp_span_equal(cn, name->value);
    if (name->kind != CP_GN_IP || ip_len != name->value.len ||
        memcmp(ip, name->value.data, ip_len) != 0)
        return false;
    cp_ip_format(text, name->value);
    return cp_span_equal(cn, cp_span_of(text));
}

/* A name of several labels, the last of which does not look like a number. */
static bool is_domain(struct cp_span cn) {
    size_t i = cn.len;
    if (cp_dns_check(cn) != CP_DNS_OK)
        return false;
    while (i > 0 && cn.data[i - 1] != '.')
        i--;
    return i != 0 && (cn.data[i] | 0x20) >= 'a';
}

enum fit { FIT_NONE, FIT_RELATED, FIT_SAME };

/* Related: the domain that a wildcard stands over, or a name where there are addresses only. Both
 * are a breach, but neither says anything else than the SAN. */
static enum fit fit_of_cn(const struct cp_webpki *w) {
    struct cp_span names = w->cert->subject_alt_names, cn = w->cert->common_name;
    struct cp_general_name name;
    uint8_t ip[16];
    size_t ip_len = cp_ip_parse(ip, cn);
    bool related = w->cert->num_dns_names == 0 && is_domain(cn);
    while (cp_general_name_next(&names, &name)) {
        if (is_name(cn, ip_len, ip, &name))
            return FIT_SAME;
        related |= name.kind == CP_GN_DNS && name.value.len > 2 && name.value.data[0] == '*' &&
                   cp_span_equal(cn, (struct cp_span){name.value.data + 2, name.value.len - 2});
    }
    return related ? FIT_RELATED : FIT_NONE;
}

static bool cn_fits(const struct cp_webpki *w, enum fit fit, char detail[CP_WEBPKI_DETAIL]) {
    const struct cp_cert *cert = w->cert;
    if (!has(w, CP_ATTR_COMMON_NAME) || !is_ascii(cert->common_name) ||
        cert->num_dns_names + cert->num_ip_names == 0 || fit_of_cn(w) != fit)
        return false;
    show(detail, cert->common_name);
    return true;
}

bool cp_webpki_cn_not_in_san(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    return cn_fits(w, FIT_NONE, detail);
}

bool cp_webpki_cn_related(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    return cn_fits(w, FIT_RELATED, detail);
}

bool cp_webpki_cn_many(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    if (w->subject.counts[CP_ATTR_COMMON_NAME] < 2)
        return false;
    snprintf(detail, CP_WEBPKI_DETAIL, "%u", w->subject.counts[CP_ATTR_COMMON_NAME]);
    return true;
}

bool cp_webpki_cn_unicode(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    if (is_ascii(w->cert->common_name))
        return false;
    show(detail, w->cert->common_name);
    return true;
}

/* ---- what the validation that is claimed demands ---- */

bool cp_webpki_dv_subject(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    if (!has_policy(w, CP_WEBPKI_DV))
        return false;
    for (unsigned i = 0; i < CP_NUM_ATTRIBUTES; i++) {
        if (i == CP_ATTR_COUNTRY || i == CP_ATTR_COMMON_NAME || w->subject.counts[i] == 0)
            continue;
        show(detail, w->subject.first[i]);
        return true;
    }
    return false;
}

bool cp_webpki_ov_organization(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return has_policy(w, CP_WEBPKI_OV) && !has(w, CP_ATTR_ORGANIZATION);
}

bool cp_webpki_ov_country(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return has_policy(w, CP_WEBPKI_OV | CP_WEBPKI_IV) && !has(w, CP_ATTR_COUNTRY);
}

bool cp_webpki_ov_place(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return has_policy(w, CP_WEBPKI_OV | CP_WEBPKI_IV) && !has(w, CP_ATTR_LOCALITY) &&
           !has(w, CP_ATTR_STATE);
}

bool cp_webpki_iv_name(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return has_policy(w, CP_WEBPKI_IV) && !has(w, CP_ATTR_ORGANIZATION) &&
           !(has(w, CP_ATTR_GIVEN_NAME) && has(w, CP_ATTR_SURNAME));
}

bool cp_webpki_ev_subject(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    static const struct {
        enum cp_webpki_attribute kind;
        const char *text;
    } wanted[] = {
        {CP_ATTR_ORGANIZATION, "organizationName"},
        {CP_ATTR_BUSINESS_CATEGORY, "businessCategory"},
        {CP_ATTR_JURISDICTION_COUNTRY, "jurisdictionCountryName"},
        {CP_ATTR_SERIAL_NUMBER, "serialNumber"},
        {CP_ATTR_COUNTRY, "countryName"},
    };
    for (size_t i = 0; has_policy(w, CP_WEBPKI_EV) && i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (!has(w, wanted[i].kind)) {
            snprintf(detail, CP_WEBPKI_DETAIL, "%s", wanted[i].text);
            return true;
        }
    return false;
}

/* ---- single attributes ---- */

bool cp_webpki_subject_unit(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    show(detail, w->subject.first[CP_ATTR_UNIT]);
    return has(w, CP_ATTR_UNIT);
}

bool cp_webpki_subject_metadata(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    if (w->subject.metadata.data == NULL)
        return false;
    char value[CP_WEBPKI_DETAIL - 2];
    (void)cp_escape(value, sizeof(value), w->subject.metadata);
    snprintf(detail, CP_WEBPKI_DETAIL, "'%s'", value);
    return true;
}

bool cp_webpki_subject_email(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    show(detail, w->subject.first[CP_ATTR_EMAIL]);
    return has(w, CP_ATTR_EMAIL) && !has_policy(w, CP_WEBPKI_DV);
}

/* BR 7.1.4.1 lets domainComponent and streetAddress repeat; common names have a rule of their own,
 * and organizational units are a breach anyway. */
bool cp_webpki_subject_repeated(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    for (unsigned i = 0; i < CP_ATTR_OTHER; i++) {
        if (w->subject.counts[i] < 2 || i == CP_ATTR_DOMAIN_COMPONENT || i == CP_ATTR_STREET ||
            i == CP_ATTR_UNIT || (i == CP_ATTR_COMMON_NAME && w->place == CP_WEBPKI_LEAF))
            continue;
        show(detail, w->subject.first[i]);
        return true;
    }
    return false;
}

bool cp_webpki_subject_multi_valued(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->subject.multi_valued;
}

bool cp_webpki_subject_order(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    (void)detail;
    return w->subject.out_of_order;
}

bool cp_webpki_ca_subject(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    const char *lacks = !has(w, CP_ATTR_COMMON_NAME)    ? "commonName"
                        : !has(w, CP_ATTR_ORGANIZATION) ? "organizationName"
                        : !has(w, CP_ATTR_COUNTRY)      ? "countryName"
                                                        : NULL;
    if (lacks != NULL)
        snprintf(detail, CP_WEBPKI_DETAIL, "%s", lacks);
    return lacks != NULL;
}
