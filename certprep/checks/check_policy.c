/* CP09: what a tree of files, such as a repository, should not hold. Only for material from one. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "checks.h"
#include "weakkey/known_keys.h"

#define DIGEST_PREFIX "sha256:"

static const char *without_dot(const char *path) {
    while (path[0] == '.' && path[1] == '/')
        path += 2;
    return path;
}

/* hex is "" where the public half is not known. */
static bool is_allowed(const struct cp_tree_policy *tree, const char *file, const char *hex) {
    size_t prefix = sizeof(DIGEST_PREFIX) - 1;
    for (size_t i = 0; i < tree->num_allowed_keys; i++) {
        const char *allowed = tree->allowed_keys[i];
        if (strcmp(without_dot(allowed), without_dot(file)) == 0 ||
            (hex[0] != '\0' && strncasecmp(allowed, DIGEST_PREFIX, prefix) == 0 &&
             strcasecmp(allowed + prefix, hex) == 0))
            return true;
    }
    return false;
}

static void name_key(struct cp_report *report, const struct cp_bundle_key *key) {
    char hex[65] = "";
    const struct cp_known_key *known = NULL;
    const char *file = report->bundle->sources[key->place.source].name;
    struct cp_finding *finding;
    if (key->key.has_public) {
        cp_hex(hex, key->key.spki_sha256, sizeof(key->key.spki_sha256));
        known = cp_known_key_find(key->key.spki_sha256);
    }
    if (is_allowed(report->tree, file, hex))
        return;
    const char *type = cp_key_algorithm_get(key->key.type)->text;
    if (key->was_encrypted)
        finding = cp_report_add(report, CP_CHECK_ENCRYPTED_KEY_IN_TREE,
                                "an encrypted private key (%s) stands in the tree", type);
    else if (known != NULL)
        finding = cp_report_add(report, CP_CHECK_KEY_IN_TREE,
                                "a private key (%s) stands in the tree; it is public anyway: %s",
                                type, known->text);
    else
        finding = cp_report_add(report, CP_CHECK_KEY_IN_TREE,
                                "a private key (%s) stands in the tree", type);
    cp_report_at(report, finding, &key->place);
    if (hex[0] != '\0')
        cp_report_note(report, finding, "public key SPKI sha256 %s", hex);
}

bool cp_policy_is_key(const struct cp_input_defect *defect) {
    return defect->check == CP_CHECK_KEY_ENCRYPTED || defect->check == CP_CHECK_OPENSSH_KEY ||
           defect->check == CP_CHECK_PUTTY_KEY ||
           (defect->check == CP_CHECK_BLOCK_UNEXPECTED &&
            strstr(defect->message, "PRIVATE KEY") != NULL);
}

/* What could not be opened, or is a key of another program. */
static void name_unread(struct cp_report *report, const struct cp_input_defect *defect) {
    const char *file = report->bundle->sources[defect->place.source].name;
    struct cp_finding *finding;
    if (!cp_policy_is_key(defect) || is_allowed(report->tree, file, ""))
        return;
    if (defect->check == CP_CHECK_KEY_ENCRYPTED)
        finding = cp_report_add(report, CP_CHECK_ENCRYPTED_KEY_IN_TREE,
                                "an encrypted private key stands in the tree");
    else
        finding = cp_report_add(report, CP_CHECK_KEY_IN_TREE,
                                "a private key stands in the tree, in a form of another program");
    cp_report_at(report, finding, &defect->place);
}

static void name_copies(struct cp_report *report) {
    const struct cp_tree_policy *tree = report->tree;
    if (tree->num_copies == 0 || report->leaf == NULL)
        return;
    struct cp_finding *finding =
        cp_report_add(report, CP_CHECK_CERTIFICATE_COPIES,
                      "the certificate stands in %zu more place%s of the tree", tree->num_copies,
                      tree->num_copies == 1 ? "" : "s");
    cp_report_at_cert(report, finding, report->leaf);
    size_t shown = tree->num_copies > CP_MAX_NOTES ? CP_MAX_NOTES - 1 : tree->num_copies;
    for (size_t i = 0; i < shown; i++)
        cp_report_note(report, finding, "also in %s", tree->copies[i]);
    if (shown < tree->num_copies)
        cp_report_note(report, finding, "and in %zu more", tree->num_copies - shown);
}

enum cp_status cp_check_policy(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_bundle *bundle = report->bundle;
    (void)err;
    if (report->tree == NULL)
        return CP_OK;
    for (size_t i = 0; !report->tree->keys_are_named && i < bundle->num_keys; i++)
        name_key(report, &bundle->keys[i]);
    for (size_t i = 0; i < bundle->num_defects; i++)
        name_unread(report, &bundle->defects[i]);
    if (report->leaf == NULL && !report->tree->keys_are_owned)
        for (size_t i = 0; i < bundle->num_keys; i++)
            cp_report_at(report,
                         cp_report_add(report, CP_CHECK_KEY_WITHOUT_CERTIFICATE,
                                       "no certificate of the tree belongs to this private key"),
                         &bundle->keys[i].place);
    if (report->leaf != NULL && bundle->num_keys == 0 &&
        (cp_bundle_unread(bundle) & CP_UNREAD_KEY) == 0)
        cp_report_at_cert(report,
                          cp_report_add(report, CP_CHECK_CERTIFICATE_WITHOUT_KEY,
                                        "no private key of the tree belongs to this certificate"),
                          report->leaf);
    name_copies(report);
    return CP_OK;
}
