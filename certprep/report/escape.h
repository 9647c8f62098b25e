/* escape: text that was made safe for a terminal (cp_escape), written into forms that have
 * characters of their own. */
#ifndef CP_REPORT_ESCAPE_H
#define CP_REPORT_ESCAPE_H

#include "bytes.h"

/* CI systems search what a step prints for commands: lines that begin with "::", and "##[",
 * "##vso[" or "##teamcity[" anywhere. From offset `from` on, puts hash in the place of the first of
 * two '#'. Where colon is not NULL, it takes the place of the first of two ':' that begin a line.
 */
void cp_render_defuse(struct cp_buf *out, size_t from, const char *hash, const char *colon);

/* XML 1.0 2.2 and 2.4, for text and for attribute values in double quotes. */
void cp_render_xml(struct cp_buf *out, const char *text);

/* A relative reference or a file URI (RFC 3986 4.2, 3). base is cp_render_options' */
void cp_render_uri(struct cp_buf *out, const char *path, const char *base);
/* The same as plain text: relative to base where it is below it, without leading "./". */
const char *cp_render_relative(const char *path, const char *base);

#endif
