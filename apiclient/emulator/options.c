/* The command line. */
#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum option_id {
    OPT_PORT = 1,
    OPT_CA_OUT,
    OPT_READY_FILE,
    OPT_LOG,
    OPT_KEY_ID,
    OPT_SECRET_FILE,
    OPT_TOKEN_FILE,
    OPT_CLOCK,
    OPT_QUOTA,
    OPT_FAULT,
    OPT_IDLE,
    OPT_TIMEOUT,
    OPT_LIST,
    OPT_HELP,
    OPT_VERSION
};

static const struct {
    enum option_id id;
    const char *name;
    const char *arg; /* NULL: none */
    const char *help;
} rows[] = {
    {OPT_PORT, "port", "N", "listen on this port of 127.0.0.1 and ::1 (0: any free one)"},
    {OPT_CA_OUT, "ca-out", "FILE", "write the throw-away CA certificate here"},
    {OPT_READY_FILE, "ready-file", "FILE", "write the READY line here too, all at once"},
    {OPT_LOG, "log", "FILE", "append one line a request; no query, key or signature"},
    {OPT_KEY_ID, "access-key-id", "ID", "the one access key id that is known (testAK)"},
    {OPT_SECRET_FILE, "access-key-secret-file", "FILE", "file with its secret (testSK)"},
    {OPT_TOKEN_FILE, "security-token-file", "FILE", "demand this security token"},
    {OPT_CLOCK, "clock", "SECONDS", "stand still at this time since 1970-01-01T00:00:00Z"},
    {OPT_QUOTA, "quota", "N", "hostnames that may exist (100000)"},
    {OPT_FAULT, "fault", "NAME[=ARG][*COUNT]", "bend the next request(s); may be repeated"},
    {OPT_IDLE, "exit-after-idle", "S", "end after S seconds without a request"},
    {OPT_TIMEOUT, "timeout", "S", "close a connection that keeps us waiting (30)"},
    {OPT_LIST, "list-faults", NULL, "list faults and error codes"},
    {OPT_HELP, "help", NULL, "this text"},
    {OPT_VERSION, "version", NULL, "the version"},
};

enum { NUM_ROWS = sizeof rows / sizeof rows[0] };

static void print_help(void) {
    printf("usage: certprep-esa-emulator [OPTION]...\n"
           "A loopback HTTPS server that speaks Alibaba Cloud ESA's CreateCustomHostname.\n\n");
    for (size_t i = 0; i < NUM_ROWS; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "--%s %s", rows[i].name,
                       rows[i].arg != NULL ? rows[i].arg : "");
        printf("  %-32s %s\n", name, rows[i].help);
    }
    printf("\nPrints READY https://127.0.0.1:PORT CA=FILE once it listens. SIGTERM ends it.\n"
           "Exit: 0 clean, 2 usage, 3 could not start.\n");
}

static bool parse_number(int64_t *out, const char *text, int64_t max) {
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || value > max)
        return false;
    *out = value;
    return true;
}

static bool copy_text(char *out, size_t size, const char *text) {
    size_t len = strlen(text);
    if (len == 0 || len >= size)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

/* One line of printable text; the line's end is optional. */
static bool read_secret(char *out, size_t size, const char *path) {
    char text[ESA_EMU_SECRET_MAX + 3];
    size_t len = 0;
    bool ok = false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while (len < sizeof text) {
        ssize_t got = read(fd, text + len, sizeof text - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            goto out;
        if (got == 0)
            break;
        len += (size_t)got;
    }
    if (len > 0 && len < sizeof text && text[len - 1] == '\n')
        len--;
    if (len > 0 && text[len - 1] == '\r')
        len--;
    if (len == 0 || len >= size)
        goto out;
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= 0x20 || text[i] == 0x7f)
            goto out;
    }
    memcpy(out, text, len);
    out[len] = '\0';
    ok = true;
out:
    OPENSSL_cleanse(text, sizeof text);
    (void)close(fd);
    return ok;
}

static bool is_key_id(const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= 0x20 || *c == 0x7f || *c == ',')
            return false;
    }
    return true;
}

/* NULL, or what is wrong with the value. */
static const char *apply(struct esa_emu_options *options, enum option_id id, const char *value) {
    int64_t number = 0;
    switch (id) {
    case OPT_PORT:
        if (!parse_number(&number, value, 65535))
            return "want a port from 0 to 65535";
        options->port = (uint16_t)number;
        return NULL;
    case OPT_CA_OUT:
        options->ca_out = value;
        return NULL;
    case OPT_READY_FILE:
        options->ready_file = value;
        return NULL;
    case OPT_LOG:
        options->log_file = value;
        return NULL;
    case OPT_KEY_ID:
        return is_key_id(value) && copy_text(options->key_id, sizeof options->key_id, value)
                   ? NULL
                   : "want 1 to 128 printable characters";
    case OPT_SECRET_FILE:
        return read_secret(options->secret, sizeof options->secret, value)
                   ? NULL
                   : "want a readable file with one line of 1 to 256 printable characters";
    case OPT_TOKEN_FILE:
        return read_secret(options->security_token, sizeof options->security_token, value)
                   ? NULL
                   : "want a readable file with one line of 1 to 256 printable characters";
    case OPT_CLOCK:
        return parse_number(&options->clock_s, value, INT64_C(253402300799))
                   ? NULL
                   : "want seconds since 1970-01-01T00:00:00Z";
    case OPT_QUOTA:
        if (!parse_number(&number, value, ESA_EMU_MAX_HOSTNAMES))
            return "want a number from 0 to 1000000";
        options->quota = (size_t)number;
        return NULL;
    case OPT_FAULT:
        return esa_emu_faults_add(&options->faults, value);
    case OPT_IDLE:
        return parse_number(&options->exit_after_idle_s, value, 86400) &&
                       options->exit_after_idle_s > 0
                   ? NULL
                   : "want seconds from 1 to 86400";
    case OPT_TIMEOUT:
        if (!parse_number(&number, value, 3600) || number == 0)
            return "want seconds from 1 to 3600";
        options->timeout_ms = number * 1000;
        return NULL;
    case OPT_LIST:
    case OPT_HELP:
    case OPT_VERSION:
        break;
    }
    return NULL;
}

enum esa_emu_parsed esa_emu_options_parse(struct esa_emu_options *options, int argc, char **argv) {
    struct option table[NUM_ROWS + 1] = {0};
    for (size_t i = 0; i < NUM_ROWS; i++)
        table[i] =
            (struct option){rows[i].name, rows[i].arg != NULL ? required_argument : no_argument,
                            NULL, (int)rows[i].id};
    *options = (struct esa_emu_options){.key_id = "testAK",
                                        .secret = "testSK",
                                        .clock_s = -1,
                                        .timeout_ms = 30000,
                                        .quota = 100000};
    if (pthread_mutex_init(&options->faults.lock, NULL) != 0)
        return ESA_EMU_USAGE;
    for (;;) {
        int index = 0;
        int id = getopt_long(argc, argv, "", table, &index);
        if (id == -1)
            break;
        switch (id) {
        case OPT_HELP:
            print_help();
            return ESA_EMU_DONE;
        case OPT_VERSION:
            printf("certprep-esa-emulator %s\n", ESA_EMU_VERSION);
            return ESA_EMU_DONE;
        case OPT_LIST:
            esa_emu_faults_list();
            return ESA_EMU_DONE;
        case '?':
            return ESA_EMU_USAGE;
        default:
            break;
        }
        const char *wrong = apply(options, (enum option_id)id, optarg);
        if (wrong != NULL) {
            (void)fprintf(stderr, "certprep-esa-emulator: --%s: %s\n", rows[index].name, wrong);
            return ESA_EMU_USAGE;
        }
    }
    if (optind != argc) {
        (void)fprintf(stderr, "certprep-esa-emulator: no arguments are taken, only options\n");
        return ESA_EMU_USAGE;
    }
    return ESA_EMU_RUN;
}

int64_t esa_emu_options_now(const struct esa_emu_options *options) {
    return options->clock_s >= 0 ? options->clock_s : (int64_t)time(NULL);
}
