/* manifest: CSV and JSON rows, and the place of every problem. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "manifest.h"

#define LITERAL(text) text, sizeof(text) - 1
#define HEAD "hostname,site,record_id,cert_type,tag\n"

struct seen {
    char rows[4096];     /* "2:a|s|1|off|t\n" */
    char problems[4096]; /* "m:2:1: ...\n" */
    size_t stop_after;   /* rows; 0: never */
    size_t num_rows;
};

static void append(char *out, size_t size, const char *text) {
    size_t used = strlen(out);
    (void)snprintf(out + used, size - used, "%s", text);
}

static enum cp_status take_row(void *context, const struct manifest_row *row,
                               struct cp_error *err) {
    static const enum manifest_column shown[] = {
        MANIFEST_HOSTNAME, MANIFEST_SITE, MANIFEST_RECORD_ID, MANIFEST_CERT_TYPE, MANIFEST_TAG};
    struct seen *seen = context;
    char line[24];
    (void)snprintf(line, sizeof(line), "%zu", row->line);
    append(seen->rows, sizeof(seen->rows), line);
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        append(seen->rows, sizeof(seen->rows), i == 0 ? ":" : "|");
        append(seen->rows, sizeof(seen->rows),
               row->values[shown[i]] == NULL ? "" : row->values[shown[i]]);
    }
    append(seen->rows, sizeof(seen->rows), "\n");
    seen->num_rows++;
    if (seen->stop_after != 0 && seen->num_rows == seen->stop_after)
        return cp_fail(err, CP_ERR_IO, "enough");
    return CP_OK;
}

static void take_problem(void *context, const struct cp_error *problem) {
    struct seen *seen = context;
    append(seen->problems, sizeof(seen->problems), problem->message);
    append(seen->problems, sizeof(seen->problems), "\n");
}

/* Reads the bytes from a file. */
static enum cp_status read_bytes(struct seen *seen, const char *bytes, size_t len,
                                 struct manifest_reader *reader, struct cp_error *err) {
    char path[] = "/tmp/certprep-test-manifest-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    for (size_t done = 0; done < len;) {
        ssize_t put = write(fd, bytes + done, len - done);
        assert_true(put > 0);
        done += (size_t)put;
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    *reader = (struct manifest_reader){
        .row = take_row, .problem = take_problem, .context = seen, .name = "m"};
    enum cp_status status = manifest_read(reader, fd, err);
    assert_int_equal(close(fd), 0);
    return status;
}

struct good {
    const char *bytes;
    size_t len;
    const char *rows;
    const char *reason;
};

static const struct good good[] = {
    {LITERAL(HEAD "a,s,1,off,t\n"), "2:a|s|1|off|t\n", "one row"},
    {LITERAL(HEAD "a,s,1,off,t"), "2:a|s|1|off|t\n", "no line feed at the end"},
    {LITERAL("hostname,site,record_id,cert_type,tag\r\na,s,1,off,t\r\n"), "2:a|s|1|off|t\n",
     "CRLF"},
    {LITERAL("\xEF\xBB\xBF" HEAD "a,s,1,off,t\n"), "2:a|s|1|off|t\n", "byte order mark (lenient)"},
    {LITERAL("\n\n" HEAD "\n\na,s,1,off,t\n\n"), "6:a|s|1|off|t\n", "empty lines (lenient)"},
    {LITERAL(HEAD " a , s\t,1,off,t \n"), "2:a|s|1|off|t\n", "space around values (lenient)"},
    {LITERAL(HEAD "\"a\",\"s\" ,1,off,\"x \"\"y\"\", z\"\n"), "2:a|s|1|off|x \"y\", z\n", "quotes"},
    {LITERAL(HEAD "a,s,1,off,\" x \"\n"), "2:a|s|1|off| x \n", "space in quotes stays"},
    {LITERAL(HEAD "a,,,,\n"), "2:a||||\n", "empty values are none"},
    {LITERAL("tag,hostname\nt,a\n"), "2:a||||t\n", "any order, any subset"},
    {LITERAL("[{\"hostname\":\"a\",\"record_id\":9007199254740993}]"), "1:a||9007199254740993||\n",
     "array; an id beyond a double"},
    {LITERAL("{\"hostname\":\"a\"}\n{\"hostname\":\"b\"}\n"), "1:a||||\n2:b||||\n", "NDJSON"},
    {LITERAL("{\"hostname\":\"a\"}{\"hostname\":\"b\"}"), "1:a||||\n1:b||||\n",
     "without line feeds"},
    {LITERAL("[\n {\"tag\" : null , \"hostname\" : \"\\u00fc\\ud83d\\ude00\\/\"}\n]\n"),
     "2:\xC3\xBC\xF0\x9F\x98\x80/||||\n", "escapes, null is no value"},
};

static void test_good(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct seen seen = {.num_rows = 0};
        struct manifest_reader reader;
        struct cp_error err = {CP_OK, 0, 0, ""};
        enum cp_status status = read_bytes(&seen, good[i].bytes, good[i].len, &reader, &err);
        if (status != CP_OK || strcmp(seen.rows, good[i].rows) != 0)
            fail_msg("%s: status %d, %s%s got %s", good[i].reason, status, err.message,
                     seen.problems, seen.rows);
    }
}

struct bad {
    const char *bytes;
    size_t len;
    const char *problems; /* the first one, or all of them */
    const char *reason;
};

static const struct bad bad[] = {
    {LITERAL("hostname,site,site\n"), "m:1:15: column 'site' is there twice", "column twice"},
    {LITERAL("hostname,sit\n"), "m:1:10: unknown column 'sit'; did you mean 'site'?", "near"},
    {LITERAL("hostname,zzzzzzzz\n"), "m:1:10: unknown column 'zzzzzzzz'; 'certprep", "not near"},
    {LITERAL("hostname;site\n"), "m:1:1: semicolons", "semicolons"},
    {LITERAL(HEAD "a,s,1,off\n"), "m:2:1: 4 fields, but the header has 5", "too few"},
    {LITERAL(HEAD "a,s,1,off,t,u\n"), "m:2:1: 6 fields, but the header has 5", "too many"},
    {LITERAL(HEAD "a,\"s,1,off,t\n"), "m:2:3: this quote is never closed", "open quote"},
    {LITERAL(HEAD "a,\"s\"x,1,off,t\n"), "m:2:6: text after a closing quote", "behind a quote"},
    {LITERAL(HEAD "a,s\"x,1,off,t\n"), "m:2:4: a quote inside a value", "quote inside"},
    {LITERAL(HEAD "a,s,1,off,t\rb,s,1,off,t\n"), "m:2:12: a carriage return", "lone CR"},
    {LITERAL(HEAD "a\0b,s,1,off,t\n"), "m:2:1: hostname: a control character (0x00)", "NUL"},
    {LITERAL(HEAD "a,s,1,off,\"x\ny\"\n"), "m:2:11: tag: a control character (0x0A)", "LF"},
    {LITERAL(HEAD "a,s,1,off,\xC3\n"), "m:2:11: tag: not UTF-8", "half a character"},
    {LITERAL(HEAD "a,s,12345678901234567890,off,t\n"), "m:2:5: record_id: longer than 19", "long"},
    {LITERAL("\xFF\xFE"), "m:1:1: UTF-16", "UTF-16"},
    {LITERAL("\xEF\xBBx"), "m:1:3: not UTF-8", "half a mark"},
    {LITERAL("[{\"hostname\":\"a\"},]"), "m:1:19: want an object", "comma at the end"},
    {LITERAL("[{\"hostname\":\"a\"}{}]"), "m:1:18: want ',' or ']'", "no comma"},
    {LITERAL("[{\"hostname\":\"a\"} x"), "m:1:19: want ',' or ']'", "not closed"},
    {LITERAL("[{\"hostname\":\"a\"}] x"), "m:1:20: something behind the array", "behind"},
    {LITERAL("{\"hostname\":\"a\"} x"), "m:1:18: want an object", "behind an object"},
    {LITERAL("{\"hostname\":\"a"), "m:1:15: a string is never closed", "open string"},
    {LITERAL("{\"hostname\":\"a\nb\"}"), "m:1:15: a control character", "LF in a string"},
    {LITERAL("{\"hostname\":\"\\x\"}"), "m:1:15: this is no escape", "escape"},
    {LITERAL("{\"hostname\":\"\\u12g4\"}"), "m:1:18: want four hex digits", "hex"},
    {LITERAL("{\"hostname\":\"\\ude00\"}"), "m:1:20: a low surrogate", "low surrogate"},
    {LITERAL("{\"hostname\":\"\\ud83dx\"}"), "m:1:21: a high surrogate", "high surrogate"},
    {LITERAL("{\"hostname\":\"\\u0000\"}"), "m:1:13: hostname: a control character (0x00)", "NUL"},
    {LITERAL("{\"hostname\":true}"), "m:1:13: hostname: want a string in quotes, got true", "true"},
    {LITERAL("{\"record_id\":-1}"), "m:1:14: record_id: want digits, got -1", "sign"},
    {LITERAL("{\"record_id\":1.0}"), "m:1:14: record_id: want digits, got 1.0", "fraction"},
    {LITERAL("{\"hostname\":{}}"), "m:1:13: want a string, a number or null", "object"},
    {LITERAL("{\"hostnam\":\"a\"}"), "m:1:2: unknown column 'hostnam'; did you mean", "near"},
    {LITERAL("{\"hostname\":\"a\",\"hostname\":\"b\"}"), "m:1:17: 'hostname' is there", "twice"},
    {LITERAL("{\"hostname\" \"a\"}"), "m:1:13: want ':'", "no colon"},
    {LITERAL("{hostname:\"a\"}"), "m:1:2: want a string in quotes", "bare name"},
};

static void test_bad(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct seen seen = {.num_rows = 0};
        struct manifest_reader reader;
        struct cp_error err = {CP_OK, 0, 0, ""};
        enum cp_status status = read_bytes(&seen, bad[i].bytes, bad[i].len, &reader, &err);
        if (status != CP_ERR_USAGE ||
            strncmp(seen.problems, bad[i].problems, strlen(bad[i].problems)) != 0)
            fail_msg("%s: status %d, want '%s', got '%s'", bad[i].reason, status, bad[i].problems,
                     seen.problems);
    }
}

/* Every cut of a good manifest is read without a crash, and gives no row that is not whole. */
static void test_cuts(void **state) {
    static const char *const whole[] = {
        HEAD "a.example,\"s \"\"x\"\"\",1,off,t\r\nb.example,s,2,free,\n",
        "[{\"hostname\":\"a.example\",\"record_id\":12,\"tag\":\"\\u00fc\\ud83d\\ude00\"},{"
        "\"site\":null}]"};
    (void)state;
    for (size_t w = 0; w < 2; w++) {
        for (size_t len = 0; len <= strlen(whole[w]); len++) {
            struct seen seen = {.num_rows = 0};
            struct manifest_reader reader;
            struct cp_error err = {CP_OK, 0, 0, ""};
            enum cp_status status = read_bytes(&seen, whole[w], len, &reader, &err);
            if (status != CP_OK)
                assert_true(status == CP_ERR_USAGE && err.message[0] != '\0');
            assert_true(seen.num_rows <= 2);
        }
    }
}

static void test_limits(void **state) {
    struct seen seen = {.num_rows = 0};
    struct manifest_reader reader;
    struct cp_error err = {CP_OK, 0, 0, ""};
    const size_t len = 3 * 1024 * 1024;
    char *text = malloc(len);
    (void)state;
    assert_non_null(text);
    /* A value larger than every buffer on the way. */
    memset(text, 'a', len);
    memcpy(text, HEAD, sizeof(HEAD) - 1);
    assert_int_equal(read_bytes(&seen, text, len, &reader, &err), CP_ERR_USAGE);
    assert_non_null(strstr(seen.problems, "m:2:1: hostname: longer than 1024 bytes"));
    /* Problems without end: told up to the maximum, then reading stops. */
    seen = (struct seen){.num_rows = 0};
    memset(text, '\n', len);
    memcpy(text, HEAD, sizeof(HEAD) - 1);
    for (size_t i = sizeof(HEAD); i + 2 < len; i += 2)
        text[i] = 'x';
    assert_int_equal(read_bytes(&seen, text, len, &reader, &err), CP_ERR_USAGE);
    assert_int_equal(reader.num_problems, MANIFEST_MAX_PROBLEMS);
    /* What the caller returns ends it. */
    seen = (struct seen){.stop_after = 1};
    static const char two[] = HEAD "a,s,1,off,\nb,s,1,off,\n";
    assert_int_equal(read_bytes(&seen, two, sizeof(two) - 1, &reader, &err), CP_ERR_IO);
    assert_int_equal(seen.num_rows, 1);
    free(text);
}

static void test_columns(void **state) {
    const char *nearest = NULL;
    (void)state;
    for (size_t i = 0; i < MANIFEST_NUM_COLUMNS; i++) {
        enum manifest_column column = (enum manifest_column)i;
        assert_int_equal(manifest_column_find(manifest_column_name(column), &nearest), column);
        assert_true(manifest_column_max(column) > 0 && manifest_column_max(column) < 4096);
        assert_true(strlen(manifest_column_meaning(column)) > 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),   cmocka_unit_test(test_bad),     cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
