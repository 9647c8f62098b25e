/* issue: makes the certificate of a spec with OpenSSL. TEST ONLY. */
#ifndef CP_ISSUE_H
#define CP_ISSUE_H

#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdint.h>

enum { AKI_NONE, AKI_RIGHT, AKI_WRONG };
enum { SIGNATURE_GOOD, SIGNATURE_ALTERED, SIGNATURE_OTHER_KEY };

struct subtree {
    bool excluded;
    int type; /* GEN_... */
    const char *value;
};

struct spec {
    unsigned subject, issuer; /* numbers of names and of keys */
    unsigned key, issuer_key;
    bool no_common_name;
    long version;
    int64_t from_s, to_s;
    int ca;       /* -1: no basicConstraints */
    int path_len; /* -1: none */
    const char *key_usage, *purpose, *san;
    struct subtree subtrees[3];
    size_t num_subtrees;
    bool unknown_critical;
    bool ski;
    int aki;
    int bad_signature;
    const char *policies, *constraints, *inhibit_any;
    const char *mappings; /* "a:FROM,b:TO" */
    size_t bad_policies;  /* which malformed extension; 0: none */
};

/* NULL on failure. */
X509 *issue(const struct spec *spec, long serial);

#endif
