/* defects_profile: patches for the rows of certs_profile.c, by the row they serve. */
#ifndef TC_DEFECTS_PROFILE_H
#define TC_DEFECTS_PROFILE_H

#include "certs.h"

#define PATCHES(X)                                                                                 \
    X(add_unique_id)                                                                               \
    X(rsa_without_null)                                                                            \
    X(rsa_without_null_outside)                                                                    \
    X(ecdsa_with_null)                                                                             \
    X(ecdsa_with_null_outside)                                                                     \
    X(ed25519_with_null)                                                                           \
    X(ed25519_with_null_outside)                                                                   \
    X(pss_without_parameters)                                                                      \
    X(pss_without_parameters_outside)                                                              \
    X(pss_two_hashes)                                                                              \
    X(pss_two_hashes_outside)                                                                      \
    X(pss_short_salt)                                                                              \
    X(pss_short_salt_outside)                                                                      \
    X(rsa_key_without_null)                                                                        \
    X(ec_key_implicit_curve)                                                                       \
    X(ed25519_key_with_null)                                                                       \
    X(ec_key_hybrid)                                                                               \
    X(pad_ecdsa_signature)                                                                         \
    X(name_65_characters)                                                                          \
    X(name_64_characters)                                                                          \
    X(name_empty_attribute)                                                                        \
    X(name_country_3)                                                                              \
    X(name_country_utf8)                                                                           \
    X(name_teletex)                                                                                \
    X(name_printable)                                                                              \
    X(name_printable_all)                                                                          \
    X(name_nul)                                                                                    \
    X(name_mail_utf8)                                                                              \
    X(name_mail_ia5)                                                                               \
    X(name_serial_utf8)                                                                            \
    X(name_serial_printable)                                                                       \
    X(name_twice)                                                                                  \
    X(name_two_sets)                                                                               \
    X(name_set_order)                                                                              \
    X(name_set_ascending)                                                                          \
    X(name_constructed)                                                                            \
    X(name_oid_padded)                                                                             \
    X(name_not_utf8)                                                                               \
    X(aki_critical)                                                                                \
    X(aki_serial)                                                                                  \
    X(aki_issuer_and_serial)                                                                       \
    X(ski_critical)

#define X(name) tc_patch name;
PATCHES(X)
#undef X
#undef PATCHES

#endif
