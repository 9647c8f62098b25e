/* Files, and the blocks of each in the order of their places. */
#include "inspect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"
#include "pem.h"

/* INTEGERs that a DER tree shows: a serial number (RFC 5280 4.1.2.2: 20 octets and a sign). In
 * blocks that certprep did not read as what their label says, a key may hide: only what is too
 * short for one. */
#define MAX_INTEGER_CERTIFICATE 21
#define MAX_INTEGER_OTHER 8

#define SCHEMA_VERSION 1

enum block_kind { BLOCK_CERT, BLOCK_KEY, BLOCK_DEFECT, BLOCK_PARAMETERS };

struct block {
    enum block_kind kind;
    struct cp_place place;
    size_t index; /* in the bundle's array of its kind */
};

struct inspection {
    struct cp_sink sink;
    const struct cp_bundle *bundle;
    const struct cp_inspect_options *options;
    struct block *blocks;
    size_t num_blocks, cap_blocks;
    size_t budget; /* DER elements that may still be shown */
    size_t num_unread;
};

/* ---- blocks in order --------------------------------------------------------------------------
 */

static void add_block(struct inspection *in, enum block_kind kind, size_t index,
                      const struct cp_place *place) {
    if (in->num_blocks < in->cap_blocks)
        in->blocks[in->num_blocks++] =
            (struct block){.kind = kind, .place = *place, .index = index};
}

/* The bundle passes over EC PARAMETERS without a word; they are there all the same. */
static void add_parameters(struct inspection *in, size_t source, size_t max) {
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    bool found = true;
    cp_pem_reader_init(&reader, in->bundle->sources[source].text);
    for (size_t i = 0; i < max && reader.offset < reader.text.len; i++) {
        if (cp_pem_next(&reader, &block, &found, NULL) != CP_OK)
            continue; /* a defect of the bundle */
        if (!found)
            return;
        if (block.kind == CP_PEM_EC_PARAMETERS)
            add_block(in, BLOCK_PARAMETERS, 0,
                      &(struct cp_place){source, block.begin_line, block.begin_offset});
    }
}

static int by_place(const void *a, const void *b) {
    const struct block *x = a, *y = b;
    if (x->place.source != y->place.source)
        return x->place.source < y->place.source ? -1 : 1;
    if (x->place.offset != y->place.offset)
        return x->place.offset < y->place.offset ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static enum cp_status find_blocks(struct inspection *in, struct cp_error *err) {
    const struct cp_bundle *bundle = in->bundle;
    in->cap_blocks = bundle->num_certs + bundle->num_keys + bundle->num_defects +
                     bundle->num_sources * CP_MAX_BLOCKS;
    in->blocks = calloc(in->cap_blocks + 1, sizeof(*in->blocks));
    if (in->blocks == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "inspect: out of memory");
    for (size_t i = 0; i < bundle->num_certs; i++)
        add_block(in, BLOCK_CERT, i, &bundle->certs[i].place);
    for (size_t i = 0; i < bundle->num_keys; i++)
        add_block(in, BLOCK_KEY, i, &bundle->keys[i].place);
    for (size_t i = 0; i < bundle->num_defects; i++)
        add_block(in, BLOCK_DEFECT, i, &bundle->defects[i].place);
    for (size_t i = 0; i < bundle->num_sources; i++)
        add_parameters(in, i, CP_MAX_BLOCKS);
    qsort(in->blocks, in->num_blocks, sizeof(*in->blocks), by_place);
    return CP_OK;
}

/* The PEM block that stands at place; false if none does (in another format, or cut). */
static bool pem_at(const struct inspection *in, const struct cp_place *place,
                   struct cp_pem_block *block) {
    struct cp_pem_reader reader;
    struct cp_span text = in->bundle->sources[place->source].text;
    bool found = false;
    cp_pem_reader_init(&reader, text);
    reader.line = 0;
    reader.offset = place->offset;
    return place->offset < text.len && cp_pem_next(&reader, block, &found, NULL) == CP_OK &&
           found && block->begin_offset == place->offset;
}

/* What the base64 decodes to, by counting. */
static size_t decoded_len(struct cp_span body) {
    size_t num = 0;
    for (size_t i = 0; i < body.len; i++) {
        uint8_t c = body.data[i];
        num += (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '/';
    }
    return num / 4 * 3 + (num % 4 != 0 ? num % 4 - 1 : 0);
}

/* ---- one block --------------------------------------------------------------------------------
 */

/* Labels whose DER may be shown: nothing that may hold a private key. */
static bool is_public_label(struct cp_span label) {
    static const char *const labels[] = {
        "CERTIFICATE",     "CERTIFICATE REQUEST", "X509 CRL",      "NEW CERTIFICATE REQUEST",
        "PUBLIC KEY",      "RSA PUBLIC KEY",      "EC PARAMETERS", "DH PARAMETERS",
        "X509 CERTIFICATE"};
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
        if (cp_span_equal(label, cp_span_of(labels[i])))
            return true;
    return false;
}

/* Of a binary file that is no key by its form, and could not be read. */
static void put_binary_tree(struct inspection *in, const struct cp_place *place) {
    const struct cp_source *source = &in->bundle->sources[place->source];
    bool shown = source->format == CP_FORMAT_CERTIFICATE || source->format == CP_FORMAT_REQUEST ||
                 source->format == CP_FORMAT_CRL || source->format == CP_FORMAT_PUBLIC_KEY;
    if (in->options->offsets && shown && place->offset == 0)
        cp_inspect_der_tree(&in->sink, source->text, MAX_INTEGER_OTHER, &in->budget);
}

static enum cp_status put_pem_tree(struct inspection *in, const struct cp_pem_block *block,
                                   struct cp_error *err) {
    struct cp_secret der = {0}; /* whatever its label says */
    size_t len = 0, bad = 0;
    const char *reason = NULL;
    if (!in->options->offsets || block->headers.len != 0 || !is_public_label(block->label))
        return CP_OK;
    enum cp_status status = cp_secret_init(&der, cp_base64_max(block->body.len) + 1, err);
    if (status == CP_OK && cp_base64_decode(der.data, &len, block->body, &bad, &reason) == CP_OK)
        cp_inspect_der_tree(&in->sink, (struct cp_span){der.data, len}, MAX_INTEGER_OTHER,
                            &in->budget);
    cp_secret_cleanup(&der);
    return status;
}

/* The line above a block, or the first members of its object. number is 0 where blocks of the kind
 * are not counted; length is SIZE_MAX where it is not known. */
static void put_head(struct inspection *in, const char *type, size_t number,
                     const struct cp_place *place, size_t length) {
    struct cp_sink *sink = &in->sink;
    char text[64], where[128];
    if (sink->json) {
        cp_sink_text(sink, "type", type);
        if (number != 0)
            cp_sink_number(sink, "number", (int64_t)number);
        cp_sink_number(sink, "line", (int64_t)place->line);
        cp_sink_number(sink, "offset", (int64_t)place->offset);
        if (length != SIZE_MAX)
            cp_sink_number(sink, "length", (int64_t)length);
        else
            cp_sink_null(sink, "length");
        return;
    }
    snprintf(text, sizeof(text), number != 0 ? "%s %zu" : "%s", type, number);
    size_t used = 0;
    where[0] = '\0';
    if (place->line != 0)
        used = (size_t)snprintf(where, sizeof(where), "line %zu, ", place->line);
    used += (size_t)snprintf(where + used, sizeof(where) - used, "offset %zu", place->offset);
    if (length != SIZE_MAX)
        snprintf(where + used, sizeof(where) - used, ", %zu bytes", length);
    cp_sink_put_indent(sink);
    cp_sink_put(sink, strcmp(type, "unread") == 0 ? CP_RED : CP_BOLD, text);
    cp_buf_printf(sink->out, "  %s\n", where);
}

static void put_label(struct cp_sink *sink, const struct cp_pem_block *block) {
    char label[CP_PEM_LABEL_TEXT] = "";
    if (block != NULL)
        cp_pem_label_text(label, block->label);
    cp_sink_text(sink, "label", block != NULL ? label : NULL);
}

static enum cp_status put_cert(struct inspection *in, const struct block *block,
                               struct cp_error *err) {
    const struct cp_cert *cert = &in->bundle->certs[block->index].cert;
    put_head(in, "certificate", block->index + 1, &block->place, cert->der.len);
    in->sink.indent += 2;
    enum cp_status status = cp_inspect_certificate(&in->sink, cert, in->options->at_s, err);
    if (status == CP_OK && in->options->offsets)
        cp_inspect_der_tree(&in->sink, cert->der, MAX_INTEGER_CERTIFICATE, &in->budget);
    in->sink.indent -= 2;
    return status;
}

/* The public half's facts and what the container is; of the private part nothing. */
static enum cp_status put_key(struct inspection *in, const struct block *block,
                              struct cp_error *err) {
    struct cp_sink *sink = &in->sink;
    const struct cp_bundle_key *entry = &in->bundle->keys[block->index];
    const struct cp_key *key = &entry->key;
    enum cp_key_defect defect = CP_KEY_CONSISTENT;
    struct cp_error why = {CP_OK, 0, 0, ""};
    put_head(in, "private key", block->index + 1, &block->place, key->der.len);
    sink->indent += 2;
    cp_inspect_key_type(sink, key->type, key->bits, key->algorithm_oid);
    cp_sink_text(sink, "container", cp_key_format_name(key->format));
    if (sink->json || key->has_explicit_curve)
        cp_sink_bool(sink, "explicit_curve", key->has_explicit_curve);
    cp_sink_bool(sink, "encrypted", entry->was_encrypted);
    if (key->has_public)
        cp_sink_hex(sink, "spki_sha256",
                    (struct cp_span){key->spki_sha256, sizeof(key->spki_sha256)});
    else
        cp_sink_null(sink, "spki_sha256");
    enum cp_status status = cp_key_check_consistency(key, &defect, &why);
    if (status == CP_OK)
        cp_sink_bool(sink, "consistent", defect == CP_KEY_CONSISTENT);
    else
        cp_sink_null(sink, "consistent");
    if (status != CP_OK || defect != CP_KEY_CONSISTENT)
        cp_sink_text(sink, "consistency",
                     status == CP_OK ? cp_key_defect_text(defect) : why.message);
    sink->indent -= 2;
    if (status == CP_ERR_MEMORY)
        return cp_fail(err, status, "%s", why.message);
    return CP_OK;
}

static enum cp_status put_parameters(struct inspection *in, const struct block *block,
                                     struct cp_error *err) {
    struct cp_pem_block pem;
    enum cp_status status = CP_OK;
    if (!pem_at(in, &block->place, &pem))
        return CP_OK;
    put_head(in, "other", 0, &block->place, decoded_len(pem.body));
    in->sink.indent += 2;
    put_label(&in->sink, &pem);
    status = put_pem_tree(in, &pem, err);
    in->sink.indent -= 2;
    return status;
}

/* A block that became neither certificate nor key, or a remark on the text. */
static enum cp_status put_defect(struct inspection *in, const struct block *block,
                                 struct cp_error *err) {
    struct cp_sink *sink = &in->sink;
    const struct cp_input_defect *defect = &in->bundle->defects[block->index];
    const struct cp_rule *rule = cp_rule_get((size_t)defect->check);
    struct cp_pem_block pem;
    enum cp_status status = CP_OK;
    bool found = pem_at(in, &defect->place, &pem);
    bool other =
        defect->check == CP_CHECK_BLOCK_UNEXPECTED || defect->check == CP_CHECK_WRONG_OBJECT;
    const char *type = other                                     ? "other"
                       : defect->check == CP_CHECK_KEY_ENCRYPTED ? "encrypted private key"
                       : rule->severity == CP_ERROR              ? "unread"
                                                                 : "note";
    in->num_unread += strcmp(type, "unread") == 0;
    put_head(in, type, 0, &defect->place, found ? decoded_len(pem.body) : SIZE_MAX);
    sink->indent += 2;
    put_label(sink, found ? &pem : NULL);
    cp_sink_text(sink, strcmp(type, "unread") == 0 ? "why" : "message", defect->message);
    cp_sink_text(sink, "rule", rule->id);
    if (defect->column != 0)
        cp_sink_number(sink, "column", (int64_t)defect->column);
    if (found && strcmp(type, "note") != 0)
        status = put_pem_tree(in, &pem, err);
    else if (strcmp(type, "note") != 0)
        put_binary_tree(in, &defect->place);
    sink->indent -= 2;
    return status;
}

static enum cp_status put_block(struct inspection *in, const struct block *block,
                                struct cp_error *err) {
    enum cp_status status = CP_OK;
    cp_sink_open(&in->sink, NULL, '{');
    switch (block->kind) {
    case BLOCK_CERT:
        status = put_cert(in, block, err);
        break;
    case BLOCK_KEY:
        status = put_key(in, block, err);
        break;
    case BLOCK_DEFECT:
        status = put_defect(in, block, err);
        break;
    case BLOCK_PARAMETERS:
        status = put_parameters(in, block, err);
        break;
    }
    cp_sink_close(&in->sink, '}');
    return status;
}

/* ---- all of it --------------------------------------------------------------------------------
 */

static enum cp_status put_file(struct inspection *in, size_t source, size_t *next,
                               struct cp_error *err) {
    struct cp_sink *sink = &in->sink;
    const struct cp_source *file = &in->bundle->sources[source];
    enum cp_status status = CP_OK;
    cp_sink_open(sink, NULL, '{');
    if (sink->json) {
        cp_sink_text(sink, "file", file->name);
        cp_sink_text(sink, "format", cp_format_name(file->format));
        cp_sink_number(sink, "size", (int64_t)file->text.len);
    } else {
        cp_sink_put(sink, CP_BOLD, file->name);
        cp_buf_printf(sink->out, "  %s, %zu bytes\n", cp_format_name(file->format), file->text.len);
    }
    cp_sink_open(sink, "blocks", '[');
    sink->indent = 2;
    if (*next == in->num_blocks || in->blocks[*next].place.source != source)
        cp_sink_line(sink, CP_PLAIN, "nothing that certprep reads");
    for (; *next < in->num_blocks && in->blocks[*next].place.source == source && status == CP_OK;
         ++*next)
        status = put_block(in, &in->blocks[*next], err);
    sink->indent = 0;
    cp_sink_close(sink, ']');
    cp_sink_close(sink, '}');
    cp_sink_put(sink, CP_PLAIN, "\n");
    return status;
}

static void put_unread_files(struct inspection *in) {
    struct cp_sink *sink = &in->sink;
    cp_sink_open(sink, "unread", '[');
    for (size_t i = 0; i < in->options->num_unread; i++) {
        const struct cp_unread *unread = &in->options->unread[i];
        cp_sink_open(sink, NULL, '{');
        if (sink->json) {
            cp_sink_text(sink, "file", unread->file);
            cp_sink_text(sink, "why", unread->message);
        }
        cp_sink_close(sink, '}');
        if (i == 0)
            cp_sink_line(sink, CP_RED, "not read, or not to the end");
        sink->indent = 2;
        cp_sink_put_indent(sink);
        cp_sink_put(sink, CP_PLAIN, unread->message);
        cp_sink_put(sink, CP_PLAIN, "\n");
        sink->indent = 0;
    }
    if (in->options->num_unread != 0)
        cp_sink_put(sink, CP_PLAIN, "\n");
    cp_sink_close(sink, ']');
}

static enum cp_status put_all(struct inspection *in, struct cp_error *err) {
    struct cp_sink *sink = &in->sink;
    char at[CP_TIME_TEXT];
    size_t next = 0;
    enum cp_status status = find_blocks(in, err);
    cp_sink_open(sink, NULL, '{');
    if (sink->json) {
        cp_time_format(at, in->options->at_s);
        cp_sink_number(sink, "schema_version", SCHEMA_VERSION);
        cp_sink_text(sink, "tool", "certprep");
        cp_sink_text(sink, "version", cp_version());
        cp_sink_text(sink, "at", at);
    }
    cp_sink_open(sink, "files", '[');
    for (size_t i = 0; status == CP_OK && i < in->bundle->num_sources; i++)
        status = put_file(in, i, &next, err);
    cp_sink_close(sink, ']');
    if (status == CP_OK) {
        put_unread_files(in);
        status = cp_inspect_relations(sink, in->bundle, err);
    }
    cp_sink_close(sink, '}');
    if (sink->json)
        cp_buf_puts(sink->out, "\n");
    return status;
}

enum cp_status cp_bundle_inspect(const struct cp_bundle *bundle, char **out, size_t *out_len,
                                 size_t *num_unread, const char *format,
                                 const struct cp_inspect_options *options, struct cp_error *err) {
    struct inspection in = {
        .bundle = bundle, .options = options, .budget = CP_MAX_INSPECT_ELEMENTS};
    struct cp_buf buf;
    bool json = strcmp(format, "json") == 0;
    if (!json && strcmp(format, "text") != 0)
        return cp_fail(err, CP_ERR_USAGE, "format '%.40s': want text or json", format);
    cp_buf_init(&buf, CP_MAX_INSPECT_OUTPUT);
    cp_sink_init(&in.sink, &buf, json, &options->render);
    enum cp_status status = put_all(&in, err);
    if (status == CP_OK)
        status = cp_buf_finish(&buf, err);
    cp_sink_cleanup(&in.sink);
    free(in.blocks);
    if (status != CP_OK) {
        cp_buf_cleanup(&buf);
        return status;
    }
    *out = buf.data; /* the caller's now */
    *out_len = buf.len;
    if (num_unread != NULL)
        *num_unread = in.num_unread + options->num_unread;
    return CP_OK;
}
