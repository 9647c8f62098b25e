#include "cares.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define MIN_VERSION 0x011101 /* 1.17.1: CAA replies */

struct esa_cares esa_cares;

static void load(void) {
    struct esa_cares *api = &esa_cares;
    void *library = dlopen(ESA_CARES, RTLD_NOW | RTLD_LOCAL);
    int version = 0;
    api->status = CP_ERR_UNSUPPORTED;
    if (library == NULL) {
        (void)snprintf(api->reason, sizeof(api->reason),
                       ESA_CARES " can't be loaded; install c-ares 1.17.1 or later (Debian package "
                                 "libc-ares2); only questions to the DNS need it");
        return;
    }
    /* POSIX lets dlsym's result stand for a function; ISO C has no cast for it, hence the copy. */
#define ROW(field, symbol)                                                                         \
    {                                                                                              \
        void *found = dlsym(library, #symbol);                                                     \
        if (found == NULL) {                                                                       \
            (void)snprintf(api->reason, sizeof(api->reason), ESA_CARES " lacks " #symbol);         \
            return;                                                                                \
        }                                                                                          \
        memcpy(&api->field, &found, sizeof(found));                                                \
    }
    ESA_CARES_FUNCTIONS(ROW)
#undef ROW
    const char *text = api->version(&version);
    if (version < MIN_VERSION) {
        (void)snprintf(api->reason, sizeof(api->reason),
                       ESA_CARES " is version %.32s; want 1.17.1 or later", text);
        return;
    }
    if (api->library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) {
        (void)snprintf(api->reason, sizeof(api->reason), ESA_CARES " can't be initialised");
        return;
    }
    api->status = CP_OK;
}

enum cp_status esa_cares_load(struct cp_error *err) {
    static bool loaded;
    if (!loaded)
        load();
    loaded = true;
    if (esa_cares.status != CP_OK)
        return cp_fail(err, esa_cares.status, "DNS: %s", esa_cares.reason);
    return CP_OK;
}
