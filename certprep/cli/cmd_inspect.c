/* certprep inspect: what is in these files, as a tree. Nothing is judged. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "cli.h"
#include "cp_limits.h"

struct inspect_options {
    struct cli_list files;
    const char *passphrase_file, *at, *format, *color;
    bool offsets;
};

/* What one run owns. */
struct inspect {
    const struct inspect_options *options;
    struct cp_bundle *bundle;
    struct cp_unread *unread; /* room for one a file */
    char **messages;          /* of unread, owned */
    size_t num_unread;
};

static const char about[] =
    "Shows what is in each FILE: certificates, keys and other blocks with their places and facts,\n"
    "what could not be read and why; then who issued whom, which key belongs to which "
    "certificate,\n"
    "and what is there twice. '-' is standard input. Nothing is judged, and no byte of a private\n"
    "key is shown.\n\n"
    "Exit codes: 0 all was read, 2 wrong use, 3 a file, or a block of one, could not be read.";

/* One file into the bundle; what keeps it from being read is told, and the others go on. */
static enum cp_status add_file(struct inspect *in, const char *path, struct cp_error *err) {
    struct cp_secret text = {0};
    struct cp_error why = {CP_OK, 0, 0, ""};
    const char *name = cli_is_dash(path) ? "<stdin>" : path;
    enum cp_status status = cp_secret_read_file(&text, path, CP_MAX_FILE_LEN, &why);
    if (status == CP_OK)
        status = cp_bundle_add(in->bundle, name, CP_ROLE_ANY, text.data, text.len, &why);
    cp_secret_cleanup(&text);
    if (status == CP_OK)
        return CP_OK;
    (void)cli_fail(&why);
    char *message = strdup(why.message);
    if (message == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    in->messages[in->num_unread] = message;
    in->unread[in->num_unread++] = (struct cp_unread){.file = name, .message = message};
    return CP_OK;
}

static enum cp_status add_files(struct inspect *in, struct cp_error *err) {
    const struct cli_list *files = &in->options->files;
    int uses = cli_is_dash(in->options->passphrase_file);
    for (size_t i = 0; i < files->num_items; i++)
        uses += cli_is_dash(files->items[i]);
    if (uses > 1)
        return cp_fail(err, CP_ERR_USAGE, "standard input ('-') can be read only once");
    in->unread = calloc(files->num_items, sizeof(*in->unread));
    in->messages = calloc(files->num_items, sizeof(*in->messages));
    if (in->unread == NULL || in->messages == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    enum cp_status status = cp_bundle_new(&in->bundle, err);
    if (status == CP_OK) {
        const struct cli_passphrase passphrase = {.file = in->options->passphrase_file};
        status = cli_passphrase_give(in->bundle, &passphrase, err);
    }
    for (size_t i = 0; status == CP_OK && i < files->num_items; i++)
        status = add_file(in, files->items[i], err);
    return status;
}

static enum cp_status run(struct inspect *in, int *exit_code, struct cp_error *err) {
    const struct inspect_options *o = in->options;
    struct cp_inspect_options options = {.offsets = o->offsets,
                                         .render.utf8 = cli_locale_is_utf8()};
    const char *format = o->format == NULL ? "text" : o->format;
    char *text = NULL;
    size_t len = 0, num_unread = 0;
    enum cp_status status = CP_OK;
    if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0)
        return cp_fail(err, CP_ERR_USAGE, "--format '%.20s': want text or json", format);
    if (!cli_use_color(&options.render.color, o->color, stdout))
        return cp_fail(err, CP_ERR_USAGE, "--color '%.20s': want auto, always or never", o->color);
    if (o->files.num_items == 0)
        return cp_fail(err, CP_ERR_USAGE, "nothing to inspect: name a file, or '-'");
    if (o->at != NULL)
        status = cp_time_parse(&options.at_s, o->at, err);
    else
        options.at_s = (int64_t)time(NULL);
    if (status == CP_OK)
        status = add_files(in, err);
    options.unread = in->unread;
    options.num_unread = in->num_unread;
    if (status == CP_OK)
        status = cp_bundle_inspect(in->bundle, &text, &len, &num_unread, format, &options, err);
    if (status != CP_OK)
        return status;
    *exit_code = cli_write(text, len, num_unread == 0 ? CLI_OK : CLI_UNREADABLE);
    cp_string_free(text);
    return CP_OK;
}

int cli_inspect(int argc, char **argv) {
    struct inspect_options o = {.offsets = false};
    struct inspect in = {.options = &o};
    struct cp_error err = {CP_OK, 0, 0, ""};
    const struct cli_option own[] = {
        {.name = "passphrase-file",
         .kind = CLI_VALUE,
         .argument = "FILE",
         .value = &o.passphrase_file,
         .help = "pass phrase of an encrypted key: its first line"},
        {.name = "at",
         .kind = CLI_VALUE,
         .argument = "TIME",
         .value = &o.at,
         .help = "count days from TIME: YYYY-MM-DD[Thh:mm:ssZ] or @SECONDS (default: now)"},
        {.name = "offsets",
         .kind = CLI_FLAG,
         .flag = &o.offsets,
         .help = "show the DER of certificates and other public blocks by offset"},
        {.name = "format",
         .letter = 'f',
         .kind = CLI_VALUE,
         .argument = "text|json",
         .value = &o.format,
         .help = "form of the output (default: text)"},
        {.name = "color",
         .kind = CLI_VALUE,
         .argument = "auto|always|never",
         .value = &o.color,
         .help = "colour of the text (default: auto)"},
        {.name = NULL},
    };
    const struct cli_option *const tables[] = {own, NULL};
    const struct cli_syntax syntax = {.usage = "certprep inspect [OPTION]... FILE...",
                                      .about = about,
                                      .tables = tables,
                                      .files = &o.files};
    int exit_code = cli_parse(&syntax, argc, argv);
    if (exit_code == -1 && run(&in, &exit_code, &err) != CP_OK)
        exit_code = cli_fail(&err);
    for (size_t i = 0; i < in.num_unread; i++)
        free(in.messages[i]);
    free(in.messages);
    free(in.unread);
    cp_bundle_free(in.bundle);
    cli_list_free(&o.files);
    return exit_code;
}
