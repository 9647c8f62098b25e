/* ip: IP addresses as text, strict: no form that inet_aton takes beyond four decimal numbers. */
#ifndef CP_IP_H
#define CP_IP_H

#include "bytes.h"

#define CP_IP_TEXT 46 /* the longest text and its NUL */

/* "192.0.2.1" (no leading zeros) or IPv6 in any form of RFC 4291 2.2, without brackets and without
 * zone. Returns 4 or 16, or 0 if text is neither. */
size_t cp_ip_parse(uint8_t out[16], struct cp_span text);

/* Four numbers, or RFC 5952. octets has 4 or 16; anything else gives "". */
void cp_ip_format(char out[CP_IP_TEXT], struct cp_span octets);

#endif
