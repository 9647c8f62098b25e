/* write_files: a set of small files with secrets, put into a directory together or not at all.
 *
 * What is guaranteed, on a file system with O_TMPFILE (ext4, xfs, btrfs, tmpfs, ...)
 *   - Until the new files are whole and on the disk they have no name: a kill or a crash leaves
 *     nothing behind.
 *   - Then they get their names one after the other, in a few system calls with all signals held
 *     off; a file that is replaced is exchanged with the new one. A failure on the way puts all of
 *     them back. At any moment each name holds a whole old or a whole new file.
 *   - All this is done by a child with a session of its own. A SIGKILL of the program leaves the
 *     child to complete it; a SIGKILL of the child has the program put everything back.
 *   - Only the end of both, or a power cut, can come between these calls. Then DIR has
 *     `.certprep-journal` (names and digests), and where files were replaced `.certprep-NAME` with
 *     what they held (or, for one of them, the new content), mode 0600 as the file itself. The next
 *     run that writes to DIR first puts the old set back, or, if the journal was gone already,
 *     completes the tidying. POSIX can't replace several names at once, or one without a second.
 *   - Without O_TMPFILE new files have the name `.certprep-NAME` from the start.
 * Files that stand there already are replaced only if they are regular files and the caller says
 * so; symbolic links are neither followed nor replaced. One run at a time: the directory is locked.
 */
#ifndef CP_CLI_WRITE_FILES_H
#define CP_CLI_WRITE_FILES_H

#include "certprep.h"

enum cli_file_state {
    CLI_FILE_NEW,       /* there is none of this name */
    CLI_FILE_SAME,      /* it holds this already; it is left alone */
    CLI_FILE_DIFFERENT, /* it holds something else */
};

struct cli_file {
    const char *name; /* in the directory; no slash, no leading dot */
    const uint8_t *data;
    size_t len;
    enum cli_file_state state; /* set by cli_files_look; a caller may set SAME */
    struct cp_secret old;      /* set by cli_files_look: what stands there */
    unsigned old_mode;         /* its permissions; 0 for none */
};

#define CLI_MAX_OLD_FILE ((size_t)8 * 1024 * 1024)

struct cli_dir {
    const char *path; /* borrowed */
    int fd;           /* -1: it does not exist (and is only looked at) */
    bool created;     /* and is taken away again if nothing is written */
    bool recovered;   /* an interrupted run was undone */
};

/* For writing: makes the directory (0700, its parent must exist), locks it, undoes what an
 * interrupted run left. Else it only looks. */
CP_MUST_USE enum cp_status cli_dir_open(struct cli_dir *dir, const char *path, bool for_writing,
                                        struct cp_error *err);
void cli_dir_close(struct cli_dir *dir);

/* Sets state and old. An error for a name that is there and is no regular file. */
CP_MUST_USE enum cp_status cli_files_look(const struct cli_dir *dir, struct cli_file *files,
                                          size_t num, struct cp_error *err);
/* Writes all files that are not CLI_FILE_SAME, with mode 0600, in this order. */
CP_MUST_USE enum cp_status cli_files_write(struct cli_dir *dir, struct cli_file *files, size_t num,
                                           struct cp_error *err);
void cli_files_cleanup(struct cli_file *files, size_t num);

/* ---- between write_child.c, write_files.c and recover_files.c ---- */

/* cli_files_write in this very process. */
CP_MUST_USE enum cp_status cli_files_write_here(struct cli_dir *dir, const struct cli_file *files,
                                                size_t num, struct cp_error *err);

#define CLI_TEMP_PREFIX ".certprep-"
#define CLI_JOURNAL CLI_TEMP_PREFIX "journal"
#define CLI_MAX_NAME 100 /* of a file */
#define CLI_MAX_SET 16   /* files of one set */

/* Undoes an interrupted run, or ends its tidying. *recovered: there was something to do. */
CP_MUST_USE enum cp_status cli_recover(const struct cli_dir *dir, bool *recovered,
                                       struct cp_error *err);
/* Reads a regular file, never through a link. *found false: there is none. */
CP_MUST_USE enum cp_status cli_read_at(const struct cli_dir *dir, const char *name,
                                       struct cp_secret *out, bool *found, unsigned *mode,
                                       struct cp_error *err);
int cli_fsync(int fd);

#endif
