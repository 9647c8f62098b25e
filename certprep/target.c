#include "target.h"

#include <stdio.h>
#include <string.h>

#define TYPE(name) (1U << CP_KEY_##name)
#define ANY UINT32_MAX
#define KEEP true
#define DROP false

static const struct cp_target targets[] = {
#define TARGET(name, text, form, root, types, rsa_min, rsa_max, rsa_step, certs, days,             \
               public_root, outputs, source, date)                                                 \
    {name,     text,  CP_FORM_##form, root,        types,   rsa_min, rsa_max,                      \
     rsa_step, certs, days,           public_root, outputs, source,  date},
#include "targets.def"
#undef TARGET
};

#define NUM_TARGETS (sizeof(targets) / sizeof(targets[0]))

_Static_assert(CP_NUM_KEY_TYPES < 32, "key_types has a bit for each");

size_t cp_num_targets(void) {
    return NUM_TARGETS;
}

const char *cp_target_name(size_t index) {
    return index < NUM_TARGETS ? targets[index].name : NULL;
}

const char *cp_target_outputs(const char *name) {
    const struct cp_target *target = cp_target_find(name);
    return target != NULL ? target->outputs : NULL;
}

const struct cp_target *cp_target_get(size_t index) {
    return index < NUM_TARGETS ? &targets[index] : NULL;
}

const struct cp_target *cp_target_find(const char *name) {
    for (size_t i = 0; i < NUM_TARGETS; i++)
        if (strcmp(targets[i].name, name) == 0)
            return &targets[i];
    return NULL;
}

const struct cp_target *cp_target_default(void) {
    return &targets[0];
}

static const struct cp_target_answer answers[] = {
#define ANSWER(target, check, code, text, source, date) {target, #check, code, text, source, date},
#include "target_answers.def"
#undef ANSWER
};

#define NUM_ANSWERS (sizeof(answers) / sizeof(answers[0]))

size_t cp_num_target_answers(void) {
    return NUM_ANSWERS;
}

const struct cp_target_answer *cp_target_answer_get(size_t index) {
    return index < NUM_ANSWERS ? &answers[index] : NULL;
}

const struct cp_target_answer *cp_target_answer(const struct cp_target *target, const char *check) {
    for (size_t i = 0; i < NUM_ANSWERS; i++)
        if (strcmp(answers[i].target, target->name) == 0 && strcmp(answers[i].check, check) == 0)
            return &answers[i];
    return NULL;
}

const struct cp_target_service *cp_target_service(const struct cp_target *target) {
    static const struct cp_target_service services[] = {
#define SERVICE(target, source, date) {target, source, date},
#include "target_answers.def"
#undef SERVICE
    };
    for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
        if (strcmp(services[i].target, target->name) == 0)
            return &services[i];
    return NULL;
}

void cp_target_list(char out[CP_TARGET_LIST]) {
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < NUM_TARGETS && used < CP_TARGET_LIST; i++)
        used += (size_t)snprintf(out + used, CP_TARGET_LIST - used, "%s%s", i == 0 ? "" : ", ",
                                 targets[i].name);
}

const char *cp_key_form_name(enum cp_key_form form) {
    return form == CP_FORM_PKCS1 ? "PKCS#1" : "PKCS#8";
}
