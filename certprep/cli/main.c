/* certprep: the command table, and what protects every command. */
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli.h"

static const struct cli_command commands[] = {
    {"check", "judge a certificate bundle and its key", cli_check},
    {"gate", "judge every certificate and key of a tree of files", cli_gate},
    {"audit", "judge a fleet: jobs in, answers out, one a line", cli_audit},
    {"prepare", "check, repair, convert and write it as a target wants it", cli_prepare},
    {"inspect", "show what is in files: facts, places, relations", cli_inspect},
    {"submit", "check, prepare and submit a custom hostname to Alibaba Cloud ESA", cli_submit},
    {"update", "check, prepare and change a custom hostname that exists", cli_update},
    {"status", "show where custom hostnames stand, and what to publish", cli_status},
    {"list", "list a site's custom hostnames", cli_list},
    {"verify", "have the ownership of custom hostnames verified", cli_verify},
    {"apply", "have a custom hostname's free certificate applied for again", cli_apply},
    {"delete", "delete custom hostnames", cli_delete},
    {"sites", "list the account's sites", cli_sites},
    {"records", "list a site's records and their CNAME targets", cli_records},
    {"onboard", "plan and carry out many custom hostnames, resumable", cli_onboard},
    {"dns", "judge by the DNS whether hostnames are ready to be submitted", cli_dns},
    {"whoami", "show whose credential is used, and where it comes from", cli_whoami},
    {"config", "show the configuration that holds here, and its origins", cli_config},
    {"waive", "add a waiver: not counted, for a reason, until a day", cli_waive},
    {"rules", "list the checks", cli_rules},
    {"rule", "explain one: meaning, source, example, repair", cli_rule},
    {"doctor", "examine what certprep finds on this machine", cli_doctor},
    {"completion", "write the completions for bash, zsh or fish", cli_completion},
};

#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct cli_command *cli_commands(size_t *num) {
    *num = NUM_COMMANDS;
    return commands;
}

#define SECURE_HEAP ((size_t)1 << 18) /* OpenSSL's own copies of key numbers */

/* A sanitizer's leak check attaches to the process, which an undumpable one does not allow. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(HAS_ADDRESS_SANITIZER)
#define MAY_HIDE false
#else
#define MAY_HIDE true
#endif

/* No memory in a core dump that someone else takes (gcore by root): libcurl and OpenSSL hold copies
 * of what is on its way. Best effort: what the kernel does not offer is not missed. */
static void leave_out_of_dumps(void) {
    int fd = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "0", 1);
    (void)written;
    (void)close(fd);
}

/* Keys must not reach a core dump or another process of the same user. */
static void protect(void) {
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    leave_out_of_dumps(); /* before the next step, which takes the right to */
    if (MAY_HIDE)
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)unsetenv(
        "SSLKEYLOGFILE"); /* libcurl would write the keys of the session that carries one */
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, reported as one */
    (void)signal(SIGCHLD, SIG_DFL); /* inherited as ignored, it would hide how a child ended */
    /* No openssl.cnf: it costs time, and what it loads is not ours to run. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    (void)CRYPTO_secure_malloc_init(SECURE_HEAP, 64);
}

static int print_help(FILE *out, int exit_code) {
    fprintf(out, "Usage: certprep COMMAND [OPTION]...\n\n"
                 "Says what is wrong with a certificate bundle, and submits only what is right.\n\n"
                 "Commands:\n");
    for (size_t i = 0; i < NUM_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(out, "\n'certprep COMMAND --help' explains a command; man certprep has it all.\n");
    return out == stdout ? cli_write("", 0, exit_code) : exit_code;
}

int main(int argc, char **argv) {
    protect();
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
        return print_help(stdout, CLI_OK);
    if (strcmp(name, "--version") == 0) {
        printf("certprep %s\n", cp_version());
        return cli_write("", 0, CLI_OK);
    }
    for (size_t i = 0; i < NUM_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (argc < 2)
        return print_help(stderr, CLI_USAGE);

    const char *names[NUM_COMMANDS];
    struct cp_error err = {CP_OK, 0, 0, ""};
    for (size_t i = 0; i < NUM_COMMANDS; i++)
        names[i] = commands[i].name;
    const char *nearest = cli_nearest(name, names, NUM_COMMANDS);
    (void)cp_fail(&err, CP_ERR_USAGE, "unknown command '%.40s'", name);
    fprintf(stderr, "certprep: %s\n", err.message);
    if (nearest != NULL)
        fprintf(stderr, "  help: did you mean 'certprep %s'?\n", nearest);
    else
        fprintf(stderr, "  help: 'certprep --help' lists the commands\n");
    return CLI_USAGE;
}
