#include "act.h"

int cli_apply(int argc, char **argv) {
    static const struct cli_act act = {
        .name = "apply",
        .done = "ACCEPTED",
        .usage = "certprep apply --site NAME [OPTION]... HOSTNAME...\n"
                 "       certprep apply --hostname-id ID [OPTION]...",
        .about = "Has Alibaba Cloud ESA apply for the free certificate of a custom hostname again, "
                 "after its CAA\nor validation record was put right.\n\n"
                 "Exit codes: 0 accepted, 1 it exists but has stopped, 2 wrong use, 3 not found, "
                 "or nothing was\nsent, 4 refused, 5 the outcome is not known, or --wait ended "
                 "before its goal.",
        .can_wait = true,
        .make = esa_request_new_apply};
    return cli_act(argc, argv, &act);
}
