#include "policy/selection.h"

#include <stdlib.h>
#include <string.h>

#define ID_LEN 6

enum cp_status cp_policy_new(struct cp_policy **out, const char *folder, struct cp_error *err) {
    struct cp_policy *policy = calloc(1, sizeof(*policy));
    if (policy != NULL && folder != NULL && (policy->folder = strdup(folder)) == NULL) {
        free(policy);
        policy = NULL;
    }
    if (policy == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "policy: out of memory");
    *out = policy;
    return CP_OK;
}

void cp_policy_free(struct cp_policy *policy) {
    if (policy == NULL)
        return;
    cp_waivers_cleanup(&policy->waivers);
    cp_baseline_cleanup(&policy->baseline);
    free(policy->folder);
    free(policy);
}

bool cp_policy_is_own_rule(const struct cp_rule *rule) {
    return rule == cp_rule_get(CP_CHECK_WAIVER_EXPIRED) ||
           rule == cp_rule_get(CP_CHECK_WAIVER_UNUSED) ||
           rule == cp_rule_get(CP_CHECK_BASELINE_STALE);
}

bool cp_policy_is_fixed(const struct cp_rule *rule) {
    return rule == cp_rule_get(CP_CHECK_NO_CERTIFICATE) ||
           rule == cp_rule_get(CP_CHECK_WAIVER_EXPIRED);
}

enum cp_status cp_policy_find_rule(const struct cp_rule **out, const char *name, size_t line,
                                   const char *id, cp_nearest_fn *nearest, struct cp_error *err) {
    const char *ids[CP_NUM_CHECKS];
    const struct cp_rule *rule = cp_rule_find(id);
    if (rule != NULL) {
        *out = rule;
        return CP_OK;
    }
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        ids[i] = cp_rule_get(i)->id;
    if (line != 0)
        return cp_ini_unknown(name, line, "rule", id, ids, CP_NUM_CHECKS, nearest, err);
    const char *near = nearest == NULL ? NULL : nearest(id, ids, CP_NUM_CHECKS);
    return cp_fail(err, CP_ERR_USAGE, "%s: rule '%.20s' is not known%s%s%s", name, id,
                   near == NULL ? "; 'certprep rules' lists them" : "; did you mean '",
                   near == NULL ? "" : near, near == NULL ? "" : "'?");
}

bool cp_policy_is_prefix(const char *text) {
    size_t len = strlen(text);
    if (len < 2 || len > ID_LEN)
        return false;
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        if (strncmp(cp_rule_get(i)->id, text, len) == 0)
            return true;
    return false;
}

bool cp_policy_level(enum cp_severity *level, bool *is_off, const char *word) {
    *is_off = strcmp(word, "off") == 0;
    for (int i = 0; i < CP_NUM_SEVERITY; i++) {
        *level = (enum cp_severity)i;
        if (strcmp(word, cp_severity_name(*level)) == 0)
            return true;
    }
    return *is_off;
}

static enum cp_status prefix_is_wrong(const char *what, const char *prefix, struct cp_error *err) {
    return cp_fail(err, CP_ERR_USAGE,
                   "%s: '%.20s' is neither a rule nor how rules begin: want CP03 or CP0403", what,
                   prefix);
}

enum cp_status cp_policy_select(struct cp_policy *policy, const char *prefix,
                                struct cp_error *err) {
    size_t len = strlen(prefix);
    if (!cp_policy_is_prefix(prefix))
        return prefix_is_wrong("select", prefix, err);
    policy->selects = true;
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        if (strncmp(cp_rule_get(i)->id, prefix, len) == 0 && policy->rules[i].selected < len)
            policy->rules[i].selected = (uint8_t)len;
    return CP_OK;
}

static enum cp_status refuse_fixed(const struct cp_rule *rule, struct cp_error *err) {
    return cp_fail(err, CP_ERR_USAGE,
                   "%s can't be switched off or weakened: it says that nothing was judged, or that "
                   "a waiver is over",
                   rule->id);
}

enum cp_status cp_policy_ignore(struct cp_policy *policy, const char *prefix,
                                struct cp_error *err) {
    size_t len = strlen(prefix);
    const struct cp_rule *rule = cp_rule_find(prefix);
    if (!cp_policy_is_prefix(prefix))
        return prefix_is_wrong("ignore", prefix, err);
    if (rule != NULL && cp_policy_is_fixed(rule))
        return refuse_fixed(rule, err);
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        if (strncmp(cp_rule_get(i)->id, prefix, len) == 0 && policy->rules[i].ignored < len)
            policy->rules[i].ignored = (uint8_t)len;
    return CP_OK;
}

enum cp_status cp_policy_set_severity(struct cp_policy *policy, const char *id, const char *level,
                                      struct cp_error *err) {
    const struct cp_rule *rule = NULL;
    enum cp_severity severity = CP_NOTE;
    bool is_off = false;
    enum cp_status status = cp_policy_find_rule(&rule, "severity", 0, id, NULL, err);
    if (status != CP_OK)
        return status;
    if (!cp_policy_level(&severity, &is_off, level))
        return cp_fail(err, CP_ERR_USAGE, "severity: '%.20s': want error, warning, note or off",
                       level);
    if (cp_policy_is_fixed(rule) && (is_off || severity != CP_ERROR))
        return refuse_fixed(rule, err);
    for (size_t i = 0; i < CP_NUM_CHECKS; i++)
        if (cp_rule_get(i) == rule) {
            policy->rules[i].has_level = !is_off;
            policy->rules[i].is_off = is_off;
            policy->rules[i].level = severity;
        }
    return CP_OK;
}

/* The longer prefix has it; of two that are equally long, the one that ignores. */
bool cp_policy_severity(const struct cp_policy *policy, enum cp_check check,
                        enum cp_severity *severity) {
    unsigned selected = policy->rules[check].selected, ignored = policy->rules[check].ignored;
    if (cp_policy_is_fixed(cp_rule_get((size_t)check)))
        return true;
    if (policy->rules[check].is_off || (ignored != 0 && ignored >= selected) ||
        (policy->selects && selected == 0 && !cp_policy_is_own_rule(cp_rule_get((size_t)check))))
        return false;
    if (policy->rules[check].has_level)
        *severity = policy->rules[check].level;
    return true;
}

enum cp_status cp_policy_read_waivers(struct cp_policy *policy, const uint8_t *text,
                                      size_t text_len, const char *name, const char *folder,
                                      cp_nearest_fn *nearest, struct cp_error *err) {
    cp_waivers_cleanup(&policy->waivers);
    return cp_waivers_read(&policy->waivers, (struct cp_span){text, text_len}, name, folder,
                           nearest, err);
}

enum cp_status cp_policy_read_baseline(struct cp_policy *policy, const uint8_t *text,
                                       size_t text_len, const char *name, struct cp_error *err) {
    cp_baseline_cleanup(&policy->baseline);
    return cp_baseline_read(&policy->baseline, (struct cp_span){text, text_len}, name, err);
}
