/* Does the cost of reading grow with the size alone? Every mangling of the generator's, and inputs
 * that are made to cost time, from 10 KiB to 1 MiB: nanoseconds a byte of a whole reading (repair,
 * DER, containers), the slope between the sizes, and the peak of memory.
 *
 *   bench_hostile [NAME]...
 *
 * Slope is the exponent by which time grows with the length: 1 is linear. The target is an exponent
 * of at most 1.2 for what takes longer than 10 ms.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "certprep.h"
#include "cp_limits.h"
#include "keys.h"
#include "mangle.h"

static const size_t sizes[] = {10 << 10, 32 << 10, 100 << 10, 320 << 10, 1 << 20};
enum { NUM_SIZES = sizeof(sizes) / sizeof(sizes[0]), NUM_RUNS = 3 };

static struct bench_bundles bundles;

/* Whole bundles, each with another leaf, up to the size: what a customer's large file looks like.
 */
static void many_blocks(struct tc_bytes *out, size_t size) {
    for (size_t i = 0; out->len < size && i < bundles.num; i++)
        tc_put(out, bundles.pem[i], bundles.len[i]);
}

/* One certificate's block with a body of the size: a SEQUENCE of OCTET STRINGs. */
static void one_block(struct tc_bytes *out, size_t size) {
    struct tc_bytes der = {0};
    uint8_t piece[100];
    size_t seq = tc_der_open(&der, 0x30);
    for (unsigned i = 0; der.len * 136 / 100 + 400 < size; i++) {
        for (size_t j = 0; j < sizeof(piece); j++)
            piece[j] = (uint8_t)(i * 31 + j * 7);
        tc_der_put(&der, 0x04, piece, sizeof(piece));
    }
    tc_der_close(&der, seq);
    tc_pem(out, "CERTIFICATE", NULL, &der);
    tc_clear(&der);
}

static void repeat(struct tc_bytes *out, size_t size, const char *text) {
    while (out->len < size)
        tc_puts(out, text);
}

/* DER that nests as deep as it is long. */
static void nested_der(struct tc_bytes *out, size_t size) {
    while (out->len + 5 < size)
        tc_put(out, "\x30\x83\x0f\xff\xff", 5);
}

static void indefinite_ber(struct tc_bytes *out, size_t size) {
    tc_put(out, "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80", 15);
    while (out->len + 2 < size)
        tc_put(out, "\x30\x80", 2);
}

static void zip_names(struct tc_bytes *out, size_t size) {
    while (out->len + 40 < size)
        tc_put(out, "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0a.pem", 35);
}

static const struct {
    const char *name, *text; /* repeated; NULL: make writes it */
    void (*make)(struct tc_bytes *out, size_t size);
} crafted[] = {
    {"dashes", "-", NULL},
    {"begin-lines", "-----BEGIN CERTIFICATE-----\n", NULL},
    {"end-lines", "-----END CERTIFICATE-----\n", NULL},
    {"begin-glued", "-----BEGIN ", NULL},
    {"empty-blocks", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", NULL},
    {"begin-word", "BEGIN", NULL},
    {"padding", "=", NULL},
    {"base64-text", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo", NULL},
    {"spaces", " ", NULL},
    {"line-ends", "\n", NULL},
    {"cr-lf", "\r\n", NULL},
    {"quotes", "\"", NULL},
    {"backslashes", "\\", NULL},
    {"escaped-newlines", "\\\\n", NULL},
    {"percent-nested", "%25252525252525", NULL},
    {"entities-nested", "&amp;amp;amp;", NULL},
    {"unicode-spaces", "\xe2\x80\x8b\xc2\xa0", NULL},
    {"utf8-bom", "\xef\xbb\xbf", NULL},
    {"mail-prefixes", "> > > > ", NULL},
    {"headers", "Proc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,00\n", NULL},
    {"headers-in-block", "-----BEGIN RSA PRIVATE KEY-----\nA: b\n", NULL},
    {"nested-der", NULL, nested_der},
    {"indefinite-ber", NULL, indefinite_ber},
    {"zip-entries", NULL, zip_names},
};

/* CPU time: the slope is to hold on a busy machine, too. */
static uint64_t cpu_ns(void) {
    struct timespec now;
    BENCH_NEED(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A whole reading; what it says does not matter here. */
static double read_ns(const struct tc_bytes *input) {
    double times[NUM_RUNS];
    for (size_t i = 0; i < NUM_RUNS; i++) {
        struct cp_bundle *bundle = NULL;
        uint64_t start = cpu_ns();
        BENCH_NEED(cp_bundle_new(&bundle, NULL) == CP_OK);
        enum cp_status status =
            cp_bundle_add(bundle, "x", CP_ROLE_ANY, input->data, input->len, NULL);
        BENCH_NEED(status != CP_ERR_MEMORY);
        cp_bundle_free(bundle);
        times[i] = (double)(cpu_ns() - start);
    }
    return bench_median(times, NUM_RUNS);
}

/* How much longer a mangling makes a text. */
static double growth_of(const struct tc_mangling *mangling,
                        void (*make)(struct tc_bytes *out, size_t size)) {
    struct tc_bytes text = {0};
    make(&text, sizes[1]);
    double before = (double)text.len;
    mangling->apply(&text);
    double growth = (double)text.len / before;
    tc_clear(&text);
    return growth > 1 ? growth * 1.01 : 1;
}

/* The exponent that fits best: least squares of log time over log length. */
static double slope_of(const double *len, const double *ns, size_t num) {
    double x = 0, y = 0, xx = 0, xy = 0, n = (double)num;
    for (size_t i = 0; i < num; i++) {
        double a = log(len[i]), b = log(ns[i]);
        x += a;
        y += b;
        xx += a * a;
        xy += a * b;
    }
    return (n * xy - x * y) / (n * xx - x * x);
}

static double worst_slope;
static const char *worst_name = "none";

static void measure(const char *name, const char *variant, const struct tc_mangling *mangling,
                    void (*make)(struct tc_bytes *out, size_t size), const char *text) {
    double ns[NUM_SIZES], len[NUM_SIZES];
    double growth = mangling == NULL ? 1 : growth_of(mangling, make);
    size_t num = 0;
    for (size_t i = 0; i < NUM_SIZES; i++) {
        struct tc_bytes input = {0};
        if (text != NULL)
            repeat(&input, sizes[i] - 64, text);
        else
            make(&input, (size_t)((double)sizes[i] / growth) - 2000);
        if (mangling != NULL)
            mangling->apply(&input);
        if (input.len != 0 && input.len <= CP_MAX_FILE_LEN) {
            len[num] = (double)input.len;
            ns[num++] = read_ns(&input);
        }
        tc_clear(&input);
    }
    BENCH_NEED(num >= 2);
    double slope = slope_of(len, ns, num);
    printf("  %-20s %-12s", name, variant);
    for (size_t i = 0; i < num; i++)
        printf(" %8.2f", ns[i] / len[i]);
    printf("   %5.2f  %8.2f ms\n", slope, ns[num - 1] / 1e6);
    if (ns[num - 1] > 10e6 && slope > worst_slope) {
        worst_slope = slope;
        worst_name = name;
    }
}

static bool is_wanted(int argc, char **argv, const char *name) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc < 2;
}

int main(int argc, char **argv) {
    tc_keys_open(CP_TESTCERTS_DIR);
    bench_bundles_make(&bundles, CP_MAX_BLOCKS / 3 - 10, false);
    printf("ns a byte at         10 KiB to 1 MiB; slope; time of the largest\n");
    for (size_t i = 0; i < tc_num_manglings; i++) {
        if (!is_wanted(argc, argv, tc_manglings[i].name))
            continue;
        measure(tc_manglings[i].name, "many blocks", &tc_manglings[i], many_blocks, NULL);
        measure(tc_manglings[i].name, "one block", &tc_manglings[i], one_block, NULL);
    }
    for (size_t i = 0; i < sizeof(crafted) / sizeof(crafted[0]); i++)
        if (is_wanted(argc, argv, crafted[i].name))
            measure(crafted[i].name, "crafted", NULL, crafted[i].make, crafted[i].text);
    printf("steepest of what takes over 10 ms: %.2f (%s); peak memory %ld KiB\n", worst_slope,
           worst_name, bench_peak_kib());
    bench_bundles_free(&bundles);
    return 0;
}
