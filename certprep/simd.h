/* simd: code for wider registers, chosen when the program runs. Each such function stands beside a
 * portable one that gives the same result, and is the only one on other processors. */
#ifndef CP_SIMD_H
#define CP_SIMD_H

#include <stdbool.h>

#if defined(__x86_64__) && defined(__GNUC__)
#define CP_AVX2 1
#define CP_TARGET_AVX2 __attribute__((target("avx2")))

static inline bool cp_has_avx2(void) {
    return __builtin_cpu_supports("avx2") != 0;
}
#else
#define CP_AVX2 0

static inline bool cp_has_avx2(void) {
    return false;
}
#endif

#endif
