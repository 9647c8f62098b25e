/* judge: what OpenSSL's own reader and verifier make of a file, so that every row's claim is tested
 * by code that is not ours.
 *
 * Certificate 1 is the one to verify, as openssl verify does it; the others are untrusted; anchors
 * are root-ec and root-rsa; the clock is 2026-06-01T00:00:00Z; purpose TLS server; the row's host.
 */
#ifndef TC_JUDGE_H
#define TC_JUDGE_H

#include "bytes.h"

#define TC_CLOCK_S 1780272000 /* 2026-06-01T00:00:00Z */

struct tc_verdict {
    char text[256];
};

void tc_judge(struct tc_verdict *out, const struct tc_bytes *file, const char *host);

#endif
