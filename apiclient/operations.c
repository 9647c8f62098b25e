/* operations: the table, and the rules that its rows state. */
#include "operations.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

/* All parameters and all fields, in two arrays; an operation has a stretch of each. */
static const struct esa_parameter parameters[] = {
#define PARAMETER(operation, id, name, type, words, maximum, needed, when_name, when_value,        \
                  meaning)                                                                         \
    {name,                                                                                         \
     ESA_TYPE_##type,                                                                              \
     words,                                                                                        \
     (maximum) == 0 ? INT64_MAX : (maximum),                                                       \
     ESA_NEEDED_##needed,                                                                          \
     when_name,                                                                                    \
     when_value,                                                                                   \
     meaning},
#include "operations.def"
};

static const struct esa_field fields[] = {
#define FIELD(operation, name, type, model, required)                                              \
    {name, ESA_TYPE_##type, ESA_MODEL_##model, required},
#include "operations.def"
};

/* Where each stretch begins and ends. The second enumerator of OPERATION and END takes one back, so
 * that only the rows between them count. */
enum {
#define OPERATION(id, name, version, method, effect, source)                                       \
    FIRST_PARAMETER_##id, BACK_1_##id = FIRST_PARAMETER_##id - 1,
#define PARAMETER(operation, id, name, type, words, maximum, needed, when_name, when_value,        \
                  meaning)                                                                         \
    PARAMETER_##operation##_##id,
#define END(id) END_PARAMETER_##id, BACK_2_##id = END_PARAMETER_##id - 1,
#include "operations.def"
};

#define ROW_OF_LINE(line) FIELD_OF_LINE_##line
#define ROW_OF(line) ROW_OF_LINE(line)

enum {
#define OPERATION(id, name, version, method, effect, source)                                       \
    FIRST_FIELD_##id, BACK_3_##id = FIRST_FIELD_##id - 1,
#define FIELD(operation, name, type, model, required) ROW_OF(__LINE__),
#define END(id) END_FIELD_##id, BACK_4_##id = END_FIELD_##id - 1,
#include "operations.def"
};

#define OPERATION(id, name, version, method, effect, source)                                       \
    _Static_assert(END_PARAMETER_##id - FIRST_PARAMETER_##id <= (int)ESA_MAX_PARAMETERS,           \
                   name ": raise ESA_MAX_PARAMETERS");                                             \
    _Static_assert(END_FIELD_##id - FIRST_FIELD_##id <= (int)ESA_MAX_FIELDS,                       \
                   name ": raise ESA_MAX_FIELDS");
#include "operations.def"

static const struct esa_operation operations[ESA_NUM_OPERATIONS] = {
#define OPERATION(id, name, version, method, effect, source)                                       \
    [ESA_OP_##id] = {name,                                                                         \
                     version,                                                                      \
                     method,                                                                       \
                     source,                                                                       \
                     ESA_EFFECT_##effect,                                                          \
                     parameters + FIRST_PARAMETER_##id,                                            \
                     END_PARAMETER_##id - FIRST_PARAMETER_##id,                                    \
                     fields + FIRST_FIELD_##id,                                                    \
                     END_FIELD_##id - FIRST_FIELD_##id},
#include "operations.def"
};

size_t esa_num_operations(void) {
    return ESA_NUM_OPERATIONS;
}

const struct esa_operation *esa_operation_get(size_t index) {
    return index < ESA_NUM_OPERATIONS ? &operations[index] : NULL;
}

const char *esa_type_name(enum esa_type type) {
    switch (type) {
    case ESA_TYPE_STRING:
        return "string";
    case ESA_TYPE_INT64:
        return "integer";
    case ESA_TYPE_WORD:
        return "word";
    case ESA_TYPE_PEM:
        return "PEM";
    case ESA_TYPE_SECRET:
        return "secret PEM";
    case ESA_TYPE_BOOL:
        return "boolean";
    case ESA_TYPE_OBJECT:
        return "object";
    case ESA_TYPE_ARRAY:
        return "array";
    }
    return "unknown";
}

bool esa_word_in(const char *words, const char *word, size_t word_len) {
    for (const char *at = words; word_len != 0;) {
        size_t len = strcspn(at, "|");
        if (len == word_len && memcmp(at, word, len) == 0)
            return true;
        if (at[len] == '\0')
            return false;
        at += len + 1;
    }
    return false;
}

static bool value_is(const struct esa_value *value, const char *text) {
    return value->text != NULL && value->len == strlen(text) &&
           memcmp(value->text, text, value->len) == 0;
}

enum esa_operation_id esa_operation_id_of(const struct esa_operation *operation) {
    return (enum esa_operation_id)(operation - operations);
}

size_t esa_operation_index(const struct esa_operation *operation, const char *name) {
    size_t i = 0;
    while (i < operation->num_parameters && strcmp(operation->parameters[i].name, name) != 0)
        i++;
    return i;
}

/* Does the condition of this parameter hold? It names a parameter of the same operation. */
static bool holds(const struct esa_operation *operation, const struct esa_parameter *parameter,
                  const struct esa_value *values) {
    size_t index = esa_operation_index(operation, parameter->when_name);
    return index < operation->num_parameters && value_is(&values[index], parameter->when_value);
}

static enum cp_status check_type(const struct esa_parameter *parameter,
                                 const struct esa_value *value, struct cp_error *err) {
    int64_t number;
    if (value->len == 0)
        return cp_fail(err, CP_ERR_USAGE, "%s: is empty", parameter->name);
    switch (parameter->type) {
    case ESA_TYPE_INT64:
        if (!esa_decimal_parse(&number, value->text, value->len, 1) || number > parameter->maximum)
            return cp_fail(err, CP_ERR_USAGE, "%s: want decimal digits from 1 to %" PRId64,
                           parameter->name, parameter->maximum);
        return CP_OK;
    case ESA_TYPE_WORD:
        if (!esa_word_in(parameter->words, value->text, value->len))
            return cp_fail(err, CP_ERR_USAGE, "%s: want one of %s, got %.*s", parameter->name,
                           parameter->words, (int)(value->len > 64 ? 64 : value->len), value->text);
        return CP_OK;
    case ESA_TYPE_STRING:
    case ESA_TYPE_PEM:
    case ESA_TYPE_SECRET:
        return CP_OK;
    case ESA_TYPE_BOOL:
    case ESA_TYPE_OBJECT:
    case ESA_TYPE_ARRAY:
        break;
    }
    return cp_fail(err, CP_ERR_UNSUPPORTED, "%s: its type is for replies only", parameter->name);
}

/* Is the parameter there if it must be, and only if it may be? */
static enum cp_status check_presence(const struct esa_operation *operation,
                                     const struct esa_parameter *parameter,
                                     const struct esa_value *values, bool given,
                                     struct cp_error *err) {
    bool has_words = parameter->words != NULL;
    switch (parameter->needed) {
    case ESA_NEEDED_NEVER:
        return CP_OK;
    case ESA_NEEDED_ALWAYS:
        if (!given)
            return cp_fail(err, CP_ERR_USAGE, "%s: is required", parameter->name);
        return CP_OK;
    case ESA_NEEDED_WHEN:
        break;
    }
    bool is_wanted = holds(operation, parameter, values);
    if (given && !is_wanted)
        return cp_fail(err, CP_ERR_USAGE, "%s: goes with %s=%s only", parameter->name,
                       parameter->when_name, parameter->when_value);
    if (!given && is_wanted)
        return cp_fail(err, CP_ERR_USAGE, "%s: is required with %s=%s%s%s%s", parameter->name,
                       parameter->when_name, parameter->when_value, has_words ? " (one of " : "",
                       has_words ? parameter->words : "", has_words ? ")" : "");
    return CP_OK;
}

enum cp_status esa_operation_check(const struct esa_operation *operation,
                                   const struct esa_value *values, struct cp_error *err) {
    for (size_t i = 0; i < operation->num_parameters; i++) {
        const struct esa_parameter *parameter = &operation->parameters[i];
        bool given = values[i].text != NULL;
        enum cp_status status = check_presence(operation, parameter, values, given, err);
        if (status == CP_OK && given)
            status = check_type(parameter, &values[i], err);
        if (status != CP_OK)
            return status;
    }
    return CP_OK;
}
