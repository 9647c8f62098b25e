#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

void cli_put(FILE *out, const char *text) {
    bool utf8 = cli_locale_is_utf8();
    for (; *text != '\0'; text++) {
        if (utf8 || (unsigned char)*text < 0x80)
            (void)fputc(*text, out);
        else
            fprintf(out, "\\x%02X", (unsigned)(unsigned char)*text);
    }
}

int cli_fail(const struct cp_error *err) {
    fputs("certprep: ", stderr);
    cli_put(stderr, err->message);
    fputs("\n", stderr);
    if (err->status != CP_OK && cp_status_next_step(err->status)[0] != '\0')
        fprintf(stderr, "  help: %s\n", cp_status_next_step(err->status));
    return err->status == CP_ERR_USAGE     ? CLI_USAGE
           : err->status == CP_ERR_BLOCKED ? CLI_FINDINGS
           : err->status == CP_ERR_REFUSED ? CLI_REFUSED
                                           : CLI_UNREADABLE;
}

bool cli_use_color(bool *use, const char *when, FILE *stream) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    *use = when != NULL && strcmp(when, "always") == 0;
    if (when == NULL || strcmp(when, "auto") == 0)
        *use = (no_color == NULL || no_color[0] == '\0') && isatty(fileno(stream)) == 1 &&
               term != NULL && strcmp(term, "dumb") != 0;
    else if (!*use && strcmp(when, "never") != 0)
        return false;
    return true;
}

bool cli_locale_is_utf8(void) {
    return setlocale(LC_CTYPE, "") != NULL && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int cli_write(const char *text, size_t len, int exit_code) {
    errno = 0;
    if ((len == 0 || fwrite(text, 1, len, stdout) == len) && fflush(stdout) == 0 &&
        ferror(stdout) == 0)
        return exit_code;
    fprintf(stderr, "certprep: standard output: %s\n",
            errno != 0 ? strerror(errno) : "write failed");
    return CLI_UNREADABLE;
}
