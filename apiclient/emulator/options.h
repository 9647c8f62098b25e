/* options.h: the command line, and the clock that it may set. */
#ifndef ESA_EMULATOR_OPTIONS_H
#define ESA_EMULATOR_OPTIONS_H

#include "faults.h"

#include <stdatomic.h>

enum esa_emu_verify_mode { ESA_EMU_VERIFY_AUTO, ESA_EMU_VERIFY_AFTER, ESA_EMU_VERIFY_FILE };

/* How hostnames and certificates come along. */
struct esa_emu_rules {
    enum esa_emu_verify_mode verify_mode;
    int64_t verify_after;    /* calls */
    const char *verify_file; /* names that pass */
    int64_t activate_after;  /* looks; -1: only by verification */
    int64_t configuring;     /* looks between pending and active */
    int64_t issue_after;     /* looks until a free certificate is issued */
    const char *apply_fails; /* patterns; NULL: none */
    int64_t apply_fails_max; /* applications that fail; 0: all */
    const char *conflicts;
    const char *offline;
    int64_t cert_clock_s; /* by which certificates expire; -1: the service's */
};

struct esa_emu_options {
    int64_t port; /* 0: the system's choice */
    const char *ca_out;
    const char *ready_file;
    const char *log_file;
    const char *fixture_file;
    const char *state_file;
    const char *faults_file;
    const char *clock_file;
    const char *metadata_role;
    char key_id[ESA_EMU_KEY_ID_MAX + 1];
    char secret[ESA_EMU_SECRET_MAX + 1];
    char security_token[ESA_EMU_SECRET_MAX + 1]; /* empty: any or none */
    char oidc_token[ESA_EMU_SECRET_MAX + 1];     /* empty: any */
    char uri_token[ESA_EMU_SECRET_MAX + 1];      /* empty: none is demanded */
    int64_t clock_s;                             /* -1: the system's */
    int64_t exit_after_idle_s;                   /* 0: never */
    int64_t timeout_s;
    int64_t latency_ms;
    int64_t quota;
    int64_t rate; /* creations in rate_s; 0: no limit */
    int64_t rate_s;
    int64_t sts_lifetime_s; /* 0: as asked for */
    int64_t seed;
    bool strict;
    bool metadata;
    bool metadata_v2_only;
    struct esa_emu_rules rules;
    struct esa_emu_faults faults;
    atomic_int_least64_t last_clock_s; /* what the clock file said last */
};

enum esa_emu_parsed { ESA_EMU_RUN, ESA_EMU_DONE, ESA_EMU_USAGE };
/* Prints help, version and complaints itself. */
enum esa_emu_parsed esa_emu_options_parse(struct esa_emu_options *options, int argc, char **argv);
void esa_emu_options_cleanup(struct esa_emu_options *options);
/* The service's clock (clock.c), since the epoch, UTC. A clock file is read anew each time; while
 * it can't be read, it stands still. */
int64_t esa_emu_options_now(struct esa_emu_options *options);
int64_t esa_emu_options_now_ms(struct esa_emu_options *options);
/* False if the file holds no time. */
bool esa_emu_clock_read(struct esa_emu_options *options);

/* Values (options_values.c): NULL, or what is wrong with them. */
const char *esa_emu_value_secret(char *out, size_t size, const char *path);
const char *esa_emu_value_key_id(char *out, size_t size, const char *text);
const char *esa_emu_value_verify(struct esa_emu_rules *rules, const char *text);
const char *esa_emu_value_activate(struct esa_emu_rules *rules, const char *text);
const char *esa_emu_value_apply_fails(struct esa_emu_rules *rules, char *text);
const char *esa_emu_value_rate(struct esa_emu_options *options, const char *text);

#endif
