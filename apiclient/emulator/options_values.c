/* The values of options that are more than a text or a number. */
#include "options.h"

#include <openssl/crypto.h>
#include <string.h>

enum { COUNT_MAX = 1000000, RATE_S_MAX = 86400, HOUR_S = 3600 };

static struct esa_emu_span span_of(const char *text) {
    return (struct esa_emu_span){text, strlen(text)};
}

/* One line of printable text; the line's end is optional. */
const char *esa_emu_value_secret(char *out, size_t size, const char *path) {
    struct esa_emu_buf text = {.max = ESA_EMU_SECRET_MAX + 2};
    bool ok = esa_emu_read_file(&text, path) && text.len != 0;
    size_t len = text.len;
    if (ok && text.data[len - 1] == '\n')
        len--;
    if (ok && len > 0 && text.data[len - 1] == '\r')
        len--;
    ok = ok && len != 0 && len < size;
    for (size_t i = 0; ok && i < len; i++)
        ok = text.data[i] > 0x20 && text.data[i] < 0x7f;
    if (ok) {
        memcpy(out, text.data, len);
        out[len] = '\0';
    }
    esa_emu_buf_cleanup(&text);
    return ok ? NULL : "want a readable file with one line of 1 to 256 printable characters";
}

const char *esa_emu_value_key_id(char *out, size_t size, const char *text) {
    size_t len = strlen(text);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= 0x20 || *c == 0x7f || *c == ',')
            len = size;
    }
    if (len == 0 || len >= size)
        return "want 1 to 128 printable characters";
    memcpy(out, text, len + 1);
    return NULL;
}

const char *esa_emu_value_verify(struct esa_emu_rules *rules, const char *text) {
    static const char after[] = "after=", file[] = "file=";
    if (strcmp(text, "auto") == 0) {
        rules->verify_mode = ESA_EMU_VERIFY_AUTO;
    } else if (strncmp(text, after, sizeof after - 1) == 0 &&
               esa_emu_number(&rules->verify_after, span_of(text + sizeof after - 1), COUNT_MAX)) {
        rules->verify_mode = ESA_EMU_VERIFY_AFTER;
    } else if (strncmp(text, file, sizeof file - 1) == 0 && text[sizeof file - 1] != '\0') {
        rules->verify_mode = ESA_EMU_VERIFY_FILE;
        rules->verify_file = text + sizeof file - 1;
    } else {
        return "want auto, after=N or file=FILE";
    }
    return NULL;
}

const char *esa_emu_value_activate(struct esa_emu_rules *rules, const char *text) {
    static const char start[] = "auto=";
    if (strcmp(text, "auto") == 0) {
        rules->activate_after = 0;
        return NULL;
    }
    return strncmp(text, start, sizeof start - 1) == 0 &&
                   esa_emu_number(&rules->activate_after, span_of(text + sizeof start - 1),
                                  COUNT_MAX)
               ? NULL
               : "want auto or auto=N";
}

const char *esa_emu_value_apply_fails(struct esa_emu_rules *rules, char *text) {
    char *equals = strchr(text, '=');
    rules->apply_fails_max = 0;
    if (equals != NULL &&
        (!esa_emu_number(&rules->apply_fails_max, span_of(equals + 1), COUNT_MAX) ||
         rules->apply_fails_max == 0))
        return "want GLOB or GLOB=N";
    if (equals != NULL)
        *equals = '\0';
    rules->apply_fails = text;
    return NULL;
}

const char *esa_emu_value_rate(struct esa_emu_options *options, const char *text) {
    const char *slash = strchr(text, '/');
    struct esa_emu_span number = {text, slash != NULL ? (size_t)(slash - text) : strlen(text)};
    options->rate_s = HOUR_S;
    if (!esa_emu_number(&options->rate, number, ESA_EMU_MAX_RATE) || options->rate == 0 ||
        (slash != NULL && (!esa_emu_number(&options->rate_s, span_of(slash + 1), RATE_S_MAX) ||
                           options->rate_s == 0)))
        return "want N or N/SECONDS, from 1 on";
    return NULL;
}
