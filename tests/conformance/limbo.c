/* Runs x509-limbo (C2SP) through the public interface and prints a score and every deviation.
 *
 *   limbo LIMBO.JSON [--verbose]
 *
 * A case is accepted if the verdict is not BLOCKED. Each is judged under the profile of its name's
 * first part: see profiles. Each deviation must stand in deviations.def with its reason, and each
 * row there must still be one: the list can neither grow nor rot unseen. The real sites must be
 * accepted as users judge them; what the strict Web PKI profile says of them is printed.
 * Exit: 0, 1 for a difference, 77 if there is no data. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "suite.h"

#define MAX_JSON ((size_t)64 * 1024 * 1024)

static const struct {
    const char *id, *reason;
    bool seen_expected; /* what certprep says: accepted */
} deviations[] = {
#define DEVIATION(id, accepted, reason) {id, reason, accepted},
#include "deviations.def"
#undef DEVIATION
    {NULL, NULL, false},
};

static const char *text_of(const cJSON *object, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

/* "2024-03-01T00:00:00.999+00:00": whole seconds; a fraction is cut, since certificates have none.
 */
static int64_t time_of(const char *text) {
    char head[21] = "";
    int64_t at = 0;
    if (text == NULL)
        return 1767225600; /* 2026-01-01: limbo's certificates last from 1970 to 2969 */
    memcpy(head, text, 19);
    head[19] = 'Z';
    if (cp_time_parse(&at, head, NULL) != CP_OK)
        fprintf(stderr, "time '%s'?\n", text);
    return at;
}

/* All PEM strings of an array in one text; the caller frees it. */
static char *join(const cJSON *array) {
    size_t len = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, array) len += strlen(item->valuestring) + 1;
    char *text = calloc(1, len + 1);
    cJSON_ArrayForEach(item, array) {
        if (text != NULL) {
            strcat(text, item->valuestring);
            strcat(text, "\n");
        }
    }
    return text;
}

/* Those that are not listed are judged as users judge: CP_PROFILE_AUTO. */
static const struct {
    const char *start;
    enum cp_profile profile;
} profiles[] = {
    {"rfc5280::", CP_PROFILE_RFC5280},
    {"pathlen::", CP_PROFILE_RFC5280},
    {"crl::", CP_PROFILE_RFC5280},
    {"webpki::", CP_PROFILE_WEBPKI},
};

static enum cp_profile profile_of(const char *id) {
    for (size_t i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++)
        if (strncmp(id, profiles[i].start, strlen(profiles[i].start)) == 0)
            return profiles[i].profile;
    return CP_PROFILE_AUTO;
}

static bool accepts(const cJSON *test, enum cp_profile profile, char why[SUITE_WHY]) {
    const cJSON *depth = cJSON_GetObjectItemCaseSensitive(test, "max_chain_depth");
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(test, "expected_peer_name");
    const size_t max_intermediates = cJSON_IsNumber(depth) ? (size_t)depth->valuedouble : 0;
    bool is_client = strcmp(text_of(test, "validation_kind"), "CLIENT") == 0;
    char *anchors = join(cJSON_GetObjectItemCaseSensitive(test, "trusted_certs"));
    char *crls = join(cJSON_GetObjectItemCaseSensitive(test, "crls"));
    char *chain = join(cJSON_GetObjectItemCaseSensitive(test, "untrusted_intermediates"));
    const struct suite_case input = {.leaf = text_of(test, "peer_certificate"),
                                     .chain = chain,
                                     .anchors = anchors,
                                     .crls = crls,
                                     .hostname = text_of(name, "value"),
                                     .at_s = time_of(text_of(test, "validation_time")),
                                     .profile = profile,
                                     .purpose = is_client ? CP_PURPOSE_CLIENT : CP_PURPOSE_SERVER,
                                     .max_intermediates =
                                         cJSON_IsNumber(depth) ? &max_intermediates : NULL};
    bool accepted = suite_accepts(&input, why);
    free(crls);
    free(anchors);
    free(chain);
    return accepted;
}

struct score {
    size_t right, wrong_accepts, wrong_rejects, unlisted, online, online_right, online_strict;
    bool seen[sizeof(deviations) / sizeof(deviations[0])];
};

static void run_case(struct score *score, const cJSON *test, bool verbose) {
    const char *id = text_of(test, "id");
    bool expected = strcmp(text_of(test, "expected_result"), "SUCCESS") == 0;
    bool online = strncmp(id, "online::", 8) == 0;
    char why[SUITE_WHY];
    if (online) {
        bool strictly = accepts(test, CP_PROFILE_WEBPKI, why);
        score->online_strict += strictly;
        if (!strictly)
            printf("strictly rejected %s  %s\n", id, why);
    }
    bool accepted = accepts(test, profile_of(id), why);
    score->online += online;
    score->online_right += online && accepted == expected;
    if (accepted == expected) {
        score->right++;
        if (verbose)
            printf("right             %s  %s\n", id, why);
        return;
    }
    size_t row = 0;
    while (deviations[row].id != NULL && strcmp(deviations[row].id, id) != 0)
        row++;
    bool listed = deviations[row].id != NULL && deviations[row].seen_expected == accepted;
    score->seen[row] = listed;
    score->unlisted += !listed;
    if (accepted)
        score->wrong_accepts++;
    else
        score->wrong_rejects++;
    printf("%s  %s  %s%s\n", accepted ? "wrongly accepted" : "wrongly rejected", id, why,
           listed ? "" : "  NOT LISTED in deviations.def");
    if (listed && verbose)
        printf("    %s\n", deviations[row].reason);
}

int main(int argc, char **argv) {
    struct cp_secret text = {0};
    struct cp_error err;
    struct score score = {0};
    const cJSON *test;
    bool verbose = argc > 2 && strcmp(argv[2], "--verbose") == 0;
    if (argc < 2) {
        fprintf(stderr, "usage: limbo LIMBO.JSON [--verbose]\n");
        return 2;
    }
    if (cp_secret_read_file(&text, argv[1], MAX_JSON, &err) != CP_OK) {
        printf("SKIPPED: %s\n", err.message);
        return 77;
    }
    cJSON *root = cJSON_ParseWithLength((const char *)text.data, text.len);
    cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(root, "testcases"))
        run_case(&score, test, verbose);
    cJSON_Delete(root);
    cp_secret_cleanup(&text);
    size_t stale = 0;
    for (size_t i = 0; deviations[i].id != NULL; i++) {
        if (!score.seen[i]) {
            printf("no deviation any more, take it off the list: %s\n", deviations[i].id);
            stale++;
        }
    }
    printf("limbo: %zu right, %zu wrongly accepted, %zu wrongly rejected; real sites %zu of %zu, "
           "by the Web PKI profile %zu\n",
           score.right, score.wrong_accepts, score.wrong_rejects, score.online_right, score.online,
           score.online_strict);
    return score.right == 0 || score.unlisted != 0 || stale != 0 ||
           score.online_right != score.online;
}
