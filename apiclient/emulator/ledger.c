/* The ledger: an append-only file, one JSON object a line for each operation that was carried out,
 * written before its reply. Ids are strings, so that no reader rounds them. No key is in it. */
#include "model.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 4 * 1024 * 1024, READ_CHUNK = 65536 };
#define TIME_MAX_S INT64_C(253402300799)

/* ---- writing --------------------------------------------------------------------------------- */

static void add_id(struct esa_emu_buf *out, const char *name, int64_t id) {
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, id);
    esa_emu_json_text(out, name, text);
}

static void build_line(struct esa_emu_buf *out, const struct esa_emu_deed *deed) {
    const struct esa_emu_entry *entry = &deed->entry;
    const struct esa_emu_cert *cert = &entry->cert;
    esa_emu_json_open(out, NULL, "{");
    esa_emu_json_time(out, "time", deed->time_s);
    esa_emu_json_text(out, "action", deed->action);
    esa_emu_json_text(out, "hostname", entry->hostname);
    add_id(out, "id", entry->id);
    add_id(out, "SiteId", entry->site_id);
    add_id(out, "RecordId", entry->record_id);
    esa_emu_json_text(out, "cert_sha256", cert->sha256);
    add_id(out, "time_s", deed->time_s);
    if (deed->has_cert) {
        esa_emu_json_text(out, "SslFlag", entry->ssl ? "on" : "off");
        esa_emu_json_text(out, "CertType", esa_emu_cert_type_name(cert->type));
    }
    if (deed->has_cert && cert->type == ESA_EMU_CERT_CAS) {
        add_id(out, "CasId", cert->cas_id);
        esa_emu_json_text(out, "CasRegion", cert->cas_region);
    }
    if (deed->has_cert && cert->type == ESA_EMU_CERT_UPLOAD) {
        add_id(out, "not_after_s", cert->not_after_s);
        esa_emu_json_span(out, "Certificate", cert->certificate);
    }
    esa_emu_buf_text(out, "}\n");
}

bool esa_emu_ledger_write(struct esa_emu_ledger *ledger, const struct esa_emu_deed *deed) {
    struct esa_emu_buf line = {.max = LINE_MAX_LEN};
    bool ok = false;
    if (!ledger->wanted)
        return true;
    if (ledger->fd < 0)
        return false;
    off_t start = lseek(ledger->fd, 0, SEEK_END);
    build_line(&line, deed);
    if (start >= 0 && !line.failed)
        ok = write(ledger->fd, line.data, line.len) == (ssize_t)line.len;
    /* A deed that is not told whole is not done: take back what was told of it. */
    if (!ok && start >= 0 && ftruncate(ledger->fd, start) != 0)
        esa_emu_ledger_close(ledger); /* nor is anything after it */
    esa_emu_buf_cleanup(&line);
    return ok;
}

/* ---- reading back ---------------------------------------------------------------------------- */

static const char *text_of(const cJSON *object, const char *name) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static bool copy(char *out, size_t size, const char *text) {
    size_t len = strlen(text);
    if (len >= size)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

static bool number_of(int64_t *out, const cJSON *object, const char *name) {
    const char *text = text_of(object, name);
    return esa_emu_number(out, (struct esa_emu_span){text, strlen(text)}, INT64_MAX);
}

static bool is_sha256(const char *text) {
    return text[0] == '\0' || (strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64);
}

static bool read_cert(struct esa_emu_deed *deed, const cJSON *object) {
    struct esa_emu_cert *cert = &deed->entry.cert;
    const char *ssl = text_of(object, "SslFlag"), *type = text_of(object, "CertType");
    const char *text = text_of(object, "Certificate");
    deed->has_cert = ssl[0] != '\0';
    if (!deed->has_cert)
        return true;
    deed->entry.ssl = strcmp(ssl, "on") == 0;
    if (!deed->entry.ssl && strcmp(ssl, "off") != 0)
        return false;
    for (int i = ESA_EMU_CERT_NONE; i <= ESA_EMU_CERT_CAS; i++) {
        if (strcmp(type, esa_emu_cert_type_name((enum esa_emu_cert_type)i)) == 0)
            cert->type = (enum esa_emu_cert_type)i;
    }
    if (strcmp(type, esa_emu_cert_type_name(cert->type)) != 0)
        return false;
    if (cert->type == ESA_EMU_CERT_CAS)
        return number_of(&cert->cas_id, object, "CasId") &&
               copy(cert->cas_region, sizeof cert->cas_region, text_of(object, "CasRegion"));
    cert->certificate = (struct esa_emu_span){text, strlen(text)};
    return cert->type != ESA_EMU_CERT_UPLOAD ||
           (text[0] != '\0' && number_of(&cert->not_after_s, object, "not_after_s"));
}

static bool read_deed(struct esa_emu_deed *deed, const cJSON *object) {
    struct esa_emu_entry *entry = &deed->entry;
    const char *hostname = text_of(object, "hostname"), *sha256 = text_of(object, "cert_sha256");
    if (!copy(deed->action, sizeof deed->action, text_of(object, "action")) ||
        !esa_emu_lower(entry->hostname, sizeof entry->hostname,
                       (struct esa_emu_span){hostname, strlen(hostname)}) ||
        hostname[0] == '\0' || !is_sha256(sha256))
        return false;
    (void)copy(entry->cert.sha256, sizeof entry->cert.sha256, sha256);
    return number_of(&deed->time_s, object, "time_s") && deed->time_s <= TIME_MAX_S &&
           number_of(&entry->id, object, "id") && number_of(&entry->site_id, object, "SiteId") &&
           number_of(&entry->record_id, object, "RecordId") && read_cert(deed, object);
}

static const char *replay_line(const char *line, size_t len, esa_emu_replay_fn *replay,
                               void *context) {
    const char *end = NULL, *reason = "want one JSON object a line";
    struct esa_emu_deed deed = {0};
    bool fits = false;
    cJSON *object = cJSON_ParseWithLengthOpts(line, len, &end, 0);
    if (object != NULL && end == line + len && cJSON_IsObject(object)) {
        reason = "a field is missing or has another form";
        fits = read_deed(&deed, object) && replay(context, &reason, &deed);
    }
    cJSON_Delete(object);
    return fits ? NULL : reason;
}

/* Takes every whole line off the front of in. */
static const char *replay_lines(struct esa_emu_buf *in, struct esa_emu_ledger *ledger, off_t *whole,
                                esa_emu_replay_fn *replay, void *context) {
    size_t at = 0;
    const char *reason = NULL;
    while (reason == NULL && at < in->len) {
        const char *end = memchr(in->data + at, '\n', in->len - at);
        if (end == NULL)
            break;
        size_t len = (size_t)(end - in->data) - at;
        ledger->line++;
        reason = replay_line(in->data + at, len, replay, context);
        at += len + 1;
        *whole += (off_t)len + 1;
    }
    esa_emu_buf_consume(in, at);
    return reason;
}

const char *esa_emu_ledger_open(struct esa_emu_ledger *ledger, const char *path,
                                esa_emu_replay_fn *replay, void *context) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct esa_emu_buf in = {.max = LINE_MAX_LEN};
    const char *reason = NULL;
    off_t whole = 0;
    ledger->line = 0;
    ledger->wanted = true;
    ledger->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (ledger->fd < 0)
        return "can't open it";
    if (fcntl(ledger->fd, F_SETLK, &lock) != 0)
        return "another emulator has it";
    while (reason == NULL) {
        if (in.max - in.len < READ_CHUNK || !esa_emu_buf_reserve(&in, READ_CHUNK)) {
            reason = "a line is too long, or out of memory";
            break;
        }
        ssize_t got = read(ledger->fd, in.data + in.len, READ_CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            reason = "can't read it";
        if (got <= 0)
            break;
        in.len += (size_t)got;
        reason = replay_lines(&in, ledger, &whole, replay, context);
    }
    /* An emulator that was killed may have left half a line: that deed was never answered. */
    if (reason == NULL && in.len != 0 && ftruncate(ledger->fd, whole) != 0)
        reason = "can't cut off its last, broken line";
    esa_emu_buf_cleanup(&in);
    return reason;
}

void esa_emu_ledger_close(struct esa_emu_ledger *ledger) {
    if (ledger->fd >= 0)
        (void)close(ledger->fd);
    ledger->fd = -1;
}
