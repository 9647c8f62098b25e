/* target: what a place that certificates are uploaded to takes, from targets.def. */
#ifndef CP_TARGET_H
#define CP_TARGET_H

#include "algorithm.h"

enum cp_key_form {
    CP_FORM_PKCS8, /* PRIVATE KEY */
    CP_FORM_PKCS1, /* RSA PRIVATE KEY; RSA only */
};

struct cp_target {
    const char *name; /* "esa" */
    const char *text; /* "Alibaba Cloud ESA" */
    enum cp_key_form key_form;
    bool keep_root;
    uint32_t key_types;                  /* bit 1 << enum cp_key_type; UINT32_MAX: no rule */
    unsigned rsa_min_bits, rsa_max_bits; /* 0: no limit */
    unsigned rsa_step_bits;              /* sizes are multiples of it; 0: any */
    size_t max_certs;                    /* of the chain as it is sent; 0: no limit */
    int64_t min_days;                    /* left of the leaf's validity; 0: no limit */
    bool public_root;
    const char *outputs; /* names of output/outputs.def, with commas */
    const char *source;
    const char *date; /* when the source was read */
};

/* NULL if there is none of this name. */
const struct cp_target *cp_target_find(const char *name);
const struct cp_target *cp_target_get(size_t index);
/* The target that is meant where none is named. */
const struct cp_target *cp_target_default(void);
/* "esa, cdn, ..." for messages. */
#define CP_TARGET_LIST 240
void cp_target_list(char out[CP_TARGET_LIST]);

/* What a target's service answers where a check has a finding, from target_answers.def. */
struct cp_target_answer {
    const char *target;
    const char *check; /* its name: "LEAF_IS_CA" */
    const char *code;  /* "2101"; "" where there is only a text */
    const char *text;
    const char *source;
    const char *date;
};

/* NULL if nobody says what it answers. check is a rule's name. */
const struct cp_target_answer *cp_target_answer(const struct cp_target *target, const char *check);
size_t cp_num_target_answers(void);
const struct cp_target_answer *cp_target_answer_get(size_t index);

/* A target that answers, and where its answers were looked for. */
struct cp_target_service {
    const char *target;
    const char *source;
    const char *date;
};

/* NULL: it is none, but a program that reads files. */
const struct cp_target_service *cp_target_service(const struct cp_target *target);

/* How a key of this form is called in messages: "PKCS#8". */
const char *cp_key_form_name(enum cp_key_form form);

#endif
