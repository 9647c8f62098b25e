/* cyclonedx: algorithms as components, and references to them. */
#ifndef CP_REPORT_CYCLONEDX_H
#define CP_REPORT_CYCLONEDX_H

#include "algorithm.h"
#include "report/json_writer.h"

struct cp_algorithms_used {
    bool key[CP_NUM_KEY_TYPES];
    bool signature[CP_NUM_SIGNATURE_TYPES];
};

void cp_cyclonedx_algorithms(struct cp_json *json, const struct cp_algorithms_used *used);
void cp_cyclonedx_key_ref(struct cp_json *json, const char *key, enum cp_key_type type);
void cp_cyclonedx_signature_ref(struct cp_json *json, const char *key, enum cp_signature_type type);

#endif
