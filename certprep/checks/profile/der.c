/* The encoding: X.690 8, 10, 11. What cp_cert_parse lets pass, since it does not look there. */
#include "profile.h"

#define X(name, function, text)                                                                    \
    bool cp_profile_der_##function(const struct cp_profile_cert *p, char why[CP_PROFILE_WHY]) {    \
        return (p->der.defects >> CP_DER_DEFECT_##name & 1) != 0 &&                                \
               cp_profile_say(why, "offset %zu: %s", p->der.offset[CP_DER_DEFECT_##name],          \
                              cp_der_defect_text(CP_DER_DEFECT_##name));                           \
    }
CP_DER_DEFECTS(X)
#undef X
