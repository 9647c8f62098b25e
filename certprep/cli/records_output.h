/* records_output: what the customer has to publish so that a custom hostname is verified, gets its
 * certificate and serves: as text, JSON or a zone file's lines.
 *
 *   ownership    TXT    VerifyHost  -> VerifyCode
 *   certificate  TXT    CertTxtKey  -> CertTxtValue      one of the two, while the certificate
 *   certificate  HTTP   CertHttpKey -> CertHttpValue     is applied for
 *   traffic      CNAME  the hostname -> the RecordCname of the record it is bound to
 */
#ifndef CP_CLI_RECORDS_OUTPUT_H
#define CP_CLI_RECORDS_OUTPUT_H

#include "apiclient/apiclient.h"
#include "json.h"
#include "view.h"

enum cli_records_form { CLI_RECORDS_NONE, CLI_RECORDS_TEXT, CLI_RECORDS_JSON, CLI_RECORDS_ZONE };
CP_MUST_USE enum cp_status cli_records_form_parse(enum cli_records_form *out, const char *word,
                                                  struct cp_error *err);

struct cli_record_row {
    const char *purpose, *type, *name, *value; /* borrowed from the set */
    const char *doubt; /* NULL, or why it is shown but not written into a zone */
};

#define CLI_MAX_RECORD_ROWS 4

/* Of one custom hostname, as far as the service ever showed them: it takes them back once they were
 * validated, and who looks too late has nothing to publish. All zero but for hostname is valid. */
struct cli_records {
    char hostname[ESA_NAME_MAX];
    char verify_host[ESA_NAME_MAX], verify_code[ESA_VALUE_MAX];
    char cert_txt_key[ESA_NAME_MAX], cert_txt_value[ESA_VALUE_MAX];
    char cert_http_key[ESA_VALUE_MAX], cert_http_value[ESA_VALUE_MAX];
    char cname[ESA_NAME_MAX]; /* "": not known */
};

/* Takes over what this model shows and keeps what it no longer does. True if anything changed. */
bool cli_records_see(struct cli_records *set, const struct esa_hostname *found);
size_t cli_records_rows(struct cli_record_row rows[CLI_MAX_RECORD_ROWS],
                        const struct cli_records *set);

/* Lines of text, each after indent; nothing for an empty set. */
void cli_records_put_text(struct cp_buf *out, const struct cli_records *set, const char *indent);
/* Master-file lines (RFC 1035 5.1) with absolute names and a TTL of CLI_RECORD_TTL_S; what no zone
 * holds, or what can't be trusted, as comments. */
#define CLI_RECORD_TTL_S 300
void cli_records_put_zone(struct cp_buf *out, const struct cli_records *set);
bool cli_records_add_json(cJSON *object, const char *key, const struct cli_records *set);
/* A whole document for num sets. */
void cli_records_put(struct cp_buf *out, const struct cli_records *sets, size_t num,
                     enum cli_records_form form);

#endif
