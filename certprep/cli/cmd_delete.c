#include "act.h"

int cli_delete(int argc, char **argv) {
    static const struct cli_act act = {
        .name = "delete",
        .done = "DELETED",
        .usage = "certprep delete --site NAME [OPTION]... HOSTNAME...\n"
                 "       certprep delete --hostname-id ID [OPTION]...",
        .about = "Deletes custom hostnames at Alibaba Cloud ESA: they are no longer served. It "
                 "asks for each one\non a terminal; elsewhere --yes is needed.\n\n"
                 "Exit codes: 0 deleted, 2 wrong use, 3 not found, declined, or nothing was sent, "
                 "4 refused,\n5 the outcome is not known.",
        .question = "Delete",
        .make = esa_request_new_delete};
    return cli_act(argc, argv, &act);
}
