/* certprep audit: jobs in, answers out, one a line and in the same order. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "gate/job.h"

#define MAX_THREADS 64
#define NUM_SLOTS 256 /* jobs that are on their way at once: what memory there is, is these */

enum slot_state { SLOT_EMPTY, SLOT_READY, SLOT_TAKEN, SLOT_DONE };

struct slot {
    enum slot_state state;
    struct cp_secret line;
    size_t number;
    char *answer;
    int exit_code;
};

struct audit {
    struct cli_material material;
    const char *jobs, *shard_text, *fail_on_text, *target;
    bool exit_zero;
    struct cp_check_options options;
    enum cp_fail_on fail_on;
    struct audit_shard shard;
    size_t num_threads;
    /* under the mutex */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct slot slots[NUM_SLOTS];
    size_t num_read, num_taken, num_written;
    bool at_end, is_broken; /* broken: no answer can be written, or no memory is left */
    int exit_code;
    struct cp_error err;
};

static const char about[] =
    "Judges a fleet: reads one job a line from standard input and writes one answer a line, in "
    "the\n"
    "same order. A job is {\"id\":..., \"files\":[...]} or {\"id\":..., \"pem\":\"...\"}, and may "
    "have\n"
    "\"hostnames\", \"at\", \"target\" and \"require_key\". A job that can't be judged is answered "
    "by an\n"
    "error, and the next goes on.\n\n"
    "Exit codes: 0 clean, 1 findings, 2 wrong use, 3 a job could not be judged, or there was none.";

static void lose(struct audit *a, const struct cp_error *why) {
    (void)pthread_mutex_lock(&a->mutex);
    if (!a->is_broken)
        a->err = *why;
    a->is_broken = true;
    (void)pthread_cond_broadcast(&a->changed);
    (void)pthread_mutex_unlock(&a->mutex);
}

/* The next job; NULL: there is none any more. */
static struct slot *take(struct audit *a) {
    struct slot *slot = NULL;
    (void)pthread_mutex_lock(&a->mutex);
    while (!a->is_broken && !a->at_end && a->num_taken == a->num_read)
        (void)pthread_cond_wait(&a->changed, &a->mutex);
    if (!a->is_broken && a->num_taken < a->num_read) {
        slot = &a->slots[a->num_taken++ % NUM_SLOTS];
        slot->state = SLOT_TAKEN;
    }
    (void)pthread_mutex_unlock(&a->mutex);
    return slot;
}

static void *work(void *context) {
    struct audit *a = context;
    struct audit_worker worker = {.options = &a->options, .fail_on = a->fail_on};
    struct cp_error why = {CP_OK, 0, 0, ""};
    enum cp_status status = cp_bundle_new(&worker.bundle, &why);
    if (status == CP_OK)
        status = cp_checker_new(&worker.checker, a->material.trust, &why);
    struct slot *slot = NULL;
    while (status == CP_OK && (slot = take(a)) != NULL) {
        status = audit_answer(&worker, &slot->answer, &slot->exit_code, &slot->line, slot->number,
                              &a->shard, &why);
        (void)pthread_mutex_lock(&a->mutex);
        slot->state = SLOT_DONE;
        (void)pthread_cond_broadcast(&a->changed);
        (void)pthread_mutex_unlock(&a->mutex);
    }
    if (status != CP_OK)
        lose(a, &why);
    cp_checker_free(worker.checker);
    cp_bundle_free(worker.bundle);
    return NULL;
}

/* Writes answers in the order of the jobs. */
static void *write_answers(void *context) {
    struct audit *a = context;
    (void)pthread_mutex_lock(&a->mutex);
    while (!a->is_broken && !(a->at_end && a->num_written == a->num_read)) {
        struct slot *slot = &a->slots[a->num_written % NUM_SLOTS];
        if (a->num_written == a->num_read || slot->state != SLOT_DONE) {
            (void)pthread_cond_wait(&a->changed, &a->mutex);
            continue;
        }
        (void)pthread_mutex_unlock(&a->mutex);
        size_t len = slot->answer == NULL ? 0 : strlen(slot->answer);
        int code = len == 0 ? CLI_OK : cli_write(slot->answer, len, CLI_OK);
        (void)pthread_mutex_lock(&a->mutex);
        free(slot->answer);
        cp_secret_cleanup(&slot->line);
        if (slot->exit_code > a->exit_code)
            a->exit_code = slot->exit_code;
        if (code != CLI_OK) {
            a->exit_code = code;
            a->is_broken = true;
        }
        *slot = (struct slot){.state = SLOT_EMPTY};
        a->num_written++;
        (void)pthread_cond_broadcast(&a->changed);
    }
    (void)pthread_mutex_unlock(&a->mutex);
    return NULL;
}

/* Hands a line over; waits where too many are on their way. */
static bool hand_over(struct audit *a, struct cp_secret *line, size_t number) {
    (void)pthread_mutex_lock(&a->mutex);
    while (!a->is_broken && a->num_read - a->num_written == NUM_SLOTS)
        (void)pthread_cond_wait(&a->changed, &a->mutex);
    bool goes_on = !a->is_broken;
    if (goes_on) {
        a->slots[a->num_read++ % NUM_SLOTS] =
            (struct slot){.state = SLOT_READY, .line = *line, .number = number};
        *line = (struct cp_secret){0};
        (void)pthread_cond_broadcast(&a->changed);
    }
    (void)pthread_mutex_unlock(&a->mutex);
    return goes_on;
}

/* Lines into pages of their own. One over the maximum becomes a line that is no job. */
static enum cp_status read_jobs(struct audit *a, struct cp_error *err) {
    struct cp_secret text = {0}, line = {0};
    size_t number = 0;
    int c = 0;
    enum cp_status status = cp_secret_init(&text, AUDIT_MAX_LINE, err);
    bool goes_on = true, is_long = false;
    while (status == CP_OK && goes_on && c != EOF) {
        c = getc_unlocked(stdin);
        if (c != EOF && c != '\n') {
            if (text.len < text.cap)
                text.data[text.len++] = (uint8_t)c;
            else
                is_long = true;
            continue;
        }
        number += c == '\n' || text.len != 0;
        size_t len = is_long ? 1 : text.len; /* its first byte alone is no object */
        if (text.len != 0 && !(text.len == 1 && text.data[0] == '\r')) {
            status = cp_secret_init(&line, len, err);
            if (status == CP_OK)
                status = cp_secret_append(&line, text.data, len, err);
            if (status == CP_OK)
                goes_on = hand_over(a, &line, number);
        }
        text.len = 0;
        is_long = false;
    }
    if (status == CP_OK && ferror(stdin) != 0)
        status = cp_fail(err, CP_ERR_IO, "<stdin>: can't be read");
    cp_secret_cleanup(&line);
    cp_secret_cleanup(&text);
    return status;
}

static enum cp_status run_threads(struct audit *a, struct cp_error *err) {
    pthread_t threads[MAX_THREADS + 1];
    size_t num = 0;
    enum cp_status status = CP_OK;
    if (pthread_create(&threads[num], NULL, write_answers, a) == 0)
        num++;
    while (num != 0 && num <= a->num_threads && pthread_create(&threads[num], NULL, work, a) == 0)
        num++;
    if (num < 2) {
        const struct cp_error why = {CP_ERR_MEMORY, 0, 0, "no thread can be made"};
        lose(a, &why);
    } else {
        status = read_jobs(a, err);
    }
    (void)pthread_mutex_lock(&a->mutex);
    a->at_end = true;
    (void)pthread_cond_broadcast(&a->changed);
    (void)pthread_mutex_unlock(&a->mutex);
    for (size_t i = 0; i < num; i++)
        (void)pthread_join(threads[i], NULL);
    if (status == CP_OK && a->is_broken && a->err.status != CP_OK)
        status = cp_fail(err, a->err.status, "%s", a->err.message);
    return status;
}

/* ---- the command line ---- */

static bool parse_number(uint64_t *out, const char **at, uint64_t max) {
    char *end = NULL;
    if (**at < '0' || **at > '9')
        return false;
    unsigned long long value = strtoull(*at, &end, 10);
    *at = end;
    *out = value;
    return value <= max;
}

static enum cp_status parse(struct audit *a, struct cp_error *err) {
    static const char *const words[] = {"error", "warning", "note", "never"};
    const char *at = a->shard_text;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t threads = cores < 1 ? 1 : cores > MAX_THREADS ? MAX_THREADS : (uint64_t)cores;
    size_t i = 0;
    if (at != NULL &&
        (!parse_number(&a->shard.index, &at, 999999) || *at++ != '/' ||
         !parse_number(&a->shard.of, &at, 1000000) || *at != '\0' || a->shard.index >= a->shard.of))
        return cp_fail(err, CP_ERR_USAGE, "--shard '%.30s': want I/N, I from 0 to N-1",
                       a->shard_text);
    at = a->jobs;
    if (at != NULL && (!parse_number(&threads, &at, MAX_THREADS) || *at != '\0' || threads == 0))
        return cp_fail(err, CP_ERR_USAGE, "--jobs '%.30s': want 1 to %d", a->jobs, MAX_THREADS);
    a->num_threads = (size_t)threads;
    while (i < 4 && strcmp(words[i], a->fail_on_text == NULL ? words[0] : a->fail_on_text) != 0)
        i++;
    if (i == 4)
        return cp_fail(err, CP_ERR_USAGE, "--fail-on '%.20s': want error, warning, note or never",
                       a->fail_on_text);
    a->fail_on = (enum cp_fail_on)i;
    a->options.target = a->target;
    return cli_material_times(&a->material, &a->options, err);
}

static enum cp_status run(struct audit *a, int *exit_code, struct cp_error *err) {
    enum cp_status status = parse(a, err);
    if (status == CP_OK)
        status = cli_material_load(&a->material, err);
    if (status == CP_OK)
        status = run_threads(a, err);
    if (status != CP_OK)
        return status;
    *exit_code = a->num_read == 0 && !a->is_broken ? CLI_UNREADABLE : a->exit_code;
    if (*exit_code == CLI_FINDINGS && a->exit_zero)
        *exit_code = CLI_OK;
    if (a->num_read == 0)
        fprintf(stderr, "certprep: no job on standard input\n");
    return CP_OK;
}

int cli_audit(int argc, char **argv) {
    struct audit *a = calloc(1, sizeof(*a));
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (a == NULL) {
        (void)cp_fail(&err, CP_ERR_MEMORY, "out of memory");
        return cli_fail(&err);
    }
    const struct cli_option own[] = {
        {.name = "jobs",
         .letter = 'j',
         .kind = CLI_VALUE,
         .argument = "N",
         .value = &a->jobs,
         .help = "threads (default: one for each core)"},
        {.name = "shard",
         .kind = CLI_VALUE,
         .argument = "I/N",
         .value = &a->shard_text,
         .help = "only jobs whose id falls into part I, 0 to N-1, of N"},
        {.name = "target",
         .kind = CLI_VALUE,
         .argument = "NAME",
         .value = &a->target,
         .help = "check its rules too, where a job names no other"},
        {.name = "trust",
         .kind = CLI_VALUE,
         .argument = "FILE|system|none",
         .value = &a->material.trust_name,
         .help = "trust anchors (default: system); none judges no root"},
        {.name = "at",
         .kind = CLI_VALUE,
         .argument = "TIME",
         .value = &a->material.at,
         .help = "judge as of TIME, where a job names no other (default: now)"},
        {.name = "min-days",
         .kind = CLI_VALUE,
         .argument = "N",
         .value = &a->material.min_days,
         .help = "warn of certificates that expire in fewer days (default: 14)"},
        {.name = "fail-on",
         .kind = CLI_VALUE,
         .argument = "error|warning|note|never",
         .value = &a->fail_on_text,
         .help = "exit 1 from this severity on (default: error)"},
        {.name = "exit-zero",
         .kind = CLI_FLAG,
         .flag = &a->exit_zero,
         .help = "exit 0 also with findings"},
        {.name = NULL},
    };
    const struct cli_option *const tables[] = {own, NULL};
    const struct cli_syntax syntax = {
        .usage = "certprep audit [OPTION]... <JOBS", .about = about, .tables = tables};
    (void)pthread_mutex_init(&a->mutex, NULL);
    (void)pthread_cond_init(&a->changed, NULL);
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1 && run(a, &exit_code, &err) != CP_OK)
        exit_code = cli_fail(&err);
    for (size_t i = 0; i < NUM_SLOTS; i++) {
        free(a->slots[i].answer);
        cp_secret_cleanup(&a->slots[i].line);
    }
    cli_material_cleanup(&a->material);
    (void)pthread_cond_destroy(&a->changed);
    (void)pthread_mutex_destroy(&a->mutex);
    free(a);
    return exit_code;
}
