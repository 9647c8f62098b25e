#include "report/cyclonedx.h"

#include <stdio.h>
#include <string.h>

#define MAX_REF 96

static void put_ref(struct cp_json *json, const char *key, const char *kind, const char *text) {
    char ref[MAX_REF];
    snprintf(ref, sizeof(ref), "%s/%s", kind, text);
    for (char *at = ref; *at != '\0'; at++)
        if (*at == ' ')
            *at = '-';
    cp_json_string(json, key, ref);
}

void cp_cyclonedx_key_ref(struct cp_json *json, const char *key, enum cp_key_type type) {
    put_ref(json, key, "key-algorithm", cp_key_algorithm_get(type)->text);
}

void cp_cyclonedx_signature_ref(struct cp_json *json, const char *key,
                                enum cp_signature_type type) {
    put_ref(json, key, "signature-algorithm", cp_signature_algorithm_get(type)->text);
}

static void put_oid(struct cp_json *json, struct cp_span oid) {
    char text[160];
    if (oid.len == 0)
        return;
    cp_oid_format(text, sizeof(text), oid);
    cp_json_string(json, "oid", text);
}

static void open_component(struct cp_json *json, const char *name) {
    cp_json_line(json);
    cp_json_open(json, NULL, '{');
    cp_json_string(json, "type", "cryptographic-asset");
    cp_json_string(json, "name", name);
}

static void open_properties(struct cp_json *json, const char *primitive) {
    cp_json_open(json, "cryptoProperties", '{');
    cp_json_string(json, "assetType", "algorithm");
    cp_json_open(json, "algorithmProperties", '{');
    cp_json_string(json, "primitive", primitive);
}

static void close_component(struct cp_json *json, struct cp_span oid) {
    cp_json_close(json, '}');
    put_oid(json, oid);
    cp_json_close(json, '}');
    cp_json_close(json, '}');
}

static void put_key_algorithm(struct cp_json *json, enum cp_key_type type) {
    const struct cp_key_algorithm *row = cp_key_algorithm_get(type);
    const char *primitive = type == CP_KEY_UNKNOWN                         ? "unknown"
                            : type == CP_KEY_RSA                           ? "pke"
                            : type == CP_KEY_X25519 || type == CP_KEY_X448 ? "key-agree"
                                                                           : "signature";
    open_component(json, row->text);
    cp_cyclonedx_key_ref(json, "bom-ref", type);
    open_properties(json, primitive);
    if (strncmp(row->text, "EC ", 3) == 0)
        cp_json_string(json, "curve", row->text + 3);
    close_component(json, row->oid);
}

static void put_signature_algorithm(struct cp_json *json, enum cp_signature_type type) {
    const struct cp_signature_algorithm *row = cp_signature_algorithm_get(type);
    open_component(json, row->text);
    cp_cyclonedx_signature_ref(json, "bom-ref", type);
    open_properties(json, type == CP_SIGNATURE_UNKNOWN ? "unknown" : "signature");
    if (row->kind == CP_KIND_RSA)
        cp_json_string(json, "padding", type == CP_SIGNATURE_RSA_PSS ? "other" : "pkcs1v15");
    cp_json_open(json, "cryptoFunctions", '[');
    cp_json_string(json, NULL, "sign");
    cp_json_string(json, NULL, "verify");
    cp_json_close(json, ']');
    close_component(json, row->oid);
}

void cp_cyclonedx_algorithms(struct cp_json *json, const struct cp_algorithms_used *used) {
    for (int i = 0; i < CP_NUM_KEY_TYPES; i++)
        if (used->key[i])
            put_key_algorithm(json, (enum cp_key_type)i);
    for (int i = 0; i < CP_NUM_SIGNATURE_TYPES; i++)
        if (used->signature[i])
            put_signature_algorithm(json, (enum cp_signature_type)i);
}
