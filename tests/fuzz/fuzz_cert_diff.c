/* cp_cert_parse against OpenSSL's d2i_X509 on the same bytes.
 *
 * Both refuse: fine. Both accept: the facts must agree. Only one accepts: allowed only for a reason
 * on the lists below, each counted; anything else ends the program. With CP_FUZZ_COUNTS in the
 * environment the counts are printed at the end. */
#include <openssl/asn1err.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "cert.h"
#include "fuzz.h"

/* What we refuse and d2i_X509 takes, by a part of our message. */
static struct {
    const char *ours;
    const char *why;
    size_t count;
} stricter[] = {
    {"indefinite length", "BER: DER has definite lengths (X.690 10.1)", 0},
    {"the length is not minimal", "BER: DER has the shortest length (X.690 10.1)", 0},
    {"a BOOLEAN is 0x00 or 0xFF", "BER: DER has one TRUE (X.690 11.1)", 0},
    {"unused bits of a BIT STRING are not zero", "BER: DER has zeros (X.690 11.2.1)", 0},
    {"want tag 0x03, got 0x23", "BER: a BIT STRING in pieces (X.690 10.2)", 0},
    {"want tag 0x04, got 0x24", "BER: an OCTET STRING in pieces (X.690 10.2)", 0},
    {"version: the INTEGER is too large", "d2i_X509 takes any version number", 0},
    {"version: a negative INTEGER", "d2i_X509 takes any version number", 0},
    {"only a version 3 certificate has them", "d2i_X509 does not join version and fields", 0},
    {"not in a version 1 certificate", "d2i_X509 does not join version and fields", 0},
    {"a constructed primitive type", "BER: a string in pieces (X.690 10.2)", 0},
    {"a primitive SEQUENCE or SET", "OpenSSL does not look into parameters", 0},
    {"a value that is no character string", "OpenSSL takes SEQUENCE and unknown types too", 0},
    {"want tag 0x31, got 0x11", "OpenSSL passes over the constructed bit of SET OF", 0},
    {"want tag 0x30, got 0x10", "OpenSSL passes over the constructed bit of SEQUENCE OF", 0},
    {"extensions: an empty sequence", "SIZE (1..MAX), RFC 5280 4.1", 0},
    {"the extension stands there twice", "RFC 5280 4.2; OpenSSL looks when it needs one", 0},
    {"extensions: more than", "our limit", 0},
    {"an empty RelativeDistinguishedName", "SIZE (1..MAX), RFC 5280 4.1.2.4", 0},
    {"more than 128 RelativeDistinguishedNames", "our limit", 0},
    {"a Name of more than 4096 octets", "our limit", 0},
    {"more than 16 attributes in one set", "our limit", 0},
    {"Certificate: ", "bytes behind it are the caller's for d2i_X509", 0},
    {"YYMMDDhhmmssZ", "OpenSSL keeps times as text until they are compared", 0},
    {"YYYYMMDDhhmmssZ", "OpenSSL keeps times as text until they are compared", 0},
    {"a date ", "OpenSSL keeps times as text until they are compared", 0},
    {"RSAPublicKey: ", "OpenSSL keeps a key that it can't read as unknown", 0},
    {"modulus: ", "OpenSSL keeps a key that it can't read as unknown", 0},
    {"publicExponent: ", "OpenSSL keeps a key that it can't read as unknown", 0},
    {"not a whole number of octets", "OpenSSL looks at the octets when it uses them", 0},
    /* d2i_X509 leaves the values of extensions for later. */
    {"extnValue: ", "value of an extension", 0},
    {"subjectKeyIdentifier: ", "value of an extension", 0},
    {"authorityKeyIdentifier: ", "value of an extension", 0},
    {"keyUsage: ", "value of an extension", 0},
    {"extKeyUsage: ", "value of an extension", 0},
    {"basicConstraints: ", "value of an extension", 0},
    {"pathLenConstraint: ", "value of an extension", 0},
    {"subjectAltName: ", "value of an extension", 0},
};

/* What we take and d2i_X509 refuses, by OpenSSL's reason (0: any) and the field that it names. */
static struct {
    int reason;
    const char *field;
    const char *why;
    size_t count;
} laxer[] = {
    {0, "Type=X509_ALGOR", "parameters are one element, which is not looked into", 0},
};

static size_t num_both, num_neither;

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void print_counts(void) {
    fprintf(stderr, "both accept %zu, both refuse %zu\n", num_both, num_neither);
    for (size_t i = 0; i < COUNT(stricter); i++)
        fprintf(stderr, "only OpenSSL accepts %zu: '%s': %s\n", stricter[i].count, stricter[i].ours,
                stricter[i].why);
    for (size_t i = 0; i < COUNT(laxer); i++)
        fprintf(stderr, "only we accept %zu: reason %d %s: %s\n", laxer[i].count, laxer[i].reason,
                laxer[i].field, laxer[i].why); /* OpenSSL is gone at exit */
}

static struct cp_span name_der(const X509_NAME *name) {
    const unsigned char *der = NULL;
    size_t len = 0;
    FUZZ_ASSERT(X509_NAME_get0_der(name, &der, &len) == 1);
    return (struct cp_span){der, len};
}

/* What OpenSSL keeps as bytes must be our bytes. */
static void compare(const struct cp_cert *cert, X509 *theirs) {
    const ASN1_INTEGER *serial = X509_get0_serialNumber(theirs);
    const ASN1_BIT_STRING *signature = NULL;
    const unsigned char *octets = NULL;
    int len = 0;
    X509_get0_signature(&signature, NULL, theirs);
    FUZZ_ASSERT(X509_get_version(theirs) + 1 == (long)cert->version);
    FUZZ_ASSERT(cp_span_equal(name_der(X509_get_subject_name(theirs)), cert->subject));
    FUZZ_ASSERT(cp_span_equal(name_der(X509_get_issuer_name(theirs)), cert->issuer));
    FUZZ_ASSERT(X509_NAME_entry_count(X509_get_subject_name(theirs)) == 0 ? cert->subject_empty
                                                                          : !cert->subject_empty);
    FUZZ_ASSERT(cp_span_equal((struct cp_span){signature->data, (size_t)signature->length},
                              cert->signature));
    FUZZ_ASSERT(X509_PUBKEY_get0_param(NULL, &octets, &len, NULL, X509_get_X509_PUBKEY(theirs)) ==
                1);
    FUZZ_ASSERT(cp_span_equal((struct cp_span){octets, (size_t)len}, cert->public_key));
    FUZZ_ASSERT((serial->type == V_ASN1_NEG_INTEGER) == ((cert->serial.data[0] & 0x80) != 0));
    int num = X509_get_ext_count(theirs);
    FUZZ_ASSERT((num < 0 ? 0 : (size_t)num) == cert->num_extensions);
}

static bool is_listed_stricter(const char *message) {
    for (size_t i = 0; i < COUNT(stricter); i++)
        if (strstr(message, stricter[i].ours) != NULL) {
            stricter[i].count++;
            return true;
        }
    return false;
}

/* OpenSSL leaves a trace: the cause first, the fields around it after. One listed cause is enough.
 */
static bool is_listed_laxer(void) {
    char trace[1024] = "";
    size_t used = 0;
    const char *data = NULL;
    int flags = 0;
    unsigned long code;
    while ((code = ERR_get_error_all(NULL, NULL, NULL, &data, &flags)) != 0) {
        for (size_t i = 0; i < COUNT(laxer); i++)
            if (ERR_GET_LIB(code) == ERR_LIB_ASN1 &&
                (laxer[i].reason == 0 || ERR_GET_REASON(code) == laxer[i].reason) &&
                strstr(data, laxer[i].field) != NULL) {
                laxer[i].count++;
                return true;
            }
        int len = snprintf(trace + used, sizeof(trace) - used, "%d (%s) %s; ", ERR_GET_REASON(code),
                           ERR_reason_error_string(code), data);
        used =
            len < 0 || (size_t)len >= sizeof(trace) - used ? sizeof(trace) - 1 : used + (size_t)len;
    }
    fprintf(stderr, "only we accept: %s\n", trace);
    return false;
}

static void check(struct cp_span der) {
    struct cp_cert cert;
    struct cp_error err = {CP_OK, 0, 0, ""};
    const unsigned char *next = der.data;
    ERR_clear_error();
    bool ours = cp_cert_parse(&cert, der, &err) == CP_OK;
    X509 *theirs = d2i_X509(NULL, &next, (long)der.len);
    if (ours && theirs != NULL) {
        FUZZ_ASSERT(next == der.data + der.len);
        compare(&cert, theirs);
        num_both++;
    } else if (theirs != NULL) {
        bool listed = is_listed_stricter(err.message);
        if (!listed)
            fprintf(stderr, "only OpenSSL accepts: %s\n", err.message);
        FUZZ_ASSERT(listed);
    } else if (ours) {
        FUZZ_ASSERT(is_listed_laxer());
    } else {
        num_neither++;
    }
    X509_free(theirs);
    ERR_clear_error();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static bool started;
    if (!started && getenv("CP_FUZZ_COUNTS") != NULL)
        (void)atexit(print_counts);
    started = true;
    fuzz_each_der(data, size, check);
    return 0;
}
