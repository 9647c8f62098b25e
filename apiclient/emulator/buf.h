/* buf.h: spans, buffers that wipe themselves, small text helpers, and the limits of all of it. */
#ifndef ESA_EMULATOR_BUF_H
#define ESA_EMULATOR_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- limits ---------------------------------------------------------------------------------- */

#define ESA_EMU_MAX_REQUEST_LINE 65536
#define ESA_EMU_MAX_HEADER_BYTES 32768 /* all header lines together */
#define ESA_EMU_MAX_HEADERS 100
#define ESA_EMU_MAX_BODY 1048576
#define ESA_EMU_MAX_PARAMS 64
#define ESA_EMU_MAX_REPLY 8388608
#define ESA_EMU_MAX_CONNECTIONS 256
#define ESA_EMU_MAX_HOSTNAMES 1000000  /* created in one run, deleted ones too */
#define ESA_EMU_MAX_MATERIAL 268435456 /* bytes of certificates and keys that are kept */
#define ESA_EMU_MAX_NONCES 1000000
#define ESA_EMU_MAX_FAULTS 256
#define ESA_EMU_MAX_FAULT_COUNT 1000000
#define ESA_EMU_MAX_SESSIONS 4096
#define ESA_EMU_MAX_CERTIFICATES 10
#define ESA_EMU_MAX_FILE 16777216 /* fixture, fault script, list of verified names */
#define ESA_EMU_MAX_SITES 2000
#define ESA_EMU_MAX_RECORDS 10000
#define ESA_EMU_MAX_RATE 1000000
#define ESA_EMU_HOSTNAME_MAX 253
#define ESA_EMU_KEY_ID_MAX 128
#define ESA_EMU_SECRET_MAX 256
#define ESA_EMU_PATH_MAX 4096

/* Bytes that are looked at, not owned. */
struct esa_emu_span {
    const char *data;
    size_t len;
};

/* A growing buffer that never leaves a copy behind: growth wipes the old block, cleanup wipes all.
 * Going over max or out of memory sets failed, and nothing more is added; look at it once, at the
 * end. A NUL follows the contents, not counted in len. All zero with a max is a valid empty state.
 */
struct esa_emu_buf {
    char *data;
    size_t len;
    size_t cap;
    size_t max;
    bool failed;
};

bool esa_emu_buf_reserve(struct esa_emu_buf *buf, size_t more);
void esa_emu_buf_add(struct esa_emu_buf *buf, const void *data, size_t len);
void esa_emu_buf_text(struct esa_emu_buf *buf, const char *text);
void esa_emu_buf_printf(struct esa_emu_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A quoted JSON string; bytes over 0x7f are taken for Latin-1, so that the result is always valid.
 */
void esa_emu_buf_json(struct esa_emu_buf *buf, const char *data, size_t len);
/* Drops len bytes from the front. */
void esa_emu_buf_consume(struct esa_emu_buf *buf, size_t len);
void esa_emu_buf_cleanup(struct esa_emu_buf *buf);

/* JSON members, each with the comma that is due before it: none after a bracket or at the start. */
void esa_emu_json_name(struct esa_emu_buf *buf, const char *name);
void esa_emu_json_text(struct esa_emu_buf *buf, const char *name, const char *value);
void esa_emu_json_span(struct esa_emu_buf *buf, const char *name, struct esa_emu_span value);
void esa_emu_json_int(struct esa_emu_buf *buf, const char *name, int64_t value);
void esa_emu_json_bool(struct esa_emu_buf *buf, const char *name, bool value);
/* 2026-03-19T08:00:00Z; empty for 0 */
void esa_emu_json_time(struct esa_emu_buf *buf, const char *name, int64_t time_s);
/* "[" or "{", with the name before it and the comma before that; name may be NULL. */
void esa_emu_json_open(struct esa_emu_buf *buf, const char *name, const char *bracket);

/* Makes OpenSSL wipe what it frees. Before any other use of OpenSSL. */
bool esa_emu_memory_init(void);

bool esa_emu_span_is(struct esa_emu_span span, const char *text);
/* 64 digits and a NUL. */
void esa_emu_sha256_hex(char out[65], const void *data, size_t len);
/* Lower case, NUL-terminated. False if it does not fit. */
bool esa_emu_lower(char *out, size_t out_size, struct esa_emu_span text);
/* Shell wildcards, with no thought of case; name is in lower case. */
bool esa_emu_glob(const char *pattern, const char *name);
/* Digits only, at most max. */
bool esa_emu_number(int64_t *out, struct esa_emu_span text, int64_t max);
/* The whole file, at most buf->max bytes. */
bool esa_emu_read_file(struct esa_emu_buf *buf, const char *path);
/* 2026-03-19T08:00:00Z; "-" if it has no such form */
void esa_emu_time_text(char out[32], int64_t time_s);
/* Printable ASCII other than space, quote and backslash stays; the rest becomes \xNN. */
void esa_emu_escape(char *out, size_t out_size, struct esa_emu_span text);

#endif
