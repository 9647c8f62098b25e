#include "hostnames.h"

#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"

#define MAX_FILE_LEN ((size_t)32 * 1024 * 1024) /* the most names, each as long as one can be */

/* Cuts the comment and the space around it. */
static char *trim(char *line) {
    line[strcspn(line, "#")] = '\0';
    line += strspn(line, " \t\r");
    size_t len = strlen(line);
    while (len > 0 && strchr(" \t\r", line[len - 1]) != NULL)
        line[--len] = '\0';
    return line;
}

static enum cp_status take_line(struct cli_hostnames *h, char *line, size_t number,
                                struct cp_error *err) {
    const char *shown = cli_is_dash(h->file) ? "<stdin>" : h->file;
    struct cp_hostname *hostname = NULL;
    struct cp_error why = {CP_OK, 0, 0, ""};
    line = trim(line);
    if (line[0] == '\0')
        return CP_OK;
    if (h->num_names == CP_MAX_HOSTNAMES)
        return cp_fail(err, CP_ERR_LIMIT, "%s:%zu: more than %d hostnames", shown, number,
                       CP_MAX_HOSTNAMES);
    enum cp_status status = cp_hostname_new(&hostname, line, &why);
    cp_hostname_free(hostname);
    if (status != CP_OK)
        return cp_fail(err, status, "%s:%zu: %s", shown, number, why.message);
    h->names[h->num_names++] = line;
    return CP_OK;
}

enum cp_status cli_hostnames_load(struct cli_hostnames *h, struct cp_check_options *options,
                                  const struct cli_material *material, struct cp_error *err) {
    enum cp_status status;
    if (h->file == NULL)
        return CP_OK;
    if (cli_is_dash(h->file) && cli_material_stdin_uses(material) != 0)
        return cp_fail(err, CP_ERR_USAGE, "standard input ('-') can be read only once");
    status = cp_secret_read_file(&h->text, h->file, MAX_FILE_LEN, err);
    if (status != CP_OK)
        return status;
    char *text = (char *)h->text.data, *end = text + h->text.len; /* a NUL stands there */
    if (memchr(text, '\0', h->text.len) != NULL)
        return cp_fail(err, CP_ERR_INPUT, "%s: a NUL byte: want text", h->file);
    if (h->text.len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
        text += 3;
    h->names = calloc(CP_MAX_HOSTNAMES, sizeof(*h->names));
    if (h->names == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "hostnames: out of memory");
    for (size_t i = 0; i < options->num_hostnames; i++) /* CLI_MAX_LIST is less */
        h->names[h->num_names++] = options->hostnames[i];
    for (size_t number = 1; status == CP_OK && text < end; number++) {
        char *line = text, *newline = memchr(text, '\n', (size_t)(end - text));
        text = newline == NULL ? end : newline + 1;
        if (newline != NULL)
            *newline = '\0';
        status = take_line(h, line, number, err);
    }
    if (status == CP_OK && h->num_names == 0)
        status = cp_fail(err, CP_ERR_INPUT, "%s: no hostname in it", h->file);
    options->hostnames = h->names;
    options->num_hostnames = h->num_names;
    return status;
}

void cli_hostnames_cleanup(struct cli_hostnames *h) {
    free(h->names);
    cp_secret_cleanup(&h->text);
    *h = (struct cli_hostnames){0};
}
