/* Which fault is due: first the queue of --fault, one after the other, whoever asks; once it is
 * empty, the first line of the script that fits. */
#include "faults.h"

#include <stdlib.h>
#include <string.h>

static const struct esa_emu_fault none = {.kind = ESA_EMU_FAULT_NONE};

const char *esa_emu_faults_add(struct esa_emu_faults *faults, const char *text) {
    if (faults->num == ESA_EMU_MAX_FAULTS)
        return "too many faults";
    const char *reason = esa_emu_fault_parse(&faults->queue[faults->num], text);
    faults->num += reason == NULL;
    return reason;
}

/* Call with the lock held. NULL if none is left. */
static struct esa_emu_fault *head(struct esa_emu_faults *faults) {
    while (faults->next < faults->num && faults->queue[faults->next].remaining == 0)
        faults->next++;
    return faults->next < faults->num ? &faults->queue[faults->next] : NULL;
}

static bool is_for_all(const struct esa_emu_fault_line *line) {
    return line->action == NULL && line->host == NULL;
}

static bool fits(const struct esa_emu_fault_line *line, const char *action, const char *hostname) {
    return (line->action == NULL || strcmp(line->action, action) == 0) &&
           (line->host == NULL || esa_emu_glob(line->host, hostname));
}

/* When a line's fault strikes. As a request is read nobody knows yet whose it is: a line that names
 * someone waits for the call. */
static enum esa_emu_stage stage_of(const struct esa_emu_fault_line *line,
                                   const struct esa_emu_fault *fault) {
    enum esa_emu_stage stage = esa_emu_fault_stage(fault->kind);
    bool wait = stage == ESA_EMU_AT_REQUEST && (line->permyriad != 0 || !is_for_all(line));
    return wait ? ESA_EMU_AT_CALL : stage;
}

static struct esa_emu_fault draw(struct esa_emu_faults *faults,
                                 const struct esa_emu_fault_line *line, enum esa_emu_stage stage,
                                 const char *action, const char *hostname) {
    /* Requests that are being read have no chances of their own: they are drawn for as calls. */
    if (stage == ESA_EMU_AT_REQUEST)
        return none;
    uint64_t place = (uint64_t)(line - faults->lines);
    uint64_t drawn =
        esa_emu_chances_draw(faults->chances, faults->seed ^ esa_emu_chances_mix(place), action,
                             stage == ESA_EMU_AT_CONNECTION ? "(connection)" : hostname);
    if (drawn % 10000 >= line->permyriad)
        return none;
    const struct esa_emu_fault *fault = &line->faults[(drawn >> 32) % line->num];
    return stage_of(line, fault) == stage ? *fault : none;
}

/* Call with the lock held. */
static struct esa_emu_fault take_line(struct esa_emu_faults *faults, enum esa_emu_stage stage,
                                      const char *action, const char *hostname) {
    for (size_t i = 0; i < faults->num_lines; i++) {
        struct esa_emu_fault_line *line = &faults->lines[i];
        struct esa_emu_fault taken = none;
        if (line->permyriad != 0) {
            if (stage == ESA_EMU_AT_CONNECTION || fits(line, action, hostname))
                taken = draw(faults, line, stage, action, hostname);
        } else if (line->faults[0].remaining > 0 && stage_of(line, &line->faults[0]) == stage &&
                   fits(line, action, hostname)) {
            line->faults[0].remaining--;
            taken = line->faults[0];
        }
        if (taken.kind != ESA_EMU_FAULT_NONE)
            return taken;
    }
    return none;
}

struct esa_emu_fault esa_emu_faults_take(struct esa_emu_faults *faults, enum esa_emu_stage stage,
                                         const char *action, const char *hostname) {
    struct esa_emu_fault taken = none;
    pthread_mutex_lock(&faults->lock);
    struct esa_emu_fault *fault = head(faults);
    if (fault == NULL) {
        taken = take_line(faults, stage, action, hostname);
    } else if (esa_emu_fault_stage(fault->kind) == stage) {
        taken = *fault;
        fault->remaining--;
    }
    pthread_mutex_unlock(&faults->lock);
    return taken;
}

struct esa_emu_fault esa_emu_faults_take_named(struct esa_emu_faults *faults, const char *action) {
    struct esa_emu_fault taken = none;
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->num_lines && taken.kind == ESA_EMU_FAULT_NONE; i++) {
        struct esa_emu_fault_line *line = &faults->lines[i];
        if (line->action == NULL || !fits(line, action, ""))
            continue;
        if (line->permyriad != 0) {
            taken = draw(faults, line, ESA_EMU_AT_CALL, action, "");
        } else if (line->faults[0].remaining > 0) {
            line->faults[0].remaining--;
            taken = line->faults[0];
        }
    }
    pthread_mutex_unlock(&faults->lock);
    return taken;
}

bool esa_emu_faults_want_connection(struct esa_emu_faults *faults) {
    bool want = false;
    pthread_mutex_lock(&faults->lock);
    const struct esa_emu_fault *fault = head(faults);
    if (fault != NULL)
        want = esa_emu_fault_stage(fault->kind) == ESA_EMU_AT_CONNECTION;
    for (size_t i = 0; fault == NULL && i < faults->num_lines && !want; i++) {
        const struct esa_emu_fault_line *line = &faults->lines[i];
        want = line->permyriad == 0 && line->faults[0].remaining > 0 &&
               esa_emu_fault_stage(line->faults[0].kind) == ESA_EMU_AT_CONNECTION;
    }
    pthread_mutex_unlock(&faults->lock);
    return want;
}

void esa_emu_faults_cleanup(struct esa_emu_faults *faults) {
    for (size_t i = 0; i < faults->num_lines; i++) {
        free(faults->lines[i].action);
        free(faults->lines[i].host);
        free(faults->lines[i].faults);
    }
    free(faults->lines);
    faults->lines = NULL;
    faults->num_lines = 0;
    esa_emu_chances_free(faults->chances);
    faults->chances = NULL;
}
