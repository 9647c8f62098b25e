/* CP03: do the leaf's names cover what is asked for, and are they names at all? */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "checks.h"

#define SHOWN_NAMES 8
#define MAX_UNCOVERED 200    /* findings of their own; the rest are one */
#define EXPLAINED_NAMES 1000 /* looked through for one that comes close */

/* The leaf's names in one line, cut after a few. */
static void list_names(char *out, size_t out_size, const struct cp_cert *leaf) {
    struct cp_span names = leaf->subject_alt_names;
    struct cp_general_name name;
    size_t used = 0, shown = 0, total = leaf->num_dns_names + leaf->num_ip_names;
    out[0] = '\0';
    while (shown < SHOWN_NAMES && cp_general_name_next(&names, &name)) {
        char text[260] = "";
        if (name.kind == CP_GN_DNS)
            cp_escape(text, sizeof(text), name.value);
        else if (name.kind == CP_GN_IP)
            inet_ntop(name.value.len == 4 ? AF_INET : AF_INET6, name.value.data, text,
                      sizeof(text));
        else
            continue;
        int len = snprintf(out + used, out_size - used, "%s%s", shown == 0 ? "" : ", ", text);
        if (len < 0 || (size_t)len >= out_size - used)
            break;
        used += (size_t)len;
        shown++;
    }
    if (shown < total)
        snprintf(out + used, out_size - used, " and %zu more", total - shown);
}

/* The wildcard that comes close: same ending, other number of labels; or one that does not count.
 */
static void explain_wildcard(struct cp_report *report, struct cp_finding *finding,
                             const struct cp_hostname *hostname, const struct cp_cert *leaf) {
    struct cp_span names = leaf->subject_alt_names;
    struct cp_general_name name;
    size_t len = strlen(hostname->ascii);
    for (int i = 0;
         i < EXPLAINED_NAMES && !cp_hostname_is_ip(hostname) && cp_general_name_next(&names, &name);
         i++) {
        if (name.kind != CP_GN_DNS || name.value.len < 4 || memcmp(name.value.data, "*.", 2) != 0)
            continue;
        char base[256], shown[300];
        struct cp_span tail = {name.value.data + 2, name.value.len - 2};
        cp_escape(base, sizeof(base), tail);
        size_t base_len = strlen(base);
        bool apex = strcmp(hostname->ascii, base) == 0;
        const char *dot = strchr(hostname->ascii, '.');
        if (dot != NULL && strcmp(dot + 1, base) == 0 && cp_dns_is_registry_suffix(base)) {
            cp_escape(shown, sizeof(shown), name.value);
            cp_report_note(report, finding, "%s stands over a public suffix, so it covers nothing",
                           shown);
            return;
        }
        bool deeper = len > base_len && hostname->ascii[len - base_len - 1] == '.' &&
                      strcmp(hostname->ascii + len - base_len, base) == 0;
        if (!apex && !deeper)
            continue;
        cp_escape(shown, sizeof(shown), name.value);
        cp_report_note(report, finding, "%s stands for exactly one label before %s%s", shown, base,
                       apex ? ", not for the name itself" : ", not for more");
        return;
    }
}

static void add_uncovered(struct cp_report *report, const struct cp_report_host *host) {
    char names[700];
    const char *ascii = cp_hostname_ascii(&host->hostname);
    const char *unicode = cp_hostname_unicode(&host->hostname);
    bool idn = strcmp(ascii, unicode) != 0;
    struct cp_finding *finding =
        cp_report_add(report, CP_CHECK_HOSTNAME_NOT_COVERED, "%s%s%s%s is not covered", ascii,
                      idn ? " (" : "", idn ? unicode : "", idn ? ")" : "");
    cp_report_at_cert(report, finding, report->leaf);
    finding->hostname = cp_report_text(report, "%s", ascii);
    list_names(names, sizeof(names), report->leaf);
    if (names[0] != '\0')
        cp_report_note(report, finding, "the certificate is for %s", names);
    explain_wildcard(report, finding, &host->hostname, report->leaf);
}

/* ", " and text, unless it does not fit. */
static size_t append_name(char *out, size_t out_size, size_t used, const char *text) {
    int len = snprintf(out + used, out_size - used, "%s%s", used == 0 ? "" : ", ", text);
    return len < 0 || (size_t)len >= out_size - used ? used : used + (size_t)len;
}

/* "*.a.example would cover x.a.example, y.a.example and 3 more" */
static void note_wildcard(struct cp_report *report, struct cp_finding *finding,
                          const struct cp_missing_name *missing) {
    const struct cp_coverage *coverage = &report->coverage;
    char name[CP_HOSTNAME_MAX + 3], list[700] = "";
    size_t used = 0, shown = 0;
    cp_missing_name_text(name, coverage, missing, report->hosts);
    for (; shown < missing->num_hosts && shown < SHOWN_NAMES; shown++) {
        const struct cp_report_host *host = &report->hosts[coverage->order[missing->first + shown]];
        size_t more = append_name(list, sizeof(list), used, host->hostname.ascii);
        if (more == used) {
            list[used] = '\0';
            break;
        }
        used = more;
    }
    if (shown < missing->num_hosts)
        cp_report_note(report, finding, "%s would cover %s and %zu more", name, list,
                       missing->num_hosts - shown);
    else
        cp_report_note(report, finding, "%s would cover %s", name, list);
}

/* The smallest set of names that would cover the rest. */
static void advise(struct cp_report *report) {
    const struct cp_coverage *coverage = &report->coverage;
    char list[700] = "";
    size_t used = 0, shown = 0, num = coverage->num_missing;
    size_t num_hosts = coverage->num_order - coverage->num_impossible;
    if (num >= num_hosts) /* no wildcard saves any: the findings name them */
        return;
    for (; shown < num && shown < SHOWN_NAMES; shown++) {
        char name[CP_HOSTNAME_MAX + 3];
        cp_missing_name_text(name, coverage, &coverage->missing[shown], report->hosts);
        size_t more = append_name(list, sizeof(list), used, name);
        if (more == used) {
            list[used] = '\0';
            break;
        }
        used = more;
    }
    char rest[40] = "";
    if (shown < num)
        snprintf(rest, sizeof(rest), " and %zu more", num - shown);
    struct cp_finding *finding =
        cp_report_add(report, CP_CHECK_MISSING_NAMES,
                      "%zu name%s would cover the %zu hostnames that are not: %s%s", num,
                      num == 1 ? "" : "s", num_hosts, list, rest);
    cp_report_at_cert(report, finding, report->leaf);
    for (size_t i = 0; i < num && finding->num_notes + 1 < CP_MAX_NOTES; i++)
        if (coverage->missing[i].wildcard)
            note_wildcard(report, finding, &coverage->missing[i]);
}

static enum cp_status check_hosts(struct cp_report *report, struct cp_error *err) {
    size_t num = 0;
    if (report->num_hosts == 0)
        return CP_OK;
    enum cp_status status =
        cp_coverage_find(&report->coverage, report->hosts, report->num_hosts, report->leaf, err);
    if (status != CP_OK)
        return status;
    for (size_t i = 0; i < report->num_hosts; i++)
        if (!report->hosts[i].covered && num++ < MAX_UNCOVERED)
            add_uncovered(report, &report->hosts[i]);
    if (num > MAX_UNCOVERED)
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_HOSTNAME_NOT_COVERED,
                                        "%zu more hostnames are not covered", num - MAX_UNCOVERED),
                          report->leaf);
    advise(report);
    return CP_OK;
}

static void check_name(struct cp_report *report, struct cp_span name) {
    char shown[300];
    enum cp_dns_defect defect = cp_dns_check(name);
    bool is_wildcard = name.len >= 3 && memcmp(name.data, "*.", 2) == 0;
    if (defect == CP_DNS_OK && !is_wildcard)
        return;
    cp_escape(shown, sizeof(shown), name);
    if (defect != CP_DNS_OK) {
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_SAN_MALFORMED, "dNSName '%s': %s", shown,
                                        cp_dns_defect_text(defect)),
                          report->leaf);
        return;
    }
    char base[CP_HOSTNAME_MAX + 1];
    size_t len = name.len - 2; /* cp_dns_check: at most 253 */
    for (size_t i = 0; i < len; i++) {
        char c = (char)name.data[2 + i];
        base[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    base[len] = '\0';
    if (cp_dns_is_registry_suffix(base))
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_SAN_PUBLIC_SUFFIX,
                                        "%s stands over the public suffix %s", shown, base),
                          report->leaf);
}

enum cp_status cp_check_hostname(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_cert *leaf = report->leaf;
    struct cp_general_name name;
    if (leaf == NULL)
        return CP_OK;
    if (leaf->num_dns_names + leaf->num_ip_names == 0 && report->purpose == CP_PURPOSE_SERVER) {
        struct cp_finding *finding = cp_report_add(
            report, CP_CHECK_SAN_MISSING, "the leaf certificate has no DNS name or IP address");
        cp_report_at_cert(report, finding, leaf);
        if (leaf->common_name.len != 0)
            cp_report_note(report, finding,
                           "its common name is not a substitute: RFC 9525 4.1, no client uses it");
    }
    struct cp_span names = leaf->subject_alt_names;
    while (cp_general_name_next(&names, &name))
        if (name.kind == CP_GN_DNS)
            check_name(report, name.value);
    return check_hosts(report, err);
}
