/* Files whose certificates' names attack what shows them. */
#include "files.h"

#define FULL(leaf) "cert:" leaf " cert:ec-intermediate"

extern const struct tc_file_row tc_hostile_file_rows[];
extern const size_t tc_num_hostile_file_rows;

const struct tc_file_row tc_hostile_file_rows[] = {
    {"hostile/command.pem", FULL("hostile-command"), .wrong = "workflow commands in the names",
     .openssl = "accepts"},
    {"hostile/brackets.pem", FULL("hostile-brackets"),
     .wrong = "commands of other CI systems in the names", .openssl = "accepts"},
    {"hostile/markup.pem", FULL("hostile-markup"), .wrong = "HTML and XML in the names",
     .openssl = "accepts"},
    {"hostile/quotes.pem", FULL("hostile-quotes"),
     .wrong = "quotes, backslashes and a metric in the names", .openssl = "accepts"},
    {"hostile/terminal.pem", FULL("hostile-terminal"),
     .wrong = "control characters, bidi controls and invalid UTF-8 in the names",
     .openssl = "accepts"},
    {"hostile/utf8.pem", FULL("hostile-utf8"), .wrong = "a UTF8String that is none",
     .openssl = "can't parse certificate 1"},
    {"hostile/all.pem",
     "cert:hostile-command cert:ec-intermediate cert:hostile-brackets cert:hostile-markup "
     "cert:hostile-quotes cert:hostile-terminal",
     .wrong = "all of that", .openssl = "accepts"},
};
const size_t tc_num_hostile_file_rows =
    sizeof tc_hostile_file_rows / sizeof tc_hostile_file_rows[0];
