/* doctor: what the program is made of. The libraries that are loaded at run time only are loaded as
 * the commands would, with their minimum versions. */
#include <openssl/crypto.h>
#include <openssl/opensslv.h>
#include <string.h>

#include "apiclient/libcurl.h"
#include "dns/cares.h"
#include "doctor.h"
#include "legacy.h"
#include "onboard/sqlite.h"

void doctor_probe_program(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    doctor_say(line, "%s, %zu checks", cp_version(), cp_num_rules());
}

/* Within one major version a newer library serves programs that were built with an older one. */
void doctor_probe_openssl(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    unsigned long built = OPENSSL_VERSION_NUMBER, running = OpenSSL_version_num();
    doctor_say(line, "%s; built with %s", OpenSSL_version(OPENSSL_VERSION_STRING),
               OPENSSL_VERSION_STR);
    if (running < built || running >> 28 != built >> 28)
        doctor_warn(line,
                    "install OpenSSL %s or later of the same major version (Debian package "
                    "libssl3), or build certprep with the OpenSSL that is here",
                    OPENSSL_VERSION_STR);
}

void doctor_probe_legacy(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    struct cp_legacy legacy = {NULL, NULL, NULL};
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (cp_legacy_open(&legacy, &err) != CP_OK) {
        doctor_say(line, "%s", err.message);
        doctor_warn(line, "reinstall OpenSSL: no key can be decrypted like this");
    } else if (legacy.old == NULL) {
        doctor_say(line, "not there: PKCS#12 files with RC2 and keys with DES can't be opened");
        doctor_warn(line, "install it (Debian 13 and later: openssl-provider-legacy), or export "
                          "such files anew with AES");
    } else {
        doctor_say(line, "there: old PKCS#12 files and DES keys can be opened");
    }
    cp_legacy_close(&legacy);
}

static void not_loaded(struct doctor_line *line, const struct cp_error *err, const char *package,
                       const char *who) {
    doctor_say(line, "%s", err->message);
    doctor_warn(line, "only %s it; on Debian: apt-get install %s", who, package);
}

void doctor_probe_libcurl(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (esa_libcurl_load("doctor", &err) != CP_OK) {
        not_loaded(line, &err, "libcurl4", "commands that call the service need");
        return;
    }
    const curl_version_info_data *info = esa_libcurl.version_info(CURLVERSION_NOW);
    const char *tls = info->ssl_version != NULL ? info->ssl_version : "no TLS";
    doctor_say(line, "%s with %s", info->version, tls);
    /* What libcurl decrypts is wiped through OpenSSL's options only. */
    if (esa_libcurl.ssl_ctx_set_options == NULL)
        doctor_warn(line, "its TLS is not OpenSSL 3, so that not all of its copies of a key can be "
                          "wiped; on Debian: apt-get install libcurl4");
}

void doctor_probe_sqlite(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (onboard_sqlite_load(&err) != CP_OK) {
        not_loaded(line, &err, "libsqlite3-0", "onboard needs");
        return;
    }
    int version = onboard_sqlite.libversion_number();
    doctor_say(line, "%d.%d.%d", version / 1000000, version / 1000 % 1000, version % 1000);
}

void doctor_probe_cares(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (esa_cares_load(&err) != CP_OK)
        not_loaded(line, &err, "libc-ares2", "questions to the DNS need");
    else
        doctor_say(line, "%s", esa_cares.version(NULL));
}
