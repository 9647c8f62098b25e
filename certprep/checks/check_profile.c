/* CP0510 to CP0599: what RFC 5280 and its kin say of a certificate, judged on the certificates of
 * the path: leaf and intermediates, in the strict profiles the root, too. */
#include "checks.h"
#include "profile/profile.h"

enum {
    LEAF = CP_PLACE_LEAF,
    INTERMEDIATE = CP_PLACE_INTERMEDIATE,
    SERVED = CP_PLACE_LEAF | CP_PLACE_INTERMEDIATE,
    CAS = CP_PLACE_INTERMEDIATE | CP_PLACE_ROOT,
    EVERYWHERE = SERVED | CP_PLACE_ROOT,
};
#define ANY (1 << CP_PROFILE_AUTO | 1 << CP_PROFILE_RFC5280 | 1 << CP_PROFILE_WEBPKI)
#define RFC5280 (1 << CP_PROFILE_RFC5280)
#define HAS(extension) (1U << CP_EXT_##extension)
#define CP_EXT_ALWAYS CP_NUM_EXTENSIONS /* a bit that every certificate is given */

static const struct {
    cp_profile_rule *find;
    enum cp_check check;
    uint32_t extension;
    uint8_t places, profiles;
} rules[] = {
#define RULE(check, function, places, profiles, extension)                                         \
    {cp_profile_##function, CP_CHECK_##check, HAS(extension), places, profiles},
#include "profile.def"
#undef RULE
};

static void judge(struct cp_report *report, const struct cp_cert *cert, unsigned place) {
    struct cp_profile_cert facts;
    char why[CP_PROFILE_WHY], label[CP_CERT_LABEL];
    const uint32_t extensions = cert->extensions | HAS(ALWAYS);
    facts.cert = cert;
    facts.place = place;
    cp_profile_scan_name(&facts.subject, cert->subject);
    cp_profile_scan_san(&facts.san, cert);
    cp_profile_scan_aia(&facts.aia, cert);
    cp_profile_scan_crl(&facts.crl, cert);
    cp_profile_scan_policies(&facts.policies, cert);
    cp_der_canonical_cert(&facts.der, cert);
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        if ((rules[i].places & place) == 0 || (rules[i].profiles >> report->profile & 1) == 0 ||
            (extensions & rules[i].extension) == 0 || !rules[i].find(&facts, why))
            continue;
        cp_report_cert_label(label, report, cert);
        cp_report_at_cert(report, cp_report_add(report, rules[i].check, "%s: %s", label, why),
                          cert);
    }
}

/* What makes a certificate unreadable, by its own rule: CP0004 has only the first. */
static void judge_unreadable(struct cp_report *report, const struct cp_input_defect *input) {
    static const enum cp_check checks[CP_NUM_DER_DEFECTS] = {
#define X(name, function, text) [CP_DER_DEFECT_##name] = CP_CHECK_DER_##name,
        CP_DER_DEFECTS(X)
#undef X
    };
    struct cp_der_canonical found;
    cp_der_canonical(&found, input->der);
    for (unsigned i = 0; i < CP_NUM_DER_DEFECTS; i++)
        if ((found.defects >> i & 1) != 0)
            cp_report_at(report,
                         cp_report_add(report, checks[i], "offset %zu: %s", found.offset[i],
                                       cp_der_defect_text((enum cp_der_defect)i)),
                         &input->place);
}

/* An anchor is trusted whoever made it and however: it is judged on demand only. */
enum cp_status cp_check_profile(struct cp_check_context *context, struct cp_error *err) {
    struct cp_report *report = context->report;
    const struct cp_path *path = &report->path.path;
    (void)err;
    for (size_t i = 0; i < report->bundle->num_defects; i++)
        judge_unreadable(report, &report->bundle->defects[i]);
    if (path->num_certs == 0 && report->leaf != NULL)
        judge(report, report->leaf, CP_PLACE_LEAF);
    for (size_t i = 0; i < path->num_certs; i++) {
        const struct cp_cert *cert = path->certs[i];
        bool is_root = i > 0 && cp_path_is_root(path, i);
        if (is_root && report->profile == CP_PROFILE_AUTO)
            continue;
        judge(report, cert,
              i == 0    ? CP_PLACE_LEAF
              : is_root ? CP_PLACE_ROOT
                        : CP_PLACE_INTERMEDIATE);
    }
    return CP_OK;
}
