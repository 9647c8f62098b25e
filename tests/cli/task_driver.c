/* usage: task_driver ENDPOINT-PORT CA-FILE LEDGER MODE STEP
 *
 * Carries creations out through a proxy that cuts the connection after a number of bytes, and
 * compares what each task says with what the emulator's ledger says was done.
 *   up      the first STEP, 2 * STEP, ... bytes to the service get through, then a reset
 *   down    the same for the bytes from the service: it has acted, and the reply is cut
 *   multi   two creations over one kept connection, which is cut on the way up
 *   faults  no cut: hostnames faults-1.shop.example to -STEP, whose faults the emulator has by its
 *           script
 *   reply   the same with reply-1.shop.example, each of which must come to be made
 *   kept    the same with kept-1.shop.example, over one kept connection
 *   cancel  cancelled STEP ms after the begin, one time in esa_client_run, one time in a multi; the
 *           emulator hangs after it has acted
 * Prints one line of counts. Exit code 1: a task said what is not true, or made a name twice. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "apiclient/esa_task.h"

/* ---- the proxy ---- */

/* Budgets of the next connection; -1: no cut. Later connections get through. */
static atomic_long budget_up = -1;
static atomic_long budget_down = -1;
static atomic_long passed_up, passed_down; /* of the connection that had the budget */
static in_port_t service_port;

static int open_socket(in_port_t port, bool is_server) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && (is_server ? bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
                                    listen(fd, 64) != 0
                              : connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)) {
        (void)close(fd);
        fd = -1;
    }
    return fd;
}

static void reset(int fd) {
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    (void)close(fd);
}

/* Moves what is there, at most *left bytes (-1: all). False: over. */
static bool pump(int from, int to, long *left, atomic_long *passed) {
    char bytes[16384];
    size_t want = *left >= 0 && *left < (long)sizeof(bytes) ? (size_t)*left : sizeof(bytes);
    ssize_t len = want == 0 ? 0 : recv(from, bytes, want, 0);
    if (len <= 0)
        return false;
    if (*left >= 0)
        *left -= len;
    if (passed != NULL)
        *passed += len;
    for (ssize_t at = 0; at < len;) {
        ssize_t sent = send(to, bytes + at, (size_t)(len - at), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        at += sent;
    }
    return *left != 0;
}

static void *carry(void *argument) {
    int client = *(int *)argument;
    free(argument);
    long up = atomic_exchange(&budget_up, -1);
    long down = atomic_exchange(&budget_down, -1);
    bool is_cut = up >= 0 || down >= 0;
    int service = open_socket(service_port, false);
    bool is_open = service >= 0 && up != 0 && down != 0;
    while (is_open) {
        struct pollfd fds[2] = {{.fd = client, .events = POLLIN},
                                {.fd = service, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (fds[0].revents != 0)
            is_open = pump(client, service, &up, is_cut ? &passed_up : NULL);
        if (is_open && fds[1].revents != 0)
            is_open = pump(service, client, &down, is_cut ? &passed_down : NULL);
    }
    /* What the service was sent stays sent: an orderly end towards it, a reset to the client. */
    if (service >= 0)
        (void)close(service);
    reset(client);
    return NULL;
}

static void *accept_all(void *argument) {
    int server = *(int *)argument;
    for (;;) {
        pthread_t thread;
        int *client = malloc(sizeof(*client));
        if (client == NULL)
            return NULL;
        *client = accept(server, NULL, NULL);
        if (*client < 0 || pthread_create(&thread, NULL, carry, client) != 0) {
            free(client);
            return NULL;
        }
        (void)pthread_detach(thread);
    }
}

/* ---- what was really done ---- */

static unsigned num_created(const char *ledger, const char *hostname) {
    char line[8192];
    char want[300];
    unsigned num = 0;
    FILE *file = fopen(ledger, "r");
    (void)snprintf(want, sizeof(want), "\"hostname\":\"%s\"", hostname);
    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL)
        num += strstr(line, "\"action\":\"CreateCustomHostname\"") != NULL &&
               strstr(line, want) != NULL;
    (void)fclose(file);
    return num;
}

/* ---- one creation ---- */

static int64_t now_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct counts {
    unsigned tasks, bad, ends[ESA_TASK_NOT_SENT + 1], looks;
};

static const struct esa_task_options options = {
    .retry = {.max_attempts = 6,
              .max_requests = 60,
              .base_ms = 2,
              .cap_ms = 20,
              .slow_ms = 10,
              .settle_ms = 20,
              .deadline_ms = 60000},
};

static void die(const char *what, const struct cp_error *error) {
    (void)fprintf(stderr, "task_driver: %s: %s\n", what, error->message);
    exit(3);
}

static void judge(struct counts *counts, const char *ledger, const char *hostname,
                  const struct esa_task *task, bool must_be_done) {
    const struct esa_task_result *result = esa_task_result(task);
    unsigned created = num_created(ledger, hostname);
    bool is_done = result->end == ESA_TASK_DONE || result->end == ESA_TASK_EQUAL;
    bool is_bad =
        created > 1 || (is_done && (created != 1 || result->hostname_id == 0)) ||
        ((result->end == ESA_TASK_REFUSED || result->end == ESA_TASK_NOT_SENT) && created != 0) ||
        (must_be_done && !is_done) || result->end == ESA_TASK_OPEN;
    counts->tasks++;
    counts->ends[result->end]++;
    counts->looks += result->num_requests - result->num_creations;
    if (!is_bad)
        return;
    counts->bad++;
    (void)printf("BAD %s: %s, %u created, %u creations sent: %s\n", hostname,
                 esa_task_end_name(result->end), created, result->num_creations, result->why);
}

static struct esa_task *new_task(struct esa_request **request, const char *hostname_text) {
    struct cp_error error = {0};
    struct cp_hostname *hostname = NULL;
    struct esa_task *task = NULL;
    if (cp_hostname_new(&hostname, hostname_text, &error) != CP_OK ||
        esa_request_new_off(request, hostname, 1234567890125, 9007199254740993, &error) != CP_OK ||
        esa_task_new(&task, *request, &options, &error) != CP_OK)
        die(hostname_text, &error);
    cp_hostname_free(hostname);
    return task;
}

static void create(struct counts *counts, const struct esa_client *client, const char *ledger,
                   const char *hostname, bool must_be_done) {
    struct esa_request *request = NULL;
    struct esa_task *task = new_task(&request, hostname);
    esa_client_run(client, task, NULL, NULL);
    judge(counts, ledger, hostname, task, must_be_done);
    esa_task_free(task);
    esa_request_free(request);
}

/* As esa_client_run, but over a multi's kept connection. */
static void create_by_multi(struct counts *counts, struct esa_multi *multi, const char *ledger,
                            const char *hostname, bool must_be_done) {
    struct esa_request *request = NULL;
    struct esa_task *task = new_task(&request, hostname);
    struct cp_error error = {0};
    for (;;) {
        const struct esa_request *next = NULL;
        int64_t until_ms = 0;
        int64_t begin_ms = now_ms();
        enum esa_step step = esa_task_next(task, &next, &until_ms, begin_ms, 0x80000000);
        if (step == ESA_STEP_END)
            break;
        if (step == ESA_STEP_WAIT) {
            (void)poll(NULL, 0, (int)(until_ms - begin_ms));
            continue;
        }
        struct esa_multi_result result = {0};
        bool has_result = false;
        if (esa_multi_start(multi, next, task, &error) != CP_OK)
            die("start", &error);
        while (!has_result)
            if (esa_multi_wait(multi, &has_result, &result, 1000, &error) != CP_OK)
                die("wait", &error);
        esa_task_feed(task, result.status, &result.outcome, result.reply, &result.error, now_ms());
        esa_reply_free(result.reply);
    }
    judge(counts, ledger, hostname, task, must_be_done);
    esa_task_free(task);
    esa_request_free(request);
}

/* ---- the walks ---- */

static void walk_cuts(struct counts *counts, const struct esa_client *client, const char *ledger,
                      const char *mode, long step) {
    bool is_up = strcmp(mode, "up") == 0;
    bool is_over = false;
    for (long at = step % 7; !is_over; at += step) {
        char hostname[64];
        (void)snprintf(hostname, sizeof(hostname), "%s-%ld.shop.example", mode, at);
        passed_up = 0;
        passed_down = 0;
        (is_up ? (void)(budget_up = at) : (void)(budget_down = at));
        create(counts, client, ledger, hostname, true);
        is_over = (is_up ? passed_up : passed_down) < at; /* it got through whole */
    }
}

static void walk_multi(struct counts *counts, const struct esa_client *client, const char *ledger,
                       long step) {
    struct cp_error error = {0};
    bool is_over = false;
    for (long at = step % 7; !is_over; at += step) {
        struct esa_multi *multi = NULL;
        if (esa_multi_new(&multi, client, 1, &error) != CP_OK)
            die("multi", &error);
        passed_up = 0;
        budget_up = at;
        for (int i = 0; i < 2; i++) {
            char hostname[64];
            (void)snprintf(hostname, sizeof(hostname), "multi-%ld-%d.shop.example", at, i);
            create_by_multi(counts, multi, ledger, hostname, true);
        }
        is_over = passed_up < at;
        esa_multi_free(multi);
    }
}

static void walk_faults(struct counts *counts, const struct esa_client *client, const char *ledger,
                        const char *mode, long num) {
    struct cp_error error = {0};
    struct esa_multi *multi = NULL;
    if (esa_multi_new(&multi, client, 1, &error) != CP_OK)
        die("multi", &error);
    for (long i = 1; i <= num; i++) {
        char hostname[64];
        (void)snprintf(hostname, sizeof(hostname), "%s-%ld.shop.example", mode, i);
        if (strcmp(mode, "kept") == 0)
            create_by_multi(counts, multi, ledger, hostname, false);
        else
            create(counts, client, ledger, hostname, strcmp(mode, "reply") == 0);
    }
    esa_multi_free(multi);
}

/* ---- cancelling ---- */

static int64_t cancel_at_ms;

static bool is_cancelled(void *context) {
    (void)context;
    return cancel_at_ms != 0 && now_ms() >= cancel_at_ms;
}

/* It ends soon, it is UNKNOWN, and nothing more is sent. */
static void cancel_both(struct counts *counts, const struct esa_client *client, const char *ledger,
                        long after_ms) {
    struct cp_error error = {0};
    struct esa_multi *multi = NULL;
    struct esa_request *request = NULL;
    struct esa_multi_result result = {0};
    bool has_result = false;
    cancel_at_ms = now_ms() + after_ms;
    create(counts, client, ledger, "cancel-1.shop.example", false);
    bool is_late = now_ms() > cancel_at_ms + 1000;
    cancel_at_ms = 0;
    struct esa_task *task = new_task(&request, "cancel-2.shop.example");
    if (esa_multi_new(&multi, client, 2, &error) != CP_OK ||
        esa_multi_start(multi, request, task, &error) != CP_OK)
        die("multi", &error);
    cancel_at_ms = now_ms() + after_ms;
    while (!has_result)
        if (esa_multi_wait(multi, &has_result, &result, 5000, &error) != CP_OK)
            die("wait", &error);
    is_late = is_late || now_ms() > cancel_at_ms + 1000;
    esa_multi_free(multi);
    esa_task_free(task);
    esa_request_free(request);
    counts->tasks++;
    counts->ends[ESA_TASK_UNKNOWN]++;
    if (is_late || counts->ends[ESA_TASK_UNKNOWN] != 2 || counts->looks != 0 ||
        result.status != CP_OK || result.outcome.result != ESA_UNKNOWN ||
        strstr(result.outcome.reason, "cancelled") == NULL)
        counts->bad++;
}

int main(int argc, char **argv) {
    struct cp_error error = {0};
    struct esa_credential *credential = NULL;
    struct esa_client *client = NULL;
    struct counts counts = {0};
    struct sockaddr_in address = {0};
    socklen_t len = sizeof(address);
    pthread_t thread;
    char endpoint[64];
    if (argc != 6)
        return 2;
    bool is_cancel = strcmp(argv[4], "cancel") == 0;
    service_port = (in_port_t)strtoul(argv[1], NULL, 10);
    long step = strtol(argv[5], NULL, 10);
    int server = open_socket(0, true);
    if (server < 0 || step < 1 || getsockname(server, (struct sockaddr *)&address, &len) != 0 ||
        pthread_create(&thread, NULL, accept_all, &server) != 0)
        return 3;
    (void)snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    if (esa_credential_new(&credential, NULL, &error) != CP_OK)
        die("credential", &error);
    const struct esa_client_options client_options = {.endpoint = endpoint,
                                                      .credential = credential,
                                                      .ca_file = argv[2],
                                                      .connect_timeout_ms = 3000,
                                                      .total_timeout_ms = is_cancel ? 10000 : 1500,
                                                      .cancel = is_cancelled};
    if (esa_client_new(&client, &client_options, &error) != CP_OK)
        die("client", &error);
    if (strcmp(argv[4], "faults") == 0 || strcmp(argv[4], "kept") == 0 ||
        strcmp(argv[4], "reply") == 0)
        walk_faults(&counts, client, argv[3], argv[4], step);
    else if (is_cancel)
        cancel_both(&counts, client, argv[3], step);
    else if (strcmp(argv[4], "multi") == 0)
        walk_multi(&counts, client, argv[3], step);
    else if (strcmp(argv[4], "up") == 0 || strcmp(argv[4], "down") == 0)
        walk_cuts(&counts, client, argv[3], argv[4], step);
    (void)printf("%s: %u tasks, %u bad;", argv[4], counts.tasks, counts.bad);
    for (int end = 0; end <= ESA_TASK_NOT_SENT; end++)
        if (counts.ends[end] != 0)
            (void)printf(" %u %s", counts.ends[end], esa_task_end_name((enum esa_task_end)end));
    (void)printf("; %u looks\n", counts.looks);
    esa_client_free(client);
    esa_credential_free(credential);
    return counts.bad == 0 && counts.tasks > 1 ? 0 : 1;
}
