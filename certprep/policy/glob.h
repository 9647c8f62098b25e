/* glob: names of files by pattern, below the folder that the pattern's file stands in. */
#ifndef CP_POLICY_GLOB_H
#define CP_POLICY_GLOB_H

#include <stdbool.h>

#define CP_MAX_GLOB 200
#define CP_MAX_GLOB_PATH 4096

/* '*' and '?' stand for anything but '/', '**' for '/' too; "**" and a slash also for nothing. A
 * pattern without a slash is that of a file's name, in whatever folder. */
bool cp_glob_match(const char *pattern, const char *path);

/* The same, where folders are taken into account: path is relative to `from`, the pattern to `base`
 * (both absolute; NULL: names are compared as they are). A pattern that begins with '/' is of the
 * absolute path. Names are compared as text: no link is followed. */
bool cp_glob_match_below(const char *pattern, const char *base, const char *from, const char *path);

#endif
