/* yaml_library: libyaml, loaded when a file needs it: no other command pays for it at its start. */
#ifndef CP_CLI_YAML_LIBRARY_H
#define CP_CLI_YAML_LIBRARY_H

#include <yaml.h>

#include "certprep.h"

#define GATE_YAML "libyaml-0.so.2"

/* ROW(field, symbol) */
#define GATE_YAML_FUNCTIONS(ROW)                                                                   \
    ROW(initialize, yaml_parser_initialize)                                                        \
    ROW(set_input_string, yaml_parser_set_input_string)                                            \
    ROW(load, yaml_parser_load)                                                                    \
    ROW(remove, yaml_parser_delete)                                                                \
    ROW(document_remove, yaml_document_delete)                                                     \
    ROW(root, yaml_document_get_root_node)                                                         \
    ROW(node, yaml_document_get_node)

struct gate_yaml {
#define ROW(field, symbol) __typeof__(&symbol) field;
    GATE_YAML_FUNCTIONS(ROW)
#undef ROW
};

/* NULL and err where it is not installed. */
const struct gate_yaml *gate_yaml_load(struct cp_error *err);

#endif
