/* A strict parser of HTTP/1.1 request heads (RFC 9112). What two readers could read differently is
 * refused: bare LF, folded lines, blanks before the colon, two lengths, any Transfer-Encoding. */
#include "http.h"

#include <string.h>

static bool is_alnum(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* RFC 9110 5.6.2 */
static bool is_token_char(char c) {
    return is_alnum(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* RFC 3986 3.3 and 3.4: pchar, "/" and "?", with whole percent triplets. */
static bool is_target(struct esa_emu_span text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '%') {
            if (text.len - i < 3 || !is_hex(text.data[i + 1]) || !is_hex(text.data[i + 2]))
                return false;
        } else if (!is_alnum(c) && (c == '\0' || strchr("-._~!$&'()*+,;=:@/?", c) == NULL)) {
            return false;
        }
    }
    return true;
}

static int parse_request_line(struct esa_emu_request *request, struct esa_emu_span line) {
    const char *end = line.data + line.len;
    const char *space = memchr(line.data, ' ', line.len);
    if (space == NULL || space == line.data)
        return 400;
    request->method = (struct esa_emu_span){line.data, (size_t)(space - line.data)};
    for (size_t i = 0; i < request->method.len; i++) {
        if (!is_token_char(request->method.data[i]))
            return 400;
    }
    const char *target = space + 1;
    space = memchr(target, ' ', (size_t)(end - target));
    if (space == NULL || target[0] != '/')
        return 400;
    struct esa_emu_span version = {space + 1, (size_t)(end - space - 1)};
    if (!esa_emu_span_is(version, "HTTP/1.1"))
        return version.len == 8 && memcmp(version.data, "HTTP/", 5) == 0 ? 505 : 400;
    struct esa_emu_span whole = {target, (size_t)(space - target)};
    if (!is_target(whole))
        return 400;
    const char *mark = memchr(target, '?', whole.len);
    request->path =
        (struct esa_emu_span){target, mark != NULL ? (size_t)(mark - target) : whole.len};
    request->query = mark != NULL ? (struct esa_emu_span){mark + 1, (size_t)(space - mark - 1)}
                                  : (struct esa_emu_span){space, 0};
    if (!esa_emu_span_is(request->method, "GET") && !esa_emu_span_is(request->method, "POST") &&
        !esa_emu_span_is(request->method, "PUT"))
        return 501;
    return 0;
}

/* Whether a second field of this name would leave open which one counts. */
static bool must_be_single(struct esa_emu_span name) {
    static const char *const names[] = {"host", "content-length", "content-type", "authorization",
                                        "expect"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (esa_emu_span_is(name, names[i]))
            return true;
    }
    return name.len >= 6 && memcmp(name.data, "x-acs-", 6) == 0;
}

static int parse_header(struct esa_emu_request *request, char *line, size_t len) {
    size_t name_len = 0;
    while (name_len < len && is_token_char(line[name_len])) {
        if (line[name_len] >= 'A' && line[name_len] <= 'Z')
            line[name_len] = (char)(line[name_len] + 32);
        name_len++;
    }
    if (name_len == 0 || name_len == len || line[name_len] != ':')
        return 400;
    struct esa_emu_span name = {line, name_len};
    struct esa_emu_span value = {line + name_len + 1, len - name_len - 1};
    while (value.len > 0 && (value.data[0] == ' ' || value.data[0] == '\t')) {
        value.data++;
        value.len--;
    }
    while (value.len > 0 && (value.data[value.len - 1] == ' ' || value.data[value.len - 1] == '\t'))
        value.len--;
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.data[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return 400;
    }
    for (size_t i = 0; i < request->num_headers && must_be_single(name); i++) {
        const struct esa_emu_span *other = &request->headers[i].name;
        if (other->len == name.len && memcmp(other->data, name.data, name.len) == 0)
            return 400;
    }
    if (request->num_headers == ESA_EMU_MAX_HEADERS)
        return 431;
    request->headers[request->num_headers++] = (struct esa_emu_header){name, value};
    return 0;
}

static bool equals_lower(struct esa_emu_span text, const char *lower) {
    if (text.len != strlen(lower))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c + 32);
        if (c != lower[i])
            return false;
    }
    return true;
}

static bool is_host(struct esa_emu_span host) {
    if (host.len == 0 || host.len > ESA_EMU_HOSTNAME_MAX + 6) /* a colon and a port */
        return false;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.data[i];
        if (!is_alnum(c) && (c == '\0' || strchr("-._:[]", c) == NULL))
            return false;
    }
    return true;
}

static int parse_length(struct esa_emu_request *request, struct esa_emu_span text) {
    size_t length = 0;
    if (text.len == 0)
        return 400;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return 400;
        /* Stops growing once over the limit, so that it can't wrap. */
        if (length <= ESA_EMU_MAX_BODY)
            length = length * 10 + (size_t)(text.data[i] - '0');
    }
    if (length > ESA_EMU_MAX_BODY)
        return 413;
    request->content_length = length;
    return 0;
}

/* What the framing of the message hangs on. */
static int apply_headers(struct esa_emu_request *request) {
    const struct esa_emu_span *host = esa_emu_http_header(request, "host");
    const struct esa_emu_span *length = esa_emu_http_header(request, "content-length");
    const struct esa_emu_span *coding = esa_emu_http_header(request, "transfer-encoding");
    const struct esa_emu_span *expect = esa_emu_http_header(request, "expect");
    const struct esa_emu_span *connection = esa_emu_http_header(request, "connection");
    if (host == NULL || !is_host(*host))
        return 400;
    if (coding != NULL && length != NULL)
        return 400;
    if (coding != NULL)
        return equals_lower(*coding, "chunked") ? 411 : 501;
    if (length != NULL) {
        int status = parse_length(request, *length);
        if (status != 0)
            return status;
    }
    if (expect != NULL) {
        if (!equals_lower(*expect, "100-continue"))
            return 417;
        request->expect_continue = true;
    }
    request->close = connection != NULL && equals_lower(*connection, "close");
    return 0;
}

int esa_emu_http_parse_head(struct esa_emu_request *request, char *head, size_t head_len) {
    *request = (struct esa_emu_request){.head_len = head_len};
    size_t at = 0;
    for (bool first = true;; first = false) {
        char *end = memchr(head + at, '\n', head_len - at);
        size_t len = end != NULL ? (size_t)(end - head) - at : 0;
        if (end == NULL || len == 0 || end[-1] != '\r')
            return 400;
        char *line = head + at;
        at += len + 1;
        len--; /* the CR */
        if (len == 0)
            break;
        int status = first ? parse_request_line(request, (struct esa_emu_span){line, len})
                           : parse_header(request, line, len);
        if (status != 0)
            return status;
    }
    return at == head_len && request->method.len != 0 ? apply_headers(request) : 400;
}

const struct esa_emu_span *esa_emu_http_header(const struct esa_emu_request *request,
                                               const char *name) {
    for (size_t i = 0; i < request->num_headers; i++) {
        if (esa_emu_span_is(request->headers[i].name, name))
            return &request->headers[i].value;
    }
    return NULL;
}
