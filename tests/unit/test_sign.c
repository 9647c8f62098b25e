/* sign: every vector of the official signer, and every request that the official SDK sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "apiclient/canon.h"
#include "apiclient/sign.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define VECTORS CP_SHARED_DIR "/vectors/"

/* NULL if there is no such file; the caller frees. */
static char *read_file(const char *name) {
    char path[512];
    char *text = calloc(1, 65536);
    (void)snprintf(path, sizeof(path), "%s%s", VECTORS, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL || text == NULL) {
        free(text);
        return NULL;
    }
    size_t len = fread(text, 1, 65535, file);
    text[len] = '\0';
    (void)fclose(file);
    return text;
}

static void secret_of(struct cp_secret *out, const char *text) {
    assert_int_equal(cp_secret_init(out, strlen(text) + 1, NULL), CP_OK);
    assert_int_equal(cp_secret_append(out, text, strlen(text), NULL), CP_OK);
}

struct signed_text {
    struct cp_secret canonical;
    char string_to_sign[ESA_STRING_TO_SIGN_LEN + 1];
    char signature[ESA_HEX_LEN + 1];
    char authorization[ESA_MAX_AUTHORIZATION];
};

static void sign(struct signed_text *out, const char *method, const struct esa_pair *query_pairs,
                 size_t num_query, const struct esa_pair *headers, size_t num_headers,
                 const char *body, const char *key_id, const char *key_secret) {
    char names[ESA_MAX_SIGNED_HEADERS];
    char hash[ESA_HEX_LEN + 1];
    struct cp_secret query = {0};
    struct cp_secret secret = {0};
    *out = (struct signed_text){0};
    secret_of(&secret, key_secret);
    assert_int_equal(esa_sign_sha256(hash, body, strlen(body), NULL), CP_OK);
    assert_int_equal(esa_canon_query(&query, query_pairs, num_query, NULL), CP_OK);
    assert_int_equal(
        esa_canon_request(&out->canonical, names, method, &query, headers, num_headers, hash, NULL),
        CP_OK);
    assert_int_equal(esa_sign_string_to_sign(out->string_to_sign, &out->canonical, NULL), CP_OK);
    assert_int_equal(esa_sign_signature(out->signature, &secret, out->string_to_sign, NULL), CP_OK);
    assert_int_equal(
        esa_sign_authorization(out->authorization, key_id, names, out->signature, NULL), CP_OK);
    cp_secret_cleanup(&query);
    cp_secret_cleanup(&secret);
}

static size_t pairs_of(struct esa_pair *pairs, const cJSON *object) {
    size_t num = 0;
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, object) {
        assert_true(num < ESA_MAX_PAIRS);
        pairs[num++] =
            (struct esa_pair){item->string, item->valuestring, strlen(item->valuestring)};
    }
    return num;
}

static const char *text_of(const cJSON *object, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    assert_non_null(text);
    return text;
}

static void test_signature_vectors(void **state) {
    (void)state;
    char *text = read_file("acs3-signature.json");
    if (text == NULL) {
        print_message("SKIPPED: no signature vectors at hand\n");
        skip();
    }
    cJSON *root = cJSON_Parse(text);
    const cJSON *vector = NULL;
    size_t num = 0;
    assert_non_null(root);
    cJSON_ArrayForEach(vector, root) {
        struct esa_pair query[ESA_MAX_PAIRS];
        struct esa_pair headers[ESA_MAX_PAIRS];
        struct signed_text got;
        size_t num_query = pairs_of(query, cJSON_GetObjectItemCaseSensitive(vector, "query"));
        size_t num_headers = pairs_of(headers, cJSON_GetObjectItemCaseSensitive(vector, "headers"));
        sign(&got, text_of(vector, "method"), query, num_query, headers, num_headers,
             text_of(vector, "body"), text_of(vector, "accessKeyId"),
             text_of(vector, "accessKeySecret"));
        assert_string_equal(got.authorization, text_of(vector, "authorization"));
        cp_secret_cleanup(&got.canonical);
        num++;
    }
    assert_true(num >= 7); /* free, uploads in three places, cas, sts, odd characters */
    cJSON_Delete(root);
    free(text);
}

/* ---- whole requests, as the official SDK sent them ---- */

static const struct {
    const char *name, *reason;
} recorded[] = {
    {"free", "a plain create"},
    {"off", "without TLS; a wildcard, which the SDK left unencoded in the target"},
    {"upload", "key and chain in the query, LF and CRLF"},
    {"cas", "CasId and CasRegion"},
    {"empty", "an empty value"},
    {"sts", "a temporary credential"},
    {"bearer", "a bearer token: no Authorization, SignatureType in the query"},
    {"getch", "another operation"},
    {"listch", "more parameters"},
    {"listsites", "GET; JSON in a value"},
    {"setcert", "a form body, sent in chunks"},
};

static int hex_digit(char c) {
    const char *digits = "0123456789ABCDEF";
    const char *found = strchr(digits, c);
    assert_true(c != '\0' && found != NULL);
    return (int)(found - digits);
}

static size_t percent_decode(char *text) {
    size_t len = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '%') {
            text[len++] = (char)(hex_digit(at[1]) * 16 + hex_digit(at[2]));
            at += 2;
        } else {
            text[len++] = *at;
        }
    }
    text[len] = '\0';
    return len;
}

/* Splits "a=b&c=" in place and resolves the escapes. */
static size_t split_query(struct esa_pair *pairs, char *query) {
    size_t num = 0;
    for (char *at = query; at != NULL && *at != '\0';) {
        char *next = strchr(at, '&');
        if (next != NULL)
            *next++ = '\0';
        char *value = strchr(at, '=');
        assert_non_null(value);
        assert_true(num < ESA_MAX_PAIRS);
        *value++ = '\0';
        (void)percent_decode(at);
        size_t value_len = percent_decode(value);
        pairs[num++] = (struct esa_pair){at, value, value_len};
        at = next;
    }
    return num;
}

/* One chunk at most, as recorded. */
static char *undo_chunks(char *body) {
    char *end = NULL;
    unsigned long len = strtoul(body, &end, 16);
    assert_memory_equal(end, "\r\n", 2);
    assert_true(strlen(end + 2) >= len);
    end[2 + len] = '\0';
    return end + 2;
}

struct raw {
    char *method, *query, *body, *authorization;
    struct esa_pair headers[ESA_MAX_PAIRS];
    size_t num_headers;
};

static void parse_raw(struct raw *out, char *text) {
    bool is_chunked = false;
    *out = (struct raw){.method = text, .authorization = NULL};
    char *line = strstr(text, "\r\n");
    assert_non_null(line);
    *line = '\0';
    line += 2;
    char *target = strchr(text, ' ');
    assert_non_null(target);
    *target++ = '\0';
    *strchr(target, ' ') = '\0';
    assert_int_equal(target[0], '/');
    out->query = target[1] == '?' ? target + 2 : target + 1;
    while (strncmp(line, "\r\n", 2) != 0) {
        char *end = strstr(line, "\r\n");
        char *value = strstr(line, ": ");
        assert_true(end != NULL && value != NULL && out->num_headers < ESA_MAX_PAIRS);
        *end = *value = '\0';
        value += 2;
        if (strcmp(line, "Authorization") == 0)
            out->authorization = value;
        is_chunked = is_chunked || strcmp(line, "Transfer-Encoding") == 0;
        out->headers[out->num_headers++] = (struct esa_pair){line, value, strlen(value)};
        line = end + 2;
    }
    out->body = is_chunked ? undo_chunks(line + 2) : line + 2;
}

static void check_recorded(const char *name) {
    char path[128];
    struct raw raw;
    struct signed_text got;
    struct esa_pair query[ESA_MAX_PAIRS];
    static const char *const parts[] = {"raw.http", "canonical.txt", "sts.txt", "signature.txt"};
    char *texts[NUM_OF(parts)];
    for (size_t i = 0; i < NUM_OF(parts); i++) {
        (void)snprintf(path, sizeof(path), "acs3-recorded/%s.%s", name, parts[i]);
        texts[i] = read_file(path);
        assert_non_null(texts[i]);
    }
    texts[3][strcspn(texts[3], "\n")] = '\0';
    parse_raw(&raw, texts[0]);
    size_t num_query = split_query(query, raw.query);
    sign(&got, raw.method, query, num_query, raw.headers, raw.num_headers, raw.body, "testAK",
         "testSK");
    assert_string_equal((const char *)got.canonical.data, texts[1]);
    assert_string_equal(got.string_to_sign, texts[2]);
    if (raw.authorization != NULL) {
        assert_string_equal(got.signature, texts[3]);
        assert_string_equal(got.authorization, raw.authorization);
    } else {
        assert_string_equal(texts[3], ""); /* bearer: nothing is signed */
    }
    cp_secret_cleanup(&got.canonical);
    for (size_t i = 0; i < NUM_OF(parts); i++)
        free(texts[i]);
}

static void test_recorded(void **state) {
    (void)state;
    char *probe = read_file("acs3-recorded/free.raw.http");
    if (probe == NULL) {
        print_message("SKIPPED: no recorded requests at hand\n");
        skip();
    }
    free(probe);
    for (size_t i = 0; i < NUM_OF(recorded); i++) {
        print_message("recorded %s: %s\n", recorded[i].name, recorded[i].reason);
        check_recorded(recorded[i].name);
    }
}

static void test_hmac(void **state) {
    (void)state;
    /* RFC 4231 4.3 (test case 2) */
    char signature[ESA_HEX_LEN + 1];
    struct cp_secret key = {0};
    secret_of(&key, "Jefe");
    assert_int_equal(esa_sign_signature(signature, &key, "what do ya want for nothing?", NULL),
                     CP_OK);
    assert_string_equal(signature,
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    cp_secret_cleanup(&key);
    assert_int_equal(esa_sign_signature(signature, &key, "x", NULL), CP_ERR_USAGE); /* no key */
    assert_string_equal(signature, "");
}

static void test_authorization_limit(void **state) {
    (void)state;
    char out[ESA_MAX_AUTHORIZATION];
    char key_id[2 * ESA_MAX_AUTHORIZATION];
    memset(key_id, 'A', sizeof(key_id) - 1);
    key_id[sizeof(key_id) - 1] = '\0';
    assert_int_equal(esa_sign_authorization(out, key_id, "host", "s", NULL), CP_ERR_LIMIT);
    assert_string_equal(out, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signature_vectors),
        cmocka_unit_test(test_recorded),
        cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_authorization_limit),
    };
    return cmocka_run_group_tests_name("sign", tests, NULL, NULL);
}
