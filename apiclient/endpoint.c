/* endpoint: where requests go. */
#include "endpoint.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "operations.h"
#include "text.h"

#define REGIONS "cn-hangzhou|ap-southeast-1"

enum cp_status esa_endpoint_from_region(char out[ESA_HOST_MAX], const char *region,
                                        struct cp_error *err) {
    out[0] = '\0';
    if (region == NULL || region[0] == '\0')
        return cp_fail(err, CP_ERR_USAGE,
                       "region: is empty; want cn-hangzhou (China site) or ap-southeast-1 "
                       "(international site), or an endpoint");
    if (!esa_word_in(REGIONS, region, strlen(region)))
        return cp_fail(err, CP_ERR_USAGE,
                       "region: want cn-hangzhou or ap-southeast-1, got \"%.64s\"; other endpoints "
                       "are given as HOST[:PORT]",
                       region);
    (void)snprintf(out, ESA_HOST_MAX, "esa.%s.aliyuncs.com", region);
    return CP_OK;
}

/* Takes the scheme off; everything but https is refused with the reason. */
static enum cp_status strip_scheme(const char **text, struct cp_error *err) {
    static const char https[] = "https://";
    if (strncasecmp(*text, "http://", strlen("http://")) == 0)
        return cp_fail(err, CP_ERR_USAGE,
                       "endpoint: http:// is refused: the private key would travel in the clear; "
                       "want https://HOST[:PORT] or HOST[:PORT]");
    if (strncasecmp(*text, https, strlen(https)) == 0)
        *text += strlen(https);
    else if (strstr(*text, "://") != NULL)
        return cp_fail(err, CP_ERR_USAGE, "endpoint: want https, got another scheme");
    return CP_OK;
}

/* Splits HOST[:PORT]; *port points to the digits, or is NULL. */
static enum cp_status split_port(char host[ESA_HOST_MAX], bool *is_bracketed, const char **port,
                                 const char *text, const char *what, struct cp_error *err) {
    const char *end = NULL;
    *port = NULL;
    *is_bracketed = text[0] == '[';
    if (*is_bracketed) {
        text++;
        end = strchr(text, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return cp_fail(err, CP_ERR_USAGE, "%s: want [IPV6] or [IPV6]:PORT", what);
        if (end[1] == ':')
            *port = end + 2;
    } else {
        end = text + strcspn(text, ":");
        if (end[0] == ':' && strchr(end + 1, ':') != NULL)
            return cp_fail(err, CP_ERR_USAGE,
                           "%s: more than one colon; an IPv6 address stands in brackets", what);
        if (end[0] == ':')
            *port = end + 1;
    }
    size_t len = (size_t)(end - text);
    if (len == 0 || len >= ESA_HOST_MAX)
        return cp_fail(err, CP_ERR_USAGE, "%s: the host is empty or too long", what);
    memcpy(host, text, len);
    host[len] = '\0';
    return CP_OK;
}

/* HOST[:PORT]. *port is 0 if there is none; *out is the host alone. */
static enum cp_status parse_host(char out[ESA_HOST_MAX], int64_t *port, const char *text,
                                 const char *what, struct cp_error *err) {
    char host[ESA_HOST_MAX];
    bool is_bracketed = false;
    const char *port_text = NULL;
    struct cp_hostname *hostname = NULL;
    *port = 0;
    if (strpbrk(text, "/?#@\\ \t\r\n") != NULL)
        return cp_fail(err, CP_ERR_USAGE,
                       "%s: want HOST[:PORT] only, without user, path, query or space", what);
    enum cp_status status = split_port(host, &is_bracketed, &port_text, text, what, err);
    if (status != CP_OK)
        return status;
    if (port_text != NULL &&
        (!esa_decimal_parse(port, port_text, strlen(port_text), 1) || *port > 65535))
        return cp_fail(err, CP_ERR_USAGE, "%s: want a port from 1 to 65535", what);
    status = cp_hostname_new(&hostname, host, err);
    if (status != CP_OK)
        return status;
    const char *ascii = cp_hostname_ascii(hostname);
    bool is_ipv6 = cp_hostname_is_ip(hostname) && strchr(ascii, ':') != NULL;
    if (cp_hostname_is_wildcard(hostname) || is_ipv6 != is_bracketed)
        status = cp_fail(err, CP_ERR_USAGE, "%s: want one host: a name, an IPv4 address or [IPV6]",
                         what);
    else
        (void)snprintf(out, ESA_HOST_MAX, is_ipv6 ? "[%s]" : "%s", ascii);
    cp_hostname_free(hostname);
    return status;
}

enum cp_status esa_endpoint_parse(char out[ESA_HOST_MAX], const char *text, struct cp_error *err) {
    char host[ESA_HOST_MAX];
    int64_t port = 0;
    out[0] = '\0';
    enum cp_status status = strip_scheme(&text, err);
    if (status == CP_OK)
        status = parse_host(host, &port, text, "endpoint", err);
    if (status != CP_OK)
        return status;
    size_t len = strlen(host);
    memcpy(out, host, len + 1);
    if (port != 0 && port != 443) /* 253 and 6 more fit */
        (void)snprintf(out + len, ESA_HOST_MAX - len, ":%d", (int)port);
    return CP_OK;
}

enum cp_status esa_proxy_check(const char *proxy, struct cp_error *err) {
    static const char http[] = "http://";
    char host[ESA_HOST_MAX];
    int64_t port = 0;
    if (strchr(proxy, '@') != NULL)
        return cp_fail(
            err, CP_ERR_USAGE,
            "proxy: a name and a password are refused: a command line is seen by others; "
            "want http://HOST:PORT, such as a forwarder on this machine that has them");
    if (strncasecmp(proxy, http, strlen(http)) != 0)
        return cp_fail(err, CP_ERR_USAGE,
                       "proxy: want http://HOST:PORT; it only passes on what is encrypted between "
                       "this machine and the endpoint");
    proxy += strlen(http);
    enum cp_status status = parse_host(host, &port, proxy, "proxy", err);
    if (status == CP_OK && port == 0)
        status = cp_fail(err, CP_ERR_USAGE, "proxy: want http://HOST:PORT, got no port");
    return status;
}
