/* retry: the values that stand for zero, and their bounds. */
#ifndef ESA_RETRY_H
#define ESA_RETRY_H

#include "esa_task.h"

#define ESA_RETRY_MAX_ATTEMPTS 1000U
#define ESA_RETRY_MAX_REQUESTS 100000U
#define ESA_RETRY_MAX_MS ((int64_t)7 * 24 * 3600 * 1000) /* of any of its times */

/* Copies given (NULL: all zero) with the standard values in place of zeros. CP_ERR_USAGE names what
 * is negative or over its bound. */
CP_MUST_USE enum cp_status esa_retry_init(struct esa_retry *out, const struct esa_retry *given,
                                          struct cp_error *err);

#endif
