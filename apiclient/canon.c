/* canon: percent-encoding and the canonical request. */
#include "canon.h"

#include <string.h>

enum cp_status esa_secret_puts(struct cp_secret *out, const char *text, struct cp_error *err) {
    return cp_secret_append(out, text, strlen(text), err);
}

enum cp_status esa_secret_end(struct cp_secret *out, struct cp_error *err) {
    enum cp_status status = cp_secret_append(out, "", 1, err);
    if (status == CP_OK)
        out->len--;
    return status;
}

/* ASCII only: the C library's classes depend on the locale. */
static bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

static char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

size_t esa_percent_len(const char *text, size_t len) {
    size_t encoded = 0;
    for (size_t i = 0; i < len; i++)
        encoded += is_unreserved(text[i]) ? 1 : 3;
    return encoded;
}

static enum cp_status append_encoded(struct cp_secret *out, const char *text, size_t len,
                                     struct cp_error *err) {
    static const char digits[] = "0123456789ABCDEF";
    enum cp_status status = CP_OK;
    for (size_t i = 0; i < len && status == CP_OK; i++) {
        uint8_t byte = (uint8_t)text[i];
        char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};
        if (is_unreserved(text[i]))
            status = cp_secret_append(out, text + i, 1, err);
        else
            status = cp_secret_append(out, escape, sizeof(escape), err);
    }
    return status;
}

static int compare_bytes(const char *a, size_t a_len, const char *b, size_t b_len) {
    size_t common = a_len < b_len ? a_len : b_len;
    int order = common == 0 ? 0 : memcmp(a, b, common);
    if (order != 0)
        return order;
    return a_len < b_len ? -1 : a_len > b_len;
}

static bool pair_before(const struct esa_pair *a, const struct esa_pair *b) {
    int order = compare_bytes(a->name, strlen(a->name), b->name, strlen(b->name));
    if (order == 0)
        order = compare_bytes(a->value, a->value_len, b->value, b->value_len);
    return order < 0;
}

static int compare_names_nocase(const char *a, const char *b) {
    for (; *a != '\0' && ascii_lower(*a) == ascii_lower(*b); a++, b++) {
    }
    return (unsigned char)ascii_lower(*a) - (unsigned char)ascii_lower(*b);
}

static bool header_before(const struct esa_pair *a, const struct esa_pair *b) {
    return compare_names_nocase(a->name, b->name) < 0;
}

/* Insertion sort of at most ESA_MAX_PAIRS; qsort would need the comparison to be total for no gain.
 */
static void sort_pairs(const struct esa_pair **order, size_t num,
                       bool (*before)(const struct esa_pair *, const struct esa_pair *)) {
    for (size_t i = 1; i < num; i++) {
        const struct esa_pair *moving = order[i];
        size_t at = i;
        for (; at > 0 && before(moving, order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = moving;
    }
}

size_t esa_canon_query_len(const struct esa_pair *pairs, size_t num_pairs) {
    size_t len = num_pairs == 0 ? 0 : num_pairs - 1;
    for (size_t i = 0; i < num_pairs; i++)
        len += esa_percent_len(pairs[i].name, strlen(pairs[i].name)) + 1 +
               esa_percent_len(pairs[i].value, pairs[i].value_len);
    return len;
}

enum cp_status esa_canon_query(struct cp_secret *out, const struct esa_pair *pairs,
                               size_t num_pairs, struct cp_error *err) {
    const struct esa_pair *order[ESA_MAX_PAIRS];
    *out = (struct cp_secret){0};
    if (num_pairs > ESA_MAX_PAIRS)
        return cp_fail(err, CP_ERR_LIMIT, "request: more than %zu parameters", ESA_MAX_PAIRS);
    for (size_t i = 0; i < num_pairs; i++) {
        if (strlen(pairs[i].name) > ESA_MAX_QUERY_LEN || pairs[i].value_len > ESA_MAX_QUERY_LEN)
            return cp_fail(err, CP_ERR_LIMIT, "request: a parameter over %zu bytes",
                           ESA_MAX_QUERY_LEN);
        order[i] = &pairs[i];
    }
    /* 32 pairs of at most 8 MiB, tripled, are far below SIZE_MAX */
    if (esa_canon_query_len(pairs, num_pairs) > ESA_MAX_QUERY_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "request: parameters over %zu bytes", ESA_MAX_QUERY_LEN);
    sort_pairs(order, num_pairs, pair_before);

    enum cp_status status = cp_secret_init(out, esa_canon_query_len(pairs, num_pairs) + 1, err);
    for (size_t i = 0; i < num_pairs && status == CP_OK; i++) {
        status = esa_secret_puts(out, i == 0 ? "" : "&", err);
        if (status == CP_OK)
            status = append_encoded(out, order[i]->name, strlen(order[i]->name), err);
        if (status == CP_OK)
            status = esa_secret_puts(out, "=", err);
        if (status == CP_OK)
            status = append_encoded(out, order[i]->value, order[i]->value_len, err);
    }
    if (status == CP_OK)
        status = esa_secret_end(out, err);
    if (status != CP_OK)
        cp_secret_cleanup(out);
    return status;
}

bool esa_canon_is_signed(const char *name) {
    static const char prefix[] = "x-acs-";
    if (compare_names_nocase(name, "host") == 0 || compare_names_nocase(name, "content-type") == 0)
        return true;
    for (size_t i = 0; prefix[i] != '\0'; i++)
        if (ascii_lower(name[i]) != prefix[i])
            return false;
    return true;
}

/* A header name is a token and a value has no control character: else one header could hold two. */
static bool is_sound_header(const struct esa_pair *header) {
    if (header->name[0] == '\0' || header->value_len > ESA_MAX_HEADER_VALUE)
        return false;
    for (const char *c = header->name; *c != '\0'; c++)
        if (!is_unreserved(*c))
            return false;
    for (size_t i = 0; i < header->value_len; i++)
        if (((uint8_t)header->value[i] < 0x20 && header->value[i] != '\t') ||
            header->value[i] == 0x7F)
            return false;
    return true;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static struct esa_pair trimmed(const struct esa_pair *header) {
    struct esa_pair out = *header;
    while (out.value_len > 0 && is_blank(out.value[0])) {
        out.value++;
        out.value_len--;
    }
    while (out.value_len > 0 && is_blank(out.value[out.value_len - 1]))
        out.value_len--;
    return out;
}

static enum cp_status append_header(struct cp_secret *out, const struct esa_pair *header,
                                    struct cp_error *err) {
    enum cp_status status = CP_OK;
    struct esa_pair line = trimmed(header);
    for (const char *c = line.name; *c != '\0' && status == CP_OK; c++) {
        char lower = ascii_lower(*c);
        status = cp_secret_append(out, &lower, 1, err);
    }
    if (status == CP_OK)
        status = esa_secret_puts(out, ":", err);
    if (status == CP_OK)
        status = cp_secret_append(out, line.value, line.value_len, err);
    if (status == CP_OK)
        status = esa_secret_puts(out, "\n", err);
    return status;
}

/* Picks and sorts the headers that are signed, and joins their names. */
static enum cp_status pick_signed(const struct esa_pair **order, size_t *num, size_t *len,
                                  char names[ESA_MAX_SIGNED_HEADERS],
                                  const struct esa_pair *headers, size_t num_headers,
                                  struct cp_error *err) {
    size_t names_len = 0;
    *num = *len = 0;
    names[0] = '\0';
    if (num_headers > ESA_MAX_PAIRS)
        return cp_fail(err, CP_ERR_LIMIT, "request: more than %zu headers", ESA_MAX_PAIRS);
    for (size_t i = 0; i < num_headers; i++) {
        if (!is_sound_header(&headers[i]))
            return cp_fail(err, CP_ERR_USAGE,
                           "request: header %zu: want a token and a value of printable characters "
                           "up to %zu bytes",
                           i + 1, ESA_MAX_HEADER_VALUE);
        if (esa_canon_is_signed(headers[i].name))
            order[(*num)++] = &headers[i];
    }
    sort_pairs(order, *num, header_before);
    for (size_t i = 0; i < *num; i++) {
        size_t name_len = strlen(order[i]->name);
        if (i > 0 && compare_names_nocase(order[i - 1]->name, order[i]->name) == 0)
            return cp_fail(err, CP_ERR_USAGE, "request: header %s is there twice", order[i]->name);
        if (name_len + 2 > ESA_MAX_SIGNED_HEADERS - names_len)
            return cp_fail(err, CP_ERR_LIMIT, "request: the names of the headers are too long");
        if (i > 0)
            names[names_len++] = ';';
        for (size_t k = 0; k < name_len; k++)
            names[names_len++] = ascii_lower(order[i]->name[k]);
        names[names_len] = '\0';
        *len += name_len + order[i]->value_len + 2;
    }
    return CP_OK;
}

enum cp_status esa_canon_request(struct cp_secret *out, char signed_headers[ESA_MAX_SIGNED_HEADERS],
                                 const char *method, const struct cp_secret *query,
                                 const struct esa_pair *headers, size_t num_headers,
                                 const char *body_sha256, struct cp_error *err) {
    const struct esa_pair *order[ESA_MAX_PAIRS];
    size_t num = 0;
    size_t headers_len = 0;
    *out = (struct cp_secret){0};
    enum cp_status status =
        pick_signed(order, &num, &headers_len, signed_headers, headers, num_headers, err);
    if (status != CP_OK)
        return status;
    size_t cap = strlen(method) + strlen("\n/\n\n\n\n") + query->len + headers_len +
                 strlen(signed_headers) + strlen(body_sha256) + 1;
    status = cp_secret_init(out, cap, err);
    if (status == CP_OK)
        status = esa_secret_puts(out, method, err);
    if (status == CP_OK)
        status = esa_secret_puts(out, "\n/\n", err);
    if (status == CP_OK)
        status = cp_secret_append(out, query->data, query->len, err);
    if (status == CP_OK)
        status = esa_secret_puts(out, "\n", err);
    for (size_t i = 0; i < num && status == CP_OK; i++)
        status = append_header(out, order[i], err);
    if (status == CP_OK)
        status = esa_secret_puts(out, "\n", err);
    if (status == CP_OK)
        status = esa_secret_puts(out, signed_headers, err);
    if (status == CP_OK)
        status = esa_secret_puts(out, "\n", err);
    if (status == CP_OK)
        status = esa_secret_puts(out, body_sha256, err);
    if (status == CP_OK)
        status = esa_secret_end(out, err);
    if (status != CP_OK)
        cp_secret_cleanup(out);
    return status;
}
