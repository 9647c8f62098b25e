/* PEM blocks, base64, line counting and the writer. */
#include "fuzz.h"

/* RFC 4648 4 and 3.5, told another way than base64.c does: drop white space, then judge the text as
 * a whole. */
static bool simple_decode(uint8_t *out, size_t *out_len, struct cp_span text) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *dense = malloc(text.len + 1);
    size_t len = 0, pads = 0;
    bool ok = true;
    FUZZ_ASSERT(dense != NULL);
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == 0 || strchr(" \t\r\n", text.data[i]) == NULL)
            dense[len++] = (char)text.data[i];
    while (pads < 2 && pads < len && dense[len - 1 - pads] == '=')
        pads++;
    ok = len % 4 == 0;
    *out_len = 0;
    for (size_t i = 0; ok && i < len; i += 4) {
        uint32_t group = 0;
        size_t used = 4;
        if (i + 4 == len)
            used -= pads;
        for (size_t j = 0; ok && j < used; j++) {
            const char *at = dense[i + j] == '\0' ? NULL : strchr(digits, dense[i + j]);
            ok = at != NULL;
            group |= ok ? (uint32_t)(at - digits) << (18 - 6 * j) : 0;
        }
        for (size_t j = 0; ok && j < 3; j++) {
            uint8_t byte = (uint8_t)(group >> (16 - 8 * j));
            if (j + 1 < used)
                out[(*out_len)++] = byte;
            else
                ok = byte == 0; /* bits left over */
        }
    }
    free(dense);
    return ok;
}

/* What is written reads back as the same bytes under the same label. */
static void check_round_trip(struct cp_span der, enum cp_pem_label kind, const char *label) {
    struct cp_secret out = {0};
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    size_t want = cp_pem_encoded_len(label, der.len), len = 0, bad = 0;
    const char *reason = NULL;
    bool found = false;
    FUZZ_ASSERT(cp_secret_init(&out, want, NULL) == CP_OK);
    FUZZ_ASSERT(cp_pem_append(&out, label, der, NULL) == CP_OK);
    FUZZ_ASSERT(out.len == want);
    FUZZ_ASSERT(cp_pem_append(&out, label, der, NULL) == CP_ERR_LIMIT);
    cp_pem_reader_init(&reader, (struct cp_span){out.data, out.len});
    FUZZ_ASSERT(cp_pem_next(&reader, &block, &found, NULL) == CP_OK && found);
    FUZZ_ASSERT(block.kind == kind && block.begin_line == 1 && block.headers.len == 0);
    uint8_t *again = malloc(cp_base64_max(block.body.len));
    FUZZ_ASSERT(again != NULL);
    FUZZ_ASSERT(cp_base64_decode(again, &len, block.body, &bad, &reason) == CP_OK);
    FUZZ_ASSERT(cp_span_equal((struct cp_span){again, len}, der));
    FUZZ_ASSERT(cp_pem_next(&reader, &block, &found, NULL) == CP_OK && !found);
    free(again);
    cp_secret_cleanup(&out);
}

static void check_base64(struct cp_span text) {
    uint8_t *ours = malloc(cp_base64_max(text.len)), *simple = malloc(text.len + 3);
    size_t len = 0, simple_len = 0, bad = 0;
    const char *reason = NULL;
    FUZZ_ASSERT(ours != NULL && simple != NULL);
    enum cp_status status = cp_base64_decode(ours, &len, text, &bad, &reason);
    FUZZ_ASSERT(status == CP_OK || status == CP_ERR_PARSE);
    FUZZ_ASSERT((status == CP_OK) == simple_decode(simple, &simple_len, text));
    if (status == CP_OK) {
        FUZZ_ASSERT(len == simple_len && memcmp(ours, simple, len) == 0);
        check_round_trip((struct cp_span){ours, len}, CP_PEM_CERTIFICATE, "CERTIFICATE");
        check_round_trip((struct cp_span){ours, len}, CP_PEM_PRIVATE_KEY, "PRIVATE KEY");
    } else {
        FUZZ_ASSERT(reason != NULL && bad <= text.len);
    }
    free(ours);
    free(simple);
}

/* Lines counted one character at a time. */
static size_t simple_line(struct cp_span text, size_t offset) {
    size_t line = 1;
    for (size_t i = 0; i < offset; i++)
        if (text.data[i] == '\n' ||
            (text.data[i] == '\r' && (i + 1 == offset || text.data[i + 1] != '\n')))
            line++;
    return line;
}

static void check_block(const struct cp_pem_block *block, struct cp_span text) {
    size_t line = 0, column = 0;
    FUZZ_ASSERT(fuzz_is_inside(block->label, text) && fuzz_is_inside(block->headers, text) &&
                fuzz_is_inside(block->body, text));
    FUZZ_ASSERT(block->begin_offset < block->end_offset && block->end_offset <= text.len);
    FUZZ_ASSERT(memcmp(text.data + block->begin_offset, "-----BEGIN ", 11) == 0);
    FUZZ_ASSERT(memcmp(text.data + block->end_offset - 5, "-----", 5) == 0);
    FUZZ_ASSERT(block->begin_line == simple_line(text, block->begin_offset));
    FUZZ_ASSERT(block->body_line == simple_line(text, (size_t)(block->body.data - text.data)));
    cp_pem_position(text, 0, 1, block->begin_offset, &line, &column);
    FUZZ_ASSERT(line == block->begin_line && column >= 1 && column <= block->begin_offset + 1);
    size_t body = (size_t)(block->body.data - text.data);
    cp_pem_position(text, block->begin_offset, block->begin_line, body, &line, &column);
    FUZZ_ASSERT(line == block->body_line);
    check_base64(block->body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = fuzz_copy(data, size);
    struct cp_span text = {copy, size};
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = true;
    check_base64(text);
    cp_pem_reader_init(&reader, text);
    while (found) {
        struct cp_error err = {CP_OK, 0, 0, ""};
        size_t before = reader.offset;
        enum cp_status status = cp_pem_next(&reader, &block, &found, &err);
        FUZZ_ASSERT(reader.offset <= text.len);
        FUZZ_ASSERT(reader.line == simple_line(text, reader.offset));
        if (status == CP_OK && !found)
            break;
        FUZZ_ASSERT(reader.offset > before);
        if (status == CP_OK) {
            FUZZ_ASSERT(block.begin_offset >= before && block.end_offset == reader.offset);
            check_block(&block, text);
        } else {
            FUZZ_ASSERT(status == CP_ERR_PARSE && err.status == status && !found);
            FUZZ_ASSERT(err.offset >= before && err.offset < reader.offset);
            FUZZ_ASSERT(err.line == simple_line(text, err.offset));
            fuzz_is_shown_safely(err.message, strlen(err.message), false);
            found = true;
        }
    }
    FUZZ_ASSERT(reader.offset == text.len);
    free(copy);
    return 0;
}
