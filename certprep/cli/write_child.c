/* The writing, in a child with a session of its own, so that no single SIGKILL can leave a key
 * under a hidden name: if this process is killed, the child goes on to the end; if the child is
 * killed, this process puts everything back. See write_files.h. */
#define _GNU_SOURCE /* pipe2 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "write_files.h"

struct result {
    enum cp_status status;
    bool created;
    struct cp_error err;
};

_Noreturn static void be_child(int to_parent, struct cli_dir *dir, const struct cli_file *files,
                               size_t num) {
    struct result result = {.err = {CP_OK, 0, 0, ""}};
    (void)setsid();
    for (size_t i = 0; i < num; i++) /* locks are not inherited; as far as RLIMIT_MEMLOCK goes */
        (void)mlock(files[i].data, files[i].len);
    result.status = cli_files_write_here(dir, files, num, &result.err);
    result.created = dir->created;
    ssize_t done;
    do
        done = write(to_parent, &result, sizeof(result));
    while (done < 0 && errno == EINTR);
    _exit(0);
}

/* The result, whole or not at all: it is shorter than PIPE_BUF. */
static bool read_result(int fd, struct result *result) {
    ssize_t got;
    do
        got = read(fd, result, sizeof(*result));
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof(*result);
}

static enum cp_status put_back(struct cli_dir *dir, struct cli_file *files, size_t num,
                               struct cp_error *err) {
    bool recovered = false, all_written = true;
    enum cp_status status = cli_recover(dir, &recovered, err);
    if (status == CP_OK)
        status = cli_files_look(dir, files, num, err);
    for (size_t i = 0; i < num; i++)
        all_written &= files[i].state == CLI_FILE_SAME;
    if (status != CP_OK)
        return status;
    if (!all_written)
        return cp_fail(err, CP_ERR_IO, "%s: the writing was killed; everything is as it was before",
                       dir->path);
    dir->created = false;
    return CP_OK;
}

enum cp_status cli_files_write(struct cli_dir *dir, struct cli_file *files, size_t num,
                               struct cp_error *err) {
    _Static_assert(sizeof(struct result) <= 4096, "PIPE_BUF of Linux");
    struct result result;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return cp_fail(err, CP_ERR_IO, "%s: %s", dir->path, strerror(errno));
    pid_t child = fork();
    if (child == 0)
        be_child(ends[1], dir, files, num);
    (void)close(ends[1]);
    if (child < 0) {
        (void)close(ends[0]);
        return cp_fail(err, CP_ERR_IO, "%s: can't start the writing: %s", dir->path,
                       strerror(errno));
    }
    bool reported = read_result(ends[0], &result);
    (void)close(ends[0]);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (!reported)
        return put_back(dir, files, num, err);
    dir->created = result.created;
    if (result.status != CP_OK && err != NULL)
        *err = result.err;
    return result.status;
}
