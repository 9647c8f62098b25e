/* Writes OUTDIR/mangled/ from the table of manglings. */
#include "mangle.h"
#include "keys.h"
#include "recipe.h"

#include <stdio.h>
#include <string.h>

/* Singles are made of a whole bundle, pairs of two short keys, one of them with padding: there are
 * many. */
#define FIRST "cert:ec-leaf"
#define MIDDLE "cert:ec-intermediate"
#define LAST "key:ec-leaf/pkcs8"
#define PAIR_OF_KEYS "key:ec-leaf/sec1 key:ed25519-leaf/pkcs8"

static void make(struct tc_bytes *out, enum tc_restored restored) {
    static const char *const recipes[] = {
        [TC_ALL] = FIRST " " MIDDLE " " LAST,
        [TC_NOT_FIRST] = MIDDLE " " LAST,
        [TC_NOT_LAST] = FIRST " " MIDDLE,
        [TC_NOTHING] = "raw:nothing",
    };
    tc_recipe_make(out, recipes[restored]);
}

static void write_to(const char *outdir, const char *name, const char *suffix,
                     const struct tc_bytes *contents) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/mangled/%s%s", outdir, name, suffix) >= (int)sizeof path) {
        tc_die("path too long");
    }
    tc_write_file(path, contents);
}

static void write_singles(const char *outdir) {
    struct tc_bytes index = {0};
    for (size_t i = 0; i < tc_num_manglings; i++) {
        const struct tc_mangling *row = &tc_manglings[i];
        struct tc_bytes text = {0}, good = {0};
        uint8_t digest[32];
        make(&text, TC_ALL);
        row->apply(&text);
        make(&good, row->restored);
        tc_sha256(digest, good.data, good.len);
        tc_printf(&index, "%s ", row->name);
        tc_hex(&index, digest, sizeof digest);
        tc_puts(&index, "\n");
        write_to(outdir, row->name, ".pem", &text);
        tc_clear(&text);
        tc_clear(&good);
    }
    write_to(outdir, "index", ".txt", &index);
    tc_clear(&index);
}

/* The second is applied to what the first leaves: a JSON string in UTF-16, not the reverse, and
 * both orders are there. A pair of which one half does nothing is left out. */
static void write_pairs(const char *outdir, int reversed) {
    struct tc_bytes out = {0}, good = {0};
    tc_recipe_make(&good, PAIR_OF_KEYS);
    tc_printf(&out, "good %zu\n", good.len);
    tc_put(&out, good.data, good.len);
    tc_puts(&out, "\n");
    for (size_t i = 0; i < tc_num_manglings; i++) {
        struct tc_bytes first = {0};
        tc_put(&first, good.data, good.len);
        tc_manglings[i].apply(&first);
        int useless = first.len == good.len && memcmp(first.data, good.data, good.len) == 0;
        for (size_t j = reversed ? 0 : i + 1; j < (reversed ? i : tc_num_manglings) && !useless;
             j++) {
            struct tc_bytes both = {0};
            tc_put(&both, first.data, first.len);
            tc_manglings[j].apply(&both);
            if (both.len != first.len || memcmp(both.data, first.data, first.len) != 0) {
                tc_printf(&out, "%s+%s %zu\n", tc_manglings[i].name, tc_manglings[j].name,
                          both.len);
                tc_put(&out, both.data, both.len);
                tc_puts(&out, "\n");
            }
            tc_clear(&both);
        }
        tc_clear(&first);
    }
    write_to(outdir, reversed ? "pairs-reversed" : "pairs", ".bin", &out);
    tc_clear(&out);
    tc_clear(&good);
}

void tc_mangle_write(const char *outdir) {
    write_singles(outdir);
    write_pairs(outdir, 0);
    write_pairs(outdir, 1);
}

void tc_mangle_readme(struct tc_bytes *out) {
    static const char *const restored[] = {[TC_ALL] = "all",
                                           [TC_NOT_FIRST] = "all but the first block",
                                           [TC_NOT_LAST] = "all but the last block",
                                           [TC_NOTHING] = "nothing"};
    tc_puts(out, "\n## `mangled/`: Text as it arrives\n\n"
                 "`good/ec-bundle.pem`, with one defect each; `index.txt` has the SHA-256 of the "
                 "text that must "
                 "come back.\n"
                 "`pairs.bin` and `pairs-reversed.bin` have two defects at a time, in either "
                 "order, on a shorter text: "
                 "records of\n`first+second length`, a line feed, the bytes, a line feed; the "
                 "first record, `good`, is the text "
                 "itself.\n\n"
                 "| File | What is wrong | What must come back |\n|---|---|---|\n");
    for (size_t i = 0; i < tc_num_manglings; i++) {
        const char *wrong = tc_manglings[i].wrong;
        tc_printf(out, "| `%s.pem` | ", tc_manglings[i].name);
        for (; *wrong != '\0'; wrong++)
            tc_printf(out, "%s%c", *wrong == '\\' || *wrong == '*' ? "\\" : "", *wrong);
        tc_printf(out, " | %s |\n", restored[tc_manglings[i].restored]);
    }
}
