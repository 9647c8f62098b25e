#include "act.h"

int cli_verify(int argc, char **argv) {
    static const struct cli_act act = {
        .name = "verify",
        .done = "VERIFIED",
        .usage = "certprep verify --site NAME [OPTION]... HOSTNAME...\n"
                 "       certprep verify --hostname-id ID [OPTION]...",
        .about = "Has Alibaba Cloud ESA look whether the ownership record is published; a custom "
                 "hostname that\npasses becomes active. Where it does not pass, the record to "
                 "publish is shown.\n\n"
                 "Exit codes: 0 passed, 1 it exists but has stopped, 2 wrong use, 3 not found, or "
                 "nothing was\nsent, 4 not passed, 5 the outcome is not known, or --wait ended "
                 "before its goal.",
        .can_wait = true,
        .make = esa_request_new_verify};
    return cli_act(argc, argv, &act);
}
