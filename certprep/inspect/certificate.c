/* The facts of one certificate: what cp_cert_parse has read, in the order of TBSCertificate. */
#include <stdio.h>

#include "inspect.h"
#include "oids.h"

#define MAX_TEXT ((size_t)8 * 1024 * 1024) /* one name: as long as a file, each octet as \xNN */
#define MAX_KEY_TEXT (CP_OID_TEXT + 80)

static void put_name(struct cp_sink *sink, const char *key, struct cp_span name) {
    struct cp_buf text;
    cp_buf_init(&text, MAX_TEXT);
    cp_inspect_name(&text, name);
    if (text.failed != CP_OK && sink->out->failed == CP_OK)
        sink->out->failed = text.failed;
    cp_sink_span(sink, key, (struct cp_span){(const uint8_t *)text.data, text.len});
    cp_buf_cleanup(&text);
}

/* As openssl -serial does: magnitude in whole octets, "-" before a negative one. RFC 5280 4.1.2.2
 * allows 20 octets; what is longer is shown all the same. */
static void put_serial(struct cp_sink *sink, struct cp_span serial) {
    struct cp_buf text;
    bool negative = serial.len != 0 && serial.data[0] >= 0x80;
    size_t skip = !negative && serial.len > 1 && serial.data[0] == 0;
    cp_buf_init(&text, MAX_TEXT);
    if (negative)
        cp_buf_puts(&text, "-");
    /* A negative one's magnitude is the two's complement: inverted, and one more from the end on.
     */
    size_t carry_to = serial.len; /* octets from here on are 0 after inversion and carry */
    while (negative && carry_to > 0 && serial.data[carry_to - 1] == 0)
        carry_to--;
    for (size_t i = skip; i < serial.len; i++) {
        unsigned octet = serial.data[i];
        if (negative)
            octet = i + 1 < carry_to ? ~octet & 0xff : i + 1 == carry_to ? -octet & 0xff : 0;
        if (negative && i == 0 && octet == 0 && serial.len > 1)
            continue;
        cp_buf_printf(&text, "%02x", octet);
    }
    if (text.failed != CP_OK && sink->out->failed == CP_OK)
        sink->out->failed = text.failed;
    cp_sink_span(sink, "serial", (struct cp_span){(const uint8_t *)text.data, text.len});
    cp_buf_cleanup(&text);
}

static void put_time(struct cp_sink *sink, const char *key, int64_t time_s) {
    char text[CP_TIME_TEXT];
    cp_time_format(text, time_s);
    cp_sink_text(sink, key, time_s == INT64_MAX ? NULL : text);
}

/* Whole days until the end, rounded down: -1 from the first second after it. */
static void put_days_left(struct cp_sink *sink, const struct cp_cert *cert, int64_t at_s) {
    const int64_t far = (int64_t)1 << 40; /* some 34,000 years: keeps the subtraction in range */
    int64_t at = at_s > far ? far : at_s < -far ? -far : at_s;
    if (cert->not_after_s == INT64_MAX) {
        if (!sink->json)
            cp_sink_text(sink, "not_after", "99991231235959Z: no well-defined end");
        cp_sink_null(sink, "days_left");
        return;
    }
    int64_t left = cert->not_after_s - at;
    cp_sink_number(sink, "days_left", left >= 0 ? left / 86400 : -((-left + 86399) / 86400));
    if (!sink->json && at < cert->not_before_s)
        cp_sink_number(sink, "days_to_start", (cert->not_before_s - at + 86399) / 86400);
}

static void key_text(char out[MAX_KEY_TEXT], enum cp_key_type type, unsigned bits,
                     struct cp_span oid) {
    const struct cp_key_algorithm *row = cp_key_algorithm_get(type);
    char dotted[CP_OID_TEXT];
    cp_oid_dotted(dotted, oid);
    const struct cp_oid_row *name = cp_oid_find(dotted);
    if (type == CP_KEY_UNKNOWN && name != NULL)
        snprintf(out, MAX_KEY_TEXT, "%s (%s)", name->name, dotted);
    else if (type == CP_KEY_UNKNOWN)
        snprintf(out, MAX_KEY_TEXT, "%s", dotted);
    else if (row->bits == 0 && bits != 0)
        snprintf(out, MAX_KEY_TEXT, "%s %u", row->text, bits);
    else
        snprintf(out, MAX_KEY_TEXT, "%s", row->text);
}

void cp_inspect_key_type(struct cp_sink *sink, enum cp_key_type type, unsigned bits,
                         struct cp_span oid) {
    char text[MAX_KEY_TEXT], dotted[CP_OID_TEXT];
    key_text(text, type, bits, oid);
    cp_sink_text(sink, "key", text);
    if (!sink->json)
        return;
    cp_oid_dotted(dotted, oid);
    cp_sink_text(sink, "key_oid", dotted);
    if (bits != 0)
        cp_sink_number(sink, "key_bits", bits);
    else
        cp_sink_null(sink, "key_bits");
}

static void put_signature_algorithm(struct cp_sink *sink, const struct cp_cert *cert) {
    struct cp_der_reader in, sequence;
    struct cp_der oid;
    char dotted[CP_OID_TEXT] = "";
    cp_der_reader_init(&in, cert->signature_algorithm);
    if (cp_der_enter(&in, &sequence, CP_DER_SEQUENCE, "", NULL) == CP_OK &&
        cp_der_expect(&sequence, &oid, CP_DER_OID, "", NULL) == CP_OK)
        cp_oid_dotted(dotted, oid.content);
    const struct cp_oid_row *row = cp_oid_find(dotted);
    const char *text = cert->signature_type != CP_SIGNATURE_UNKNOWN
                           ? cp_signature_algorithm_get(cert->signature_type)->text
                       : row != NULL ? row->name
                                     : dotted;
    cp_sink_text(sink, "signature_algorithm", text);
    if (sink->json)
        cp_sink_text(sink, "signature_oid", dotted);
}

enum cp_status cp_inspect_certificate(struct cp_sink *sink, const struct cp_cert *cert,
                                      int64_t at_s, struct cp_error *err) {
    char sha256[65], spki_sha256[65];
    enum cp_status status = cp_sha256_hex(sha256, cert->der, err);
    if (status == CP_OK)
        status = cp_sha256_hex(spki_sha256, cert->spki, err);
    if (status != CP_OK)
        return status;
    put_name(sink, "subject", cert->subject);
    put_name(sink, "issuer", cert->issuer);
    cp_sink_bool(sink, "self_issued", cp_cert_is_self_issued(cert));
    put_serial(sink, cert->serial);
    cp_sink_number(sink, "version", cert->version);
    put_time(sink, "not_before", cert->not_before_s);
    put_time(sink, "not_after", cert->not_after_s);
    put_days_left(sink, cert, at_s);
    cp_inspect_key_type(sink, cert->key_type, cert->key_bits, cert->key_algorithm_oid);
    put_signature_algorithm(sink, cert);
    cp_sink_text(sink, "sha256", sha256);
    cp_sink_text(sink, "spki_sha256", spki_sha256);
    cp_inspect_extensions(sink, cert);
    return CP_OK;
}
