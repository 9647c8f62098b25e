#include "legacy.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>

enum cp_status cp_legacy_open(struct cp_legacy *legacy, struct cp_error *err) {
    if (legacy->library != NULL)
        return CP_OK;
    legacy->library = OSSL_LIB_CTX_new();
    if (legacy->library == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "legacy provider: out of memory");
    legacy->base = OSSL_PROVIDER_load(legacy->library, "default");
    legacy->old = OSSL_PROVIDER_load(legacy->library, "legacy");
    if (legacy->base != NULL)
        return CP_OK;
    cp_legacy_close(legacy);
    return cp_fail(err, CP_ERR_CRYPTO, "OpenSSL's default provider can't be loaded");
}

void cp_legacy_close(struct cp_legacy *legacy) {
    if (legacy->old != NULL)
        (void)OSSL_PROVIDER_unload(legacy->old);
    if (legacy->base != NULL)
        (void)OSSL_PROVIDER_unload(legacy->base);
    OSSL_LIB_CTX_free(legacy->library);
    *legacy = (struct cp_legacy){NULL, NULL, NULL};
}
