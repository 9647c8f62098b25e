/* OCSPResponse, RFC 6960 4.2.1. */
#include "ocsp.h"

#include "cert_extensions.h"
#include "parts.h"

const char *cp_ocsp_status_name(unsigned status) {
    static const char *const names[] = {
        "successful", "malformedRequest", "internalError", "tryLater",
        NULL,         "sigRequired",      "unauthorized"};
    return status < sizeof(names) / sizeof(names[0]) ? names[status] : NULL;
}

static enum cp_status read_time(struct cp_der_reader *in, int64_t *out, const char *what,
                                struct cp_error *err) {
    bool is_utc;
    struct cp_der_reader at = *in;
    CP_TRY(cp_der_time(in, out, &is_utc, what, err));
    return is_utc ? cp_der_fail(&at, err, what, "want GeneralizedTime, got UTCTime") : CP_OK;
}

/* Extensions of a response: none is acted on, so a critical one can't be passed over. */
static enum cp_status read_extensions(struct cp_der_reader *in, bool *unknown_critical,
                                      struct cp_error *err) {
    struct cp_der_reader tagged, list;
    struct cp_extension_part e;
    CP_TRY(cp_der_enter(in, &tagged, CP_DER_CONTEXT_CONSTRUCTED(1), "extensions", err));
    CP_TRY(cp_der_enter(&tagged, &list, CP_DER_SEQUENCE, "extensions", err));
    CP_TRY(cp_der_end(&tagged, "extensions", err));
    while (!cp_der_at_end(&list)) {
        CP_TRY(cp_extension_read(&list, &e, err));
        *unknown_critical |= e.critical;
    }
    return CP_OK;
}

static enum cp_status read_octets(struct cp_der_reader *in, struct cp_span *out, const char *what,
                                  struct cp_error *err) {
    struct cp_der octets;
    CP_TRY(cp_der_expect(in, &octets, CP_DER_OCTET_STRING, what, err));
    *out = octets.content;
    return CP_OK;
}

static enum cp_status read_cert_id(struct cp_der_reader *in, struct cp_ocsp_single *out,
                                   struct cp_error *err) {
    struct cp_der_reader id;
    struct cp_span whole;
    CP_TRY(cp_der_enter(in, &id, CP_DER_SEQUENCE, "certID", err));
    CP_TRY(cp_algorithm_read(&id, &whole, &out->hash_oid, err));
    CP_TRY(read_octets(&id, &out->name_hash, "issuerNameHash", err));
    CP_TRY(read_octets(&id, &out->key_hash, "issuerKeyHash", err));
    CP_TRY(cp_der_integer(&id, &out->serial, "serialNumber", err));
    return cp_der_end(&id, "certID", err);
}

static enum cp_status read_answer(struct cp_der_reader *in, struct cp_ocsp_single *out,
                                  struct cp_error *err) {
    struct cp_der field;
    struct cp_der_reader at = *in;
    CP_TRY(cp_der_any(in, &field, "certStatus", err));
    if (field.tag == CP_DER_CONTEXT(0) || field.tag == CP_DER_CONTEXT(2)) {
        out->answer = field.tag == CP_DER_CONTEXT(0) ? CP_OCSP_GOOD : CP_OCSP_UNKNOWN;
        return field.content.len == 0 ? CP_OK
                                      : cp_der_fail(&at, err, "certStatus", "a NULL with content");
    }
    if (field.tag != CP_DER_CONTEXT_CONSTRUCTED(1))
        return cp_der_fail(&at, err, "certStatus", "want good, revoked or unknown");
    out->answer = CP_OCSP_REVOKED;
    struct cp_der_reader info = cp_der_inside(in, &field), tagged;
    CP_TRY(read_time(&info, &out->revoked_s, "revocationTime", err));
    if (cp_der_at_end(&info))
        return CP_OK;
    CP_TRY(cp_der_enter(&info, &tagged, CP_DER_CONTEXT_CONSTRUCTED(0), "revocationReason", err));
    CP_TRY(cp_reason_read(&tagged, &out->reason, err));
    return cp_der_end(&info, "revokedInfo", err);
}

static enum cp_status read_single(struct cp_der_reader *list, struct cp_ocsp_single *out,
                                  struct cp_error *err) {
    struct cp_der_reader in, tagged;
    *out = (struct cp_ocsp_single){.reason = CP_REASON_NONE, .next_update_s = INT64_MAX};
    CP_TRY(cp_der_enter(list, &in, CP_DER_SEQUENCE, "SingleResponse", err));
    CP_TRY(read_cert_id(&in, out, err));
    CP_TRY(read_answer(&in, out, err));
    CP_TRY(read_time(&in, &out->this_update_s, "thisUpdate", err));
    if (cp_der_peek(&in, CP_DER_CONTEXT_CONSTRUCTED(0))) {
        CP_TRY(cp_der_enter(&in, &tagged, CP_DER_CONTEXT_CONSTRUCTED(0), "nextUpdate", err));
        CP_TRY(read_time(&tagged, &out->next_update_s, "nextUpdate", err));
        CP_TRY(cp_der_end(&tagged, "nextUpdate", err));
    }
    if (cp_der_peek(&in, CP_DER_CONTEXT_CONSTRUCTED(1)))
        CP_TRY(read_extensions(&in, &out->has_unknown_critical, err));
    return cp_der_end(&in, "SingleResponse", err);
}

bool cp_ocsp_next(struct cp_span *responses, struct cp_ocsp_single *out) {
    struct cp_der_reader in;
    cp_der_reader_init(&in, *responses);
    if (cp_der_at_end(&in) || read_single(&in, out, NULL) != CP_OK)
        return false;
    *responses = (struct cp_span){in.next, (size_t)(in.end - in.next)};
    return true;
}

static enum cp_status read_responder(struct cp_ocsp *out, struct cp_der_reader *data,
                                     struct cp_error *err) {
    struct cp_der_reader tagged;
    bool empty;
    if (cp_der_peek(data, CP_DER_CONTEXT_CONSTRUCTED(1))) {
        CP_TRY(cp_der_enter(data, &tagged, CP_DER_CONTEXT_CONSTRUCTED(1), "byName", err));
        CP_TRY(cp_cert_read_name(&tagged, &out->responder_name, &empty, NULL, NULL, "byName", err));
        return cp_der_end(&tagged, "byName", err);
    }
    CP_TRY(cp_der_enter(data, &tagged, CP_DER_CONTEXT_CONSTRUCTED(2), "responderID", err));
    CP_TRY(read_octets(&tagged, &out->responder_key_hash, "byKey", err));
    return cp_der_end(&tagged, "byKey", err);
}

static enum cp_status read_data(struct cp_ocsp *out, struct cp_der_reader *data,
                                struct cp_error *err) {
    struct cp_der_reader tagged, list;
    struct cp_der element;
    struct cp_ocsp_single single;
    uint32_t version;
    if (cp_der_peek(data, CP_DER_CONTEXT_CONSTRUCTED(0))) {
        CP_TRY(cp_der_enter(data, &tagged, CP_DER_CONTEXT_CONSTRUCTED(0), "version", err));
        CP_TRY(cp_der_small(&tagged, &version, 0, "version", err));
        CP_TRY(cp_der_end(&tagged, "version", err));
    }
    CP_TRY(read_responder(out, data, err));
    CP_TRY(read_time(data, &out->produced_s, "producedAt", err));
    CP_TRY(cp_der_expect(data, &element, CP_DER_SEQUENCE, "responses", err));
    list = cp_der_inside(data, &element);
    while (!cp_der_at_end(&list))
        CP_TRY(read_single(&list, &single, err));
    out->responses = element.content;
    if (cp_der_peek(data, CP_DER_CONTEXT_CONSTRUCTED(1)))
        CP_TRY(read_extensions(data, &out->has_unknown_critical, err));
    return cp_der_end(data, "tbsResponseData", err);
}

static enum cp_status read_certs(struct cp_ocsp *out, struct cp_der_reader *basic,
                                 struct cp_error *err) {
    struct cp_der_reader tagged, list;
    struct cp_der cert;
    CP_TRY(cp_der_enter(basic, &tagged, CP_DER_CONTEXT_CONSTRUCTED(0), "certs", err));
    CP_TRY(cp_der_enter(&tagged, &list, CP_DER_SEQUENCE, "certs", err));
    CP_TRY(cp_der_end(&tagged, "certs", err));
    while (!cp_der_at_end(&list)) {
        struct cp_der_reader at = list;
        if (out->num_certs == CP_MAX_OCSP_CERTS)
            return cp_der_fail(&at, err, "certs", "more than 8 certificates");
        CP_TRY(cp_der_expect(&list, &cert, CP_DER_SEQUENCE, "certs", err));
        out->certs[out->num_certs++] = cert.whole;
    }
    return CP_OK;
}

static enum cp_status read_basic(struct cp_ocsp *out, struct cp_der_reader *in,
                                 struct cp_error *err) {
    struct cp_der_reader basic, inner;
    struct cp_der data;
    struct cp_span oid;
    unsigned unused;
    struct cp_cert *by = &out->signed_by;
    CP_TRY(cp_der_enter(in, &basic, CP_DER_SEQUENCE, "BasicOCSPResponse", err));
    CP_TRY(cp_der_end(in, "BasicOCSPResponse", err));
    CP_TRY(cp_der_expect(&basic, &data, CP_DER_SEQUENCE, "tbsResponseData", err));
    by->tbs = data.whole;
    inner = cp_der_inside(&basic, &data);
    CP_TRY(read_data(out, &inner, err));
    CP_TRY(cp_algorithm_read(&basic, &by->signature_algorithm, &oid, err));
    by->signature_type = cp_signature_type_from_oid(oid);
    CP_TRY(cp_der_bits(&basic, CP_DER_BIT_STRING, &by->signature, &unused, "signature", err));
    if (unused != 0)
        return cp_der_fail(&basic, err, "signature", "not a whole number of octets");
    if (!cp_der_at_end(&basic))
        CP_TRY(read_certs(out, &basic, err));
    return cp_der_end(&basic, "BasicOCSPResponse", err);
}

enum cp_status cp_ocsp_parse(struct cp_ocsp *out, struct cp_span der, struct cp_error *err) {
    static const struct cp_span basic_oid = {
        (const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x30\x01\x01", 9};
    struct cp_der_reader in, response, tagged, bytes;
    struct cp_der element;
    struct cp_span oid;
    *out = (struct cp_ocsp){.status = CP_OCSP_SUCCESSFUL};
    cp_der_reader_init(&in, der);
    CP_TRY(cp_der_enter(&in, &response, CP_DER_SEQUENCE, "OCSPResponse", err));
    CP_TRY(cp_der_end(&in, "OCSPResponse", err));
    struct cp_der_reader at = response;
    CP_TRY(cp_der_expect(&response, &element, 0x0a, "responseStatus", err)); /* ENUMERATED */
    if (element.content.len != 1 || cp_ocsp_status_name(element.content.data[0]) == NULL)
        return cp_der_fail(&at, err, "responseStatus", "not one of RFC 6960 4.2.1");
    out->status = element.content.data[0];
    if (out->status != CP_OCSP_SUCCESSFUL)
        return cp_der_end(&response, "OCSPResponse", err);
    CP_TRY(cp_der_enter(&response, &tagged, CP_DER_CONTEXT_CONSTRUCTED(0), "responseBytes", err));
    CP_TRY(cp_der_end(&response, "OCSPResponse", err));
    CP_TRY(cp_der_enter(&tagged, &bytes, CP_DER_SEQUENCE, "responseBytes", err));
    CP_TRY(cp_der_end(&tagged, "responseBytes", err));
    at = bytes;
    CP_TRY(cp_der_oid(&bytes, &oid, "responseType", err));
    if (!cp_span_equal(oid, basic_oid))
        return cp_der_fail(&at, err, "responseType", "not id-pkix-ocsp-basic");
    CP_TRY(cp_der_expect(&bytes, &element, CP_DER_OCTET_STRING, "response", err));
    CP_TRY(cp_der_end(&bytes, "responseBytes", err));
    struct cp_der_reader inner = cp_der_inside(&bytes, &element);
    return read_basic(out, &inner, err);
}
