/* waiver: findings that someone has answered for, until a day.
 *
 *   [waiver]
 *   rule = CP0403
 *   spki = 9f3c...71          SHA-256 of a public key's SubjectPublicKeyInfo; or, or both:
 *   path = sites/old-*.pem   see glob.h; relative to the waivers' file
 *   reason = the vendor's appliance needs the root
 *   expires = 2026-12-01      the last day on which it holds, UTC
 */
#ifndef CP_POLICY_WAIVER_H
#define CP_POLICY_WAIVER_H

#include "policy/lines.h"

#define CP_MAX_WAIVERS 10000
#define CP_MAX_WAIVER_REASON 1000

struct cp_waiver_row {
    struct cp_waiver waiver; /* texts are escaped */
    const struct cp_rule *rule;
    char spki[65]; /* lower case; "": any */
    char *path;    /* NULL: any */
    char *reason, *file;
    bool used;
};

struct cp_waivers {
    struct cp_waiver_row *rows;
    size_t num_rows;
    char *base; /* absolute path of the folder that patterns are relative to; NULL: none */
};

/* Reads them into *waivers, which is zero. CP_ERR_USAGE for what is malformed, incomplete, or
 * waives a rule that can't be. */
CP_MUST_USE enum cp_status cp_waivers_read(struct cp_waivers *waivers, struct cp_span text,
                                           const char *name, const char *base,
                                           cp_nearest_fn *nearest, struct cp_error *err);
void cp_waivers_cleanup(struct cp_waivers *waivers);

bool cp_waiver_is_expired(const struct cp_waiver *waiver, int64_t at_s);

/* One section of the file, checked as it is when it is read: for appending. spki and path may be
 * NULL. */
CP_MUST_USE enum cp_status cp_waiver_write(struct cp_buf *out, const char *rule, const char *spki,
                                           const char *path, const char *reason,
                                           const char *expires, struct cp_error *err);

#endif
