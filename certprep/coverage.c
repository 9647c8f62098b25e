#define _GNU_SOURCE /* qsort_r */
#include "coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct cp_span name;
    bool is_ip;
};

static uint8_t lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* By kind, then length, then characters without case. context counts. */
static int compare_entries(const void *a, const void *b, void *context) {
    const struct entry *x = a, *y = b;
    (*(size_t *)context)++;
    if (x->is_ip != y->is_ip)
        return x->is_ip ? 1 : -1;
    if (x->name.len != y->name.len)
        return x->name.len < y->name.len ? -1 : 1;
    for (size_t i = 0; i < x->name.len; i++) {
        uint8_t c = x->is_ip ? x->name.data[i] : lower(x->name.data[i]);
        uint8_t d = x->is_ip ? y->name.data[i] : lower(y->name.data[i]);
        if (c != d)
            return c < d ? -1 : 1;
    }
    return 0;
}

/* Binary search; NULL if it is not there. */
static const struct entry *find(const struct entry *entries, size_t num, const struct entry *key,
                                size_t *num_comparisons) {
    size_t low = 0, high = num;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare_entries(key, &entries[middle], num_comparisons);
        if (order == 0)
            return &entries[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static void find_cover(struct cp_report_host *host, const struct entry *entries, size_t num,
                       size_t *num_comparisons) {
    const struct cp_hostname *hostname = &host->hostname;
    char wildcard[CP_HOSTNAME_MAX + 3];
    struct entry key = {{hostname->ip, hostname->ip_len}, true};
    if (hostname->ip_len == 0)
        key = (struct entry){{(const uint8_t *)hostname->ascii, strlen(hostname->ascii)}, false};
    const struct entry *found = find(entries, num, &key, num_comparisons);
    const char *dot = strchr(hostname->ascii, '.');
    if (found == NULL && !key.is_ip && dot != NULL) {
        int len = snprintf(wildcard, sizeof(wildcard), "*%s", dot);
        key.name = (struct cp_span){(const uint8_t *)wildcard, (size_t)len};
        found = find(entries, num, &key, num_comparisons);
    }
    /* The one place that knows the rules has the last word. */
    if (found != NULL && (found->is_ip ? cp_hostname_matches_ip(hostname, found->name)
                                       : cp_hostname_matches_dns(hostname, found->name))) {
        host->covered = true;
        host->covered_by = found->name;
    }
}

static const char *parent_of(const struct cp_hostname *hostname) {
    const char *dot = hostname->ip_len != 0 ? NULL : strchr(hostname->ascii, '.');
    return dot == NULL ? "" : dot + 1;
}

static bool is_impossible(const struct cp_hostname *hostname) {
    return hostname->wildcard && cp_dns_is_registry_suffix(hostname->ascii + 2);
}

/* Those that can't be had last; siblings together, a wildcard ("*") before the names it covers. */
static int compare_hosts(const void *a, const void *b, void *context) {
    const struct cp_report_host *hosts = context;
    const struct cp_hostname *x = &hosts[*(const size_t *)a].hostname;
    const struct cp_hostname *y = &hosts[*(const size_t *)b].hostname;
    bool x_last = x->wildcard && is_impossible(x), y_last = y->wildcard && is_impossible(y);
    if (x_last != y_last)
        return x_last ? 1 : -1;
    int order = strcmp(parent_of(x), parent_of(y));
    return order != 0 ? order : strcmp(x->ascii, y->ascii);
}

/* order[] of what is not covered, sorted, each name once. */
static void list_uncovered(struct cp_coverage *out, struct cp_report_host *hosts,
                           size_t num_hosts) {
    size_t num = 0;
    for (size_t i = 0; i < num_hosts; i++)
        if (!hosts[i].covered)
            out->order[out->num_order++] = i;
    qsort_r(out->order, out->num_order, sizeof(*out->order), compare_hosts, hosts);
    for (size_t i = 0; i < out->num_order; i++)
        if (num == 0 || strcmp(hosts[out->order[num - 1]].hostname.ascii,
                               hosts[out->order[i]].hostname.ascii) != 0)
            out->order[num++] = out->order[i];
    out->num_order = num;
}

static void choose_names(struct cp_coverage *out, const struct cp_report_host *hosts) {
    size_t num = out->num_order;
    while (num > 0 && is_impossible(&hosts[out->order[num - 1]].hostname)) {
        num--;
        out->num_impossible++;
    }
    for (size_t i = 0, end; i < num; i = end) {
        const struct cp_hostname *first = &hosts[out->order[i]].hostname;
        const char *parent = parent_of(first);
        for (end = i + 1; end < num && parent[0] != '\0'; end++)
            if (strcmp(parent_of(&hosts[out->order[end]].hostname), parent) != 0)
                break;
        if (first->wildcard || (end - i > 1 && !cp_dns_is_public_suffix(parent))) {
            out->missing[out->num_missing++] = (struct cp_missing_name){true, i, end - i};
            continue;
        }
        for (size_t j = i; j < end; j++)
            out->missing[out->num_missing++] = (struct cp_missing_name){false, j, 1};
    }
}

enum cp_status cp_coverage_find(struct cp_coverage *out, struct cp_report_host *hosts,
                                size_t num_hosts, const struct cp_cert *leaf,
                                struct cp_error *err) {
    enum cp_status status = CP_OK;
    size_t num = 0, num_names = leaf->num_dns_names + leaf->num_ip_names;
    struct cp_span names = leaf->subject_alt_names;
    struct cp_general_name name;
    struct entry *entries = calloc(num_names + 1, sizeof(*entries));
    *out = (struct cp_coverage){0};
    out->order = calloc(num_hosts + 1, sizeof(*out->order));
    out->missing = calloc(num_hosts + 1, sizeof(*out->missing));
    if (entries == NULL || out->order == NULL || out->missing == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "coverage: out of memory");
        cp_coverage_cleanup(out);
        goto out;
    }
    while (num < num_names && cp_general_name_next(&names, &name))
        if (name.kind == CP_GN_DNS || name.kind == CP_GN_IP)
            entries[num++] = (struct entry){name.value, name.kind == CP_GN_IP};
    qsort_r(entries, num, sizeof(*entries), compare_entries, &out->num_comparisons);
    for (size_t i = 0; i < num_hosts; i++) {
        find_cover(&hosts[i], entries, num, &out->num_comparisons);
        out->num_covered += hosts[i].covered;
    }
    list_uncovered(out, hosts, num_hosts);
    choose_names(out, hosts);
out:
    free(entries);
    return status;
}

void cp_coverage_cleanup(struct cp_coverage *coverage) {
    free(coverage->missing);
    free(coverage->order);
    *coverage = (struct cp_coverage){0};
}

void cp_coverage_by_text(char *out, size_t out_size, const struct cp_report_host *host) {
    if (host->hostname.ip_len != 0)
        snprintf(out, out_size, "%s", host->hostname.ascii); /* equal octets, one form */
    else
        cp_escape(out, out_size, host->covered_by);
}

void cp_missing_name_text(char out[CP_HOSTNAME_MAX + 3], const struct cp_coverage *coverage,
                          const struct cp_missing_name *missing,
                          const struct cp_report_host *hosts) {
    const struct cp_hostname *hostname = &hosts[coverage->order[missing->first]].hostname;
    if (missing->wildcard)
        snprintf(out, CP_HOSTNAME_MAX + 3, "*.%s", parent_of(hostname));
    else
        snprintf(out, CP_HOSTNAME_MAX + 3, "%s", hostname->ascii);
}
