/* The promise of repair, put to the test with random manglings of good bundles: the same DER comes
 * back, or the block is refused; never another DER. The mangler here shares nothing with the code
 * under test, and the random numbers are the same in every run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pem.h"
#include "repair/repair.h"

#define NUM_ROUNDS 10000
#define MAX_LEN                                                                                    \
    ((size_t)256 * 1024) /* of mangled text: what grows over it is cut short of a step */
#define MAX_DERS 8
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct text {
    uint8_t *data;
    size_t len;
};

static uint64_t seed = 0x9e3779b97f4a7c15U;

static size_t below(size_t limit) { /* xorshift64 */
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t)(seed >> 11) % limit;
}

static void splice(struct text *t, size_t at, size_t old_len, const void *with, size_t len) {
    if (t->len - old_len + len > MAX_LEN)
        return;
    memmove(t->data + at + len, t->data + at + old_len, t->len - at - old_len);
    if (len != 0)
        memcpy(t->data + at, with, len);
    t->len = t->len - old_len + len;
}

static size_t find(const struct text *t, size_t from, const char *what) {
    size_t len = strlen(what);
    for (size_t i = from; len <= t->len && i <= t->len - len; i++)
        if (memcmp(t->data + i, what, len) == 0)
            return i;
    return SIZE_MAX;
}

static void replace(struct text *t, const char *from, const char *to) {
    size_t from_len = strlen(from), to_len = strlen(to);
    for (size_t at = 0; (at = find(t, at, from)) != SIZE_MAX; at += to_len) {
        if (t->len + to_len > MAX_LEN)
            return;
        splice(t, at, from_len, to, to_len);
    }
}

/* A random place of what; SIZE_MAX if it is nowhere. */
static size_t any(const struct text *t, const char *what) {
    size_t num = 0, found = SIZE_MAX;
    for (size_t at = 0; (at = find(t, at, what)) != SIZE_MAX; at++)
        if (below(++num) == 0)
            found = at;
    return found;
}

static void swap_one(struct text *t, const char *from, const char *to) {
    size_t at = any(t, from);
    if (at != SIZE_MAX)
        splice(t, at, strlen(from), to, strlen(to));
}

static void each(struct text *t, void (*put)(struct text *out, uint8_t c)) {
    struct text out = {malloc(6 * MAX_LEN), 0};
    assert_non_null(out.data);
    for (size_t i = 0; i < t->len; i++)
        put(&out, t->data[i]);
    if (out.len <= MAX_LEN) {
        memcpy(t->data, out.data, out.len);
        t->len = out.len;
    }
    free(out.data);
}
static void add(struct text *out, const char *format, ...) CP_PRINTF(2, 3);
static void add(struct text *out, const char *format, ...) {
    va_list args;
    va_start(args, format);
    out->len += (size_t)vsnprintf((char *)out->data + out->len, 16, format, args);
    va_end(args);
}

/* ---- the manglings --------------------------------------------------------------------------- */

static void put_le(struct text *out, uint8_t c) {
    out->data[out->len++] = c;
    out->data[out->len++] = 0;
}
static void put_be(struct text *out, uint8_t c) {
    out->data[out->len++] = 0;
    out->data[out->len++] = c;
}
static void put_percent(struct text *out, uint8_t c) {
    if (c < 0x80 && c != 0 &&
        strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", c))
        add(out, "%c", c);
    else
        add(out, "%%%02X", c);
}
static void put_form(struct text *out, uint8_t c) {
    if (c == ' ')
        add(out, "+");
    else
        put_percent(out, c);
}
static void put_entity(struct text *out, uint8_t c) {
    if (c == '-' || c == '+' || c == '=' || c == '&' || c == '<')
        add(out, "&#%d;", c);
    else
        out->data[out->len++] = c;
}
static void put_json(struct text *out, uint8_t c) {
    if (c == '\n')
        add(out, "\\n");
    else if (c == '\r')
        add(out, "\\r");
    else if (c == '\t')
        add(out, "\\t");
    else if (c == '"' || c == '\\')
        add(out, "\\%c", c);
    else if (c < 0x20 || c == '+')
        add(out, "\\u%04x", c);
    else
        out->data[out->len++] = c;
}
static void put_no_space(struct text *out, uint8_t c) {
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t')
        out->data[out->len++] = c;
}

static void utf16le(struct text *t) {
    each(t, put_le);
    if (below(2) != 0)
        splice(t, 0, 0, "\xff\xfe", 2);
}
static void utf16be(struct text *t) {
    each(t, put_be);
    if (below(2) != 0)
        splice(t, 0, 0, "\xfe\xff", 2);
}
static void bom(struct text *t) {
    splice(t, 0, 0, "\xef\xbb\xbf", 3);
}
static void crlf(struct text *t) {
    replace(t, "\n", "\r\n");
}
static void cr(struct text *t) {
    replace(t, "\n", "\r");
}
static void nul_put_in(struct text *t) {
    splice(t, below(t->len + 1), 0, "", 1);
}
static void nul_overwrite(struct text *t) {
    if (t->len != 0)
        t->data[below(t->len)] = 0;
}
static void zeros(struct text *t) {
    size_t from = below(t->len + 1);
    memset(t->data + from, 0, t->len - from);
}
static void zeros_behind(struct text *t) {
    static const uint8_t some[512];
    splice(t, t->len, 0, some, sizeof(some));
}
static void blank_lines(struct text *t) {
    replace(t, "\n", below(2) != 0 ? "\n\n" : "\n \n");
}
static void one_blank_line(struct text *t) {
    swap_one(t, "\n", "\n\n");
}
static void indent(struct text *t) {
    static const char *const with[] = {"\n    ", "\n\t", "\n  ", "\n> ", "\n>> ", "\n| "};
    replace(t, "\n", with[below(COUNT(with))]);
}
static void trailing(struct text *t) {
    replace(t, "\n", below(2) != 0 ? " \n" : "\t \n");
}
static void unicode_space(struct text *t) {
    static const char *const with[] = {"\xc2\xa0\n", "\xe2\x80\x8b\n", "\n\xe2\x80\x83",
                                       "\xef\xbb\xbf\n", "\xe2\x80\xa8"};
    replace(t, "\n", with[below(COUNT(with))]);
}
static void zero_width_inside(struct text *t) {
    splice(t, below(t->len + 1), 0, "\xe2\x80\x8b", 3);
}
static void space_inside(struct text *t) {
    splice(t, below(t->len + 1), 0, " ", 1);
}
static void em_dash(struct text *t) {
    replace(t, "--", "\xe2\x80\x94");
}
static void en_dash(struct text *t) {
    replace(t, "-", "\xe2\x80\x93");
}
static void typographic_quotes(struct text *t) {
    replace(t, "\"", "\xe2\x80\x9c");
}
static void glue(struct text *t) {
    replace(t, "-----\n-----", "----------");
}
static void glue_one(struct text *t) {
    swap_one(t, below(2) != 0 ? "-----\n" : "\n-----", "-----");
}
static void flatten(struct text *t) {
    replace(t, "\n", " ");
}
static void squeeze(struct text *t) {
    each(t, put_no_space);
}
static void literal(struct text *t) {
    static const char *const with[] = {"\\n", "\\\\n", "\\r\\n", "\\n\n", "\\\n"};
    replace(t, "\n", with[below(COUNT(with))]);
}
static void json(struct text *t) {
    each(t, put_json);
    splice(t, 0, 0, "{\"cert\": \"", 10);
    splice(t, t->len, 0, "\"}\n", 3);
}
static void shell(struct text *t) {
    splice(t, 0, 0, "CERT='", 6);
    splice(t, t->len, 0, "'\n", 2);
}
static void joined_strings(struct text *t) {
    replace(t, "\n", "\\n\" +\n  \"");
    splice(t, 0, 0, "const c = \"", 11);
    splice(t, t->len, 0, "\";\n", 3);
}
static void yaml(struct text *t) {
    replace(t, "\n", "\n  ");
    splice(t, 0, 0, "cert: |\n  ", 10);
    splice(t, t->len, 0, "\nother: 1\n", 10);
}
static void base64(struct text *t) {
    char *lines = malloc(cp_base64_lines_len(t->len) + 1);
    assert_non_null(lines);
    size_t len = cp_base64_encode_lines(lines, (struct cp_span){t->data, t->len});
    if (len + 64 < MAX_LEN) {
        memcpy(t->data, lines, len);
        t->len = len;
        if (below(2) != 0)
            replace(t, "\n", "");
        if (below(2) != 0) {
            splice(t, 0, 0, "data:\n  tls.crt: ", 17);
            splice(t, t->len, 0, "\n", 1);
        }
    }
    free(lines);
}
static void percent(struct text *t) {
    each(t, put_percent);
}
static void form(struct text *t) {
    each(t, put_form);
}
static void plus_to_space(struct text *t) {
    replace(t, "+", " ");
}
static void entities(struct text *t) {
    each(t, put_entity);
}
static void breaks(struct text *t) {
    replace(t, "\n", "<br>\n");
}
static void width(struct text *t) {
    /* 76 columns, or one long line, for what follows a BEGIN line */
    size_t want = below(2) != 0 ? 76 : 48 + below(60), column = 0;
    for (size_t i = 0; i + 1 < t->len; i++) {
        if (t->data[i] == '\n' && t->data[i + 1] != '-' && (i == 0 || t->data[i - 1] != '-')) {
            splice(t, i, 1, "", 0);
            i--;
        } else if (t->data[i] == '\n' || t->data[i] == '-') {
            column = 0;
        } else if (++column == want && t->data[i + 1] != '\n') {
            splice(t, i + 1, 0, "\n", 1);
            column = 0;
        }
    }
}
static void label(struct text *t) {
    static const char *const with[] = {
        "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "certificate", "CERTIFCATE", "CETIFICATE",
        "PRIVATE KEY",      "CERTIFICATE REQUEST", "Certificate", "PKCS7",      "FOO"};
    if (below(2) != 0)
        replace(t, "CERTIFICATE", with[below(COUNT(with))]);
    else
        swap_one(t, "CERTIFICATE", with[below(COUNT(with))]);
}
static void key_label(struct text *t) {
    static const char *const with[] = {"RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY",
                                       "CERTIFICATE",     "private key",    "PUBLIC KEY"};
    static const char *const from[] = {"RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"};
    const char *what = from[below(COUNT(from))];
    if (below(2) != 0)
        replace(t, what, with[below(COUNT(with))]);
    else
        swap_one(t, what, with[below(COUNT(with))]);
}
static void dashes(struct text *t) {
    static const char *const with[] = {"", "-", "--", "---", "----", "------", "- - -"};
    swap_one(t, "-----", with[below(COUNT(with))]);
}
static void drop_line(struct text *t, const char *start) {
    size_t at = any(t, start);
    if (at == SIZE_MAX)
        return;
    size_t end = find(t, at, "\n");
    end = end == SIZE_MAX ? t->len : end + 1;
    splice(t, at, end - at, "", 0);
}
static void no_end(struct text *t) {
    drop_line(t, "-----END");
}
static void no_begin(struct text *t) {
    drop_line(t, "-----BEGIN");
}
static void no_padding(struct text *t) {
    if (below(2) != 0)
        replace(t, "=", "");
    else
        swap_one(t, "=", "");
}
static void more_padding(struct text *t) {
    swap_one(t, "=\n", below(2) != 0 ? "==\n" : "===\n");
}
static void illegal(struct text *t) {
    static const char chars[] = "*!?#_.,%&\\;:<";
    splice(t, below(t->len + 1), below(2) != 0 && t->len != 0 ? 0 : 0,
           chars + below(sizeof(chars) - 1), 1);
}
static void illegal_overwrite(struct text *t) {
    static const char chars[] = "*!?#_.,%&\\;:< ";
    if (t->len != 0)
        t->data[below(t->len)] = (uint8_t)chars[below(sizeof(chars) - 1)];
}
static void trailing_bits(struct text *t) {
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = any(t, "=");
    while (at != SIZE_MAX && at > 0 && t->data[at] == '=')
        at--;
    const char *c = at == SIZE_MAX ? NULL : memchr(set, t->data[at], sizeof(set) - 1);
    if (c != NULL)
        t->data[at] = (uint8_t)set[(size_t)(c - set) | 1];
}
static void prose(struct text *t) {
    static const char *const with[] = {"Bag Attributes\n    friendlyName: x\n",
                                       "subject=/CN=x\n",
                                       "Here it is\n",
                                       "Regards\n",
                                       "AAAA\n",
                                       "--- End of message ---\n",
                                       "-----Original Message-----\n",
                                       "MIIB\n"};
    size_t at = below(2) != 0 ? any(t, "-----BEGIN") : any(t, "-----END");
    const char *text = with[below(COUNT(with))];
    if (at == SIZE_MAX || below(4) == 0)
        at = below(2) != 0 ? 0 : t->len;
    else if (memcmp(t->data + at, "-----END", 8) == 0) {
        at = find(t, at, "\n");
        at = at == SIZE_MAX ? t->len : at + 1;
    }
    splice(t, at, 0, text, strlen(text));
}
static void twice(struct text *t) {
    if (2 * t->len < MAX_LEN) {
        memcpy(t->data + t->len, t->data, t->len);
        t->len *= 2;
    }
}
static void cut(struct text *t) {
    t->len = below(t->len + 1);
}
static void cut_front(struct text *t) {
    splice(t, 0, below(t->len + 1), "", 0);
}
static void line_lost(struct text *t) {
    size_t at = any(t, "\n");
    if (at == SIZE_MAX)
        return;
    size_t end = find(t, at + 1, "\n");
    if (end != SIZE_MAX)
        splice(t, at, end - at, "", 0);
}
static void byte_lost(struct text *t) {
    if (t->len != 0)
        splice(t, below(t->len), 1, "", 0);
}
static void lower(struct text *t) {
    size_t at = any(t, "-----BEGIN");
    for (size_t i = at; at != SIZE_MAX && i < t->len && t->data[i] != '\n'; i++)
        if (t->data[i] >= 'A' && t->data[i] <= 'Z')
            t->data[i] |= 0x20;
}

typedef void mangle_fn(struct text *t);
static mangle_fn *const manglings[] = {
    utf16le,
    utf16be,
    bom,
    crlf,
    cr,
    nul_put_in,
    nul_overwrite,
    zeros,
    zeros_behind,
    blank_lines,
    one_blank_line,
    indent,
    trailing,
    unicode_space,
    zero_width_inside,
    space_inside,
    em_dash,
    en_dash,
    typographic_quotes,
    glue,
    glue_one,
    flatten,
    squeeze,
    literal,
    json,
    shell,
    joined_strings,
    yaml,
    base64,
    percent,
    form,
    plus_to_space,
    entities,
    breaks,
    width,
    label,
    key_label,
    dashes,
    no_end,
    no_begin,
    no_padding,
    more_padding,
    illegal,
    illegal_overwrite,
    trailing_bits,
    prose,
    twice,
    cut,
    cut_front,
    line_lost,
    byte_lost,
    lower,
};

/* ---- the property ---------------------------------------------------------------------------- */

static const char *const bundles[] = {
    "ec-bundle.pem",         "rsa-bundle.pem",          "ed25519-bundle.pem",
    "ec-key-sec1.pem",       "ec-key-pkcs8-pbkdf2.pem", "rsa-key-pkcs1.pem",
    "rsa-key-pkcs1-dek.pem", "ec-key-sec1-dek.pem",     "idn-bundle.pem"};

struct ders {
    uint8_t *data[MAX_DERS];
    size_t len[MAX_DERS];
    size_t num;
};

static size_t decode(uint8_t **out, struct cp_span body) {
    size_t len = 0, bad = 0;
    const char *reason = NULL;
    *out = malloc(cp_base64_max(body.len));
    assert_non_null(*out);
    assert_int_equal(cp_base64_decode(*out, &len, body, &bad, &reason), CP_OK);
    return len;
}

static void read_ders(struct ders *out, struct cp_span text) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = true;
    *out = (struct ders){.num = 0};
    cp_pem_reader_init(&reader, text);
    for (;;) {
        assert_int_equal(cp_pem_next(&reader, &block, &found, NULL), CP_OK);
        if (!found)
            return;
        assert_true(out->num < MAX_DERS);
        out->len[out->num] = decode(&out->data[out->num], block.body);
        out->num++;
    }
}

static void free_ders(struct ders *ders) {
    for (size_t i = 0; i < ders->num; i++)
        free(ders->data[i]);
}

static bool is_whole(const uint8_t *der, size_t len) {
    size_t header = 2, value;
    if (len < 2 || der[0] != 0x30)
        return false;
    value = der[1];
    if (der[1] >= 0x80) {
        header += der[1] & 0x7fU;
        value = 0;
        for (size_t i = 2; i < header && i < len; i++)
            value = value << 8 | der[i];
    }
    return header + value == len;
}

static bool is_among(const struct ders *ders, const uint8_t *der, size_t len) {
    for (size_t i = 0; i < ders->num; i++)
        if (ders->len[i] == len && memcmp(ders->data[i], der, len) == 0)
            return true;
    return false;
}

/* Shows the input that broke the promise: test keys only. */
static void require(bool holds, const char *what, struct cp_span mangled, size_t round) {
    if (holds)
        return;
    (void)fwrite(mangled.data, 1, mangled.len, stderr);
    fail_msg("round %zu: %s", round, what);
}

struct tally {
    size_t same, some, none, blocks, not_der;
};

static void check(struct tally *tally, const struct ders *want, struct cp_span mangled,
                  bool encrypted, size_t round) {
    struct cp_repair repair, again;
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct ders got;
    size_t good = 0;
    assert_int_equal(cp_repair_run(&repair, mangled, &err), CP_OK);
    struct cp_span text = {repair.text.data, repair.text.len};
    read_ders(&got, text);
    assert_int_equal(got.num, repair.num_blocks);
    for (size_t i = 0; i < got.num; i++) {
        bool known = is_among(want, got.data[i], got.len[i]);
        /* What is no DER at all is passed on as it stands, for the DER reader to say what is wrong.
         */
        require(known || (!encrypted && !is_whole(got.data[i], got.len[i])), "another DER came out",
                mangled, round);
        good += known;
        tally->not_der += !known;
    }
    tally->blocks += good;
    tally->same += good == want->num && got.num == want->num;
    tally->none += good == 0;
    tally->some += good != 0 && (good != want->num || got.num != want->num);
    if (!cp_span_equal(text, mangled) && got.num != 0)
        require(repair.num_notes != 0, "a change without a note", mangled, round);
    for (size_t i = 0; i < repair.num_notes; i++)
        require(repair.notes[i].offset <= mangled.len && repair.notes[i].count != 0 &&
                    repair.notes[i].message[0] != '\0',
                "a note without place or text", mangled, round);
    assert_int_equal(cp_repair_run(&again, text, &err), CP_OK);
    require(again.num_notes == 0 &&
                cp_span_equal((struct cp_span){again.text.data, again.text.len}, text),
            "repaired text is repaired again", mangled, round);
    cp_repair_cleanup(&again);
    cp_repair_cleanup(&repair);
    free_ders(&got);
}

static void test_property(void **state) {
    struct tally tally = {0};
    struct text t = {malloc(2 * MAX_LEN), 0};
    (void)state;
    assert_non_null(t.data);
    for (size_t round = 0; round < NUM_ROUNDS; round++) {
        struct cp_secret file;
        struct ders want;
        char path[1024];
        const char *name = bundles[round % COUNT(bundles)];
        snprintf(path, sizeof(path), "%s/good/%s", CP_TESTCERTS_DIR, name);
        assert_int_equal(cp_secret_read_file(&file, path, MAX_LEN / 16, NULL), CP_OK);
        read_ders(&want, (struct cp_span){file.data, file.len});
        memcpy(t.data, file.data, file.len);
        t.len = file.len;
        bool encrypted = strstr(name, "dek") != NULL;
        for (size_t steps = 1 + below(5); steps > 0; steps--) {
            mangle_fn *mangle = manglings[below(COUNT(manglings))];
            /* A line less of a traditionally encrypted key is as good a cipher text as before: no
             * reader without the pass phrase can tell. */
            if (!encrypted || mangle != line_lost)
                mangle(&t);
        }
        /* an exact copy on the heap, so that a read past its end is seen */
        uint8_t *copy = malloc(t.len + 1);
        assert_non_null(copy);
        memcpy(copy, t.data, t.len);
        check(&tally, &want, (struct cp_span){copy, t.len}, encrypted, round);
        free(copy);
        free_ders(&want);
        cp_secret_cleanup(&file);
    }
    free(t.data);
    print_message("%d mangled files: %zu wholly restored, %zu in part, %zu refused; %zu blocks "
                  "with the same DER, "
                  "0 with another, %zu that are no DER passed on\n",
                  NUM_ROUNDS, tally.same, tally.some, tally.none, tally.blocks, tally.not_der);
    /* It would be easy to promise nothing and refuse everything. */
    assert_true(tally.same > NUM_ROUNDS / 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_property)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
