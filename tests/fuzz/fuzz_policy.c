/* certprep.ini, waivers and a baseline from hostile files: each reader takes every input. What was
 * taken as waivers has what a waiver must have. */
#include "fuzz.h"
#include "policy/config.h"
#include "policy/selection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct cp_span text = {data, size};
    struct cp_config config = {0};
    struct cp_waivers waivers = {0};
    struct cp_baseline baseline = {0};
    enum cp_status status = cp_config_read(&config, text, "fuzz", NULL, NULL);
    FUZZ_ASSERT(status == CP_OK || status == CP_ERR_USAGE);
    status = cp_waivers_read(&waivers, text, "fuzz", "/base", NULL, NULL);
    FUZZ_ASSERT(status == CP_OK || status == CP_ERR_USAGE);
    for (size_t i = 0; status == CP_OK && i < waivers.num_rows; i++) {
        const struct cp_waiver_row *row = &waivers.rows[i];
        FUZZ_ASSERT(row->rule != NULL && !cp_policy_is_own_rule(row->rule));
        FUZZ_ASSERT(row->path != NULL || strlen(row->spki) == 64);
        FUZZ_ASSERT(row->waiver.reason[0] != '\0' && row->waiver.expires_s < INT64_MAX);
        fuzz_is_shown_safely(row->waiver.reason, strlen(row->waiver.reason), false);
    }
    status = cp_baseline_read(&baseline, text, "fuzz", NULL);
    FUZZ_ASSERT(status == CP_OK || status == CP_ERR_USAGE);
    cp_config_cleanup(&config);
    cp_waivers_cleanup(&waivers);
    cp_baseline_cleanup(&baseline);
    return 0;
}
