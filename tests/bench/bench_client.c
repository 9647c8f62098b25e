/* Creations against an emulator: how long they take and how much of our CPU.
 *
 *   bench_client PORT CA-FILE NAME NUM CONCURRENCY
 *
 * NUM custom hostnames NAME-0.shop.example ... over esa_multi and esa_task, after one that is not
 * counted (it loads libcurl and the trust store). Prints "WALL_MS CPU_US": the wall time of all,
 * the CPU time of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "apiclient/esa_task.h"
#include "bench.h"

struct job {
    struct esa_request *request;
    struct esa_task *task;
};

static void job_new(struct job *job, const char *name, size_t index) {
    struct cp_hostname *hostname = NULL;
    char text[128];
    (void)snprintf(text, sizeof(text), "%s-%zu.shop.example", name, index);
    BENCH_NEED(cp_hostname_new(&hostname, text, NULL) == CP_OK);
    BENCH_NEED(esa_request_new_free(&job->request, hostname, 1234567890125, 9007199254740993,
                                    NULL) == CP_OK);
    BENCH_NEED(esa_task_new(&job->task, job->request, NULL, NULL) == CP_OK);
    cp_hostname_free(hostname);
}

/* Each must be made by the one request. */
static void job_end(struct job *job) {
    BENCH_NEED(esa_task_result(job->task)->end == ESA_TASK_DONE);
    BENCH_NEED(esa_task_result(job->task)->num_requests == 1);
    esa_task_free(job->task);
    esa_request_free(job->request);
}

static void start(struct esa_multi *multi, struct job *job) {
    const struct esa_request *request = NULL;
    int64_t until_ms = 0;
    BENCH_NEED(esa_task_next(job->task, &request, &until_ms, 0, 0) == ESA_STEP_SEND);
    BENCH_NEED(esa_multi_start(multi, request, job, NULL) == CP_OK);
}

static void run(struct esa_multi *multi, const char *name, size_t num, size_t concurrency) {
    struct job *jobs = calloc(num, sizeof(*jobs));
    size_t started = 0;
    BENCH_NEED(jobs != NULL);
    for (size_t ended = 0; ended < num;) {
        struct esa_multi_result result;
        bool has_result = false;
        while (started < num && esa_multi_num_active(multi) < concurrency) {
            job_new(&jobs[started], name, started);
            start(multi, &jobs[started++]);
        }
        BENCH_NEED(esa_multi_wait(multi, &has_result, &result, 10000, NULL) == CP_OK && has_result);
        struct job *job = result.user;
        esa_task_feed(job->task, result.status, &result.outcome, result.reply, &result.error, 0);
        esa_reply_free(result.reply);
        job_end(job);
        ended++;
    }
    free(jobs);
}

static double cpu_us(void) {
    struct rusage usage;
    BENCH_NEED(getrusage(RUSAGE_SELF, &usage) == 0);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int main(int argc, char **argv) {
    struct esa_credential *credential = NULL;
    struct esa_client *client = NULL;
    struct esa_multi *multi = NULL;
    struct cp_error error = {0};
    char endpoint[64];
    char warm[64];
    if (argc != 6) {
        fprintf(stderr, "usage: bench_client PORT CA-FILE NAME NUM CONCURRENCY\n");
        return 2;
    }
    (void)snprintf(endpoint, sizeof(endpoint), "127.0.0.1:%.5s", argv[1]);
    (void)snprintf(warm, sizeof(warm), "%.40s-warm", argv[3]);
    size_t num = (size_t)strtoul(argv[4], NULL, 10);
    size_t concurrency = (size_t)strtoul(argv[5], NULL, 10);
    BENCH_NEED(num >= 1 && num <= 100000);
    BENCH_NEED(esa_credential_new(&credential, NULL, &error) == CP_OK);
    const struct esa_client_options options = {
        .endpoint = endpoint, .ca_file = argv[2], .credential = credential};
    BENCH_NEED(esa_client_new(&client, &options, &error) == CP_OK);
    BENCH_NEED(esa_multi_new(&multi, client, concurrency, &error) == CP_OK);
    run(multi, warm, 1, 1);
    double cpu = cpu_us();
    uint64_t wall = bench_now_ns();
    run(multi, argv[3], num, concurrency);
    wall = bench_now_ns() - wall;
    double whole = cpu_us();
    printf("%.0f %.0f %.0f\n", (double)wall / 1e6, (whole - cpu) / (double)num,
           whole / (double)num);
    esa_multi_free(multi);
    esa_client_free(client);
    esa_credential_free(credential);
    return 0;
}
