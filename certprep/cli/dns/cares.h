/* cares: c-ares, loaded by the first command that asks the DNS, so that the others do not pay for
 * it. Only parse.c, cares.c and client.c know it. */
#ifndef ESA_DNS_CARES_H
#define ESA_DNS_CARES_H

/* ares.h uses fd_set, and includes what defines it only where it knows the system to need it. */
#include <sys/select.h>

#include <ares.h>

#include "certprep.h"

#define ESA_CARES "libcares.so.2"

/* One row for each function that is used: field, symbol. */
#define ESA_CARES_FUNCTIONS(ROW)                                                                   \
    ROW(library_init, ares_library_init)                                                           \
    ROW(version, ares_version)                                                                     \
    ROW(init_options, ares_init_options)                                                           \
    ROW(destroy, ares_destroy)                                                                     \
    ROW(set_servers_ports, ares_set_servers_ports)                                                 \
    ROW(get_servers_ports, ares_get_servers_ports)                                                 \
    ROW(query, ares_query)                                                                         \
    ROW(cancel, ares_cancel)                                                                       \
    ROW(getsock, ares_getsock)                                                                     \
    ROW(timeout, ares_timeout)                                                                     \
    ROW(process_fd, ares_process_fd)                                                               \
    ROW(parse_a_reply, ares_parse_a_reply)                                                         \
    ROW(parse_aaaa_reply, ares_parse_aaaa_reply)                                                   \
    ROW(parse_caa_reply, ares_parse_caa_reply)                                                     \
    ROW(parse_ns_reply, ares_parse_ns_reply)                                                       \
    ROW(parse_txt_reply_ext, ares_parse_txt_reply_ext)                                             \
    ROW(free_hostent, ares_free_hostent)                                                           \
    ROW(free_data, ares_free_data)

/* Filled once, then only read. */
struct esa_cares {
    enum cp_status status;
    char reason[256];
#define ROW(field, symbol) __typeof__(symbol) *field; /* NOLINT(bugprone-macro-parentheses) */
    ESA_CARES_FUNCTIONS(ROW)
#undef ROW
};
extern struct esa_cares esa_cares;

/* To be called before any use, by the one thread there is. CP_ERR_UNSUPPORTED without it. */
CP_MUST_USE enum cp_status esa_cares_load(struct cp_error *err);

#endif
