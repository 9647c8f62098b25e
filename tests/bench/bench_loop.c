/* Whole bundles a second: cp_bundle_add and cp_checker_run, with every check, against a loop of the
 * usual OpenSSL calls. One thread and two, from memory and from files, EC and RSA.
 *
 * The naive loop does: PEM_read_bio_X509 for each certificate, PEM_read_bio_PrivateKey,
 * X509_check_private_key, X509_verify_cert against one shared X509_STORE with the time set, and
 * X509_check_host. Ours does these and all the others (order, consistency, weak keys, ...).
 *
 *   bench_loop [SECONDS per measurement, default 0.4] [ROUNDS, default 7]
 */
#define _GNU_SOURCE /* mkdtemp, asprintf */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"
#include "certprep.h"

#define NUM_BUNDLES 256
#define NUM_FLAT 100000
#define MAX_ROUNDS 101

static struct bench_bundles bundles;
static char *files[NUM_BUNDLES];
static X509_STORE *store;
static struct cp_trust *trust;

/* ---- the naive loop -------------------------------------------------------------------------- */

static void naive_one(BIO *bio) {
    STACK_OF(X509) *chain = sk_X509_new_null();
    X509 *cert, *leaf = NULL;
    BENCH_NEED(chain != NULL);
    while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        if (leaf == NULL)
            leaf = cert;
        else
            BENCH_NEED(sk_X509_push(chain, cert) > 0);
    }
    ERR_clear_error();
    BENCH_NEED(BIO_reset(bio) >= 0); /* 1 for memory, 0 for files */
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    BENCH_NEED(leaf != NULL && key != NULL && ctx != NULL);
    BENCH_NEED(X509_check_private_key(leaf, key) == 1);
    BENCH_NEED(X509_STORE_CTX_init(ctx, store, leaf, chain) == 1);
    X509_STORE_CTX_set_time(ctx, 0, (time_t)BENCH_AT_S);
    BENCH_NEED(X509_verify_cert(ctx) == 1);
    BENCH_NEED(X509_check_host(leaf, BENCH_HOST, 0, 0, NULL) == 1);
    X509_STORE_CTX_free(ctx);
    EVP_PKEY_free(key);
    X509_free(leaf);
    sk_X509_pop_free(chain, X509_free);
    BIO_free(bio);
}

static void naive_step(void *state, size_t i, bool from_files) {
    (void)state;
    BIO *bio = from_files ? BIO_new_file(files[i], "r")
                          : BIO_new_mem_buf(bundles.pem[i], (int)bundles.len[i]);
    BENCH_NEED(bio != NULL);
    naive_one(bio);
}

/* ---- ours ------------------------------------------------------------------------------------ */

static void our_step(void *state, size_t i, bool from_files) {
    static const char *const hostnames[] = {BENCH_HOST};
    const struct cp_check_options options = {.at_s = BENCH_AT_S,
                                             .min_days = 14,
                                             .hostnames = hostnames,
                                             .num_hostnames = 1,
                                             .require_key = true};
    struct cp_checker *checker = state;
    struct cp_bundle *bundle = NULL;
    struct cp_report *report = NULL;
    struct cp_secret text = {0};
    BENCH_NEED(cp_bundle_new(&bundle, NULL) == CP_OK);
    if (from_files) {
        BENCH_NEED(cp_secret_read_file(&text, files[i], 1 << 20, NULL) == CP_OK);
        BENCH_NEED(cp_bundle_add(bundle, files[i], CP_ROLE_ANY, text.data, text.len, NULL) ==
                   CP_OK);
        cp_secret_cleanup(&text);
    } else {
        BENCH_NEED(cp_bundle_add(bundle, "bundle.pem", CP_ROLE_ANY, (const uint8_t *)bundles.pem[i],
                                 bundles.len[i], NULL) == CP_OK);
    }
    BENCH_NEED(cp_checker_run(checker, &report, bundle, &options, NULL) == CP_OK);
    BENCH_NEED(cp_report_verdict(report) == CP_READY);
    cp_report_free(report);
    cp_bundle_free(bundle);
}

/* ---- measuring ------------------------------------------------------------------------------- */

typedef void step_fn(void *state, size_t i, bool from_files);

struct job {
    step_fn *step;
    bool from_files;
    size_t first;
    uint64_t time_ns; /* to run for */
    size_t num_done;
};

static void *work(void *context) {
    struct job *job = context;
    struct cp_checker *checker = NULL;
    if (job->step == our_step) {
        BENCH_NEED(cp_checker_new(&checker, trust, NULL) == CP_OK);
        our_step(checker, job->first,
                 job->from_files); /* the caches fill once in a thread's life */
    }
    uint64_t end = bench_now_ns() + job->time_ns;
    do {
        for (int i = 0; i < 8; i++, job->num_done++)
            job->step(checker, (job->first + job->num_done) % NUM_BUNDLES, job->from_files);
    } while (bench_now_ns() < end);
    cp_checker_free(checker);
    return NULL;
}

/* Bundles a second. */
static double measure(step_fn *step, bool from_files, size_t num_threads, uint64_t time_ns) {
    struct job jobs[2];
    pthread_t threads[2];
    size_t num = 0;
    uint64_t start = bench_now_ns();
    for (size_t i = 0; i < num_threads; i++) {
        jobs[i] = (struct job){step, from_files, i * NUM_BUNDLES / 2, time_ns, 0};
        BENCH_NEED(pthread_create(&threads[i], NULL, work, &jobs[i]) == 0);
    }
    for (size_t i = 0; i < num_threads; i++) {
        BENCH_NEED(pthread_join(threads[i], NULL) == 0);
        num += jobs[i].num_done;
    }
    return (double)num * 1e9 / (double)(bench_now_ns() - start);
}

static const struct {
    const char *name;
    step_fn *step;
    bool from_files;
    size_t num_threads;
} rows[] = {
    {"naive OpenSSL, memory, 1 thread", naive_step, false, 1},
    {"certprep,      memory, 1 thread", our_step, false, 1},
    {"naive OpenSSL, memory, 2 threads", naive_step, false, 2},
    {"certprep,      memory, 2 threads", our_step, false, 2},
    {"naive OpenSSL, files,  1 thread", naive_step, true, 1},
    {"certprep,      files,  1 thread", our_step, true, 1},
    {"naive OpenSSL, files,  2 threads", naive_step, true, 2},
    {"certprep,      files,  2 threads", our_step, true, 2},
};
#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))

static void set_up(const char *folder, bool rsa) {
    bench_bundles_make(&bundles, NUM_BUNDLES, rsa);
    for (size_t i = 0; i < NUM_BUNDLES; i++) {
        BENCH_NEED(asprintf(&files[i], "%s/%zu.pem", folder, i) > 0);
        FILE *file = fopen(files[i], "wb");
        BENCH_NEED(file != NULL &&
                   fwrite(bundles.pem[i], 1, bundles.len[i], file) == bundles.len[i]);
        BENCH_NEED(fclose(file) == 0);
    }
    BIO *bio = BIO_new_mem_buf(bundles.root_pem, (int)bundles.root_len);
    X509 *root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    store = X509_STORE_new();
    BENCH_NEED(root != NULL && store != NULL && X509_STORE_add_cert(store, root) == 1);
    X509_free(root);
    BIO_free(bio);
    BENCH_NEED(cp_trust_new(&trust, (const uint8_t *)bundles.root_pem, bundles.root_len, "root",
                            NULL) == CP_OK);
}

static void tear_down(void) {
    for (size_t i = 0; i < NUM_BUNDLES; i++) {
        (void)unlink(files[i]);
        free(files[i]);
    }
    X509_STORE_free(store);
    cp_trust_free(trust);
    bench_bundles_free(&bundles);
}

/* Peak memory after a tenth of the bundles and after all of them: it must be the same. */
static void prove_flat(void) {
    struct cp_checker *checker = NULL;
    long early = 0;
    BENCH_NEED(cp_checker_new(&checker, trust, NULL) == CP_OK);
    for (size_t i = 0; i < NUM_FLAT; i++) {
        our_step(checker, i % NUM_BUNDLES, false);
        if (i + 1 == NUM_FLAT / 10)
            early = bench_peak_kib();
    }
    cp_checker_free(checker);
    long late = bench_peak_kib();
    printf("  peak memory: %ld KiB after %d bundles, %ld KiB after %d\n", early, NUM_FLAT / 10,
           late, NUM_FLAT);
    BENCH_NEED(late - early < 1024 && late < 64 * 1024);
}

static void run(const char *folder, bool rsa, uint64_t time_ns, size_t num_rounds) {
    static double values[NUM_ROWS][MAX_ROUNDS];
    double median[NUM_ROWS];
    set_up(folder, rsa);
    for (size_t round = 0; round < num_rounds; round++)
        for (size_t i = 0; i < NUM_ROWS; i++)
            values[i][round] =
                measure(rows[i].step, rows[i].from_files, rows[i].num_threads, time_ns);
    printf("%s\n", rsa ? "RSA-2048" : "EC P-256");
    for (size_t i = 0; i < NUM_ROWS; i++) {
        median[i] = bench_median(values[i], num_rounds);
        printf("  %-34s %8.0f bundles/s", rows[i].name, median[i]);
        if (i % 2 == 0)
            printf("\n");
        else
            printf("   %.1fx naive\n", median[i] / median[i - 1]);
    }
    printf("  two threads to one: naive %.2fx, certprep %.2fx (memory), %.2fx (files)\n",
           median[2] / median[0], median[3] / median[1], median[7] / median[5]);
    prove_flat();
    tear_down();
}

int main(int argc, char **argv) {
    char folder[] = "/tmp/certprep-bench-XXXXXX";
    double seconds = argc > 1 ? atof(argv[1]) : 0.4;
    size_t num_rounds = argc > 2 ? (size_t)atoi(argv[2]) : 7;
    BENCH_NEED(seconds > 0 && seconds < 100 && num_rounds >= 1 && num_rounds <= MAX_ROUNDS);
    BENCH_NEED(mkdtemp(folder) != NULL);
    run(folder, false, (uint64_t)(seconds * 1e9), num_rounds);
    run(folder, true, (uint64_t)(seconds * 1e9), num_rounds);
    BENCH_NEED(rmdir(folder) == 0);
    return 0;
}
