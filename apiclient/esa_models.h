/* esa_models.h: what the service's replies hold, typed. Included by apiclient.h.
 *
 * Copies of what a reply said: they own nothing, and are copied as one likes. Texts are redacted
 * and escaped (safe for a terminal and a log), ids are exact, "" and 0 mean that the reply did not
 * say it. Unknown members and unknown enum values are tolerated: an enum is OTHER then, and its
 * text is beside it. GetCustomHostname's PrivateKey is passed over and wiped with the reply; of
 * Certificate only the first certificate's SHA-256 is kept.
 */
#ifndef ESA_MODELS_H
#define ESA_MODELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ESA_NAME_MAX ((size_t)256)  /* host, site and record names */
#define ESA_WORD_MAX ((size_t)48)   /* enum values */
#define ESA_VALUE_MAX ((size_t)512) /* verification records, messages */
#define ESA_TIME_MAX ((size_t)40)   /* as the service writes times */
#define ESA_SHA256_HEX_MAX ((size_t)65)

enum esa_status { /* Status */
                  ESA_STATUS_OTHER,
                  ESA_STATUS_PENDING,
                  ESA_STATUS_ACTIVE,
                  ESA_STATUS_CONFLICTED,
                  ESA_STATUS_OFFLINE,
                  ESA_STATUS_CONFIGURING,
};

enum esa_cert_status {                 /* CertStatus */
                       ESA_CERT_OTHER, /* an unknown value, or none */
                       ESA_CERT_OK,
                       ESA_CERT_APPLYING,
                       ESA_CERT_APPLY_FAILED,
                       ESA_CERT_EXPIRING,
                       ESA_CERT_EXPIRED,
};

/* CustomHostnameModel, as Get and List give it. */
struct esa_hostname {
    int64_t hostname_id, site_id, record_id;
    int64_t cas_id; /* Get only */
    char hostname[ESA_NAME_MAX], site_name[ESA_NAME_MAX], record_name[ESA_NAME_MAX];
    enum esa_status status;
    enum esa_cert_status cert_status;
    char status_text[ESA_WORD_MAX], cert_status_text[ESA_WORD_MAX];
    char ssl_flag[ESA_WORD_MAX], cert_type[ESA_WORD_MAX]; /* "on", "upload" */
    char verify_host[ESA_NAME_MAX], verify_code[ESA_VALUE_MAX];
    char cert_txt_key[ESA_NAME_MAX], cert_txt_value[ESA_VALUE_MAX];
    char cert_http_key[ESA_VALUE_MAX], cert_http_value[ESA_VALUE_MAX];
    char cert_apply_code[ESA_WORD_MAX], cert_apply_message[ESA_VALUE_MAX];
    char offline_reason[ESA_WORD_MAX], conflict_with[ESA_WORD_MAX];
    char cert_not_after[ESA_TIME_MAX], create_time[ESA_TIME_MAX], update_time[ESA_TIME_MAX];
    char cert_id[ESA_NAME_MAX];           /* Get only */
    char cert_sha256[ESA_SHA256_HEX_MAX]; /* Get only; of the leaf's DER, lower-case hex */
};

struct esa_site {
    int64_t site_id;
    char site_name[ESA_NAME_MAX];
    char status[ESA_WORD_MAX], access_type[ESA_WORD_MAX], coverage[ESA_WORD_MAX];
    char cname_zone[ESA_NAME_MAX], plan_name[ESA_NAME_MAX];
};

struct esa_record {
    int64_t record_id, site_id;
    char record_name[ESA_NAME_MAX], record_type[ESA_WORD_MAX];
    char record_cname[ESA_NAME_MAX]; /* what a custom hostname's CNAME points to */
    bool proxied;
};

/* Of a list. total_count is -1 if the reply does not say it. */
struct esa_page {
    int64_t page_number, page_size, total_count;
};

#endif
