/* Out of memory at every place: each allocation of a whole run is made to fail in turn.
 *
 * The linker sends the libraries' calls of malloc and its kin, and of mmap (cp_secret), to the
 * __wrap_ functions below (test_alloc.cmake); cJSON and OpenSSL are given functions of the same
 * kind. A run that lost an allocation must end with a status, and give back all it had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cjson/cJSON.h>
#include <cmocka.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>

#include "apiclient/outcome.h"
#include "certprep.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT_S ((int64_t)1780272000) /* 2026-06-01 */

/* ---- allocations that fail ------------------------------------------------------------------- */

enum whose { OURS, CJSON, OPENSSL, NUM_WHOSE };

static struct {
    size_t count;   /* allocations so far in this run */
    size_t fail_at; /* this one fails, counted from 1; 0: none */
    bool and_later; /* and so do all that follow */
    bool failed;
    long live; /* not given back yet */
} pools[NUM_WHOSE];

static bool fails(enum whose whose) {
    size_t n = ++pools[whose].count;
    size_t at = pools[whose].fail_at;
    bool now = at != 0 && (n == at || (pools[whose].and_later && n > at));
    pools[whose].failed |= now;
    return now;
}

static void *counted(enum whose whose, void *memory) {
    pools[whose].live += memory != NULL;
    return memory;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t num, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__real_mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *place, size_t len);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t num, size_t size);
void *__wrap_realloc(void *memory, size_t size);
char *__wrap_strdup(const char *text);
void __wrap_free(void *memory);
void *__wrap_mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *place, size_t len);

void *__wrap_malloc(size_t size) {
    return fails(OURS) ? NULL : counted(OURS, __real_malloc(size));
}

void *__wrap_calloc(size_t num, size_t size) {
    return fails(OURS) ? NULL : counted(OURS, __real_calloc(num, size));
}

void *__wrap_realloc(void *memory, size_t size) {
    if (fails(OURS))
        return NULL;
    pools[OURS].live -= memory != NULL;
    return counted(OURS, __real_realloc(memory, size));
}

char *__wrap_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = fails(OURS) ? NULL : counted(OURS, __real_malloc(size));
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

void __wrap_free(void *memory) {
    pools[OURS].live -= memory != NULL;
    __real_free(memory);
}

void *__wrap_mmap(void *place, size_t len, int protection, int flags, int fd, off_t offset) {
    if (fails(OURS))
        return MAP_FAILED;
    return counted(OURS, __real_mmap(place, len, protection, flags, fd, offset));
}

int __wrap_munmap(void *place, size_t len) {
    pools[OURS].live--;
    return __real_munmap(place, len);
}

static void *cjson_malloc(size_t size) {
    return fails(CJSON) ? NULL : counted(CJSON, __real_malloc(size));
}

static void cjson_free(void *memory) {
    pools[CJSON].live -= memory != NULL;
    __real_free(memory);
}

static void *openssl_malloc(size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return fails(OPENSSL) ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *memory, size_t size, const char *file, int line) {
    (void)file;
    (void)line;
    return fails(OPENSSL) ? NULL : __real_realloc(memory, size);
}

static void openssl_free(void *memory, const char *file, int line) {
    (void)file;
    (void)line;
    __real_free(memory);
}

/* ---- one run: everything from bytes to a described request ----------------------------------- */

struct input {
    struct cp_secret bundle, trust;
    const char *passphrase;
};

struct objects {
    struct cp_trust *trust;
    struct cp_bundle *bundle;
    struct cp_checker *checker;
    struct cp_report *report;
    struct cp_prepared *prepared;
    struct cp_hostname *hostname;
    struct esa_request *request, *update, *get;
    struct esa_client *client;
    struct esa_reply *reply;
    struct esa_http_reply http;
    char *text, *json, *described, *described_json;
};

static enum cp_status check_stage(struct objects *o, const struct input *in, struct cp_error *err) {
    static const char *const hostnames[] = {"shop.acme.example", "b\xc3\xbc"
                                                                 "cher.example"};
    const struct cp_check_options options = {.at_s = AT_S,
                                             .min_days = 14,
                                             .hostnames = hostnames,
                                             .num_hostnames = in->passphrase == NULL ? 1 : 2,
                                             .require_key = true};
    const struct cp_render_options look = {.utf8 = true};
    size_t len = 0;
    enum cp_status status = cp_trust_new(&o->trust, in->trust.data, in->trust.len, "roots", err);
    if (status == CP_OK)
        status = cp_bundle_new(&o->bundle, err);
    if (status == CP_OK && in->passphrase != NULL)
        status = cp_bundle_set_passphrase(o->bundle, (const uint8_t *)in->passphrase,
                                          strlen(in->passphrase), err);
    if (status == CP_OK)
        status = cp_bundle_add(o->bundle, "bundle.pem", CP_ROLE_ANY, in->bundle.data,
                               in->bundle.len, err);
    if (status == CP_OK)
        status = cp_checker_new(&o->checker, o->trust, err);
    if (status == CP_OK)
        status = cp_checker_run(o->checker, &o->report, o->bundle, &options, err);
    if (status == CP_OK)
        status = cp_report_render(o->report, &o->text, &len, "text", &look, err);
    if (status == CP_OK)
        status = cp_report_render(o->report, &o->json, &len, "json", &look, err);
    return status;
}

static enum cp_status send_stage(struct objects *o, struct cp_error *err) {
    const struct esa_client_options options = {.region = "cn-hangzhou"};
    enum cp_status status = cp_prepare(&o->prepared, o->report, err);
    if (status == CP_OK)
        status = cp_hostname_new(&o->hostname, "shop.acme.example", err);
    if (status == CP_OK)
        status = esa_request_new_upload(&o->request, o->hostname, 1, 2, o->prepared, err);
    if (status == CP_OK)
        status = esa_client_new(&o->client, &options, err);
    if (status == CP_OK)
        status = esa_request_describe(o->client, &o->described, NULL, o->request, ESA_DESCRIBE_TEXT,
                                      err);
    if (status == CP_OK)
        status = esa_request_describe(o->client, &o->described_json, NULL, o->request,
                                      ESA_DESCRIBE_JSON, err);
    return status;
}

/* A reply that can't be read whole for want of memory is UNKNOWN; none is taken for less than it
 * says. */
static enum cp_status judge_stage(struct objects *o, struct cp_error *err) {
    static const char body[] =
        "{\"CustomHostnameModel\":{\"HostnameId\":7,\"Hostname\":\"shop.acme.example\",\"SiteId\":"
        "1,"
        "\"SslFlag\":\"o\\u006e\",\"VerifyCode\":\"v\",\"Certificate\":\"-----BEGIN "
        "CERTIFICATE-----\\n"
        "YWJj\\n-----END CERTIFICATE-----\\n\",\"PrivateKey\":\"MIIEfakekeyMIIEfakekey\"}}";
    struct esa_outcome outcome;
    enum cp_status status = esa_request_new_update_from(&o->update, o->request, 7, err);
    if (status == CP_OK)
        status = esa_request_new_get(&o->get, 7, err);
    if (status == CP_OK)
        status = esa_reply_new(&o->reply, err);
    o->http.reach = ESA_REACH_REPLY;
    o->http.status = 200;
    if (status == CP_OK)
        status = cp_secret_init(&o->http.body, sizeof(body), err);
    if (status == CP_OK)
        status = cp_secret_append(&o->http.body, body, sizeof(body) - 1, err);
    if (status != CP_OK)
        return status;
    esa_outcome_judge(&outcome, o->reply, &o->http, o->get, NULL, AT_S);
    if (outcome.result != ESA_ACCEPTED) {
        assert_int_equal(outcome.result, ESA_UNKNOWN);
        return cp_fail(err, CP_ERR_MEMORY, "%s", outcome.reason);
    }
    const struct esa_hostname *hostname = esa_reply_hostname(o->reply, 0);
    assert_string_equal(hostname->ssl_flag, "on");
    assert_string_equal(hostname->verify_code, "v");
    assert_int_equal(strlen(hostname->cert_sha256), 64);
    return CP_OK;
}

static enum cp_status run(const struct input *in, enum cp_verdict *verdict, size_t *num_findings) {
    struct objects o = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    enum cp_status status = check_stage(&o, in, &err);
    *verdict = CP_BLOCKED;
    *num_findings = 0;
    if (o.report != NULL) {
        *verdict = cp_report_verdict(o.report);
        *num_findings = cp_report_num_findings(o.report);
    }
    if (status == CP_OK && *verdict != CP_BLOCKED)
        status = send_stage(&o, &err);
    if (status == CP_OK && *verdict != CP_BLOCKED)
        status = judge_stage(&o, &err);
    assert_int_equal(status, err.status); /* every failure says what it is */
    esa_string_free(o.described_json);
    esa_string_free(o.described);
    esa_http_reply_cleanup(&o.http);
    esa_reply_free(o.reply);
    esa_request_free(o.get);
    esa_request_free(o.update);
    esa_client_free(o.client);
    esa_request_free(o.request);
    cp_hostname_free(o.hostname);
    cp_prepared_free(o.prepared);
    cp_string_free(o.json);
    cp_string_free(o.text);
    cp_report_free(o.report);
    cp_checker_free(o.checker);
    cp_bundle_free(o.bundle);
    cp_trust_free(o.trust);
    return status;
}

/* ---- the sweep ------------------------------------------------------------------------------- */

static const struct {
    const char *file, *passphrase;
    bool blocked;
    const char *reason;
} runs[] = {
    {"good/ec-bundle.pem", NULL, false, "the straight way: EC"},
    {"good/rsa-bundle.pem", NULL, false, "RSA"},
    {"good/ed25519-bundle.pem", NULL, false, "Ed25519"},
    {"bad/order-shuffled.pem", NULL, false, "findings, and changes to log"},
    {"bad/key-of-another-certificate.pem", NULL, true, "findings with notes"},
    {"bad/pem-bad-character.pem", NULL, true, "a defect of the input"},
    {"bad/leaf-expired.pem", NULL, true, "a second search without the clock"},
    {"bad/key-encrypted-dek.pem", "test", true, "decryption; an IDN that is not covered"},
};

static void load(struct input *in, size_t index) {
    char path[512];
    struct cp_error err = {CP_OK, 0, 0, ""};
    static struct cp_secret pass;
    snprintf(path, sizeof(path), "%s/%s", CP_TESTCERTS_DIR, runs[index].file);
    if (cp_secret_read_file(&in->bundle, path, 1 << 20, &err) != CP_OK ||
        cp_secret_read_file(&in->trust, CP_TESTCERTS_DIR "/trust/all.pem", 1 << 20, &err) != CP_OK)
        fail_msg("%s", err.message);
    in->passphrase = NULL;
    if (runs[index].passphrase != NULL) {
        cp_secret_cleanup(&pass);
        assert_int_equal(
            cp_secret_read_file(&pass, CP_TESTCERTS_DIR "/good/passphrase.txt", 1000, &err), CP_OK);
        in->passphrase = strtok((char *)pass.data, "\r\n");
    }
}

static void reset(void) {
    for (int i = 0; i < NUM_WHOSE; i++) {
        pools[i].count = pools[i].fail_at = 0;
        pools[i].and_later = pools[i].failed = false;
    }
}

/* Fails each allocation of one pool in turn until a run needs no more of them. Returns how many. */
static size_t sweep(const struct input *in, enum whose whose, bool and_later, const char *reason,
                    enum cp_verdict want, size_t want_findings) {
    size_t num_harder = 0;
    for (size_t n = 1;; n++) {
        enum cp_verdict verdict;
        size_t num_findings;
        long live_ours = pools[OURS].live, live_cjson = pools[CJSON].live;
        assert_true(n < 100000);
        reset();
        pools[whose].fail_at = n;
        pools[whose].and_later = and_later;
        enum cp_status status = run(in, &verdict, &num_findings);
        bool failed = pools[whose].failed;
        reset();
        if (pools[OURS].live != live_ours || pools[CJSON].live != live_cjson)
            fail_msg("%s: allocation %zu: %ld not given back", reason, n,
                     pools[OURS].live - live_ours + pools[CJSON].live - live_cjson);
        if (!failed) {
            assert_int_equal(status, CP_OK);
            assert_true(num_harder * 20 <= n);
            return n - 1;
        }
        if (whose != OPENSSL && status != CP_ERR_MEMORY)
            fail_msg("%s: allocation %zu: status %s", reason, n, cp_status_text(status));
        /* OpenSSL copes with the loss of some, and of some it does not say that they failed: then
         * the judgement may be harder than it should, but never milder, and that is rare. */
        if (status == CP_OK && verdict < want)
            fail_msg("%s: allocation %zu of OpenSSL: %s", reason, n, cp_verdict_name(verdict));
        num_harder += status == CP_OK && (verdict != want || num_findings != want_findings);
    }
}

static void sweep_all(enum whose whose, bool and_later) {
    for (size_t i = 0; i < COUNT(runs); i++) {
        struct input in = {0};
        enum cp_verdict verdict;
        size_t num_findings;
        load(&in, i);
        reset();
        if (run(&in, &verdict, &num_findings) != CP_OK ||
            (verdict == CP_BLOCKED) != runs[i].blocked)
            fail_msg("%s: %s without a failure", runs[i].file, cp_verdict_name(verdict));
        size_t num = sweep(&in, whose, and_later, runs[i].reason, verdict, num_findings);
        print_message("%s: %zu allocations\n", runs[i].file, num);
        assert_true(num > 5);
        cp_secret_cleanup(&in.bundle);
        cp_secret_cleanup(&in.trust);
    }
}

static void one_of_ours_fails(void **state) {
    (void)state;
    sweep_all(OURS, false);
}

static void ours_run_out(void **state) {
    (void)state;
    sweep_all(OURS, true);
}

static void one_of_cjson_fails(void **state) {
    (void)state;
    sweep_all(CJSON, false);
}

static void one_of_openssl_fails(void **state) {
    (void)state;
    sweep_all(OPENSSL, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_ours_fails),
        cmocka_unit_test(ours_run_out),
        cmocka_unit_test(one_of_cjson_fails),
        cmocka_unit_test(one_of_openssl_fails),
    };
    cJSON_Hooks hooks = {cjson_malloc, cjson_free};
    if (CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
        return 1;
    cJSON_InitHooks(&hooks);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
