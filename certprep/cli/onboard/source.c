/* Bytes of the manifest with their place, from a buffer of one size. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "manifest.h"

void manifest_source_init(struct manifest_source *source, int fd) {
    memset(source, 0, sizeof(*source));
    source->fd = fd;
    source->line = 1;
    source->column = 1;
}

int manifest_peek(struct manifest_source *source) {
    while (source->pos == source->len && !source->at_end) {
        ssize_t got = read(source->fd, source->buffer, sizeof(source->buffer));
        if (got < 0 && errno == EINTR)
            continue;
        source->pos = 0;
        source->len = got > 0 ? (size_t)got : 0;
        source->at_end = got <= 0;
        if (got < 0) {
            source->status = CP_ERR_IO;
            source->saved_errno = errno;
        }
    }
    if (source->pos < source->len)
        return source->buffer[source->pos];
    return source->status == CP_OK ? SOURCE_END : SOURCE_FAILED;
}

int manifest_take(struct manifest_source *source) {
    int byte = manifest_peek(source);
    if (byte < 0)
        return byte;
    source->pos++;
    source->column++;
    if (byte == '\n') {
        source->line++;
        source->column = 1;
    }
    return byte;
}
