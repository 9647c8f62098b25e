/* progress: is a custom hostname where it should be? Pure. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "esa_task.h"

static bool is(const char *text, const char *word) {
    return strcasecmp(text, word) == 0;
}

static const char *or_none(const char *text) {
    return text[0] == '\0' ? "not said" : text;
}

/* The ownership record and, for a certificate that is still to be issued, one of the CA's own: once
 * it is issued that record is gone. */
static bool has_records(const struct esa_hostname *found) {
    bool has_owner = found->verify_host[0] != '\0' && found->verify_code[0] != '\0';
    bool has_txt = found->cert_txt_key[0] != '\0' && found->cert_txt_value[0] != '\0';
    bool has_http = found->cert_http_key[0] != '\0' && found->cert_http_value[0] != '\0';
    bool is_free = is(found->cert_type, "free") && !is(found->ssl_flag, "off") &&
                   found->cert_status != ESA_CERT_OK && found->cert_status != ESA_CERT_EXPIRING;
    return has_owner && (!is_free || has_txt || has_http);
}

static bool is_serving(const struct esa_hostname *found) {
    return found->status == ESA_STATUS_ACTIVE &&
           (is(found->ssl_flag, "off") || found->cert_status == ESA_CERT_OK ||
            found->cert_status == ESA_CERT_EXPIRING);
}

/* What no waiting changes. */
static bool is_stopped(char why[ESA_REASON_MAX], const struct esa_hostname *found) {
    bool has_tls = !is(found->ssl_flag, "off");
    if (found->status == ESA_STATUS_CONFLICTED)
        (void)snprintf(why, ESA_REASON_MAX, "it is conflicted; in conflict with: %.60s",
                       or_none(found->conflict_with));
    else if (found->status == ESA_STATUS_OFFLINE)
        (void)snprintf(why, ESA_REASON_MAX, "it is offline; reason: %.60s",
                       or_none(found->offline_reason));
    else if (has_tls && found->cert_status == ESA_CERT_APPLY_FAILED)
        (void)snprintf(why, ESA_REASON_MAX,
                       "the certificate could not be applied for (%.40s: %.120s)",
                       or_none(found->cert_apply_code), or_none(found->cert_apply_message));
    else if (has_tls && found->cert_status == ESA_CERT_EXPIRED)
        (void)snprintf(why, ESA_REASON_MAX, "its certificate has expired (%.39s)",
                       or_none(found->cert_not_after));
    return why[0] != '\0';
}

static void say_waiting(char why[ESA_REASON_MAX], const struct esa_hostname *found,
                        enum esa_goal goal) {
    if (goal == ESA_GOAL_RECORDS &&
        (found->verify_host[0] == '\0' || found->verify_code[0] == '\0'))
        (void)snprintf(why, ESA_REASON_MAX, "the ownership record is not known yet");
    else if (goal == ESA_GOAL_RECORDS)
        (void)snprintf(why, ESA_REASON_MAX,
                       "the certification authority's record is not known yet");
    else if (found->status == ESA_STATUS_PENDING)
        (void)snprintf(why, ESA_REASON_MAX,
                       "it is pending: its ownership is not verified (TXT %.140s)",
                       found->verify_host[0] == '\0' ? "record" : found->verify_host);
    else if (found->status != ESA_STATUS_ACTIVE)
        (void)snprintf(why, ESA_REASON_MAX, "its status is %.47s", or_none(found->status_text));
    else
        (void)snprintf(why, ESA_REASON_MAX, "it is active, but its certificate's status is %.47s",
                       or_none(found->cert_status_text));
}

enum esa_progress esa_hostname_progress(char why[ESA_REASON_MAX], const struct esa_hostname *found,
                                        enum esa_goal goal) {
    why[0] = '\0';
    if (goal == ESA_GOAL_NONE || is_serving(found) ||
        (goal == ESA_GOAL_RECORDS && (found->status == ESA_STATUS_ACTIVE || has_records(found))))
        return ESA_PROGRESS_REACHED;
    if (is_stopped(why, found))
        return ESA_PROGRESS_STOPPED;
    say_waiting(why, found, goal);
    return ESA_PROGRESS_WAITING;
}
