/* The way from bytes to repaired text: passes in rounds, blocks, notes. */
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"
#include "parts.h"
#include "pem.h"

/* In this order, again and again until none finds anything. A layer is what may be nested; what
 * unwraps text stands before base64, whose lines may themselves be escaped. */
static const struct {
    cp_pass_fn *run;
    bool is_layer;
} passes[] = {
    {cp_pass_utf16, false},     {cp_pass_bom, false},    {cp_pass_nul, false},
    {cp_pass_line_ends, false}, {cp_pass_percent, true}, {cp_pass_entities, true},
    {cp_pass_escapes, true},    {cp_pass_base64, true},
};

enum cp_status cp_text_init(struct cp_text *text, size_t cap, struct cp_error *err) {
    *text = (struct cp_text){.len = 0};
    enum cp_status status = cp_secret_init(&text->bytes, cap, err);
    if (status == CP_OK)
        status = cp_secret_init(&text->origins, cap * sizeof(uint32_t), err);
    if (status != CP_OK) {
        cp_text_cleanup(text);
        return status;
    }
    text->data = text->bytes.data;
    text->origin = (uint32_t *)(void *)text->origins.data; /* whole pages: aligned */
    return CP_OK;
}

void cp_text_cleanup(struct cp_text *text) {
    cp_secret_cleanup(&text->bytes);
    cp_secret_cleanup(&text->origins);
    *text = (struct cp_text){.len = 0};
}

/* Last place of a word of letters, in any case; SIZE_MAX if there is none. */
static size_t find_last(const struct cp_text *text, const char *upper) {
    size_t len = strlen(upper);
    for (size_t i = text->len; i-- > 0;) {
        size_t j = 0;
        while (j < len && i + j < text->len && (text->data[i + j] & 0xdf) == (uint8_t)upper[j])
            j++;
        if (j == len)
            return i;
    }
    return SIZE_MAX;
}

/* From a little before the first marker to a little behind the last: outside, a letter's dashes and
 * quotes are none of our business. */
static void set_window(struct cp_job *job) {
    const struct cp_text *text = &job->text;
    struct cp_span all = {text->data, text->len};
    size_t begin = cp_find_word(all, 0, "BEGIN"), last = find_last(text, "BEGIN");
    size_t end = begin == SIZE_MAX ? cp_find_word(all, 0, "END") : begin,
           last_end = find_last(text, "END");
    job->window_start = 0;
    job->window_end = text->len;
    if (begin != SIZE_MAX || (end != SIZE_MAX && last_end != SIZE_MAX)) {
        size_t first =
            begin != SIZE_MAX ? begin : 0; /* END alone: what stands before it belongs to it */
        job->window_start = first > 64 ? first - 64 : 0;
    }
    if (last_end != SIZE_MAX && (last == SIZE_MAX || last_end > last) && text->len - last_end > 128)
        job->window_end = last_end + 128;
}

static void run_passes(struct cp_job *job) {
    bool changed = true;
    set_window(job);
    while (changed && job->failed == CP_OK) {
        changed = false;
        for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]) && job->failed == CP_OK; i++) {
            if (passes[i].is_layer && job->num_layers == CP_MAX_REPAIR_LAYERS)
                continue;
            if (!passes[i].run(job))
                continue;
            set_window(job);
            changed = true;
            job->num_layers += passes[i].is_layer;
        }
    }
    if (job->failed == CP_OK)
        (void)cp_pass_characters(job);
}

/* ---- canonical text ---- */

/* Lines of 64 columns: every 65th character and the last are line ends, and no other is white
 * space, since base64 without any is as long as what is left. */
static bool is_wrapped(struct cp_span lines, size_t der_len) {
    if (lines.len != cp_base64_lines_len(der_len))
        return false;
    for (size_t i = 64; i < lines.len; i += 65)
        if (lines.data[i] != '\n')
            return false;
    return lines.len != 0 && lines.data[lines.len - 1] == '\n';
}

/* Of length and end, where a signature or the last parts of a key stand: blocks of which one is the
 * other again have the same. Those that only have the same hash take the long way round. */
static uint64_t hash_block(struct cp_span block) {
    uint64_t hash = 14695981039346656037U ^ block.len, word;
    for (size_t i = block.len > 192 ? block.len - 192 : 0; block.len - i >= sizeof(word); i += 8) {
        memcpy(&word, block.data + i, sizeof(word));
        hash = (hash ^ word) * 1099511628211U;
        hash ^= hash >> 32; /* a product says nothing of upper bits in its lower ones */
    }
    return hash;
}

static bool is_canonical_block(const struct cp_pem_block *block, struct cp_span input, uint8_t *der,
                               uint64_t *hash) {
    struct cp_label_match match;
    struct cp_headers headers = {.present = false};
    size_t len = 0, bad, at = block->begin_offset + block->label.len + 16;
    const char *reason;
    cp_label_match(&match, block->label);
    if (!match.exact || cp_kind_get(match.kind)->label == NULL)
        return false;
    if (at >= input.len || input.data[at] != '\n')
        return false;
    at++;
    if (block->headers.len != 0) {
        char lines[CP_MAX_HEADERS];
        cp_headers_read(&headers, input, at, block->end_offset);
        size_t lines_len = cp_headers_write(lines, &headers);
        if (!headers.encrypted || block->end_offset - at < lines_len ||
            memcmp(input.data + at, lines, lines_len) != 0)
            return false;
        at += lines_len;
    }
    const uint8_t *end = block->body.data + block->body.len;
    if (end < input.data + at)
        return false;
    struct cp_span lines = {input.data + at, (size_t)(end - (input.data + at))};
    if (cp_base64_decode(der, &len, lines, &bad, &reason) != CP_OK || len == 0 ||
        !is_wrapped(lines, len))
        return false;
    *hash = hash_block((struct cp_span){input.data + block->begin_offset,
                                        (size_t)(end - (input.data + block->begin_offset))});
    if (headers.encrypted)
        return len % 8 == 0;
    enum cp_kind_of_block kind = cp_kind_der_len(der, len) == len
                                     ? cp_kind_of((struct cp_span){der, len})
                                     : CP_BLOCK_UNKNOWN;
    return kind == CP_BLOCK_UNKNOWN || kind == match.kind;
}

bool cp_repair_is_canonical(struct cp_span input, uint8_t *scratch) {
    struct cp_pem_reader reader;
    uint64_t hashes[CP_MAX_BLOCKS];
    size_t num = 0, at = 0;
    bool canonical = input.len != 0 && input.len <= CP_MAX_FILE_LEN && input.data[0] == '-' &&
                     input.data[input.len - 1] == '\n';
    cp_pem_reader_init(&reader, input);
    reader.line = 0;
    while (canonical && at < input.len) {
        struct cp_pem_block block;
        bool found = false;
        canonical = num < CP_MAX_BLOCKS && cp_pem_next(&reader, &block, &found, NULL) == CP_OK &&
                    found && block.begin_offset == at && block.end_offset < input.len &&
                    input.data[block.end_offset] == '\n' &&
                    is_canonical_block(&block, input, scratch, &hashes[num]);
        for (size_t i = 0; canonical && i < num; i++)
            canonical = hashes[i] != hashes[num];
        num++;
        at = canonical ? block.end_offset + 1 : at;
    }
    return canonical;
}

static enum cp_status copy_canonical(struct cp_repair *out, struct cp_span input,
                                     struct cp_error *err) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = true;
    enum cp_status status = cp_secret_init(&out->text, input.len, err);
    if (status == CP_OK)
        status = cp_secret_append(&out->text, input.data, input.len, err);
    if (status != CP_OK)
        return status;
    out->blocks = calloc(CP_MAX_BLOCKS, sizeof(*out->blocks));
    if (out->blocks == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "repair: out of memory");
    cp_pem_reader_init(&reader, input);
    reader.line = 0;
    while (out->num_blocks < CP_MAX_BLOCKS && cp_pem_next(&reader, &block, &found, NULL) == CP_OK &&
           found)
        out->blocks[out->num_blocks++] = (struct cp_repair_block){
            .offset = block.begin_offset, .input_offset = block.begin_offset};
    return CP_OK;
}

/* ---- the whole ---- */

static enum cp_status status_of(const struct cp_job *job, struct cp_error *err) {
    if (job->failed == CP_OK)
        return CP_OK;
    if (job->failed == CP_ERR_LIMIT)
        return cp_fail(err, CP_ERR_LIMIT,
                       "more than %d PEM blocks, or over %zu bytes when repaired", CP_MAX_BLOCKS,
                       CP_MAX_FILE_LEN);
    return cp_fail(err, job->failed, "repair: out of memory");
}

enum cp_status cp_repair_run(struct cp_repair *out, struct cp_span input, struct cp_error *err) {
    struct cp_job job = {.out = out, .input = input};
    *out = (struct cp_repair){.num_blocks = 0};
    if (input.len > CP_MAX_FILE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "larger than the maximum of %zu bytes", CP_MAX_FILE_LEN);
    enum cp_status status = cp_secret_init(&job.scratch, cp_base64_max(input.len), err);
    if (status != CP_OK)
        goto out;
    if (cp_repair_is_canonical(input, job.scratch.data)) {
        status = copy_canonical(out, input, err);
        goto out;
    }
    cp_secret_cleanup(&job.scratch);
    status = cp_text_init(&job.text, input.len, err);
    if (status != CP_OK)
        goto out;
    for (size_t i = 0; i < input.len; i++) {
        job.text.data[i] = input.data[i];
        job.text.origin[i] = (uint32_t)i;
    }
    job.text.len = input.len;
    run_passes(&job);
    if (job.failed == CP_OK)
        job.failed = cp_secret_init(&job.scratch, 2 * job.text.len + 16, NULL);
    if (job.failed == CP_OK)
        cp_blocks_find(&job);
    if (job.failed == CP_OK && out->text.len > CP_MAX_FILE_LEN)
        job.failed = CP_ERR_LIMIT;
    /* Small changes that nothing else sees: a line end that was missing, a quote without its pair.
     */
    if (job.failed == CP_OK && out->num_notes == 0 && out->num_blocks != 0 &&
        !cp_span_equal((struct cp_span){out->text.data, out->text.len}, input))
        cp_job_count(&job, CP_CHECK_WHITE_SPACE, job.text.len);
    cp_job_finish_notes(&job);
    status = status_of(&job, err);
out:
    cp_text_cleanup(&job.text);
    cp_secret_cleanup(&job.scratch);
    return status;
}

void cp_repair_cleanup(struct cp_repair *repair) {
    if (repair == NULL)
        return;
    cp_secret_cleanup(&repair->text);
    free(repair->blocks);
    free(repair->notes);
    *repair = (struct cp_repair){.num_blocks = 0};
}
