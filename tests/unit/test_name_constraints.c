/* name_constraints: dNSName subtrees that begin with a dot, which RFC 5280 does not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "name_constraints.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))
#define MAX_NAME 60

static const struct {
    bool excluded;
    const char *base, *name;
    enum cp_constraint_result strict, with_dots;
    const char *note;
} cases[] = {
    {false, "a.example", "a.example", CP_CONSTRAINT_OK, CP_CONSTRAINT_OK, "the name itself"},
    {false, "a.example", "xa.example", CP_CONSTRAINT_NOT_PERMITTED, CP_CONSTRAINT_NOT_PERMITTED,
     "no label ends there"},
    {false, ".a.example", "x.a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_OK, "a label more"},
    {false, ".a.example", "y.x.a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_OK,
     "two labels more"},
    {false, ".a.example", "a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_NOT_PERMITTED,
     "not the name itself, as in OpenSSL and Go"},
    {false, ".a.example", "xa.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_NOT_PERMITTED,
     "no label ends there"},
    {false, ".a.example", "*.a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_OK,
     "each name of the wildcard has a label more"},
    {false, ".a.example", "*.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_NOT_PERMITTED,
     "the wildcard covers other names"},
    {true, ".a.example", "x.a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_EXCLUDED,
     "a label more"},
    {true, ".a.example", "a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_OK,
     "not the name itself"},
    {true, ".a.example", "*.a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_EXCLUDED,
     "all names of the wildcard"},
    {true, ".a.example", "*.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_OK,
     "no name of the wildcard: they have a label less"},
    {false, ".", "a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_MALFORMED,
     "a dot alone permits nothing in OpenSSL, and must not permit all"},
    {true, ".", "a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_MALFORMED, "a dot alone"},
    {false, "..a.example", "x.a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_MALFORMED,
     "two dots"},
    {false, ".a.example.", "x.a.example", CP_CONSTRAINT_MALFORMED, CP_CONSTRAINT_MALFORMED,
     "a dot at the end, too"},
    {false, "", "a.example", CP_CONSTRAINT_OK, CP_CONSTRAINT_OK, "empty: every name"},
};

/* tag, length and content; returns all of it. */
static size_t wrap(uint8_t *out, uint8_t tag, const uint8_t *content, size_t len) {
    assert_true(len < 128);
    memmove(out + 2, content, len);
    out[0] = tag;
    out[1] = (uint8_t)len;
    return len + 2;
}

static enum cp_constraint_result judge(size_t index, bool dots) {
    uint8_t constraints[MAX_NAME + 8], names[MAX_NAME + 2];
    const char *base = cases[index].base, *name = cases[index].name;
    struct cp_cert ca = {.is_ca = true}, subject = {.subject_empty = true};
    struct cp_general_name bad;
    size_t work = 100;
    assert_true(strlen(base) < MAX_NAME && strlen(name) < MAX_NAME);
    size_t len = wrap(constraints, 0x82, (const uint8_t *)base, strlen(base));
    len = wrap(constraints, 0x30, constraints, len); /* GeneralSubtree */
    len = wrap(constraints, cases[index].excluded ? 0xa1 : 0xa0, constraints, len);
    len = wrap(constraints, 0x30, constraints, len);
    ca.values[CP_EXT_NAME_CONSTRAINTS] = (struct cp_span){constraints, len};
    len = wrap(names, 0x82, (const uint8_t *)name, strlen(name));
    subject.subject_alt_names = (struct cp_span){names, len};
    return cp_name_constraints_check(&ca, &subject, dots, &work, &bad);
}

static void test_dots(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(cases); i++)
        for (int dots = 0; dots < 2; dots++) {
            enum cp_constraint_result want = dots != 0 ? cases[i].with_dots : cases[i].strict;
            enum cp_constraint_result got = judge(i, dots != 0);
            if (got != want)
                fail_msg("%s %s, %s (%s): want %d, got %d", cases[i].base, cases[i].name,
                         cases[i].note, dots != 0 ? "dots" : "strict", (int)want, (int)got);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dots)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
