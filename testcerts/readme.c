/* The README, from the same tables as the files. */
#include "certs.h"
#include "files.h"
#include "keys.h"
#include "mangle.h"
#include "recipe.h"

#include <stdio.h>
#include <string.h>

static const char intro[] =
    "# Test certificates and keys\n"
    "\n"
    "**TEST ONLY. Every private key in this folder is public. Never use one, never trust one of "
    "these\n"
    "roots.**\n"
    "\n"
    "This file and all others here but the generator's sources are written by "
    "`testcerts_generate`;\n"
    "edit the tables, not the files.\n"
    "\n"
    "## Conventions\n"
    "\n"
    "- The clock of every test is **2026-06-01T00:00:00Z** (`--at 2026-06-01`).\n"
    "- Unless its row says otherwise, a leaf is valid from 2026-04-01 to 2026-10-01, an "
    "intermediate\n"
    "  from 2024-01-01 to 2034-01-01 and a root from 2020-01-01 to 2040-01-01, each T00:00:00Z.\n"
    "- The trust anchors are `trust/all.pem`. The hostname to ask for is `shop.acme.example`, if "
    "the\n"
    "  row names no other.\n"
    "- A bad file has the defect that is named and no other: where a certificate is malformed, it "
    "is\n"
    "  signed as it stands, so that its signature is good.\n"
    "- A bundle holds the leaf, its intermediates and the key, in this order, if the row does not "
    "say\n"
    "  otherwise. Certificates are named as in `certs.c`, keys as in `keys/`.\n"
    "- The pass phrase of every encrypted key is in `good/passphrase.txt`.\n"
    "- The last column is the verdict of OpenSSL 3.0, which the generator asks each time: "
    "certificate 1\n"
    "  verified against `trust/all.pem` at the clock, as a TLS server (so a CA alone is error 26), "
    "for\n"
    "  that host; then the first key. It shows what plain OpenSSL overlooks, and where its reader "
    "gives\n"
    "  up: \"can't parse certificate\", \"can't read the key\", \"PEM: ...\", or \"no "
    "certificate\" where\n"
    "  there is one. The `openssl` command passes over a broken block in silence and judges the "
    "next\n"
    "  certificate that it can read.\n"
    "\n"
    "## How to regenerate\n"
    "\n"
    "```\n"
    "cmake --build BUILD --target testcerts_generate\n"
    "BUILD/testcerts/testcerts_generate testcerts\n"
    "```\n"
    "\n"
    "Keys in `keys/` are kept, and so are signatures (`keys/signatures.txt`), as long as what they "
    "sign\n"
    "stays the same: a rerun changes nothing that did not change in the tables. `ctest -R "
    "testcerts`\n"
    "proves it. To add material, add a row to `files.c`, and for a new certificate one to "
    "`certs.c`.\n"
    "The generator ends with status 1 if OpenSSL 3.0 says something else than a row expects.\n"
    "\n"
    "`known/` holds public keys that others have published (certprep/weakkey/known_keys.def), and\n"
    "`keys/rfc9500-*.pem` are private keys of RFC 9500: the generator does not write them.\n"
    "Nor `ct/log_list.json`: real logs, an excerpt of Chromium's\n"
    "components/certificate_transparency/data/log_list.json, version 85.110 of 2026-06-16\n"
    "(BSD-3-Clause).\n"
    "\n";

static size_t folder_len(const char *path) {
    return (size_t)(strchr(path, '/') - path);
}

static const char *folder_title(const char *path) {
    static const char *const titles[][2] = {
        {"trust", "Trust anchors"},
        {"good", "Good material"},
        {"status", "Revocation lists, OCSP responses, SCTs, and a list of logs"},
        {"hostile", "Names that attack what shows them"},
        {"bad", "Bad material"},
        {"profile", "Certificates that break one clause, and their nearest good neighbours"},
        {"weak", "Weak keys"},
        {"path", "Certificate policies along a chain"},
        {"explain", "Paths that end at different times"},
        {"webpki", "Breaches of the Baseline Requirements"},
        {"demo", "The false match: two EC keys of which `openssl ... -modulus` says the same"},
    };
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (strncmp(path, titles[i][0], folder_len(path)) == 0) {
            return titles[i][1];
        }
    }
    tc_die("no title for the folder of %s", path);
}

/* "|" would end a cell, "*" could start emphasis, "\" escapes. */
static void put_cell(struct tc_bytes *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '*' || *text == '\\') {
            tc_put_byte(out, '\\');
        }
        tc_put_byte(out, (uint8_t)*text);
    }
}

static void put_row(struct tc_bytes *out, const struct tc_file_row *row) {
    tc_printf(out, "| `%s` | ", strchr(row->path, '/') + 1);
    tc_recipe_describe(out, row->recipe);
    tc_puts(out, " | ");
    if (row->host != NULL) {
        tc_printf(out, "`%s`", row->host);
    }
    tc_puts(out, " | ");
    if (row->shape != NULL && row->wrong == NULL) {
        tc_printf(out, "nothing; form: %s", row->shape);
    } else {
        put_cell(out, row->wrong != NULL ? row->wrong : "nothing");
    }
    tc_puts(out, " | ");
    put_cell(out, row->openssl != NULL ? row->openssl : "");
    tc_puts(out, " |\n");
}

void tc_readme_write(const char *outdir) {
    struct tc_bytes out = {0};
    char path[4096];
    const char *folder = "";
    if (snprintf(path, sizeof path, "%s/README.md", outdir) >= (int)sizeof path) {
        tc_die("path too long");
    }
    tc_puts(&out, intro);
    for (size_t t = 0; t < tc_num_file_tables; t++) {
        for (size_t i = 0; i < *tc_file_tables[t].num_rows; i++) {
            const struct tc_file_row *row = &tc_file_tables[t].rows[i];
            size_t len = folder_len(row->path);
            if (strncmp(folder, row->path, len + 1) != 0) {
                tc_printf(&out, "%s## `%.*s/`: %s\n\n", folder[0] == '\0' ? "" : "\n", (int)len,
                          row->path, folder_title(row->path));
                tc_puts(&out, "| File | Holds | Ask for | What is wrong | OpenSSL 3.0 |\n"
                              "|---|---|---|---|---|\n");
                folder = row->path;
            }
            put_row(&out, row);
        }
    }
    tc_mangle_readme(&out);
    tc_write_file(path, &out);
    tc_clear(&out);
}
