#include "report/escape.h"

#include <string.h>

/* Where the next command may begin: its text's index, and what takes the place of one character. */
static bool next_command(const char *text, size_t len, size_t *at, const char *hash,
                         const char *colon, bool *at_line_start, const char **replacement) {
    for (size_t i = *at; i + 1 < len; i++) {
        bool is_double = text[i] == text[i + 1];
        if ((text[i] == '#' && is_double) || (text[i] == ':' && is_double && *at_line_start)) {
            *replacement = text[i] == '#' ? hash : colon;
            *at_line_start = false;
            if (*replacement != NULL) {
                *at = i;
                return true;
            }
        }
        if (text[i] == '\n')
            *at_line_start = true;
        else if (text[i] != ' ' && text[i] != '\t')
            *at_line_start = false;
    }
    return false;
}

void cp_render_defuse(struct cp_buf *out, size_t from, const char *hash, const char *colon) {
    struct cp_buf safe;
    const char *replacement = NULL;
    bool at_line_start = true;
    size_t at = from, done = from;
    if (out->failed != CP_OK || out->data == NULL ||
        !next_command(out->data, out->len, &at, hash, colon, &at_line_start, &replacement))
        return;
    cp_buf_init(&safe, out->max);
    cp_buf_append(&safe, out->data, from);
    do {
        cp_buf_append(&safe, out->data + done, at - done);
        cp_buf_puts(&safe, replacement);
        done = ++at;
    } while (next_command(out->data, out->len, &at, hash, colon, &at_line_start, &replacement));
    cp_buf_append(&safe, out->data + done, out->len - done);
    cp_buf_cleanup(out);
    *out = safe;
}

void cp_render_xml(struct cp_buf *out, const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        const char *entity = *at == '&'   ? "&amp;"
                             : *at == '<' ? "&lt;"
                             : *at == '>' ? "&gt;"
                             : *at == '"' ? "&quot;"
                                          : NULL;
        if (entity != NULL) {
            cp_buf_puts(out, entity);
        } else if (strncmp(at, "\xef\xbf\xbe", 3) == 0 || strncmp(at, "\xef\xbf\xbf", 3) == 0) {
            cp_buf_puts(out,
                        at[2] == '\xbe' ? "\\u{FFFE}" : "\\u{FFFF}"); /* no characters of XML */
            at += 2;
        } else if ((unsigned char)*at >= 0x20 || *at == '\n' || *at == '\t') {
            cp_buf_append(out, at, 1);
        }
    }
}

const char *cp_render_relative(const char *path, const char *base) {
    size_t base_len = base == NULL ? 0 : strlen(base);
    if (base_len > 1 && strncmp(path, base, base_len) == 0 && path[base_len] == '/')
        path += base_len + 1;
    while (strncmp(path, "./", 2) == 0)
        for (path += 2; *path == '/';)
            path++;
    return path;
}

void cp_render_uri(struct cp_buf *out, const char *path, const char *base) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    const char *at = cp_render_relative(path, base);
    if (at[0] == '/')
        cp_buf_puts(out, "file://");
    for (; *at != '\0'; at++) {
        if (strchr(plain, *at) != NULL)
            cp_buf_append(out, at, 1);
        else
            cp_buf_printf(out, "%%%02X", (unsigned)(unsigned char)*at);
    }
}
