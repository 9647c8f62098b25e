/* ingest: one input into a bundle, by its format. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/container.h"
#include "cp_limits.h"
#include "ingest_items.h"
#include "pem.h"
#include "repair/repair.h"

/* ---- text ------------------------------------------------------------------------------------ */

static bool is_label(struct cp_span label, const char *text) {
    return cp_span_equal(label, cp_span_of(text));
}

/* RFC 7468 8 and 9; "#7" as old Netscape tools wrote it. */
static bool is_pkcs7_label(struct cp_span label) {
    return is_label(label, "PKCS7") || is_label(label, "CMS") ||
           is_label(label, "PKCS #7 SIGNED DATA");
}

/* What to do with a block that is no certificate and no key; NULL: the rule's help. */
static const char *block_help(struct cp_span label) {
    static const struct {
        const char *label, *help;
    } rows[] = {
        {"CERTIFICATE REQUEST", "this is what is sent to the issuer; give the certificate that it "
                                "sent back, and the key that was made with the request"},
        {"NEW CERTIFICATE REQUEST", "this is what is sent to the issuer; give the certificate that "
                                    "it sent back, and the key that was made with the request"},
        {"X509 CRL", "a revocation list is not served; leave it out"},
        {"PUBLIC KEY", "the certificate has the public key in it; give the private key"},
        {"RSA PUBLIC KEY", "the certificate has the public key in it; give the private key"},
        {"DH PARAMETERS", "leave it out; servers have it in a file of its own, if at all"},
        {"PGP PRIVATE KEY BLOCK", "a PGP key is not for TLS; give the key that was made with the "
                                  "certificate's request"},
        {"PGP PUBLIC KEY BLOCK", "a PGP key is not for TLS; give the certificate"},
        {"PGP MESSAGE", "decrypt it with gpg --decrypt, and give what is in it"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (is_label(label, rows[i].label))
            return rows[i].help;
    return NULL;
}

/* A block that is neither certificate, key nor container; its body is not looked at. */
static enum cp_status add_other(struct cp_bundle *bundle, const struct cp_pem_block *block,
                                const struct cp_place *place, struct cp_error *err) {
    char message[128], label[CP_PEM_LABEL_TEXT];
    if (is_label(block->label, "DSA PRIVATE KEY"))
        return cp_ingest_defect(bundle, CP_CHECK_KEY_UNSUPPORTED, place, 0,
                                "private key is of DSA (block 'DSA PRIVATE KEY')", NULL, err);
    cp_pem_label_text(label, block->label);
    snprintf(message, sizeof(message), "a block '%s' was passed over", label);
    return cp_ingest_defect(bundle, CP_CHECK_BLOCK_UNEXPECTED, place, 0, message,
                            block_help(block->label), err);
}

/* One block whose base64 has been decoded to der. */
static enum cp_status add_block(struct cp_bundle *bundle, struct cp_span text,
                                const struct cp_pem_block *block, struct cp_span der,
                                const struct cp_place *place, struct cp_error *err) {
    struct cp_secret none = {0};
    struct cp_span traditional = {NULL, 0};
    enum cp_key_format format = block->kind == CP_PEM_RSA_PRIVATE_KEY  ? CP_KEY_PKCS1
                                : block->kind == CP_PEM_EC_PRIVATE_KEY ? CP_KEY_SEC1
                                                                       : CP_KEY_PKCS8;
    switch (block->kind) {
    case CP_PEM_CERTIFICATE:
        return cp_ingest_cert(bundle, der, place, err);
    case CP_PEM_PRIVATE_KEY:
        return cp_ingest_key(bundle, der, format, &none, place, err);
    case CP_PEM_RSA_PRIVATE_KEY:
    case CP_PEM_EC_PRIVATE_KEY:
        if (block->headers.len == 0)
            return cp_ingest_key(bundle, der, format, &none, place, err);
        traditional = (struct cp_span){text.data + block->begin_offset,
                                       block->end_offset - block->begin_offset};
        return cp_ingest_encrypted(bundle, der, traditional, format, place, err);
    case CP_PEM_ENCRYPTED_PRIVATE_KEY:
        if (block->headers.len != 0)
            traditional = (struct cp_span){text.data + block->begin_offset,
                                           block->end_offset - block->begin_offset};
        return cp_ingest_encrypted(bundle, der, traditional, format, place, err);
    case CP_PEM_EC_PARAMETERS: /* the key behind it names its curve itself */
        return CP_OK;
    case CP_PEM_OTHER:
        break;
    }
    return cp_ingest_pkcs7(bundle, der, place, err);
}

/* Decodes a block to out and adds it; *used is what it took of out. */
static enum cp_status read_block(struct cp_bundle *bundle, struct cp_span text,
                                 const struct cp_pem_block *block, uint8_t *out, size_t *used,
                                 const struct cp_place *place, struct cp_error *err) {
    size_t len = 0, bad = 0;
    const char *reason = "";
    *used = 0;
    if (block->kind == CP_PEM_OTHER && !is_pkcs7_label(block->label))
        return add_other(bundle, block, place, err);
    if (cp_base64_decode(out, &len, block->body, &bad, &reason) == CP_OK && len != 0) {
        *used = len;
        return add_block(bundle, text, block, (struct cp_span){out, len}, place, err);
    }
    return cp_ingest_defect(bundle, CP_CHECK_PEM_BASE64, place, 0,
                            *reason == '\0' ? "the block is empty" : reason, NULL, err);
}

/* From places in repaired text to places in the input. Blocks come in order, so that lines are
 * counted on from the one before; one that stood before it is counted from the start. */
struct origin {
    const struct cp_repair *repair; /* NULL: the text is the input itself */
    size_t next;                    /* of repair->blocks */
    size_t from, from_line;
};

static void place_block(struct cp_place *place, const struct cp_source *source,
                        struct origin *origin) {
    const struct cp_repair *repair = origin->repair;
    size_t column;
    while (origin->next < repair->num_blocks && repair->blocks[origin->next].offset < place->offset)
        origin->next++;
    if (origin->next < repair->num_blocks)
        place->offset = repair->blocks[origin->next].input_offset;
    if (place->offset < origin->from) {
        origin->from = 0;
        origin->from_line = 1;
    }
    cp_pem_position(source->text, origin->from, origin->from_line, place->offset, &place->line,
                    &column);
    origin->from = place->offset;
    origin->from_line = place->line;
}

/* Decodes and adds the blocks of canonical text; out has room for what all of them decode to.
 * repair is NULL where the text is the input itself. */
static enum cp_status read_blocks(struct cp_bundle *bundle, size_t index, struct cp_span text,
                                  const struct cp_repair *repair, uint8_t *out,
                                  struct cp_error *err) {
    const struct cp_source *source = &bundle->sources[index];
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    struct origin origin = {.repair = repair, .from_line = 1};
    bool found = true;
    cp_pem_reader_init(&reader, text);
    while (reader.offset < text.len) {
        struct cp_error why = {CP_OK, 0, 0, ""};
        struct cp_place place = {.source = index};
        size_t used = 0;
        enum cp_status status = cp_pem_next(&reader, &block, &found, &why);
        if (status == CP_OK && !found)
            break;
        place.line = status == CP_OK ? block.begin_line : why.line;
        place.offset = status == CP_OK ? block.begin_offset : why.offset;
        if (repair != NULL)
            place_block(&place, source, &origin);
        enum cp_status counted = cp_ingest_count(bundle, source->name, err);
        if (counted != CP_OK)
            return counted;
        if (status != CP_OK)
            status =
                cp_ingest_defect(bundle, CP_CHECK_PEM_BROKEN, &place, 0, why.message, NULL, err);
        else
            status = read_block(bundle, text, &block, out, &used, &place, err);
        out += used;
        if (status != CP_OK)
            return status;
    }
    return CP_OK;
}

/* Findings in waiting: what was repaired, and what could not be. Notes are in the order of their
 * places. */
static enum cp_status add_notes(struct cp_bundle *bundle, size_t index,
                                const struct cp_repair *repair, struct cp_error *err) {
    const struct cp_source *source = &bundle->sources[index];
    size_t from = 0, from_line = 1;
    for (size_t i = 0; i < repair->num_notes; i++) {
        const struct cp_repair_note *note = &repair->notes[i];
        struct cp_place place = {.source = index, .offset = note->offset};
        size_t column;
        cp_pem_position(source->text, from, from_line, note->offset, &place.line, &column);
        from = note->offset;
        from_line = place.line;
        enum cp_status status =
            cp_ingest_defect(bundle, note->check, &place, column, note->message, NULL, err);
        if (status != CP_OK)
            return status;
    }
    return CP_OK;
}

static bool has_unrepaired(const struct cp_repair *repair) {
    for (size_t i = 0; i < repair->num_notes; i++)
        if (!repair->notes[i].repaired)
            return true;
    return false;
}

/* Text in any state: canonical text is read as it is, any other is repaired first. */
static enum cp_status read_text(struct cp_bundle *bundle, size_t index, uint8_t *out,
                                struct cp_error *err) {
    struct cp_source *source = &bundle->sources[index];
    struct cp_repair repair = {0};
    if (cp_repair_is_canonical(source->text, out))
        return read_blocks(bundle, index, source->text, NULL, out, err);
    enum cp_status status = cp_repair_run(&repair, source->text, err);
    if (status == CP_OK && repair.num_blocks == 0 && !has_unrepaired(&repair))
        status = cp_fail(err, CP_ERR_INPUT,
                         "%s: no PEM block in it; want text with -----BEGIN CERTIFICATE-----",
                         source->name);
    if (status == CP_OK)
        status = add_notes(bundle, index, &repair, err);
    if (status == CP_OK) {
        source->repaired = repair.text; /* the blocks' spans point into it from here on */
        repair.text = (struct cp_secret){0};
        struct cp_span text = {source->repaired.data, source->repaired.len};
        status = read_blocks(bundle, index, text, &repair, out, err);
    }
    cp_repair_cleanup(&repair);
    return status;
}

/* ---- binary ---------------------------------------------------------------------------------- */

/* Which structure: what comes behind the version tells. */
static enum cp_key_format key_format(struct cp_span der) {
    struct cp_der_reader reader, key;
    struct cp_der version;
    cp_der_reader_init(&reader, der);
    if (cp_der_enter(&reader, &key, CP_DER_SEQUENCE, "", NULL) != CP_OK ||
        cp_der_any(&key, &version, "", NULL) != CP_OK)
        return CP_KEY_PKCS8; /* malformed: its reader says where */
    return cp_der_peek(&key, CP_DER_OCTET_STRING) ? CP_KEY_SEC1
           : cp_der_peek(&key, CP_DER_INTEGER)    ? CP_KEY_PKCS1
                                                  : CP_KEY_PKCS8;
}

static enum cp_status read_der(struct cp_bundle *bundle, const struct cp_source *source,
                               const struct cp_place *place, struct cp_error *err) {
    struct cp_secret none = {0};
    char message[80];
    enum cp_status status;
    snprintf(message, sizeof(message), "the file is %s, not PEM", cp_format_name(source->format));
    status = cp_ingest_count(bundle, source->name, err);
    if (status == CP_OK)
        status = cp_ingest_defect(bundle, CP_CHECK_DER_INPUT, place, 0, message, NULL, err);
    if (status != CP_OK)
        return status;
    if (source->format == CP_FORMAT_CERTIFICATE)
        return cp_ingest_cert(bundle, source->text, place, err);
    if (source->format == CP_FORMAT_KEY)
        return cp_ingest_key(bundle, source->text, key_format(source->text), &none, place, err);
    return cp_ingest_encrypted(bundle, source->text, (struct cp_span){NULL, 0}, CP_KEY_PKCS8, place,
                               err);
}

#define QUOTED_MAX 512

/* For a command line: as it is, or in single quotes if a shell would see something in it. */
static void shell_quote(char out[QUOTED_MAX], const char *name) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "._/+,:@%=-";
    size_t used = 0;
    if (strcmp(name, "<stdin>") == 0 || strlen(name) > QUOTED_MAX / 4 - 2)
        name = "FILE";
    if (name[0] != '-' && strspn(name, plain) == strlen(name)) {
        snprintf(out, QUOTED_MAX, "%s", name);
        return;
    }
    out[used++] = '\'';
    for (; *name != '\0'; name++) {
        if (*name == '\'') {
            memcpy(out + used, "'\\'", 3);
            used += 3;
        }
        out[used++] = *name;
    }
    out[used++] = '\'';
    out[used] = '\0';
}

/* Files that hold something else, or hold it in a form that is not read: the next step. */
static enum cp_status read_foreign(struct cp_bundle *bundle, const struct cp_source *source,
                                   const struct cp_place *place, struct cp_error *err) {
    static const struct {
        enum cp_check check;
        const char *help; /* NULL: the rule's */
    } rows[CP_NUM_FORMATS] = {
        [CP_FORMAT_REQUEST] = {CP_CHECK_WRONG_OBJECT,
                               "this is what is sent to the issuer; give the certificate that it "
                               "sent back, and the key that was made with the request"},
        [CP_FORMAT_CRL] = {CP_CHECK_WRONG_OBJECT, "a revocation list is not served; leave it out"},
        [CP_FORMAT_PUBLIC_KEY] = {CP_CHECK_WRONG_OBJECT, "the certificate has the public key in "
                                                         "it; give the private key"},
        [CP_FORMAT_PGP] = {CP_CHECK_WRONG_OBJECT, "a PGP key is not for TLS; give the key that was "
                                                  "made with the certificate's request"},
        [CP_FORMAT_JKS] = {CP_CHECK_KEYSTORE_INPUT, NULL},
        [CP_FORMAT_ZIP] = {CP_CHECK_ARCHIVE_INPUT, NULL},
        [CP_FORMAT_GZIP] = {CP_CHECK_ARCHIVE_INPUT, "unpack it with gunzip (or tar -xzf), and give "
                                                    "the files in it"},
        [CP_FORMAT_ZEROS] = {CP_CHECK_ZEROS_INPUT, NULL},
    };
    char message[400], names[300], help[QUOTED_MAX + 160], quoted[QUOTED_MAX];
    const char *shown_help = rows[source->format].help;
    snprintf(message, sizeof(message), "the file is %s", cp_format_name(source->format));
    if (source->format == CP_FORMAT_ZIP) {
        cp_zip_list(names, sizeof(names), source->text);
        snprintf(message, sizeof(message), "the file is a ZIP archive with %s", names);
    } else if (source->format == CP_FORMAT_JKS) {
        shell_quote(quoted, source->name);
        snprintf(help, sizeof(help),
                 "convert it and give the new file: keytool -importkeystore -srckeystore %s%s "
                 "-destkeystore OUT.p12 -deststoretype PKCS12",
                 quoted, source->text.data[0] == 0xce ? " -srcstoretype JCEKS" : "");
        shown_help = help;
    }
    return cp_ingest_defect(bundle, rows[source->format].check, place, 0, message, shown_help, err);
}

static enum cp_status read_source(struct cp_bundle *bundle, size_t index, uint8_t *out,
                                  struct cp_error *err) {
    const struct cp_source *source = &bundle->sources[index];
    const struct cp_place place = {.source = index};
    switch (source->format) {
    case CP_FORMAT_TEXT:
        return read_text(bundle, index, out, err);
    case CP_FORMAT_CERTIFICATE:
    case CP_FORMAT_KEY:
    case CP_FORMAT_ENCRYPTED_KEY:
        return read_der(bundle, source, &place, err);
    case CP_FORMAT_PKCS7:
        return cp_ingest_pkcs7(bundle, source->text, &place, err);
    case CP_FORMAT_PKCS12:
        return cp_ingest_pkcs12(bundle, source->text, &place, err);
    case CP_FORMAT_REQUEST:
    case CP_FORMAT_CRL:
    case CP_FORMAT_PUBLIC_KEY:
    case CP_FORMAT_JKS:
    case CP_FORMAT_ZIP:
    case CP_FORMAT_GZIP:
    case CP_FORMAT_PGP:
    case CP_FORMAT_ZEROS:
        return read_foreign(bundle, source, &place, err);
    case CP_FORMAT_UNKNOWN:
    case CP_NUM_FORMATS:
        break;
    }
    return cp_fail(err, CP_ERR_INPUT,
                   "%s: neither text nor a certificate, key or container; want PEM, DER, PKCS#7 or "
                   "PKCS#12",
                   source->name);
}

enum cp_status cp_bundle_add(struct cp_bundle *bundle, const char *name, enum cp_role role,
                             const uint8_t *data, size_t data_len, struct cp_error *err) {
    if (data_len == 0)
        return cp_fail(err, CP_ERR_INPUT, "%s: the file is empty", name);
    if (data_len > CP_MAX_FILE_LEN)
        return cp_fail(err, CP_ERR_LIMIT, "%s: larger than the maximum of %zu bytes", name,
                       CP_MAX_FILE_LEN);
    if (bundle->num_sources == CP_MAX_FILES)
        return cp_fail(err, CP_ERR_LIMIT, "%s: more than %d files", name, CP_MAX_FILES);
    if (bundle->sources == NULL)
        bundle->sources = calloc(CP_MAX_FILES, sizeof(*bundle->sources));
    char *copy = cp_strdup_escaped(name);
    if (bundle->sources == NULL || copy == NULL) {
        free(copy);
        return cp_fail(err, CP_ERR_MEMORY, "bundle: out of memory");
    }
    size_t index = bundle->num_sources++;
    struct cp_source *source = &bundle->sources[index];
    enum cp_format format = cp_format_detect((struct cp_span){data, data_len});
    size_t decoded_len = format == CP_FORMAT_TEXT ? cp_base64_max(data_len) : 0;
    *source = (struct cp_source){.name = copy, .role = role, .format = format};
    enum cp_status status = cp_bundle_pages(bundle, &source->bytes, data_len + decoded_len, err);
    if (status == CP_OK)
        status = cp_secret_append(&source->bytes, data, data_len, err);
    if (status != CP_OK)
        return status;
    source->text = (struct cp_span){source->bytes.data, data_len};
    return read_source(bundle, index, source->bytes.data + data_len, err);
}
