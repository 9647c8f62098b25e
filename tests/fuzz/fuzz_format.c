/* What an input is, the names in an archive, and PKCS#12: no item of a container that its MAC
 * disproves, a bound on what a key derivation costs, and text that is safe to show. */
#include "container/container.h"
#include "container/format.h"
#include "cp_limits.h"
#include "fuzz.h"

struct seen {
    size_t num_certs, num_keys;
};

static enum cp_status see(void *context, enum cp_item_kind kind, struct cp_span der, size_t offset,
                          struct cp_error *err) {
    struct seen *seen = context;
    volatile uint8_t sum = 0;
    (void)err;
    FUZZ_ASSERT(offset == 0);
    for (size_t i = 0; i < der.len; i++)
        sum = (uint8_t)(sum + der.data[i]); /* all of it can be read */
    *(kind == CP_ITEM_KEY ? &seen->num_keys : &seen->num_certs) += 1;
    return CP_OK;
}

static void check_pkcs12(struct cp_span der, struct cp_span passphrase) {
    struct seen seen = {0, 0};
    struct cp_pkcs12_facts facts = {.num_certs = 0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    enum cp_status status = cp_pkcs12_walk(der, passphrase, see, &seen, &facts, &err);
    FUZZ_ASSERT(facts.num_certs == seen.num_certs && facts.num_keys == seen.num_keys);
    FUZZ_ASSERT(!facts.legacy || facts.encrypted);
    if (status == CP_OK)
        return;
    FUZZ_ASSERT(status == CP_ERR_PARSE || status == CP_ERR_UNSUPPORTED || status == CP_ERR_LIMIT ||
                status == CP_ERR_PASSPHRASE);
    FUZZ_ASSERT(err.status == status);
    fuzz_is_shown_safely(err.message, strlen(err.message), false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char right[] = "correct horse battery staple";
    uint8_t *copy = fuzz_copy(data, size);
    struct cp_span input = {copy, size};
    char names[200];
    enum cp_format format = cp_format_detect(input);
    FUZZ_ASSERT((unsigned)format < CP_NUM_FORMATS);
    cp_zip_list(names, sizeof(names), input);
    FUZZ_ASSERT(strlen(names) < sizeof(names) && names[0] != '\0');
    fuzz_is_shown_safely(names, strlen(names), false);
    check_pkcs12(input, (struct cp_span){(const uint8_t *)right, sizeof(right) - 1});
    if (format == CP_FORMAT_PKCS12)
        check_pkcs12(input, (struct cp_span){NULL, 0});
    free(copy);
    return 0;
}
