/* testcerts_generate OUTDIR: makes every file of files.c, and the README, in OUTDIR.
 *
 *   keys.def -> keys.c        keys by name, kept in OUTDIR/keys; signatures
 *   certs.c  -> issue.c       certificates by name (extensions.c, defects.c)
 *   files.c  -> recipe.c      files: certificates, keys (keyforms.c, key_rsa.c, key_ec.c), text
 *            -> shapes.c      what happens to the text
 *            -> judge.c       OpenSSL's verdict, compared with the row's
 *   mangle_text.c -> mangle.c what text goes through on its way, alone and in pairs
 *            -> readme.c      the list of it all
 */
#include "files.h"
#include "judge.h"
#include "keys.h"
#include "mangle.h"
#include "recipe.h"

#include <stdio.h>
#include <string.h>

#include <openssl/opensslv.h>

static int make_file(const char *outdir, const struct tc_file_row *row) {
    struct tc_bytes contents = {0};
    struct tc_verdict verdict;
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", outdir, row->path) >= (int)sizeof path) {
        tc_die("path too long");
    }
    tc_recipe_make(&contents, row->recipe);
    if (row->shape != NULL) {
        tc_shape_get(row->shape)->apply(&contents);
    }
    tc_write_file(path, &contents);
    tc_judge(&verdict, &contents, row->host != NULL ? row->host : "shop.acme.example");
    tc_clear(&contents);
    const char *expected = row->openssl != NULL ? row->openssl : "(no expectation)";
    if (strcmp(verdict.text, expected) != 0) {
        fprintf(stderr, "%s: OpenSSL says \"%s\", the table \"%s\"\n", row->path, verdict.text,
                expected);
        return 0;
    }
    return 1;
}

int main(int argc, char **argv) {
    static const char *const folders[] = {"",         "/keys",    "/trust", "/good",    "/bad",
                                          "/demo",    "/explain", "/path",  "/profile", "/webpki",
                                          "/mangled", "/status",  "/weak",  "/hostile"};
    size_t num_surprises = 0, num_files = 0;
    if (argc != 2) {
        fputs("usage: testcerts_generate OUTDIR\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[4096];
        if (snprintf(path, sizeof path, "%s%s", argv[1], folders[i]) >= (int)sizeof path) {
            tc_die("path too long");
        }
        tc_make_directory(path);
    }
    tc_keys_open(argv[1]);
    for (size_t t = 0; t < tc_num_file_tables; t++) {
        for (size_t i = 0; i < *tc_file_tables[t].num_rows; i++, num_files++) {
            num_surprises += make_file(argv[1], &tc_file_tables[t].rows[i]) ? 0 : 1;
        }
    }
    tc_mangle_write(argv[1]);
    tc_readme_write(argv[1]);
    tc_keys_close();
    printf("%zu files, %zu with another verdict than expected (%s)\n", num_files, num_surprises,
           OPENSSL_VERSION_TEXT);
    return num_surprises == 0 ? 0 : 1;
}
