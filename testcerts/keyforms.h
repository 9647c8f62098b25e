/* keyforms: private keys in every form that the files need, right and wrong. */
#ifndef TC_KEYFORMS_H
#define TC_KEYFORMS_H

#include "bytes.h"

#define TC_PASSPHRASE "correct horse battery staple"

typedef void tc_make_key(struct tc_bytes *out, const char *key, const char *other);

struct tc_key_form {
    const char *name;
    const char *label; /* PEM */
    const char *text;  /* for the README */
    tc_make_key *make; /* appends the DER */
    const char *other; /* the key that the form takes a part of, or NULL */
};

const struct tc_key_form *tc_key_form_get(const char *name);

/* PKCS#8 with inner as the privateKey octets and the key's own AlgorithmIdentifier. */
void tc_put_pkcs8(struct tc_bytes *out, const char *key, const struct tc_bytes *inner);

tc_make_key tc_make_pkcs8, tc_make_parameters;
tc_make_key tc_make_pkcs1, tc_make_rsa_bad_dp, tc_make_rsa_bad_dq, tc_make_rsa_bad_qinv,
    tc_make_rsa_bad_d, tc_make_rsa_bad_n; /* key_rsa.c */
tc_make_key tc_make_sec1, tc_make_sec1_no_curve, tc_make_ec_no_public, tc_make_ec_bad_scalar,
    tc_make_ec_bad_public, tc_make_ec_zero, tc_make_ec_order, tc_make_ec_above_order,
    tc_make_ec_short, tc_make_edwards_v2, tc_make_edwards_v2_bad; /* key_ec.c */
tc_make_key tc_make_pkcs8_explicit, tc_make_sec1_explicit, tc_make_explicit_generator,
    tc_make_explicit_compressed, tc_make_explicit_secp256k1; /* key_explicit.c */

/* Traditional encryption, RFC 1421 4.6.1.1 with OpenSSL's key derivation: appends a whole PEM block
 * of the form's DER. */
void tc_put_dek_pem(struct tc_bytes *out, const struct tc_key_form *form, const char *key);

#endif
