/* operations: the table, and the rules that its rows state. */
#include "operations.h"

#include <string.h>

#include "text.h"

/* With one operation the parameters and fields are two arrays; a second one gets its own here. */
static const struct esa_parameter create_parameters[] = {
#define PARAMETER(operation, id, name, type, words, when_name, when_value, meaning)                \
    [ESA_##operation##_##id] = {name, ESA_TYPE_##type, words, when_name, when_value, meaning},
#include "operations.def"
};

static const struct esa_field create_fields[] = {
#define FIELD(operation, name, type, required) {name, ESA_TYPE_##type, required},
#include "operations.def"
};

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct esa_operation operations[ESA_NUM_OPERATIONS] = {
#define OPERATION(id, name, version, method, effect, source)                                       \
    [ESA_OP_##id] = {name,                                                                         \
                     version,                                                                      \
                     method,                                                                       \
                     source,                                                                       \
                     ESA_EFFECT_##effect,                                                          \
                     create_parameters,                                                            \
                     NUM_OF(create_parameters),                                                    \
                     create_fields,                                                                \
                     NUM_OF(create_fields)},
#include "operations.def"
};

_Static_assert(NUM_OF(create_parameters) <= ESA_MAX_PARAMETERS, "raise ESA_MAX_PARAMETERS");
_Static_assert(ESA_NUM_OPERATIONS == 1, "a second operation needs arrays of its own");

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

/* Does the condition of this parameter hold? A condition names a parameter of the same operation.
 */
static bool is_wanted(const struct esa_operation *operation, const struct esa_parameter *parameter,
                      const struct esa_value *values) {
    if (parameter->when_name == NULL)
        return true;
    for (size_t i = 0; i < operation->num_parameters; i++)
        if (strcmp(operation->parameters[i].name, parameter->when_name) == 0)
            return value_is(&values[i], parameter->when_value);
    return false;
}

static enum cp_status check_type(const struct esa_parameter *parameter,
                                 const struct esa_value *value, struct cp_error *err) {
    int64_t number;
    if (value->len == 0)
        return cp_fail(err, CP_ERR_USAGE, "%s: is empty", parameter->name);
    switch (parameter->type) {
    case ESA_TYPE_INT64:
        if (!esa_decimal_parse(&number, value->text, value->len, 1))
            return cp_fail(err, CP_ERR_USAGE,
                           "%s: want decimal digits from 1 to 9223372036854775807",
                           parameter->name);
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
    }
    return cp_fail(err, CP_ERR_UNSUPPORTED, "%s: unknown type", parameter->name);
}

enum cp_status esa_operation_check(const struct esa_operation *operation,
                                   const struct esa_value *values, struct cp_error *err) {
    for (size_t i = 0; i < operation->num_parameters; i++) {
        const struct esa_parameter *parameter = &operation->parameters[i];
        bool wanted = is_wanted(operation, parameter, values);
        bool given = values[i].text != NULL;
        if (given && !wanted)
            return cp_fail(err, CP_ERR_USAGE, "%s: goes with %s=%s only", parameter->name,
                           parameter->when_name, parameter->when_value);
        if (!given && wanted && parameter->when_name != NULL)
            return cp_fail(err, CP_ERR_USAGE, "%s: is required with %s=%s%s%s%s", parameter->name,
                           parameter->when_name, parameter->when_value,
                           parameter->words == NULL ? "" : " (one of ",
                           parameter->words == NULL ? "" : parameter->words,
                           parameter->words == NULL ? "" : ")");
        if (!given && wanted)
            return cp_fail(err, CP_ERR_USAGE, "%s: is required", parameter->name);
        if (given) {
            enum cp_status status = check_type(parameter, &values[i], err);
            if (status != CP_OK)
                return status;
        }
    }
    return CP_OK;
}
