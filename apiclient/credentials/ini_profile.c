/* ini_profile: ~/.alibabacloud/credentials, the official SDKs' shared file. The reader is ours:
 * libinih takes lines apart at 200 bytes without a word, and copies secrets to memory that nobody
 * wipes.
 *
 *   file    = { blank | comment | section | pair }
 *   comment = ("#" | ";") ...
 *   section = "[" name "]"
 *   pair    = name ("=" | ":") value        value may stand in one pair of quotes; outside of them
 *             a blank and "#" or ";" begin a comment. No line goes on in the next one. */
#include <string.h>

#include "files.h"
#include "profile.h"

#define DEFAULT_PATH ".alibabacloud/credentials"
#define PATH_VARIABLE "ALIBABA_CLOUD_CREDENTIALS_FILE"

struct ini {
    const char *path;
    struct cp_secret text;
};

/* A part of a line. */
struct part {
    const char *at;
    size_t len;
};

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static struct part trim(struct part part) {
    while (part.len > 0 && is_blank(part.at[0])) {
        part.at++;
        part.len--;
    }
    while (part.len > 0 && is_blank(part.at[part.len - 1]))
        part.len--;
    return part;
}

static bool is_text(struct part part, const char *text) {
    return strlen(text) == part.len && memcmp(part.at, text, part.len) == 0;
}

/* Without quotes, or without the comment behind it. */
static struct part take_value(struct part value) {
    value = trim(value);
    if (value.len >= 2 && (value.at[0] == '"' || value.at[0] == '\'')) {
        const char *end = memchr(value.at + 1, value.at[0], value.len - 1);
        if (end != NULL)
            return (struct part){value.at + 1, (size_t)(end - value.at) - 1};
    }
    for (size_t i = 1; i < value.len; i++)
        if ((value.at[i] == '#' || value.at[i] == ';') && is_blank(value.at[i - 1])) {
            value.len = i;
            return trim(value);
        }
    return value;
}

static enum cp_status fail_line(const struct ini *ini, size_t line, const char *why,
                                struct cp_error *err) {
    return cp_fail(err, CP_ERR_USAGE, "%.200s:%zu: %s", ini->path, line, why);
}

static enum cp_status store(struct esa_profile *out, const struct ini *ini, size_t line,
                            struct part name, struct part value, struct cp_error *err) {
    for (unsigned i = 0; i < ESA_NUM_PROFILE_FIELDS; i++) {
        const char *field = esa_profile_field_name(ESA_PROFILE_INI, i);
        if (field == NULL || !is_text(name, field))
            continue;
        if (out->value[i] != NULL)
            return fail_line(ini, line, "it is there twice", err);
        if (memchr(value.at, '\0', value.len) != NULL)
            return fail_line(ini, line, "has a NUL byte in it", err);
        out->value[i] = (const char *)out->text.data + out->text.len;
        enum cp_status status = cp_secret_append(&out->text, value.at, value.len, err);
        return status == CP_OK ? cp_secret_append(&out->text, "", 1, err) : status;
    }
    return CP_OK; /* others' */
}

/* One line; *is_mine says whether it stands in the section that is looked for. */
static enum cp_status read_line(struct esa_profile *out, size_t *num_sections, bool *is_mine,
                                const struct ini *ini, size_t number, struct part line,
                                struct cp_error *err) {
    line = trim(line);
    if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
        return CP_OK;
    if (line.at[0] == '[') {
        const char *end = memchr(line.at, ']', line.len);
        if (end == NULL)
            return fail_line(ini, number, "want [SECTION]", err);
        *is_mine =
            is_text(trim((struct part){line.at + 1, (size_t)(end - line.at) - 1}), out->name);
        if (*is_mine && ++*num_sections > 1)
            return fail_line(ini, number, "the section is there twice", err);
        return CP_OK;
    }
    size_t name_len = 0;
    while (name_len < line.len && line.at[name_len] != '=' && line.at[name_len] != ':')
        name_len++;
    if (name_len == line.len)
        return fail_line(ini, number, "want NAME = VALUE, [SECTION] or a comment", err);
    if (!*is_mine)
        return CP_OK;
    return store(out, ini, number, trim((struct part){line.at, name_len}),
                 take_value((struct part){line.at + name_len + 1, line.len - name_len - 1}), err);
}

static enum cp_status find(struct esa_profile *out, bool *found, void *context, const char *name,
                           struct cp_error *err) {
    const struct ini *ini = context;
    const char *at = (const char *)ini->text.data, *end = at + ini->text.len;
    size_t num_sections = 0, number = 0, len = strnlen(name, ESA_PROFILE_NAME_MAX + 1);
    bool is_mine = false;
    *found = false;
    if (len > ESA_PROFILE_NAME_MAX)
        return cp_fail(err, CP_ERR_USAGE, "a profile's name is over %zu bytes",
                       ESA_PROFILE_NAME_MAX);
    memcpy(out->name, name, len + 1);
    if (end - at >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        at += 3;
    /* A value's NUL takes the place of its line's "=". */
    enum cp_status status = cp_secret_init(&out->text, ini->text.len + 1, err);
    while (status == CP_OK && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop == NULL ? end : stop;
        status = read_line(out, &num_sections, &is_mine, ini, ++number,
                           (struct part){at, (size_t)(stop - at)}, err);
        at = stop + (stop < end);
    }
    *found = status == CP_OK && num_sections == 1;
    return status;
}

enum cp_status esa_provider_ini(struct esa_credential *out, struct esa_provider_answer *answer,
                                const struct esa_chain *chain, struct cp_error *err) {
    const char *name = esa_profile_asked_for(chain);
    bool is_asked_for = name != NULL, found = false;
    char home[ESA_PATH_MAX];
    struct ini ini = {.path = esa_chain_get(chain, PATH_VARIABLE)};
    if (!is_asked_for)
        name = "default";
    enum cp_status status = CP_OK;
    if (ini.path[0] == '\0')
        ini.path = esa_file_at_home(home, chain, DEFAULT_PATH) ? home : NULL;
    if (ini.path != NULL)
        status =
            esa_file_read(&ini.text, &found, ini.path, ESA_FILE_PRIVATE, ESA_PROFILE_FILE_MAX, err);
    if (ini.path == NULL)
        esa_answer(answer, ESA_PROVIDER_ABSENT, "neither " PATH_VARIABLE " nor HOME is set");
    else if (!found)
        esa_answer(answer, ESA_PROVIDER_ABSENT, "%.150s: there is no such file", ini.path);
    if (status == CP_OK && found) {
        const struct esa_profile_file file = {.form = ESA_PROFILE_INI,
                                              .path = ini.path,
                                              .find = find,
                                              .context = &ini,
                                              .chain = chain};
        status = esa_profile_provide(out, answer, &found, &file, name, err);
        if (status == CP_OK && !found)
            esa_answer(answer, ESA_PROVIDER_ABSENT, "%.150s: has no section [%.64s]", ini.path,
                       name);
    }
    cp_secret_cleanup(&ini.text);
    /* Somebody named it: to go on with another identity would be wrong. */
    if (status == CP_OK && !found && is_asked_for)
        return cp_fail(err, CP_ERR_USAGE, "no file has the profile '%.64s', which %s asks for",
                       name, chain->profile != NULL ? "--profile" : "ALIBABA_CLOUD_PROFILE");
    return status;
}
