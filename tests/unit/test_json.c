/* json and xml: the readers of replies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "apiclient/xml.h"

#define NUM_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A copy without a byte to spare, so that a reader that goes too far is seen by the sanitizer. */
static char *exact_copy(const char *text, size_t len) {
    char *copy = malloc(len == 0 ? 1 : len);
    assert_non_null(copy);
    memcpy(copy, text, len);
    return copy;
}

enum { SAME, WE_REFUSE }; /* compared with cJSON */

static const struct {
    const char *text;
    bool ok;
    int other; /* where cJSON is of another mind, WE_REFUSE */
    const char *reason;
} documents[] = {
    {"{}", true, SAME, "empty object"},
    {" \t\r\n{ } \n", true, SAME, "white space around"},
    {"{\"a\":1}", true, SAME, "a number"},
    {"{\"a\":[],\"b\":{},\"c\":[{}],\"d\":[[],[1,2,[3]],{\"x\":{\"y\":[]}}]}", true, SAME,
     "nested"},
    {"{\"a\":true,\"b\":false,\"c\":null}", true, SAME, "words"},
    {"{\"a\":-0.5e+10,\"b\":1E2,\"c\":0,\"d\":-0}", true, SAME, "forms of numbers"},
    {"{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"}", true, SAME, "escapes"},
    {"", false, SAME, "nothing"},
    {"{", false, SAME, "cut"},
    {"{\"a\"", false, SAME, "cut behind a name"},
    {"{\"a\":", false, SAME, "cut behind a colon"},
    {"{\"a\":1", false, SAME, "cut behind a value"},
    {"{\"a\":\"x", false, SAME, "cut in a string"},
    {"{\"a\":\"\\", false, SAME, "cut in an escape"},
    {"{\"a\":\"\\u12", false, SAME, "cut in an escape"},
    {"{\"a\":[1,{\"b\":2}", false, SAME, "cut in an array"},
    {"{\"a\":tru", false, SAME, "cut in a word"},
    {"{\"a\":1}x", false, SAME, "trailing bytes"},
    {"{\"a\":1}{}", false, SAME, "two documents"},
    {"{\"a\":1,}", false, SAME, "a trailing comma"},
    {"{\"a\":[1,]}", false, SAME, "a trailing comma in an array"},
    {"{,}", false, SAME, "a comma alone"},
    {"{\"a\":[,1]}", false, SAME, "a leading comma"},
    {"{\"a\" 1}", false, SAME, "no colon"},
    {"{a:1}", false, SAME, "a bare name"},
    {"{'a':1}", false, SAME, "single quotes"},
    {"{\"a\":[1}}", false, SAME, "brackets crossed"},
    {"{\"a\":{]}", false, SAME, "brackets crossed"},
    {"{\"a\":\"\\x\"}", false, SAME, "an unknown escape"},
    {"{\"a\":01}", false, WE_REFUSE, "a leading zero: two readings of one id"},
    {"{\"a\":+1}", false, SAME, "a plus"},
    {"{\"a\":1.}", false, WE_REFUSE, "a point without digits"},
    {"{\"a\":.5}", false, SAME, "a point first"},
    {"{\"a\":1e}", false, SAME, "an exponent without digits"},
    {"{\"a\":-}", false, SAME, "a sign alone"},
    {"{\"a\":\"\n\"}", false, WE_REFUSE, "a control character in a string"},
    {"{\"a\":NaN}", false, SAME, "not a number"},
    {"[{\"Code\":1}]", false, WE_REFUSE, "an array is no reply"},
    {"\"Code\"", false, WE_REFUSE, "a string is no reply"},
};

static void test_documents(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(documents); i++) {
        struct esa_member member = {.name = "a"};
        size_t len = strlen(documents[i].text);
        char *copy = exact_copy(documents[i].text, len);
        print_message("%s\n", documents[i].reason);
        assert_int_equal(esa_json_members(&member, 1, copy, len), documents[i].ok);
        cJSON *root = cJSON_ParseWithOpts(documents[i].text, NULL, 1);
        assert_int_equal(root != NULL, documents[i].ok || documents[i].other == WE_REFUSE);
        cJSON_Delete(root);
        free(copy);
    }
}

/* Every part of a whole document is refused, whatever it ends in. */
static void test_every_cut(void **state) {
    (void)state;
    static const char whole[] =
        "{\"Code\":\"a\\u0041\\\"\",\"n\":[1,-2.5e3,{\"x\":null}],\"t\":true}";
    for (size_t len = 0; len < sizeof(whole); len++) {
        struct esa_member member = {.name = "Code"};
        char *copy = exact_copy(whole, len);
        assert_int_equal(esa_json_members(&member, 1, copy, len), len == sizeof(whole) - 1);
        free(copy);
    }
}

static void test_depth(void **state) {
    (void)state;
    char text[256] = "{\"a\":";
    for (size_t depth = ESA_JSON_MAX_DEPTH; depth <= ESA_JSON_MAX_DEPTH + 1; depth++) {
        struct esa_member member = {.name = "a"};
        memset(text + 5, '[', depth);
        memset(text + 5 + depth, ']', depth);
        text[5 + 2 * depth] = '}';
        assert_int_equal(esa_json_members(&member, 1, text, 6 + 2 * depth),
                         depth <= ESA_JSON_MAX_DEPTH);
    }
}

static const struct {
    const char *text;
    enum esa_kind kind;
    unsigned count;
    const char *raw, *reason;
} members[] = {
    {"{\"HostnameId\":9007199254740993}", ESA_KIND_NUMBER, 1, "9007199254740993", "every digit"},
    {"{\"HostnameId\": 1e3 }", ESA_KIND_NUMBER, 1, "1e3", "as written"},
    {"{\"HostnameId\":\"7\"}", ESA_KIND_STRING, 1, "7", "a string"},
    {"{\"HostnameId\":null}", ESA_KIND_NULL, 1, "null", "null is there"},
    {"{\"HostnameId\":{\"a\":[1]}}", ESA_KIND_OBJECT, 1, "{\"a\":[1]}", "an object"},
    {"{\"HostnameId\":[{},[]] }", ESA_KIND_ARRAY, 1, "[{},[]]", "an array"},
    {"{\"HostnameId\":true}", ESA_KIND_TRUE, 1, "true", "true"},
    {"{\"HostnameId\":false}", ESA_KIND_FALSE, 1, "false", "false"},
    {"{\"hostnameid\":1}", ESA_KIND_ABSENT, 0, NULL, "case counts"},
    {"{\"x\":{\"HostnameId\":1}}", ESA_KIND_ABSENT, 0, NULL, "not at the top"},
    {"{\"x\":\"HostnameId\"}", ESA_KIND_ABSENT, 0, NULL, "a value, not a name"},
    {"{\"Hostname\\u0049d\":1}", ESA_KIND_NUMBER, 1, "1", "a name with an escape is the same name"},
    {"{\"HostnameId\":1,\"HostnameId\":2}", ESA_KIND_NUMBER, 2, "1", "there twice"},
};

static void test_members(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(members); i++) {
        struct esa_member member = {.name = "HostnameId"};
        assert_true(esa_json_members(&member, 1, members[i].text, strlen(members[i].text)));
        assert_int_equal(member.kind, members[i].kind);
        assert_int_equal(member.count, members[i].count);
        if (members[i].raw != NULL) {
            assert_int_equal(member.raw_len, strlen(members[i].raw));
            assert_memory_equal(member.raw, members[i].raw, member.raw_len);
        }
    }
}

static const struct {
    const char *raw;
    size_t num;
    enum esa_kind kinds[6];
    const char *last, *reason;
} arrays[] = {
    {"[]", 0, {0}, NULL, "empty"},
    {"[ \n ]", 0, {0}, NULL, "empty, with white space"},
    {"[1]", 1, {ESA_KIND_NUMBER}, "1", "one"},
    {" [ 9007199254740993 , \"a,]\" ] ",
     2,
     {ESA_KIND_NUMBER, ESA_KIND_STRING},
     "a,]",
     "white space; brackets within a string"},
    {"[{\"a\":[1,2]},[3,[4]],null,true,false,\"\"]",
     6,
     {ESA_KIND_OBJECT, ESA_KIND_ARRAY, ESA_KIND_NULL, ESA_KIND_TRUE, ESA_KIND_FALSE,
      ESA_KIND_STRING},
     "",
     "every kind; what is nested counts once"},
};

static void test_arrays(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(arrays); i++) {
        size_t raw_len = strlen(arrays[i].raw), num = 0;
        char *raw = exact_copy(arrays[i].raw, raw_len);
        struct esa_json_array array;
        struct esa_member element, last = {0};
        esa_json_array_open(&array, raw, raw_len);
        while (esa_json_array_next(&array, &element)) {
            assert_true(num < arrays[i].num);
            assert_int_equal(element.kind, arrays[i].kinds[num++]);
            last = element;
        }
        assert_int_equal(num, arrays[i].num);
        assert_false(esa_json_array_next(&array, &element)); /* the end stays the end */
        if (num > 0) {
            assert_int_equal(last.raw_len, strlen(arrays[i].last));
            assert_memory_equal(last.raw, arrays[i].last, last.raw_len);
        }
        free(raw);
    }
}

static const struct {
    const char *raw, *plain, *reason;
} escapes[] = {
    {"abc", "abc", "plain"},
    {"\\n\\t\\\"\\\\\\/", "\n\t\"\\/", "short ones"},
    {"\\u00e4\\u6d4b", "\xc3\xa4\xe6\xb5\x8b", "two and three bytes"},
    {"\\uD83D\\uDE00", "\xf0\x9f\x98\x80", "a pair"},
    {"\\uD83Dx", "\xef\xbf\xbdx", "a lone high surrogate"},
    {"\\uDE00", "\xef\xbf\xbd", "a lone low surrogate"},
    {"\\uD83D\\u0041", "\xef\xbf\xbd\x41", "half a pair"},
    {"\\uD83D", "\xef\xbf\xbd", "half a pair at the end"},
};

static void test_unescape(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(escapes); i++) {
        size_t raw_len = strlen(escapes[i].raw);
        char *raw = exact_copy(escapes[i].raw, raw_len);
        char *out = malloc(raw_len);
        assert_non_null(out);
        assert_int_equal(esa_json_unescape(out, raw, raw_len), strlen(escapes[i].plain));
        assert_memory_equal(out, escapes[i].plain, strlen(escapes[i].plain));
        free(out);
        free(raw);
    }
}

static const struct {
    const char *text;
    bool ok;
    const char *code; /* raw; NULL: absent */
    const char *reason;
} xml_cases[] = {
    {"<Error><Code>A.B</Code><Message>m</Message></Error>", true, "A.B", "plain"},
    {"<?xml version='1.0' encoding='UTF-8'?>\n<Error>\n <RequestId>1</RequestId>\n "
     "<Code>A</Code>\n</Error>\n",
     true, "A", "with declaration and white space"},
    {"<Error xmlns=\"u\"><Code a='b'>A</Code></Error>", true, "A", "with attributes"},
    {"<Error><!-- <Code>X</Code> --><Code>A</Code></Error>", true, "A", "a comment"},
    {"<Error><Detail><Code>X</Code></Detail></Error>", true, NULL, "not a child of Error"},
    {"<Error><Code/></Error>", true, "", "an empty element"},
    {"<Error></Error>", true, NULL, "nothing in it"},
    {"<Error><Code>A</Code>", false, NULL, "cut"},
    {"<Error><Code>A", false, NULL, "cut"},
    {"<Error><Co", false, NULL, "cut"},
    {"<Error", false, NULL, "cut"},
    {"<", false, NULL, "cut"},
    {"<Error/>", false, NULL, "nothing at all"},
    {"<Error><Code>A</Code></Error><x/>", false, NULL, "trailing"},
    {"<Error><Code>A</Message></Error>", false, NULL, "no end tag of that name"},
    {"<Error>text</Error>", false, NULL, "text where elements belong"},
    {"<Errors><Code>A</Code></Errors>", false, NULL, "another element"},
    {"<error><Code>A</Code></error>", false, NULL, "case counts"},
    {"<html><body>502</body></html>", false, NULL, "a page"},
};

static void test_xml(void **state) {
    (void)state;
    for (size_t i = 0; i < NUM_OF(xml_cases); i++) {
        struct esa_member member = {.name = "Code"};
        size_t len = strlen(xml_cases[i].text);
        char *copy = exact_copy(xml_cases[i].text, len);
        assert_int_equal(esa_xml_error(&member, 1, copy, len), xml_cases[i].ok);
        if (xml_cases[i].ok && xml_cases[i].code != NULL) {
            assert_int_equal(member.kind, ESA_KIND_STRING);
            assert_int_equal(member.raw_len, strlen(xml_cases[i].code));
            assert_memory_equal(member.raw, xml_cases[i].code, member.raw_len);
        } else if (xml_cases[i].ok) {
            assert_int_equal(member.kind, ESA_KIND_ABSENT);
        }
        free(copy);
    }
    char out[64];
    static const char raw[] = "a&lt;b&gt;&amp;&quot;&apos;&#10;&lt";
    size_t len = esa_xml_unescape(out, raw, strlen(raw));
    assert_int_equal(len, strlen("a<b>&\"'&#10;&lt"));
    assert_memory_equal(out, "a<b>&\"'&#10;&lt", len);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_documents), cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_depth),     cmocka_unit_test(test_members),
        cmocka_unit_test(test_arrays),    cmocka_unit_test(test_unescape),
        cmocka_unit_test(test_xml),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
