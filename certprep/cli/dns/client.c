/* Questions to DNS servers, many at once, with one end for all: c-ares' channels, one a server, so
 * that what one server could not answer is asked of the next, and it is known which one said what.
 */
#include <arpa/inet.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cares.h"
#include "dns.h"

#define DEFAULT_TIMEOUT_MS 5000
#define TRIES 2       /* the second waits twice as long as the first: c-ares doubles */
#define GRACE_MS 1000 /* over the time-out, for what c-ares itself does not end */
#define STEP_MS 200   /* how long a wish to cancel may go unnoticed */

struct server {
    ares_channel channel;
    char label[INET6_ADDRSTRLEN + 10]; /* "192.0.2.1:53", "[2001:db8::1]:53" */
};

struct esa_dns_client {
    struct esa_dns_options options;
    struct server servers[ESA_DNS_MAX_SERVERS];
    size_t num_servers;
};

/* One question that is out. */
struct slot {
    struct esa_dns_answer *answer;
    const struct esa_dns_client *client;
    const struct server *server;
    size_t *num_open;
};

static int64_t now_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- servers ---- */

static void label_server(struct server *server, const struct esa_dns_server *from) {
    char text[INET6_ADDRSTRLEN] = "";
    (void)inet_ntop(from->is_v6 ? AF_INET6 : AF_INET, from->addr, text, sizeof(text));
    (void)snprintf(server->label, sizeof(server->label), from->is_v6 ? "[%s]:%u" : "%s:%u", text,
                   (unsigned)from->port);
}

static enum cp_status fail_server(struct cp_error *err, const char *text) {
    return cp_fail(err, CP_ERR_USAGE,
                   "--dns-server '%.60s': want an address, 192.0.2.1, 192.0.2.1:5353, 2001:db8::1 "
                   "or [2001:db8::1]:5353",
                   text);
}

enum cp_status esa_dns_server_parse(struct esa_dns_server *out, const char *text,
                                    struct cp_error *err) {
    char host[INET6_ADDRSTRLEN + 1] = "";
    const char *colon = strchr(text, ':'), *port = NULL;
    unsigned number = 53;
    size_t len = strlen(text);
    bool is_bracketed = text[0] == '[';
    *out = (struct esa_dns_server){.port = 0};
    if (is_bracketed) {
        const char *end = strchr(text, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return fail_server(err, text);
        port = end[1] == ':' ? end + 2 : NULL;
        len = (size_t)(end - ++text);
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        port = colon + 1;
        len = (size_t)(colon - text);
    }
    if (len == 0 || len >= sizeof(host))
        return fail_server(err, text);
    (void)snprintf(host, sizeof(host), "%.*s", (int)len, text);
    if (port != NULL) {
        size_t digits = strspn(port, "0123456789");
        number = digits != 0 && digits <= 5 && port[digits] == '\0'
                     ? (unsigned)strtoul(port, NULL, 10)
                     : 0;
    }
    if (number == 0 || number > 65535)
        return fail_server(err, text);
    out->is_v6 = is_bracketed || inet_pton(AF_INET, host, out->addr) != 1;
    if (out->is_v6 && inet_pton(AF_INET6, host, out->addr) != 1)
        return fail_server(err, text);
    out->port = (uint16_t)number;
    return CP_OK;
}

/* NULL: the servers of the system. */
static enum cp_status open_channel(const struct esa_dns_client *client, ares_channel *out,
                                   const struct esa_dns_server *server, struct cp_error *err) {
    struct ares_options options = {.flags = ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP |
                                            ARES_FLAG_NOSEARCH | ARES_FLAG_EDNS,
                                   .timeout = (int)(client->options.timeout_ms / 3),
                                   .tries = TRIES,
                                   .ednspsz = ESA_DNS_UDP_SIZE};
    const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ;
    int code = esa_cares.init_options(out, &options, mask);
    if (code != ARES_SUCCESS)
        return cp_fail(err, code == ARES_ENOMEM ? CP_ERR_MEMORY : CP_ERR_NETWORK,
                       "DNS: c-ares can't begin (code %d)", code);
    if (server == NULL)
        return CP_OK;
    struct ares_addr_port_node node = {.family = server->is_v6 ? AF_INET6 : AF_INET,
                                       .udp_port = server->port,
                                       .tcp_port = server->port};
    memcpy(&node.addr, server->addr, server->is_v6 ? 16 : 4);
    code = esa_cares.set_servers_ports(*out, &node);
    if (code == ARES_SUCCESS)
        return CP_OK;
    esa_cares.destroy(*out);
    *out = NULL;
    return cp_fail(err, CP_ERR_MEMORY, "DNS: c-ares takes no server (code %d)", code);
}

/* What resolv.conf names. */
static enum cp_status find_servers(struct esa_dns_client *client, struct cp_error *err) {
    struct ares_addr_port_node *first = NULL;
    ares_channel channel = NULL;
    enum cp_status status = open_channel(client, &channel, NULL, err);
    if (status != CP_OK)
        return status;
    (void)esa_cares.get_servers_ports(channel, &first);
    for (const struct ares_addr_port_node *n = first;
         n != NULL && client->options.num_servers < ESA_DNS_MAX_SERVERS; n = n->next) {
        struct esa_dns_server *server = &client->options.servers[client->options.num_servers++];
        server->is_v6 = n->family == AF_INET6;
        memcpy(server->addr, &n->addr, server->is_v6 ? 16 : 4);
        server->port = n->udp_port > 0 && n->udp_port < 65536 ? (uint16_t)n->udp_port : 53;
    }
    if (first != NULL)
        esa_cares.free_data(first);
    esa_cares.destroy(channel);
    return client->options.num_servers != 0
               ? CP_OK
               : cp_fail(err, CP_ERR_USAGE, "DNS: the system names no server; give --dns-server");
}

enum cp_status esa_dns_client_new(struct esa_dns_client **out,
                                  const struct esa_dns_options *options, struct cp_error *err) {
    *out = NULL;
    enum cp_status status = esa_cares_load(err);
    if (status != CP_OK)
        return status;
    struct esa_dns_client *client = calloc(1, sizeof(*client));
    if (client == NULL)
        return cp_fail(err, CP_ERR_MEMORY, "out of memory");
    client->options = *options;
    if (client->options.timeout_ms <= 0 || client->options.timeout_ms > INT_MAX)
        client->options.timeout_ms = DEFAULT_TIMEOUT_MS;
    if (client->options.num_servers == 0)
        status = find_servers(client, err);
    for (size_t i = 0; status == CP_OK && i < client->options.num_servers; i++) {
        struct server *server = &client->servers[i];
        label_server(server, &client->options.servers[i]);
        status = open_channel(client, &server->channel, &client->options.servers[i], err);
        client->num_servers += status == CP_OK;
    }
    if (status != CP_OK)
        esa_dns_client_free(client);
    else
        *out = client;
    return status;
}

void esa_dns_client_free(struct esa_dns_client *client) {
    if (client == NULL)
        return;
    for (size_t i = 0; i < client->num_servers; i++)
        esa_cares.destroy(client->servers[i].channel);
    free(client);
}

/* ---- questions ---- */

static void fail(struct slot *slot, const char *what) {
    struct esa_dns_answer *answer = slot->answer;
    answer->end = ESA_DNS_FAILED;
    answer->num_values = 0;
    (void)snprintf(answer->why, sizeof(answer->why), "%s: %.160s", slot->server->label, what);
}

static void on_reply(void *arg, int status, int timeouts, unsigned char *reply, int len) {
    struct slot *slot = arg;
    char text[ESA_DNS_WHY_MAX / 2];
    (void)timeouts;
    (*slot->num_open)--;
    if (reply != NULL && len > 0) {
        char why[ESA_DNS_WHY_MAX];
        esa_dns_parse(slot->answer, reply, (size_t)len);
        if (slot->answer->end == ESA_DNS_FAILED) {
            memcpy(why, slot->answer->why, sizeof(why));
            fail(slot, why);
        }
        return;
    }
    switch (status) {
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED:
        (void)snprintf(text, sizeof(text), "no usable reply within %.1f s",
                       (double)slot->client->options.timeout_ms / 1000);
        fail(slot, text);
        break;
    case ARES_ECONNREFUSED:
        fail(slot, "nobody answers there");
        break;
    case ARES_ENOMEM:
        fail(slot, "out of memory");
        break;
    default:
        (void)snprintf(text, sizeof(text), "no reply (c-ares' code %d)", status);
        fail(slot, text);
    }
}

static bool is_cancelled(const struct esa_dns_client *client) {
    const struct esa_dns_options *o = &client->options;
    return o->cancel != NULL && o->cancel(o->cancel_context);
}

/* One wait for the channel's sockets, of at most wait_ms. */
static void step(ares_channel channel, int64_t wait_ms) {
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd fds[ARES_GETSOCK_MAXNUM];
    struct timeval limit = {.tv_sec = wait_ms / 1000, .tv_usec = (wait_ms % 1000) * 1000}, next;
    nfds_t num = 0;
    unsigned bits = (unsigned)esa_cares.getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
    for (unsigned i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
        short events = 0;
        if ((bits & (1U << i)) != 0)
            events |= POLLIN;
        if ((bits & (1U << (i + ARES_GETSOCK_MAXNUM))) != 0)
            events |= POLLOUT;
        if (events != 0)
            fds[num++] = (struct pollfd){.fd = sockets[i], .events = events};
    }
    const struct timeval *due = esa_cares.timeout(channel, &limit, &next);
    int due_ms = (int)(due->tv_sec * 1000 + (due->tv_usec + 999) / 1000);
    if (poll(fds, num, due_ms) <= 0) { /* a signal, too: the caller looks at that */
        esa_cares.process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        return;
    }
    for (nfds_t i = 0; i < num; i++)
        if (fds[i].revents != 0)
            esa_cares.process_fd(channel,
                                 (fds[i].revents & (POLLIN | POLLERR | POLLHUP | POLLNVAL)) != 0
                                     ? fds[i].fd
                                     : ARES_SOCKET_BAD,
                                 (fds[i].revents & POLLOUT) != 0 ? fds[i].fd : ARES_SOCKET_BAD);
}

#define FORMERR 1

static bool is_formerr(const struct esa_dns_answer *answer) {
    return answer->end == ESA_DNS_FAILED && answer->code == FORMERR;
}

/* Asks one server what is not answered yet; or only what it called malformed. */
static void ask_one(const struct esa_dns_client *client, const struct server *server,
                    struct esa_dns_answer **answers, size_t num, bool is_second) {
    struct slot slots[ESA_DNS_MAX_BATCH];
    size_t num_open = 0;
    int64_t end_ms = now_ms() + client->options.timeout_ms + GRACE_MS;
    for (size_t i = 0; i < num; i++) {
        if (is_second ? !is_formerr(answers[i])
                      : answers[i]->end != ESA_DNS_UNASKED && answers[i]->end != ESA_DNS_FAILED)
            continue;
        answers[i]->code = 0;
        slots[i] = (struct slot){answers[i], client, server, &num_open};
        num_open++;
        if (!esa_dns_name_is_plain(answers[i]->name)) {
            num_open--;
            fail(&slots[i], "a name that is not asked for: not letters, digits, '-', '_'");
        } else {
            esa_cares.query(server->channel, answers[i]->name, 1, (int)answers[i]->type, on_reply,
                            &slots[i]);
        }
    }
    while (num_open != 0) {
        int64_t left_ms = end_ms - now_ms();
        if (left_ms <= 0 || is_cancelled(client))
            break;
        step(server->channel, left_ms < STEP_MS ? left_ms : STEP_MS);
    }
    if (num_open != 0) /* its callbacks come before it returns: no slot outlives this */
        esa_cares.cancel(server->channel);
}

void esa_dns_ask(struct esa_dns_client *client, struct esa_dns_answer **answers, size_t num) {
    while (num != 0) {
        size_t batch = num < ESA_DNS_MAX_BATCH ? num : ESA_DNS_MAX_BATCH;
        for (size_t s = 0; s < client->num_servers; s++) {
            size_t num_failed = 0, num_formerr = 0;
            if (s == 0 || !is_cancelled(client))
                ask_one(client, &client->servers[s], answers, batch, false);
            /* A server of before EDNS. c-ares leaves EDNS out after the first such reply, and asks
             * again, but only that question: those that were out at the same time are lost. */
            for (size_t i = 0; i < batch; i++)
                num_formerr += is_formerr(answers[i]);
            if (num_formerr != 0 && !is_cancelled(client))
                ask_one(client, &client->servers[s], answers, batch, true);
            for (size_t i = 0; i < batch; i++)
                num_failed += answers[i]->end == ESA_DNS_FAILED;
            if (num_failed == 0)
                break;
        }
        answers += batch;
        num -= batch;
    }
}
