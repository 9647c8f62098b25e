#include "ec_point.h"

#include <openssl/ec.h>
#include <string.h>

#include "../key_parts.h"

#define MULTIPLE_LEN 16

unsigned cp_point_small_multiple(enum cp_key_type type, struct cp_span point) {
    static const struct {
        enum cp_key_type type;
        unsigned k;
        const char *x_end;
    } rows[] = {
#define MULTIPLE(type, k, x_end) {CP_KEY_##type, k, x_end},
#include "small_multiples.def"
#undef MULTIPLE
    };
    const struct cp_curve *curve = cp_curve_get(type);
    if (curve == NULL || point.len < 1 + curve->len)
        return 0;
    const uint8_t *x_end = point.data + 1 + curve->len - MULTIPLE_LEN;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].type == type && memcmp(rows[i].x_end, x_end, MULTIPLE_LEN) == 0)
            return rows[i].k;
    return 0;
}

/* ---- y^2 = x^3 + ax + b ---------------------------------------------------------------------- */

struct weierstrass {
    BIGNUM *p, *a, *b, *x, *y, *square, *t;
};

/* square = x^3 + ax + b */
static bool right_side(struct weierstrass *w, BN_CTX *ctx) {
    return BN_mod_sqr(w->t, w->x, w->p, ctx) == 1 && BN_mod_add(w->t, w->t, w->a, w->p, ctx) == 1 &&
           BN_mod_mul(w->t, w->t, w->x, w->p, ctx) == 1 &&
           BN_mod_add(w->square, w->t, w->b, w->p, ctx) == 1;
}

static bool judge_coordinates(enum cp_point_defect *defect, struct weierstrass *w, bool has_y,
                              BN_CTX *ctx) {
    *defect = CP_POINT_FIELD;
    if (BN_cmp(w->x, w->p) >= 0 || (has_y && BN_cmp(w->y, w->p) >= 0))
        return true;
    if (!right_side(w, ctx))
        return false;
    int symbol = BN_kronecker(w->square, w->p, ctx);
    if (symbol < -1)
        return false;
    *defect = symbol == -1 ? CP_POINT_TWIST : CP_POINT_GOOD;
    if (!has_y || symbol == -1)
        return true;
    if (BN_mod_sqr(w->t, w->y, w->p, ctx) != 1)
        return false;
    *defect = BN_cmp(w->t, w->square) == 0 ? CP_POINT_GOOD : CP_POINT_OTHER_CURVE;
    return true;
}

static bool judge_weierstrass(enum cp_point_defect *defect, const struct cp_curve *curve,
                              struct cp_span point, BN_CTX *ctx) {
    struct weierstrass w;
    bool compressed = point.len == 1 + curve->len && (point.data[0] == 2 || point.data[0] == 3);
    bool whole = point.len == 1 + 2 * curve->len &&
                 (point.data[0] == 4 || point.data[0] == 6 || point.data[0] == 7);
    *defect = point.len == 1 && point.data[0] == 0 ? CP_POINT_INFINITY : CP_POINT_FORM;
    if (!compressed && !whole)
        return true;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->nid);
    w.p = BN_CTX_get(ctx), w.a = BN_CTX_get(ctx), w.b = BN_CTX_get(ctx);
    w.x = BN_CTX_get(ctx), w.y = BN_CTX_get(ctx), w.square = BN_CTX_get(ctx);
    w.t = BN_CTX_get(ctx);
    bool ok = group != NULL && w.t != NULL && EC_GROUP_get_curve(group, w.p, w.a, w.b, ctx) == 1 &&
              BN_bin2bn(point.data + 1, (int)curve->len, w.x) != NULL &&
              (!whole || BN_bin2bn(point.data + 1 + curve->len, (int)curve->len, w.y) != NULL) &&
              judge_coordinates(defect, &w, whole, ctx);
    EC_GROUP_free(group);
    return ok;
}

/* ---- Edwards, RFC 8032 5.1, 5.2 -------------------------------------------------------------- */

struct edwards {
    BIGNUM *p, *y, *y2, *t, *u;
};

static bool set_prime(BIGNUM *p, bool is_25519) {
    BN_zero(p);
    if (is_25519) /* 2^255 - 19 */
        return BN_set_bit(p, 255) == 1 && BN_sub_word(p, 19) == 1;
    /* 2^448 - 2^224 - 1 = (2^224 - 1) * 2^224 - 1 */
    return BN_set_bit(p, 224) == 1 && BN_sub_word(p, 1) == 1 && BN_lshift(p, p, 224) == 1 &&
           BN_sub_word(p, 1) == 1;
}

/* out = factor * y^2 - minus */
static bool linear(BIGNUM *out, const struct edwards *e, BN_ULONG factor, BN_ULONG minus) {
    return BN_copy(out, e->y2) != NULL && BN_mul_word(out, factor) == 1 &&
           BN_sub_word(out, minus) == 1;
}

/* y is 0 (order 4), 1 (1) or -1 (2); for 25519 also where the double has y = 0 (8): there
 * y^2 = -x^2, so d*y^4 + 2*y^2 - 1 = 0, with d = -121665/121666. */
static bool has_small_order(bool *found, struct edwards *e, bool is_25519, BN_CTX *ctx) {
    if (BN_nnmod(e->t, e->y, e->p, ctx) != 1 || BN_copy(e->u, e->t) == NULL ||
        BN_add_word(e->u, 1) != 1)
        return false;
    *found = BN_is_zero(e->t) || BN_is_one(e->t) || BN_cmp(e->u, e->p) == 0;
    if (*found || !is_25519)
        return true;
    if (!linear(e->t, e, 2, 1) || BN_mul_word(e->t, 121666) != 1 ||
        BN_mod_sqr(e->u, e->y2, e->p, ctx) != 1 || BN_mul_word(e->u, 121665) != 1 ||
        BN_sub(e->t, e->t, e->u) != 1 || BN_nnmod(e->t, e->t, e->p, ctx) != 1)
        return false;
    *found = BN_is_zero(e->t);
    return true;
}

/* Is x^2 a square, or, what is the same, its numerator times its denominator?
 * 25519: (y^2 - 1) / (d*y^2 + 1), d = -121665/121666. 448: (1 - y^2) / (1 - d*y^2), d = -39081. */
static bool is_on_curve(bool *found, struct edwards *e, bool is_25519, BN_CTX *ctx) {
    if (is_25519) {
        if (!linear(e->t, e, 121665, 121666) || !linear(e->u, e, 121666, 121666))
            return false;
        BN_set_negative(e->t, !BN_is_negative(e->t));
    } else {
        if (!linear(e->t, e, 39081, 0) || BN_add_word(e->t, 1) != 1 || !linear(e->u, e, 1, 1))
            return false;
        BN_set_negative(e->u, !BN_is_negative(e->u));
    }
    if (BN_mul(e->t, e->t, e->u, ctx) != 1 || BN_nnmod(e->t, e->t, e->p, ctx) != 1)
        return false;
    int symbol = BN_kronecker(e->t, e->p, ctx);
    *found = symbol >= 0;
    return symbol >= -1;
}

static bool judge_edwards(enum cp_point_defect *defect, bool is_25519, struct cp_span point,
                          BN_CTX *ctx) {
    uint8_t octets[57];
    struct edwards e = {BN_CTX_get(ctx), BN_CTX_get(ctx), BN_CTX_get(ctx), BN_CTX_get(ctx),
                        BN_CTX_get(ctx)};
    bool found = false;
    *defect = CP_POINT_FORM;
    if (point.len != (is_25519 ? 32 : 57))
        return true;
    memcpy(octets, point.data, point.len);
    octets[point.len - 1] &= 0x7f; /* the sign of x */
    if (e.u == NULL || !set_prime(e.p, is_25519) ||
        BN_lebin2bn(octets, (int)point.len, e.y) == NULL || BN_mod_sqr(e.y2, e.y, e.p, ctx) != 1 ||
        !has_small_order(&found, &e, is_25519, ctx))
        return false;
    *defect = CP_POINT_SMALL_ORDER;
    if (found)
        return true;
    *defect = CP_POINT_FIELD;
    if (BN_cmp(e.y, e.p) >= 0)
        return true;
    if (!is_on_curve(&found, &e, is_25519, ctx))
        return false;
    *defect = found ? CP_POINT_GOOD : CP_POINT_TWIST;
    return true;
}

bool cp_point_judge(enum cp_point_defect *defect, enum cp_key_type type, struct cp_span point,
                    BN_CTX *ctx) {
    const struct cp_curve *curve = cp_curve_get(type);
    bool ok = true;
    *defect = CP_POINT_FORM;
    if (point.len == 0)
        return true;
    if (curve != NULL && cp_point_small_multiple(type, point) != 0) {
        *defect = CP_POINT_TRIVIAL;
        return true;
    }
    BN_CTX_start(ctx);
    if (curve != NULL)
        ok = judge_weierstrass(defect, curve, point, ctx);
    else if (cp_edwards_len(type) != 0)
        ok = judge_edwards(defect, type == CP_KEY_ED25519, point, ctx);
    BN_CTX_end(ctx);
    return ok;
}
