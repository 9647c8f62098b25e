/* The pass phrase: from a file, from a file descriptor, or asked for on the terminal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "cp_limits.h"

#define NUM_SIGNALS 5

static const int signals[NUM_SIGNALS] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP};
static volatile sig_atomic_t caught;

static void on_signal(int number) {
    caught = number;
}

/* One line, without its end, octet by octet, so that nothing behind it is taken. name is for
 * messages. */
static enum cp_status read_line(struct cp_secret *out, int fd, const char *name,
                                struct cp_error *err) {
    enum cp_status status = cp_secret_init(out, CP_MAX_PASSPHRASE_LEN, err);
    while (status == CP_OK) {
        /* The octet behind the capacity is there for a NUL: cp_secret_init sees to it. */
        uint8_t *next = out->data + out->len;
        ssize_t got = read(fd, next, 1);
        if (got < 0 && errno == EINTR && caught == 0)
            continue;
        if (got < 0)
            status = cp_fail(err, CP_ERR_IO, "%s: %s", name,
                             errno == EINTR ? "interrupted" : strerror(errno));
        else if (got == 0 || *next == '\n' || *next == '\r')
            break;
        else if (out->len == CP_MAX_PASSPHRASE_LEN)
            status = cp_fail(err, CP_ERR_LIMIT, "%s: larger than the maximum of %d bytes", name,
                             CP_MAX_PASSPHRASE_LEN);
        else
            out->len++;
    }
    return status;
}

static enum cp_status read_fd(struct cp_secret *out, const char *number, struct cp_error *err) {
    char *end = NULL;
    char name[48];
    long fd = strtol(number, &end, 10);
    if (number[0] < '0' || number[0] > '9' || *end != '\0' || fd > 65535)
        return cp_fail(err, CP_ERR_USAGE, "--passphrase-fd '%.20s': want a file descriptor",
                       number);
    snprintf(name, sizeof(name), "--passphrase-fd %ld", fd);
    return read_line(out, (int)fd, name, err);
}

static bool write_all(int fd, const char *text) {
    size_t len = strlen(text);
    return write(fd, text, len) == (ssize_t)len;
}

/* With echo off; a signal meanwhile gets its due once the terminal is as it was. */
static enum cp_status ask(struct cp_secret *out, struct cp_error *err) {
    static const char name[] = "/dev/tty";
    struct sigaction action = {.sa_handler = on_signal}, old[NUM_SIGNALS];
    struct termios before, silent;
    int fd = open(name, O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return cp_fail(err, CP_ERR_IO, "%s: %s; --ask-passphrase needs a terminal", name,
                       strerror(errno));
    enum cp_status status = CP_OK;
    if (tcgetattr(fd, &before) != 0) {
        status = cp_fail(err, CP_ERR_IO, "%s: %s", name, strerror(errno));
        goto out;
    }
    (void)sigemptyset(&action.sa_mask);
    caught = 0;
    for (size_t i = 0; i < NUM_SIGNALS; i++)
        (void)sigaction(signals[i], &action, &old[i]);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    if (tcsetattr(fd, TCSAFLUSH, &silent) != 0 || !write_all(fd, "Pass phrase: "))
        status = cp_fail(err, CP_ERR_IO, "%s: %s", name, strerror(errno));
    else
        status = read_line(out, fd, name, err);
    (void)write_all(fd, "\n");
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    for (size_t i = 0; i < NUM_SIGNALS; i++)
        (void)sigaction(signals[i], &old[i], NULL);
    if (caught != 0) {
        cp_secret_cleanup(out);
        (void)raise(caught);
    }
out:
    (void)close(fd);
    return status;
}

/* The first line, without its end, as other tools take it. */
static enum cp_status read_file(struct cp_secret *out, const char *path, struct cp_error *err) {
    enum cp_status status = cp_secret_read_file(out, path, CP_MAX_PASSPHRASE_LEN, err);
    size_t len = 0;
    if (status != CP_OK)
        return status;
    while (len < out->len && out->data[len] != '\n' && out->data[len] != '\r')
        len++;
    out->len = len;
    return CP_OK;
}

enum cp_status cli_passphrase_give(struct cp_bundle *bundle,
                                   const struct cli_passphrase *passphrase, struct cp_error *err) {
    struct cp_secret text = {0};
    int num = (passphrase->file != NULL) + (passphrase->fd != NULL) + passphrase->ask;
    enum cp_status status;
    if (num == 0)
        return CP_OK;
    if (num > 1)
        return cp_fail(err, CP_ERR_USAGE,
                       "give one of --passphrase-file, --passphrase-fd and --ask-passphrase");
    if (passphrase->file != NULL)
        status = read_file(&text, passphrase->file, err);
    else if (passphrase->fd != NULL)
        status = read_fd(&text, passphrase->fd, err);
    else
        status = ask(&text, err);
    if (status == CP_OK)
        status = cp_bundle_set_passphrase(bundle, text.data, text.len, err);
    cp_secret_cleanup(&text);
    return status;
}
