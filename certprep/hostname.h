/* hostname: names that are asked for, and names that a certificate presents.
 *
 * RFC 9525 6: reference identifiers (what is asked for) against presented identifiers (SAN
 * entries). Wildcards: "*" is the whole left-most label and stands for exactly one label (6.3). No
 * CN fallback (6.3, 4.1). IP addresses match iPAddress entries only, by bytes (6.5).
 */
#ifndef CP_HOSTNAME_H
#define CP_HOSTNAME_H

#include "bytes.h"

#define CP_HOSTNAME_MAX 253 /* RFC 1035 2.3.4, without the trailing dot */

struct cp_hostname {
    char ascii[CP_HOSTNAME_MAX + 1];
    char *unicode; /* owned; NULL: same as ascii */
    uint8_t ip[16];
    size_t ip_len; /* 0, 4 or 16 */
    bool wildcard;
};

CP_MUST_USE enum cp_status cp_hostname_init(struct cp_hostname *out, const char *text,
                                            struct cp_error *err);
void cp_hostname_cleanup(struct cp_hostname *hostname);

/* Does one presented dNSName cover the hostname? A presented name that breaks the rules (NUL, empty
 * label, "*" elsewhere, "f*o", "*.tld" over a public suffix) covers nothing. A wildcard that is
 * asked for is covered only by the same wildcard. */
bool cp_hostname_matches_dns(const struct cp_hostname *hostname, struct cp_span presented);
bool cp_hostname_matches_ip(const struct cp_hostname *hostname, struct cp_span octets);

enum cp_dns_defect {
    CP_DNS_OK,
    CP_DNS_EMPTY,
    CP_DNS_TOO_LONG,      /* over 253 octets */
    CP_DNS_NUL,           /* a NUL octet: the attack on C string comparison */
    CP_DNS_BAD_CHARACTER, /* not a letter, digit, hyphen (RFC 5280 4.2.1.6, RFC 1034 3.5) */
    CP_DNS_BAD_LABEL,     /* empty, over 63, or a hyphen at its start or end */
    CP_DNS_BAD_WILDCARD,  /* "*" not alone in the left-most label, or nothing right of it */
    CP_DNS_TRAILING_DOT,
    CP_DNS_IP_ADDRESS, /* an IP address in a dNSName */
};

/* Judges a presented dNSName. Case and A-labels' validity are not judged here. */
enum cp_dns_defect cp_dns_check(struct cp_span presented);
const char *cp_dns_defect_text(enum cp_dns_defect defect);

/* name is lower-case ASCII without wildcard, NUL-terminated. Uses libpsl's built-in list, ICANN and
 * private parts; a name under no rule is no public suffix, unless it is a single label. */
bool cp_dns_is_public_suffix(const char *name);
/* Same, by the list's ICANN part alone: BR 3.2.2.6 forbids wildcards over those, while the owner of
 * a private one (a hosting company) may have such a certificate. */
bool cp_dns_is_registry_suffix(const char *name);

#endif
