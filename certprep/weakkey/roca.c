/* ROCA: Nemec, Sys, Svenda, Klinec, Matyas, "The Return of Coppersmith's Attack", ACM CCS 2017, 2.
 *
 * The primes are k * M + (65537^a mod M), with M the product of the first 39 primes or more. So
 * the modulus is a power of 65537 modulo M: it has a discrete logarithm modulo each of those
 * primes, and the logarithms agree modulo what their orders have in common. For a random number
 * already the first condition holds once in 2^27 times, both once in 2^154.
 */
#include "rsa_tests.h"

#define GENERATOR 65537

/* Those that let fewest random numbers pass come first. */
static const struct {
    uint64_t product;
    uint8_t primes[14];
} groups[] = {
    {UINT64_C(11) * 37 * 97 * 61 * 53 * 151 * 103 * 71 * 73,
     {11, 37, 97, 61, 53, 151, 103, 71, 73}},
    {UINT64_C(13) * 17 * 19 * 79 * 109 * 113 * 127 * 137 * 157,
     {13, 17, 19, 79, 109, 113, 127, 137, 157}},
    {UINT64_C(3) * 5 * 7 * 23 * 29 * 31 * 41 * 43 * 47 * 59 * 67 * 83,
     {3, 5, 7, 23, 29, 31, 41, 43, 47, 59, 67, 83}},
    {UINT64_C(89) * 101 * 107 * 131 * 139 * 149 * 163 * 167,
     {89, 101, 107, 131, 139, 149, 163, 167}},
};
#define NUM_GROUPS (sizeof(groups) / sizeof(groups[0]))
#define NUM_PRIMES 38

struct logarithm {
    unsigned value, order;
};

/* False if value is no power of the generator modulo p. */
static bool find_logarithm(struct logarithm *out, unsigned value, unsigned p) {
    unsigned power = 1;
    bool found = false;
    *out = (struct logarithm){0, 0};
    do {
        if (power == value) {
            out->value = out->order;
            found = true;
        }
        power = power * (GENERATOR % p) % p;
        out->order++;
    } while (power != 1);
    return found;
}

static unsigned common_divisor(unsigned a, unsigned b) {
    while (b != 0) {
        unsigned rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

bool cp_roca_matches(const struct cp_modulus *modulus) {
    struct logarithm logs[NUM_PRIMES];
    size_t num = 0;
    for (size_t i = 0; i < NUM_GROUPS; i++) {
        uint64_t rest = cp_modulus_rest(modulus, groups[i].product);
        for (size_t j = 0; j < sizeof(groups[i].primes) && groups[i].primes[j] != 0; j++) {
            unsigned p = groups[i].primes[j];
            if (!find_logarithm(&logs[num], (unsigned)(rest % p), p))
                return false;
            num++;
        }
    }
    for (size_t i = 0; i < num; i++)
        for (size_t j = 0; j < i; j++) {
            unsigned common = common_divisor(logs[i].order, logs[j].order);
            if (logs[i].value % common != logs[j].value % common)
                return false;
        }
    return true;
}

bool cp_pattern_matches(struct cp_span magnitude) {
    /* Nibbles that are the same as the one two before: 30 in a row make 16 octets. An octet before
     * which both differ ends every run, so that of 15 octets one is looked at first. */
    const uint8_t *octets = magnitude.data;
    size_t num = 2 * magnitude.len, i = 2;
    unsigned run = 0;
    while (i < num) {
        if (run == 0 && i % 2 == 0 && i + 28 < num) {
            uint8_t change = octets[i / 2 + 14] ^ octets[i / 2 + 13];
            if ((change & 0x0f) != 0 && (change & 0xf0) != 0) {
                i += 30;
                continue;
            }
        }
        unsigned nibble = octets[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15;
        unsigned before = octets[i / 2 - 1] >> (i % 2 == 0 ? 4 : 0) & 15;
        run = nibble == before ? run + 1 : 0;
        if (run == 30)
            return true;
        i++;
    }
    return false;
}
