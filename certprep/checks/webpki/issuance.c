/* Dates, serial numbers and the number of SCTs: BR 6.3.2, 7.1, 7.1.2.1.1, 7.1.2.11.3. */
#include "webpki.h"

#include <stdio.h>

#define DAY INT64_C(86400)

/* Seconds of validity, both ends included (BR 6.3.2 counts so); INT64_MAX where there is no end. */
static int64_t lifetime(const struct cp_cert *cert) {
    if (cert->not_after_s == INT64_MAX)
        return INT64_MAX;
    return cert->not_after_s - cert->not_before_s + 1;
}

static bool is_longer(const struct cp_cert *cert, int64_t max_days, char detail[CP_WEBPKI_DETAIL]) {
    int64_t seconds = lifetime(cert);
    if (seconds <= max_days * DAY)
        return false;
    if (seconds == INT64_MAX)
        snprintf(detail, CP_WEBPKI_DETAIL, "without end, where %lld days are the most",
                 (long long)max_days);
    else
        snprintf(detail, CP_WEBPKI_DETAIL,
                 "%lld days and %lld seconds, where %lld days are the most",
                 (long long)(seconds / DAY), (long long)(seconds % DAY), (long long)max_days);
    return true;
}

bool cp_webpki_validity_clients(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    return is_longer(w->cert, w->cert->not_before_s >= CP_BR_2020_09_01 ? 398 : 825, detail);
}

bool cp_webpki_validity(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    int64_t issued = w->cert->not_before_s;
    if (lifetime(w->cert) > 398 * DAY) /* said above */
        return false;
    return is_longer(w->cert,
                     issued >= CP_BR_2029_03_15   ? 47
                     : issued >= CP_BR_2027_03_15 ? 100
                                                  : 200,
                     detail);
}

bool cp_webpki_root_validity(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    int64_t seconds = lifetime(w->cert);
    if (seconds >= 2922 * DAY && seconds <= 9132 * DAY)
        return false;
    if (seconds != INT64_MAX)
        snprintf(detail, CP_WEBPKI_DETAIL, "%lld days", (long long)(seconds / DAY));
    return true;
}

bool cp_webpki_serial_short(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    const struct cp_span serial = w->cert->serial;
    if (serial.len >= 8 || serial.data[0] >= 0x80) /* a negative one is CP0502's */
        return false;
    snprintf(detail, CP_WEBPKI_DETAIL, "%zu octets", serial.len);
    return serial.len != 1 || serial.data[0] != 0;
}

/* RFC 6962 3.3: an OCTET STRING with a list of lists, each with two octets of length. Returns the
 * number of SCTs, -1 where it can't be read. */
static int num_scts(const struct cp_cert *cert) {
    struct cp_der_reader in;
    struct cp_der list;
    int num = 0;
    cp_der_reader_init(&in, cert->values[CP_EXT_SCT_LIST]);
    if (cp_der_expect(&in, &list, CP_DER_OCTET_STRING, "SCT list", NULL) != CP_OK ||
        !cp_der_at_end(&in))
        return -1;
    const uint8_t *p = list.content.data;
    size_t left = list.content.len;
    if (left < 2 || ((size_t)p[0] << 8 | p[1]) != left - 2)
        return -1;
    p += 2;
    left -= 2;
    while (left != 0) {
        size_t len = left < 2 ? 0 : (size_t)p[0] << 8 | p[1];
        if (len < 43 || len > left - 2) /* version, log, time and two lengths: RFC 6962 3.2 */
            return -1;
        p += 2 + len;
        left -= 2 + len;
        num++;
    }
    return num;
}

/* Where the logs are known, CP0706 says more, and takes its place. */
bool cp_webpki_sct_few(const struct cp_webpki *w, char detail[CP_WEBPKI_DETAIL]) {
    int wanted = lifetime(w->cert) <= 180 * DAY ? 2 : 3;
    int num = cp_cert_has(w->cert, CP_EXT_SCT_LIST) ? num_scts(w->cert) : -1;
    if (num < 0 || num >= wanted)
        return false;
    snprintf(detail, CP_WEBPKI_DETAIL, "%d, where its lifetime asks for %d", num, wanted);
    return true;
}
