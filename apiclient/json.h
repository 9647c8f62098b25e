/* json: the members of an object and the elements of an array, without a tree.
 *
 * A reply may echo the private key, so its bytes stay in the one wiped buffer that they came in:
 * this reader is strict (RFC 8259), allocates nothing, and gives values as the raw bytes of the
 * text, so that a 64-bit integer keeps its digits. What is nested is read by giving its raw bytes
 * to the reader again. */
#ifndef ESA_JSON_H
#define ESA_JSON_H

#include "apiclient.h"

enum esa_kind {
    ESA_KIND_ABSENT,
    ESA_KIND_STRING, /* raw: between the quotes, escapes as they are */
    ESA_KIND_NUMBER, /* raw: the digits as they are */
    ESA_KIND_OBJECT, /* raw: with its braces */
    ESA_KIND_ARRAY,  /* raw: with its brackets */
    ESA_KIND_TRUE,
    ESA_KIND_FALSE,
    ESA_KIND_NULL,
};

/* name is the input; the rest is filled. A member that is there twice has count 2 and the raw bytes
 * of the first. */
struct esa_member {
    const char *name;
    const char *raw; /* borrowed from the text */
    size_t raw_len;
    enum esa_kind kind;
    unsigned count;
};

#define ESA_JSON_MAX_DEPTH 64

/* True if text is one JSON object and nothing else but white space. Names compare by bytes after
 * their escapes are resolved; case counts. */
bool esa_json_members(struct esa_member *members, size_t num_members, const char *text, size_t len);

/* The elements of an array, one after the other. raw is that of a member or element of kind ARRAY,
 * which the reader has found whole; behind the last element next is false. Of *element, name and
 * count have no meaning. */
struct esa_json_array {
    const char *at, *end;
    bool is_started;
};
void esa_json_array_open(struct esa_json_array *array, const char *raw, size_t raw_len);
bool esa_json_array_next(struct esa_json_array *array, struct esa_member *element);

/* Resolves the escapes of a string's raw bytes into out, which has room for raw_len bytes; a lone
 * surrogate becomes U+FFFD. Returns the length. raw must come from esa_json_members. */
size_t esa_json_unescape(char *out, const char *raw, size_t raw_len);

#endif
