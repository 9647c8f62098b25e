/* match: whose hostname a reply is about, for the parts of a task. */
#ifndef ESA_MATCH_H
#define ESA_MATCH_H

#include "esa_task.h"

/* Is it the hostname (ASCII or Unicode form, without case) and, where the request says one, the
 * site that the request is for? Nothing else may be acted upon. */
bool esa_hostname_is_same(const struct esa_hostname *found, const struct esa_request *wanted);

#endif
