/* Secrets of Kubernetes, in YAML (also JSON, of which YAML is a superset): each is a part of its
 * own, whose certificate and key are meant for each other. Lists and several documents in a file
 * are looked through. */
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "cp_limits.h"
#include "gate.h"
#include "yaml_library.h"

#define MAX_LISTS 4                /* in lists */
#define MAX_BRACKETS ((size_t)500) /* open at once; over it a text is not read as YAML */

struct reading {
    const struct gate_yaml *api;
    yaml_document_t document;
    struct gate_parts *parts;
    struct gate_lines *skip;
    size_t num_skip, cap_skip;
    size_t text_len;
    struct cp_error *err;
};

static struct cp_span text_of(const yaml_node_t *node) {
    if (node == NULL || node->type != YAML_SCALAR_NODE)
        return (struct cp_span){NULL, 0};
    return (struct cp_span){node->data.scalar.value, node->data.scalar.length};
}

static const yaml_node_t *member(struct reading *r, const yaml_node_t *map, const char *key) {
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (const yaml_node_pair_t *pair = map->data.mapping.pairs.start;
         pair < map->data.mapping.pairs.top; pair++)
        if (cp_span_equal(text_of(r->api->node(&r->document, pair->key)), cp_span_of(key)))
            return r->api->node(&r->document, pair->value);
    return NULL;
}

static void name_part(struct gate_part *part, struct cp_span space, struct cp_span name) {
    char a[70], b[70];
    (void)cp_escape(a, sizeof(a), space);
    (void)cp_escape(b, sizeof(b), name);
    (void)snprintf(part->name, sizeof(part->name), "Secret %s%s%s", a, a[0] != '\0' ? "/" : "", b);
}

/* Takes out the values of data or stringData. */
static enum cp_status take_values(struct reading *r, struct gate_part *part,
                                  const yaml_node_t *values, bool is_encoded) {
    if (values == NULL || values->type != YAML_MAPPING_NODE)
        return CP_OK;
    for (const yaml_node_pair_t *pair = values->data.mapping.pairs.start;
         pair < values->data.mapping.pairs.top; pair++) {
        const yaml_node_t *node = r->api->node(&r->document, pair->value);
        struct cp_span value = text_of(node);
        if (value.len == 0)
            continue;
        bool is_block = !is_encoded && node->data.scalar.style == YAML_LITERAL_SCALAR_STYLE;
        enum cp_status status =
            gate_part_add_value(part, value, is_encoded, is_block, node->start_mark.line + 1,
                                node->start_mark.index, r->err);
        if (status != CP_OK)
            return status;
    }
    return CP_OK;
}

static enum cp_status take_secret(struct reading *r, const yaml_node_t *map) {
    const yaml_node_t *data = member(r, map, "data"), *strings = member(r, map, "stringData");
    const yaml_node_t *metadata = member(r, map, "metadata");
    struct gate_part *part = NULL;
    if (!gate_grow((void **)&r->skip, &r->cap_skip, r->num_skip, sizeof(*r->skip), CP_MAX_BLOCKS))
        return cp_fail(r->err, CP_ERR_LIMIT, "more than %d Secrets in it", CP_MAX_BLOCKS);
    /* A mapping in block style ends where the next thing begins. */
    r->skip[r->num_skip++] = (struct gate_lines){
        map->start_mark.line + 1, map->end_mark.line + (map->end_mark.column == 0 ? 0 : 1)};
    enum cp_status status = gate_parts_new(r->parts, &part, r->text_len * 2 + 1024, r->err);
    if (status != CP_OK)
        return status;
    part->is_secret = true;
    name_part(part, text_of(member(r, metadata, "namespace")),
              text_of(member(r, metadata, "name")));
    status = take_values(r, part, data, true);
    if (status == CP_OK)
        status = take_values(r, part, strings, false);
    if (status == CP_OK && part->num_spots == 0) { /* a Secret of something else */
        cp_secret_cleanup(&part->text);
        r->parts->num--;
    }
    return status;
}

static enum cp_status look_through(struct reading *r, const yaml_node_t *node, unsigned depth) {
    struct cp_span kind = text_of(member(r, node, "kind"));
    if (cp_span_equal(kind, cp_span_of("Secret")))
        return take_secret(r, node);
    const yaml_node_t *items = member(r, node, "items");
    if (items == NULL || items->type != YAML_SEQUENCE_NODE || depth == MAX_LISTS || kind.len < 4 ||
        memcmp(kind.data + kind.len - 4, "List", 4) != 0)
        return CP_OK;
    enum cp_status status = CP_OK;
    for (const yaml_node_item_t *item = items->data.sequence.items.start;
         status == CP_OK && item < items->data.sequence.items.top; item++)
        status = look_through(r, r->api->node(&r->document, *item), depth + 1);
    return status;
}

/* libyaml's time grows with the square of how deep brackets are nested. */
static bool is_nested_deep(struct cp_span text) {
    size_t depth = 0;
    for (size_t i = 0; i < text.len && depth <= MAX_BRACKETS; i++) {
        depth += text.data[i] == '[' || text.data[i] == '{';
        depth -= (text.data[i] == ']' || text.data[i] == '}') && depth != 0;
    }
    return depth > MAX_BRACKETS;
}

enum cp_status gate_secrets(struct gate_parts *parts, struct gate_lines **skip, size_t *num_skip,
                            struct cp_span text, struct cp_error *err) {
    struct reading r = {.parts = parts, .text_len = text.len, .err = err};
    yaml_parser_t parser;
    enum cp_status status = CP_OK;
    bool more = true;
    *skip = NULL;
    *num_skip = 0;
    if (is_nested_deep(text))
        return CP_OK;
    r.api = gate_yaml_load(err);
    if (r.api == NULL)
        return CP_ERR_UNSUPPORTED;
    if (r.api->initialize(&parser) == 0)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    r.api->set_input_string(&parser, text.data, text.len);
    while (status == CP_OK && more) {
        /* What is not YAML (a template) is searched as text from here on. */
        if (r.api->load(&parser, &r.document) == 0)
            break;
        const yaml_node_t *root = r.api->root(&r.document);
        more = root != NULL;
        if (more)
            status = look_through(&r, root, 0);
        r.api->document_remove(&r.document);
    }
    r.api->remove(&parser);
    if (status != CP_OK) {
        free(r.skip);
        return status;
    }
    *skip = r.skip;
    *num_skip = r.num_skip;
    return CP_OK;
}
