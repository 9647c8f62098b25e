/* The files of --crl, --ocsp and --ct-logs. */
#include "cp_limits.h"
#include "online.h"

static enum cp_status add_response(struct cp_evidence *evidence, const char *path,
                                   struct cp_error *err) {
    struct cp_secret bytes = {0};
    enum cp_status status = cp_secret_read_file(&bytes, path, CP_MAX_OCSP_LEN, err);
    if (status == CP_OK)
        status = cp_evidence_add_ocsp(evidence, bytes.data, bytes.len, path, err);
    cp_secret_cleanup(&bytes);
    return status;
}

static enum cp_status load_logs(struct cli_criteria *c, struct cp_error *err) {
    struct cp_secret bytes = {0};
    enum cp_status status = cp_secret_read_file(&bytes, c->ct_logs_name, CP_MAX_FILE_LEN, err);
    if (status == CP_OK)
        status = cp_ct_logs_new(&c->ct_logs, bytes.data, bytes.len, c->ct_logs_name, err);
    cp_secret_cleanup(&bytes);
    return status;
}

enum cp_status cli_evidence_load(struct cli_criteria *c, struct cp_check_options *options,
                                 struct cp_error *err) {
    enum cp_status status = CP_OK;
    if (c->online_allow_private && !c->online)
        return cp_fail(err, CP_ERR_USAGE, "--online-allow-private is of use only with --online");
    if (c->crls.num_items != 0 || c->ocsps.num_items != 0 || c->online)
        status = cp_evidence_new(&c->evidence, err);
    for (size_t i = 0; status == CP_OK && i < c->crls.num_items; i++)
        status = cp_evidence_add_crl_file(c->evidence, c->crls.items[i], err);
    for (size_t i = 0; status == CP_OK && i < c->ocsps.num_items; i++)
        status = add_response(c->evidence, c->ocsps.items[i], err);
    if (status == CP_OK && c->ct_logs_name != NULL)
        status = load_logs(c, err);
    options->evidence = c->evidence;
    options->ct_logs = c->ct_logs;
    return status;
}

void cli_evidence_cleanup(struct cli_criteria *c) {
    cp_evidence_free(c->evidence);
    cp_ct_logs_free(c->ct_logs);
    cli_list_free(&c->crls);
    cli_list_free(&c->ocsps);
    c->evidence = NULL;
    c->ct_logs = NULL;
}
