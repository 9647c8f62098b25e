/* Encrypted keys: EncryptedPrivateKeyInfo and traditional PEM, with a fixed pass phrase. */
#include "fuzz.h"
#include "key.h"

static const struct cp_span passphrase = {(const uint8_t *)"fuzz", 4};

/* Key derivation that is dear but under the limit is right and slow: left to the unit tests. */
static bool is_dear(struct cp_der_reader in, unsigned depth) {
    struct cp_der element;
    while (!cp_der_at_end(&in)) {
        if (cp_der_any(&in, &element, "element", NULL) != CP_OK)
            return false;
        if (element.tag == CP_DER_INTEGER && element.content.len >= 2 &&
            (element.content.len > 2 || element.content.data[0] >= 0x10))
            return true;
        if ((element.tag & 0x20) != 0 && depth < 12 &&
            is_dear(cp_der_inside(&in, &element), depth + 1))
            return true;
    }
    return false;
}

static void check_result(enum cp_status status, struct cp_secret *out, const struct cp_error *err) {
    FUZZ_ASSERT(status != CP_ERR_MEMORY);
    if (status == CP_OK) {
        FUZZ_ASSERT(out->data != NULL && out->len <= out->cap);
    } else {
        FUZZ_ASSERT(out->data == NULL && err->status == status);
        fuzz_is_shown_safely(err->message, strlen(err->message), false);
    }
    cp_secret_cleanup(out);
}

static void check(struct cp_span der) {
    struct cp_secret out = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct cp_der_reader in;
    cp_der_reader_init(&in, der);
    enum cp_status status = cp_key_decrypt_pkcs8(&out, der, (struct cp_span){NULL, 0}, &err);
    FUZZ_ASSERT(status != CP_OK);
    check_result(status, &out, &err);
    if (is_dear(in, 0))
        return;
    status = cp_key_decrypt_pkcs8(&out, der, passphrase, &err);
    check_result(status, &out, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct cp_secret out = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    uint8_t *copy = fuzz_copy(data, size);
    fuzz_each_der(data, size, check);
    enum cp_status status =
        cp_key_decrypt_traditional(&out, (struct cp_span){copy, size}, passphrase, &err);
    check_result(status, &out, &err);
    free(copy);
    return 0;
}
