#include "recipe.h"
#include "certs.h"
#include "containers.h"
#include "keyforms.h"
#include "keys.h"
#include "status.h"
#include "weak.h"

#include <string.h>

/* ---- other bytes ----------------------------------------------------------------------------- */

static void raw_nothing(struct tc_bytes *out) {
    (void)out;
}

static void raw_text(struct tc_bytes *out) {
    tc_puts(out, "The certificate was sent in another mail.\nRegards, the operations team\n");
}

static void raw_comment(struct tc_bytes *out) {
    tc_puts(out, "# shop.acme.example, ordered by the web team\n\n");
}

static void raw_zeros(struct tc_bytes *out) {
    static const uint8_t zeros[4096];
    tc_put(out, zeros, sizeof zeros);
}

/* Looks random, is the same each time. */
static void raw_binary(struct tc_bytes *out) {
    uint8_t block[32] = {0};
    for (int i = 0; i < 64; i++) {
        tc_sha256(block, block, sizeof block);
        tc_put(out, block, sizeof block);
    }
}

static void raw_empty_block(struct tc_bytes *out) {
    tc_puts(out, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
}

static void raw_not_der(struct tc_bytes *out) {
    struct tc_bytes text = {0};
    tc_puts(&text, "this is no certificate, but it is good base64");
    tc_pem(out, "CERTIFICATE", NULL, &text);
    tc_clear(&text);
}

static void raw_passphrase(struct tc_bytes *out) {
    tc_puts(out, TC_PASSPHRASE "\n");
}

static void raw_wrong_passphrase(struct tc_bytes *out) {
    tc_puts(out, "wrong " TC_PASSPHRASE "\n");
}

/* RFC 9580 6: armour is not PEM, but looks like it. */
static void raw_pgp_armour(struct tc_bytes *out) {
    tc_puts(out, "-----BEGIN PGP PRIVATE KEY BLOCK-----\nComment: not a key, only its form\n\n"
                 "lFgEacAAABYJKwYBBAHaRw8BAQdA\n=njUN\n-----END PGP PRIVATE KEY BLOCK-----\n");
}

static const struct {
    const char *word, *text;
    void (*put)(struct tc_bytes *out);
} raws[] = {
    {"nothing", "nothing", raw_nothing},
    {"text", "text", raw_text},
    {"comment", "comment lines", raw_comment},
    {"zeros", "4096 zero octets", raw_zeros},
    {"binary", "2048 octets that look random", raw_binary},
    {"empty-block", "a CERTIFICATE block without a line", raw_empty_block},
    {"not-der", "a CERTIFICATE block with text in base64", raw_not_der},
    {"passphrase", "the pass phrase of every encrypted key here", raw_passphrase},
    {"wrong-passphrase", "another pass phrase", raw_wrong_passphrase},
    {"pgp-armour", "an armoured PGP key", raw_pgp_armour},
    {"pgp", "a PGP public key packet", tc_make_pgp},
    {"jks", "a Java keystore without entries", tc_make_jks},
    {"jceks", "a JCEKS keystore without entries", tc_make_jceks},
    {"zip", "a ZIP archive of three files", tc_make_zip},
    {"gzip", "`ec-leaf` in DER, compressed", tc_make_gzip},
    {"crl", "a revocation list in DER", tc_make_crl},
    {"blocklist", "a blocklist of the keys `ec-foreign` and `rsa-foreign`", tc_put_blocklist},
    {"blocklist-unsorted", "the same, out of order", tc_put_blocklist_unsorted},
    {"blocklist-names", "the name of its list 1", tc_put_blocklist_names},
};

/* ---- tokens ---------------------------------------------------------------------------------- */

static void put_cert(struct tc_bytes *out, const char *name) {
    struct tc_bytes der = {0};
    tc_cert_issue(&der, tc_cert_row_get(name));
    tc_pem(out, "CERTIFICATE", NULL, &der);
    tc_clear(&der);
}

static void put_x509(struct tc_bytes *out, const char *name) {
    struct tc_bytes der = {0};
    tc_cert_issue(&der, tc_cert_row_get(name));
    tc_pem(out, "X509 CERTIFICATE", NULL, &der);
    tc_clear(&der);
}

static void put_der(struct tc_bytes *out, const char *name) {
    tc_cert_issue(out, tc_cert_row_get(name));
}

static void put_p7(struct tc_bytes *out, const char *certs) {
    tc_make_pkcs7(out, certs, 0);
}

static void put_p7ber(struct tc_bytes *out, const char *certs) {
    tc_make_pkcs7(out, certs, 1);
}

static void put_p7_block(struct tc_bytes *out, const char *label, const char *certs) {
    struct tc_bytes der = {0};
    tc_make_pkcs7(&der, certs, 0);
    tc_pem(out, label, NULL, &der);
    tc_clear(&der);
}

static void put_p7pem(struct tc_bytes *out, const char *certs) {
    put_p7_block(out, "PKCS7", certs);
}

static void put_cms(struct tc_bytes *out, const char *certs) {
    put_p7_block(out, "CMS", certs);
}

static void put_p12(struct tc_bytes *out, const char *text) {
    tc_make_pkcs12(out, text);
}

static void put_csrder(struct tc_bytes *out, const char *name) {
    tc_csr_make(out, tc_cert_row_get(name));
}

static void put_csr(struct tc_bytes *out, const char *name) {
    struct tc_bytes der = {0};
    tc_csr_make(&der, tc_cert_row_get(name));
    tc_pem(out, "CERTIFICATE REQUEST", NULL, &der);
    tc_clear(&der);
}

static void put_bag(struct tc_bytes *out, const char *name) {
    const struct tc_cert_row *row = tc_cert_row_get(name);
    tc_printf(out, "Bag Attributes\n    friendlyName: %s\n    localKeyID: 01 02 03 04 \n", name);
    tc_printf(out, "subject=%s\n\n", row->subject);
    tc_printf(out, "issuer=%s\n\n",
              row->issuer == NULL ? "" : tc_cert_row_get(row->issuer)->subject);
}

struct key_token {
    char key[64];
    char form[32];
    int dek;
};

static struct key_token split_key(const char *text) {
    struct key_token token = {.dek = 0};
    const char *slash = strchr(text, '/');
    const char *plus = strchr(text, '+');
    if (slash == NULL || (size_t)(slash - text) >= sizeof token.key) {
        tc_die("key token not understood: %s", text);
    }
    memcpy(token.key, text, (size_t)(slash - text));
    size_t len = plus != NULL ? (size_t)(plus - slash - 1) : strlen(slash + 1);
    if (len >= sizeof token.form || (plus != NULL && strcmp(plus, "+dek") != 0)) {
        tc_die("key token not understood: %s", text);
    }
    memcpy(token.form, slash + 1, len);
    token.dek = plus != NULL;
    return token;
}

static void put_key(struct tc_bytes *out, const char *text) {
    struct key_token token = split_key(text);
    const struct tc_key_form *form = tc_key_form_get(token.form);
    if (token.dek) {
        tc_put_dek_pem(out, form, token.key);
        return;
    }
    struct tc_bytes der = {0};
    form->make(&der, token.key, form->other);
    tc_pem(out, form->label, NULL, &der);
    tc_clear(&der);
}

static void put_keyder(struct tc_bytes *out, const char *text) {
    struct key_token token = split_key(text);
    const struct tc_key_form *form = tc_key_form_get(token.form);
    form->make(out, token.key, form->other);
}

static void put_crl(struct tc_bytes *out, const char *name) {
    struct tc_bytes der = {0};
    tc_make_status_crl(&der, name);
    tc_pem(out, "X509 CRL", NULL, &der);
    tc_clear(&der);
}

static void put_raw(struct tc_bytes *out, const char *word) {
    for (size_t i = 0; i < sizeof raws / sizeof raws[0]; i++) {
        if (strcmp(raws[i].word, word) == 0) {
            raws[i].put(out);
            return;
        }
    }
    tc_die("no such raw part: %s", word);
}

static const struct {
    const char *prefix;
    void (*put)(struct tc_bytes *out, const char *rest);
    const char *text; /* %s is the rest */
} tokens[] = {
    {"cert:", put_cert, "`%s`"},
    {"x509:", put_x509, "`%s` labelled X509 CERTIFICATE"},
    {"der:", put_der, "`%s` as bare DER"},
    {"csr:", put_csr, "request for `%s`"},
    {"csrder:", put_csrder, "request for `%s` as bare DER"},
    {"p7:", put_p7, "PKCS#7 of `%s`"},
    {"p7ber:", put_p7ber, "PKCS#7 of `%s` in BER"},
    {"p7pem:", put_p7pem, "PKCS#7 of `%s` as a PEM block"},
    {"cms:", put_cms, "PKCS#7 of `%s` as a PEM block labelled CMS"},
    {"p12:", put_p12, "PKCS#12 `%s`"},
    {"keyder:", put_keyder, NULL},
    {"bag:", put_bag, "bag attributes"},
    {"key:", put_key, NULL},
    {"crl:", put_crl, "revocation list `%s`"},
    {"crlder:", tc_make_status_crl, "revocation list `%s` in DER"},
    {"ocsp:", tc_make_ocsp, "OCSP response `%s`"},
    {"ctlogs:", tc_make_log_list, "log_list.json of the logs that SCTs here are from"},
    {"raw:", put_raw, NULL},
};

#define NUM_TOKENS (sizeof tokens / sizeof tokens[0])

/* Copies the next token to token; false at the end. */
static int next_token(const char **recipe, char token[128], size_t *kind, const char **rest) {
    const char *at = *recipe;
    size_t len = strcspn(at, " ");
    if (len == 0) {
        return 0;
    }
    if (len >= 128) {
        tc_die("token too long: %s", at);
    }
    memcpy(token, at, len);
    token[len] = '\0';
    *recipe = at + len + (at[len] == ' ');
    for (*kind = 0; *kind < NUM_TOKENS; (*kind)++) {
        size_t prefix_len = strlen(tokens[*kind].prefix);
        if (strncmp(token, tokens[*kind].prefix, prefix_len) == 0) {
            *rest = token + prefix_len;
            return 1;
        }
    }
    tc_die("token not understood: %s", token);
}

void tc_recipe_make(struct tc_bytes *out, const char *recipe) {
    char token[128];
    size_t kind = 0;
    const char *rest = NULL;
    while (next_token(&recipe, token, &kind, &rest)) {
        tokens[kind].put(out, rest);
    }
}

static void describe_key(struct tc_bytes *out, const char *text) {
    struct key_token token = split_key(text);
    tc_printf(out, "key `%s` (%s%s)", token.key, tc_key_form_get(token.form)->text,
              token.dek ? ", encrypted, DEK-Info" : "");
}

static void describe_raw(struct tc_bytes *out, const char *word) {
    for (size_t i = 0; i < sizeof raws / sizeof raws[0]; i++) {
        if (strcmp(raws[i].word, word) == 0) {
            tc_puts(out, raws[i].text);
        }
    }
}

void tc_recipe_describe(struct tc_bytes *out, const char *recipe) {
    char token[128];
    size_t kind = 0;
    const char *rest = NULL;
    for (int first = 1; next_token(&recipe, token, &kind, &rest); first = 0) {
        tc_puts(out, first ? "" : ", ");
        const char *text = tokens[kind].text;
        if (text != NULL) {
            const char *hole = strstr(text, "%s");
            tc_put(out, text, hole == NULL ? strlen(text) : (size_t)(hole - text));
            if (hole != NULL) {
                tc_puts(out, rest);
                tc_puts(out, hole + 2);
            }
        } else if (tokens[kind].put == put_key) {
            describe_key(out, rest);
        } else if (tokens[kind].put == put_keyder) {
            describe_key(out, rest);
            tc_puts(out, " as bare DER");
        } else {
            describe_raw(out, rest);
        }
    }
}
