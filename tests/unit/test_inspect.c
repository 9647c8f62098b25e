/* inspect: names, serials and times against OpenSSL for every certificate at hand; the DER tree at
 * each cut and alteration; relations; and that no byte of a key comes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cjson/cJSON.h>
#include <cmocka.h>
#include <dirent.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cp_limits.h"
#include "inspect/inspect.h"
#include "inspect/oids.h"
#include "pem.h"

#define AT 1780272000 /* 2026-06-01T00:00:00Z */

/* ---- help -------------------------------------------------------------------------------------
 */

static void add_file(struct cp_bundle *bundle, const char *path) {
    struct cp_secret text = {0};
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (cp_secret_read_file(&text, path, CP_MAX_FILE_LEN, &err) != CP_OK ||
        cp_bundle_add(bundle, path, CP_ROLE_ANY, text.data, text.len, &err) != CP_OK)
        fail_msg("%s", err.message);
    cp_secret_cleanup(&text);
}

/* names: one file of testcerts/, or two with a space between. */
static struct cp_bundle *bundle_of(const char *names) {
    char path[512];
    struct cp_bundle *bundle = NULL;
    int first_len = (int)strcspn(names, " ");
    assert_int_equal(cp_bundle_new(&bundle, NULL), CP_OK);
    snprintf(path, sizeof(path), CP_TESTCERTS_DIR "/%.*s", first_len, names);
    add_file(bundle, path);
    if (names[first_len] == ' ') {
        snprintf(path, sizeof(path), CP_TESTCERTS_DIR "/%s", names + first_len + 1);
        add_file(bundle, path);
    }
    return bundle;
}

static char *inspect(const struct cp_bundle *bundle, const char *format, bool offsets) {
    const struct cp_inspect_options options = {
        .at_s = AT, .offsets = offsets, .render = {.utf8 = true}};
    struct cp_error err = {CP_OK, 0, 0, ""};
    char *text = NULL;
    size_t len = 0;
    if (cp_bundle_inspect(bundle, &text, &len, NULL, format, &options, &err) != CP_OK)
        fail_msg("%s", err.message);
    assert_int_equal(len, strlen(text));
    return text;
}

static cJSON *inspect_json(const struct cp_bundle *bundle, bool offsets) {
    char *text = inspect(bundle, "json", offsets);
    cJSON *root = cJSON_ParseWithOpts(text, NULL, true);
    if (root == NULL)
        fail_msg("not JSON: %s", cJSON_GetErrorPtr());
    cp_string_free(text);
    return root;
}

static const cJSON *path_of(const cJSON *item, const char *path) {
    char copy[200], *save = NULL;
    snprintf(copy, sizeof(copy), "%s", path);
    for (char *word = strtok_r(copy, "/", &save); word != NULL; word = strtok_r(NULL, "/", &save)) {
        item = cJSON_IsArray(item) ? cJSON_GetArrayItem(item, atoi(word))
                                   : cJSON_GetObjectItemCaseSensitive(item, word);
        if (item == NULL)
            fail_msg("no '%s' of '%s'", word, path);
    }
    return item;
}

/* ---- every certificate at hand, against OpenSSL ------------------------------------------------
 */

static const char *text_at(const cJSON *item, const char *path) {
    const char *text = cJSON_GetStringValue(path_of(item, path));
    if (text == NULL)
        fail_msg("'%s' is no string", path);
    return text;
}

/* Attributes that OpenSSL names otherwise, or writes as hex since it does not know them. */
static bool is_comparable(X509_NAME *name) {
    for (int i = 0; i < X509_NAME_entry_count(name); i++) {
        X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, i);
        int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
        int type = ASN1_STRING_type(X509_NAME_ENTRY_get_data(entry));
        if (nid == NID_undef || nid == NID_organizationIdentifier || type == V_ASN1_T61STRING)
            return false;
    }
    return true;
}

static size_t num_names, num_certs;

static void same_name(const char *ours, X509_NAME *name) {
    BIO *out = BIO_new(BIO_s_mem());
    char *theirs = NULL;
    if (is_comparable(name)) {
        X509_NAME_print_ex(out, name, 0,
                           XN_FLAG_SEP_COMMA_PLUS | XN_FLAG_FN_SN | ASN1_STRFLGS_ESC_2253 |
                               ASN1_STRFLGS_UTF8_CONVERT);
        size_t len = (size_t)BIO_get_mem_data(out, &theirs);
        if (strlen(ours) != len || (len != 0 && memcmp(ours, theirs, len) != 0))
            fail_msg("name: ours %s, theirs %.*s", ours, (int)len, theirs);
        num_names++;
    }
    BIO_free(out);
}

static void same_serial(const char *ours, const ASN1_INTEGER *serial) {
    BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
    char *hex = BN_bn2hex(number);
    for (char *p = hex; *p != '\0'; p++)
        *p = (char)(*p >= 'A' && *p <= 'F' ? *p + ('a' - 'A') : *p);
    assert_string_equal(ours, strcmp(hex, "0") == 0 ? "00" : hex);
    OPENSSL_free(hex);
    BN_free(number);
}

static size_t num_sans(const cJSON *names, const char *type) {
    const cJSON *name;
    size_t num = 0;
    cJSON_ArrayForEach(name, names) num += strcmp(text_at(name, "type"), type) == 0;
    return num;
}

static void same_sans(const cJSON *item, X509 *x) {
    static const struct {
        int openssl;
        const char *ours;
    } kinds[] = {{GEN_DNS, "DNS"},           {GEN_IPADD, "IP"}, {GEN_EMAIL, "email"},
                 {GEN_DIRNAME, "directory"}, {GEN_URI, "URI"},  {GEN_OTHERNAME, "other"}};
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t num = 0;
        for (int j = 0; j < sk_GENERAL_NAME_num(names); j++)
            num += sk_GENERAL_NAME_value(names, j)->type == kinds[i].openssl;
        assert_int_equal(num_sans(path_of(item, "subject_alt_names"), kinds[i].ours), num);
    }
    GENERAL_NAMES_free(names);
}

static void same_usage(const cJSON *item, X509 *x) {
    uint32_t usage = X509_get_key_usage(x);
    int num = 0;
    for (; usage != UINT32_MAX && usage != 0; usage &= usage - 1)
        num++;
    assert_int_equal(cJSON_GetArraySize(path_of(item, "key_usage")), num);
    EXTENDED_KEY_USAGE *purposes = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
    int num_purposes = purposes == NULL ? 0 : sk_ASN1_OBJECT_num(purposes);
    assert_int_equal(cJSON_GetArraySize(path_of(item, "extended_key_usage")), num_purposes);
    sk_ASN1_OBJECT_pop_free(purposes, ASN1_OBJECT_free);
    CERTIFICATEPOLICIES *policies = X509_get_ext_d2i(x, NID_certificate_policies, NULL, NULL);
    int num_policies = policies == NULL ? 0 : sk_POLICYINFO_num(policies);
    assert_int_equal(cJSON_GetArraySize(path_of(item, "policies")), num_policies);
    CERTIFICATEPOLICIES_free(policies);
    assert_int_equal(cJSON_IsTrue(path_of(item, "ca")), X509_check_ca(x) == 1);
}

static void same_extensions(const cJSON *item, X509 *x) {
    const cJSON *ours = path_of(item, "extensions");
    assert_int_equal(cJSON_GetArraySize(ours), X509_get_ext_count(x));
    for (int i = 0; i < X509_get_ext_count(x); i++) {
        X509_EXTENSION *ext = X509_get_ext(x, i);
        const cJSON *row = cJSON_GetArrayItem(ours, i);
        char oid[200];
        OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(ext), 1);
        assert_string_equal(text_at(row, "oid"), oid);
        assert_int_equal(cJSON_IsTrue(path_of(row, "critical")), X509_EXTENSION_get_critical(ext));
        assert_int_equal((int)path_of(row, "length")->valuedouble,
                         ASN1_STRING_length(X509_EXTENSION_get_data(ext)));
    }
}

static void same_certificate(const cJSON *item, const struct cp_cert *cert) {
    const unsigned char *p = cert->der.data;
    X509 *x = d2i_X509(NULL, &p, (long)cert->der.len);
    char hex[65];
    assert_non_null(x);
    same_name(text_at(item, "subject"), X509_get_subject_name(x));
    same_name(text_at(item, "issuer"), X509_get_issuer_name(x));
    same_serial(text_at(item, "serial"), X509_get0_serialNumber(x));
    same_sans(item, x);
    same_usage(item, x);
    same_extensions(item, x);
    assert_int_equal(cp_sha256_hex(hex, cert->der, NULL), CP_OK);
    assert_string_equal(text_at(item, "sha256"), hex);
    assert_int_equal((int)path_of(item, "version")->valuedouble, X509_get_version(x) + 1);
    X509_free(x);
    num_certs++;
}

/* Every certificate block of the JSON, by its number. */
static void same_bundle(const struct cp_bundle *bundle) {
    cJSON *root = inspect_json(bundle, true);
    const cJSON *file, *block;
    size_t shown = 0;
    cJSON_ArrayForEach(file, path_of(root, "files")) {
        cJSON_ArrayForEach(block, path_of(file, "blocks")) {
            if (strcmp(text_at(block, "type"), "certificate") != 0)
                continue;
            size_t number = (size_t)path_of(block, "number")->valuedouble;
            same_certificate(block, &bundle->certs[number - 1].cert);
            shown++;
        }
    }
    assert_int_equal(shown, bundle->num_certs);
    cJSON_Delete(root);
    cp_string_free(inspect(bundle, "text", true));
}

static void test_good_files(void **state) {
    DIR *dir = opendir(CP_TESTCERTS_DIR "/good");
    struct dirent *entry;
    (void)state;
    num_names = num_certs = 0;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        char name[300];
        size_t len = strlen(entry->d_name);
        if (len < 4 || strcmp(entry->d_name + len - 4, ".pem") != 0)
            continue;
        snprintf(name, sizeof(name), "good/%s", entry->d_name);
        struct cp_bundle *bundle = bundle_of(name);
        same_bundle(bundle);
        cp_bundle_free(bundle);
    }
    closedir(dir);
    assert_true(num_certs > 50);
}

static void test_system_store(void **state) {
    static const char store[] = "/etc/ssl/certs/ca-certificates.crt";
    struct cp_secret text = {0};
    struct cp_bundle *bundle = NULL;
    (void)state;
    num_names = num_certs = 0;
    if (cp_secret_read_file(&text, store, CP_MAX_FILE_LEN, NULL) != CP_OK)
        skip();
    cp_secret_cleanup(&text);
    assert_int_equal(cp_bundle_new(&bundle, NULL), CP_OK);
    add_file(bundle, store);
    same_bundle(bundle);
    assert_true(num_names >= num_certs); /* most of both names were compared */
    cp_bundle_free(bundle);
}

/* ---- names -------------------------------------------------------------------------------------
 */

#define SPAN(s)                                                                                    \
    { (const uint8_t *)(s), sizeof(s) - 1 }

/* A Name of one CN of these bytes. */
static const struct {
    const char *what;
    struct cp_span name;
    const char *want;
} name_rows[] = {
    {"RFC 4514 2.4 specials", SPAN("\x30\x11\x31\x0f\x30\x0d\x06\x03\x55\x04\x03\x0c\x06#a,b+c"),
     "CN=\\#a\\,b\\+c"},
    {"spaces at the ends", SPAN("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x0c\x03 a "),
     "CN=\\ a\\ "},
    {"a backslash is not an escape",
     SPAN("\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x0c\x04\\x1B"), "CN=\\\\x1B"},
    {"escape byte", SPAN("\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x0c\x04\x1b[1m"),
     "CN=\\x1B[1m"},
    {"right-to-left override",
     SPAN("\x30\x10\x31\x0e\x30\x0c\x06\x03\x55\x04\x03\x0c\x05"
          "a\xe2\x80\xae"
          "b"),
     "CN=a\\u{202E}b"},
    {"BMPString is UTF-16",
     SPAN("\x30\x11\x31\x0f\x30\x0d\x06\x03\x55\x04\x03\x1e\x06\x00\xfc\xd8\x3d\xde\x00"),
     "CN=\xc3\xbc\xf0\x9f\x98\x80"},
    {"BMPString with a lone surrogate",
     SPAN("\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x1e\x04\xd8\x3d\x00\x61"), "CN=\\u{D83D}a"},
    {"BMPString with a comma and an override",
     SPAN("\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x1e\x04\x00,\x20\x2e"), "CN=\\,\\u{202E}"},
    {"UniversalString past Unicode",
     SPAN("\x30\x0f\x31\x0d\x30\x0b\x06\x03\x55\x04\x03\x1c\x04\x00\x11\x00\x00"),
     "CN=\\u{110000}"},
    {"Latin-1 in a TeletexString",
     SPAN("\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x14\x02"
          "a\xe9"),
     "CN=a\\xE9"},
    {"no string at all", SPAN("\x30\x0e\x31\x0c\x30\x0a\x06\x03\x55\x04\x03\x02\x03\x01\x02\x03"),
     "CN=#0203010203"},
    {"two attributes in one RDN",
     SPAN("\x30\x18\x31\x16\x30\x09\x06\x03\x55\x04\x0b\x0c\x02OU\x30\x09\x06\x03\x55\x04\x03\x0c"
          "\x02\x43\x4e"),
     "OU=OU+CN=CN"},
    {"an attribute without a name",
     SPAN("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x7f\x0c\x01"
          "a"),
     "2.5.4.127=a"},
    {"empty", SPAN("\x30\x00"), ""},
    {"malformed (a directoryName is not proved)", SPAN("\x30\x02\x31\x05"), "(malformed)"},
};

static void test_names(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(name_rows) / sizeof(name_rows[0]); i++) {
        struct cp_buf out;
        cp_buf_init(&out, 1000);
        cp_inspect_name(&out, name_rows[i].name);
        assert_int_equal(cp_buf_finish(&out, NULL), CP_OK);
        if (strcmp(out.data, name_rows[i].want) != 0)
            fail_msg("%s: want %s, got %s", name_rows[i].what, name_rows[i].want, out.data);
        cp_buf_cleanup(&out);
    }
}

static const struct {
    const char *what;
    struct cp_general_name name;
    const char *want;
} general_name_rows[] = {
    {"IPv4", {CP_GN_IP, SPAN("\xc0\x00\x02\x01")}, "192.0.2.1"},
    {"IPv4 subtree", {CP_GN_IP, SPAN("\xc0\x00\x02\x00\xff\xff\xff\x00")}, "192.0.2.0/24"},
    {"a mask that is no prefix",
     {CP_GN_IP, SPAN("\xc0\x00\x02\x00\xff\x00\xff\x00")},
     "192.0.2.0/255.0.255.0"},
    {"everything", {CP_GN_IP, SPAN("\0\0\0\0\0\0\0\0")}, "0.0.0.0/0"},
    {"5 octets", {CP_GN_IP, SPAN("\x01\x02\x03\x04\x05")}, "0102030405"},
    {"no octets", {CP_GN_IP, {NULL, 0}}, ""},
    {"NUL in a dNSName", {CP_GN_DNS, SPAN("a\0b")}, "a\\x00b"},
    {"registeredID", {CP_GN_REGISTERED_ID, SPAN("\x2a\x03")}, "1.2.3"},
    {"otherName", {CP_GN_OTHER, SPAN("\x06\x02\x2a\x03\xa0\x02\x05\x00")}, "1.2.3, 8 bytes"},
    {"otherName, malformed", {CP_GN_OTHER, SPAN("\x06\x09\x2a")}, "3 bytes"},
};

static void test_general_names(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(general_name_rows) / sizeof(general_name_rows[0]); i++) {
        struct cp_buf out;
        cp_buf_init(&out, 1000);
        cp_inspect_general_name(&out, &general_name_rows[i].name);
        assert_int_equal(cp_buf_finish(&out, NULL), CP_OK);
        if (strcmp(out.data, general_name_rows[i].want) != 0)
            fail_msg("%s: want %s, got %s", general_name_rows[i].what, general_name_rows[i].want,
                     out.data);
        cp_buf_cleanup(&out);
    }
}

static void test_oids(void **state) {
    uint8_t longest[200];
    char dotted[CP_OID_TEXT];
    (void)state;
    for (size_t i = 0; i < cp_oid_num_rows(); i++) {
        const struct cp_oid_row *row = cp_oid_row(i);
        ASN1_OBJECT *object = OBJ_txt2obj(row->dotted, 1); /* NULL for a wrong form */
        if (object == NULL)
            fail_msg("%s is no OID", row->dotted);
        cp_oid_dotted(dotted, (struct cp_span){OBJ_get0_data(object), OBJ_length(object)});
        assert_string_equal(dotted, row->dotted);
        assert_ptr_equal(cp_oid_find(dotted), row); /* no row stands there twice */
        assert_true(row->name[0] != '\0');
        ASN1_OBJECT_free(object);
    }
    assert_null(cp_oid_row(cp_oid_num_rows()));
    assert_null(cp_oid_find("1.2"));
    memset(longest, 0x7f, sizeof(longest));
    cp_oid_dotted(dotted, (struct cp_span){longest, sizeof(longest)});
    assert_string_equal(dotted + strlen(dotted) - 3, "...");
}

/* ---- the DER tree ------------------------------------------------------------------------------
 */

static char *tree_of(struct cp_span der, size_t max_integer, size_t budget) {
    const struct cp_render_options options = {.utf8 = true};
    struct cp_buf out;
    struct cp_sink sink;
    cp_buf_init(&out, (size_t)16 * 1024 * 1024);
    cp_sink_init(&sink, &out, false, &options);
    cp_inspect_der_tree(&sink, der, max_integer, &budget);
    cp_sink_cleanup(&sink);
    assert_int_equal(cp_buf_finish(&out, NULL), CP_OK);
    return out.data;
}

static const struct {
    const char *what;
    struct cp_span der;
    const char *want;
} tree_rows[] = {
    {"INTEGER up to the maximum", SPAN("\x02\x04\x01\x02\x03\x04"), "INTEGER 01020304\n"},
    {"INTEGER over it: by its length alone", SPAN("\x02\x05\x11\x22\x33\x44\x55"),
     "2+5      INTEGER\n"},
    {"OCTET STRING: by its length alone", SPAN("\x04\x02\xab\xcd"), "2+2      OCTET STRING\n"},
    {"an unknown tag", SPAN("\x63\x00"), "[APPLICATION 3]\n"},
    {"context tag", SPAN("\x82\x01\x61"), "2+1      [2]\n"},
    {"hostile text", SPAN("\x0c\x02\x1b\x0a"), "UTF8String \\x1B\\x0A\n"},
    {"content longer than what encloses it", SPAN("\x30\x03\x02\x05\x01"),
     "the content is longer than what encloses it"},
    {"indefinite length", SPAN("\x30\x80\x05\x00\x00\x00"), "this is BER, not DER"},
    {"goes on behind a broken level", SPAN("\x30\x04\x30\x02\x02\x05\x05\x00"), "2+0      NULL"},
    {"multi-octet tag", SPAN("\x1f\x81\x01\x00"), "a tag of more than one octet"},
};

static void test_tree(void **state) {
    uint8_t deep[200];
    (void)state;
    for (size_t i = 0; i < sizeof(tree_rows) / sizeof(tree_rows[0]); i++) {
        char *tree = tree_of(tree_rows[i].der, 4, 100);
        if (strstr(tree, tree_rows[i].want) == NULL)
            fail_msg("%s: no '%s' in\n%s", tree_rows[i].what, tree_rows[i].want, tree);
        cp_string_free(tree);
    }
    for (size_t i = 0; i < 100; i++) { /* SEQUENCEs in each other */
        deep[2 * i] = 0x30;
        deep[2 * i + 1] = (uint8_t)(198 - 2 * i < 128 ? 198 - 2 * i : 0);
    }
    char *tree = tree_of((struct cp_span){deep + 100, 100}, 4, 1000);
    assert_non_null(strstr(tree, "nested too deep"));
    cp_string_free(tree);
    tree = tree_of((struct cp_span)SPAN("\x05\x00\x05\x00\x05\x00"), 4, 2);
    assert_non_null(strstr(tree, "too many elements"));
    cp_string_free(tree);
}

/* A certificate cut, and altered, at every place: whatever comes, it is a bounded, escaped text. */
static void test_tree_altered(void **state) {
    struct cp_bundle *bundle = bundle_of("good/ec-leaf.pem");
    struct cp_span der = bundle->certs[0].cert.der;
    uint8_t *copy = malloc(der.len);
    (void)state;
    assert_non_null(copy);
    for (size_t i = 0; i < der.len; i++) {
        cp_string_free(tree_of((struct cp_span){der.data, i}, 21, 10000));
        memcpy(copy, der.data, der.len);
        copy[i] ^= 0xff;
        char *tree = tree_of((struct cp_span){copy, der.len}, 21, 10000);
        for (const char *p = tree; *p != '\0'; p++)
            assert_true((unsigned char)*p >= 0x20 || *p == '\n');
        cp_string_free(tree);
    }
    free(copy);
    cp_bundle_free(bundle);
}

/* The same for the whole certificate where it still parses: extensions of any content. */
static void test_certificate_altered(void **state) {
    static const struct cp_render_options options = {.utf8 = true};
    struct cp_bundle *bundle = bundle_of("good/name-constrained-bundle.pem");
    size_t parsed = 0;
    (void)state;
    for (size_t n = 0; n < bundle->num_certs; n++) {
        struct cp_span der = bundle->certs[n].cert.der;
        uint8_t *copy = malloc(der.len);
        assert_non_null(copy);
        for (size_t i = 0; i < der.len; i++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                struct cp_cert cert;
                struct cp_buf out;
                struct cp_sink sink;
                memcpy(copy, der.data, der.len);
                copy[i] ^= (uint8_t)(1U << bit);
                if (cp_cert_parse(&cert, (struct cp_span){copy, der.len}, NULL) != CP_OK)
                    continue;
                cp_buf_init(&out, 1000000);
                cp_sink_init(&sink, &out, (bit & 1) != 0, &options);
                assert_int_equal(cp_inspect_certificate(&sink, &cert, AT, NULL), CP_OK);
                assert_int_equal(cp_buf_finish(&out, NULL), CP_OK);
                for (const char *p = out.data; *p != '\0'; p++)
                    assert_true((unsigned char)*p >= 0x20 || *p == '\n');
                cp_sink_cleanup(&sink);
                cp_buf_cleanup(&out);
                parsed++;
            }
        }
        free(copy);
    }
    assert_true(parsed > 1000);
    cp_bundle_free(bundle);
}

/* ---- facts and relations -----------------------------------------------------------------------
 */

static const struct {
    const char *what, *file, *path, *want; /* want: the value as JSON */
} fact_rows[] = {
    {"days left", "good/ec-leaf.pem", "files/0/blocks/0/days_left", "122"},
    {"expired a second ago", "bad/leaf-expired-one-second.pem", "files/0/blocks/0/days_left", "-1"},
    {"expires at the clock", "bad/leaf-expires-at-the-clock.pem", "files/0/blocks/0/days_left",
     "0"},
    {"no end", "bad/profile-year-9999.pem", "files/0/blocks/0/days_left", "null"},
    {"negative serial", "bad/profile-serial-negative.pem", "files/0/blocks/0/serial",
     "\"-3d580ff2eeddccbbaa998878\""},
    {"zero serial", "bad/profile-serial-zero.pem", "files/0/blocks/0/serial", "\"00\""},
    {"version 1", "bad/profile-version-1.pem", "files/0/blocks/0/version", "1"},
    {"hostile SAN", "bad/san-escape-sequence.pem", "files/0/blocks/0/subject_alt_names/1/value",
     "\"\\\\x1B[31mred\\\\x1B[0m\\\\x0A::error::injected.acme.example\""},
    {"RSA size", "good/rsa-leaf.pem", "files/0/blocks/0/key", "\"RSA 2048\""},
    {"key container", "good/ec-key-sec1.pem", "files/0/blocks/0/container", "\"SEC1\""},
    {"a key that is damaged", "bad/key-rsa-wrong-dp.pem", "files/0/blocks/2/consistent", "false"},
    {"EC PARAMETERS are there", "good/ec-key-sec1-parameters.pem", "files/0/blocks/0/label",
     "\"EC PARAMETERS\""},
    {"an encrypted key without its pass phrase", "bad/key-encrypted.pem", "files/0/blocks/2/type",
     "\"encrypted private key\""},
    {"the leaf hangs on the intermediate, verified", "good/ec-fullchain.pem", "relations/issued/0",
     "{\"issuer\":2,\"subject\":1,\"verified\":true,\"reason\":null}"},
    {"an issuer that is not here", "good/ec-leaf.pem", "relations/trees/0/relation", "\"absent\""},
    {"a root", "good/root-included-bundle.pem", "relations/trees/0",
     "{\"depth\":0,\"certificate\":3,\"subject\":\"CN=certprep Test Root X1\","
     "\"relation\":\"self-issued\",\"verified\":true,\"repeated\":false}"},
    {"an altered signature: name only", "bad/leaf-altered-signature.pem", "relations/issued/0",
     "{\"issuer\":2,\"subject\":1,\"verified\":false,"
     "\"reason\":\"the signature is not its key's\"}"},
    {"same name, other key: name only", "bad/issuer-other-key.pem", "relations/trees/2/verified",
     "false"},
    {"the key's certificate", "good/ec-bundle.pem", "relations/keys/0",
     "{\"key\":1,\"certificates\":[1],\"same_as\":null}"},
    {"a key of no certificate", "bad/key-of-another-certificate.pem",
     "relations/keys/0/certificates", "[]"},
    {"the same key twice", "bad/key-twice.pem", "relations/keys/1/same_as", "1"},
    {"a duplicate", "good/ec-leaf.pem good/ec-fullchain.pem", "relations/duplicates/0",
     "{\"certificate\":2,\"of\":1}"},
};

static void test_facts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(fact_rows) / sizeof(fact_rows[0]); i++) {
        struct cp_bundle *bundle = bundle_of(fact_rows[i].file);
        cJSON *root = inspect_json(bundle, false);
        char *got = cJSON_PrintUnformatted(path_of(root, fact_rows[i].path));
        if (strcmp(got, fact_rows[i].want) != 0)
            fail_msg("%s: want %s, got %s", fact_rows[i].what, fact_rows[i].want, got);
        cJSON_free(got);
        cJSON_Delete(root);
        cp_bundle_free(bundle);
    }
}

/* ---- form --------------------------------------------------------------------------------------
 */

static void test_sink(void **state) {
    static const struct cp_render_options ascii = {.utf8 = false};
    struct cp_buf out;
    struct cp_sink sink;
    (void)state;
    cp_buf_init(&out, 10000);
    cp_sink_init(&sink, &out, false, &ascii);
    cp_sink_text(&sink, "a_key", "\xc3\xbc\x1b");
    cp_sink_text(&sink, "absent", NULL);
    cp_sink_list(&sink, "empty");
    cp_sink_list_end(&sink);
    cp_sink_list(&sink, "many");
    for (int i = 0; i < 25; i++)
        cp_sink_item(&sink, cp_span_of("x"));
    cp_sink_list_end(&sink);
    assert_non_null(strstr(out.data, "a key                 \\xC3\\xBC\\x1B\nmany "));
    assert_non_null(strstr(out.data, "and 5 more\n"));
    cp_sink_cleanup(&sink);
    cp_buf_cleanup(&out);

    cp_buf_init(&out, 10000);
    cp_sink_init(&sink, &out, true, &ascii);
    cp_sink_open_flat(&sink, NULL);
    cp_sink_text(&sink, "quote", "\"\\\n\xff");
    cp_sink_null(&sink, "nothing");
    cp_sink_list(&sink, "list");
    cp_sink_list_end(&sink);
    cp_sink_close(&sink, '}');
    assert_string_equal(out.data,
                        "{\"quote\": \"\\\"\\\\\\\\x0A\\\\xFF\", \"nothing\": null, \"list\": []}");
    cp_sink_cleanup(&sink);
    cp_buf_cleanup(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_files),   cmocka_unit_test(test_system_store),
        cmocka_unit_test(test_names),        cmocka_unit_test(test_general_names),
        cmocka_unit_test(test_oids),         cmocka_unit_test(test_tree),
        cmocka_unit_test(test_tree_altered), cmocka_unit_test(test_certificate_altered),
        cmocka_unit_test(test_facts),        cmocka_unit_test(test_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
