/* doctor: trust store, clock, memory, locale and credential of this machine. */
#define _GNU_SOURCE /* MADV_DONTDUMP */
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "doctor.h"
#include "trust.h"

void doctor_probe_trust(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    const char *path = cp_trust_system_file();
    struct cp_trust *trust = NULL;
    struct cp_error err = {CP_OK, 0, 0, ""};
    if (cp_trust_new_system_file(&trust, &err) != CP_OK) {
        doctor_say(line, "%s", err.message);
        doctor_warn(line, "apt-get install ca-certificates, or name a bundle with --trust FILE");
        return;
    }
    doctor_say(line, "%s: %zu anchors, %zu unreadable", path, trust->num_anchors,
               trust->num_unreadable);
    if (trust->num_unreadable != 0)
        doctor_warn(line,
                    "'certprep inspect %s' shows which can't be read; update-ca-certificates "
                    "writes the bundle anew",
                    path);
    cp_trust_free(trust);
}

/* The clock is behind if a file was changed in its future. Those that a package or an administrator
 * wrote, not those that another user might have dated as he liked. */
void doctor_probe_clock(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    const char *const files[] = {"/proc/self/exe", cp_trust_system_file(), "/etc/passwd",
                                 "/etc/ld.so.cache"};
    const int64_t slack_s = 60, first_release_s = 1767225600; /* 2026-01-01 */
    int64_t now_s = 0, newest_s = first_release_s;
    const char *newest = "the first release of certprep";
    char now[CP_TIME_TEXT], then[CP_TIME_TEXT];
    struct cp_error err = {CP_OK, 0, 0, ""};
    struct stat info;
    if (esa_clock_system(NULL, &now_s, &err) != CP_OK) {
        doctor_say(line, "%s", err.message);
        doctor_warn(line, "name the time with --at");
        return;
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (files[i] != NULL && stat(files[i], &info) == 0 && info.st_mtime > newest_s) {
            newest_s = info.st_mtime;
            newest = i == 0 ? "this program's file" : files[i];
        }
    cp_time_format(now, now_s);
    cp_time_format(then, newest_s);
    doctor_say(line, "%s", now);
    if (now_s + slack_s >= newest_s)
        return;
    doctor_say(line, "%s, which is before %s was written (%s)", now, newest, then);
    doctor_warn(line, "set the clock (timedatectl set-ntp true): validity is judged by it, and the "
                      "service refuses requests that are off by 15 minutes; or name the time "
                      "with --at");
}

static void put_limit(char *out, size_t size, rlim_t limit) {
    if (limit == RLIM_INFINITY)
        (void)snprintf(out, size, "unlimited");
    else
        (void)snprintf(out, size, "%ju KiB", (uintmax_t)limit / 1024);
}

/* Does the kernel lock as much as one bundle's keys take? */
void doctor_probe_memory(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    const size_t len = (size_t)256 * 1024;
    struct rlimit limit = {0, 0};
    char soft[32] = "unknown";
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0)
        put_limit(soft, sizeof(soft), limit.rlim_cur);
    void *data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int failed = data == MAP_FAILED || mlock(data, len) != 0 ? errno : 0;
    bool has_heap = CRYPTO_secure_malloc_initialized() == 1;
    if (data != MAP_FAILED)
        (void)munmap(data, len);
    if (failed == 0 && has_heap) {
        doctor_say(line, "keys are kept out of swap; RLIMIT_MEMLOCK is %s", soft);
        return;
    }
    doctor_say(line, "%s; RLIMIT_MEMLOCK is %s",
               failed != 0 ? "keys can't be kept out of swap" : "OpenSSL has no secure heap", soft);
    doctor_warn(line, "raise the limit to 1024 KiB or more (ulimit -l, LimitMEMLOCK= of systemd, "
                      "--ulimit memlock of containers), or run without swap");
}

void doctor_probe_dumps(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    const size_t len = (size_t)sysconf(_SC_PAGESIZE);
    struct rlimit limit = {1, 1};
    bool is_off = getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0;
    bool is_left_out = false;
#ifdef MADV_DONTDUMP
    void *data = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    is_left_out = data != MAP_FAILED && madvise(data, len, MADV_DONTDUMP) == 0;
    if (data != MAP_FAILED)
        (void)munmap(data, len);
#endif
    doctor_say(line, "core dumps of certprep are %s; keys %s", is_off ? "off" : "possible",
               is_left_out ? "are left out of them" : "would be in them");
    if (!is_off || !is_left_out)
        doctor_warn(line, "switch core dumps off (ulimit -c 0)");
}

/* Nothing is lost without UTF-8: it is written as \xNN. */
void doctor_probe_locale(const struct doctor *doctor, struct doctor_line *line) {
    (void)doctor;
    if (cli_locale_is_utf8()) {
        doctor_say(line, "UTF-8");
        return;
    }
    doctor_say(line, "%.40s: other characters are written as \\xNN", nl_langinfo(CODESET));
    (void)snprintf(line->help, sizeof(line->help), "LC_ALL=C.UTF-8 shows them");
}

struct chain {
    char failed[32], why[ESA_REASON_MAX];
};

static void on_provider(void *context, const char *provider, enum esa_provider_end end,
                        const char *why) {
    struct chain *chain = context;
    if (end != ESA_PROVIDER_FAILED || chain->failed[0] != '\0')
        return;
    (void)snprintf(chain->failed, sizeof(chain->failed), "%s", provider);
    (void)snprintf(chain->why, sizeof(chain->why), "%s", why);
}

void doctor_probe_credential(const struct doctor *doctor, struct doctor_line *line) {
    struct chain chain = {"", ""};
    struct esa_credential *credential = NULL;
    struct cp_error err = {CP_OK, 0, 0, ""};
    char until[CP_TIME_TEXT] = "";
    enum cp_status status = cli_credential_open(&credential, &doctor->credential_options, true,
                                                on_provider, &chain, &err);
    if (status == CP_OK) {
        int64_t expires_s = esa_credential_expires_s(credential);
        if (expires_s != 0)
            cp_time_format(until, expires_s);
        doctor_say(line, "from %s, %s%s%s", esa_credential_source(credential),
                   esa_credential_is_temporary(credential) ? "a temporary key" : "an access key",
                   until[0] != '\0' ? " until " : "", until);
        (void)snprintf(line->help, sizeof(line->help), "'certprep whoami' asks whose it is");
    } else if (chain.failed[0] != '\0') {
        doctor_say(line, "%s: %s", chain.failed, chain.why);
        doctor_warn(line, "'certprep whoami --explain' uses the network and says more");
    } else if (doctor->credential_options.profile != NULL) {
        doctor_say(line, "%s", err.message);
        doctor_warn(line, "'certprep whoami --explain' shows every place that was looked at");
    } else {
        doctor_say(line, "none is set up");
        (void)snprintf(line->help, sizeof(line->help),
                       "only commands that call the service need one; 'certprep whoami --explain' "
                       "shows where it may stand");
    }
    esa_credential_free(credential);
}
