/* Repair: canonical text comes out, it is not repaired again, and every note has its place in the
 * input. */
#include <stdlib.h>

#include "fuzz.h"
#include "repair/repair.h"

static void check_blocks(const struct cp_repair *repair, size_t input_len) {
    struct cp_span text = {repair->text.data, repair->text.len};
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    size_t num = 0, end = 0;
    cp_pem_reader_init(&reader, text);
    for (bool found = true;; num++) {
        size_t len = 0, bad = 0;
        const char *reason = NULL;
        FUZZ_ASSERT(cp_pem_next(&reader, &block, &found, NULL) == CP_OK);
        if (!found)
            break;
        FUZZ_ASSERT(num < repair->num_blocks);
        FUZZ_ASSERT(repair->blocks[num].offset == block.begin_offset && block.begin_offset == end);
        FUZZ_ASSERT(repair->blocks[num].input_offset < input_len);
        uint8_t *der = malloc(cp_base64_max(block.body.len));
        FUZZ_ASSERT(der != NULL);
        FUZZ_ASSERT(cp_base64_decode(der, &len, block.body, &bad, &reason) == CP_OK && len != 0);
        free(der);
        end = block.end_offset + 1;
    }
    FUZZ_ASSERT(num == repair->num_blocks && end == text.len);
}

static void check_notes(const struct cp_repair *repair, size_t input_len) {
    for (size_t i = 0; i < repair->num_notes; i++) {
        const struct cp_repair_note *note = &repair->notes[i];
        FUZZ_ASSERT((unsigned)note->check < CP_NUM_CHECKS && note->offset <= input_len &&
                    note->count != 0);
        FUZZ_ASSERT(i == 0 || repair->notes[i - 1].offset <= note->offset);
        FUZZ_ASSERT(note->message[0] != '\0' && strlen(note->message) < sizeof(note->message));
        fuzz_is_shown_safely(note->message, strlen(note->message), false);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = fuzz_copy(data, size);
    struct cp_span input = {copy, size};
    struct cp_repair repair, again;
    enum cp_status status = cp_repair_run(&repair, input, NULL);
    FUZZ_ASSERT(status == CP_OK || status == CP_ERR_LIMIT);
    if (status == CP_OK) {
        struct cp_span text = {repair.text.data, repair.text.len};
        check_blocks(&repair, size);
        check_notes(&repair, size);
        if (repair.num_blocks != 0 && !cp_span_equal(text, input))
            FUZZ_ASSERT(repair.num_notes != 0); /* no change without a word */
        uint8_t *scratch = malloc(cp_base64_max(size));
        if (scratch != NULL && cp_repair_is_canonical(input, scratch))
            FUZZ_ASSERT(cp_span_equal(text, input) && repair.num_notes == 0);
        free(scratch);
        FUZZ_ASSERT(cp_repair_run(&again, text, NULL) == CP_OK);
        FUZZ_ASSERT(again.num_notes == 0 && again.num_blocks == repair.num_blocks);
        FUZZ_ASSERT(cp_span_equal((struct cp_span){again.text.data, again.text.len}, text));
        cp_repair_cleanup(&again);
    }
    cp_repair_cleanup(&repair);
    free(copy);
    return 0;
}
