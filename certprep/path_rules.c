/* The rules of RFC 5280 6.1 for one certificate at its place in a path. */
#include "name_constraints.h"
#include "path.h"

const char *cp_path_rule_text(enum cp_path_rule rule) {
    static const char *const texts[] = {
#define RULE(name, check, text) text,
#include "path_rules.def"
#undef RULE
    };
    return (unsigned)rule < CP_NUM_PATH_RULES ? texts[rule] : "";
}

/* 4.2.1.3, and what TLS needs: RFC 8446 4.4.2.2 a signature; of a server RFC 5246 7.4.2 for RSA or
 * ECDH without one encryption or agreement. */
static enum cp_path_rule check_leaf_usage(const struct cp_cert *cert, enum cp_purpose purpose) {
    const uint32_t handshake =
        purpose == CP_PURPOSE_CLIENT
            ? CP_KU_DIGITAL_SIGNATURE
            : CP_KU_DIGITAL_SIGNATURE | CP_KU_KEY_ENCIPHERMENT | CP_KU_KEY_AGREEMENT;
    if (!cp_cert_has(cert, CP_EXT_KEY_USAGE))
        return CP_PATH_NONE;
    if ((cert->key_usage & CP_KU_KEY_CERT_SIGN) != 0 && !cert->is_ca)
        return CP_PATH_LEAF_SIGNS_CERTIFICATES;
    return (cert->key_usage & handshake) == 0 && !cert->is_ca ? CP_PATH_LEAF_KEY_USAGE
                                                              : CP_PATH_NONE;
}

enum cp_path_rule cp_path_check_cert(const struct cp_cert *cert, enum cp_path_place place,
                                     enum cp_purpose purpose) {
    bool is_client = purpose == CP_PURPOSE_CLIENT;
    const uint32_t wanted = CP_EKU_ANY | (is_client ? CP_EKU_CLIENT_AUTH : CP_EKU_SERVER_AUTH);
    if (cert->num_unknown_critical != 0 || (cert->critical & ~CP_PROCESSED_EXTENSIONS) != 0)
        return CP_PATH_CRITICAL_EXTENSION;
    if (cp_cert_has(cert, CP_EXT_EXTENDED_KEY_USAGE) && (cert->extended_key_usage & wanted) == 0)
        return is_client ? CP_PATH_PURPOSE_CLIENT : CP_PATH_PURPOSE;
    if (place == CP_PATH_LEAF)
        return check_leaf_usage(cert, purpose);
    /* 6.1.4 (k): basicConstraints says so; an older version can't, so that only an anchor may be
     * one: that it is trusted as a CA has been established by other means. */
    if (!cert->is_ca && (cert->version == 3 || place != CP_PATH_ANCHOR))
        return CP_PATH_NOT_CA;
    if (cp_cert_has(cert, CP_EXT_KEY_USAGE) && (cert->key_usage & CP_KU_KEY_CERT_SIGN) == 0)
        return CP_PATH_NO_CERT_SIGN;
    return CP_PATH_NONE;
}

static enum cp_path_rule rule_of(enum cp_constraint_result result) {
    switch (result) {
    case CP_CONSTRAINT_OK:
        return CP_PATH_NONE;
    case CP_CONSTRAINT_NOT_PERMITTED:
        return CP_PATH_NOT_PERMITTED;
    case CP_CONSTRAINT_EXCLUDED:
        return CP_PATH_EXCLUDED;
    case CP_CONSTRAINT_UNSUPPORTED:
        return CP_PATH_CONSTRAINT_UNSUPPORTED;
    case CP_CONSTRAINT_BAD_NAME:
        return CP_PATH_CONSTRAINT_BAD_NAME;
    case CP_CONSTRAINT_MALFORMED:
        return CP_PATH_CONSTRAINT_MALFORMED;
    case CP_CONSTRAINT_TOO_MUCH:
        break;
    }
    return CP_PATH_SEARCH_BOUND;
}

enum cp_path_rule cp_path_check_above(const struct cp_cert *issuer, const struct cp_path *below,
                                      bool dots, size_t *work, struct cp_general_name *bad_name) {
    int depth = 0; /* 6.1.4 (l): intermediates that are not self-issued */
    for (size_t i = 1; i < below->num_certs; i++)
        depth += !cp_cert_is_self_issued(below->certs[i]);
    if (issuer->path_len >= 0 && depth > issuer->path_len)
        return CP_PATH_PATH_LENGTH;
    if (!cp_cert_has(issuer, CP_EXT_NAME_CONSTRAINTS))
        return CP_PATH_NONE;
    for (size_t i = 0; i < below->num_certs; i++) {
        if (i != 0 && cp_cert_is_self_issued(below->certs[i])) /* 6.1.3 (b) */
            continue;
        enum cp_constraint_result result =
            cp_name_constraints_check(issuer, below->certs[i], dots, work, bad_name);
        if (result != CP_CONSTRAINT_OK)
            return rule_of(result);
    }
    return CP_PATH_NONE;
}
