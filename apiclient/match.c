/* match: is what is there what was asked for? Pure. */
#include "match.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "request.h"

static bool is(const char *text, const char *word) {
    return text != NULL && strcasecmp(text, word) == 0;
}

struct comparison {
    char *text; /* ESA_DIFFERENCE_MAX */
    size_t len;
    bool is_different;
    bool is_unsaid; /* something wanted was not said by what was found */
};

static void differ(struct comparison *comparison, const char *format, ...) CP_PRINTF(2, 3);
static void differ(struct comparison *comparison, const char *format, ...) {
    va_list arguments;
    size_t room = ESA_DIFFERENCE_MAX - comparison->len;
    const char *lead = comparison->len == 0 ? "" : "; ";
    comparison->is_different = true;
    int lead_len = snprintf(comparison->text + comparison->len, room, "%s", lead);
    if (lead_len < 0 || (size_t)lead_len >= room)
        return;
    comparison->len += (size_t)lead_len;
    room -= (size_t)lead_len;
    va_start(arguments, format);
    int len = vsnprintf(comparison->text + comparison->len, room, format, arguments);
    va_end(arguments);
    if (len > 0)
        comparison->len += (size_t)len < room ? (size_t)len : room - 1;
}

static void compare_id(struct comparison *comparison, const char *name, int64_t found,
                       int64_t wanted) {
    if (wanted == 0 || found == wanted)
        return;
    if (found == 0)
        comparison->is_unsaid = true;
    else
        differ(comparison, "%s is %" PRId64 ", want %" PRId64, name, found, wanted);
}

static void compare_word(struct comparison *comparison, const char *name, const char *found,
                         const char *wanted) {
    if (wanted == NULL || is(found, wanted))
        return;
    if (found[0] == '\0')
        comparison->is_unsaid = true;
    else
        differ(comparison, "%s is %.64s, want %.64s", name, found, wanted);
}

bool esa_hostname_is_same(const struct esa_hostname *found, const struct esa_request *wanted) {
    int64_t site_id = esa_request_id(wanted, "SiteId");
    bool is_name =
        wanted->hostname[0] != '\0' &&
        (strcasecmp(found->hostname, wanted->hostname) == 0 ||
         (wanted->hostname_unicode != NULL && is(found->hostname, wanted->hostname_unicode)));
    return is_name && (site_id == 0 || found->site_id == site_id);
}

/* The certificate, which only Get tells enough of; free is as far as one can ask for it. */
static void compare_certificate(struct comparison *comparison, const struct esa_hostname *found,
                                const struct esa_request *wanted) {
    const char *type = esa_request_text(wanted, "CertType");
    compare_word(comparison, "CertType", found->cert_type, type);
    if (is(type, "cas"))
        compare_id(comparison, "CasId", found->cas_id, esa_request_id(wanted, "CasId"));
    if (is(type, "upload"))
        compare_word(comparison, "the certificate's SHA-256", found->cert_sha256,
                     wanted->leaf_sha256);
}

enum esa_match esa_hostname_match(char difference[ESA_DIFFERENCE_MAX],
                                  const struct esa_hostname *found, bool is_whole,
                                  const struct esa_request *wanted) {
    struct comparison comparison = {.text = difference};
    difference[0] = '\0';
    if (!esa_hostname_is_same(found, wanted)) {
        (void)snprintf(difference, ESA_DIFFERENCE_MAX,
                       "it is %.200s of site %" PRId64 ", want %.200s of site %" PRId64,
                       found->hostname, found->site_id, wanted->hostname,
                       esa_request_id(wanted, "SiteId"));
        return ESA_MATCH_DIFFERENT;
    }
    compare_id(&comparison, "HostnameId", found->hostname_id, esa_request_id(wanted, "HostnameId"));
    compare_id(&comparison, "RecordId", found->record_id, esa_request_id(wanted, "RecordId"));
    compare_word(&comparison, "SslFlag", found->ssl_flag, esa_request_text(wanted, "SslFlag"));
    if (is(esa_request_text(wanted, "SslFlag"), "on"))
        compare_certificate(&comparison, found, wanted);
    if (comparison.is_different)
        return ESA_MATCH_DIFFERENT;
    if (!comparison.is_unsaid)
        return ESA_MATCH_EQUAL;
    if (!is_whole)
        return ESA_MATCH_LOOK;
    differ(&comparison, "the service does not say which certificate or record it has");
    return ESA_MATCH_DIFFERENT;
}
