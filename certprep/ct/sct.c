#include "sct.h"

/* Bytes of a TLS structure (RFC 8446 3), big-endian. */
struct tls_reader {
    const uint8_t *next, *end;
};

static bool read_number(struct tls_reader *in, unsigned octets, uint64_t *out) {
    if ((size_t)(in->end - in->next) < octets)
        return false;
    *out = 0;
    for (unsigned i = 0; i < octets; i++)
        *out = *out << 8 | *in->next++;
    return true;
}

static bool read_bytes(struct tls_reader *in, size_t len, struct cp_span *out) {
    if ((size_t)(in->end - in->next) < len)
        return false;
    *out = (struct cp_span){in->next, len};
    in->next += len;
    return true;
}

/* opaque<0..2^16-1> */
static bool read_opaque(struct tls_reader *in, struct cp_span *out) {
    uint64_t len;
    return read_number(in, 2, &len) && read_bytes(in, (size_t)len, out);
}

/* NULL, or what is wrong. */
static const char *read_sct(struct cp_sct *out, struct cp_span bytes) {
    struct tls_reader in = {bytes.data, bytes.data + bytes.len};
    uint64_t version, hash, algorithm;
    *out = (struct cp_sct){.version = 0};
    if (!read_number(&in, 1, &version))
        return "an SCT without content";
    out->version = (unsigned)version;
    if (version != 0)
        return NULL; /* a later version: its form is not known */
    if (!read_bytes(&in, CP_LOG_ID_LEN, &out->log_id) || !read_number(&in, 8, &out->timestamp_ms) ||
        !read_opaque(&in, &out->extensions) || !read_number(&in, 1, &hash) ||
        !read_number(&in, 1, &algorithm) || !read_opaque(&in, &out->signature))
        return "an SCT is cut off";
    if (in.next != in.end)
        return "bytes are left over behind an SCT's signature";
    out->hash = (unsigned)hash;
    out->algorithm = (unsigned)algorithm;
    return NULL;
}

enum cp_status cp_sct_list_read(struct cp_sct scts[CP_MAX_SCTS], size_t *num_scts,
                                struct cp_span value, struct cp_error *err) {
    struct cp_der_reader reader;
    struct cp_der octets;
    struct cp_span list = {NULL, 0}, item;
    *num_scts = 0;
    cp_der_reader_init(&reader, value);
    CP_TRY(cp_der_expect(&reader, &octets, CP_DER_OCTET_STRING, "SCT list", err));
    CP_TRY(cp_der_end(&reader, "SCT list", err));
    struct tls_reader in = {octets.content.data, octets.content.data + octets.content.len};
    if (!read_opaque(&in, &list) || in.next != in.end)
        return cp_fail(err, CP_ERR_PARSE, "SCT list: its length is not that of what it holds");
    if (list.len == 0)
        return cp_fail(err, CP_ERR_PARSE, "SCT list: it is empty");
    in = (struct tls_reader){list.data, list.data + list.len};
    while (in.next != in.end) {
        if (*num_scts == CP_MAX_SCTS)
            return cp_fail(err, CP_ERR_LIMIT, "SCT list: more than %d SCTs", CP_MAX_SCTS);
        const char *why = "an SCT is longer than the list";
        if (read_opaque(&in, &item))
            why = read_sct(&scts[*num_scts], item);
        if (why != NULL)
            return cp_fail(err, CP_ERR_PARSE, "SCT list: SCT %zu: %s", *num_scts + 1, why);
        (*num_scts)++;
    }
    return CP_OK;
}
