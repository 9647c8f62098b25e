/* hostname_output: custom hostnames, sites and records of the service, shown as tables, as a block
 * of lines, as JSON. */
#ifndef CP_CLI_HOSTNAME_OUTPUT_H
#define CP_CLI_HOSTNAME_OUTPUT_H

#include "apiclient/esa_task.h"
#include "json.h"
#include "records_output.h"
#include "view.h"

enum cli_colour cli_hostname_colour(const struct esa_hostname *found);

/* The lines below a headline: ids, TLS, what it waits for or why it stopped. */
void cli_hostname_put_block(struct cp_buf *out, const struct esa_hostname *found);
/* Its members; object is owned by the caller. */
bool cli_hostname_add_json(cJSON *object, const struct esa_hostname *found);

/* ---- lists, page by page --------------------------------------------------------------------- */

enum cli_list_of { CLI_LIST_HOSTNAMES, CLI_LIST_SITES, CLI_LIST_RECORDS };

struct cli_list_output {
    enum cli_list_of of;
    const struct cli_view *view;
    struct cli_table table;
    size_t num_shown;
    bool has_begun;
};

void cli_list_output_init(struct cli_list_output *list, enum cli_list_of of,
                          const struct cli_view *view);
/* Writes the reply's rows on standard output; returns CLI_OK, or what a failed write means. */
int cli_list_output_page(struct cli_list_output *list, const struct esa_reply *reply);
size_t cli_list_output_rows(enum cli_list_of of, const struct esa_reply *reply);
/* The end of it, in JSON with whether that was all; why: NULL, or what came between. */
int cli_list_output_end(struct cli_list_output *list, int64_t total_count, const char *why,
                        int exit_code);

#endif
