/* locations: URIs of authorityInfoAccess, CRL distribution points and policies. */
#ifndef CP_WEBPKI_LOCATIONS_H
#define CP_WEBPKI_LOCATIONS_H

#include "../../bytes.h"

/* Does the URI start with scheme and "://"? scheme is lower-case. */
bool cp_uri_has_scheme(struct cp_span uri, const char *scheme);
/* The host of "scheme://user@host:port/path", brackets of an IPv6 address left out; empty if there
 * is none. */
struct cp_span cp_uri_host(struct cp_span uri);

#endif
