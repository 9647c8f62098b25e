/* Reads one request after the other from a connection. */
#include "http.h"

#include <string.h>

enum { READ_CHUNK = 16384 };

const char *esa_emu_http_reason(int status) {
    static const struct {
        int status;
        const char *reason;
    } rows[] = {
        {200, "OK"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {417, "Expectation Failed"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].status == status)
            return rows[i].reason;
    }
    return "Unknown";
}

static bool read_more(struct esa_emu_buf *in, struct esa_emu_conn *conn) {
    size_t room = in->max - in->len;
    if (room > READ_CHUNK)
        room = READ_CHUNK;
    if (room == 0 || !esa_emu_buf_reserve(in, room))
        return false;
    size_t got = esa_emu_conn_read(conn, in->data + in->len, room);
    in->len += got;
    in->data[in->len] = '\0';
    return got > 0;
}

/* Looks on from *seen for the end of the head. 0 and *head_len (0: not there yet), or a status. */
static int find_head_end(size_t *head_len, size_t *line_len, size_t *seen,
                         const struct esa_emu_buf *in) {
    *head_len = 0;
    for (; *seen < in->len; ++*seen) {
        if (in->data[*seen] != '\n')
            continue;
        size_t at = *seen;
        if (at == 0 || in->data[at - 1] != '\r')
            return 400;
        if (*line_len == 0)
            *line_len = at + 1;
        if (at >= 3 && in->data[at - 2] == '\n') {
            *head_len = at + 1;
            break;
        }
    }
    size_t used = *head_len != 0 ? *head_len : in->len;
    size_t line = *line_len != 0 ? *line_len : used;
    if (line > ESA_EMU_MAX_REQUEST_LINE)
        return 414;
    return used - line > ESA_EMU_MAX_HEADER_BYTES ? 431 : 0;
}

int esa_emu_http_read(struct esa_emu_request *request, struct esa_emu_buf *in,
                      struct esa_emu_conn *conn, int64_t timeout_ms) {
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    size_t head_len = 0, line_len = 0, seen = 0;
    conn->deadline_ms = esa_emu_monotonic_ms() + timeout_ms;
    for (bool first = in->len == 0; head_len == 0; first = false) {
        int status = find_head_end(&head_len, &line_len, &seen, in);
        if (status != 0)
            return status;
        if (head_len != 0)
            break;
        if (!read_more(in, conn))
            return -1;
        if (first) /* idle time is over, the request's own time starts */
            conn->deadline_ms = esa_emu_monotonic_ms() + timeout_ms;
    }
    int status = esa_emu_http_parse_head(request, in->data, head_len);
    if (status != 0)
        return status;
    size_t whole = head_len + request->content_length;
    if (request->expect_continue && in->len < whole &&
        !esa_emu_conn_write(conn, go_on, sizeof go_on - 1))
        return -1;
    while (in->len < whole) {
        if (!read_more(in, conn))
            return -1;
    }
    /* The buffer may have moved since: read the head again where it is now. */
    status = esa_emu_http_parse_head(request, in->data, head_len);
    request->body = (struct esa_emu_span){in->data + head_len, request->content_length};
    return status;
}
