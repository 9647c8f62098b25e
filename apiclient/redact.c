/* redact: a service's text, made fit to be shown and stored. */
#define _GNU_SOURCE /* memmem */
#include "redact.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "text.h"

static const struct {
    const char *text;
    bool any_case;
    bool before_value; /* only if "=" or ":" follows, plain or percent-encoded */
} markers[] = {
    {"-----", false, false},
    {"%2D%2D%2D", true, false},
    {"%252D%252D%252D", true, false},
    {"PRIVATE", false, false},
    {"PrivateKey", true, true},
    {"SecurityToken", true, true},
    {"security-token", true, true},
    {"bearer-token", true, true},
    {"signString", true, false},
    {"StringToSign", true, false},
    {"string to sign", true, false},
    {"CanonicalRequest", true, false},
    {"canonical request", true, false},
};

static bool starts_with(const char *text, size_t len, const char *what, bool any_case) {
    size_t what_len = strlen(what);
    if (len < what_len)
        return false;
    return any_case ? strncasecmp(text, what, what_len) == 0 : memcmp(text, what, what_len) == 0;
}

static bool is_value_next(const char *text, size_t len) {
    static const char *const separators[] = {"=", ":", "%3D", "%3A", "%253D", "%253A"};
    while (len > 0 && (*text == ' ' || *text == '"' || *text == '\'' || *text == '\\')) {
        text++;
        len--;
    }
    for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++)
        if (starts_with(text, len, separators[i], true))
            return true;
    return false;
}

/* Most characters begin none of them: a list of 500 hostnames has some 200,000. */
static bool may_begin(char c) {
    switch (c) {
    case '-':
    case '%':
    case 'P':
    case 'p':
    case 'S':
    case 's':
    case 'B':
    case 'b':
    case 'C':
    case 'c':
        return true;
    default:
        return false;
    }
}

static bool is_marker(const char *text, size_t len) {
    if (!may_begin(text[0]))
        return false;
    for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
        if ((text[0] | 0x20) != (markers[i].text[0] | 0x20)) /* alike but for the case */
            continue;
        size_t marker_len = strlen(markers[i].text);
        if (starts_with(text, len, markers[i].text, markers[i].any_case) &&
            (!markers[i].before_value || is_value_next(text + marker_len, len - marker_len)))
            return true;
    }
    return false;
}

static bool is_run_char(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=' || c == '%' || c == '_' || c == '-';
}

/* Where to cut; len if nowhere. "=" is in base64 only at the end: behind it another run begins, so
 * that "requestId=" does not make a run of the id. */
static size_t find_cut(const char *text, size_t len, size_t max_run) {
    size_t run = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_marker(text + i, len - i))
            return i;
        if (i > 0 && text[i - 1] == '=' && text[i] != '=')
            run = 0;
        run = is_run_char(text[i]) ? run + 1 : 0;
        if (run == max_run)
            return i + 1 - run;
    }
    return len;
}

/* How long is what the two have in common around these places? */
static size_t common_len(const char *text, size_t len, size_t at, const struct esa_known *known,
                         size_t known_at) {
    const char *data = known->data;
    size_t before = 0, after = 0;
    while (before < at && before < known_at && text[at - before - 1] == data[known_at - before - 1])
        before++;
    while (at + after < len && known_at + after < known->len &&
           text[at + after] == data[known_at + after])
        after++;
    return before + after;
}

/* Whatever has a window in common has one of the text's blocks of half a window in common, counted
 * from its start: only those are looked for. */
static bool holds_known(const char *text, const struct esa_known *known) {
    const size_t block_len = ESA_KNOWN_WINDOW / 2;
    const char *data = known->data;
    size_t len = strlen(text);
    for (size_t at = 0; at + block_len <= len; at += block_len)
        for (size_t from = 0; from < known->len;) {
            const char *found = memmem(data + from, known->len - from, text + at, block_len);
            if (found == NULL)
                break;
            size_t known_at = (size_t)(found - data);
            if (common_len(text, len, at, known, known_at) >= ESA_KNOWN_WINDOW)
                return true;
            from = known_at + 1;
        }
    return false;
}

static bool holds_any(char *out, size_t out_size, const struct esa_known *known, size_t num_known) {
    for (size_t i = 0; i < num_known; i++)
        if (holds_known(out, &known[i])) {
            OPENSSL_cleanse(out, out_size);
            return true;
        }
    return false;
}

void esa_redact(char *out, size_t out_size, const char *text, size_t len,
                const struct esa_known *known, size_t num_known) {
    static const char note[] = " [rest not shown: it may hold secrets]";
    size_t cut = find_cut(text, len, ESA_REDACT_RUN);
    bool is_whole =
        esa_escape(out, cut == len ? out_size - 3 : out_size - sizeof(note) + 1, text, cut);
    if (holds_any(out, out_size, known, num_known)) {
        (void)snprintf(out, out_size, "[not shown: it holds a part of a secret]");
        return;
    }
    size_t used = strlen(out);
    if (cut != len)
        (void)snprintf(out + used, out_size - used, "%s", used == 0 ? note + 1 : note);
    else if (!is_whole)
        (void)snprintf(out + used, out_size - used, "...");
}

bool esa_redact_value(char *out, size_t out_size, const char *text, size_t len,
                      const struct esa_known *known, size_t num_known) {
    if (find_cut(text, len, SIZE_MAX) == len && esa_escape(out, out_size, text, len) &&
        !holds_any(out, out_size, known, num_known))
        return true;
    OPENSSL_cleanse(out, out_size);
    return false;
}
