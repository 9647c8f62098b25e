/* certprep-esa-emulator: start, the READY line, signals, the summary. */
#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_CLEAN = 0, EXIT_USAGE = 2, EXIT_START = 3 };

static int signal_fds[2] = {-1, -1};

static void on_signal(int number) {
    int saved = errno;
    ssize_t written = write(signal_fds[1], "", 1);
    (void)written; /* a full pipe has woken the reader already */
    (void)number;
    errno = saved;
}

static bool set_up_signals(void) {
    struct sigaction end = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (pipe(signal_fds) != 0 || fcntl(signal_fds[1], F_SETFL, O_NONBLOCK) != 0)
        return false;
    return sigaction(SIGTERM, &end, NULL) == 0 && sigaction(SIGINT, &end, NULL) == 0 &&
           sigaction(SIGPIPE, &ignore, NULL) == 0;
}

static bool announce(const struct esa_emu_server *server, const struct esa_emu_ca *ca) {
    char line[ESA_EMU_PATH_MAX + 128];
    char metadata[64] = "";
    if (server->plain_port != 0)
        (void)snprintf(metadata, sizeof metadata, " METADATA=http://127.0.0.1:%u",
                       (unsigned)server->plain_port);
    int len = snprintf(line, sizeof line, "READY https://127.0.0.1:%u CA=%s%s\n",
                       (unsigned)server->port, ca->path, metadata);
    if (len < 0 || (size_t)len >= sizeof line)
        return false;
    if (server->options->ready_file != NULL &&
        !esa_emu_write_file(server->options->ready_file, line, (size_t)len))
        return false;
    return fputs(line, stdout) >= 0 && fflush(stdout) == 0;
}

static void summarise(struct esa_emu_server *server) {
    (void)fprintf(stderr,
                  "certprep-esa-emulator: %llu requests, %llu created, %llu refused, %llu faults\n",
                  atomic_load(&server->requests), atomic_load(&server->created),
                  atomic_load(&server->refused), atomic_load(&server->faulted));
}

static int run(struct esa_emu_options *options) {
    static struct esa_emu_server server; /* threads that would not end may still look at it */
    struct esa_emu_ca ca = {0};
    const char *reason = "can't set up signals";
    int status = EXIT_START;
    bool all_gone = true;
    if (!set_up_signals())
        goto out;
    reason = esa_emu_ca_init(&ca, options->ca_out);
    if (reason != NULL)
        goto out;
    reason = esa_emu_server_init(&server, options, &ca);
    if (reason == NULL && !announce(&server, &ca))
        reason = "can't write the READY line";
    if (reason == NULL) {
        esa_emu_server_run(&server, signal_fds[0]);
        all_gone = esa_emu_server_stop(&server);
        summarise(&server);
        status = EXIT_CLEAN;
    }
    if (all_gone)
        esa_emu_server_cleanup(&server);
out:
    if (reason != NULL)
        (void)fprintf(stderr, "certprep-esa-emulator: %s\n", reason);
    esa_emu_ca_cleanup(&ca);
    return status;
}

int main(int argc, char **argv) {
    static struct esa_emu_options options;
    int status = EXIT_CLEAN;
    if (!esa_emu_memory_init()) {
        (void)fprintf(stderr, "certprep-esa-emulator: can't take over OpenSSL's memory\n");
        return EXIT_START;
    }
    switch (esa_emu_options_parse(&options, argc, argv)) {
    case ESA_EMU_RUN:
        status = run(&options);
        break;
    case ESA_EMU_DONE:
        break;
    case ESA_EMU_USAGE:
        (void)fprintf(stderr, "Try certprep-esa-emulator --help\n");
        status = EXIT_USAGE;
        break;
    }
    esa_emu_options_cleanup(&options);
    return status;
}
