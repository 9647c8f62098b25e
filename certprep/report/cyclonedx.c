/* cyclonedx: CycloneDX 1.6 as a CBOM: certificates, keys (their public facts) and algorithms, each
 * once, with every place it stands at. Never a byte of a private key. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"
#include "report/cyclonedx.h"
#include "report/escape.h"
#include "report/render.h"

#define MAX_ASSETS ((size_t)1 << 20) /* what the doubling ends at */

enum asset_kind { PRIVATE_KEY, PUBLIC_KEY, CERTIFICATE };

struct asset {
    enum asset_kind kind;
    char id[65]; /* SHA-256 of the certificate, or of the SubjectPublicKeyInfo */
    size_t order;
    const struct cp_report *report;
    const struct cp_place *place;
    const struct cp_cert *cert; /* of CERTIFICATE and PUBLIC_KEY */
    const struct cp_key *key;   /* of PRIVATE_KEY */
};

struct assets {
    struct asset *items;
    size_t num_items, cap_items;
};

static struct asset *append(struct assets *assets) {
    if (assets->num_items == assets->cap_items) {
        size_t cap = assets->cap_items == 0 ? 64 : assets->cap_items * 2;
        struct asset *grown =
            cap > MAX_ASSETS ? NULL : realloc(assets->items, cap * sizeof(*grown));
        if (grown == NULL)
            return NULL;
        assets->items = grown;
        assets->cap_items = cap;
    }
    struct asset *asset = &assets->items[assets->num_items];
    *asset = (struct asset){.order = assets->num_items++};
    return asset;
}

static bool add_certificate(struct assets *assets, const struct cp_report *report, size_t index) {
    const struct cp_bundle_cert *cert = &report->bundle->certs[index];
    for (int kind = PUBLIC_KEY; kind <= CERTIFICATE; kind++) {
        struct asset *asset = append(assets);
        if (asset == NULL ||
            cp_sha256_hex(asset->id, kind == CERTIFICATE ? cert->cert.der : cert->cert.spki,
                          NULL) != CP_OK)
            return false;
        asset->kind = (enum asset_kind)kind;
        asset->report = report;
        asset->place = &cert->place;
        asset->cert = &cert->cert;
    }
    return true;
}

static bool add_key(struct assets *assets, const struct cp_report *report, size_t index) {
    const struct cp_bundle_key *key = &report->bundle->keys[index];
    struct asset *asset = append(assets);
    if (asset == NULL)
        return false;
    asset->kind = PRIVATE_KEY;
    asset->report = report;
    asset->place = &key->place;
    asset->key = &key->key;
    if (key->key.has_public)
        cp_hex(asset->id, key->key.spki_sha256, sizeof(key->key.spki_sha256));
    else /* nothing says whether two of them are the same */
        snprintf(asset->id, sizeof(asset->id), "unknown-%zu", asset->order);
    return true;
}

static int compare(const void *left, const void *right) {
    const struct asset *a = left, *b = right;
    int order = (a->kind > b->kind) - (a->kind < b->kind);
    if (order == 0)
        order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->order > b->order) - (a->order < b->order);
}

static bool collect(struct assets *assets, const struct cp_run *run) {
    for (size_t i = 0; i < run->num_items; i++) {
        const struct cp_report *report = run->items[i].report;
        for (size_t j = 0; report != NULL && j < report->bundle->num_certs; j++)
            if (!add_certificate(assets, report, j))
                return false;
        for (size_t j = 0; report != NULL && j < report->bundle->num_keys; j++)
            if (!add_key(assets, report, j))
                return false;
    }
    if (assets->num_items != 0)
        qsort(assets->items, assets->num_items, sizeof(*assets->items), compare);
    return true;
}

static void put_ref(struct cp_json *json, const char *key, enum asset_kind kind, const char *id) {
    static const char *const kinds[] = {"private-key", "public-key", "certificate"};
    char ref[128];
    snprintf(ref, sizeof(ref), "%s/%s", kinds[kind], id);
    cp_json_string(json, key, ref);
}

static void put_name(struct cp_json *json, const char *key, struct cp_span name) {
    struct cp_buf text;
    cp_buf_init(&text, (size_t)64 * 1024);
    cp_inspect_name(&text, name);
    if (cp_buf_finish(&text, NULL) != CP_OK)
        json->out->failed = text.failed;
    else
        cp_json_string(json, key, text.data);
    cp_buf_cleanup(&text);
}

static void put_time(struct cp_json *json, const char *key, int64_t time_s) {
    char text[CP_TIME_TEXT];
    cp_time_format(text, time_s);
    cp_json_string(json, key, time_s == INT64_MAX ? "9999-12-31T23:59:59Z" : text);
}

static void put_certificate(struct cp_json *json, const struct asset *asset) {
    const struct cp_cert *cert = asset->cert;
    char spki[65] = "";
    if (cp_sha256_hex(spki, cert->spki, NULL) != CP_OK)
        json->out->failed = CP_ERR_MEMORY;
    cp_json_string(json, "assetType", "certificate");
    cp_json_open(json, "certificateProperties", '{');
    put_name(json, "subjectName", cert->subject);
    put_name(json, "issuerName", cert->issuer);
    put_time(json, "notValidBefore", cert->not_before_s);
    put_time(json, "notValidAfter", cert->not_after_s);
    cp_cyclonedx_signature_ref(json, "signatureAlgorithmRef", cert->signature_type);
    put_ref(json, "subjectPublicKeyRef", PUBLIC_KEY, spki);
    cp_json_string(json, "certificateFormat", "X.509");
    cp_json_close(json, '}');
}

static void put_key(struct cp_json *json, const struct asset *asset) {
    bool is_private = asset->kind == PRIVATE_KEY;
    unsigned bits = is_private ? asset->key->bits : asset->cert->key_bits;
    cp_json_string(json, "assetType", "related-crypto-material");
    cp_json_open(json, "relatedCryptoMaterialProperties", '{');
    cp_json_string(json, "type", is_private ? "private-key" : "public-key");
    cp_json_string(json, "id", asset->id);
    cp_cyclonedx_key_ref(json, "algorithmRef",
                         is_private ? asset->key->type : asset->cert->key_type);
    if (bits != 0)
        cp_json_size(json, "size", bits);
    cp_json_close(json, '}');
}

static void put_occurrences(struct cp_json *json, const struct asset *asset, size_t num,
                            const struct cp_render_options *options) {
    cp_json_open(json, "evidence", '{');
    cp_json_open(json, "occurrences", '[');
    for (size_t i = 0; i < num; i++) {
        const struct cp_place *place = asset[i].place;
        cp_json_open(json, NULL, '{');
        cp_json_string(json, "location",
                       cp_render_relative(asset[i].report->bundle->sources[place->source].name,
                                          options->base));
        if (place->line != 0)
            cp_json_size(json, "line", place->line);
        cp_json_size(json, "offset", place->offset);
        cp_json_close(json, '}');
    }
    cp_json_close(json, ']');
    cp_json_close(json, '}');
}

static void put_asset(struct cp_json *json, const struct asset *asset, size_t num,
                      const struct cp_render_options *options) {
    char name[CP_CERT_LABEL];
    if (asset->kind == CERTIFICATE)
        cp_cert_subject_text(name, sizeof(name), asset->cert);
    else
        snprintf(name, sizeof(name), "%s key %.16s",
                 asset->kind == PRIVATE_KEY ? "private" : "public", asset->id);
    cp_json_line(json);
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "type", "cryptographic-asset");
    put_ref(json, "bom-ref", asset->kind, asset->id);
    cp_json_string(json, "name", name[0] == '\0' ? "(no name)" : name);
    if (asset->kind == CERTIFICATE) {
        cp_json_open(json, "hashes", '[');
        cp_json_open(json, NULL, '{');
        cp_json_string(json, "alg", "SHA-256");
        cp_json_string(json, "content", asset->id);
        cp_json_close(json, '}');
        cp_json_close(json, ']');
    }
    cp_json_open(json, "cryptoProperties", '{');
    if (asset->kind == CERTIFICATE)
        put_certificate(json, asset);
    else
        put_key(json, asset);
    cp_json_close(json, '}');
    put_occurrences(json, asset, num, options);
    cp_json_close(json, '}');
}

/* How many from index on are the same thing. */
static size_t count_same(const struct assets *assets, size_t index) {
    const struct asset *first = &assets->items[index];
    size_t num = 1;
    while (index + num < assets->num_items && assets->items[index + num].kind == first->kind &&
           strcmp(assets->items[index + num].id, first->id) == 0)
        num++;
    return num;
}

static void put_components(struct cp_json *json, const struct assets *assets,
                           const struct cp_render_options *options) {
    struct cp_algorithms_used used = {{false}, {false}};
    cp_json_open(json, "components", '[');
    for (size_t i = 0; i < assets->num_items; i += count_same(assets, i)) {
        const struct asset *asset = &assets->items[i];
        put_asset(json, asset, count_same(assets, i), options);
        used.key[asset->kind == PRIVATE_KEY ? asset->key->type : asset->cert->key_type] = true;
        if (asset->kind == CERTIFICATE)
            used.signature[asset->cert->signature_type] = true;
    }
    cp_cyclonedx_algorithms(json, &used);
    cp_json_close(json, ']');
}

static void put_dependencies(struct cp_json *json, const struct assets *assets) {
    cp_json_open(json, "dependencies", '[');
    for (size_t i = 0; i < assets->num_items; i += count_same(assets, i)) {
        const struct asset *asset = &assets->items[i];
        char spki[65] = "";
        cp_json_line(json);
        cp_json_open(json, NULL, '{');
        put_ref(json, "ref", asset->kind, asset->id);
        cp_json_open(json, "dependsOn", '[');
        if (asset->kind == CERTIFICATE) {
            if (cp_sha256_hex(spki, asset->cert->spki, NULL) != CP_OK)
                json->out->failed = CP_ERR_MEMORY;
            put_ref(json, NULL, PUBLIC_KEY, spki);
            cp_cyclonedx_signature_ref(json, NULL, asset->cert->signature_type);
        } else {
            cp_cyclonedx_key_ref(
                json, NULL, asset->kind == PRIVATE_KEY ? asset->key->type : asset->cert->key_type);
        }
        cp_json_close(json, ']');
        cp_json_close(json, '}');
    }
    cp_json_close(json, ']');
}

static void put_metadata(struct cp_json *json, const struct cp_run *run) {
    char number[24];
    cp_json_open(json, "metadata", '{');
    put_time(json, "timestamp", run->at_s);
    cp_json_open(json, "tools", '{');
    cp_json_open(json, "components", '[');
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "type", "application");
    cp_json_string(json, "name", "certprep");
    cp_json_string(json, "version", cp_version());
    cp_json_close(json, '}');
    cp_json_close(json, ']');
    cp_json_close(json, '}');
    cp_json_open(json, "properties", '[');
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "name", "certprep:unreadable");
    snprintf(number, sizeof(number), "%zu", run->num_unread);
    cp_json_string(json, "value", number);
    cp_json_close(json, '}');
    cp_json_close(json, ']');
    cp_json_close(json, '}');
}

void cp_render_cyclonedx(struct cp_buf *out, const struct cp_run *run,
                         const struct cp_render_options *options) {
    struct assets assets = {0};
    struct cp_json json = {.out = out};
    if (!collect(&assets, run)) {
        out->failed = assets.num_items == MAX_ASSETS ? CP_ERR_LIMIT : CP_ERR_MEMORY;
    } else {
        cp_json_open(&json, NULL, '{');
        cp_json_string(&json, "$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
        cp_json_string(&json, "bomFormat", "CycloneDX");
        cp_json_string(&json, "specVersion", "1.6");
        cp_json_size(&json, "version", 1);
        put_metadata(&json, run);
        put_components(&json, &assets, options);
        put_dependencies(&json, &assets);
        cp_json_close(&json, '}');
        cp_buf_puts(out, "\n");
    }
    free(assets.items);
}
