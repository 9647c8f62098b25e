/* How a hostname and its certificate come along. Nothing here is stored: what is shown follows from
 * what was done to the entry, how often it was looked at, and the clock. */
#include "model.h"

#include <string.h>

enum { EXPIRING_S = 30 * 86400, ISSUED_FOR_S = 90 * 86400, APPLY_CODE = 2 };

static bool fits(const char *pattern, const struct esa_emu_entry *entry) {
    return pattern != NULL && esa_emu_glob(pattern, entry->hostname);
}

static const char *active_or_configuring(const struct esa_emu_entry *entry, int64_t since,
                                         const struct esa_emu_rules *rules) {
    return entry->looks - since < rules->configuring ? "configuring" : "active";
}

static void view_status(struct esa_emu_view *view, const struct esa_emu_entry *entry,
                        const struct esa_emu_rules *rules) {
    if (fits(rules->conflicts, entry)) {
        view->status = "conflicted";
        view->conflict_with = "existing_record";
    } else if (fits(rules->offline, entry)) {
        view->status = "offline";
        view->offline_reason = "missing_icp";
    } else if (entry->verified) {
        view->status = active_or_configuring(entry, entry->active_from, rules);
    } else if (rules->activate_after >= 0 && entry->looks >= rules->activate_after) {
        /* An update may have set active_from later than the activation. */
        int64_t since =
            entry->active_from > rules->activate_after ? entry->active_from : rules->activate_after;
        view->status = active_or_configuring(entry, since, rules);
    } else {
        view->status = "pending";
    }
}

static void view_free_cert(struct esa_emu_view *view, const struct esa_emu_entry *entry,
                           const struct esa_emu_rules *rules) {
    if (entry->looks - entry->applied_at < rules->issue_after) {
        view->cert_status = "Applying";
        view->has_records = true;
    } else if (fits(rules->apply_fails, entry) &&
               (rules->apply_fails_max == 0 || entry->num_applications <= rules->apply_fails_max)) {
        view->cert_status = "ApplyFailed";
        view->apply_code = APPLY_CODE;
        view->apply_message = "canceled";
    } else {
        view->cert_status = "OK";
        view->not_after_s = entry->cert_set_s + ISSUED_FOR_S;
    }
}

void esa_emu_state_view(struct esa_emu_view *view, const struct esa_emu_entry *entry,
                        const struct esa_emu_rules *rules, int64_t now_s) {
    *view = (struct esa_emu_view){.status = "",
                                  .conflict_with = "",
                                  .offline_reason = "",
                                  .cert_status = "",
                                  .apply_message = ""};
    view_status(view, entry, rules);
    if (!entry->ssl)
        return;
    switch (entry->cert.type) {
    case ESA_EMU_CERT_NONE:
        break;
    case ESA_EMU_CERT_FREE:
        view_free_cert(view, entry, rules);
        break;
    case ESA_EMU_CERT_CAS:
        view->cert_status = "OK";
        view->not_after_s = entry->cert_set_s + ISSUED_FOR_S;
        break;
    case ESA_EMU_CERT_UPLOAD: {
        int64_t at_s = rules->cert_clock_s >= 0 ? rules->cert_clock_s : now_s;
        view->not_after_s = entry->cert.not_after_s;
        view->cert_status = view->not_after_s < at_s                ? "Expired"
                            : view->not_after_s - at_s < EXPIRING_S ? "Expiring"
                                                                    : "OK";
        break;
    }
    }
}

bool esa_emu_match(const char *name, const char *text, enum esa_emu_match how) {
    size_t name_len = strlen(name), len = strlen(text);
    if (len == 0)
        return true;
    if (len > name_len)
        return false;
    switch (how) {
    case ESA_EMU_MATCH_EXACT:
        break;
    case ESA_EMU_MATCH_PREFIX:
        return memcmp(name, text, len) == 0;
    case ESA_EMU_MATCH_SUFFIX:
        return memcmp(name + name_len - len, text, len) == 0;
    case ESA_EMU_MATCH_FUZZY:
        return strstr(name, text) != NULL;
    }
    return strcmp(name, text) == 0;
}

const char *esa_emu_cert_type_name(enum esa_emu_cert_type type) {
    switch (type) {
    case ESA_EMU_CERT_FREE:
        return "free";
    case ESA_EMU_CERT_UPLOAD:
        return "upload";
    case ESA_EMU_CERT_CAS:
        return "cas";
    case ESA_EMU_CERT_NONE:
        break;
    }
    return "";
}
