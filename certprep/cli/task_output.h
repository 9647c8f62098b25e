/* task_output: what a task came to, in text and in JSON, and what the exit code says of it. */
#ifndef CP_CLI_TASK_OUTPUT_H
#define CP_CLI_TASK_OUTPUT_H

#include "apiclient/esa_task.h"
#include "json.h"
#include "view.h"

struct cli_task_words {
    const char *hostname; /* as the user knows it; never NULL */
    const char *done;     /* what DONE is called: "ACCEPTED", "DELETED" */
    const char *go_on;    /* what goes on where this stopped: "certprep submit --ensure" */
    bool was_ensured;     /* --ensure: what is there already is as good as done */
    enum esa_goal goal;
};

/* NOT_SENT is for cli_fail (with result->error) and has no text here. */
void cli_task_put_text(struct cp_buf *out, const struct esa_task_result *result,
                       const struct cli_task_words *words, const struct cli_view *view);
/* "outcome" and "task", beside each other in object. */
bool cli_task_add_json(cJSON *object, const struct esa_task_result *result,
                       const struct cli_task_words *words);
int cli_task_exit(const struct esa_task_result *result, const struct cli_task_words *words);
/* On standard error, where a result could not be printed where it belongs: it must not be lost. */
void cli_task_rescue(const struct esa_task_result *result, const struct cli_task_words *words);

#endif
