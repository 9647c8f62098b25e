/* The script of --faults. Blank lines and what follows a "#" aside, a line is
 *   [ACTION|*] [HOSTGLOB|*] NAME[=ARG][*COUNT]
 *   [ACTION|*] [HOSTGLOB|*] random P% NAME[=ARG]...
 */
#include "faults.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 40, LINES_MAX = 10000 };

/* Splits at blanks, in place. The number of words; one more than fits: too many. */
static size_t split(char *words[WORDS_MAX], char *line) {
    size_t num = 0;
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t\r", &rest); word != NULL;
         word = strtok_r(NULL, " \t\r", &rest)) {
        if (num == WORDS_MAX)
            return num + 1;
        words[num++] = word;
    }
    return num;
}

/* "5%" or "0.25%", in hundredths of a percent. */
static bool parse_percent(unsigned *out, const char *text) {
    int64_t whole = 0, fraction = 0;
    size_t digits = strspn(text, "0123456789"), more = 0;
    const char *rest = text + digits;
    if (!esa_emu_number(&whole, (struct esa_emu_span){text, digits}, 100))
        return false;
    if (*rest == '.') {
        more = strspn(++rest, "0123456789");
        if (more == 0 || more > 2 ||
            !esa_emu_number(&fraction, (struct esa_emu_span){rest, more}, 99))
            return false;
        rest += more;
    }
    *out = (unsigned)(whole * 100 + (more == 1 ? fraction * 10 : fraction));
    return strcmp(rest, "%") == 0 && *out >= 1 && *out <= 10000;
}

/* NULL for "*". False without memory. */
static bool copy_word(char **out, const char *word) {
    *out = NULL;
    if (strcmp(word, "*") == 0)
        return true;
    size_t size = strlen(word) + 1;
    *out = malloc(size);
    if (*out != NULL)
        memcpy(*out, word, size);
    return *out != NULL;
}

static const char *parse_line(struct esa_emu_fault_line *line, char **words, size_t num) {
    size_t at = 0;
    while (at < num && at < 2 && strcmp(words[at], "random") != 0)
        at++;
    bool random = at < num && strcmp(words[at], "random") == 0;
    if (!random && num > 3)
        return "want ACTION HOSTGLOB FAULT";
    /* The fault is the last word; what stands before it says whom it strikes. */
    size_t first = random ? at + 2 : num - 1, num_filters = random ? at : num - 1;
    if (random && (num < first + 1 || !parse_percent(&line->permyriad, words[at + 1])))
        return "want random P% FAULT..., with P from 0.01 to 100";
    if ((num_filters > 0 && !copy_word(&line->action, words[0])) ||
        (num_filters > 1 && !copy_word(&line->host, words[1])))
        return "out of memory";
    line->num = num - first;
    line->faults = calloc(line->num, sizeof *line->faults);
    if (line->faults == NULL)
        return "out of memory";
    for (size_t i = 0; i < line->num; i++) {
        struct esa_emu_fault *fault = &line->faults[i];
        const char *reason = esa_emu_fault_parse(fault, words[first + i]);
        if (reason != NULL)
            return reason;
        if (esa_emu_fault_stage(fault->kind) == ESA_EMU_AT_CONNECTION &&
            (line->action != NULL || line->host != NULL))
            return "a fault of the handshake can't know who will ask: want * *";
    }
    return NULL;
}

static const char *add_line(struct esa_emu_faults *faults, char *text) {
    char *words[WORDS_MAX];
    text[strcspn(text, "#")] = '\0';
    size_t num = split(words, text);
    if (num == 0)
        return NULL;
    if (num > WORDS_MAX || faults->num_lines == LINES_MAX)
        return "too many words or lines";
    struct esa_emu_fault_line *lines =
        realloc(faults->lines, (faults->num_lines + 1) * sizeof(*lines));
    if (lines == NULL)
        return "out of memory";
    faults->lines = lines;
    lines[faults->num_lines] = (struct esa_emu_fault_line){0};
    return parse_line(&lines[faults->num_lines++], words, num);
}

const char *esa_emu_faults_read(struct esa_emu_faults *faults, size_t *line, const char *path) {
    struct esa_emu_buf text = {.max = ESA_EMU_MAX_FILE};
    const char *reason = NULL;
    *line = 0;
    faults->chances = esa_emu_chances_new();
    if (faults->chances == NULL)
        reason = "out of memory";
    else if (!esa_emu_read_file(&text, path))
        reason = "can't read it";
    char *next = reason == NULL ? text.data : NULL;
    while (next != NULL && reason == NULL) {
        char *end = strchr(next, '\n');
        if (end != NULL)
            *end = '\0';
        ++*line;
        reason = add_line(faults, next);
        next = end != NULL ? end + 1 : NULL;
    }
    esa_emu_buf_cleanup(&text);
    return reason;
}
