/* The emulator's parser of request heads and of parameters. */
#include "apiclient/emulator/emulator.h"
#include "fuzz.h"

static struct cp_span as_span(struct esa_emu_span text) {
    return (struct cp_span){(const uint8_t *)text.data, text.len};
}

static void check_params(struct esa_emu_span encoded) {
    struct esa_emu_params *params = calloc(1, sizeof(*params));
    struct esa_emu_buf first = {.max = ESA_EMU_MAX_REPLY}, second = {.max = ESA_EMU_MAX_REPLY};
    FUZZ_ASSERT(params != NULL);
    params->text.max = ESA_EMU_MAX_BODY;
    if (esa_emu_params_parse(params, encoded)) {
        FUZZ_ASSERT(params->num <= ESA_EMU_MAX_PARAMS);
        for (size_t i = 0; i < params->num; i++) {
            struct cp_span all = {(const uint8_t *)params->text.data, params->text.len};
            FUZZ_ASSERT(fuzz_is_inside(as_span(params->items[i].name), all));
            FUZZ_ASSERT(fuzz_is_inside(as_span(params->items[i].value), all));
        }
        /* Canonical is a fixed point: decoding and encoding it again changes nothing. */
        esa_emu_params_canonical(&first, params);
        FUZZ_ASSERT(!first.failed);
        esa_emu_params_cleanup(params);
        memset(params, 0, sizeof(*params));
        params->text.max = ESA_EMU_MAX_REPLY;
        FUZZ_ASSERT(first.len == 0 ||
                    esa_emu_params_parse(params, (struct esa_emu_span){first.data, first.len}));
        esa_emu_params_canonical(&second, params);
        FUZZ_ASSERT(first.len == second.len &&
                    (first.len == 0 || memcmp(first.data, second.data, first.len) == 0));
    }
    esa_emu_params_cleanup(params);
    esa_emu_buf_cleanup(&first);
    esa_emu_buf_cleanup(&second);
    free(params);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct esa_emu_request *request = calloc(1, sizeof(*request));
    char *copy = (char *)fuzz_copy(data, size);
    FUZZ_ASSERT(request != NULL);
    if (size <= ESA_EMU_MAX_REQUEST_LINE)
        check_params((struct esa_emu_span){copy, size});
    /* The reader hands over heads that end in an empty line. */
    size_t head_len = 0;
    for (size_t i = 0; i + 4 <= size && head_len == 0; i++)
        if (memcmp(copy + i, "\r\n\r\n", 4) == 0)
            head_len = i + 4;
    if (head_len != 0) {
        char *head = (char *)fuzz_copy(data, head_len);
        int status = esa_emu_http_parse_head(request, head, head_len);
        struct cp_span whole = {(const uint8_t *)head, head_len};
        FUZZ_ASSERT(status == 0 || (status >= 400 && status <= 599));
        if (status == 0) {
            FUZZ_ASSERT(request->num_headers <= ESA_EMU_MAX_HEADERS);
            FUZZ_ASSERT(request->content_length <= ESA_EMU_MAX_BODY);
            FUZZ_ASSERT(fuzz_is_inside(as_span(request->method), whole) &&
                        fuzz_is_inside(as_span(request->path), whole) &&
                        fuzz_is_inside(as_span(request->query), whole));
            for (size_t i = 0; i < request->num_headers; i++)
                FUZZ_ASSERT(fuzz_is_inside(as_span(request->headers[i].name), whole) &&
                            fuzz_is_inside(as_span(request->headers[i].value), whole));
            check_params(request->query);
        }
        free(head);
    }
    free(copy);
    free(request);
    return 0;
}
