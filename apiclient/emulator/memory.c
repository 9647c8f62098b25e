/* OpenSSL's memory, wiped when it is given back: its PEM and base64 readers leave copies of private
 * keys behind that no caller can reach. */
#include "buf.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* In front of every block, so that its length is known when it is freed. */
union head {
    size_t len;
    max_align_t align;
};

static void *allocate(size_t len, const char *file, int line) {
    (void)file;
    (void)line;
    if (len == 0 || len > SIZE_MAX - sizeof(union head))
        return NULL;
    union head *block = malloc(sizeof *block + len);
    if (block == NULL)
        return NULL;
    block->len = len;
    return block + 1;
}

static void release(void *data, const char *file, int line) {
    (void)file;
    (void)line;
    if (data == NULL)
        return;
    union head *block = (union head *)data - 1;
    OPENSSL_cleanse(data, block->len);
    free(block);
}

static void *reallocate(void *data, size_t len, const char *file, int line) {
    if (data == NULL)
        return allocate(len, file, line);
    if (len == 0) {
        release(data, file, line);
        return NULL;
    }
    size_t old_len = ((union head *)data - 1)->len;
    void *moved = allocate(len, file, line);
    if (moved == NULL)
        return NULL;
    memcpy(moved, data, old_len < len ? old_len : len);
    release(data, file, line);
    return moved;
}

bool esa_emu_memory_init(void) {
    return CRYPTO_set_mem_functions(allocate, reallocate, release) == 1;
}
