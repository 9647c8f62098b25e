/* The PEM reader and writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "pem.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define B(label) "-----BEGIN " label "-----"
#define E(label) "-----END " label "-----"
#define CERT "CERTIFICATE"

/* What is expected of the first block. */
static const struct {
    const char *text;
    enum cp_pem_label kind;
    const char *label, *headers, *body;
    size_t begin_line, body_line, begin_offset;
    const char *reason;
} blocks[] = {
    {B(CERT) "\nAAAA\n" E(CERT) "\n", CP_PEM_CERTIFICATE, CERT, "", "\nAAAA\n", 1, 1, 0, "plain"},
    {B(CERT) "\nAAAA\n" E(CERT), CP_PEM_CERTIFICATE, CERT, "", "\nAAAA\n", 1, 1, 0,
     "no line end at the end"},
    {B("PRIVATE KEY") "\nAA\n" E("PRIVATE KEY"), CP_PEM_PRIVATE_KEY, "PRIVATE KEY", "", "\nAA\n", 1,
     1, 0, "PKCS#8"},
    {B("RSA PRIVATE KEY") "\n" E("RSA PRIVATE KEY"), CP_PEM_RSA_PRIVATE_KEY, "RSA PRIVATE KEY", "",
     "\n", 1, 1, 0, "PKCS#1, and an empty body"},
    {B("EC PRIVATE KEY") "\n" E("EC PRIVATE KEY"), CP_PEM_EC_PRIVATE_KEY, "EC PRIVATE KEY", "",
     "\n", 1, 1, 0, "SEC1"},
    {B("ENCRYPTED PRIVATE KEY") "\n" E("ENCRYPTED PRIVATE KEY"), CP_PEM_ENCRYPTED_PRIVATE_KEY,
     "ENCRYPTED PRIVATE KEY", "", "\n", 1, 1, 0, "encrypted PKCS#8"},
    {B("EC PARAMETERS") "\n" E("EC PARAMETERS"), CP_PEM_EC_PARAMETERS, "EC PARAMETERS", "", "\n", 1,
     1, 0, "curve"},
    {B("X509 CERTIFICATE") "\n" E("X509 CERTIFICATE"), CP_PEM_OTHER, "X509 CERTIFICATE", "", "\n",
     1, 1, 0, "an old label is another label"},
    {B("certificate") "\n" E("certificate"), CP_PEM_OTHER, "certificate", "", "\n", 1, 1, 0,
     "case counts"},
    {B("") "\n" E(""), CP_PEM_OTHER, "", "", "\n", 1, 1, 0, "an empty label"},
    {"-----BEGIN PUBLIC KEY-----\n" E("PUBLIC KEY"), CP_PEM_OTHER, "PUBLIC KEY", "", "\n", 1, 1, 0,
     "a public key"},
    /* headers, RFC 1421 4.6 */
    {B("RSA PRIVATE KEY") "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAA\n" E(
         "RSA PRIVATE KEY"),
     CP_PEM_RSA_PRIVATE_KEY, "RSA PRIVATE KEY",
     "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n", "\nAA\n", 1, 4, 0, "headers"},
    {B("RSA PRIVATE KEY") "\r\nA: b\r\nC: d\r\n\r\nAA\r\n" E("RSA PRIVATE KEY"),
     CP_PEM_RSA_PRIVATE_KEY, "RSA PRIVATE KEY", "A: b\r\nC: d\r\n", "\r\nAA\r\n", 1, 4, 0,
     "headers with CRLF"},
    {B("RSA PRIVATE KEY") "\nA: b\nAAAA\n" E("RSA PRIVATE KEY"), CP_PEM_RSA_PRIVATE_KEY,
     "RSA PRIVATE KEY", "A: b\nAAAA\n", "", 1, 4, 0,
     "no blank line behind the headers: nothing is left of the body"},
    /* lenient inputs, RFC 7468 3 */
    {B(CERT) "\r\nAAAA\r\n" E(CERT) "\r\n", CP_PEM_CERTIFICATE, CERT, "", "\r\nAAAA\r\n", 1, 1, 0,
     "lenient: CRLF"},
    {B(CERT) "\rAAAA\r" E(CERT) "\r", CP_PEM_CERTIFICATE, CERT, "", "\rAAAA\r", 1, 1, 0,
     "lenient: CR alone"},
    {B(CERT) "  \n AAAA \n" E(CERT) "  \n", CP_PEM_CERTIFICATE, CERT, "", "  \n AAAA \n", 1, 1, 0,
     "lenient: spaces at line ends and inside"},
    {"text\n\nmore\n" B(CERT) "\nAAAA\n" E(CERT), CP_PEM_CERTIFICATE, CERT, "", "\nAAAA\n", 4, 4,
     11, "lenient: text before"},
    {"\xef\xbb\xbf" B(CERT) "\nAAAA\n" E(CERT), CP_PEM_CERTIFICATE, CERT, "", "\nAAAA\n", 1, 1, 3,
     "lenient: byte order mark"},
    {"    " B(CERT) "\n    AAAA\n    " E(CERT), CP_PEM_CERTIFICATE, CERT, "", "\n    AAAA\n    ", 1,
     1, 4, "lenient: indented"},
    {B(CERT) " AAAA " E(CERT), CP_PEM_CERTIFICATE, CERT, "", " AAAA ", 1, 1, 0,
     "lenient: all in one line"},
    {B(CERT) "AAAA" E(CERT), CP_PEM_CERTIFICATE, CERT, "", "AAAA", 1, 1, 0,
     "lenient: not even a space"},
    {"--------BEGIN x\n" B(CERT) "\n" E(CERT), CP_PEM_CERTIFICATE, CERT, "", "\n", 2, 2, 16,
     "lenient: a broken BEGIN line before, which is passed over (see broken)"},
    {B(CERT) "\n----\nAAAA\n" E(CERT), CP_PEM_CERTIFICATE, CERT, "", "\n----\nAAAA\n", 1, 1, 0,
     "dashes in the body are the decoder's business"},
    {E(CERT) "\n" B(CERT) "\n" E(CERT), CP_PEM_CERTIFICATE, CERT, "", "\n", 2, 2, 26,
     "lenient: an END without a BEGIN is text"},
};

static void one_block(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(blocks); i++) {
        struct cp_pem_reader reader;
        struct cp_pem_block block;
        bool found = false;
        struct cp_span text = cp_span_of(blocks[i].text);
        cp_pem_reader_init(&reader, text);
        enum cp_status status = cp_pem_next(&reader, &block, &found, NULL);
        while (status != CP_OK && reader.offset < blocks[i].begin_offset + 1)
            status = cp_pem_next(&reader, &block, &found, NULL);
        if (status != CP_OK || !found)
            fail_msg("refused: %s", blocks[i].reason);
        if (block.kind != blocks[i].kind ||
            !cp_span_equal(block.label, cp_span_of(blocks[i].label)) ||
            !cp_span_equal(block.headers, cp_span_of(blocks[i].headers)) ||
            !cp_span_equal(block.body, cp_span_of(blocks[i].body)))
            fail_msg("%s: '%.*s' '%.*s'", blocks[i].reason, (int)block.headers.len,
                     (const char *)block.headers.data, (int)block.body.len,
                     (const char *)block.body.data);
        if (block.begin_line != blocks[i].begin_line || block.body_line != blocks[i].body_line ||
            block.begin_offset != blocks[i].begin_offset)
            fail_msg("%s: lines %zu, %zu, offset %zu", blocks[i].reason, block.begin_line,
                     block.body_line, block.begin_offset);
        assert_memory_equal(text.data + block.end_offset - 5, "-----", 5);
        assert_int_equal(cp_pem_next(&reader, &block, &found, NULL), CP_OK);
        assert_false(found);
        assert_int_equal(reader.offset, text.len);
    }
}

static const struct {
    const char *text;
    const char *message;
    size_t line, offset;
    bool another; /* a good block follows */
    const char *reason;
} broken[] = {
    {B(CERT) "\nAAAA\n", "no END line", 1, 0, false, "cut off"},
    {B(CERT), "no END line", 1, 0, false, "nothing but the BEGIN line"},
    {"x\n" B(CERT) "\nAAAA\n-----END CERTIFICATE", "another label", 2, 2, false,
     "cut off in the END line"},
    {B(CERT) "\nAAAA\n-----END CERTIFICATE----", "another label", 1, 0, false,
     "four dashes at the end"},
    {B(CERT) "\nAA\n" B(CERT) "\nAA\n" E(CERT), "no END line", 1, 0, true, "a BEGIN in a block"},
    {B(CERT) "\nAA\n" E("PRIVATE KEY") "\n" B(CERT) "\n" E(CERT), "another label", 1, 0, true,
     "END of something else"},
    {B(CERT) "\nAA\n" E("CERTIFICATE2"), "another label", 1, 0, false, "a longer label at the END"},
    {"-----BEGIN CERTIFICATE----\nAA\n" E(CERT), "five dashes", 1, 0, false, "four dashes"},
    {"-----BEGIN CERTIFICATE\nAA\n" E(CERT), "five dashes", 1, 0, false, "no dashes"},
    {"-----BEGIN CERT-IFICATE-----\nAA\n-----END CERT-IFICATE-----", "five dashes", 1, 0, false,
     "a dash in the label"},
    {"\r\n\r\n-----BEGIN ", "five dashes", 3, 4, false, "the text ends behind BEGIN"},
    {"-----BEGIN A\x1b[2J-----\n", "'(not a label)'", 1, 0, false, "an escape sequence"},
    {"-----BEGIN MHcCAQEEIAzr9ImBN5PbIHVzKAHhTkEZBBdbcYMmp7LPJhZ-----\n", "'(not a label)'", 1, 0,
     false, "key text in the label's place must not be shown"},
};

static void broken_blocks(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(broken); i++) {
        struct cp_pem_reader reader;
        struct cp_pem_block block;
        struct cp_error err = {CP_OK, 0, 0, ""};
        bool found = true;
        cp_pem_reader_init(&reader, cp_span_of(broken[i].text));
        if (cp_pem_next(&reader, &block, &found, &err) != CP_ERR_PARSE || found)
            fail_msg("accepted: %s", broken[i].reason);
        if (strstr(err.message, broken[i].message) == NULL || err.line != broken[i].line ||
            err.offset != broken[i].offset)
            fail_msg("%s: line %zu, offset %zu: %s", broken[i].reason, err.line, err.offset,
                     err.message);
        assert_int_equal(cp_pem_next(&reader, &block, &found, &err), CP_OK);
        if (found != broken[i].another)
            fail_msg("%s: goes on wrongly", broken[i].reason);
    }
}

static void several_blocks(void **state) {
    static const char text[] = "Bag Attributes\n  x: y\n" B(CERT) "\nAA\n" E(CERT) "\nkey:\n" B(
        "PRIVATE KEY") "\nBB\n" E("PRIVATE KEY") B(CERT) "\nCC\n" E(CERT) "\nend";
    static const struct {
        enum cp_pem_label kind;
        size_t line;
    } want[] = {{CP_PEM_CERTIFICATE, 3}, {CP_PEM_PRIVATE_KEY, 7}, {CP_PEM_CERTIFICATE, 9}};
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = false;
    (void)state;
    cp_pem_reader_init(&reader, cp_span_of(text));
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_int_equal(cp_pem_next(&reader, &block, &found, NULL), CP_OK);
        assert_true(found);
        assert_int_equal(block.kind, want[i].kind);
        assert_int_equal(block.begin_line, want[i].line);
    }
    assert_int_equal(cp_pem_next(&reader, &block, &found, NULL), CP_OK);
    assert_false(found);
    cp_pem_reader_init(&reader, (struct cp_span){NULL, 0});
    assert_int_equal(cp_pem_next(&reader, &block, &found, NULL), CP_OK);
    assert_false(found);
}

/* A text cut at any place is never read past its end, and the reader always gets to the end. */
static void every_truncation(void **state) {
    static const char text[] = "a\n" B("RSA PRIVATE KEY") "\nA: b\n\nAA==\n" E(
        "RSA PRIVATE KEY") "\n" B(CERT) "\r\nAAAA\r\n" E(CERT) "\r\n";
    (void)state;
    for (size_t len = 0; len < sizeof(text); len++) {
        uint8_t *copy = malloc(len + 1);
        struct cp_pem_reader reader;
        struct cp_pem_block block;
        bool found = true;
        assert_non_null(copy);
        uint8_t *start = copy + 1; /* the last byte of the allocation is the last of the text */
        memcpy(start, text, len);
        cp_pem_reader_init(&reader, (struct cp_span){start, len});
        for (int steps = 0; reader.offset < len; steps++) {
            assert_true(steps < 10);
            if (cp_pem_next(&reader, &block, &found, NULL) == CP_OK && found)
                assert_true(block.end_offset <= len);
        }
        free(copy);
    }
}

static const struct {
    const char *text;
    size_t offset, line, column;
    const char *reason;
} positions[] = {
    {"abc", 0, 1, 1, "the start"},
    {"abc", 2, 1, 3, "inside the first line"},
    {"a\nb", 1, 1, 2, "a line end belongs to its line"},
    {"a\nb", 2, 2, 1, "behind it"},
    {"a\r\nb", 3, 2, 1, "CRLF is one line end"},
    {"a\rb", 2, 2, 1, "CR alone is one too"},
    {"\r\r\n\n", 4, 4, 1, "CR, CRLF, LF"},
    {"\n\r", 2, 3, 1, "LF, CR"},
    {"a\nbc", 4, 2, 3, "the end"},
    {"a\nbc", 99, 2, 3, "beyond the end is the end"},
    {"", 0, 1, 1, "no text"},
};

static void positions_count_lines(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(positions); i++) {
        size_t line = 0, column = 0;
        struct cp_span text = cp_span_of(positions[i].text);
        cp_pem_position(text, 0, 1, positions[i].offset, &line, &column);
        if (line != positions[i].line || column != positions[i].column)
            fail_msg("%s: %zu:%zu", positions[i].reason, line, column);
        /* Counted on from any place that is not inside a CRLF. */
        for (size_t from = 0; from <= positions[i].offset && from <= text.len; from++) {
            size_t from_line = 0;
            if (from > 0 && from < text.len && text.data[from] == '\n' &&
                text.data[from - 1] == '\r')
                continue;
            cp_pem_position(text, 0, 1, from, &from_line, &column);
            cp_pem_position(text, from, from_line, positions[i].offset, &line, &column);
            if (line != positions[i].line || column != positions[i].column)
                fail_msg("%s: from %zu: %zu:%zu", positions[i].reason, from, line, column);
        }
    }
}

static void labels_are_shown_if_they_are_labels(void **state) {
    static const struct {
        const char *label, *shown, *reason;
    } rows[] = {
        {"CERTIFICATE", "CERTIFICATE", "the usual"},
        {"ENCRYPTED PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "several words"},
        {"X509 CRL", "X509 CRL", "digits"},
        {"PKCS #7 SIGNED DATA", "PKCS #7 SIGNED DATA", "a number sign"},
        {"", "", "none"},
        {"certificate", "(not a label)", "small letters may be base64"},
        {"MIGHAgEAMBMGByqGSM49", "(not a label)", "base64"},
        {"MIGHAGEAMBMGBYQGS", "(not a label)", "a long word of capitals may be base64 too"},
        {"A=B", "(not a label)", "padding"},
        {"A\nB", "(not a label)", "a line end"},
        {"AAAA BBBB CCCC DDDD EEEE FFFF GGGG HHHH I", "(not a label)", "longer than any"},
    };
    char shown[CP_PEM_LABEL_TEXT];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        cp_pem_label_text(shown, cp_span_of(rows[i].label));
        if (strcmp(shown, rows[i].shown) != 0)
            fail_msg("%s: '%s'", rows[i].reason, shown);
    }
}

static void writer_is_exact(void **state) {
    struct cp_secret out = {0};
    struct cp_error err;
    uint8_t der[49] = {0};
    static const char want[] =
        B(CERT) "\n"
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                "AA==\n" E(CERT) "\n";
    (void)state;
    assert_int_equal(cp_pem_encoded_len(CERT, sizeof(der)), sizeof(want) - 1);
    assert_int_equal(cp_secret_init(&out, sizeof(want) - 1 + 10, &err), CP_OK);
    assert_int_equal(cp_secret_append(&out, "0123456789", 10, &err), CP_OK);
    assert_int_equal(cp_pem_append(&out, CERT, (struct cp_span){der, sizeof(der)}, &err), CP_OK);
    assert_int_equal(out.len, sizeof(want) - 1 + 10);
    assert_memory_equal(out.data + 10, want, sizeof(want)); /* and a NUL behind it */
    assert_int_equal(cp_pem_append(&out, CERT, (struct cp_span){der, 1}, &err), CP_ERR_LIMIT);
    cp_secret_cleanup(&out);
    assert_int_equal(cp_pem_append(&out, CERT, (struct cp_span){der, 1}, &err), CP_ERR_LIMIT);
}

/* Work must grow with the text, not with its square: 1 MiB of each takes long otherwise. */
static void hostile_texts_end_soon(void **state) {
    static const char *const pieces[] = {"-",  "-----BEGIN ",  B(CERT) "\n",   "-----END ",
                                         "\r", B(CERT) E("X"), B(CERT) "\n:\n"};
    const size_t size = 1 << 20;
    char *text = malloc(size);
    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < COUNT(pieces); i++) {
        size_t len = strlen(pieces[i]), num_steps = 0;
        struct cp_pem_reader reader;
        struct cp_pem_block block;
        bool found = true;
        for (size_t at = 0; at < size; at++)
            text[at] = pieces[i][at % len];
        cp_pem_reader_init(&reader, (struct cp_span){(const uint8_t *)text, size});
        for (; reader.offset < size; num_steps++)
            (void)!cp_pem_next(&reader, &block, &found, NULL);
        assert_true(num_steps <= size / len + 2);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_block),
        cmocka_unit_test(broken_blocks),
        cmocka_unit_test(several_blocks),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(positions_count_lines),
        cmocka_unit_test(labels_are_shown_if_they_are_labels),
        cmocka_unit_test(writer_is_exact),
        cmocka_unit_test(hostile_texts_end_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
