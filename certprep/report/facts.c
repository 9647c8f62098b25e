#define _GNU_SOURCE /* memmem, memrchr */
#include "report/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/escape.h"

const struct cp_bundle_cert *cp_finding_cert(const struct cp_report *report,
                                             const struct cp_finding *finding) {
    size_t number = finding->certificate;
    return number == 0 || number > report->bundle->num_certs ? NULL
                                                             : &report->bundle->certs[number - 1];
}

static const struct cp_source *source_of(const struct cp_report *report,
                                         const struct cp_finding *finding) {
    const struct cp_bundle *bundle = report->bundle;
    const struct cp_bundle_cert *cert = cp_finding_cert(report, finding);
    if (finding->file == NULL)
        return NULL;
    if (cert != NULL && strcmp(bundle->sources[cert->place.source].name, finding->file) == 0)
        return &bundle->sources[cert->place.source];
    for (size_t i = 0; i < bundle->num_sources; i++)
        if (strcmp(bundle->sources[i].name, finding->file) == 0)
            return &bundle->sources[i];
    return NULL;
}

/* Characters of UTF-8; any other byte counts as one. */
static size_t count_characters(const uint8_t *from, const uint8_t *to) {
    size_t num = 0;
    for (; from < to; from++)
        num += (*from & 0xc0) != 0x80;
    return num;
}

static const uint8_t *end_of_line(const uint8_t *at, const uint8_t *end) {
    while (at < end && *at != '\n' && *at != '\r')
        at++;
    return at;
}

/* Behind the END line of the block that begins at `at`; the line's end if it is none. */
static const uint8_t *end_of_region(const uint8_t *at, const uint8_t *end) {
    static const char begin_mark[] = "-----BEGIN ", end_mark[] = "-----END ";
    if ((size_t)(end - at) >= sizeof(begin_mark) - 1 &&
        memcmp(at, begin_mark, sizeof(begin_mark) - 1) == 0) {
        const uint8_t *last = memmem(at, (size_t)(end - at), end_mark, sizeof(end_mark) - 1);
        if (last != NULL)
            return end_of_line(last, end);
    }
    return end_of_line(at, end);
}

static void text_region(struct cp_region *out, struct cp_span text) {
    const uint8_t *begin = text.data + out->offset, *end = text.data + text.len;
    const uint8_t *line = begin, *last = end_of_region(begin, end);
    while (line > text.data && line[-1] != '\n' && line[-1] != '\r')
        line--;
    out->has_bytes = true;
    out->len = (size_t)(last - begin);
    out->start_column = count_characters(line, begin) + 1;
    out->end_line = out->start_line;
    line = begin;
    for (const uint8_t *at = begin; at < last; at++) {
        bool is_crlf = *at == '\r' && at + 1 < last && at[1] == '\n';
        if ((*at == '\n' || *at == '\r') && !is_crlf) {
            out->end_line++;
            line = at + 1;
        }
    }
    out->end_column =
        (out->end_line == out->start_line ? out->start_column : 1) + count_characters(line, last);
}

void cp_region_of(struct cp_region *out, const struct cp_run_item *item,
                  const struct cp_finding *finding) {
    const struct cp_report *report = item->report;
    const struct cp_source *source = source_of(report, finding);
    const struct cp_bundle_cert *cert = cp_finding_cert(report, finding);
    *out = (struct cp_region){.file = finding->file == NULL ? item->label : finding->file,
                              .start_line = finding->line == 0 ? 1 : finding->line,
                              .start_column = finding->column == 0 ? 1 : finding->column,
                              .offset = finding->offset};
    out->end_line = out->start_line;
    out->end_column = out->start_column;
    if (source == NULL || finding->offset > source->text.len)
        return;
    if (finding->line != 0) {
        text_region(out, source->text);
        return;
    }
    /* Binary: the certificate's DER, if it stands there as it is. */
    if (cert != NULL && cert->cert.der.len <= source->text.len - finding->offset &&
        memcmp(source->text.data + finding->offset, cert->cert.der.data, cert->cert.der.len) == 0) {
        out->has_bytes = true;
        out->len = cert->cert.der.len;
    }
}

/* ---- seen: an open hash table ---- */

struct cp_seen {
    struct seen_row {
        uint64_t hash;
        size_t count; /* 0: the row is free */
    } * rows;
    size_t num_rows, num_used; /* num_rows is a power of two */
};

struct cp_seen *cp_seen_new(void) {
    return calloc(1, sizeof(struct cp_seen));
}

void cp_seen_free(struct cp_seen *seen) {
    if (seen != NULL)
        free(seen->rows);
    free(seen);
}

static struct seen_row *find_row(struct seen_row *rows, size_t num_rows, uint64_t hash) {
    size_t at = (size_t)hash & (num_rows - 1);
    while (rows[at].count != 0 && rows[at].hash != hash)
        at = (at + 1) & (num_rows - 1);
    return &rows[at];
}

static bool grow(struct cp_seen *seen) {
    size_t num = seen->num_rows == 0 ? 256 : seen->num_rows * 2;
    struct seen_row *rows = calloc(num, sizeof(*rows));
    if (rows == NULL)
        return false;
    for (size_t i = 0; i < seen->num_rows; i++)
        if (seen->rows[i].count != 0)
            *find_row(rows, num, seen->rows[i].hash) = seen->rows[i];
    free(seen->rows);
    seen->rows = rows;
    seen->num_rows = num;
    return true;
}

/* By SHA-256, so that nobody can make two texts count as one. */
size_t cp_seen_count(struct cp_seen *seen, struct cp_span text) {
    char hex[65];
    uint64_t hash = 0;
    if (cp_sha256_hex(hex, text, NULL) != CP_OK ||
        (seen->num_used * 2 >= seen->num_rows && !grow(seen)))
        return 0;
    for (size_t i = 0; i < 16; i++)
        hash = hash << 4 | (uint64_t)(hex[i] <= '9' ? hex[i] - '0' : hex[i] - 'a' + 10);
    struct seen_row *row = find_row(seen->rows, seen->num_rows, hash);
    seen->num_used += row->count == 0;
    row->hash = hash;
    return ++row->count;
}

/* ---- fingerprints ---- */

/* Days left, lines and counts differ from run to run and are no other defect. */
static void put_class(struct cp_buf *out, const char *message) {
    for (const char *at = message; *at != '\0'; at++) {
        bool is_digit = *at >= '0' && *at <= '9';
        if (!is_digit)
            cp_buf_append(out, at, 1);
        else if (at == message || at[-1] < '0' || at[-1] > '9')
            cp_buf_puts(out, "#");
    }
}

bool cp_fingerprint(char out[CP_FINGERPRINT_TEXT], struct cp_seen *seen,
                    const struct cp_run_item *item, const struct cp_finding *finding,
                    const struct cp_render_options *options) {
    const struct cp_bundle_cert *cert = cp_finding_cert(item->report, finding);
    const char *file = finding->file == NULL ? item->label : finding->file;
    char hex[65] = "";
    struct cp_buf text;
    bool ok = false;
    cp_buf_init(&text, (size_t)64 * 1024);
    cp_buf_printf(&text, "%s\n%s\n", finding->rule->id,
                  finding->hostname == NULL ? "" : finding->hostname);
    if (cert == NULL)
        cp_buf_printf(&text, "file %s\n", cp_render_relative(file, options->base));
    else if (cp_sha256_hex(hex, cert->cert.spki, NULL) == CP_OK)
        cp_buf_printf(&text, "key %s\n", hex);
    put_class(&text, finding->message);
    if (cp_buf_finish(&text, NULL) == CP_OK) {
        const struct cp_span span = {(const uint8_t *)text.data, text.len};
        size_t count = cp_seen_count(seen, span);
        ok = count != 0 && cp_sha256_hex(hex, span, NULL) == CP_OK;
        if (ok)
            snprintf(out, CP_FINGERPRINT_TEXT, "%s:%zu", hex, count);
    }
    cp_buf_cleanup(&text);
    return ok;
}
