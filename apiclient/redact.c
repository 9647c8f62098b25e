/* redact: a service's text, made fit to be shown and stored. */
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

static bool is_marker(const char *text, size_t len) {
    for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++) {
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
static size_t find_cut(const char *text, size_t len) {
    size_t run = 0;
    for (size_t i = 0; i < len; i++) {
        if (is_marker(text + i, len - i))
            return i;
        if (i > 0 && text[i - 1] == '=' && text[i] != '=')
            run = 0;
        run = is_run_char(text[i]) ? run + 1 : 0;
        if (run == ESA_REDACT_RUN)
            return i + 1 - run;
    }
    return len;
}

static bool holds_known(const char *text, const struct esa_known *known) {
    size_t len = strlen(text);
    const char *data = known->data;
    for (size_t i = 0; known->len >= ESA_KNOWN_WINDOW && i + ESA_KNOWN_WINDOW <= len; i++)
        for (size_t k = 0; k + ESA_KNOWN_WINDOW <= known->len; k++)
            if (data[k] == text[i] && memcmp(data + k, text + i, ESA_KNOWN_WINDOW) == 0)
                return true;
    return false;
}

void esa_redact(char *out, size_t out_size, const char *text, size_t len,
                const struct esa_known *known, size_t num_known) {
    static const char note[] = " [rest not shown: it may hold secrets]";
    size_t cut = find_cut(text, len);
    bool is_whole =
        esa_escape(out, cut == len ? out_size - 3 : out_size - sizeof(note) + 1, text, cut);
    for (size_t i = 0; i < num_known; i++)
        if (holds_known(out, &known[i])) {
            OPENSSL_cleanse(out, out_size);
            (void)snprintf(out, out_size, "[not shown: it holds a part of a secret]");
            return;
        }
    size_t used = strlen(out);
    if (cut != len)
        (void)snprintf(out + used, out_size - used, "%s", used == 0 ? note + 1 : note);
    else if (!is_whole)
        (void)snprintf(out + used, out_size - used, "...");
}
