/* fetch: which URLs and which addresses. No network here. */
#include "fetch.h"

#include <netinet/in.h>
#include <string.h>
#include <strings.h>

/* ---- URLs ---- */

static bool is_among(char c, const char *set) {
    return c != '\0' && strchr(set, c) != NULL;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The host ends where the port or the path begins. Only letters, digits, "-", "_" and dots, or an
 * IPv6 address in brackets: what two parsers could read differently is not fetched. */
static const char *host_end(const char *host) {
    const char *end = host;
    if (*host != '[') {
        while (is_alnum(*end) || is_among(*end, "-._"))
            end++;
        return end == host ? NULL : end;
    }
    end++;
    while (is_digit(*end) || is_among(*end, "abcdefABCDEF:."))
        end++;
    return *end == ']' && end > host + 1 ? end + 1 : NULL;
}

static const char *refuse_scheme(const char *url) {
    static const struct {
        const char *scheme, *why;
    } rows[] = {
        {"https:",
         "https would need the very chain that is being looked for; only http is fetched"},
        {"ldap:", "ldap is not spoken; only http is fetched"},
        {"ldaps:", "ldaps is not spoken; only http is fetched"},
        {"ftp:", "ftp is not spoken; only http is fetched"},
        {"file:", "a certificate does not name files here; only http is fetched"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strncasecmp(url, rows[i].scheme, strlen(rows[i].scheme)) == 0)
            return rows[i].why;
    return strncasecmp(url, "http://", 7) == 0 ? NULL : "it is no http URL";
}

const char *esa_fetch_refusal(const char *url, bool allow_private) {
    const char *why = refuse_scheme(url);
    if (why != NULL)
        return why;
    if (strlen(url) > ESA_MAX_FETCH_URL)
        return "it is longer than 2,048 characters";
    for (const char *p = url; *p != '\0'; p++)
        if (*p <= ' ' || *p > '~' || *p == '\\')
            return "it has a character that no URL has";
    const char *host = url + 7, *path = host + strcspn(host, "/?#");
    if (memchr(host, '@', (size_t)(path - host)) != NULL)
        return "it has a user name";
    const char *end = host_end(host);
    if (end == NULL)
        return "it has no host";
    if (*end == ':') {
        const char *port = ++end;
        while (is_digit(*end))
            end++;
        if (end != path || end - port > 5)
            return "its port is malformed";
        if (end != port && (end - port != 2 || memcmp(port, "80", 2) != 0) && !allow_private)
            return "its port is not 80";
    }
    return end == path ? NULL : "its host is malformed";
}

/* ---- addresses ---- */

struct prefix {
    uint8_t bytes[16];
    unsigned bits;
};

static bool is_within(const uint8_t *address, const struct prefix *prefix) {
    size_t whole = prefix->bits / 8;
    unsigned rest = prefix->bits % 8;
    if (memcmp(address, prefix->bytes, whole) != 0)
        return false;
    return rest == 0 || (address[whole] ^ prefix->bytes[whole]) >> (8 - rest) == 0;
}

static bool is_public_4(const uint8_t address[4]) {
    static const struct prefix special[] = {
        {{0}, 8},             /* this network, RFC 791 */
        {{10}, 8},            /* private, RFC 1918 */
        {{100, 64}, 10},      /* shared: CGNAT, RFC 6598 */
        {{127}, 8},           /* loopback, RFC 1122 */
        {{169, 254}, 16},     /* link-local, RFC 3927: cloud metadata lives here */
        {{172, 16}, 12},      /* private, RFC 1918 */
        {{192, 0, 0}, 24},    /* IETF protocols, RFC 6890 */
        {{192, 0, 2}, 24},    /* documentation, RFC 5737 */
        {{192, 88, 99}, 24},  /* 6to4 relays, RFC 7526 */
        {{192, 168}, 16},     /* private, RFC 1918 */
        {{198, 18}, 15},      /* benchmarks, RFC 2544 */
        {{198, 51, 100}, 24}, /* documentation, RFC 5737 */
        {{203, 0, 113}, 24},  /* documentation, RFC 5737 */
        {{224}, 3},           /* multicast, RFC 5771; reserved and broadcast, RFC 1112 */
    };
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if (is_within(address, &special[i]))
            return false;
    return true;
}

static bool is_public_6(const uint8_t address[16]) {
    static const struct prefix nat64 = {{0, 0x64, 0xff, 0x9b}, 96}; /* RFC 6052 */
    static const struct prefix global = {{0x20}, 3};                /* RFC 4291 2.4 */
    static const struct prefix special[] = {
        {{0x20, 0x01}, 23},             /* IETF protocols, Teredo, ORCHID, RFC 6890 */
        {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation, RFC 3849 */
        {{0x20, 0x02}, 16},             /* 6to4: any IPv4 address within, RFC 3056 */
        {{0x3f, 0xff}, 20},             /* documentation, RFC 9637 */
    };
    if (is_within(address, &nat64))
        return is_public_4(address + 12);
    if (!is_within(address, &global))
        return false;
    for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
        if (is_within(address, &special[i]))
            return false;
    return true;
}

bool esa_address_is_public(const struct sockaddr *address, socklen_t len) {
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    if (address->sa_family == AF_INET && len >= sizeof(in)) {
        memcpy(&in, address, sizeof(in));
        return is_public_4((const uint8_t *)&in.sin_addr);
    }
    if (address->sa_family == AF_INET6 && len >= sizeof(in6)) {
        memcpy(&in6, address, sizeof(in6));
        return is_public_6(in6.sin6_addr.s6_addr);
    }
    return false;
}
