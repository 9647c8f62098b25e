/* known_keys: private keys that everybody has, known by the digest of their public half. */
#ifndef CP_WEAKKEY_KNOWN_KEYS_H
#define CP_WEAKKEY_KNOWN_KEYS_H

#include "../bytes.h"

struct cp_known_key {
    const char *spki_sha256; /* lower-case hex */
    const char *text;        /* "RFC 9500, testRSA2048" */
};

size_t cp_num_known_keys(void);
const struct cp_known_key *cp_known_key_get(size_t index);
/* NULL: it is none of them. */
const struct cp_known_key *cp_known_key_find(const uint8_t spki_sha256[32]);

#endif
