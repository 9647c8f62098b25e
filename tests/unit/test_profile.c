/* The parts that the profile rules share, and that every rule of the group is found by one
 * function. What each rule says of a certificate is in tests/cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <string.h>

#include "bundle.h"
#include "checks/profile/profile.h"

/* ---- the table ---- */

static const struct {
    enum cp_check check;
    cp_profile_rule *find;
} table[] = {
#define RULE(check, function, places, profiles, extension)                                         \
    {CP_CHECK_##check, cp_profile_##function},
#include "checks/profile.def"
#undef RULE
};
#define NUM_RULES (sizeof(table) / sizeof(table[0]))

static void every_rule_has_one_function(void **state) {
    size_t num = 0;
    (void)state;
    for (size_t i = 0; i < cp_num_rules(); i++) {
        const struct cp_rule *rule = cp_rule_get(i);
        if (strcmp(rule->id, "CP0510") < 0 || strcmp(rule->id, "CP0599") > 0)
            continue;
        assert_string_equal(rule->group, "profile");
        size_t found = 0;
        for (size_t j = 0; j < NUM_RULES; j++)
            found += (size_t)table[j].check == i;
        if (found != 1)
            fail_msg("%s: %zu rows in profile.def", rule->id, found);
        assert_true(strlen(rule->source) > 5);
        num++;
    }
    assert_int_equal(num, NUM_RULES);
    for (size_t j = 0; j < NUM_RULES; j++)
        for (size_t k = 0; k < j; k++)
            assert_true(table[j].find != table[k].find);
}

/* ---- URIs ---- */

static const struct {
    const char *why, *uri;
    bool good, fetchable;
} uris[] = {
    {"an HTTP URL", "http://ca.example/x.crl", true, true},
    {"schemes have no case", "HTTP://ca.example/x.crl", true, true},
    {"LDAP with a host", "ldap://ldap.example/cn=x?y;binary", true, true},
    {"LDAP without a host is a URI, RFC 4516, and nobody can fetch it", "ldap:///cn=x", true, true},
    {"a URN", "urn:example:x", true, false},
    {"an IPv6 host", "http://[2001:db8::1]/x", true, true},
    {"percent-encoded", "http://ca.example/%20", true, true},
    {"relative", "/x.crl", false, false},
    {"relative to the scheme", "//ca.example/x", false, false},
    {"nothing", "", false, false},
    {"a scheme and nothing", "http:", false, false},
    {"a scheme begins with a letter", "1http://x", false, false},
    {"no host", "http:///x", false, true},
    {"a port alone", "http://:80/x", false, true},
    {"a space", "http://ca.example/a b", false, true},
    {"a line end", "http://ca.example/\n", false, true},
    {"not ASCII", "http://ca.example/\xc3\xbc", false, true},
    {"angle brackets", "<http://ca.example/>", false, false},
};

static void uri_syntax(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        struct cp_span uri = cp_span_of(uris[i].uri);
        if ((cp_profile_uri_defect(uri) == NULL) != uris[i].good)
            fail_msg("%s: good is not %d", uris[i].why, uris[i].good);
        if (cp_profile_is_fetchable(uri) != uris[i].fetchable)
            fail_msg("%s: fetchable is not %d", uris[i].why, uris[i].fetchable);
    }
}

/* ---- mail addresses ---- */

static const struct {
    const char *why, *mail;
    bool good;
} mails[] = {
    {"a mailbox", "shop@acme.example", true},
    {"a quoted local part may have a space", "\"a b\"@acme.example", true},
    {"a quoted local part may have an @", "\"a@b\"@acme.example", true},
    {"no @", "acme.example", false},
    {"no local part", "@acme.example", false},
    {"no host", "shop@", false},
    {"two @", "a@b@acme.example", false},
    {"a space", "a b@acme.example", false},
    {"a display name is no part of it", "Shop <shop@acme.example>", false},
    {"a line end", "shop@acme.example\n", false},
};

/* GeneralNames content with one rfc822Name. */
static void mail_syntax(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
        uint8_t names[64] = {0x81, (uint8_t)strlen(mails[i].mail)};
        struct cp_cert cert = {.subject_alt_names = {names, 2 + names[1]}};
        struct cp_san_facts found;
        memcpy(names + 2, mails[i].mail, names[1]);
        cp_profile_scan_san(&found, &cert);
        if ((found.defects == 0) != mails[i].good)
            fail_msg("%s: %#x", mails[i].why, found.defects);
    }
}

/* ---- names ---- */

static const struct {
    const char *why;
    const char *type; /* OID content octets */
    uint8_t tag;
    const char *value;
    size_t len;
    unsigned defects;
} attributes[] = {
#define V(text) text, sizeof(text) - 1
    {"a common name", "\x55\x04\x03", CP_DER_UTF8_STRING, V("shop.acme.example"), 0},
    {"a country", "\x55\x04\x06", CP_DER_PRINTABLE_STRING, V("CN"), 0},
    {"letters in lower case are letters", "\x55\x04\x06", CP_DER_PRINTABLE_STRING, V("cn"), 0},
    {"a digit is none", "\x55\x04\x06", CP_DER_PRINTABLE_STRING, V("C1"), 1U << CP_NAME_COUNTRY},
    {"one letter", "\x55\x04\x06", CP_DER_PRINTABLE_STRING, V("C"), 1U << CP_NAME_COUNTRY},
    {"a wildcard is not printable", "\x55\x04\x03", CP_DER_PRINTABLE_STRING, V("*.acme.example"),
     1U << CP_NAME_PRINTABLE},
    {"an underscore is not", "\x55\x04\x03", CP_DER_PRINTABLE_STRING, V("a_b"),
     1U << CP_NAME_PRINTABLE},
    {"a UTF8String may have it", "\x55\x04\x03", CP_DER_UTF8_STRING, V("*.a_b&@"), 0},
    {"NUL", "\x55\x04\x03", CP_DER_UTF8_STRING, V("a\0b"), 1U << CP_NAME_CONTROL},
    {"DEL", "\x55\x04\x03", CP_DER_UTF8_STRING, V("a\x7f"), 1U << CP_NAME_CONTROL},
    {"the zero octet of a BMPString is part of a letter", "\x55\x04\x03", CP_DER_BMP_STRING,
     V("\0a\0b"), 1U << CP_NAME_OLD_TYPE},
    {"a NUL of a BMPString", "\x55\x04\x03", CP_DER_BMP_STRING, V("\0a\0\0"),
     1U << CP_NAME_OLD_TYPE | 1U << CP_NAME_CONTROL},
    {"nothing", "\x55\x04\x0a", CP_DER_UTF8_STRING, V(""), 1U << CP_NAME_EMPTY},
    {"a serial number", "\x55\x04\x05", CP_DER_PRINTABLE_STRING, V("4711"), 0},
    {"a dnQualifier as UTF8String", "\x55\x04\x2e", CP_DER_UTF8_STRING, V("x"),
     1U << CP_NAME_PRINTABLE_TYPE},
    {"an attribute without a bound may be long", "\x55\x04\x0d", CP_DER_UTF8_STRING,
     V("12345678901234567890123456789012345678901234567890123456789012345678901234567890"), 0},
    {"64 of a common name", "\x55\x04\x03", CP_DER_UTF8_STRING,
     V("1234567890123456789012345678901234567890123456789012345678901234"), 0},
    {"65 of a common name", "\x55\x04\x03", CP_DER_UTF8_STRING,
     V("12345678901234567890123456789012345678901234567890123456789012345"),
     1U << CP_NAME_TOO_LONG},
    {"a locality has 128", "\x55\x04\x07", CP_DER_UTF8_STRING,
     V("12345678901234567890123456789012345678901234567890123456789012345"), 0},
#undef V
};

static void name_attributes(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        size_t len = attributes[i].len;
        uint8_t name[128] = {0x30,        (uint8_t)(len + 11),
                             0x31,        (uint8_t)(len + 9),
                             0x30,        (uint8_t)(len + 7),
                             0x06,        3,
                             0,           0,
                             0,           attributes[i].tag,
                             (uint8_t)len};
        struct cp_name_facts found;
        memcpy(name + 8, attributes[i].type, 3);
        memcpy(name + 13, attributes[i].value, len);
        cp_profile_scan_name(&found, (struct cp_span){name, 13 + len});
        if (found.defects != attributes[i].defects)
            fail_msg("%s: got %#x, want %#x", attributes[i].why, found.defects,
                     attributes[i].defects);
    }
}

/* ---- hostile values: each extension that is read here, cut and altered at every place ---- */

static void judge_altered(const struct cp_cert *cert, enum cp_extension extension,
                          struct cp_span value) {
    struct cp_cert copy = *cert;
    struct cp_profile_cert p = {.cert = &copy, .place = CP_PLACE_LEAF};
    char why[CP_PROFILE_WHY];
    copy.values[extension] = value;
    cp_profile_scan_aia(&p.aia, &copy);
    cp_profile_scan_crl(&p.crl, &copy);
    cp_profile_scan_policies(&p.policies, &copy);
    for (size_t i = 0; i < NUM_RULES; i++) {
        why[0] = '\0';
        if (table[i].find(&p, why))
            assert_true(strlen(why) > 5);
    }
}

static void altered_extensions(void **state) {
    static const struct {
        const char *file;
        enum cp_extension extension;
    } files[] = {
        {CP_TESTCERTS_DIR "/profile/aia-ldap.pem", CP_EXT_AUTHORITY_INFO},
        {CP_TESTCERTS_DIR "/profile/crl-two.pem", CP_EXT_CRL_DISTRIBUTION},
        {CP_TESTCERTS_DIR "/profile/notice-201.pem", CP_EXT_POLICIES},
        {CP_TESTCERTS_DIR "/profile/any-policy-cps.pem", CP_EXT_POLICIES},
        {CP_TESTCERTS_DIR "/profile/ian.pem", CP_EXT_ISSUER_ALT_NAME},
        {CP_TESTCERTS_DIR "/profile/nc-leaf.pem", CP_EXT_NAME_CONSTRAINTS},
        {CP_TESTCERTS_DIR "/profile/staple.pem", CP_EXT_TLS_FEATURE},
        {CP_TESTCERTS_DIR "/profile/sct.pem", CP_EXT_SCT_LIST},
        {CP_TESTCERTS_DIR "/profile/aki-pair.pem", CP_EXT_AUTHORITY_KEY_ID},
        {CP_TESTCERTS_DIR "/profile/purpose-twice.pem", CP_EXT_EXTENDED_KEY_USAGE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct cp_secret text = {0};
        struct cp_bundle *bundle = NULL;
        assert_int_equal(cp_secret_read_file(&text, files[i].file, 65536, NULL), CP_OK);
        assert_int_equal(cp_bundle_new(&bundle, NULL), CP_OK);
        assert_int_equal(cp_bundle_add(bundle, "file", CP_ROLE_ANY, text.data, text.len, NULL),
                         CP_OK);
        assert_true(bundle->num_certs >= 1);
        const struct cp_cert *cert = &bundle->certs[0].cert;
        assert_true(cp_cert_has(cert, files[i].extension));
        struct cp_span value = cert->values[files[i].extension];
        assert_true(value.len > 0);
        for (size_t at = 0; at < value.len; at++) {
            uint8_t *copy = test_malloc(value.len);
            memcpy(copy, value.data, value.len);
            copy[at] ^= 0x81;
            judge_altered(cert, files[i].extension, (struct cp_span){copy, value.len});
            test_free(copy);
            copy = test_malloc(at + 1);
            memcpy(copy, value.data, at);
            judge_altered(cert, files[i].extension, (struct cp_span){copy, at});
            test_free(copy);
        }
        cp_bundle_free(bundle);
        cp_secret_cleanup(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_one_function),
        cmocka_unit_test(uri_syntax),
        cmocka_unit_test(mail_syntax),
        cmocka_unit_test(name_attributes),
        cmocka_unit_test(altered_extensions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
