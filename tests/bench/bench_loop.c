/* Whole bundles a second: cp_bundle_add and cp_checker_run, with every check, against a loop of the
 * usual OpenSSL calls. One thread and two, from memory and from files, EC and RSA.
 *
 * The naive loop does: PEM_read_bio_X509 for each certificate, PEM_read_bio_PrivateKey,
 * X509_check_private_key, X509_verify_cert against one shared X509_STORE with the time set, and
 * X509_check_host. Ours does these and all the others (order, consistency, weak keys, ...).
 *
 * Peers in other languages that do the same as the naive loop are run in the same rounds: programs
 * named in CERTPREP_BENCH_PEERS, spaces between, each called with the folder of bundles and
 * seconds.
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
#include "checks.h"

#define NUM_BUNDLES 1024 /* four times the keys that a checker remembers */
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

/* What a thread keeps from bundle to bundle. */
struct ours {
    struct cp_checker *checker;
    struct cp_bundle *bundle;
    struct cp_verifier *verifier;
};

static void our_step(void *state, size_t i, bool from_files) {
    static const char *const hostnames[] = {BENCH_HOST};
    const struct cp_check_options options = {.at_s = BENCH_AT_S,
                                             .min_days = 14,
                                             .hostnames = hostnames,
                                             .num_hostnames = 1,
                                             .require_key = true};
    const struct ours *ours = state;
    struct cp_bundle *bundle = ours->bundle;
    struct cp_report *report = NULL;
    struct cp_secret text = {0};
    if (from_files) {
        BENCH_NEED(cp_secret_read_file(&text, files[i], 1 << 20, NULL) == CP_OK);
        BENCH_NEED(cp_bundle_add(bundle, files[i], CP_ROLE_ANY, text.data, text.len, NULL) ==
                   CP_OK);
        cp_secret_cleanup(&text);
    } else {
        BENCH_NEED(cp_bundle_add(bundle, "bundle.pem", CP_ROLE_ANY, (const uint8_t *)bundles.pem[i],
                                 bundles.len[i], NULL) == CP_OK);
    }
    BENCH_NEED(cp_checker_run(ours->checker, &report, bundle, &options, NULL) == CP_OK);
    BENCH_NEED(cp_report_verdict(report) == CP_READY);
    cp_report_free(report);
    cp_bundle_clear(bundle);
}

/* The naive loop's checks alone, by the same library: key, path, time and hostname; and whether the
 * parts of the key belong together, which Go looks at, too. What all the others cost on top of it
 * is in the last line of a run. */
static void basic_step(void *state, size_t i, bool from_files) {
    const struct ours *ours = state;
    struct cp_bundle *bundle = ours->bundle;
    struct cp_selection selection;
    struct cp_path_result path;
    struct cp_hostname hostname;
    const struct cp_cert *pool[4];
    bool covered = false;
    (void)from_files;
    BENCH_NEED(cp_bundle_add(bundle, "bundle.pem", CP_ROLE_ANY, (const uint8_t *)bundles.pem[i],
                             bundles.len[i], NULL) == CP_OK);
    cp_bundle_select(bundle, BENCH_AT_S, &selection);
    BENCH_NEED(selection.key_matches && bundle->num_certs <= 4);
    enum cp_key_defect defect = CP_KEY_BAD_MODULUS;
    BENCH_NEED(cp_key_check_consistency(&bundle->keys[selection.key].key, &defect, NULL) == CP_OK &&
               defect == CP_KEY_CONSISTENT);
    for (size_t j = 0; j < bundle->num_certs; j++)
        pool[j] = &bundle->certs[j].cert;
    const struct cp_cert *leaf = pool[selection.leaf];
    const struct cp_path_query query = {.leaf = leaf,
                                        .pool = pool,
                                        .num_pool = bundle->num_certs,
                                        .trust = trust,
                                        .at_s = BENCH_AT_S};
    BENCH_NEED(cp_path_find(ours->verifier, &path, &query, NULL) == CP_OK && path.valid);
    BENCH_NEED(cp_path_is_in_time(leaf, BENCH_AT_S));
    BENCH_NEED(cp_hostname_init(&hostname, BENCH_HOST, NULL) == CP_OK);
    struct cp_span names = leaf->subject_alt_names;
    struct cp_general_name name;
    while (!covered && cp_general_name_next(&names, &name))
        covered = name.kind == CP_GN_DNS && cp_hostname_matches_dns(&hostname, name.value);
    BENCH_NEED(covered);
    cp_bundle_clear(bundle);
}

static void ours_init(struct ours *ours) {
    BENCH_NEED(cp_verifier_new(&ours->verifier, NULL) == CP_OK);
    BENCH_NEED(cp_checker_new(&ours->checker, trust, NULL) == CP_OK);
    BENCH_NEED(cp_bundle_new(&ours->bundle, NULL) == CP_OK);
}

static void ours_cleanup(struct ours *ours) {
    cp_bundle_free(ours->bundle);
    cp_verifier_free(ours->verifier);
    cp_checker_free(ours->checker);
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
    struct ours ours = {NULL, NULL, NULL};
    if (job->step != naive_step) {
        ours_init(&ours);
        job->step(&ours, job->first, job->from_files); /* the caches fill once in a thread's life */
    }
    uint64_t end = bench_now_ns() + job->time_ns;
    do {
        for (int i = 0; i < 8; i++, job->num_done++)
            job->step(&ours, (job->first + job->num_done) % NUM_BUNDLES, job->from_files);
    } while (bench_now_ns() < end);
    ours_cleanup(&ours);
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
    {"certprep, the naive loop's checks", basic_step, false, 1},
};
#define NUM_ROWS (sizeof(rows) / sizeof(rows[0]))
#define BASIC_ROW (NUM_ROWS - 1)

/* ---- peers ----------------------------------------------------------------------------------- */

#define MAX_PEERS 4

/* Bundles a second, as the program prints it. */
static double measure_peer(const char *peer, const char *folder, uint64_t time_ns) {
    char *command = NULL;
    double rate = 0;
    BENCH_NEED(asprintf(&command, "'%s' '%s' %.3f", peer, folder, (double)time_ns / 1e9) > 0);
    FILE *out = popen(command, "r");
    BENCH_NEED(out != NULL && fscanf(out, "%lf", &rate) == 1);
    BENCH_NEED(pclose(out) == 0 && rate > 0);
    free(command);
    return rate;
}

static size_t list_peers(char *text, char *peers[MAX_PEERS]) {
    size_t num = 0;
    char *rest = NULL;
    for (char *peer = strtok_r(text, " ", &rest); peer != NULL && num < MAX_PEERS;
         peer = strtok_r(NULL, " ", &rest))
        peers[num++] = peer;
    return num;
}

static void run_peers(const char *folder, uint64_t time_ns, size_t num_rounds) {
    static double values[MAX_PEERS][MAX_ROUNDS], all[MAX_ROUNDS], same[MAX_ROUNDS];
    const char *variable = getenv("CERTPREP_BENCH_PEERS");
    char *text = strdup(variable != NULL ? variable : ""), *peers[MAX_PEERS];
    BENCH_NEED(text != NULL);
    size_t num = list_peers(text, peers);
    if (num == 0)
        printf("  SKIPPED: no peers (run.sh builds them where Go and GnuTLS are installed)\n");
    for (size_t round = 0; num != 0 && round < num_rounds; round++) {
        all[round] = measure(our_step, false, 1, time_ns);
        same[round] = measure(basic_step, false, 1, time_ns);
        for (size_t i = 0; i < num; i++)
            values[i][round] = measure_peer(peers[i], folder, time_ns);
    }
    double ours = num != 0 ? bench_median(all, num_rounds) : 0;
    double basic = num != 0 ? bench_median(same, num_rounds) : 0;
    for (size_t i = 0; i < num; i++) {
        double rate = bench_median(values[i], num_rounds);
        const char *slash = strrchr(peers[i], '/');
        printf(
            "  %-34s %8.0f bundles/s   certprep does %.1fx with the same checks, %.1fx with all\n",
            slash != NULL ? slash + 1 : peers[i], rate, basic / rate, ours / rate);
    }
    free(text);
}

static void write_root(const char *folder, bool remove_it) {
    char *path = NULL;
    BENCH_NEED(asprintf(&path, "%s/root.pem", folder) > 0);
    if (remove_it) {
        (void)unlink(path);
    } else {
        FILE *file = fopen(path, "wb");
        BENCH_NEED(file != NULL &&
                   fwrite(bundles.root_pem, 1, bundles.root_len, file) == bundles.root_len);
        BENCH_NEED(fclose(file) == 0);
    }
    free(path);
}

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
    struct ours ours;
    long early = 0;
    ours_init(&ours);
    for (size_t i = 0; i < NUM_FLAT; i++) {
        our_step(&ours, i % NUM_BUNDLES, false);
        if (i + 1 == NUM_FLAT / 10)
            early = bench_peak_kib();
    }
    ours_cleanup(&ours);
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
        if (i == BASIC_ROW)
            printf("   %.1fx naive; all checks take %.2fx its time\n", median[i] / median[0],
                   median[i] / median[1]);
        else if (i % 2 == 0)
            printf("\n");
        else
            printf("   %.1fx naive\n", median[i] / median[i - 1]);
    }
    printf("  two threads to one: naive %.2fx, certprep %.2fx (memory), %.2fx (files)\n",
           median[2] / median[0], median[3] / median[1], median[7] / median[5]);
    write_root(folder, false);
    run_peers(folder, time_ns, num_rounds);
    write_root(folder, true);
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
