/* Completing a chain: a folder of intermediates, then what the certificates themselves name. */
#include "complete.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "aia.h"
#include "cp_limits.h"
#include "online.h"

#define MAX_FOLDER_FILES 1000
#define MAX_FOLDER_LEN ((size_t)16 * 1024 * 1024) /* all files together */
#define MAX_PATH 4096

void cli_complete_options(struct cli_option table[CLI_NUM_COMPLETE_OPTIONS],
                          struct cli_complete *complete) {
    const struct cli_option rows[CLI_NUM_COMPLETE_OPTIONS] = {
        {.name = "intermediates",
         .kind = CLI_VALUE,
         .argument = "DIR",
         .value = &complete->intermediates,
         .help = "complete the chain from the certificates in its files"},
        {.name = "aia",
         .kind = CLI_FLAG,
         .flag = &complete->aia,
         .help = "fetch missing intermediates over HTTP from where certificates say they are"},
        {.name = "aia-allow-private",
         .kind = CLI_FLAG,
         .flag = &complete->aia_allow_private,
         .help = "with --aia: also from private addresses, and other ports than 80"},
        {.name = "prefer",
         .kind = CLI_VALUE,
         .argument = "shortest|longest-lived|most-compatible",
         .value = &complete->prefer,
         .help = "which path, if there are several (default: the first that holds)"},
        {.name = NULL},
    };
    memcpy(table, rows, sizeof(rows));
}

static enum cp_status parse_prefer(enum cp_preference *out, const char *word,
                                   struct cp_error *err) {
    static const struct {
        const char *word;
        enum cp_preference prefer;
    } rows[] = {{"shortest", CP_PREFER_SHORTEST},
                {"longest-lived", CP_PREFER_LONGEST_LIVED},
                {"most-compatible", CP_PREFER_MOST_COMPATIBLE}};
    *out = CP_PREFER_FIRST;
    if (word == NULL)
        return CP_OK;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].word, word) == 0) {
            *out = rows[i].prefer;
            return CP_OK;
        }
    }
    return cp_fail(err, CP_ERR_USAGE,
                   "--prefer '%.20s': want shortest, longest-lived or most-compatible", word);
}

/* ---- a folder ---- */

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void free_names(char **names, size_t num) {
    for (size_t i = 0; names != NULL && i < num; i++)
        free(names[i]);
    free(names);
}

/* Names in the folder, hidden ones left out, in the order of their bytes: the order of the file
 * system must not decide which path is found. */
static enum cp_status list_folder(char ***out, size_t *num_out, const char *folder,
                                  struct cp_error *err) {
    enum cp_status status = CP_OK;
    const struct dirent *entry = NULL;
    size_t num = 0;
    char **names = NULL;
    DIR *dir = opendir(folder);
    if (dir == NULL)
        return cp_fail(err, CP_ERR_IO, "--intermediates %s: %s", folder, strerror(errno));
    names = calloc(MAX_FOLDER_FILES, sizeof(*names));
    if (names == NULL) {
        status = cp_fail(err, CP_ERR_MEMORY, "out of memory");
        goto out;
    }
    while (errno = 0, (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        if (num == MAX_FOLDER_FILES) {
            status = cp_fail(err, CP_ERR_LIMIT, "--intermediates %s: more than %d files", folder,
                             MAX_FOLDER_FILES);
            goto out;
        }
        names[num] = strdup(entry->d_name);
        if (names[num] == NULL) {
            status = cp_fail(err, CP_ERR_MEMORY, "out of memory");
            goto out;
        }
        num++;
    }
    if (errno != 0) {
        status = cp_fail(err, CP_ERR_IO, "--intermediates %s: %s", folder, strerror(errno));
        goto out;
    }
    qsort(names, num, sizeof(*names), compare_names);
    *out = names;
    *num_out = num;
    names = NULL;
out:
    (void)closedir(dir);
    free_names(names, num);
    return status;
}

/* A file that can't be read is named and passed over. */
static enum cp_status add_file(struct cp_pool *pool, size_t *total_len, const char *path,
                               struct cp_error *err) {
    struct cp_secret text = {0};
    struct cp_error why = {CP_OK, 0, 0, ""};
    struct stat info;
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
        return CP_OK;
    enum cp_status status = cp_secret_read_file(&text, path, CP_MAX_FILE_LEN, &why);
    if (status == CP_ERR_MEMORY) {
        status = cp_fail(err, status, "%s", why.message);
    } else if (status != CP_OK) {
        fprintf(stderr, "certprep: note: %s\n", why.message);
        status = CP_OK;
    } else if (text.len > MAX_FOLDER_LEN - *total_len) {
        status = cp_fail(err, CP_ERR_LIMIT, "%s: the folder's files have more than %zu bytes", path,
                         MAX_FOLDER_LEN);
    } else {
        *total_len += text.len;
        status = cp_pool_add(pool, text.data, text.len, path, NULL, err);
    }
    cp_secret_cleanup(&text);
    return status;
}

static enum cp_status add_folder(struct cp_pool *pool, const char *folder, struct cp_error *err) {
    char **names = NULL;
    size_t num_names = 0, total_len = 0, len = strlen(folder);
    while (len > 1 && folder[len - 1] == '/')
        len--;
    enum cp_status status = list_folder(&names, &num_names, folder, err);
    for (size_t i = 0; status == CP_OK && i < num_names; i++) {
        char path[MAX_PATH];
        int written = snprintf(path, sizeof(path), "%.*s/%s",
                               (int)(len < MAX_PATH ? len : MAX_PATH), folder, names[i]);
        if (written < 0 || (size_t)written >= sizeof(path))
            status = cp_fail(err, CP_ERR_LIMIT, "--intermediates: a path is longer than %d bytes",
                             MAX_PATH - 1);
        else
            status = add_file(pool, &total_len, path, err);
    }
    free_names(names, num_names);
    return status;
}

/* ---- the check ---- */

static enum cp_status fetch_missing(struct cli_material *material, bool allow_private,
                                    const struct cp_check_options *options, struct cp_error *err) {
    struct cli_aia aia = {.allow_private = allow_private};
    enum cp_status status = CP_OK;
    bool added = true;
    while (status == CP_OK && added) {
        status = cli_aia_step(&aia, &added, material->pool, material->report, err);
        if (status == CP_OK && added)
            status = cli_material_judge(material, options, err);
    }
    cli_aia_cleanup(&aia);
    return status;
}

enum cp_status cli_complete_load(struct cli_material *material, const struct cli_complete *complete,
                                 struct cp_check_options *options, struct cp_error *err) {
    enum cp_status status = parse_prefer(&options->prefer, complete->prefer, err);
    if (status == CP_OK)
        status = cli_criteria_load(&material->criteria, options, err);
    if (status == CP_OK && complete->aia_allow_private && !complete->aia)
        status = cp_fail(err, CP_ERR_USAGE, "--aia-allow-private is of use only with --aia");
    if (status == CP_OK && (complete->intermediates != NULL || complete->aia))
        status = cp_pool_new(&material->pool, err);
    if (status == CP_OK && complete->intermediates != NULL)
        status = add_folder(material->pool, complete->intermediates, err);
    options->pool = material->pool;
    return status;
}

enum cp_status cli_complete_judge(struct cli_material *material,
                                  const struct cli_complete *complete,
                                  const struct cp_check_options *options, struct cp_error *err) {
    enum cp_status status = cli_material_check(material, options, err);
    if (status == CP_OK && complete->aia)
        status = fetch_missing(material, complete->aia_allow_private, options, err);
    if (status == CP_OK && material->criteria.online)
        status = cli_online_check(material, options, err);
    return status;
}

enum cp_status cli_complete_check(struct cli_material *material, struct cli_complete *complete,
                                  struct cp_check_options *options, struct cp_error *err) {
    if (cli_material_stdin_uses(material) > 1)
        return cp_fail(err, CP_ERR_USAGE, "standard input ('-') can be read only once");
    enum cp_status status = cli_complete_load(material, complete, options, err);
    return status == CP_OK ? cli_complete_judge(material, complete, options, err) : status;
}
