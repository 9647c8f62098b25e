#include "issue.h"
#include "chains.h"

#include <openssl/conf.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NUM_KEYS 10

static EVP_PKEY *keys[NUM_KEYS];
static CONF *config; /* empty: some extensions ask for one */

bool chains_open(void) {
    if ((config = NCONF_new(NULL)) == NULL)
        return false;
    for (size_t i = 0; i < NUM_KEYS; i++)
        if ((keys[i] = EVP_EC_gen("P-256")) == NULL)
            return false;
    return true;
}

void chains_close(void) {
    for (size_t i = 0; i < NUM_KEYS; i++)
        EVP_PKEY_free(keys[i]);
    NCONF_free(config);
}

static bool set_name(X509_NAME *name, unsigned number, bool no_common_name) {
    char text[32];
    if (number == 9)
        snprintf(text, sizeof(text), "leaf.a.example");
    else
        snprintf(text, sizeof(text), "certprep differential CA %u", number);
    if (X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)"certprep", -1,
                                   -1, 0) != 1)
        return false;
    return no_common_name ||
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1,
                                      -1, 0) == 1;
}

static bool add(X509 *cert, X509_EXTENSION *extension) {
    bool done = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool add_text(X509 *cert, int nid, const char *value, bool critical) {
    char text[256];
    X509V3_CTX context;
    if (value == NULL)
        return true;
    X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
    X509V3_set_nconf(&context, config);
    snprintf(text, sizeof(text), "%s%s", critical ? "critical," : "", value);
    return add(cert, X509V3_EXT_conf_nid(NULL, &context, nid, text));
}

static bool add_octets(X509 *cert, const char *oid, bool critical, const uint8_t *data, int len) {
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    bool done = object != NULL && octets != NULL && ASN1_OCTET_STRING_set(octets, data, len) == 1 &&
                add(cert, X509_EXTENSION_create_by_OBJ(NULL, object, critical ? 1 : 0, octets));
    ASN1_OBJECT_free(object);
    ASN1_OCTET_STRING_free(octets);
    return done;
}

/* The number of a key is its identifier. */
static bool add_key_ids(X509 *cert, const struct spec *s) {
    const uint8_t own[] = {0x04, 2, 1, (uint8_t)s->key};
    const uint8_t issuers[] = {
        0x30, 4, 0x80, 2, s->aki == AKI_WRONG ? 2 : 1, (uint8_t)s->issuer_key};
    return (!s->ski || add_octets(cert, "2.5.29.14", false, own, sizeof(own))) &&
           (s->aki == AKI_NONE || add_octets(cert, "2.5.29.35", false, issuers, sizeof(issuers)));
}

static GENERAL_NAME *name_of(const struct subtree *tree) {
    if (tree->type != GEN_DIRNAME)
        return a2i_GENERAL_NAME(NULL, NULL, NULL, tree->type, tree->value, 1);
    GENERAL_NAME *out = GENERAL_NAME_new();
    X509_NAME *name = X509_NAME_new();
    if (out == NULL || name == NULL ||
        X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)tree->value, -1,
                                   -1, 0) != 1)
        return NULL;
    GENERAL_NAME_set0_value(out, GEN_DIRNAME, name);
    return out;
}

static bool add_name_constraints(X509 *cert, const struct spec *s) {
    if (s->num_subtrees == 0)
        return true;
    NAME_CONSTRAINTS *constraints = NAME_CONSTRAINTS_new();
    bool done = constraints != NULL;
    for (size_t i = 0; done && i < s->num_subtrees; i++) {
        STACK_OF(GENERAL_SUBTREE) **list = s->subtrees[i].excluded
                                               ? &constraints->excludedSubtrees
                                               : &constraints->permittedSubtrees;
        GENERAL_SUBTREE *tree = GENERAL_SUBTREE_new();
        if (*list == NULL)
            *list = sk_GENERAL_SUBTREE_new_null();
        if (tree == NULL || *list == NULL)
            return false;
        GENERAL_NAME_free(tree->base);
        tree->base = name_of(&s->subtrees[i]);
        done = tree->base != NULL && sk_GENERAL_SUBTREE_push(*list, tree) > 0;
    }
    done = done && add(cert, X509V3_EXT_i2d(NID_name_constraints, 1, constraints));
    NAME_CONSTRAINTS_free(constraints);
    return done;
}

static bool add_mappings(X509 *cert, const char *text) {
    char from[32], to[32], value[80];
    if (text == NULL)
        return true;
    if (sscanf(text, "a:%31[^,],b:%31s", from, to) != 2)
        return false;
    snprintf(value, sizeof(value), "%s:%s", from, to);
    return add_text(cert, NID_policy_mappings, value, true);
}

static const struct {
    const char *oid, *value;
    int len;
} malformed[] = {
    {"2.5.29.32", "\x30\x00", 2}, /* no policy */
    {"2.5.29.32", "\x30\x0e\x30\x05\x06\x03\x88\x37\x01\x30\x05\x06\x03\x88\x37\x01",
     16},                             /* twice */
    {"2.5.29.36", "\x30\x00", 2},     /* no constraint */
    {"2.5.29.54", "\x02\x01\xff", 3}, /* -1 */
    {"2.5.29.33", "\x30\x00", 2},     /* no mapping */
};

/* In the place of the good one. */
static bool add_policies(X509 *cert, const struct spec *s) {
    const char *bad = s->bad_policies == 0 ? "" : malformed[s->bad_policies - 1].oid;
    return (strcmp(bad, "2.5.29.32") == 0 ||
            add_text(cert, NID_certificate_policies, s->policies, false)) &&
           (strcmp(bad, "2.5.29.33") == 0 || add_mappings(cert, s->mappings)) &&
           (strcmp(bad, "2.5.29.36") == 0 ||
            add_text(cert, NID_policy_constraints, s->constraints, true)) &&
           (strcmp(bad, "2.5.29.54") == 0 ||
            add_text(cert, NID_inhibit_any_policy, s->inhibit_any, true)) &&
           (s->bad_policies == 0 ||
            add_octets(cert, bad, false, (const uint8_t *)malformed[s->bad_policies - 1].value,
                       malformed[s->bad_policies - 1].len));
}

static bool add_extensions(X509 *cert, const struct spec *s) {
    char text[40];
    if (s->path_len < 0)
        snprintf(text, sizeof(text), "CA:%s", s->ca == 1 ? "TRUE" : "FALSE");
    else
        snprintf(text, sizeof(text), "CA:%s,pathlen:%d", s->ca == 1 ? "TRUE" : "FALSE",
                 s->path_len);
    return (s->ca < 0 || add_text(cert, NID_basic_constraints, text, true)) &&
           add_text(cert, NID_key_usage, s->key_usage, true) &&
           add_text(cert, NID_ext_key_usage, s->purpose, false) &&
           add_text(cert, NID_subject_alt_name, s->san, false) && add_key_ids(cert, s) &&
           add_name_constraints(cert, s) && add_policies(cert, s) &&
           (!s->unknown_critical ||
            add_octets(cert, "2.999.7", true, (const uint8_t *)"\x05\x00", 2));
}

/* Changes the last octet of the signature value: of an ECDSA signature, the end of s. */
static void alter_signature(X509 *cert) {
    const ASN1_BIT_STRING *value;
    X509_get0_signature(&value, NULL, cert);
    ((uint8_t *)(uintptr_t)ASN1_STRING_get0_data(value))[ASN1_STRING_length(value) - 1] ^= 1;
}

/* Read again from its DER, as a verifier gets it. */
static X509 *reread(X509 *cert) {
    uint8_t *der = NULL;
    int len = i2d_X509(cert, &der);
    const uint8_t *next = der;
    X509 *out = len > 0 ? d2i_X509(NULL, &next, len) : NULL;
    OPENSSL_free(der);
    return out;
}

X509 *issue(const struct spec *s, long serial) {
    X509 *cert = X509_new(), *out = NULL;
    unsigned signer = s->bad_signature == SIGNATURE_OTHER_KEY ? 8 : s->issuer_key;
    if (cert == NULL || X509_set_version(cert, s->version) != 1 ||
        ASN1_INTEGER_set(X509_get_serialNumber(cert), serial) != 1 ||
        !set_name(X509_get_subject_name(cert), s->subject, s->no_common_name) ||
        !set_name(X509_get_issuer_name(cert), s->issuer, false) ||
        ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)s->from_s) == NULL ||
        ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)s->to_s) == NULL ||
        X509_set_pubkey(cert, keys[s->key]) != 1 ||
        (s->version == X509_VERSION_3 && !add_extensions(cert, s)) ||
        X509_sign(cert, keys[signer], EVP_sha256()) <= 0)
        goto out;
    if (s->bad_signature == SIGNATURE_ALTERED)
        alter_signature(cert);
    out = reread(cert);
out:
    X509_free(cert);
    return out;
}
