#include "yaml_library.h"

#include <dlfcn.h>
#include <string.h>

static bool load(struct gate_yaml *api) {
    void *library = dlopen(GATE_YAML, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL)
        return false;
        /* POSIX lets dlsym's result stand for a function; ISO C has no cast for it, hence the copy.
         */
#define ROW(field, symbol)                                                                         \
    {                                                                                              \
        void *found = dlsym(library, #symbol);                                                     \
        if (found == NULL)                                                                         \
            return false;                                                                          \
        memcpy(&api->field, &found, sizeof(found));                                                \
    }
    GATE_YAML_FUNCTIONS(ROW)
#undef ROW
    return true;
}

/* Files are read by one thread. */
const struct gate_yaml *gate_yaml_load(struct cp_error *err) {
    static struct gate_yaml api;
    static enum { UNTRIED, LOADED, MISSING } state;
    if (state == UNTRIED)
        state = load(&api) ? LOADED : MISSING;
    if (state == LOADED)
        return &api;
    (void)cp_fail(err, CP_ERR_UNSUPPORTED,
                  "a Secret of Kubernetes, and " GATE_YAML " can't be loaded; install libyaml "
                  "(Debian package libyaml-0-2)");
    return NULL;
}
