/* command_split: words of a command line, without a shell. The rules are those of the official CLI
 * on POSIX systems, but that an empty quoted word stays a word. */
#include <string.h>

#include "sources.h"

struct splitter {
    const char *in;
    char *out;
};

/* In "...": false if it stays open. */
static bool take_double(struct splitter *s) {
    while (*s->in != '\0' && *s->in != '"') {
        if (*s->in == '\\' && s->in[1] != '\0' && strchr("\"\\$`\n", s->in[1]) != NULL)
            s->in++;
        *s->out++ = *s->in++;
    }
    return *s->in == '"';
}

static bool take_single(struct splitter *s) {
    while (*s->in != '\0' && *s->in != '\'')
        *s->out++ = *s->in++;
    return *s->in == '\'';
}

/* One word; NULL and *why if it does not end. */
static bool take_word(struct splitter *s, const char **why) {
    while (*s->in != '\0' && strchr(" \t\r\n\v\f", *s->in) == NULL) {
        char c = *s->in++;
        if (c == '"' || c == '\'') {
            if (!(c == '"' ? take_double(s) : take_single(s))) {
                *why = "a quote stays open";
                return false;
            }
            s->in++;
        } else if (c == '\\') {
            if (*s->in == '\0') {
                *why = "a backslash stands at the end";
                return false;
            }
            *s->out++ = *s->in++;
        } else {
            *s->out++ = c;
        }
    }
    *s->out++ = '\0';
    return true;
}

size_t esa_command_split(char *words[ESA_EXTERNAL_MAX_ARGS + 1],
                         char store[ESA_EXTERNAL_MAX_COMMAND + 1], const char *command,
                         const char **why) {
    struct splitter s = {.in = command, .out = store};
    size_t num = 0;
    *why = "it is over 4,096 bytes";
    if (strnlen(command, ESA_EXTERNAL_MAX_COMMAND + 1) > ESA_EXTERNAL_MAX_COMMAND)
        return 0;
    for (;;) {
        s.in += strspn(s.in, " \t\r\n\v\f");
        if (*s.in == '\0')
            break;
        if (num == ESA_EXTERNAL_MAX_ARGS) {
            *why = "it has more than 64 words";
            return 0;
        }
        words[num++] = s.out;
        /* A word is no longer than its text, and its NUL takes the place of the blank. */
        if (!take_word(&s, why))
            return 0;
    }
    words[num] = NULL;
    *why = num == 0 ? "it is empty" : NULL;
    return num;
}
