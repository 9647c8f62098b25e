/* wiping: malloc and its family, with a wipe before each block is given back. For a library that
 * copies secrets on its own heap and lets its allocator be replaced. */
#ifndef ESA_WIPING_H
#define ESA_WIPING_H

#include <stddef.h>

void *esa_wiping_malloc(size_t len);
void esa_wiping_free(void *data);
void *esa_wiping_realloc(void *data, size_t len);
void *esa_wiping_calloc(size_t num, size_t size);
char *esa_wiping_strdup(const char *text);

#endif
