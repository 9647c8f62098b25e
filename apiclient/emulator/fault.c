/* The kinds of faults and their one-line form. */
#include "faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum arg_kind { ARG_NONE, ARG_CODE, ARG_CODE_OR, ARG_MS, ARG_BYTES };
enum { FAULT_TEXT_MAX = 128, MS_MAX = 3600000, BYTES_MAX = 16777216 };

struct row {
    const char *name;
    enum arg_kind arg;
    enum esa_emu_stage stage;
    bool acts;
    const char *meaning;
};

static const struct row rows[ESA_EMU_NUM_FAULTS] = {
#define FAULT(name, text, arg, stage, acts, meaning)                                               \
    [ESA_EMU_FAULT_##name] = {text, ARG_##arg, ESA_EMU_AT_##stage, acts, meaning},
#include "faults.def"
#undef FAULT
};

/* What stands for an argument that was left out. */
static void set_defaults(struct esa_emu_fault *fault) {
    switch (fault->kind) {
    case ESA_EMU_FAULT_OK_WITH_CODE:
        fault->code = ESA_EMU_VERIFY_UNPASSED;
        break;
    case ESA_EMU_FAULT_LOWER_CAMEL:
        fault->code = ESA_EMU_INTERNAL_EXCEPTION;
        break;
    case ESA_EMU_FAULT_THROTTLED:
        fault->code = ESA_EMU_THROTTLING_USER;
        fault->number = 1000;
        break;
    case ESA_EMU_FAULT_SKEWED_DATE:
        fault->code = ESA_EMU_TIME_EXPIRED;
        break;
    case ESA_EMU_FAULT_ECHO_SIGNATURE:
        fault->code = ESA_EMU_SIGNATURE_MISMATCH;
        break;
    case ESA_EMU_FAULT_SLOW:
        fault->number = 20;
        break;
    case ESA_EMU_FAULT_SLOW_REQUEST:
        fault->number = 1;
        break;
    default:
        fault->code = ESA_EMU_INTERNAL_ERROR;
        break;
    }
}

static bool parse_unsigned(unsigned *out, const char *text, unsigned max) {
    if (text[0] < '0' || text[0] > '9')
        return false;
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno != 0 || *end != '\0' || value > max)
        return false;
    *out = (unsigned)value;
    return true;
}

static const char *parse_argument(struct esa_emu_fault *fault, const char *arg) {
    switch (rows[fault->kind].arg) {
    case ARG_NONE:
        return arg == NULL ? NULL : "this fault takes no argument";
    case ARG_CODE:
        if (arg == NULL)
            return "this fault needs an error code: NAME=CODE";
        break;
    case ARG_CODE_OR:
        break;
    case ARG_MS:
        if (arg != NULL && !parse_unsigned(&fault->number, arg, MS_MAX))
            return "want milliseconds, at most 3600000";
        return NULL;
    case ARG_BYTES:
        if (arg == NULL || !parse_unsigned(&fault->number, arg, BYTES_MAX))
            return "this fault needs a number of bytes: NAME=N";
        return NULL;
    }
    if (arg != NULL && !esa_emu_error_find(&fault->code, arg))
        return "unknown error code; --list-faults names them";
    return NULL;
}

const char *esa_emu_fault_parse(struct esa_emu_fault *out, const char *text) {
    char copy[FAULT_TEXT_MAX];
    if (strlen(text) >= sizeof copy)
        return "too long";
    memcpy(copy, text, strlen(text) + 1);
    struct esa_emu_fault fault = {.kind = ESA_EMU_FAULT_NONE, .remaining = 1};
    char *count = strrchr(copy, '*');
    if (count != NULL) {
        *count++ = '\0';
        if (!parse_unsigned(&fault.remaining, count, ESA_EMU_MAX_FAULT_COUNT) ||
            fault.remaining == 0)
            return "want a count from 1 to 1000000 after *";
    }
    char *arg = strchr(copy, '=');
    if (arg != NULL)
        *arg++ = '\0';
    for (int i = 0; i < ESA_EMU_NUM_FAULTS; i++) {
        if (strcmp(rows[i].name, copy) == 0)
            fault.kind = (enum esa_emu_fault_kind)i;
    }
    if (fault.kind == ESA_EMU_FAULT_NONE)
        return "unknown fault; --list-faults names them";
    set_defaults(&fault);
    const char *reason = parse_argument(&fault, arg);
    if (reason == NULL)
        *out = fault;
    return reason;
}

const char *esa_emu_fault_name(enum esa_emu_fault_kind kind) {
    return kind < ESA_EMU_NUM_FAULTS ? rows[kind].name : "-";
}

enum esa_emu_stage esa_emu_fault_stage(enum esa_emu_fault_kind kind) {
    return kind < ESA_EMU_NUM_FAULTS ? rows[kind].stage : ESA_EMU_AT_CALL;
}

bool esa_emu_fault_acts(enum esa_emu_fault_kind kind) {
    return kind >= ESA_EMU_NUM_FAULTS || rows[kind].acts;
}

void esa_emu_faults_list(void) {
    static const char *const arguments[] = {[ARG_NONE] = "",
                                            [ARG_CODE] = "=CODE",
                                            [ARG_CODE_OR] = "[=CODE]",
                                            [ARG_MS] = "[=MS]",
                                            [ARG_BYTES] = "=N"};
    for (int i = 0; i < ESA_EMU_NUM_FAULTS; i++) {
        char name[FAULT_TEXT_MAX];
        (void)snprintf(name, sizeof name, "%s%s", rows[i].name, arguments[rows[i].arg]);
        printf("%-22s %s\n", name, rows[i].meaning);
    }
    printf("\nCODE (with its HTTP status) is one of\n");
    for (int i = 0; i < ESA_EMU_NUM_CODES; i++) {
        const struct esa_emu_error_row *row = esa_emu_error_get((enum esa_emu_code)i);
        printf("  %s %d\n", row->code, row->status);
    }
}
