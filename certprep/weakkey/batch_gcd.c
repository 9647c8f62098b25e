#include "batch_gcd.h"

#include <stdlib.h>
#include <string.h>

/* Level 0 is the moduli; each level is half as long as the one below it. */
#define MAX_LEVELS 14
_Static_assert(CP_MAX_SHARED_MODULI <= 1 << (MAX_LEVELS - 2), "the tree's height");

struct tree {
    BIGNUM **nodes[MAX_LEVELS];
    size_t num_nodes[MAX_LEVELS];
    size_t num_levels;
};

static void tree_cleanup(struct tree *tree) {
    for (size_t level = 0; level < tree->num_levels; level++) {
        for (size_t i = 0; tree->nodes[level] != NULL && i < tree->num_nodes[level]; i++)
            BN_free(tree->nodes[level][i]);
        free(tree->nodes[level]);
    }
}

static bool add_level(struct tree *tree, size_t num) {
    size_t level = tree->num_levels++;
    tree->nodes[level] = calloc(num, sizeof(BIGNUM *));
    tree->num_nodes[level] = num;
    if (tree->nodes[level] == NULL)
        return false;
    for (size_t i = 0; i < num; i++)
        if ((tree->nodes[level][i] = BN_new()) == NULL)
            return false;
    return true;
}

static bool multiply(struct tree *tree, const struct cp_span *moduli, size_t num, BN_CTX *ctx) {
    if (!add_level(tree, num))
        return false;
    for (size_t i = 0; i < num; i++)
        if (BN_bin2bn(moduli[i].data, (int)moduli[i].len, tree->nodes[0][i]) == NULL)
            return false;
    while (tree->num_nodes[tree->num_levels - 1] > 1) {
        size_t below = tree->num_levels - 1, num_below = tree->num_nodes[below];
        if (!add_level(tree, (num_below + 1) / 2))
            return false;
        for (size_t i = 0; i < num_below; i += 2) {
            BIGNUM *out = tree->nodes[below + 1][i / 2];
            bool ok = i + 1 < num_below
                          ? BN_mul(out, tree->nodes[below][i], tree->nodes[below][i + 1], ctx) == 1
                          : BN_copy(out, tree->nodes[below][i]) != NULL;
            if (!ok)
                return false;
        }
    }
    return true;
}

/* others of a node is the product of all moduli that are not below it, modulo the node: those of
 * its parent, times the node's twin. */
static bool step_down(BIGNUM *others, const BIGNUM *parent_others, const BIGNUM *node,
                      const BIGNUM *twin, BN_CTX *ctx) {
    BN_CTX_start(ctx);
    BIGNUM *a = BN_CTX_get(ctx), *b = BN_CTX_get(ctx);
    bool ok = b != NULL && BN_mod(a, parent_others, node, ctx) == 1;
    if (ok && twin != NULL)
        ok = BN_mod(b, twin, node, ctx) == 1 && BN_mod_mul(others, a, b, node, ctx) == 1;
    else if (ok)
        ok = BN_copy(others, a) != NULL;
    BN_CTX_end(ctx);
    return ok;
}

/* From the top each node becomes its others. A pair is replaced together: each needs the other. */
static bool divide(struct tree *tree, BN_CTX *ctx) {
    BIGNUM *first = BN_CTX_get(ctx), *second = BN_CTX_get(ctx);
    if (second == NULL || !BN_one(tree->nodes[tree->num_levels - 1][0]))
        return false;
    for (size_t level = tree->num_levels - 1; level-- > 0;) {
        BIGNUM **nodes = tree->nodes[level];
        for (size_t i = 0; i < tree->num_nodes[level]; i += 2) {
            bool is_pair = i + 1 < tree->num_nodes[level];
            const BIGNUM *parent = tree->nodes[level + 1][i / 2];
            if (!step_down(first, parent, nodes[i], is_pair ? nodes[i + 1] : NULL, ctx) ||
                (is_pair && !step_down(second, parent, nodes[i + 1], nodes[i], ctx)))
                return false;
            BN_swap(nodes[i], first);
            if (is_pair)
                BN_swap(nodes[i + 1], second);
        }
    }
    return true;
}

/* ---- greatest common divisor ----------------------------------------------------------------- */

/* OpenSSL's takes the same time for every value, and 20 times as long. */

static size_t trim(const uint64_t *words, size_t num) {
    while (num > 0 && words[num - 1] == 0)
        num--;
    return num;
}

/* Divides a number that is not 0 by the powers of 2 in it. */
static size_t make_odd(uint64_t *words, size_t num) {
    size_t skip = 0;
    while (words[skip] == 0)
        skip++;
    unsigned shift = (unsigned)__builtin_ctzll(words[skip]);
    for (size_t i = skip; i < num; i++) {
        uint64_t above = i + 1 < num ? words[i + 1] : 0;
        words[i - skip] = shift == 0 ? words[i] : words[i] >> shift | above << (64 - shift);
    }
    return trim(words, num - skip);
}

static int compare(const uint64_t *a, size_t a_num, const uint64_t *b, size_t b_num) {
    if (a_num != b_num)
        return a_num < b_num ? -1 : 1;
    for (size_t i = a_num; i-- > 0;)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

/* a -= b, of which a is the greater */
static size_t subtract(uint64_t *a, size_t a_num, const uint64_t *b, size_t b_num) {
    uint64_t borrow = 0;
    for (size_t i = 0; i < a_num; i++) {
        uint64_t less = i < b_num ? b[i] : 0, before = a[i], part = before - less;
        a[i] = part - borrow;
        borrow = (uint64_t)(before < less) | (uint64_t)(part < borrow);
    }
    return trim(a, a_num);
}

bool cp_number_coprime(const struct cp_modulus *a, const struct cp_modulus *b) {
    uint64_t room[2][CP_MAX_RSA_WORDS], *x = room[0], *y = room[1];
    size_t x_num = a->num_words, y_num = b->num_words;
    memcpy(x, a->words, x_num * sizeof(*x));
    memcpy(y, b->words, y_num * sizeof(*y));
    for (;;) { /* both are odd: their difference is even, and at most as long as the greater */
        int order = compare(x, x_num, y, y_num);
        if (order == 0)
            return x_num == 1 && x[0] == 1;
        if (order < 0) {
            uint64_t *swap = x;
            size_t swap_num = x_num;
            x = y, x_num = y_num;
            y = swap, y_num = swap_num;
        }
        x_num = make_odd(x, subtract(x, x_num, y, y_num));
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* Is what the tree left at the modulus coprime to it? others is below it; 0 has all of it. */
static bool judge(bool *shares, const BIGNUM *others, const struct cp_modulus *modulus) {
    struct cp_modulus rest;
    uint8_t octets[CP_MAX_RSA_BITS / 8];
    int len = BN_num_bytes(others);
    if (BN_is_zero(others)) {
        *shares = true;
        return true;
    }
    BIGNUM *odd = BN_dup(others);
    bool ok = odd != NULL;
    while (ok && !BN_is_odd(odd)) /* the modulus is odd: a factor 2 is not common */
        ok = BN_rshift1(odd, odd) == 1;
    ok = ok && len <= (int)sizeof(octets) && BN_bn2binpad(odd, octets, len) == len;
    BN_free(odd);
    if (ok)
        *shares = cp_modulus_init(&rest, (struct cp_span){octets, (size_t)len}) &&
                  !cp_number_coprime(modulus, &rest);
    return ok;
}

/* The tree says that there is a partner; which one it is, pairs say. */
static void find_partner(size_t *partners, size_t *num_pairs, const struct cp_span *moduli,
                         size_t num, size_t self, const struct cp_modulus *own) {
    struct cp_modulus other;
    partners[self] = self;
    for (size_t i = 0; i < num && *num_pairs < CP_MAX_SHARED_PAIRS; i++) {
        if (i == self || !cp_modulus_init(&other, moduli[i]))
            continue;
        (*num_pairs)++;
        if (cp_number_coprime(own, &other))
            continue;
        partners[self] = i;
        partners[i] = self;
        return;
    }
}

bool cp_batch_gcd_is_over(const struct cp_span *moduli, size_t num) {
    size_t len = 0;
    for (size_t i = 0; i < num && len <= CP_MAX_SHARED_OCTETS; i++)
        len += moduli[i].len;
    return num > CP_MAX_SHARED_MODULI || len > CP_MAX_SHARED_OCTETS;
}

enum cp_status cp_batch_gcd(size_t *partners, const struct cp_span *moduli, size_t num, BN_CTX *ctx,
                            struct cp_error *err) {
    struct tree tree = {.num_levels = 0};
    struct cp_modulus own;
    size_t num_pairs = 0;
    for (size_t i = 0; i < num; i++)
        partners[i] = SIZE_MAX;
    if (cp_batch_gcd_is_over(moduli, num))
        return cp_fail(err, CP_ERR_LIMIT, "shared primes: more than %d moduli or %zu octets",
                       CP_MAX_SHARED_MODULI, CP_MAX_SHARED_OCTETS);
    if (num < 2)
        return CP_OK;
    BN_CTX_start(ctx);
    bool ok = multiply(&tree, moduli, num, ctx) && divide(&tree, ctx);
    for (size_t i = 0; ok && i < num; i++) {
        bool shares = false;
        if (partners[i] != SIZE_MAX)
            continue;
        ok = cp_modulus_init(&own, moduli[i]) && judge(&shares, tree.nodes[0][i], &own);
        if (ok && shares)
            find_partner(partners, &num_pairs, moduli, num, i, &own);
    }
    BN_CTX_end(ctx);
    tree_cleanup(&tree);
    return ok ? CP_OK : cp_fail(err, CP_ERR_CRYPTO, "shared primes: the arithmetic failed");
}
