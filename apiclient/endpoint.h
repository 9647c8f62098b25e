/* endpoint: where requests go. */
#ifndef ESA_ENDPOINT_H
#define ESA_ENDPOINT_H

#include "apiclient.h"

#define ESA_HOST_MAX ((size_t)272) /* 253 of a name, or a bracketed address; ":65535"; NUL */

/* "cn-hangzhou" or "ap-southeast-1": esa.REGION.aliyuncs.com. */
CP_MUST_USE enum cp_status esa_endpoint_from_region(char out[ESA_HOST_MAX], const char *region,
                                                    struct cp_error *err);

/* HOST[:PORT] or https://HOST[:PORT]; an IPv6 address stands in brackets. No other scheme, no user,
 * no path, no query. The port 443 is dropped, so that *out is what the host header says. */
CP_MUST_USE enum cp_status esa_endpoint_parse(char out[ESA_HOST_MAX], const char *text,
                                              struct cp_error *err);

/* http://HOST:PORT and nothing else; names and passwords in it are refused, and never quoted. */
CP_MUST_USE enum cp_status esa_proxy_check(const char *proxy, struct cp_error *err);

#endif
