/* What happens to PEM text on its way: mail, editors, YAML, JSON, copy and paste. */
#include "recipe.h"

#include <string.h>

#define BEGIN_CERT "-----BEGIN CERTIFICATE-----\n"
#define END_CERT "-----END CERTIFICATE-----\n"

static void replace_all(struct tc_bytes *text, const char *from, const char *to) {
    size_t from_len = strlen(from), to_len = strlen(to);
    for (size_t i = 0; i < text->len && from_len <= text->len - i;) {
        if (memcmp(text->data + i, from, from_len) == 0) {
            tc_splice(text, i, from_len, to, to_len);
            i += to_len;
        } else {
            i++;
        }
    }
}

static void replace_first(struct tc_bytes *text, const char *from, const char *to) {
    tc_splice(text, tc_find(text, 0, from, strlen(from)), strlen(from), to, strlen(to));
}

static void crlf(struct tc_bytes *text) {
    replace_all(text, "\n", "\r\n");
}

static void cr(struct tc_bytes *text) {
    replace_all(text, "\n", "\r");
}

static void bom(struct tc_bytes *text) {
    tc_splice(text, 0, 0, "\xef\xbb\xbf", 3);
}

static void utf16(struct tc_bytes *text) {
    struct tc_bytes out = {0};
    tc_put(&out, "\xff\xfe", 2);
    for (size_t i = 0; i < text->len; i++) {
        tc_put_byte(&out, text->data[i]);
        tc_put_byte(&out, 0);
    }
    tc_clear(text);
    *text = out;
}

static void one_line(struct tc_bytes *text) {
    replace_all(text, "\n", " ");
}

static void literal_newlines(struct tc_bytes *text) {
    replace_all(text, "\n", "\\n");
}

static void doubled_newlines(struct tc_bytes *text) {
    replace_all(text, "\n", "\\\\n");
}

static void glued(struct tc_bytes *text) {
    replace_all(text, "-----\n-----BEGIN", "----------BEGIN");
}

/* Word processors turn two hyphens into one dash. */
static void typographic(struct tc_bytes *text) {
    replace_all(text, "--", "\xe2\x80\x94");
}

static void trailing_spaces(struct tc_bytes *text) {
    replace_all(text, "\n", " \t\n");
}

static void blank_lines(struct tc_bytes *text) {
    replace_all(text, "\n", "\n\n");
}

static void indented(struct tc_bytes *text) {
    tc_splice(text, 0, 0, "    ", 4);
    replace_all(text, "\n", "\n    ");
    text->len -= 4;
}

/* Joins the base64 of each block into one line. */
static void long_lines(struct tc_bytes *text) {
    for (size_t i = 0; i + 1 < text->len; i++) {
        if (text->data[i] == '\n' && text->data[i + 1] != '-' && i > 0 &&
            text->data[i - 1] != '-') {
            tc_splice(text, i, 1, "", 0);
            i--;
        }
    }
}

static size_t last_of(const struct tc_bytes *text, const char *what) {
    size_t len = strlen(what);
    for (size_t i = text->len; i-- > 0;) {
        if (len <= text->len - i && memcmp(text->data + i, what, len) == 0) {
            return i;
        }
    }
    tc_die("the text to patch is not there");
}

static void no_end(struct tc_bytes *text) {
    text->len = last_of(text, "-----END ");
}

static void cut(struct tc_bytes *text) {
    text->len = last_of(text, "-----END ") - 30;
}

/* A transfer that broke off. */
static void half(struct tc_bytes *text) {
    text->len /= 2;
}

static void no_end_in_the_middle(struct tc_bytes *text) {
    replace_first(text, END_CERT, "");
}

static void other_end(struct tc_bytes *text) {
    replace_first(text, END_CERT, "-----END PRIVATE KEY-----\n");
}

static void bad_character(struct tc_bytes *text) {
    text->data[tc_find(text, 0, BEGIN_CERT, strlen(BEGIN_CERT)) + strlen(BEGIN_CERT) + 70] = '*';
}

static void no_padding(struct tc_bytes *text) {
    tc_find(text, 0, "=\n", 2); /* or there would be nothing to leave out */
    replace_all(text, "=\n", "\n");
    replace_all(text, "=\n", "\n");
}

/* The last character before "==" carries four bits that must be 0, RFC 4648 3.5. */
static void leftover_bits(struct tc_bytes *text) {
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = tc_find(text, 0, "==\n", 3) - 1;
    const char *c = memchr(set, text->data[at], sizeof set - 1);
    if (c == NULL) {
        tc_die("not base64 before the padding");
    }
    text->data[at] = (uint8_t)set[(c - set) | 1];
}

static void nul(struct tc_bytes *text) {
    size_t begin = tc_find(text, 0, BEGIN_CERT, strlen(BEGIN_CERT));
    text->data[begin + strlen(BEGIN_CERT) + 20] = '\0';
}

static void lower_case_label(struct tc_bytes *text) {
    replace_first(text, BEGIN_CERT, "-----begin certificate-----\n");
    replace_first(text, END_CERT, "-----end certificate-----\n");
}

static void four_dashes(struct tc_bytes *text) {
    replace_first(text, BEGIN_CERT, "----BEGIN CERTIFICATE-----\n");
}

static void line_missing(struct tc_bytes *text) {
    size_t begin = tc_find(text, 0, BEGIN_CERT, strlen(BEGIN_CERT));
    tc_splice(text, begin + strlen(BEGIN_CERT) + 65, 65, "", 0);
}

static const struct tc_shape shapes[] = {
    {"crlf", crlf},
    {"cr", cr},
    {"bom", bom},
    {"utf-16", utf16},
    {"one-line", one_line},
    {"literal-newlines", literal_newlines},
    {"doubled-newlines", doubled_newlines},
    {"glued", glued},
    {"typographic", typographic},
    {"trailing-spaces", trailing_spaces},
    {"blank-lines", blank_lines},
    {"indented", indented},
    {"long-lines", long_lines},
    {"no-end", no_end},
    {"cut", cut},
    {"half", half},
    {"no-end-in-the-middle", no_end_in_the_middle},
    {"other-end", other_end},
    {"bad-character", bad_character},
    {"no-padding", no_padding},
    {"leftover-bits", leftover_bits},
    {"nul", nul},
    {"lower-case-label", lower_case_label},
    {"four-dashes", four_dashes},
    {"line-missing", line_missing},
};

const struct tc_shape *tc_shape_get(const char *name) {
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        if (strcmp(shapes[i].name, name) == 0) {
            return &shapes[i];
        }
    }
    tc_die("no such shape: %s", name);
}
