/* Text helpers: JSON members, numbers, wildcards, times, files. */
#include "buf.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { READ_CHUNK = 65536 };

void esa_emu_json_open(struct esa_emu_buf *buf, const char *name, const char *bracket) {
    char last = buf->len != 0 ? buf->data[buf->len - 1] : '{';
    if (last != '{' && last != '[')
        esa_emu_buf_text(buf, ",");
    if (name != NULL) {
        esa_emu_buf_json(buf, name, strlen(name));
        esa_emu_buf_text(buf, ":");
    }
    esa_emu_buf_text(buf, bracket);
}

void esa_emu_json_name(struct esa_emu_buf *buf, const char *name) {
    esa_emu_json_open(buf, name, "");
}

void esa_emu_json_text(struct esa_emu_buf *buf, const char *name, const char *value) {
    esa_emu_json_span(buf, name, (struct esa_emu_span){value, strlen(value)});
}

void esa_emu_json_span(struct esa_emu_buf *buf, const char *name, struct esa_emu_span value) {
    esa_emu_json_name(buf, name);
    esa_emu_buf_json(buf, value.data, value.len);
}

void esa_emu_json_int(struct esa_emu_buf *buf, const char *name, int64_t value) {
    esa_emu_json_name(buf, name);
    esa_emu_buf_printf(buf, "%" PRId64, value);
}

void esa_emu_json_bool(struct esa_emu_buf *buf, const char *name, bool value) {
    esa_emu_json_name(buf, name);
    esa_emu_buf_text(buf, value ? "true" : "false");
}

void esa_emu_json_time(struct esa_emu_buf *buf, const char *name, int64_t time_s) {
    char text[32] = "";
    if (time_s != 0)
        esa_emu_time_text(text, time_s);
    esa_emu_json_text(buf, name, text);
}

bool esa_emu_lower(char *out, size_t out_size, struct esa_emu_span text) {
    if (text.len >= out_size || memchr(text.data, '\0', text.len) != NULL)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    out[text.len] = '\0';
    return true;
}

bool esa_emu_glob(const char *pattern, const char *name) {
    char lower[ESA_EMU_HOSTNAME_MAX + 1];
    return esa_emu_lower(lower, sizeof lower, (struct esa_emu_span){pattern, strlen(pattern)}) &&
           fnmatch(lower, name, 0) == 0;
}

bool esa_emu_number(int64_t *out, struct esa_emu_span text, int64_t max) {
    int64_t value = 0;
    if (text.len == 0)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        int digit = text.data[i] - '0';
        if (digit < 0 || digit > 9 || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

bool esa_emu_read_file(struct esa_emu_buf *buf, const char *path) {
    bool ok = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while (!buf->failed) {
        size_t room = buf->max - buf->len < READ_CHUNK ? buf->max - buf->len : READ_CHUNK;
        char probe = '\0';
        if (room == 0) { /* full: fine if the file ends here */
            ok = read(fd, &probe, 1) == 0;
            break;
        }
        if (!esa_emu_buf_reserve(buf, room))
            break;
        ssize_t got = read(fd, buf->data + buf->len, room);
        if (got < 0 && errno == EINTR)
            continue;
        ok = got == 0;
        if (got <= 0)
            break;
        buf->len += (size_t)got;
        buf->data[buf->len] = '\0';
    }
    (void)close(fd);
    return ok && !buf->failed;
}

void esa_emu_time_text(char out[32], int64_t time_s) {
    struct tm parts;
    time_t time = (time_t)time_s;
    if (gmtime_r(&time, &parts) == NULL || strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
        memcpy(out, "-", 2);
}

void esa_emu_escape(char *out, size_t out_size, struct esa_emu_span text) {
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    for (size_t i = 0; i < text.len && used + 5 <= out_size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c > 0x20 && c < 0x7f && c != '\\' && c != '"') {
            out[used++] = (char)c;
        } else {
            out[used++] = '\\';
            out[used++] = 'x';
            out[used++] = digits[c >> 4];
            out[used++] = digits[c & 15];
        }
    }
    out[used] = '\0';
}
