/* pem: textual encodings, RFC 7468, read where they stand.
 *
 *   text      = *( explanatory / block )
 *   block     = "-----BEGIN " label "-----" EOL  [ headers ]  *base64line  "-----END " label
 * "-----" headers   = "Proc-Type: 4,ENCRYPTED" EOL "DEK-Info: ..." EOL EOL      (RFC 1421 4.6)
 *
 * Lenient inputs that are accepted (RFC 7468 5.2 "laxtextualmsg"): CRLF or LF or CR, white space at
 * line ends and inside base64, lines of any length, text before, between and after blocks.
 */
#ifndef CP_PEM_H
#define CP_PEM_H

#include "bytes.h"

enum cp_pem_label {
    CP_PEM_CERTIFICATE,           /* CERTIFICATE, RFC 7468 5 */
    CP_PEM_PRIVATE_KEY,           /* PRIVATE KEY, PKCS#8, RFC 7468 10 */
    CP_PEM_ENCRYPTED_PRIVATE_KEY, /* ENCRYPTED PRIVATE KEY, RFC 7468 11 */
    CP_PEM_RSA_PRIVATE_KEY,       /* RSA PRIVATE KEY, PKCS#1 */
    CP_PEM_EC_PRIVATE_KEY,        /* EC PRIVATE KEY, SEC1, RFC 5915 4 */
    CP_PEM_EC_PARAMETERS,         /* EC PARAMETERS: stands before SEC1 keys from openssl ecparam */
    CP_PEM_OTHER,                 /* anything else; the label says what */
};

/* All spans are borrowed from the text. */
struct cp_pem_block {
    enum cp_pem_label kind;
    struct cp_span label;   /* between "BEGIN " and the dashes */
    struct cp_span headers; /* RFC 1421 header lines, empty if there are none */
    struct cp_span body;    /* base64 text */
    size_t begin_offset;    /* of the first dash */
    size_t end_offset;      /* after the last dash */
    size_t begin_line;      /* counts from 1 */
    size_t body_line;
};

struct cp_pem_reader {
    struct cp_span text;
    size_t offset; /* where to go on */
    size_t
        line; /* of offset; set it to 0 where lines are not wanted: they cost as much as the rest */
};

void cp_pem_reader_init(struct cp_pem_reader *reader, struct cp_span text);

/* Finds the next block. CP_OK and *found false at the end of the text. On CP_ERR_PARSE (no END
 * line, END with another label, a BEGIN inside a block) err has line and offset, and reader stands
 * behind the broken part, so that reading can go on. */
CP_MUST_USE enum cp_status cp_pem_next(struct cp_pem_reader *reader, struct cp_pem_block *block,
                                       bool *found, struct cp_error *err);

/* The label as it may be shown: key text that a mangled file has in its place must not be. */
#define CP_PEM_LABEL_TEXT 48
void cp_pem_label_text(char out[CP_PEM_LABEL_TEXT], struct cp_span label);

/* Line and column (both from 1) of an offset into text; from is a place before it whose line is
 * known, so that many places cost no more than one pass. */
void cp_pem_position(struct cp_span text, size_t from, size_t from_line, size_t offset,
                     size_t *line, size_t *column);

/* A whole block as text: BEGIN line, 64-column base64, END line, LF; appended to secret. */
size_t cp_pem_encoded_len(const char *label, size_t der_len);
CP_MUST_USE enum cp_status cp_pem_append(struct cp_secret *out, const char *label,
                                         struct cp_span der, struct cp_error *err);

#endif
