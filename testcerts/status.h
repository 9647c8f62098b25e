/* status: revocation lists, OCSP responses, SCTs and a list of logs, from tables in status.c. */
#ifndef TC_STATUS_H
#define TC_STATUS_H

#include "bytes.h"

void tc_make_status_crl(struct tc_bytes *out, const char *name);
void tc_make_ocsp(struct tc_bytes *out, const char *name);
/* log_list.json, version 3, of the logs that tc_put_scts knows, but for "ct-log-unlisted". */
void tc_make_log_list(struct tc_bytes *out, const char *name);

/* Adds an SCT list to a TBSCertificate that ec-intermediate is to sign. list is
 * "log@milliseconds log@milliseconds!": the SCTs in order; "!" spoils a signature. */
void tc_put_scts(struct tc_bytes *tbs, const char *list);

#endif
