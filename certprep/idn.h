/* idn: internationalized names, RFC 5891 and UTS 46, by libidn2. */
#ifndef CP_IDN_H
#define CP_IDN_H

#include "bytes.h"

/* True if text has a byte outside ASCII or a label that starts with "xn--": libidn2 is needed. */
bool cp_idn_is_needed(const char *text);

/* Maps a name (UTS 46, non-transitional) to A-labels and back; both are malloc'ed for the caller.
 * Every A-label is decoded and must come back the same. Neither is checked for letters, digits,
 * hyphens, lengths or empty labels: cp_hostname_init does that, since libidn2's own STD3 rule drops
 * what it forbids ("a_b" becomes "ab"). Mixed scripts are not judged. */
CP_MUST_USE enum cp_status cp_idn_to_ascii(char **ascii, char **unicode, const char *text,
                                           struct cp_error *err);

#endif
