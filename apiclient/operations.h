/* operations: the table of operations.def, and the rules that its rows state. */
#ifndef ESA_OPERATIONS_H
#define ESA_OPERATIONS_H

#include "apiclient.h"

enum esa_operation_id {
#define OPERATION(id, name, version, method, effect, source) ESA_OP_##id,
#include "operations.def"
    ESA_NUM_OPERATIONS
};

/* Indices into the operation's parameters: each operation begins again at 0. */
enum {
#define OPERATION(id, name, version, method, effect, source) ESA_##id##_BEFORE_FIRST = -1,
#define PARAMETER(operation, id, name, type, words, maximum, needed, when_name, when_value,        \
                  meaning)                                                                         \
    ESA_##operation##_##id,
#include "operations.def"
};

#define ESA_MAX_PARAMETERS ((size_t)16) /* of one operation */
#define ESA_MAX_FIELDS ((size_t)8)

/* Borrowed; text NULL: absent. */
struct esa_value {
    const char *text;
    size_t len;
};

/* values has one entry for each parameter of the operation. CP_ERR_USAGE names the parameter and
 * the rule: missing, out of place, not of its type. No value is quoted but a WORD's. */
CP_MUST_USE enum cp_status esa_operation_check(const struct esa_operation *operation,
                                               const struct esa_value *values,
                                               struct cp_error *err);

enum esa_operation_id esa_operation_id_of(const struct esa_operation *operation);

/* The index of the parameter of that name; num_parameters if there is none. */
size_t esa_operation_index(const struct esa_operation *operation, const char *name);

/* True if word is one of words ("on|off"). */
bool esa_word_in(const char *words, const char *word, size_t word_len);

#endif
