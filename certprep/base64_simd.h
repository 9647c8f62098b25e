/* base64_simd: lines of base64, 32 digits at a time. */
#ifndef CP_BASE64_SIMD_H
#define CP_BASE64_SIMD_H

#include "bytes.h"
#include "simd.h"

/* Decodes from the start of in, over line feeds between groups of four, until fewer than 32
 * characters are left or the next 32 are not all digits. Returns the characters used; *written is
 * what they gave, and nothing behind it is written. Only where cp_has_avx2. */
size_t cp_base64_run_avx2(uint8_t *out, size_t *written, const uint8_t *in, size_t len);

#endif
