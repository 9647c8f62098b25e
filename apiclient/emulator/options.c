/* The command line. */
#include "options.h"

#include <getopt.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

enum kind {
    IS_TEXT,
    IS_NUMBER,
    IS_FLAG,
    IS_SECRET,
    IS_KEY_ID,
    IS_RATE,
    IS_VERIFY,
    IS_ACTIVATE,
    IS_APPLY_FAILS,
    IS_FAULT,
    IS_LIST,
    IS_HELP,
    IS_VERSION
};

static const struct row {
    const char *name;
    const char *arg; /* NULL: none */
    enum kind kind;
    size_t field; /* its place in struct esa_emu_options */
    int64_t min, max;
    const char *help;
} rows[] = {
#define OPTION(name, arg, kind, field, min, max, help)                                             \
    {name, arg, IS_##kind, offsetof(struct esa_emu_options, field), min, max, help},
#include "options.def"
#undef OPTION
};

enum { NUM_ROWS = sizeof rows / sizeof rows[0] };

static void print_help(void) {
    printf("usage: certprep-esa-emulator [OPTION]...\n"
           "A loopback HTTPS server that speaks Alibaba Cloud ESA's custom hostnames, sites and "
           "records,\nand the parts of STS that lead to credentials for it.\n\n");
    for (size_t i = 0; i < NUM_ROWS; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "--%s %s", rows[i].name,
                       rows[i].arg != NULL ? rows[i].arg : "");
        printf("  %-34s %s\n", name, rows[i].help);
    }
    printf(
        "\nPrints READY https://127.0.0.1:PORT CA=FILE once it listens, with --metadata followed "
        "by\nMETADATA=http://127.0.0.1:PORT2. A look is an answer of GetCustomHostname or\n"
        "ListCustomHostnames that shows the hostname. SIGTERM ends it.\n"
        "Exit: 0 clean, 2 usage, 3 could not start.\n");
}

/* NULL, or what is wrong with the value. */
static const char *apply(struct esa_emu_options *options, const struct row *row, char *value) {
    static char wanted[80];
    char *field = (char *)options + row->field;
    switch (row->kind) {
    case IS_TEXT:
        *(const char **)(void *)field = value;
        return value[0] != '\0' ? NULL : "want some text";
    case IS_FLAG:
        *(bool *)field = true;
        return NULL;
    case IS_NUMBER: {
        int64_t number = 0;
        if (esa_emu_number(&number, (struct esa_emu_span){value, strlen(value)}, row->max) &&
            number >= row->min) {
            *(int64_t *)(void *)field = number;
            return NULL;
        }
        (void)snprintf(wanted, sizeof wanted, "want a number from %" PRId64 " to %" PRId64,
                       row->min, row->max);
        return wanted;
    }
    case IS_SECRET:
        return esa_emu_value_secret(field, ESA_EMU_SECRET_MAX + 1, value);
    case IS_KEY_ID:
        return esa_emu_value_key_id(field, ESA_EMU_KEY_ID_MAX + 1, value);
    case IS_RATE:
        return esa_emu_value_rate(options, value);
    case IS_VERIFY:
        return esa_emu_value_verify(&options->rules, value);
    case IS_ACTIVATE:
        return esa_emu_value_activate(&options->rules, value);
    case IS_APPLY_FAILS:
        return esa_emu_value_apply_fails(&options->rules, value);
    case IS_FAULT:
        return esa_emu_faults_add(&options->faults, value);
    case IS_LIST:
    case IS_HELP:
    case IS_VERSION:
        break;
    }
    return NULL;
}

static void complain(const char *name, const char *wrong) {
    (void)fprintf(stderr, "certprep-esa-emulator: --%s: %s\n", name, wrong);
}

static bool is_role(const char *name) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    size_t len = strlen(name);
    return len <= 64 && strspn(name, letters) == len;
}

/* What hangs on more than one option, and the files that are read once. */
static bool finish(struct esa_emu_options *options) {
    size_t line = 0;
    if (options->clock_file != NULL && options->clock_s >= 0) {
        complain("clock-file", "not together with --clock");
        return false;
    }
    if (options->clock_file != NULL && !esa_emu_clock_read(options)) {
        complain("clock-file", "want a readable file with seconds since 1970-01-01T00:00:00Z");
        return false;
    }
    if (!is_role(options->metadata_role)) {
        complain("metadata-role", "want 1 to 64 letters, digits, - _ .");
        return false;
    }
    options->faults.seed = (uint64_t)options->seed;
    if (options->faults_file != NULL) {
        const char *wrong = esa_emu_faults_read(&options->faults, &line, options->faults_file);
        if (wrong != NULL) {
            (void)fprintf(stderr, "certprep-esa-emulator: --faults: %s:%zu: %s\n",
                          options->faults_file, line, wrong);
            return false;
        }
    }
    return true;
}

static bool set_defaults(struct esa_emu_options *options) {
    *options = (struct esa_emu_options){
        .key_id = "testAK",
        .secret = "testSK",
        .metadata_role = "emulator-role",
        .clock_s = -1,
        .timeout_s = 30,
        .quota = 100000,
        .rate_s = 3600,
        .seed = 1,
        .rules = {.activate_after = -1, .issue_after = 2, .cert_clock_s = -1},
    };
    return pthread_mutex_init(&options->faults.lock, NULL) == 0;
}

enum esa_emu_parsed esa_emu_options_parse(struct esa_emu_options *options, int argc, char **argv) {
    struct option table[NUM_ROWS + 1] = {{0}};
    for (int i = 0; i < NUM_ROWS; i++)
        table[i] = (struct option){
            rows[i].name, rows[i].arg != NULL ? required_argument : no_argument, NULL, i + 1};
    if (!set_defaults(options))
        return ESA_EMU_USAGE;
    for (;;) {
        int id = getopt_long(argc, argv, "", table, NULL);
        if (id == -1)
            break;
        if (id < 1 || id > NUM_ROWS)
            return ESA_EMU_USAGE;
        const struct row *row = &rows[id - 1];
        switch (row->kind) {
        case IS_HELP:
            print_help();
            return ESA_EMU_DONE;
        case IS_VERSION:
            printf("certprep-esa-emulator %s\n", ESA_EMU_VERSION);
            return ESA_EMU_DONE;
        case IS_LIST:
            esa_emu_faults_list();
            return ESA_EMU_DONE;
        default:
            break;
        }
        const char *wrong = apply(options, row, optarg);
        if (wrong != NULL) {
            complain(row->name, wrong);
            return ESA_EMU_USAGE;
        }
    }
    if (optind != argc) {
        (void)fprintf(stderr, "certprep-esa-emulator: no arguments are taken, only options\n");
        return ESA_EMU_USAGE;
    }
    return finish(options) ? ESA_EMU_RUN : ESA_EMU_USAGE;
}

void esa_emu_options_cleanup(struct esa_emu_options *options) {
    esa_emu_faults_cleanup(&options->faults);
    OPENSSL_cleanse(options->secret, sizeof options->secret);
    OPENSSL_cleanse(options->security_token, sizeof options->security_token);
    OPENSSL_cleanse(options->oidc_token, sizeof options->oidc_token);
    OPENSSL_cleanse(options->uri_token, sizeof options->uri_token);
}
