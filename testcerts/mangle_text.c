/* The manglings: from good PEM text to bad. */
#include "mangle.h"
#include "recipe.h"

#include <string.h>

#define BEGIN_CERT "-----BEGIN CERTIFICATE-----"
#define END_CERT "-----END CERTIFICATE-----"

/* ---- tools ---- */

static size_t find(const struct tc_bytes *text, size_t from, const char *what) {
    size_t len = strlen(what);
    for (size_t i = from; len <= text->len && i <= text->len - len; i++)
        if (memcmp(text->data + i, what, len) == 0)
            return i;
    return SIZE_MAX;
}

static void replace(struct tc_bytes *text, const char *from, const char *to) {
    for (size_t i = 0; (i = find(text, i, from)) != SIZE_MAX; i += strlen(to))
        tc_splice(text, i, strlen(from), to, strlen(to));
}

static void replace_first(struct tc_bytes *text, const char *from, const char *to) {
    size_t at = find(text, 0, from);
    if (at != SIZE_MAX)
        tc_splice(text, at, strlen(from), to, strlen(to));
}

static void put_around(struct tc_bytes *text, const char *before, const char *behind) {
    tc_splice(text, 0, 0, before, strlen(before));
    tc_puts(text, behind);
}

/* Replaces each byte by what put writes for it. */
static void each(struct tc_bytes *text, void (*put)(struct tc_bytes *out, uint8_t byte)) {
    struct tc_bytes out = {0};
    for (size_t i = 0; i < text->len; i++)
        put(&out, text->data[i]);
    tc_clear(text);
    *text = out;
}

/* Offset in the base64 of the first block; SIZE_MAX if there is none. */
static size_t in_first_body(const struct tc_bytes *text, size_t skip) {
    size_t begin = find(text, 0, "-----BEGIN");
    size_t at = begin == SIZE_MAX ? SIZE_MAX : find(text, begin, "\n");
    return at == SIZE_MAX || text->len - at < skip + 2 ? SIZE_MAX : at + 1 + skip;
}

static void drop_line(struct tc_bytes *text, size_t at) {
    size_t end = find(text, at, "\n");
    if (end != SIZE_MAX)
        tc_splice(text, at, end + 1 - at, "", 0);
}

static size_t last(const struct tc_bytes *text, const char *what) {
    size_t found = SIZE_MAX;
    for (size_t i = 0; (i = find(text, i, what)) != SIZE_MAX; i++)
        found = i;
    return found;
}

/* ---- encoding ---- */

static void bom(struct tc_bytes *text) {
    tc_splice(text, 0, 0, "\xef\xbb\xbf", 3);
}
static void put_le(struct tc_bytes *out, uint8_t byte) {
    tc_put_byte(out, byte);
    tc_put_byte(out, 0);
}
static void put_be(struct tc_bytes *out, uint8_t byte) {
    tc_put_byte(out, 0);
    tc_put_byte(out, byte);
}
static void utf16_le(struct tc_bytes *text) {
    each(text, put_le);
    tc_splice(text, 0, 0, "\xff\xfe", 2);
}
static void utf16_be(struct tc_bytes *text) {
    each(text, put_be);
}
static void nul(struct tc_bytes *text) {
    size_t at = in_first_body(text, 20);
    if (at != SIZE_MAX)
        tc_splice(text, at, 0, "", 1);
}
static void crlf(struct tc_bytes *text) {
    replace(text, "\n", "\r\n");
}
static void cr(struct tc_bytes *text) {
    replace(text, "\n", "\r");
}
static void zeros(struct tc_bytes *text) {
    static const uint8_t some[64];
    tc_put(text, some, sizeof some);
}
static void zero_filled(struct tc_bytes *text) {
    size_t from = text->len - text->len / 16;
    memset(text->data + from, 0, text->len - from);
}

/* ---- space and characters ---- */

static void blank_lines(struct tc_bytes *text) {
    replace(text, "\n", "\n\n");
}
static void trailing(struct tc_bytes *text) {
    replace(text, "\n", " \t\n");
}
static void indented(struct tc_bytes *text) {
    tc_splice(text, 0, 0, "\n", 1);
    replace(text, "\n", "\n    ");
}
static void no_break_space(struct tc_bytes *text) {
    replace(text, "\n", "\xc2\xa0\n");
}
static void zero_width(struct tc_bytes *text) {
    replace(text, "\n", "\n\xe2\x80\x8b");
}
static void dashes(struct tc_bytes *text) {
    replace(text, "--", "\xe2\x80\x94");
}
static void quotes(struct tc_bytes *text) {
    put_around(text, "\xe2\x80\x9c", "\xe2\x80\x9d");
}
static void glued(struct tc_bytes *text) {
    replace(text, "-----\n-----", "----------");
}
static void one_line(struct tc_bytes *text) {
    replace(text, "\n", " ");
}
static void no_lines(struct tc_bytes *text) {
    replace(text, "\n", "");
}
static void columns(struct tc_bytes *text) {
    for (size_t i = 0; i + 1 < text->len; i++)
        if (text->data[i] == '\n' && i > 0 && text->data[i - 1] != '-' && text->data[i + 1] != '-')
            tc_splice(text, i, 1, "", 0);
}

/* ---- what text is wrapped in ---- */

static void newline_text(struct tc_bytes *text) {
    replace(text, "\n", "\\n");
}
static void newline_doubled(struct tc_bytes *text) {
    replace(text, "\n", "\\\\n");
}
static void newline_windows(struct tc_bytes *text) {
    replace(text, "\n", "\\r\\n");
}
static void put_json(struct tc_bytes *out, uint8_t byte) {
    if (byte == '\n')
        tc_puts(out, "\\n");
    else if (byte == '"' || byte == '\\' || byte == '/')
        tc_printf(out, "\\%c", byte);
    else if (byte < 0x20)
        tc_printf(out, "\\u%04x", byte);
    else
        tc_put_byte(out, byte);
}
static void json(struct tc_bytes *text) {
    each(text, put_json);
    put_around(text, "{\"cert\": \"", "\"}\n");
}
static void shell(struct tc_bytes *text) {
    put_around(text, "CERT='", "'\n");
}
static void joined(struct tc_bytes *text) {
    replace(text, "\n", "\\n\" +\n  \"");
    put_around(text, "const cert = \"", "\";\n");
}
static void yaml(struct tc_bytes *text) {
    replace(text, "\n", "\n  ");
    put_around(text, "cert: |\n  ", "\n");
}
static void mail(struct tc_bytes *text) {
    replace(text, "\n", "\n> ");
    put_around(text, "> ", "\n");
}
static void secret(struct tc_bytes *text) {
    struct tc_bytes pem = {0};
    tc_pem(&pem, "X", NULL, text);
    size_t from = find(&pem, 0, "\n") + 1, to = last(&pem, "-----END");
    tc_clear(text);
    tc_put(text, pem.data + from, to - from);
    tc_clear(&pem);
    replace(text, "\n", "");
    put_around(text, "data:\n  tls.crt: ", "\nkind: Secret\n");
}
static void put_entity(struct tc_bytes *out, uint8_t byte) {
    if (byte == '-' || byte == '+' || byte == '=')
        tc_printf(out, "&#%d;", byte);
    else
        tc_put_byte(out, byte);
}
static void entities(struct tc_bytes *text) {
    each(text, put_entity);
}
static void put_percent(struct tc_bytes *out, uint8_t byte) {
    if (byte == '+' || byte == '/' || byte == '=' || byte <= ' ' || byte == '%' || byte >= 0x7f)
        tc_printf(out, "%%%02X", byte);
    else
        tc_put_byte(out, byte);
}
static void put_form(struct tc_bytes *out, uint8_t byte) {
    if (byte == ' ')
        tc_put_byte(out, '+');
    else
        put_percent(out, byte);
}
static void percent(struct tc_bytes *text) {
    each(text, put_percent);
}
static void form(struct tc_bytes *text) {
    each(text, put_form);
}
static void plus_lost(struct tc_bytes *text) {
    replace(text, "+", " ");
}

/* ---- markers ---- */

static void old_label(struct tc_bytes *text) {
    replace(text, "CERTIFICATE", "X509 CERTIFICATE");
}
static void trusted_label(struct tc_bytes *text) {
    replace(text, "CERTIFICATE", "TRUSTED CERTIFICATE");
}
static void misspelt(struct tc_bytes *text) {
    replace(text, "PRIVATE KEY", "PRIVAT KEY");
}
static void lower_case(struct tc_bytes *text) {
    replace(text, "BEGIN PRIVATE KEY", "begin private key");
    replace(text, "END PRIVATE KEY", "end private key");
}
static void wrong_label(struct tc_bytes *text) {
    replace(text, "PRIVATE KEY", "RSA PRIVATE KEY");
}
static void other_end(struct tc_bytes *text) {
    replace_first(text, "-----END PRIVATE KEY", END_CERT "\n-----END PRIVATE KEY");
    size_t at = last(text, "-----END PRIVATE KEY");
    if (at != SIZE_MAX)
        drop_line(text, at);
}
static void four_dashes(struct tc_bytes *text) {
    replace_first(text, "-----BEGIN", "----BEGIN");
}
static void no_end(struct tc_bytes *text) {
    size_t at = find(text, 0, "-----END");
    if (at != SIZE_MAX)
        drop_line(text, at);
}
static void no_begin(struct tc_bytes *text) {
    size_t at = last(text, "-----BEGIN");
    if (at != SIZE_MAX)
        drop_line(text, at);
}

/* ---- base64 ---- */

static void no_padding(struct tc_bytes *text) {
    replace(text, "=", "");
}
static void more_padding(struct tc_bytes *text) {
    replace(text, "=\n", "==\n");
}
static void illegal(struct tc_bytes *text) {
    size_t at = in_first_body(text, 30);
    if (at != SIZE_MAX)
        text->data[at] = '*';
}
static void leftover_bits(struct tc_bytes *text) {
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = find(text, 1, "=");
    if (at == SIZE_MAX)
        return;
    const char *c = memchr(set, text->data[at - 1], sizeof set - 1);
    if (c != NULL)
        text->data[at - 1] = (uint8_t)set[(c - set) | 1];
}
static void cut(struct tc_bytes *text) {
    size_t at = last(text, "-----END");
    if (at != SIZE_MAX && at > 8)
        text->len = at - 8;
}

/* ---- what else stands in a file ---- */

static void prose(struct tc_bytes *text) {
    put_around(text, "Bag Attributes\n    friendlyName: shop\n", "Regards, the operations team\n");
}
static void twice(struct tc_bytes *text) {
    struct tc_bytes copy = {0};
    tc_put(&copy, text->data, text->len);
    tc_put(text, copy.data, copy.len);
    tc_clear(&copy);
}
static void put_before(struct tc_bytes *text, const char *recipe) {
    struct tc_bytes block = {0};
    tc_recipe_make(&block, recipe);
    tc_splice(text, 0, 0, block.data, block.len);
    tc_clear(&block);
}
static void parameters(struct tc_bytes *text) {
    put_before(text, "key:ec-leaf/parameters");
}
static void request(struct tc_bytes *text) {
    put_before(text, "csr:ec-leaf");
}
static void public_key(struct tc_bytes *text) {
    put_before(text, "key:ec-leaf/public");
}
static void openssh(struct tc_bytes *text) {
    put_before(text, "key:ed25519-leaf/openssh");
}
static void crl(struct tc_bytes *text) {
    put_around(text, "-----BEGIN X509 CRL-----\nMAsw\n-----END X509 CRL-----\n", "");
}
static void pgp(struct tc_bytes *text) {
    put_around(text, "-----BEGIN PGP MESSAGE-----\n\nyxF0\n=abcd\n-----END PGP MESSAGE-----\n", "");
}
static void putty(struct tc_bytes *text) {
    put_around(text, "PuTTY-User-Key-File-2: ssh-ed25519\nEncryption: none\n", "");
}
static void dh(struct tc_bytes *text) {
    put_around(text, "-----BEGIN DH PARAMETERS-----\nMAYCAQcCAQI=\n-----END DH PARAMETERS-----\n",
               "");
}

const struct tc_mangling tc_manglings[] = {
    {"utf-8-bom", "UTF-8 byte order mark", TC_ALL, bom},
    {"utf-16-le", "UTF-16, little endian, with byte order mark", TC_ALL, utf16_le},
    {"utf-16-be", "UTF-16, big endian, without mark", TC_ALL, utf16_be},
    {"nul", "a NUL byte between two characters", TC_ALL, nul},
    {"crlf", "CR LF", TC_ALL, crlf},
    {"cr", "CR alone", TC_ALL, cr},
    {"zeros-behind", "64 zero bytes behind the text", TC_ALL, zeros},
    {"zero-filled", "the last sixteenth is zero bytes", TC_NOT_LAST, zero_filled},
    {"blank-lines", "a blank line after each line", TC_ALL, blank_lines},
    {"trailing-spaces", "space and tab behind each line", TC_ALL, trailing},
    {"indented", "four spaces before each line", TC_ALL, indented},
    {"no-break-space", "U+00A0 behind each line", TC_ALL, no_break_space},
    {"zero-width-space", "U+200B before each line", TC_ALL, zero_width},
    {"typographic-dashes", "U+2014 for two hyphens", TC_ALL, dashes},
    {"typographic-quotes", "in U+201C and U+201D", TC_ALL, quotes},
    {"glued", "END and BEGIN on one line", TC_ALL, glued},
    {"one-line", "spaces for line ends", TC_ALL, one_line},
    {"no-lines", "line ends dropped", TC_ALL, no_lines},
    {"one-long-line", "each block's base64 in one line", TC_ALL, columns},
    {"newline-text", "\\n as text", TC_ALL, newline_text},
    {"newline-doubled", "\\\\n as text", TC_ALL, newline_doubled},
    {"newline-windows", "\\r\\n as text", TC_ALL, newline_windows},
    {"json", "a JSON string in an object", TC_ALL, json},
    {"shell", "a shell string", TC_ALL, shell},
    {"joined-strings", "strings that a program joins", TC_ALL, joined},
    {"yaml", "a YAML block scalar", TC_ALL, yaml},
    {"mail", "quoted in a mail", TC_ALL, mail},
    {"kubernetes-secret", "base64 in a Kubernetes secret", TC_ALL, secret},
    {"html-entities", "HTML entities", TC_ALL, entities},
    {"percent", "percent-encoded", TC_ALL, percent},
    {"form", "as a web form encodes it", TC_ALL, form},
    {"plus-lost", "+ turned into spaces", TC_NOTHING, plus_lost},
    {"old-label", "X509 CERTIFICATE", TC_ALL, old_label},
    {"trusted-label", "TRUSTED CERTIFICATE", TC_ALL, trusted_label},
    {"misspelt-label", "PRIVAT KEY", TC_ALL, misspelt},
    {"lower-case-label", "begin private key", TC_ALL, lower_case},
    {"wrong-label", "PKCS#8 labelled RSA PRIVATE KEY", TC_ALL, wrong_label},
    {"other-end", "the key's END line says CERTIFICATE", TC_ALL, other_end},
    {"four-dashes", "four dashes before the first BEGIN", TC_ALL, four_dashes},
    {"no-end", "the first END line is missing", TC_ALL, no_end},
    {"no-begin", "the last BEGIN line is missing", TC_ALL, no_begin},
    {"no-padding", "padding left out", TC_ALL, no_padding},
    {"more-padding", "one padding character too many", TC_ALL, more_padding},
    {"illegal-character", "* in the base64", TC_NOT_FIRST, illegal},
    {"leftover-bits", "the last character has bits set", TC_ALL, leftover_bits},
    {"cut", "the file ends in the last block", TC_NOT_LAST, cut},
    {"text-around", "text before and behind", TC_ALL, prose},
    {"twice", "every block twice", TC_ALL, twice},
    {"ec-parameters", "EC PARAMETERS first", TC_ALL, parameters},
    {"request", "a request first", TC_ALL, request},
    {"crl", "a revocation list first", TC_ALL, crl},
    {"public-key", "a public key first", TC_ALL, public_key},
    {"openssh-key", "an OpenSSH key first", TC_ALL, openssh},
    {"pgp", "an OpenPGP message first", TC_ALL, pgp},
    {"putty-key", "a PuTTY key first", TC_ALL, putty},
    {"dh-parameters", "DH parameters first", TC_ALL, dh},
};

const size_t tc_num_manglings = sizeof tc_manglings / sizeof tc_manglings[0];
