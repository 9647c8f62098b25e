#include "name_constraints.h"

#include <string.h>

static uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static bool text_equal(struct cp_span a, struct cp_span b) {
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

/* name is base, or ends in "." base. */
static bool is_under(struct cp_span name, struct cp_span base) {
    if (base.len == 0)
        return true;
    if (name.len < base.len)
        return false;
    size_t extra = name.len - base.len;
    struct cp_span tail = {name.data + extra, base.len};
    return text_equal(tail, base) && (extra == 0 || name.data[extra - 1] == '.');
}

/* Letters, digits, hyphens, underscores and single dots between; an underscore is a matter for the
 * profile, not for the comparison. */
static bool is_dns(struct cp_span s) {
    uint8_t before = '.';
    for (size_t i = 0; i < s.len; i++) {
        uint8_t c = lower(s.data[i]);
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!word && !(c == '.' && before != '.'))
            return false;
        before = c;
    }
    return s.len != 0 && before != '.';
}

static struct cp_span skip(struct cp_span s, size_t len) {
    return (struct cp_span){s.data + len, s.len - len};
}

static bool has_wildcard(struct cp_span name) {
    return name.len > 2 && name.data[0] == '*' && name.data[1] == '.';
}

static bool dns_matches(struct cp_span name, struct cp_span base, bool excluded) {
    if (base.len != 0 && base.data[0] == '.') {
        base = skip(base, 1);
        return has_wildcard(name) ? is_under(skip(name, 2), base)
                                  : name.len > base.len && is_under(name, base);
    }
    if (!has_wildcard(name))
        return is_under(name, base);
    struct cp_span parent = skip(name, 2);
    if (is_under(parent, base))
        return true;
    /* "*.a" stands for every "x.a": an exclusion of one of them is met (CVE-2025-61727). */
    const uint8_t *dot = base.len == 0 ? NULL : memchr(base.data, '.', base.len);
    return excluded && dot != NULL && text_equal(skip(base, (size_t)(dot - base.data) + 1), parent);
}

static bool ip_matches(struct cp_span ip, struct cp_span base) {
    if (base.len != ip.len * 2)
        return false;
    for (size_t i = 0; i < ip.len; i++)
        if (((ip.data[i] ^ base.data[i]) & base.data[ip.len + i]) != 0)
            return false;
    return true;
}

/* A mask is a run of ones, then zeros (RFC 4632). */
static bool is_ip_base(struct cp_span base) {
    bool zeros = false;
    if (base.len != 8 && base.len != 32)
        return false;
    for (size_t i = base.len / 2 * 8; i < base.len * 8; i++) {
        bool bit = (base.data[i / 8] >> (7 - i % 8) & 1) != 0;
        if (bit && zeros)
            return false;
        zeros |= !bit;
    }
    return true;
}

/* Host that equals base, or lies under it where base starts with a dot. */
static bool host_matches(struct cp_span host, struct cp_span base) {
    if (base.len != 0 && base.data[0] == '.')
        return host.len > base.len && is_under(host, skip(base, 1));
    return text_equal(host, base);
}

/* Splits at the last "@"; false if there is none. */
static bool email_split(struct cp_span mail, struct cp_span *local, struct cp_span *host) {
    for (size_t i = mail.len; i > 0; i--) {
        if (mail.data[i - 1] == '@') {
            *local = (struct cp_span){mail.data, i - 1};
            *host = skip(mail, i);
            return true;
        }
    }
    return false;
}

/* Local-part, RFC 5321 4.1.2: "@" only in a quoted one. */
static bool is_local_part(struct cp_span local) {
    bool quoted = local.len > 2 && local.data[0] == '"' && local.data[local.len - 1] == '"';
    return local.len != 0 && (quoted || memchr(local.data, '@', local.len) == NULL);
}

static bool email_matches(struct cp_span mail, struct cp_span base) {
    struct cp_span local, host, base_local, base_host;
    if (!email_split(mail, &local, &host))
        return false;
    if (email_split(base, &base_local, &base_host))
        return cp_span_equal(local, base_local) && text_equal(host, base_host);
    return host_matches(host, base);
}

/* Host of "scheme://[user@]host[:port]/..." (RFC 3986 3.2). */
static bool uri_host(struct cp_span uri, struct cp_span *host) {
    size_t start = 0;
    while (start + 2 < uri.len && memcmp(uri.data + start, "://", 3) != 0)
        start++;
    if (start + 2 >= uri.len)
        return false;
    size_t end = start += 3;
    while (end < uri.len && uri.data[end] != '/' && uri.data[end] != '?' && uri.data[end] != '#')
        end++;
    for (size_t i = start; i < end; i++)
        if (uri.data[i] == '@')
            start = i + 1;
    for (size_t i = start; i < end; i++)
        if (uri.data[i] == ':')
            end = i;
    *host = (struct cp_span){uri.data + start, end - start};
    return is_dns(*host);
}

static bool is_good_base(enum cp_general_name_kind kind, struct cp_span base, bool dots) {
    struct cp_span local, host;
    switch (kind) {
    case CP_GN_DNS:
        if (dots && base.len > 1 && base.data[0] == '.') /* alone, it would be every name */
            base = skip(base, 1);
        return base.len == 0 || is_dns(base);
    case CP_GN_IP:
        return is_ip_base(base);
    case CP_GN_EMAIL:
        if (email_split(base, &local, &host))
            return is_local_part(local) && is_dns(host);
        /* fall through */
    case CP_GN_URI:
        return base.len != 0 && is_dns(base.data[0] == '.' ? skip(base, 1) : base);
    default:
        return true;
    }
}

/* A name, with what is worked out once for all constraints that it meets. */
struct subject_name {
    struct cp_general_name name;
    struct cp_span host; /* of a URI */
    bool good;
};

/* Longer ones are no names: RFC 1035 2.3.4, RFC 5321 4.5.3.1, and what clients take as a URI. */
#define MAX_DNS 253
#define MAX_EMAIL 320
#define MAX_URI 2048

static struct subject_name examine(const struct cp_general_name *name) {
    struct subject_name out = {.name = *name, .good = true};
    struct cp_span local, value = name->value;
    switch (name->kind) {
    case CP_GN_DNS:
        out.good = value.len <= MAX_DNS && is_dns(has_wildcard(value) ? skip(value, 2) : value);
        break;
    case CP_GN_EMAIL:
        out.good = value.len <= MAX_EMAIL && email_split(value, &local, &out.host) &&
                   is_local_part(local) && is_dns(out.host);
        break;
    case CP_GN_URI:
        out.good = value.len <= MAX_URI && uri_host(value, &out.host);
        break;
    default:
        break;
    }
    return out;
}

static bool is_supported(enum cp_general_name_kind kind) {
    return kind == CP_GN_DNS || kind == CP_GN_IP || kind == CP_GN_EMAIL || kind == CP_GN_URI ||
           kind == CP_GN_DIRECTORY;
}

static bool matches(const struct subject_name *subject, struct cp_span base, bool excluded) {
    struct cp_span value = subject->name.value;
    switch (subject->name.kind) {
    case CP_GN_DNS:
        return dns_matches(value, base, excluded);
    case CP_GN_IP:
        return ip_matches(value, base);
    case CP_GN_EMAIL:
        return email_matches(value, base);
    case CP_GN_URI:
        return host_matches(subject->host, base);
    case CP_GN_DIRECTORY:
        return cp_name_is_within(value, base);
    default:
        return false;
    }
}

/* GeneralSubtree: base, minimum 0 (a DEFAULT, so not written) and no maximum. */
static bool next_subtree(struct cp_der_reader *in, bool dots, struct cp_general_name *base) {
    struct cp_der_reader subtree;
    struct cp_der name;
    if (cp_der_enter(in, &subtree, CP_DER_SEQUENCE, "GeneralSubtree", NULL) != CP_OK ||
        cp_der_any(&subtree, &name, "base", NULL) != CP_OK || !cp_der_at_end(&subtree) ||
        (name.tag & 0xc0) != 0x80 || (name.tag & 0x1f) > CP_GN_REGISTERED_ID)
        return false;
    base->kind = (enum cp_general_name_kind)(name.tag & 0x1f);
    base->value = name.content;
    return is_good_base(base->kind, base->value, dots);
}

/* One name against one list of subtrees. */
static enum cp_constraint_result check_list(struct cp_der_reader subtrees, bool excluded, bool dots,
                                            const struct subject_name *subject, size_t *work) {
    /* A comparison reads the name at most once: the price is by its length. */
    size_t price = 1 + subject->name.value.len / 64;
    struct cp_general_name base;
    bool any = false, met = false;
    while (!cp_der_at_end(&subtrees)) {
        if (*work < price)
            return CP_CONSTRAINT_TOO_MUCH;
        *work -= price;
        if (!next_subtree(&subtrees, dots, &base))
            return CP_CONSTRAINT_MALFORMED;
        if (base.kind != subject->name.kind)
            continue;
        if (!is_supported(base.kind))
            return CP_CONSTRAINT_UNSUPPORTED;
        if (!subject->good)
            return CP_CONSTRAINT_BAD_NAME;
        any = true;
        met |= matches(subject, base.value, excluded);
    }
    if (excluded)
        return met ? CP_CONSTRAINT_EXCLUDED : CP_CONSTRAINT_OK;
    return any && !met ? CP_CONSTRAINT_NOT_PERMITTED : CP_CONSTRAINT_OK;
}

struct subtrees {
    struct cp_der_reader list[2]; /* permitted, excluded */
    bool present[2];
    bool dots; /* a dNSName may begin with one */
};

static bool read_extension(const struct cp_cert *ca, struct subtrees *out) {
    struct cp_der_reader in, sequence;
    cp_der_reader_init(&in, ca->values[CP_EXT_NAME_CONSTRAINTS]);
    if (cp_der_enter(&in, &sequence, CP_DER_SEQUENCE, "NameConstraints", NULL) != CP_OK ||
        !cp_der_at_end(&in))
        return false;
    for (uint8_t i = 0; i < 2; i++) {
        out->present[i] = cp_der_peek(&sequence, CP_DER_CONTEXT_CONSTRUCTED(i));
        if (out->present[i] &&
            (cp_der_enter(&sequence, &out->list[i], CP_DER_CONTEXT_CONSTRUCTED(i), "subtrees",
                          NULL) != CP_OK ||
             cp_der_at_end(&out->list[i])))
            return false;
    }
    return cp_der_at_end(&sequence) && (out->present[0] || out->present[1]);
}

static enum cp_constraint_result check_name(const struct subtrees *subtrees,
                                            const struct cp_general_name *name, size_t *work,
                                            struct cp_general_name *bad) {
    const struct subject_name subject = examine(name);
    for (int i = 0; i < 2; i++) {
        if (!subtrees->present[i])
            continue;
        enum cp_constraint_result result =
            check_list(subtrees->list[i], i == 1, subtrees->dots, &subject, work);
        if (result != CP_CONSTRAINT_OK) {
            *bad = *name;
            return result;
        }
    }
    return CP_CONSTRAINT_OK;
}

/* emailAddress attributes of the subject, PKCS#9: constrained as rfc822Names where the certificate
 * has no subjectAltName. */
static enum cp_constraint_result check_dn_emails(const struct subtrees *subtrees,
                                                 const struct cp_cert *subject, size_t *work,
                                                 struct cp_general_name *bad) {
    static const uint8_t oid[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1};
    struct cp_der_reader outer, rdns, set, attribute;
    struct cp_der type, value;
    cp_der_reader_init(&outer, subject->subject);
    if (cp_der_enter(&outer, &rdns, CP_DER_SEQUENCE, "Name", NULL) != CP_OK)
        return CP_CONSTRAINT_MALFORMED;
    while (!cp_der_at_end(&rdns) && cp_der_enter(&rdns, &set, CP_DER_SET, "RDN", NULL) == CP_OK) {
        while (!cp_der_at_end(&set) &&
               cp_der_enter(&set, &attribute, CP_DER_SEQUENCE, "attribute", NULL) == CP_OK &&
               cp_der_any(&attribute, &type, "type", NULL) == CP_OK &&
               cp_der_any(&attribute, &value, "value", NULL) == CP_OK) {
            if (!cp_span_equal(type.content, (struct cp_span){oid, sizeof(oid)}))
                continue;
            struct cp_general_name name = {.kind = CP_GN_EMAIL, .value = value.content};
            enum cp_constraint_result result = check_name(subtrees, &name, work, bad);
            if (result != CP_CONSTRAINT_OK)
                return result;
        }
    }
    return CP_CONSTRAINT_OK;
}

enum cp_constraint_result cp_name_constraints_check(const struct cp_cert *ca,
                                                    const struct cp_cert *subject, bool dots,
                                                    size_t *work, struct cp_general_name *bad) {
    struct subtrees subtrees = {.dots = dots};
    struct cp_general_name name = {.kind = CP_GN_DIRECTORY};
    *bad = name;
    if (!read_extension(ca, &subtrees))
        return CP_CONSTRAINT_MALFORMED;
    if (!subject->subject_empty) {
        name.value = subject->subject;
        enum cp_constraint_result result = check_name(&subtrees, &name, work, bad);
        if (result == CP_CONSTRAINT_OK && !cp_cert_has(subject, CP_EXT_SUBJECT_ALT_NAME))
            result = check_dn_emails(&subtrees, subject, work, bad);
        if (result != CP_CONSTRAINT_OK)
            return result;
    }
    struct cp_span names = subject->subject_alt_names;
    while (cp_general_name_next(&names, &name)) {
        enum cp_constraint_result result = check_name(&subtrees, &name, work, bad);
        if (result != CP_CONSTRAINT_OK)
            return result;
    }
    return CP_CONSTRAINT_OK;
}
