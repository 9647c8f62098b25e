/* The walker that names what is not DER: small elements by hand, then every octet of good
 * certificates altered in turn, against the strict reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "bundle.h"
#include "der_canonical.h"

#define NONE 0U
#define ONE(name) (1U << CP_DER_DEFECT_##name)

static const struct {
    const char *why;
    const char *octets;
    size_t len;
    unsigned defects;
    size_t offset; /* of the lowest defect */
} rows[] = {
#define ROW(octets) octets, sizeof(octets) - 1
    {"an empty SEQUENCE is DER", ROW("\x30\x00"), NONE, 0},
    {"no octet at all", ROW(""), NONE, 0},
    {"cut behind the tag: no more can be said", ROW("\x30"), NONE, 0},
    {"longer than what there is", ROW("\x30\x05\x05\x00"), NONE, 0},
    {"indefinite, and ended", ROW("\x30\x80\x05\x00\x00\x00"), ONE(INDEFINITE), 0},
    {"indefinite, never ended", ROW("\x30\x80\x05\x00"), ONE(INDEFINITE), 0},
    {"indefinite inside definite: the outer length still fits",
     ROW("\x30\x08\x30\x80\x05\x00\x00\x00\x05\x00"), ONE(INDEFINITE), 2},
    {"a primitive can't be indefinite", ROW("\x30\x03\x04\x80\x00"), ONE(INDEFINITE), 2},
    {"0x81 for less than 128", ROW("\x30\x03\x04\x81\x00"), ONE(LENGTH), 2},
    {"0x82 with a leading zero", ROW("\x30\x04\x04\x82\x00\x00"), ONE(LENGTH), 2},
    {"a length of 9 octets", ROW("\x30\x89\x00\x00\x00\x00\x00\x00\x00\x00\x02\x05\x00"), NONE, 0},
    {"a constructed OCTET STRING", ROW("\x30\x04\x24\x02\x04\x00"), ONE(CONSTRUCTED), 2},
    {"BOOLEAN 0xff", ROW("\x30\x03\x01\x01\xff"), NONE, 0},
    {"BOOLEAN 0x01", ROW("\x30\x03\x01\x01\x01"), ONE(BOOLEAN), 2},
    {"BOOLEAN of two octets", ROW("\x30\x04\x01\x02\xff\xff"), ONE(BOOLEAN), 2},
    {"INTEGER 128 needs its zero", ROW("\x30\x04\x02\x02\x00\x80"), NONE, 0},
    {"INTEGER 127 does not", ROW("\x30\x04\x02\x02\x00\x7f"), ONE(INTEGER), 2},
    {"INTEGER -128 in two octets", ROW("\x30\x04\x02\x02\xff\x80"), ONE(INTEGER), 2},
    {"INTEGER without content", ROW("\x30\x02\x02\x00"), ONE(INTEGER), 2},
    {"BIT STRING without its count", ROW("\x30\x02\x03\x00"), ONE(BITS), 2},
    {"eight unused bits", ROW("\x30\x04\x03\x02\x08\x00"), ONE(BITS), 2},
    {"unused bits of no octet", ROW("\x30\x03\x03\x01\x01"), ONE(BITS), 2},
    {"an unused bit is set", ROW("\x30\x04\x03\x02\x01\x01"), ONE(BITS), 2},
    {"bits that are not named may end with zero", ROW("\x30\x04\x03\x02\x00\x80"), NONE, 0},
    {"SET OF in order", ROW("\x31\x06\x04\x01\x01\x04\x01\x02"), NONE, 0},
    {"SET OF out of order", ROW("\x31\x06\x04\x01\x02\x04\x01\x01"), ONE(SET_ORDER), 5},
    {"SET OF the same twice is in order", ROW("\x31\x06\x04\x01\x01\x04\x01\x01"), NONE, 0},
    {"an OID is whole", ROW("\x30\x03\x06\x01\x81"), ONE(OID), 2},
    {"an OID is not padded", ROW("\x30\x05\x06\x03\x2a\x80\x01"), ONE(OID), 2},
    {"an OID is not empty", ROW("\x30\x02\x06\x00"), ONE(OID), 2},
    {"UTCTime with seconds and Z",
     ROW("\x30\x0f\x17\x0d"
         "260401000000Z"),
     NONE, 0},
    {"UTCTime without seconds",
     ROW("\x30\x0d\x17\x0b"
         "2604010000Z"),
     ONE(TIME), 2},
    {"GeneralizedTime with a fraction",
     ROW("\x30\x13\x18\x11"
         "20260401000000.5Z"),
     ONE(TIME), 2},
    {"a letter in a time",
     ROW("\x30\x0f\x17\x0d"
         "26040100000xZ"),
     ONE(TIME), 2},
    {"UTF-8", ROW("\x30\x04\x0c\x02\xc3\xbc"), NONE, 0},
    {"a UTF8String of Latin-1", ROW("\x30\x03\x0c\x01\xfc"), ONE(UTF8), 2},
    {"octets behind", ROW("\x30\x00\x05\x00"), ONE(TRAILING), 2},
    {"a certificate has three parts", ROW("\x30\x08\x30\x00\x30\x00\x05\x00\x05\x00"),
     ONE(TRAILING), 8},
#undef ROW
};

static void small_elements(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cp_der_canonical found;
        uint8_t *copy = malloc(rows[i].len + 1); /* its own, so that a read behind it is seen */
        assert_non_null(copy);
        memcpy(copy, rows[i].octets, rows[i].len);
        cp_der_canonical(&found, (struct cp_span){copy, rows[i].len});
        free(copy);
        if (found.defects != rows[i].defects)
            fail_msg("%s: got %#x, want %#x", rows[i].why, found.defects, rows[i].defects);
        for (unsigned d = 0; d < CP_NUM_DER_DEFECTS; d++)
            if (rows[i].defects == 1U << d && found.offset[d] != rows[i].offset)
                fail_msg("%s: offset %zu, want %zu", rows[i].why, found.offset[d], rows[i].offset);
    }
}

static void deep_nesting_ends(void **state) {
    uint8_t deep[4000];
    struct cp_der_canonical found;
    (void)state;
    for (size_t i = 0; i < sizeof(deep); i += 2)
        memcpy(deep + i, "\x30\x80", 2);
    cp_der_canonical(&found, (struct cp_span){deep, sizeof(deep)});
    assert_int_equal(found.defects, ONE(INDEFINITE));
}

/* ---- certificates ---- */

/* What the strict reader says, and the defect that the walker must find then. */
static const struct {
    const char *text;
    unsigned defects; /* one of these */
} messages[] = {
    {"indefinite length", ONE(INDEFINITE)},
    {"length is not minimal", ONE(LENGTH)},
    {"a constructed primitive type", ONE(CONSTRUCTED)},
    {"a BOOLEAN is", ONE(BOOLEAN)},
    {"the INTEGER is not minimal", ONE(INTEGER)},
    {"an INTEGER without content", ONE(INTEGER)},
    {"a BIT STRING with a wrong count", ONE(BITS)},
    {"unused bits of a BIT STRING", ONE(BITS)},
    {"the OBJECT IDENTIFIER is", ONE(OID)},
    {"a UTF8String that", ONE(UTF8)},
    {"want UTCTime", ONE(TIME)},
    {"want GeneralizedTime", ONE(TIME)},
    {"a date with something else", ONE(TIME)},
};

static size_t num_explained, num_read;

static unsigned bits_in(uint32_t mask) {
    unsigned num = 0;
    for (; mask != 0; mask &= mask - 1)
        num++;
    return num;
}

/* A certificate that is read: the quick walk finds what the whole one finds. One that is not: the
 * walker has the reader's reason. */
static void judge(struct cp_span der, size_t altered) {
    struct cp_der_canonical whole, quick;
    struct cp_cert cert;
    struct cp_error err = {CP_OK, 0, 0, ""};
    cp_der_canonical(&whole, der);
    if (cp_cert_parse(&cert, der, &err) == CP_OK) {
        cp_der_canonical_cert(&quick, &cert);
        bool all_known = cert.num_extensions == bits_in(cert.extensions);
        if ((quick.defects & ~whole.defects) != 0 || (all_known && quick.defects != whole.defects))
            fail_msg("octet %zu: quick %#x, whole %#x", altered, quick.defects, whole.defects);
        for (unsigned i = 0; i < CP_NUM_DER_DEFECTS; i++)
            if (all_known && (quick.defects >> i & 1) != 0)
                assert_int_equal(quick.offset[i], whole.offset[i]);
        num_read++;
        return;
    }
    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
        if (strstr(err.message, messages[i].text) == NULL)
            continue;
        if ((whole.defects & messages[i].defects) == 0)
            fail_msg("octet %zu: '%s', but the walker says %#x", altered, err.message,
                     whole.defects);
        num_explained++;
    }
}

static void alter_all(struct cp_span der) {
    static const uint8_t masks[] = {0x01, 0x20, 0x80, 0x7f};
    for (size_t i = 0; i < der.len; i++) {
        for (size_t m = 0; m < sizeof(masks); m++) {
            uint8_t *copy = malloc(der.len);
            assert_non_null(copy);
            memcpy(copy, der.data, der.len);
            copy[i] ^= masks[m];
            judge((struct cp_span){copy, der.len}, i);
            free(copy);
        }
        uint8_t *cut = malloc(i + 1);
        assert_non_null(cut);
        memcpy(cut, der.data, i);
        struct cp_der_canonical found;
        cp_der_canonical(&found, (struct cp_span){cut, i});
        free(cut);
    }
}

static void good_and_altered(void **state) {
    static const char *const files[] = {
        CP_TESTCERTS_DIR "/good/ec-fullchain.pem",  CP_TESTCERTS_DIR "/good/rsa-pss-bundle.pem",
        CP_TESTCERTS_DIR "/good/ip-bundle.pem",     CP_TESTCERTS_DIR "/good/ed25519-bundle.pem",
        CP_TESTCERTS_DIR "/profile/notice-200.pem", CP_TESTCERTS_DIR "/profile/crl-two.pem",
        CP_TESTCERTS_DIR "/profile/sct.pem",        CP_TESTCERTS_DIR "/profile/mappings-ca.pem",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct cp_secret text = {0};
        struct cp_bundle *bundle = NULL;
        assert_int_equal(cp_secret_read_file(&text, files[i], 65536, NULL), CP_OK);
        assert_int_equal(cp_bundle_new(&bundle, NULL), CP_OK);
        assert_int_equal(cp_bundle_add(bundle, files[i], CP_ROLE_ANY, text.data, text.len, NULL),
                         CP_OK);
        assert_true(bundle->num_certs >= 2);
        for (size_t c = 0; c < 2; c++) {
            struct cp_der_canonical found;
            cp_der_canonical(&found, bundle->certs[c].cert.der);
            assert_int_equal(found.defects, 0);
            alter_all(bundle->certs[c].cert.der);
        }
        cp_bundle_free(bundle);
        cp_secret_cleanup(&text);
    }
    assert_true(num_explained > 1000); /* else the test has lost its object */
    assert_true(num_read > 1000);
}

static void every_defect_has_text(void **state) {
    (void)state;
    for (unsigned i = 0; i < CP_NUM_DER_DEFECTS; i++)
        assert_true(strlen(cp_der_defect_text((enum cp_der_defect)i)) > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_elements),
        cmocka_unit_test(deep_nesting_ends),
        cmocka_unit_test(good_and_altered),
        cmocka_unit_test(every_defect_has_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
