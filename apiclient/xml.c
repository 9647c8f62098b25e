/* xml: the gateway's <Error> document. */
#include "xml.h"

#include <string.h>

struct reader {
    const char *at, *end;
};

static void skip_space(struct reader *in) {
    while (in->at < in->end && *in->at != '\0' && strchr(" \t\r\n", *in->at) != NULL)
        in->at++;
}

static bool take(struct reader *in, const char *text) {
    size_t len = strlen(text);
    if ((size_t)(in->end - in->at) < len || memcmp(in->at, text, len) != 0)
        return false;
    in->at += len;
    return true;
}

/* Moves behind the next occurrence of text; *before is where it stood. */
static bool find(struct reader *in, const char *text, size_t text_len, const char **before) {
    for (; (size_t)(in->end - in->at) >= text_len; in->at++)
        if (memcmp(in->at, text, text_len) == 0) {
            *before = in->at;
            in->at += text_len;
            return true;
        }
    return false;
}

static bool is_name_char(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':';
}

/* Behind "<": the name, its attributes and ">". */
static bool read_start_tag(struct reader *in, const char **name, size_t *name_len, bool *is_empty) {
    const char *before;
    *name = in->at;
    while (in->at < in->end && is_name_char(*in->at))
        in->at++;
    *name_len = (size_t)(in->at - *name);
    if (*name_len == 0 || !find(in, ">", 1, &before))
        return false;
    *is_empty = before[-1] == '/';
    return true;
}

static void store(struct esa_member *members, size_t num_members, const char *name, size_t name_len,
                  const char *raw, size_t raw_len) {
    for (size_t i = 0; i < num_members; i++) {
        struct esa_member *member = &members[i];
        if (strlen(member->name) != name_len || memcmp(member->name, name, name_len) != 0)
            continue;
        if (member->count++ == 0) {
            member->kind = ESA_KIND_STRING;
            member->raw = raw;
            member->raw_len = raw_len;
        }
    }
}

/* One child element, behind its "<": up to its end tag. What is nested in it is passed over. */
static bool read_child(struct reader *in, struct esa_member *members, size_t num_members) {
    char end_tag[72] = "</";
    const char *name;
    const char *end;
    size_t name_len;
    bool is_empty;
    if (!read_start_tag(in, &name, &name_len, &is_empty) || name_len > 64)
        return false;
    const char *raw = in->at;
    if (is_empty) {
        store(members, num_members, name, name_len, raw, 0);
        return true;
    }
    memcpy(end_tag + 2, name, name_len);
    end_tag[2 + name_len] = '>';
    if (!find(in, end_tag, name_len + 3, &end))
        return false;
    store(members, num_members, name, name_len, raw, (size_t)(end - raw));
    return true;
}

bool esa_xml_error(struct esa_member *members, size_t num_members, const char *text, size_t len) {
    struct reader in = {text, text + len};
    const char *name = NULL;
    const char *before;
    size_t name_len;
    bool is_empty;
    for (size_t i = 0; i < num_members; i++)
        members[i] = (struct esa_member){.name = members[i].name};
    skip_space(&in);
    if (take(&in, "<?xml") && !find(&in, "?>", 2, &before))
        return false;
    skip_space(&in);
    if (!take(&in, "<") || !read_start_tag(&in, &name, &name_len, &is_empty) || is_empty ||
        name_len != strlen("Error") || memcmp(name, "Error", name_len) != 0)
        return false;
    for (;;) {
        skip_space(&in);
        if (take(&in, "</Error>"))
            break;
        if (take(&in, "<!--")) {
            if (!find(&in, "-->", 3, &before))
                return false;
            continue;
        }
        if (!take(&in, "<") || !read_child(&in, members, num_members))
            return false;
    }
    skip_space(&in);
    return in.at == in.end;
}

size_t esa_xml_unescape(char *out, const char *raw, size_t raw_len) {
    static const struct {
        const char *entity;
        char c;
    } entities[] = {
        {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
    size_t len = 0;
    for (size_t i = 0; i < raw_len;) {
        size_t step = 1;
        out[len] = raw[i];
        for (size_t k = 0; k < sizeof(entities) / sizeof(entities[0]); k++) {
            size_t entity_len = strlen(entities[k].entity);
            if (raw_len - i >= entity_len && memcmp(raw + i, entities[k].entity, entity_len) == 0) {
                out[len] = entities[k].c;
                step = entity_len;
            }
        }
        len++;
        i += step;
    }
    return len;
}
