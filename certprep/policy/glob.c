#include "policy/glob.h"

#include <stdio.h>
#include <string.h>

/* Which positions of the text the pattern so far may end at: no backtracking, so that a hostile
 * name costs no more than its length times the pattern's. */
static void step(bool *to, const bool *from, const char *text, size_t len, const char *token,
                 size_t token_len) {
    bool any = false; /* of `from`, below j */
    memset(to, 0, len + 1);
    if (token[0] != '*') {
        for (size_t j = 0; j < len; j++)
            to[j + 1] = from[j] && (token[0] == '?' ? text[j] != '/' : text[j] == token[0]);
        return;
    }
    for (size_t j = 0; j <= len; j++) {
        if (token_len == 1)
            to[j] = from[j] || (j > 0 && to[j - 1] && text[j - 1] != '/');
        else if (token_len == 2)
            to[j] = from[j] || (j > 0 && to[j - 1]);
        else
            to[j] = from[j] || (j > 0 && any && text[j - 1] == '/');
        any = any || from[j];
    }
}

static bool match(const char *pattern, const char *text) {
    bool rows[2][CP_MAX_GLOB_PATH + 1];
    size_t len = strlen(text), pattern_len = strlen(pattern);
    unsigned now = 0;
    if (len > CP_MAX_GLOB_PATH || pattern_len > CP_MAX_GLOB)
        return false;
    memset(rows[0], 0, len + 1);
    rows[0][0] = true;
    for (size_t i = 0; i < pattern_len;) {
        size_t token_len = pattern[i] != '*'                                            ? 1
                           : pattern[i + 1] != '*'                                      ? 1
                           : pattern[i + 2] == '/' && (i == 0 || pattern[i - 1] == '/') ? 3
                                                                                        : 2;
        step(rows[1 - now], rows[now], text, len, pattern + i, token_len);
        now = 1 - now;
        i += token_len;
    }
    return rows[now][len];
}

bool cp_glob_match(const char *pattern, const char *path) {
    const char *name = strrchr(path, '/');
    if (strchr(pattern, '/') != NULL)
        return match(pattern, path);
    return match(pattern, name == NULL ? path : name + 1);
}

/* Takes "." and ".." and doubled slashes out of an absolute path. */
static void normalise(char *path) {
    size_t used = 0, i = 0;
    while (path[i] != '\0') {
        while (path[i] == '/')
            i++;
        size_t len = strcspn(path + i, "/");
        if (len == 2 && path[i] == '.' && path[i + 1] == '.') {
            while (used > 0 && path[--used] != '/')
                continue;
        } else if (len != 0 && !(len == 1 && path[i] == '.')) {
            path[used++] = '/';
            memmove(path + used, path + i, len);
            used += len;
        }
        i += len;
    }
    path[used] = '\0';
}

bool cp_glob_match_below(const char *pattern, const char *base, const char *from,
                         const char *path) {
    char whole[CP_MAX_GLOB_PATH + 1], root[CP_MAX_GLOB_PATH + 1];
    int len = 0, root_len = 0;
    if (base == NULL || from == NULL || strchr(pattern, '/') == NULL)
        return cp_glob_match(pattern, path);
    len = path[0] == '/' ? snprintf(whole, sizeof(whole), "%s", path)
                         : snprintf(whole, sizeof(whole), "%s/%s", from, path);
    root_len = snprintf(root, sizeof(root), "%s", base);
    if (len < 0 || (size_t)len >= sizeof(whole) || root_len < 0 || (size_t)root_len >= sizeof(root))
        return false;
    normalise(whole);
    normalise(root);
    if (pattern[0] == '/')
        return match(pattern, whole);
    size_t skip = strlen(root);
    if (strncmp(whole, root, skip) != 0 || whole[skip] != '/')
        return false;
    return cp_glob_match(pattern, whole + skip + 1);
}
