/* prepare: what is inside prepared material. Internal to prepare.c and output/. */
#ifndef CP_PREPARE_H
#define CP_PREPARE_H

#include "hostname.h"
#include "target.h"

#define CP_MAX_CHANGES 64
#define CP_CHANGE_LEN 240

struct cp_prepared_input {
    char *name; /* escaped */
    char sha256[65];
};

struct cp_prepared {
    const struct cp_target *target;
    enum cp_verdict verdict;
    uint8_t *der;             /* of all certificates, one behind the other */
    struct cp_span *certs;    /* into der: leaf first, then each one's issuer */
    size_t num_certs;         /* one or more */
    struct cp_secret chain;   /* the same as PEM; public, but it shares the writer with the key */
    struct cp_secret key_der; /* in the target's form */
    struct cp_secret key;     /* the same as PEM */
    char (*changes)[CP_CHANGE_LEN];
    size_t num_changes;
    struct cp_hostname *hostnames; /* checked and covered; only their ascii form is kept */
    size_t num_hostnames;
    struct cp_prepared_input *inputs;
    size_t num_inputs;
    char leaf_sha256[65];
};

struct cp_report;
struct cp_bundle_key;

/* How many certificates of the report's path are sent to its target: the root, which clients have,
 * only where the target wants it. */
size_t cp_num_served(const struct cp_report *report);
/* Fills the change log; everything else of *prepared is there. */
void cp_prepare_log(struct cp_prepared *prepared, const struct cp_report *report,
                    const struct cp_bundle_key *key);

#endif
