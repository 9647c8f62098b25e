/* fuzz_split OUT FILE...: what each PEM block decodes to, as OUT/<file>-<n>.der. */
#define _GNU_SOURCE /* asprintf */
#include "cp_limits.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    (void)data;
    (void)size;
    return 0;
}

static const char *folder, *file_name;
static size_t num_written;

static void write_der(struct cp_span der) {
    char *path = NULL;
    if (der.len == 0 || der.data[0] != 0x30)
        return;
    FUZZ_ASSERT(asprintf(&path, "%s/%s-%zu.der", folder, file_name, ++num_written) > 0);
    FILE *out = fopen(path, "wb");
    bool ok = out != NULL && fwrite(der.data, 1, der.len, out) == der.len;
    ok = (out == NULL || fclose(out) == 0) && ok;
    if (!ok)
        perror(path);
    free(path);
    FUZZ_ASSERT(ok);
}

int main(int argc, char **argv) {
    folder = argc > 1 ? argv[1] : ".";
    for (int i = 2; i < argc; i++) {
        struct cp_secret text = {0};
        struct cp_error err;
        if (cp_secret_read_file(&text, argv[i], CP_MAX_FILE_LEN, &err) != CP_OK) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
        const char *slash = strrchr(argv[i], '/');
        file_name = slash == NULL ? argv[i] : slash + 1;
        fuzz_each_der(text.data, text.len, write_der);
        cp_secret_cleanup(&text);
    }
    return 0;
}
