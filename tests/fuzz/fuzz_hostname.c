/* Hostnames: the first line is what is asked for, the rest is a presented dNSName. */
#include "fuzz.h"
#include "hostname.h"

static bool is_ldh(const char *text) {
    return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(text);
}

static void check_accepted(const struct cp_hostname *hostname) {
    struct cp_hostname again;
    const char *ascii = cp_hostname_ascii(hostname);
    size_t len = strlen(ascii);
    FUZZ_ASSERT(len >= 1 && len <= CP_HOSTNAME_MAX);
    FUZZ_ASSERT(hostname->ip_len == 0 || hostname->ip_len == 4 || hostname->ip_len == 16);
    if (hostname->ip_len == 0) {
        FUZZ_ASSERT(is_ldh(hostname->wildcard ? ascii + 2 : ascii));
        FUZZ_ASSERT(hostname->wildcard == (strncmp(ascii, "*.", 2) == 0));
        FUZZ_ASSERT(cp_dns_check(cp_span_of(ascii)) == CP_DNS_OK);
    } else {
        FUZZ_ASSERT(!hostname->wildcard && hostname->unicode == NULL);
        FUZZ_ASSERT(!cp_hostname_is_public_suffix(hostname));
        FUZZ_ASSERT(
            cp_hostname_matches_ip(hostname, (struct cp_span){hostname->ip, hostname->ip_len}));
        FUZZ_ASSERT(!cp_hostname_matches_dns(hostname, cp_span_of(ascii)));
    }
    /* Both forms lead back to the same name. */
    FUZZ_ASSERT(cp_hostname_init(&again, ascii, NULL) == CP_OK);
    FUZZ_ASSERT(strcmp(again.ascii, ascii) == 0 && again.ip_len == hostname->ip_len);
    cp_hostname_cleanup(&again);
    FUZZ_ASSERT(cp_hostname_init(&again, cp_hostname_unicode(hostname), NULL) == CP_OK);
    FUZZ_ASSERT(strcmp(again.ascii, ascii) == 0);
    cp_hostname_cleanup(&again);
    /* A name covers itself, unless it is a wildcard over a public suffix. */
    if (hostname->ip_len == 0 && !cp_hostname_is_public_suffix(hostname))
        FUZZ_ASSERT(cp_hostname_matches_dns(hostname, cp_span_of(ascii)));
}

/* RFC 9525 6.3 told simply: the same, or all but the first label the same and that one is "*". */
static void check_match(const struct cp_hostname *hostname, struct cp_span presented) {
    char text[CP_HOSTNAME_MAX + 1];
    if (!cp_hostname_matches_dns(hostname, presented))
        return;
    FUZZ_ASSERT(presented.len <= CP_HOSTNAME_MAX && cp_dns_check(presented) == CP_DNS_OK);
    for (size_t i = 0; i < presented.len; i++) {
        uint8_t c = presented.data[i];
        text[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    text[presented.len] = '\0';
    const char *rest = strchr(hostname->ascii, '.');
    FUZZ_ASSERT(strcmp(text, hostname->ascii) == 0 ||
                (text[0] == '*' && rest != NULL && strcmp(text + 1, rest) == 0 &&
                 !hostname->wildcard && strchr(rest + 1, '.') != NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *copy = fuzz_copy(data, size);
    const uint8_t *line_end = size == 0 ? NULL : memchr(copy, '\n', size);
    size_t text_len = line_end == NULL ? size : (size_t)(line_end - copy);
    struct cp_span presented = {NULL, 0};
    struct cp_hostname hostname;
    struct cp_error err = {CP_OK, 0, 0, ""};
    char *text = malloc(text_len + 1);
    FUZZ_ASSERT(text != NULL);
    if (text_len != 0)
        memcpy(text, copy, text_len);
    text[text_len] = '\0';
    if (line_end != NULL)
        presented = (struct cp_span){line_end + 1, size - text_len - 1};
    enum cp_dns_defect defect = cp_dns_check(presented);
    FUZZ_ASSERT(cp_dns_defect_text(defect) != NULL);
    enum cp_status status = cp_hostname_init(&hostname, text, &err);
    if (status == CP_OK) {
        check_accepted(&hostname);
        check_match(&hostname, presented);
    } else {
        FUZZ_ASSERT(status == CP_ERR_USAGE && err.status == status);
        FUZZ_ASSERT(hostname.unicode == NULL);
        fuzz_is_shown_safely(err.message, strlen(err.message), false);
    }
    cp_hostname_cleanup(&hostname);
    free(text);
    free(copy);
    return 0;
}
