/* coverage: many hostnames against one certificate's names, and what is missing.
 *
 * The names are sorted once, so the cost is (names + hostnames) * log(names), whatever they are: a
 * hash could be flooded. The smallest set of names that would cover the rest is exact, since a
 * wildcard covers one label: hostnames under different parents never share one.
 */
#ifndef CP_COVERAGE_H
#define CP_COVERAGE_H

#include "cert.h"
#include "hostname.h"

/* A hostname that was asked for. */
struct cp_report_host {
    struct cp_hostname hostname;
    bool covered;
    struct cp_span covered_by; /* the certificate's name: characters, or octets of an IP address */
};

/* A name to add to the certificate. */
struct cp_missing_name {
    bool wildcard;           /* "*." and the parent of its hostnames, else the hostname itself */
    size_t first, num_hosts; /* what it would cover: in cp_coverage.order */
};

struct cp_coverage {
    size_t num_covered;
    struct cp_missing_name *missing;
    size_t num_missing;
    size_t *order; /* indexes of hosts that are not covered, siblings together, none twice */
    size_t num_order;
    size_t
        num_impossible; /* wildcards over a public suffix, which nobody may have; at order's end */
    size_t num_comparisons; /* of names: what it cost */
};

/* Sets covered and covered_by of each host, and *out. */
CP_MUST_USE enum cp_status cp_coverage_find(struct cp_coverage *out, struct cp_report_host *hosts,
                                            size_t num_hosts, const struct cp_cert *leaf,
                                            struct cp_error *err);
void cp_coverage_cleanup(struct cp_coverage *coverage);
/* The name that covers the host, escaped. */
void cp_coverage_by_text(char *out, size_t out_size, const struct cp_report_host *host);
/* "*.shop.acme.example". out has room for CP_HOSTNAME_MAX + 3. */
void cp_missing_name_text(char out[CP_HOSTNAME_MAX + 3], const struct cp_coverage *coverage,
                          const struct cp_missing_name *missing,
                          const struct cp_report_host *hosts);

#endif
