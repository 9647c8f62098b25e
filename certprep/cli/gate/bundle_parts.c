/* Parts of files in bundles: their places are the files', and what does not belong is taken out. */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "gate.h"

/* From a place in a part's text to the one in the file. */
static void move_place(struct cp_place *place, const struct gate_part *part) {
    size_t low = 0, high = part->num_spots;
    while (low < high) { /* the last spot at or before it */
        size_t mid = low + (high - low) / 2;
        if (part->spots[mid].text_offset <= place->offset)
            low = mid + 1;
        else
            high = mid;
    }
    const struct gate_spot *spot = &part->spots[low == 0 ? 0 : low - 1];
    place->line = spot->line;
    place->offset = spot->offset;
}

enum cp_status gate_bundle_add(struct cp_bundle *bundle, size_t *source,
                               const struct gate_part *part, const char *path, enum cp_role role,
                               struct cp_error *err) {
    size_t certs = bundle->num_certs, keys = bundle->num_keys, defects = bundle->num_defects;
    *source = bundle->num_sources;
    enum cp_status status = cp_bundle_add(
        bundle, cli_is_dash(path) ? "<stdin>" : path, role,
        part->text.len == 0 ? (const uint8_t *)"" : part->text.data, part->text.len, err);
    if (status != CP_OK || part->num_spots == 0)
        return status;
    for (size_t i = certs; i < bundle->num_certs; i++)
        move_place(&bundle->certs[i].place, part);
    for (size_t i = keys; i < bundle->num_keys; i++)
        move_place(&bundle->keys[i].place, part);
    for (size_t i = defects; i < bundle->num_defects; i++) {
        move_place(&bundle->defects[i].place, part);
        bundle->defects[i].column = 0;
    }
    return CP_OK;
}

void gate_bundle_keep_certs(struct cp_bundle *bundle, size_t source, gate_keep_cert_fn *keep,
                            const void *context) {
    size_t num = 0;
    for (size_t i = 0; i < bundle->num_certs; i++)
        if (bundle->certs[i].place.source != source ||
            (keep != NULL && keep(context, &bundle->certs[i].cert)))
            bundle->certs[num++] = bundle->certs[i];
    bundle->num_certs = num;
}

void gate_bundle_keep_keys(struct cp_bundle *bundle, size_t source, gate_keep_key_fn *keep,
                           const void *context) {
    size_t num = 0;
    for (size_t i = 0; i < bundle->num_keys; i++) {
        struct cp_bundle_key *key = &bundle->keys[i];
        if (key->place.source != source || (keep != NULL && keep(context, &key->key)))
            bundle->keys[num++] = *key;
        else
            cp_secret_cleanup(&key->decrypted);
    }
    bundle->num_keys = num;
}

void gate_bundle_drop_defects(struct cp_bundle *bundle, size_t source) {
    size_t num = 0;
    for (size_t i = 0; i < bundle->num_defects; i++) {
        struct cp_input_defect *defect = &bundle->defects[i];
        if (defect->place.source != source) {
            bundle->defects[num++] = *defect;
        } else {
            free(defect->message);
            free(defect->help);
        }
    }
    bundle->num_defects = num;
}
