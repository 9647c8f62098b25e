/* One line a request. What it holds is chosen here, field by field: never a query string. */
#include "emulator.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 4096 };

static void write_line(struct esa_emu_log *log, const char *line, int len) {
    if (len <= 0 || len >= LINE_MAX_LEN)
        return;
    pthread_mutex_lock(&log->lock);
    ssize_t written = write(log->fd, line, (size_t)len);
    (void)written; /* a full disk must not change the answers */
    pthread_mutex_unlock(&log->lock);
}

void esa_emu_log_call(struct esa_emu_log *log, int64_t now_s, const struct esa_emu_call *call,
                      int status, const char *code, const char *fault) {
    char line[LINE_MAX_LEN], time[32], id[24] = "-", status_text[12] = "-";
    if (log->fd < 0)
        return;
    esa_emu_time_text(time, now_s);
    if (call->hostname_id != 0)
        (void)snprintf(id, sizeof id, "%" PRId64, call->hostname_id);
    if (status != 0)
        (void)snprintf(status_text, sizeof status_text, "%d", status);
    int len = snprintf(line, sizeof line,
                       "%s action=%s hostname=%s status=%s code=%s request_id=%s hostname_id=%s "
                       "cert_sha256=%s fault=%s reason=\"%s\"\n",
                       time, call->action, call->hostname_shown, status_text, code,
                       call->request_id, id, call->cert_sha256[0] != '\0' ? call->cert_sha256 : "-",
                       fault, call->reason != NULL ? call->reason : "");
    write_line(log, line, len);
}

void esa_emu_log_bare(struct esa_emu_log *log, int64_t now_s, const char *action, int status,
                      const char *fault, const char *reason) {
    char line[LINE_MAX_LEN], time[32], status_text[12] = "-";
    if (log->fd < 0)
        return;
    esa_emu_time_text(time, now_s);
    if (status != 0)
        (void)snprintf(status_text, sizeof status_text, "%d", status);
    int len = snprintf(line, sizeof line,
                       "%s action=%s hostname=- status=%s code=- request_id=- hostname_id=- "
                       "cert_sha256=- fault=%s reason=\"%s\"\n",
                       time, action, status_text, fault, reason);
    write_line(log, line, len);
}
