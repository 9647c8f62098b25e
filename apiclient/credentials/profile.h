/* profile: one named set of a configuration file, and the key that it leads to. Both files are read
 * into the same fields. */
#ifndef ESA_PROFILE_H
#define ESA_PROFILE_H

#include "chain.h"

enum esa_profile_field {
#define PROFILE_FIELD(name, config, ini) ESA_PROFILE_##name,
#include "profile.def"
#undef PROFILE_FIELD
    ESA_NUM_PROFILE_FIELDS
};

#define ESA_PROFILE_FILE_MAX ((size_t)256 * 1024)
#define ESA_PROFILE_NAME_MAX ((size_t)64)
#define ESA_PROFILE_MAX_DEPTH 8

enum esa_profile_form { ESA_PROFILE_CONFIG, ESA_PROFILE_INI };

/* All zero is a valid empty state. */
struct esa_profile {
    char name[ESA_PROFILE_NAME_MAX + 1];
    struct cp_secret text; /* SECRET: what value points into; NULL there: not set */
    const char *value[ESA_NUM_PROFILE_FIELDS];
    const struct esa_profile *user; /* whose source_profile this one is; NULL */
};
void esa_profile_cleanup(struct esa_profile *profile);

/* What the field is called there; NULL: nothing. */
const char *esa_profile_field_name(enum esa_profile_form form, enum esa_profile_field field);
/* "" if it is not set. */
const char *esa_profile_value(const struct esa_profile *profile, enum esa_profile_field field);

/* Fills *out, which is empty but for user. *found false: the file has no profile of that name. */
typedef enum cp_status esa_profile_find_fn(struct esa_profile *out, bool *found, void *context,
                                           const char *name, struct cp_error *err);

struct esa_profile_file {
    enum esa_profile_form form;
    const char *path;
    esa_profile_find_fn *find;
    void *context;
    const struct esa_chain *chain;
};

/* The key that the profile leads to, asking whoever its mode names. */
CP_MUST_USE enum cp_status esa_profile_resolve(struct esa_credential *out,
                                               const struct esa_profile_file *file,
                                               const struct esa_profile *profile,
                                               struct cp_error *err);

/* The profile that was asked for: the option, then ALIBABA_CLOUD_PROFILE; NULL: none was. */
const char *esa_profile_asked_for(const struct esa_chain *chain);

/* The whole of what both providers do once the file is read: finds the profile, resolves it, and
 * says how. *found false: the file does not have it. */
CP_MUST_USE enum cp_status esa_profile_provide(struct esa_credential *out,
                                               struct esa_provider_answer *answer, bool *found,
                                               const struct esa_profile_file *file,
                                               const char *name, struct cp_error *err);

#endif
