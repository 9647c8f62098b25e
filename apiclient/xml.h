/* xml: the gateway's <Error> document, and no other XML. */
#ifndef ESA_XML_H
#define ESA_XML_H

#include "json.h"

/* True if text is one whole <Error> element, maybe behind an XML declaration. Its child elements
 * are the members, as STRING; what they hold is raw. */
bool esa_xml_error(struct esa_member *members, size_t num_members, const char *text, size_t len);

/* Resolves the five named entities of XML 1.0 4.6 into out, which has room for raw_len bytes;
 * others stay as they are. Returns the length. */
size_t esa_xml_unescape(char *out, const char *raw, size_t raw_len);

#endif
