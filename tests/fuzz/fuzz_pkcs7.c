/* PKCS#7 and BER: items lie in the input, a container that is refused gives none, OpenSSL finds the
 * same certificates where it accepts too; the DER of BER is DER. */
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "container/ber.h"
#include "container/container.h"
#include "fuzz.h"

struct seen {
    struct cp_span whole;
    size_t num;
    const PKCS7 *other; /* OpenSSL's, or NULL */
};

static enum cp_status see(void *context, enum cp_item_kind kind, struct cp_span der, size_t offset,
                          struct cp_error *err) {
    struct seen *seen = context;
    (void)err;
    FUZZ_ASSERT(kind == CP_ITEM_CERTIFICATE && der.len >= 2 && der.data[0] == 0x30);
    FUZZ_ASSERT(fuzz_is_inside(der, seen->whole) && der.data == seen->whole.data + offset);
    if (seen->other != NULL) {
        const STACK_OF(X509) *certs = seen->other->d.sign->cert;
        FUZZ_ASSERT((size_t)sk_X509_num(certs) > seen->num);
        uint8_t *encoded = NULL;
        int len = i2d_X509(sk_X509_value(certs, (int)seen->num), &encoded);
        /* OpenSSL writes the outer layer anew: the same unless that was not DER. In the last octet,
         * bits that the signature does not use are cleared even where the length stays. */
        FUZZ_ASSERT(len > 0);
        if ((size_t)len == der.len && len > 17)
            FUZZ_ASSERT(memcmp(encoded + len - 17, der.data + der.len - 17, 16) == 0);
        OPENSSL_free(encoded);
    }
    seen->num++;
    return CP_OK;
}

static PKCS7 *parse_by_openssl(struct cp_span der) {
    const uint8_t *next = der.data;
    PKCS7 *out = d2i_PKCS7(NULL, &next, (long)der.len);
    if (out != NULL && (next != der.data + der.len || !PKCS7_type_is_signed(out) ||
                        out->d.sign == NULL || out->d.sign->cert == NULL)) {
        PKCS7_free(out);
        out = NULL;
    }
    ERR_clear_error();
    return out;
}

static void check_ber(struct cp_span ber) {
    struct cp_secret der = {0}, again = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    enum cp_status status = cp_ber_to_der(&der, ber, "input", &err);
    FUZZ_ASSERT(status == CP_OK || status == CP_ERR_PARSE);
    if (status == CP_OK) {
        FUZZ_ASSERT(cp_ber_to_der(&again, (struct cp_span){der.data, der.len}, "", NULL) == CP_OK);
        FUZZ_ASSERT(cp_span_equal((struct cp_span){der.data, der.len},
                                  (struct cp_span){again.data, again.len}));
    } else {
        FUZZ_ASSERT(der.data == NULL && err.offset <= ber.len);
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
    }
    cp_secret_cleanup(&der);
    cp_secret_cleanup(&again);
}

static void take(struct cp_span der) {
    struct cp_error err = {CP_OK, 0, 0, ""};
    PKCS7 *other = parse_by_openssl(der);
    struct seen seen = {.whole = der, .other = other};
    size_t num = 0;
    enum cp_status status = cp_pkcs7_walk(der, see, &seen, &num, &err);
    FUZZ_ASSERT(num == seen.num);
    if (status == CP_OK) {
        FUZZ_ASSERT(other == NULL || (size_t)sk_X509_num(other->d.sign->cert) == num);
    } else {
        FUZZ_ASSERT(status == CP_ERR_PARSE || status == CP_ERR_UNSUPPORTED);
        FUZZ_ASSERT(num == 0 && err.status == status && err.offset <= der.len);
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
    }
    PKCS7_free(other);
    check_ber(der);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_each_der(data, size, take);
    return 0;
}
