/* Runs BetterTLS (Netflix) through the public interface and prints a score for each suite and every
 * deviation.
 *
 *   bettertls BETTERTLS.JSON [--verbose]
 *
 * Exit: 0, 1 for a deviation, 77 if there is no data. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suite.h"

#define MAX_JSON ((size_t)64 * 1024 * 1024)
#define AT_S 1795521600 /* 2026-11-24T12:00:00Z: the day after the certificates were made */

static void append_pem(char *out, const char *base64) {
    strcat(out, "-----BEGIN CERTIFICATE-----\n");
    strcat(out, base64);
    strcat(out, "\n-----END CERTIFICATE-----\n");
}

/* 1 right, 0 wrong. */
static int run_case(const cJSON *test, const char *anchors, const char *suite, bool verbose) {
    const cJSON *certs = cJSON_GetObjectItemCaseSensitive(test, "certificates"), *item;
    const char *expected = cJSON_GetObjectItemCaseSensitive(test, "expected")->valuestring;
    size_t len = 1;
    char why[SUITE_WHY];
    cJSON_ArrayForEach(item, certs) len += strlen(item->valuestring) + 64;
    char *leaf = calloc(1, len), *chain = calloc(1, len);
    if (leaf == NULL || chain == NULL)
        abort();
    cJSON_ArrayForEach(item, certs)
        append_pem(item == certs->child ? leaf : chain, item->valuestring);
    const struct suite_case input = {
        .leaf = leaf,
        .chain = chain,
        .anchors = anchors,
        .hostname = cJSON_GetObjectItemCaseSensitive(test, "hostname")->valuestring,
        .at_s = AT_S};
    bool accepted = suite_accepts(&input, why);
    bool right = accepted == (strcmp(expected, "ACCEPT") == 0);
    if (!right || verbose)
        printf("%s  %s %d  %s%s\n",
               right      ? "right           "
               : accepted ? "wrongly accepted"
                          : "wrongly rejected",
               suite, (int)cJSON_GetObjectItemCaseSensitive(test, "id")->valuedouble, why,
               cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(test, "failureIsWarning"))
                   ? "  (a warning only, says BetterTLS)"
                   : "");
    free(leaf);
    free(chain);
    return right;
}

int main(int argc, char **argv) {
    struct cp_secret text = {0};
    struct cp_error err;
    const cJSON *suite, *test;
    bool verbose = argc > 2 && strcmp(argv[2], "--verbose") == 0;
    int wrong = 0, total = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: bettertls BETTERTLS.JSON [--verbose]\n");
        return 2;
    }
    if (cp_secret_read_file(&text, argv[1], MAX_JSON, &err) != CP_OK) {
        printf("SKIPPED: %s\n", err.message);
        return 77;
    }
    cJSON *root = cJSON_ParseWithLength((const char *)text.data, text.len);
    const cJSON *anchor = cJSON_GetObjectItemCaseSensitive(root, "trustRoot");
    char *anchors = calloc(1, anchor == NULL ? 1 : strlen(anchor->valuestring) + 64);
    if (anchors == NULL || anchor == NULL)
        return 1;
    append_pem(anchors, anchor->valuestring);
    cJSON_ArrayForEach(suite, cJSON_GetObjectItemCaseSensitive(root, "suites")) {
        int right = 0, count = 0;
        cJSON_ArrayForEach(test, suite) {
            right += run_case(test, anchors, suite->string, verbose);
            count++;
        }
        printf("bettertls %s: %d of %d right\n", suite->string, right, count);
        wrong += count - right;
        total += count;
    }
    free(anchors);
    cJSON_Delete(root);
    cp_secret_cleanup(&text);
    return wrong != 0 || total == 0;
}
