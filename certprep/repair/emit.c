/* The output: canonical PEM, each block once. */
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "pem.h"

static bool is_there(const struct cp_repair *out, size_t start) {
    size_t len = out->text.len - start;
    for (size_t i = 0; i < out->num_blocks; i++) {
        size_t from = out->blocks[i].offset;
        size_t to = i + 1 < out->num_blocks ? out->blocks[i + 1].offset : start;
        if (to - from == len && memcmp(out->text.data + from, out->text.data + start, len) == 0)
            return true;
    }
    return false;
}

void cp_emit(struct cp_job *job, size_t text_offset, struct cp_span label,
             const struct cp_headers *headers, struct cp_span der) {
    struct cp_repair *out = job->out;
    char name[80], lines[CP_MAX_HEADERS];
    size_t start = out->text.len;
    if (job->failed != CP_OK || label.len >= sizeof(name))
        return;
    memcpy(name, label.data, label.len);
    name[label.len] = '\0';
    job->failed = cp_pem_append(&out->text, name, der, NULL);
    if (job->failed == CP_OK && headers != NULL) {
        size_t len = cp_headers_write(lines, headers), at = start + label.len + 17; /* BEGIN line */
        if (len > out->text.cap - out->text.len) {
            job->failed = CP_ERR_LIMIT;
            return;
        }
        memmove(out->text.data + at + len, out->text.data + at, out->text.len - at);
        memcpy(out->text.data + at, lines, len);
        out->text.len += len;
    }
    if (job->failed != CP_OK)
        return;
    if (is_there(out, start)) {
        char shown[CP_PEM_LABEL_TEXT];
        cp_pem_label_text(shown, label);
        out->text.len = start;
        cp_job_note(job, CP_CHECK_DUPLICATE_BLOCK, text_offset, true,
                    "the block '%s' is in the text already; left out", shown);
        return;
    }
    if (out->num_blocks == job->cap_blocks) {
        size_t cap = job->cap_blocks == 0 ? 8 : 2 * job->cap_blocks;
        struct cp_repair_block *grown = realloc(out->blocks, cap * sizeof(*grown));
        if (grown == NULL) {
            job->failed = CP_ERR_MEMORY;
            return;
        }
        out->blocks = grown;
        job->cap_blocks = cap;
    }
    out->blocks[out->num_blocks++] =
        (struct cp_repair_block){.offset = start, .input_offset = cp_job_origin(job, text_offset)};
}
