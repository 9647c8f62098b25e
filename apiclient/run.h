/* run: the clock and the sleep of those that wait. */
#ifndef ESA_RUN_H
#define ESA_RUN_H

#include "esa_task.h"

/* Monotonic. */
int64_t esa_now_ms(void);
/* In pieces, between which the client's cancel is asked. False: cancelled. */
bool esa_client_sleep(const struct esa_client *client, int64_t wait_ms);
bool esa_client_is_cancelled(const struct esa_client *client);
/* For the jitter only. */
uint32_t esa_random(void);

#endif
