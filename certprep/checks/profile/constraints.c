/* Name constraints: RFC 5280 4.2.1.10. */
#include "profile.h"

bool cp_profile_nc_in_leaf(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return !p->cert->is_ca && cp_profile_say(why, "it is no CA and has nameConstraints");
}

bool cp_profile_nc_not_critical(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    return !cp_cert_is_critical(p->cert, CP_EXT_NAME_CONSTRAINTS) &&
           cp_profile_say(why, "its nameConstraints are not critical");
}

struct facts {
    bool distances; /* minimum or maximum are used */
    bool dots;      /* a dNSName begins with one */
};

/* GeneralSubtree: base, then minimum and maximum. */
static bool read_subtrees(struct cp_der_reader in, struct facts *facts) {
    struct cp_der_reader tree;
    struct cp_der base, distance;
    if (cp_der_at_end(&in))
        return false;
    while (!cp_der_at_end(&in)) {
        if (cp_der_enter(&in, &tree, CP_DER_SEQUENCE, "GeneralSubtree", NULL) != CP_OK ||
            cp_der_any(&tree, &base, "base", NULL) != CP_OK || (base.tag & 0xc0) != 0x80 ||
            (base.tag & 0x1f) > CP_GN_REGISTERED_ID)
            return false;
        facts->dots |= base.tag == CP_DER_CONTEXT(CP_GN_DNS) && base.content.len != 0 &&
                       base.content.data[0] == '.';
        for (uint8_t n = 0; n < 2; n++) {
            if (!cp_der_peek(&tree, CP_DER_CONTEXT(n)))
                continue;
            if (cp_der_any(&tree, &distance, "distance", NULL) != CP_OK)
                return false;
            bool is_default = n == 0 && distance.content.len == 1 && distance.content.data[0] == 0;
            facts->distances |= !is_default;
        }
        if (!cp_der_at_end(&tree))
            return false;
    }
    return true;
}

static bool read_constraints(const struct cp_cert *cert, struct facts *facts) {
    struct cp_der_reader in, trees;
    *facts = (struct facts){.distances = false};
    if (!cp_profile_sequence(&in, cert->values[CP_EXT_NAME_CONSTRAINTS]))
        return false;
    for (uint8_t n = 0; n < 2; n++)
        if (cp_der_peek(&in, CP_DER_CONTEXT_CONSTRUCTED(n)) &&
            (cp_der_enter(&in, &trees, CP_DER_CONTEXT_CONSTRUCTED(n), "subtrees", NULL) != CP_OK ||
             !read_subtrees(trees, facts)))
            return false;
    return cp_der_at_end(&in);
}

bool cp_profile_nc_malformed(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct facts facts;
    if (!read_constraints(p->cert, &facts))
        return cp_profile_say(why, "its nameConstraints are empty or malformed");
    return facts.dots &&
           cp_profile_say(why, "its nameConstraints have a dNSName that begins with a dot, which "
                               "strict clients take for malformed");
}

bool cp_profile_nc_distance(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {
    struct facts facts;
    return read_constraints(p->cert, &facts) && facts.distances &&
           cp_profile_say(why, "its nameConstraints have a minimum that is not 0, or a maximum");
}
