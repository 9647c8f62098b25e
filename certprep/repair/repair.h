/* repair: from bytes as customers send them to PEM text that every reader takes.
 *
 * A repair is deterministic and idempotent, and it never guesses: what could mean two things is
 * refused with both readings shown. The repaired text decodes to the DER that was meant, byte for
 * byte, in OpenSSL, GnuTLS and Node; or the block is left out and a note says why.
 *
 * Every pass works on text that knows, byte for byte, where it came from (struct cp_text), so that
 * a note has its place in the customer's file however many layers were taken off. Work and memory
 * are linear in the input.
 */
#ifndef CP_REPAIR_H
#define CP_REPAIR_H

#include "bundle.h" /* enum cp_check */

/* What was found, and whether it is mended in the text. */
struct cp_repair_note {
    enum cp_check check;
    size_t offset;     /* in the input: where it is, or where it is first */
    size_t count;      /* how many places; 1 or more */
    bool repaired;     /* false: message says why not */
    char message[200]; /* one clause, escaped, never base64 of a block */
};

/* One block of the repaired text. */
struct cp_repair_block {
    size_t offset;       /* of its BEGIN in text */
    size_t input_offset; /* of its first byte in the input */
};

struct cp_repair {
    struct cp_secret text; /* canonical PEM: blocks of 64-column lines ended by LF, nothing else;
                            * RFC 1421 headers of encrypted keys are kept */
    struct cp_repair_block *blocks;
    size_t num_blocks;
    struct cp_repair_note *notes; /* in the order of their offsets */
    size_t num_notes;
};

/* True if input is canonical already: cp_repair_run would copy it and note nothing. One quick pass.
 * scratch has room for cp_base64_max(input.len); a key may be in it afterwards. */
bool cp_repair_is_canonical(struct cp_span input, uint8_t *scratch);

/* CP_OK also where nothing could be saved: then there are notes and no blocks. CP_ERR_LIMIT over
 * CP_MAX_BLOCKS or CP_MAX_FILE_LEN. *out is valid to clean up in any case. */
CP_MUST_USE enum cp_status cp_repair_run(struct cp_repair *out, struct cp_span input,
                                         struct cp_error *err);
void cp_repair_cleanup(struct cp_repair *repair);

#endif
