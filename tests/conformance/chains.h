/* chains: certificates under two roots, made at random with random defects. TEST ONLY. */
#ifndef CP_CHAINS_H
#define CP_CHAINS_H

#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>

#define CHAINS_CLOCK_S 1780272000 /* 2026-06-01 */
#define CHAINS_MAX_CERTS 16

/* What a set has in it that the two sides are known to see differently. */
enum {
    CHAINS_ANY_EKU = 1 << 0,    /* anyExtendedKeyUsage without serverAuth */
    CHAINS_WRONG_AKI = 1 << 1,  /* a key identifier that the issuer does not have */
    CHAINS_NO_BC = 1 << 2,      /* a CA without basicConstraints, with keyCertSign */
    CHAINS_LEAF_SIGNS = 1 << 3, /* a leaf with keyCertSign that is no CA */
    CHAINS_LEAF_CA = 1 << 4,    /* a leaf that is a CA */
    CHAINS_DOT = 1 << 5,        /* a dNSName constraint that begins with a dot */
    CHAINS_WILDCARD = 1 << 6,   /* a wildcard over a name that is excluded */
    CHAINS_NO_DNS =
        1 << 7, /* a leaf without dNSName, with a common name, and dNSName constraints */
    CHAINS_NAME_TWICE = 1 << 8,      /* CAs of one name and several keys, without key identifiers */
    CHAINS_UNSEEN_POLICIES = 1 << 9, /* bad mappings or inhibitAnyPolicy, no certificatePolicies */
    CHAINS_LAST_SECOND = 1 << 10,    /* the clock is at a notAfter */
    CHAINS_NO_POLICY = 1 << 12,      /* an empty certificatePolicies */
    CHAINS_V1 = 1 << 11,             /* a version 1 certificate that is no root */
};

struct chains {
    X509 *certs[CHAINS_MAX_CERTS]; /* the leaf, then the others, shuffled */
    size_t num_certs;
    X509 *anchors[CHAINS_MAX_CERTS];
    size_t num_anchors;
    unsigned features;
    char story[512]; /* the defects, for people */
};

/* Keys are made once. */
bool chains_open(void);
void chains_close(void);
uint64_t chains_random(uint64_t *seed);

bool chains_make(struct chains *out, uint64_t *seed);
void chains_free(struct chains *chains);

#endif
