/* The customer's records: the zone's syntax, names and texts that must not get into one, what is
 * kept when the service takes it back; and the file that is whole or not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "records_output.h"
#include "save_file.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define T50 "0123456789abcdefghijklmnopqrstuvwxyz0123456789ABCD"

static void zone_of(char *out, size_t size, const struct cli_records *set) {
    struct cp_buf buf;
    cp_buf_init(&buf, CLI_MAX_VIEW);
    cli_records_put_zone(&buf, set);
    assert_int_equal(cp_buf_finish(&buf, NULL), CP_OK);
    assert_true(buf.len < size);
    memcpy(out, buf.data, buf.len + 1);
    cp_buf_cleanup(&buf);
}

/* ---- a TXT record's name and text ------------------------------------------------------------ */

static const struct {
    const char *hostname, *name, *text, *line;
    const char *reason;
} lines[] = {
    {"a.example", "_esa_custom_hostname.a.example", "verify_1",
     "_esa_custom_hostname.a.example. 300 IN TXT \"verify_1\" ; ownership\n", "plain"},
    {"a.example", "_x.a.example.", "v", "_x.a.example. 300 IN TXT \"v\" ; ownership\n",
     "a dot that is there already"},
    {"*.a.example", "_x.a.example", "v", "_x.a.example. 300 IN TXT \"v\" ; ownership\n",
     "a wildcard's records are below what the wildcard is below"},
    {"*.a.example", "_x.*.a.example", "v", NULL, "a star within a name is none"},
    {"A.Example", "_x.a.example", "v", "_x.a.example. 300 IN TXT \"v\" ; ownership\n",
     "case does not count"},
    {"a.example", "_x.a.example", "a\"b;c", "_x.a.example. 300 IN TXT \"a\\\"b;c\" ; ownership\n",
     "a quote is escaped"},
    {"a.example", "_x.a.example", "a\\\\b", NULL, "models escape: a backslash is another text"},
    {"a.example", "_x.a.example", "a\nevil.example. IN A 192.0.2.1", NULL, "a line of its own"},
    {"a.example", "_x.a.example\nevil", "v", NULL, "a name with a line end"},
    {"a.example", "_x.b.example", "v", NULL, "another's name"},
    {"a.example", "_x.ba.example", "v", NULL, "a name that only ends alike"},
    {"a.example", "example", "v", NULL, "the parent"},
    {"a.example", "$INCLUDE.a.example", "v", NULL, "a directive"},
    {"a.example", "a b.a.example", "v", NULL, "a space"},
    {"a.example", "_x..a.example", "v", NULL, "an empty label"},
    {"a.example", ".a.example", "v", NULL, "an empty first label"},
    {"a.example", "\xc3\xa4.a.example", "v", NULL, "not ASCII"},
    {"a.example", L63 ".a.example", "v", L63 ".a.example. 300 IN TXT \"v\" ; ownership\n",
     "a label of 63"},
    {"a.example", L63 "a.a.example", "v", NULL, "a label of 64"},
};

static void test_lines(void **state) {
    char zone[8192];
    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct cli_records set = {.cname = ""};
        struct cli_record_row rows[CLI_MAX_RECORD_ROWS];
        snprintf(set.hostname, sizeof(set.hostname), "%s", lines[i].hostname);
        snprintf(set.verify_host, sizeof(set.verify_host), "%s", lines[i].name);
        snprintf(set.verify_code, sizeof(set.verify_code), "%s", lines[i].text);
        zone_of(zone, sizeof(zone), &set);
        const char *second = strchr(zone, '\n') + 1; /* the first one is a comment */
        if (lines[i].line != NULL ? strcmp(second, lines[i].line) != 0 : second[0] != ';')
            fail_msg("%s: %s", lines[i].reason, zone);
        for (const char *p = zone; *p != '\0'; p = strchr(p, '\n') + 1)
            if (lines[i].line == NULL && *p != ';')
                fail_msg("%s: not all of it is a comment: %s", lines[i].reason, zone);
        assert_int_equal(cli_records_rows(rows, &set), 1);
        assert_int_equal(rows[0].doubt == NULL, lines[i].line != NULL);
    }
}

static void test_long_text(void **state) {
    struct cli_records set = {.hostname = "a.example", .verify_host = "_x.a.example"};
    char zone[8192];
    (void)state;
    for (size_t i = 0; i < 10; i++)
        memcpy(set.verify_code + i * 50, T50, 51);
    zone_of(zone, sizeof(zone), &set);
    char *first = strchr(zone, '"'), *end = strchr(first + 1, '"');
    assert_int_equal(end - first - 1, 255); /* of one character-string */
    assert_memory_equal(end, "\" \"", 3);
    char *second = end + 2;
    end = strchr(second + 1, '"');
    assert_int_equal(end - second - 1, 245);
    assert_string_equal(end, "\" ; ownership\n");
}

static void test_forms(void **state) {
    struct cli_records set = {.hostname = "*.a.example",
                              .cert_txt_key = "_acme-challenge.a.example",
                              .cert_txt_value = "t",
                              .cert_http_key = "http://a.example/.well-known/x",
                              .cert_http_value = "h",
                              .cname = "o.example.net"};
    char zone[8192];
    (void)state;
    zone_of(zone, sizeof(zone), &set);
    assert_string_equal(
        zone, "; *.a.example\n"
              "_acme-challenge.a.example. 300 IN TXT \"t\" ; certificate\n"
              "; certificate, by HTTP instead of the TXT record: http://a.example/.well-known/x "
              "-> h\n"
              "*.a.example. 300 IN CNAME o.example.net. ; traffic\n");
    snprintf(set.cname, sizeof(set.cname), "o.example.net. 300 IN A 192.0.2.1");
    zone_of(zone, sizeof(zone), &set);
    assert_non_null(strstr(zone, "\n; traffic, not a valid DNS name: "));

    cJSON *object = cJSON_CreateObject();
    assert_true(cli_records_add_json(object, "records", &set));
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(object, "records");
    assert_int_equal(cJSON_GetArraySize(array), 3);
    assert_true(
        cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(array, 0), "doubt")));
    assert_true(
        cJSON_IsString(cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(array, 2), "doubt")));
    cJSON_Delete(object);
}

/* Once validated, records vanish from the service's replies. */
static void test_see(void **state) {
    struct cli_records set = {.hostname = ""};
    struct cli_record_row rows[CLI_MAX_RECORD_ROWS];
    struct esa_hostname found;
    (void)state;
    memset(&found, 0, sizeof(found));
    assert_false(cli_records_see(&set, &found));
    snprintf(found.hostname, sizeof(found.hostname), "a.example");
    snprintf(found.verify_host, sizeof(found.verify_host), "_x.a.example");
    snprintf(found.verify_code, sizeof(found.verify_code), "one");
    assert_true(cli_records_see(&set, &found));
    assert_false(cli_records_see(&set, &found)); /* nothing new */
    found.verify_host[0] = found.verify_code[0] = '\0';
    assert_false(cli_records_see(&set, &found)); /* taken back */
    assert_int_equal(cli_records_rows(rows, &set), 1);
    assert_string_equal(rows[0].value, "one");
    snprintf(found.verify_code, sizeof(found.verify_code), "two");
    assert_true(cli_records_see(&set, &found)); /* another one counts */
    assert_int_equal(cli_records_rows(rows, &set), 1);
    assert_string_equal(rows[0].value, "two");
}

static void test_words(void **state) {
    enum cli_records_form form = CLI_RECORDS_ZONE;
    (void)state;
    assert_int_equal(cli_records_form_parse(&form, NULL, NULL), CP_OK);
    assert_int_equal(form, CLI_RECORDS_NONE);
    assert_int_equal(cli_records_form_parse(&form, "zone", NULL), CP_OK);
    assert_int_equal(form, CLI_RECORDS_ZONE);
    assert_int_equal(cli_records_form_parse(&form, "", NULL), CP_ERR_USAGE);
    assert_int_equal(cli_records_form_parse(&form, "Zone", NULL), CP_ERR_USAGE);
}

/* ---- the file -------------------------------------------------------------------------------- */

static size_t num_files(const char *dir) {
    size_t num = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    while (readdir(d) != NULL)
        num++;
    closedir(d);
    return num - 2; /* . and .. */
}

static void expect_file(const char *path, const char *text, mode_t mode) {
    char held[64];
    struct stat st;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(held, 1, sizeof(held) - 1, file);
    fclose(file);
    held[len] = '\0';
    assert_string_equal(held, text);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, mode);
}

static void test_save(void **state) {
    char dir[] = "/tmp/certprep-test-XXXXXX", file[64], link[64], none[64];
    struct cp_error err;
    mode_t mask = umask(022);
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(file, sizeof(file), "%s/file", dir);
    snprintf(link, sizeof(link), "%s/link", dir);
    snprintf(none, sizeof(none), "%s/none/file", dir);
    assert_int_equal(cli_save_probe(file, &err), CP_OK);
    assert_int_equal(num_files(dir), 0);
    assert_int_equal(cli_save(file, "one", 3, &err), CP_OK);
    expect_file(file, "one", 0644);
    assert_int_equal(chmod(file, 0600), 0);
    assert_int_equal(cli_save(file, "two!", 4, &err), CP_OK);
    expect_file(file, "two!", 0600); /* its permissions stay */
    assert_int_equal(cli_save(file, "", 0, &err), CP_OK);
    expect_file(file, "", 0600);
    assert_int_equal(symlink(file, link), 0);
    assert_int_equal(cli_save_probe(link, &err), CP_ERR_IO);
    assert_int_equal(cli_save(link, "x", 1, &err), CP_ERR_IO);
    assert_int_equal(cli_save(dir, "x", 1, &err), CP_ERR_IO);
    assert_int_equal(cli_save(none, "x", 1, &err), CP_ERR_IO);
    assert_int_equal(cli_save("", "x", 1, &err), CP_ERR_USAGE);
    expect_file(file, "", 0600);
    assert_int_equal(num_files(dir), 2);
    assert_int_equal(unlink(file) + unlink(link) + rmdir(dir), 0);
    (void)umask(mask);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines), cmocka_unit_test(test_long_text),
        cmocka_unit_test(test_forms), cmocka_unit_test(test_see),
        cmocka_unit_test(test_words), cmocka_unit_test(test_save),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
