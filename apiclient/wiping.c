/* wiping: an allocator that wipes. */
#include "wiping.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* In front of each block; as large as the strictest alignment. */
union block {
    size_t len;
    max_align_t align;
};

void *esa_wiping_malloc(size_t len) {
    if (len > SIZE_MAX - sizeof(union block))
        return NULL;
    union block *block = malloc(sizeof(*block) + len);
    if (block == NULL)
        return NULL;
    block->len = len;
    return block + 1;
}

void esa_wiping_free(void *data) {
    if (data == NULL)
        return;
    union block *block = (union block *)data - 1;
    OPENSSL_cleanse(data, block->len);
    free(block);
}

void *esa_wiping_realloc(void *data, size_t len) {
    void *larger = esa_wiping_malloc(len);
    if (data == NULL || larger == NULL)
        return larger;
    size_t old_len = ((union block *)data - 1)->len;
    memcpy(larger, data, old_len < len ? old_len : len);
    esa_wiping_free(data);
    return larger;
}

void *esa_wiping_calloc(size_t num, size_t size) {
    if (size != 0 && num > SIZE_MAX / size)
        return NULL;
    void *data = esa_wiping_malloc(num * size);
    if (data != NULL)
        memset(data, 0, num * size);
    return data;
}

char *esa_wiping_strdup(const char *text) {
    size_t len = strlen(text) + 1;
    char *copy = esa_wiping_malloc(len);
    if (copy != NULL)
        memcpy(copy, text, len);
    return copy;
}
