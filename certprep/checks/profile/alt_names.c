/* subjectAltName and issuerAltName: RFC 5280 4.2.1.6, 4.2.1.7. */
#include <string.h>

#include "profile.h"

static void note(struct cp_san_facts *out, enum cp_san_defect defect, struct cp_span value,
                 const char *why) {
    if ((out->defects >> defect & 1) != 0)
        return;
    out->defects |= 1U << defect;
    out->at[defect] = value;
    out->why[defect] = why;
}

/* RFC 5321 4.1.2 Mailbox in the part that matters: local-part "@" domain, no white space. */
static const char *mail_defect(struct cp_span mail) {
    const uint8_t *at = NULL;
    for (size_t i = 0; i < mail.len; i++) {
        uint8_t c = mail.data[i];
        if (c == '@')
            at = mail.data + i;
        if (c < ' ' || c == 0x7f || c == '<' || c == '>')
            return "it has a character that a mailbox can't have";
    }
    if (at == NULL)
        return "it has no @";
    if (at == mail.data || at == mail.data + mail.len - 1)
        return "a part beside the @ is empty";
    bool quoted = mail.data[0] == '"' && at[-1] == '"' && at - mail.data >= 2;
    for (const uint8_t *c = mail.data; c < mail.data + mail.len; c++)
        if ((*c == ' ' || *c == '@') && c != at && (!quoted || c > at))
            return "it has a second @ or a space";
    return NULL;
}

static void judge_name(struct cp_san_facts *out, const struct cp_general_name *name) {
    struct cp_span value = name->value;
    if (name->kind != CP_GN_DNS && name->kind != CP_GN_URI && name->kind != CP_GN_EMAIL)
        return;
    if (value.len == 0 || (name->kind == CP_GN_DNS && value.len == 1 && value.data[0] == ' ')) {
        note(out, CP_SAN_EMPTY, value,
             name->kind == CP_GN_DNS   ? "dNSName"
             : name->kind == CP_GN_URI ? "uniformResourceIdentifier"
                                       : "rfc822Name");
        return;
    }
    if (!cp_profile_is_ia5(value)) {
        note(out, CP_SAN_IA5, value, NULL);
        return;
    }
    const char *defect = name->kind == CP_GN_URI     ? cp_profile_uri_defect(value)
                         : name->kind == CP_GN_EMAIL ? mail_defect(value)
                                                     : NULL;
    if (defect != NULL)
        note(out, name->kind == CP_GN_URI ? CP_SAN_URI : CP_SAN_MAIL, value, defect);
}

void cp_profile_scan_san(struct cp_san_facts *out, const struct cp_cert *cert) {
    struct cp_span names = cert->subject_alt_names;
    struct cp_general_name name;
    out->defects = 0;
    while (cp_general_name_next(&names, &name))
        judge_name(out, &name);
}

bool cp_profile_san_not_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return p->cert->subject_empty && !cp_cert_is_critical(p->cert, CP_EXT_SUBJECT_ALT_NAME) &&
           cp_profile_say(why, "its subject is empty and its subjectAltName is not critical");
}

bool cp_profile_san_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return !p->cert->subject_empty && cp_cert_is_critical(p->cert, CP_EXT_SUBJECT_ALT_NAME) &&
           cp_profile_say(why, "it has a subject and its subjectAltName is critical");
}

bool cp_profile_san_empty_name(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return (p->san.defects >> CP_SAN_EMPTY & 1) != 0 &&
           cp_profile_say(why, "its subjectAltName has an empty %s", p->san.why[CP_SAN_EMPTY]);
}

bool cp_profile_san_not_ia5(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    char text[CP_PROFILE_TEXT];
    if ((p->san.defects >> CP_SAN_IA5 & 1) == 0)
        return false;
    cp_profile_text(text, p->san.at[CP_SAN_IA5]);
    return cp_profile_say(why, "its subjectAltName has the name '%s', which is not ASCII", text);
}

static bool say_name(const struct cp_profile_cert *p, enum cp_san_defect defect, char *why,
                     const char *kind) {
    char text[CP_PROFILE_TEXT];
    if ((p->san.defects >> defect & 1) == 0)
        return false;
    cp_profile_text(text, p->san.at[defect]);
    return cp_profile_say(why, "its subjectAltName has the %s '%s': %s", kind, text,
                          p->san.why[defect]);
}

bool cp_profile_san_uri(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_name(p, CP_SAN_URI, why, "URI");
}

bool cp_profile_san_mail(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return say_name(p, CP_SAN_MAIL, why, "mail address");
}

bool cp_profile_ian_malformed(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct cp_der_reader names;
    return !(cp_profile_sequence(&names, p->cert->values[CP_EXT_ISSUER_ALT_NAME]) &&
             cp_profile_general_names(names)) &&
           cp_profile_say(why, "its issuerAltName is not a list of one name or more");
}

bool cp_profile_ian_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return cp_cert_is_critical(p->cert, CP_EXT_ISSUER_ALT_NAME) &&
           cp_profile_say(why, "its issuerAltName is critical");
}
