/* faults.h: what goes wrong on demand: the queue of --fault, the script of --faults. */
#ifndef ESA_EMULATOR_FAULTS_H
#define ESA_EMULATOR_FAULTS_H

#include "buf.h"

#include <pthread.h>

/* ---- errors the service answers with (errors.c, errors.def) ---------------------------------- */

enum esa_emu_code {
#define ERROR(name, code, status, message) ESA_EMU_##name,
#include "errors.def"
#undef ERROR
    ESA_EMU_NUM_CODES,
    ESA_EMU_ACCEPTED = ESA_EMU_NUM_CODES
};

struct esa_emu_error_row {
    const char *code;
    int status;
    const char *message;
};

const struct esa_emu_error_row *esa_emu_error_get(enum esa_emu_code code);
bool esa_emu_error_find(enum esa_emu_code *out, const char *code);

/* ---- kinds (fault.c, faults.def) ------------------------------------------------------------- */

enum esa_emu_fault_kind {
#define FAULT(name, text, arg, stage, acts, meaning) ESA_EMU_FAULT_##name,
#include "faults.def"
#undef FAULT
    ESA_EMU_NUM_FAULTS,
    ESA_EMU_FAULT_NONE = ESA_EMU_NUM_FAULTS
};

/* When a fault strikes: in the handshake, as the request is read, once it is known who asks what.
 */
enum esa_emu_stage { ESA_EMU_AT_CONNECTION, ESA_EMU_AT_REQUEST, ESA_EMU_AT_CALL };

struct esa_emu_fault {
    enum esa_emu_fault_kind kind;
    enum esa_emu_code code; /* for the kinds that answer an error */
    unsigned number;        /* milliseconds or bytes */
    unsigned remaining;
};

/* Reads NAME[=ARG][*COUNT]. NULL, or the reason why not. */
const char *esa_emu_fault_parse(struct esa_emu_fault *fault, const char *text);
const char *esa_emu_fault_name(enum esa_emu_fault_kind kind);
enum esa_emu_stage esa_emu_fault_stage(enum esa_emu_fault_kind kind);
/* True if the operation is carried out before the fault strikes. */
bool esa_emu_fault_acts(enum esa_emu_fault_kind kind);
void esa_emu_faults_list(void);

/* ---- which fault is due (fault_plan.c, fault_script.c) --------------------------------------- */

/* One line of a script: a fault, or chances that repeat. */
struct esa_emu_fault_line {
    char *action;       /* NULL: any */
    char *host;         /* a pattern; NULL: any */
    unsigned permyriad; /* of a random line; 0: the one fault, while some remain */
    struct esa_emu_fault *faults;
    size_t num;
};

struct esa_emu_chances;

struct esa_emu_faults {
    pthread_mutex_t lock;
    struct esa_emu_fault queue[ESA_EMU_MAX_FAULTS]; /* --fault: in order, whoever asks */
    size_t num;
    size_t next;
    struct esa_emu_fault_line *lines; /* --faults: the first line that fits, once the queue is
                                         empty */
    size_t num_lines;
    uint64_t seed;
    struct esa_emu_chances *chances; /* how often each action and name has been here */
};

/* Puts a fault at the end of the queue. NULL, or the reason why not. */
const char *esa_emu_faults_add(struct esa_emu_faults *faults, const char *text);
/* Reads a script; *line is the one that is wrong (0: the file). NULL, or the reason why not. */
const char *esa_emu_faults_read(struct esa_emu_faults *faults, size_t *line, const char *path);
/* The fault that is due at this stage; kind is ESA_EMU_FAULT_NONE if there is none. action and
 * hostname are "" before they are known. */
struct esa_emu_fault esa_emu_faults_take(struct esa_emu_faults *faults, enum esa_emu_stage stage,
                                         const char *action, const char *hostname);
/* The same for what is no call of the service: only a line that names the action strikes it. */
struct esa_emu_fault esa_emu_faults_take_named(struct esa_emu_faults *faults, const char *action);
/* True if the next fault needs a new connection, so that the present one has to end. */
bool esa_emu_faults_want_connection(struct esa_emu_faults *faults);
void esa_emu_faults_cleanup(struct esa_emu_faults *faults);

/* Deterministic chances: the number for the nth time that this key is seen. */
struct esa_emu_chances *esa_emu_chances_new(void);
uint64_t esa_emu_chances_draw(struct esa_emu_chances *chances, uint64_t seed, const char *action,
                              const char *hostname);
uint64_t esa_emu_chances_mix(uint64_t value);
void esa_emu_chances_free(struct esa_emu_chances *chances);

#endif
