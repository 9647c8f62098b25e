/* The table of outputs, and those that need no more than PEM and DER. */
#include <string.h>

#include "output.h"
#include "pem.h"

static enum cp_status put(struct cp_secret *out, struct cp_span a, struct cp_span b,
                          struct cp_error *err) {
    enum cp_status status = cp_secret_init(out, a.len + b.len, err);
    if (status == CP_OK)
        status = cp_secret_append(out, a.data, a.len, err);
    if (status == CP_OK)
        status = cp_secret_append(out, b.data, b.len, err);
    return status;
}

static struct cp_span span_of(const struct cp_secret *secret) {
    return (struct cp_span){secret->data, secret->len};
}

static const struct cp_span nothing = {NULL, 0};

#define OUTPUT_FN(name)                                                                            \
    static enum cp_status name(struct cp_secret *out, const struct cp_prepared *prepared,          \
                               const struct cp_output_options *options, struct cp_error *err)

OUTPUT_FN(write_fullchain) {
    (void)options;
    return put(out, span_of(&prepared->chain), nothing, err);
}

OUTPUT_FN(write_privkey) {
    (void)options;
    return put(out, span_of(&prepared->key), nothing, err);
}

/* The first PEM block of the chain, and the rest. */
static size_t leaf_len(const struct cp_prepared *prepared) {
    return cp_pem_encoded_len("CERTIFICATE", prepared->certs[0].len);
}

OUTPUT_FN(write_leaf) {
    (void)options;
    return put(out, (struct cp_span){prepared->chain.data, leaf_len(prepared)}, nothing, err);
}

OUTPUT_FN(write_chain) {
    size_t leaf = leaf_len(prepared);
    (void)options;
    return put(out, (struct cp_span){prepared->chain.data + leaf, prepared->chain.len - leaf},
               nothing, err);
}

OUTPUT_FN(write_der) {
    (void)options;
    return put(out, prepared->certs[0], nothing, err);
}

OUTPUT_FN(write_key_der) {
    (void)options;
    return put(out, span_of(&prepared->key_der), nothing, err);
}

/* One file, the chain first: what "crt" of haproxy.cfg reads. */
OUTPUT_FN(write_haproxy) {
    (void)options;
    return put(out, span_of(&prepared->chain), span_of(&prepared->key), err);
}

static const struct output {
    const char *name, *file;
    bool has_key, is_text;
    cp_output_fn *write;
} outputs[] = {
#define OUTPUT(name, file, has_key, is_text, write) {name, file, has_key, is_text, write},
#include "outputs.def"
#undef OUTPUT
};

#define NUM_OUTPUTS (sizeof(outputs) / sizeof(outputs[0]))

size_t cp_num_outputs(void) {
    return NUM_OUTPUTS;
}

const char *cp_output_name(size_t index) {
    return index < NUM_OUTPUTS ? outputs[index].name : NULL;
}

enum cp_status cp_prepared_output(struct cp_artifact *out, const struct cp_prepared *prepared,
                                  const char *output, const struct cp_output_options *options,
                                  struct cp_error *err) {
    *out = (struct cp_artifact){.output = NULL};
    for (size_t i = 0; i < NUM_OUTPUTS; i++) {
        const struct output *row = &outputs[i];
        if (strcmp(row->name, output) != 0)
            continue;
        *out = (struct cp_artifact){.output = row->name,
                                    .file = row->file,
                                    .has_key = row->has_key,
                                    .is_text = row->is_text};
        enum cp_status status = row->write(&out->bytes, prepared, options, err);
        if (status != CP_OK)
            cp_secret_cleanup(&out->bytes);
        return status;
    }
    return cp_fail(err, CP_ERR_USAGE, "output '%.20s' is not known", output);
}

void cp_artifact_cleanup(struct cp_artifact *artifact) {
    if (artifact == NULL)
        return;
    cp_secret_cleanup(&artifact->bytes);
    *artifact = (struct cp_artifact){.output = NULL};
}

bool cp_artifact_matches(const struct cp_artifact *artifact, const uint8_t *data, size_t data_len,
                         const struct cp_output_options *options) {
    struct cp_span bytes = span_of(&artifact->bytes), other = {data, data_len};
    if (cp_span_equal(bytes, other))
        return true;
    return artifact->output != NULL && strcmp(artifact->output, "p12") == 0 &&
           cp_pkcs12_same(bytes, other, options);
}
