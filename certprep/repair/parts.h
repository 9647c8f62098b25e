/* parts: what the files of repair share. Nobody else includes it.
 *
 *   passes, in rounds (repair.c)   encoding.c, transport.c, wrapped.c, characters.c
 *   markers -> blocks (blocks.c)   marker.c, label.c
 *   one block                      block.c (what becomes of it), headers.c, body.c (base64),
 *                                  kind.c (what its DER is), emit.c
 */
#ifndef CP_REPAIR_PARTS_H
#define CP_REPAIR_PARTS_H

#include "repair.h"

#define CP_MAX_REPAIR_LAYERS                                                                       \
    4 /* base64 of JSON of ...: what is wrapped deeper is not unwrapped                            \
       */

#define CP_SEAM                                                                                    \
    0x01 /* control character that stands where unwrapped base64 was joined to its surroundings */

/* Stands where a NUL was dropped inside a line: to close the gap before escapes are decoded could
 * make one out of two halves. */
#define CP_GAP 0x02

/* Text that knows where each byte came from. Passes rewrite it in place and only ever shrink it.
 * Both arrays may hold key bytes, or tell of them, so both are secrets. */
struct cp_text {
    struct cp_secret bytes, origins;
    uint8_t *data;
    uint32_t *origin; /* offset in the input, for each byte */
    size_t len;
};

struct cp_job {
    struct cp_repair *out;
    struct cp_span input;
    struct cp_text text;
    struct cp_secret scratch; /* base64 of one block without white space, behind it its DER */
    size_t window_start,
        window_end; /* of text: where blocks are, roughly: what prose is left alone */
    size_t num_layers;
    /* Characters were rewritten: from now on a block must prove itself by its DER length. */
    bool needs_proof;
    bool dropped_inside; /* a NUL or a character without width was dropped between two others */
    size_t num_seen;     /* blocks, kept or not */
    size_t cap_notes, cap_blocks;
    size_t counted[CP_NUM_CHECKS]; /* index + 1 of a rule's one note with a count */
    enum cp_status failed;         /* out of memory or over a limit; sticks */
};

/* ---- notes (notes.c) ---- */

/* One more place of a defect of characters or lines: one note a rule, with its first place. */
void cp_job_count(struct cp_job *job, enum cp_check check, size_t text_offset);
/* num of them at once; text_offset is the first. */
void cp_job_count_many(struct cp_job *job, enum cp_check check, size_t text_offset, size_t num);
/* A note of its own, for a defect of a block. */
void cp_job_note(struct cp_job *job, enum cp_check check, size_t text_offset, bool repaired,
                 const char *format, ...) CP_PRINTF(5, 6);
size_t cp_job_origin(const struct cp_job *job, size_t text_offset);
void cp_job_finish_notes(struct cp_job *job);

/* ---- passes: true if they changed the text ---- */

typedef bool cp_pass_fn(struct cp_job *job);
cp_pass_fn cp_pass_utf16, cp_pass_bom, cp_pass_nul, cp_pass_line_ends;
cp_pass_fn cp_pass_base64, cp_pass_percent, cp_pass_entities, cp_pass_escapes;
cp_pass_fn cp_pass_characters;

/* Appends one byte to what a pass has written so far; from is where it stood. */
static inline void cp_text_put(struct cp_text *text, size_t *used, uint8_t byte, size_t from) {
    text->origin[*used] = text->origin[from];
    text->data[(*used)++] = byte;
}
void cp_text_put_code(struct cp_text *text, size_t *used, uint32_t code, size_t from);
/* A code point's UTF-8 form; its length. What is no character becomes U+FFFD. */
size_t cp_utf8_encode(uint8_t out[4], uint32_t code);
/* Length of the sequence at data and its code point; 0 if it is none. */
size_t cp_utf8_decode(uint32_t *code, const uint8_t *data, size_t len);
enum cp_status cp_text_init(struct cp_text *text, size_t cap, struct cp_error *err);
void cp_text_cleanup(struct cp_text *text);

static inline bool cp_is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}
static inline bool cp_is_letter(uint8_t c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}
static inline bool cp_is_base64(uint8_t c) {
    return cp_is_digit(c) || cp_is_letter(c) || c == '+' || c == '/';
}
static inline bool cp_is_blank(uint8_t c) { /* not a line end */
    return c == ' ' || c == '\t' || c == 0x0b || c == 0x0c;
}
int cp_hex_value(uint8_t c);         /* -1 if it is no hex digit */
unsigned cp_base64_value(uint8_t c); /* of a character of base64 */
/* Offset of a word in letters of any case, or SIZE_MAX. */
size_t cp_find_word(struct cp_span text, size_t from, const char *upper);

/* ---- what a block holds (kind.c) ---- */

enum cp_kind_of_block {
    CP_BLOCK_UNKNOWN,
    CP_BLOCK_CERTIFICATE,
    CP_BLOCK_PKCS8,
    CP_BLOCK_ENCRYPTED,
    CP_BLOCK_PKCS1,
    CP_BLOCK_SEC1,
    CP_BLOCK_DSA,
    CP_BLOCK_PKCS7,
    /* from here on: neither certificate nor private key; left out */
    CP_BLOCK_REQUEST,
    CP_BLOCK_CRL,
    CP_BLOCK_PUBLIC_KEY,
    CP_BLOCK_OPENSSH,
    CP_BLOCK_PGP,
    CP_BLOCK_DH_PARAMETERS,
    CP_BLOCK_EC_PARAMETERS,
    CP_NUM_BLOCK_KINDS,
};

struct cp_kind_row {
    const char *label; /* what it is written under; NULL: left out */
    const char *name;  /* in messages */
    enum cp_check left_out;
};
const struct cp_kind_row *cp_kind_get(enum cp_kind_of_block kind);
/* Whole length, by its header, of the SEQUENCE that starts at der; 0 if none does. At most 6 bytes
 * of der are looked at. */
size_t cp_kind_der_len(const uint8_t *der, size_t len);
/* By structure alone; der is one whole element. */
enum cp_kind_of_block cp_kind_of(struct cp_span der);

/* ---- marker lines (marker.c, label.c) ---- */

struct cp_marker {
    size_t start, end; /* of text: first dash to after the last */
    struct cp_span label;
    bool is_end;
    bool spaced; /* spaces too many or too few around the word or the label */
    size_t dashes_before, dashes_after;
    enum cp_kind_of_block kind; /* by label */
    bool exact;                 /* the label is written as RFC 7468 has it */
    bool known;                 /* it is in the table, exact or not */
};

struct cp_label_match {
    enum cp_kind_of_block kind;
    bool known, exact, plausible;
};
/* plausible: meant as a label, not as prose between dashes. */
void cp_label_match(struct cp_label_match *out, struct cp_span label);
/* Length of the known label that text starts with, in any case, followed by white space; or 0. */
size_t cp_label_prefix(struct cp_span text);
bool cp_marker_next(const struct cp_text *text, size_t from, struct cp_marker *out);

/* ---- base64 of one block (body.c) ---- */

struct cp_body {
    /* in */
    size_t start, end;    /* of text */
    uint8_t quote;        /* the character that stands before BEGIN: strings are joined; 0: none */
    bool no_begin;        /* start is the start of a line, not the rest of the BEGIN line */
    bool stop_when_whole; /* no END: stop at the first line end behind the whole DER */
    bool spaces_are_plus; /* the other reading of spaces */
    /* out */
    size_t stop; /* where it ended */
    uint8_t *chars;
    size_t num_chars; /* base64 characters, padding not counted */
    size_t num_pads;
    size_t first_pad;               /* text offset */
    size_t illegal, num_illegal;    /* text offset of the first, or SIZE_MAX */
    size_t behind_pad;              /* first character behind the padding, or SIZE_MAX */
    size_t inner_space, num_spaces; /* between characters of one line */
    size_t num_lines;               /* line ends */
    size_t num_quotes;
    size_t uneven_line; /* a line that is not of 64 columns, the last one aside; or SIZE_MAX */
    bool even_blanks;   /* before every part there are as many blanks */
    size_t first_segment, num_blanks;
    bool even_lines; /* lines are of one length, the last one aside, and that is a multiple of four
                      */
    bool even_segments; /* parts between white space are of one length, the last one aside */
    size_t first_column, last_column; /* characters on the lines of the markers */
    /* places to note, counted while walking */
    size_t blank, num_blank, indent, num_indent, trailing, num_trailing, prefix, num_prefix;
};

/* Fills the out fields; chars points into the job's scratch. */
void cp_body_read(struct cp_job *job, struct cp_body *body);
/* Length of the DER, put behind the characters in scratch. leftover: the last character has bits
 * that must be 0 and are not. body->num_chars % 4 must not be 1. */
size_t cp_body_decode(struct cp_job *job, const struct cp_body *body, uint8_t **der,
                      bool *leftover);
/* has_begin, has_end: whether the block has these marker lines, for base64 to be glued to. */
void cp_body_note_lines(struct cp_job *job, const struct cp_body *body, bool has_begin,
                        bool has_end);

/* ---- blocks ---- */

struct cp_found_block {
    const struct cp_marker *begin, *end; /* one may be NULL: its line is missing */
    size_t start, stop;                  /* of text: between the markers */
};

void cp_blocks_find(struct cp_job *job); /* blocks.c */
size_t cp_block_take(struct cp_job *job,
                     const struct cp_found_block *found); /* block.c; returns where it ended */
/* RFC 1421 headers at the start of a block (headers.c). */
struct cp_headers {
    bool present;      /* there are lines with a colon */
    bool encrypted;    /* exactly Proc-Type: 4,ENCRYPTED and DEK-Info */
    char dek_info[96]; /* "AES-256-CBC,0123..." */
    size_t end;        /* of text: where the base64 starts */
};
void cp_headers_read(struct cp_headers *out, struct cp_span text, size_t start, size_t stop);
/* How they are written: at most CP_MAX_HEADERS bytes. */
#define CP_MAX_HEADERS 160
size_t cp_headers_write(char out[CP_MAX_HEADERS], const struct cp_headers *headers);
/* Adds a block to the output, unless it is there already. */
void cp_emit(struct cp_job *job, size_t text_offset, struct cp_span label,
             const struct cp_headers *headers, struct cp_span der);

#endif
