/* testcerts/mangled/: every defect alone, and in pairs, with what was found and what came back.
 *
 * repair_mangled.txt, a line each:
 *   defect rule@offset*count...                 "!" in front: not repaired
 *   first+second which-blocks-came-back rule...  one digit a block, - for none
 * The text that must come back for a defect alone is named by the generator (index.txt), which
 * knows nothing of the code under test; for pairs it is made of the good text's blocks, and of
 * nothing else. UPDATE=1 writes the list instead of comparing: read it before you commit it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that cmocka wants */
#include <cmocka.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pem.h"
#include "repair/repair.h"

#define MAX_FILE ((size_t)4 * 1024 * 1024)

static const char *const ids[] = {
#define CHECK(name, id, group, severity, source, meaning, help) id,
#include "checks.def"
#undef CHECK
};

static FILE *list; /* what is expected, or what is written */
static bool update;
static size_t num_different;

static void read_file(struct cp_secret *out, const char *name) {
    char path[1024];
    snprintf(path, sizeof(path), "%s/mangled/%s", CP_TESTCERTS_DIR, name);
    assert_int_equal(cp_secret_read_file(out, path, MAX_FILE, NULL), CP_OK);
}

static void expect(const char *line) {
    char want[4096];
    if (update) {
        fprintf(list, "%s\n", line);
        return;
    }
    if (fgets(want, sizeof(want), list) == NULL)
        want[0] = '\0';
    want[strcspn(want, "\n")] = '\0';
    if (strcmp(want, line) != 0) {
        print_error("want %s\n got %s\n", want, line);
        num_different++;
    }
}

static void is_stable(const struct cp_repair *first) {
    struct cp_repair again;
    struct cp_span text = {first->text.data, first->text.len};
    assert_int_equal(cp_repair_run(&again, text, NULL), CP_OK);
    assert_int_equal(again.num_notes, 0);
    assert_true(cp_span_equal((struct cp_span){again.text.data, again.text.len}, text));
    cp_repair_cleanup(&again);
}

static void test_alone(void **state) {
    struct cp_secret index;
    (void)state;
    read_file(&index, "index.txt");
    size_t num = 0;
    for (char *at = (char *)index.data, *end; (end = strchr(at, '\n')) != NULL;
         at = end + 1, num++) {
        char name[64], digest[65], file[80], hex[65], line[4096];
        uint8_t sha256[32];
        struct cp_secret in;
        struct cp_repair repair;
        *end = '\0';
        assert_int_equal(sscanf(at, "%63s %64s", name, digest), 2);
        snprintf(file, sizeof(file), "%s.pem", name);
        read_file(&in, file);
        assert_int_equal(cp_repair_run(&repair, (struct cp_span){in.data, in.len}, NULL), CP_OK);
        assert_int_equal(
            EVP_Digest(repair.text.data, repair.text.len, sha256, NULL, EVP_sha256(), NULL), 1);
        cp_hex(hex, sha256, sizeof(sha256));
        if (strcmp(hex, digest) != 0)
            fail_msg("%s: other text came back", name);
        size_t used = (size_t)snprintf(line, sizeof(line), "%s", name);
        for (size_t i = 0; i < repair.num_notes; i++)
            used +=
                (size_t)snprintf(line + used, sizeof(line) - used, " %s%s@%zu*%zu",
                                 repair.notes[i].repaired ? "" : "!", ids[repair.notes[i].check],
                                 repair.notes[i].offset, repair.notes[i].count);
        assert_true(repair.num_notes != 0);
        expect(line);
        is_stable(&repair);
        cp_repair_cleanup(&repair);
        cp_secret_cleanup(&in);
    }
    assert_true(num > 50);
    cp_secret_cleanup(&index);
}

struct record {
    char name[128];
    struct cp_span bytes;
};

/* "name length LF bytes LF" */
static bool next_record(struct cp_span *rest, struct record *out) {
    size_t len = 0;
    int used = 0;
    if (rest->len == 0)
        return false;
    assert_int_equal(sscanf((const char *)rest->data, "%127s %zu%n", out->name, &len, &used), 2);
    size_t head = (size_t)used + 1;
    assert_true(head + len + 1 <= rest->len && rest->data[head + len] == '\n');
    out->bytes = (struct cp_span){rest->data + head, len};
    rest->data += head + len + 1;
    rest->len -= head + len + 1;
    return true;
}

static void check_pair(const struct record *record, struct cp_span good, size_t *num_whole) {
    struct cp_repair repair;
    struct cp_pem_reader reader;
    struct cp_pem_block block;
    char line[4096];
    bool found = true;
    size_t at = 0;
    assert_int_equal(cp_repair_run(&repair, record->bytes, NULL), CP_OK);
    size_t used = (size_t)snprintf(line, sizeof(line), "%s %s", record->name,
                                   repair.text.len == 0 ? "-" : "");
    /* The text is good blocks, and nothing else. */
    while (at < repair.text.len) {
        size_t start = at, which = 1;
        cp_pem_reader_init(&reader, good);
        while (at == start && cp_pem_next(&reader, &block, &found, NULL) == CP_OK && found) {
            size_t len = block.end_offset + 1 - block.begin_offset;
            if (len <= repair.text.len - at &&
                memcmp(repair.text.data + at, good.data + block.begin_offset, len) == 0) {
                at += len;
                used += (size_t)snprintf(line + used, sizeof(line) - used, "%zu", which);
            }
            which++;
        }
        if (at == start)
            break;
    }
    if (at != repair.text.len)
        fail_msg("%s: something else came back", record->name);
    *num_whole += at == good.len;
    for (size_t i = 0; i < repair.num_notes; i++)
        used += (size_t)snprintf(line + used, sizeof(line) - used, " %s",
                                 ids[repair.notes[i].check] + 2);
    expect(line);
    is_stable(&repair);
    cp_repair_cleanup(&repair);
}

static void check_pairs(const char *file) {
    struct cp_secret all;
    struct record record;
    size_t num = 0, num_whole = 0;
    read_file(&all, file);
    struct cp_span rest = {all.data, all.len};
    assert_true(next_record(&rest, &record));
    struct cp_span good = record.bytes;
    for (; next_record(&rest, &record); num++)
        check_pair(&record, good, &num_whole);
    print_message("%s: %zu pairs, %zu wholly restored\n", file, num, num_whole);
    assert_true(num > 1000 && num_whole > num / 2);
    cp_secret_cleanup(&all);
}

static void test_pairs(void **state) {
    (void)state;
    check_pairs("pairs.bin");
    check_pairs("pairs-reversed.bin");
}

static void test_list_is_the_same(void **state) {
    (void)state;
    if (!update)
        assert_int_equal(fgetc(list), EOF);
    assert_int_equal(num_different, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_alone), cmocka_unit_test(test_pairs),
                                       cmocka_unit_test(test_list_is_the_same)};
    const char *wish = getenv("UPDATE");
    update = wish != NULL && strcmp(wish, "1") == 0;
    list = fopen(CP_TESTCERTS_DIR "/../tests/unit/repair_mangled.txt", update ? "w" : "r");
    if (list == NULL) {
        perror("repair_mangled.txt");
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (fclose(list) != 0)
        failed++;
    return failed;
}
