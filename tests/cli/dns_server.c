/* A DNS server on loopback, UDP and TCP, for cli/dns.sh: answers from a zone file as a resolver
 * would, and fails as it is told to.
 *
 *   dns_server PORT-FILE ZONE-FILE [LOG-FILE]
 *
 * Lines of the zone file:
 *   NAME A|AAAA|CNAME|NS ADDRESS-OR-NAME
 *   NAME TXT STRING|"STRING WITH SPACES"...
 *   NAME CAA FLAGS TAG VALUE              VALUE "" is an empty one
 *   NAME FAULT KIND [TYPE]                of every question for the name, or of those of the type
 *   * FAULT KIND                          of every question
 * KIND: drop, servfail, refused, formerr (as of a server without EDNS), truncate (by UDP only),
 * wrongid, wrongquestion, garbage, short, loop (a compression pointer to itself), lies (counts more
 * records than there are), onlycname (does not follow CNAMEs), referral, slow (a byte a second, by
 * TCP), hangup (closes TCP).
 * A name without records, but with some below it, exists. Ends with its parent's SIGTERM. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_RECORDS 2000
#define MAX_FAULTS 100
#define MAX_DATA 2000
#define MAX_REPLY 60000
#define MAX_FOLLOW 16

enum { A = 1, NS = 2, CNAME = 5, TXT = 16, AAAA = 28, CAA = 257 };

struct record {
    char name[256];
    int type;
    uint8_t data[MAX_DATA];
    size_t len;
};
struct fault {
    char name[256], kind[16];
    int type; /* 0: any */
};

static struct record records[MAX_RECORDS];
static size_t num_records;
static struct fault faults[MAX_FAULTS];
static size_t num_faults;
static FILE *log_file;

static void die(const char *what) {
    fprintf(stderr, "dns_server: %s\n", what);
    exit(2);
}

/* ---- the zone ---- */

static int type_of(const char *word) {
    static const struct {
        const char *word;
        int type;
    } types[] = {{"A", A},     {"NS", NS},     {"CNAME", CNAME},
                 {"TXT", TXT}, {"AAAA", AAAA}, {"CAA", CAA}};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (strcmp(types[i].word, word) == 0)
            return types[i].type;
    return 0;
}

static void put(uint8_t *out, size_t *len, size_t max, const void *data, size_t data_len) {
    if (data_len > max - *len)
        die("too long");
    memcpy(out + *len, data, data_len);
    *len += data_len;
}

/* "\004" in the file is one octet. */
static void put_name(uint8_t *out, size_t *len, size_t max, const char *name) {
    uint8_t label[64];
    size_t num = 0;
    for (;; name++) {
        if (*name == '.' || *name == '\0') {
            uint8_t head = (uint8_t)num;
            if (num != 0) {
                put(out, len, max, &head, 1);
                put(out, len, max, label, num);
            }
            num = 0;
            if (*name == '\0')
                break;
        } else if (num == 63) {
            die("a label is too long");
        } else if (*name == '\\' && strlen(name) > 3) {
            label[num++] = (uint8_t)((name[1] - '0') * 64 + (name[2] - '0') * 8 + (name[3] - '0'));
            name += 3;
        } else {
            label[num++] = (uint8_t)*name;
        }
    }
    put(out, len, max, "", 1);
}

static char *word(char **rest) {
    char *p = *rest;
    p += strspn(p, " \t\r\n");
    if (*p == '\0')
        return NULL;
    char *begin = p;
    if (*p == '"') {
        begin = ++p;
        p += strcspn(p, "\"");
    } else {
        p += strcspn(p, " \t\r\n");
    }
    if (*p != '\0')
        *p++ = '\0';
    *rest = p;
    return begin;
}

static void read_data(struct record *r, char **rest) {
    char *text = word(rest);
    if (text == NULL)
        die("a record without data");
    if (r->type == A || r->type == AAAA) {
        uint8_t addr[16];
        if (inet_pton(r->type == A ? AF_INET : AF_INET6, text, addr) != 1)
            die(text);
        put(r->data, &r->len, MAX_DATA, addr, r->type == A ? 4 : 16);
    } else if (r->type == CAA) {
        char *tag = word(rest), *value = word(rest);
        if (tag == NULL || value == NULL)
            die("CAA FLAGS TAG VALUE");
        uint8_t head[2] = {(uint8_t)atoi(text), (uint8_t)strlen(tag)};
        put(r->data, &r->len, MAX_DATA, head, 2);
        put(r->data, &r->len, MAX_DATA, tag, strlen(tag));
        put(r->data, &r->len, MAX_DATA, value, strlen(value));
    } else if (r->type == TXT) {
        for (; text != NULL; text = word(rest)) {
            uint8_t len = (uint8_t)strlen(text);
            put(r->data, &r->len, MAX_DATA, &len, 1);
            put(r->data, &r->len, MAX_DATA, text, len);
        }
    } else {
        put_name(r->data, &r->len, MAX_DATA, text);
    }
}

static void read_zone(const char *path) {
    char line[4096];
    FILE *in = fopen(path, "r");
    if (in == NULL)
        die(path);
    while (fgets(line, sizeof(line), in) != NULL) {
        char *rest = line, *name = word(&rest), *type = word(&rest);
        if (name == NULL || name[0] == '#' || type == NULL)
            continue;
        if (strcmp(type, "FAULT") == 0) {
            char *kind = word(&rest), *of = word(&rest);
            if (num_faults == MAX_FAULTS || kind == NULL)
                die("FAULT");
            struct fault *f = &faults[num_faults++];
            snprintf(f->name, sizeof(f->name), "%s", name);
            snprintf(f->kind, sizeof(f->kind), "%s", kind);
            f->type = of != NULL ? type_of(of) : 0;
            continue;
        }
        if (num_records == MAX_RECORDS)
            die("too many records");
        struct record *r = &records[num_records++];
        snprintf(r->name, sizeof(r->name), "%s", name);
        r->type = type_of(type);
        if (r->type == 0)
            die(type);
        read_data(r, &rest);
    }
    fclose(in);
}

static const char *fault_of(const char *name, int type) {
    for (size_t i = 0; i < num_faults; i++)
        if ((strcmp(faults[i].name, "*") == 0 || strcasecmp(faults[i].name, name) == 0) &&
            (faults[i].type == 0 || faults[i].type == type))
            return faults[i].kind;
    return "";
}

/* ---- answers ---- */

static bool exists(const char *name) {
    size_t len = strlen(name);
    for (size_t i = 0; i < num_records; i++) {
        size_t have = strlen(records[i].name);
        if (strcasecmp(records[i].name, name) == 0 ||
            (have > len + 1 && records[i].name[have - len - 1] == '.' &&
             strcasecmp(records[i].name + have - len, name) == 0))
            return true;
    }
    return false;
}

struct reply {
    uint8_t data[MAX_REPLY];
    size_t len, num_answers;
    int code;
};

static void put16(struct reply *r, unsigned value) {
    uint8_t two[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    put(r->data, &r->len, MAX_REPLY, two, 2);
}

static void answer(struct reply *r, const struct record *from) {
    put_name(r->data, &r->len, MAX_REPLY, from->name);
    put16(r, (unsigned)from->type);
    put16(r, 1);
    put(r->data, &r->len, MAX_REPLY, "\0\0\0\x3c", 4);
    put16(r, (unsigned)from->len);
    put(r->data, &r->len, MAX_REPLY, from->data, from->len);
    r->num_answers++;
}

static void name_in(char out[256], const uint8_t *data) {
    size_t used = 0;
    for (; *data != 0 && used + *data + 2 < 256; data += *data + 1) {
        memcpy(out + used, data + 1, *data);
        used += *data;
        out[used++] = '.';
    }
    out[used != 0 ? used - 1 : 0] = '\0';
}

static void look_up(struct reply *r, const char *asked, int type, bool follows) {
    char name[256];
    snprintf(name, sizeof(name), "%s", asked);
    for (int i = 0; i < MAX_FOLLOW; i++) {
        const struct record *alias = NULL;
        size_t before = r->num_answers;
        for (size_t k = 0; k < num_records; k++)
            if (strcasecmp(records[k].name, name) == 0) {
                if (records[k].type == type)
                    answer(r, &records[k]);
                else if (records[k].type == CNAME)
                    alias = &records[k];
            }
        if (r->num_answers != before)
            return;
        if (alias == NULL) {
            r->code = exists(name) ? 0 : 3;
            return;
        }
        answer(r, alias);
        if (!follows)
            return;
        name_in(name, alias->data);
    }
    r->code = 2; /* a loop */
}

/* Reads the question; 0 if it is none. */
static size_t read_question(const uint8_t *query, size_t len, char name[256], int *type) {
    size_t at = 12, used = 0;
    name[0] = '\0';
    while (at < len && query[at] != 0) {
        size_t label = query[at];
        if (label > 63 || at + label + 1 > len || used + label + 2 > 255)
            return 0;
        memcpy(name + used, query + at + 1, label);
        used += label;
        name[used++] = '.';
        at += label + 1;
    }
    name[used != 0 ? used - 1 : 0] = '\0';
    if (at + 5 > len)
        return 0;
    *type = query[at + 1] << 8 | query[at + 2];
    return at + 5;
}

/* False: no reply at all. */
static bool make_reply(struct reply *r, const uint8_t *query, size_t len, bool is_tcp,
                       const char **kind) {
    char name[256];
    int type = 0;
    size_t end = len < 12 ? 0 : read_question(query, len, name, &type);
    bool has_edns = len > 12 && query[11] != 0;
    if (end == 0)
        return false;
    *kind = fault_of(name, type);
    const char *k = *kind;
    if (log_file != NULL) {
        fprintf(log_file, "%s %s %d%s\n", is_tcp ? "tcp" : "udp", name, type,
                has_edns ? " edns" : "");
        fflush(log_file);
    }
    if (strcmp(k, "drop") == 0)
        return false;
    memset(r, 0, sizeof(*r));
    put(r->data, &r->len, MAX_REPLY, query, end);
    memset(r->data + 6, 0, 6);
    if (strcmp(k, "referral") != 0)
        look_up(r, name, type, strcmp(k, "onlycname") != 0);
    if (strcmp(k, "servfail") == 0 || strcmp(k, "refused") == 0 ||
        (strcmp(k, "formerr") == 0 && has_edns)) {
        r->code = k[0] == 's' ? 2 : k[0] == 'r' ? 5 : 1;
        r->num_answers = 0;
        r->len = end;
    }
    r->data[2] = 0x81; /* QR, RD */
    r->data[3] = (uint8_t)((strcmp(k, "referral") == 0 ? 0 : 0x80) | r->code);
    r->data[7] = (uint8_t)r->num_answers;
    if (strcmp(k, "truncate") == 0 && !is_tcp) {
        r->data[2] |= 2;
        r->data[7] = 0;
        r->len = end;
    } else if (strcmp(k, "wrongid") == 0) {
        r->data[0] ^= 0x55;
    } else if (strcmp(k, "wrongquestion") == 0) {
        r->data[13] ^= 1;
    } else if (strcmp(k, "garbage") == 0) {
        for (size_t i = end; i < r->len; i++)
            r->data[i] = (uint8_t)(i * 37);
    } else if (strcmp(k, "short") == 0) {
        r->len -= r->len > end ? (r->len - end) / 2 : 0;
    } else if (strcmp(k, "loop") == 0) {
        r->len = end;
        uint8_t self[2] = {(uint8_t)(0xC0 | end >> 8), (uint8_t)end};
        put(r->data, &r->len, MAX_REPLY, self, 2);
        put(r->data, &r->len, MAX_REPLY, "\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1", 14);
        r->data[7] = 1;
    } else if (strcmp(k, "lies") == 0) {
        r->data[7] = 200;
    }
    return true;
}

/* ---- sockets ---- */

static bool read_all(int fd, uint8_t *out, size_t len) {
    for (size_t used = 0; used < len;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        ssize_t got = poll(&wait, 1, 2000) == 1 ? read(fd, out + used, len - used) : 0;
        if (got <= 0)
            return false;
        used += (size_t)got;
    }
    return true;
}

/* One connection after the other, each in a child so that a slow one holds nobody up. */
static void serve_tcp(int fd) {
    static struct reply r;
    uint8_t head[2], query[4096];
    const char *kind = "";
    while (read_all(fd, head, 2)) {
        size_t len = (size_t)head[0] << 8 | head[1];
        if (len > sizeof(query) || !read_all(fd, query, len))
            return;
        if (!make_reply(&r, query, len, true, &kind))
            continue;
        if (strcmp(kind, "hangup") == 0)
            return;
        head[0] = (uint8_t)(r.len >> 8);
        head[1] = (uint8_t)r.len;
        bool is_slow = strcmp(kind, "slow") == 0;
        if (write(fd, head, 2) != 2)
            return;
        for (size_t i = 0; i < r.len; i += is_slow ? 1 : r.len) {
            struct timespec second = {.tv_sec = 1};
            if (is_slow)
                nanosleep(&second, NULL);
            if (write(fd, r.data + i, is_slow ? 1 : r.len) <= 0)
                return;
        }
    }
}

static void serve_udp(int fd) {
    static struct reply r;
    uint8_t query[4096];
    struct sockaddr_in from;
    socklen_t from_len = sizeof(from);
    const char *kind = "";
    ssize_t len = recvfrom(fd, query, sizeof(query), 0, (struct sockaddr *)&from, &from_len);
    if (len <= 0 || !make_reply(&r, query, (size_t)len, false, &kind))
        return;
    if (strcmp(kind, "slow") == 0 || strcmp(kind, "hangup") == 0) { /* to TCP with it */
        r.data[2] |= 2;
        r.data[7] = 0;
        r.len = 12 + strlen((const char *)r.data + 12) + 5;
    }
    size_t limit = len > 12 && query[11] != 0 ? 1232 : 512;
    if (r.len > limit) {
        r.data[2] |= 2;
        r.data[7] = 0;
        r.len = 12 + strlen((const char *)r.data + 12) + 5;
    }
    (void)sendto(fd, r.data, r.len, 0, (const struct sockaddr *)&from, from_len);
}

int main(int argc, char **argv) {
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t at_len = sizeof(at);
    int one = 1, tcp = -1, udp = -1;
    if (argc < 3)
        die("want PORT-FILE ZONE-FILE [LOG-FILE]");
    read_zone(argv[2]);
    if (argc > 3 && (log_file = fopen(argv[3], "a")) == NULL)
        die(argv[3]);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int tries = 0; tries < 50 && udp < 0; tries++) { /* one port that is free for both */
        at.sin_port = 0;
        tcp = socket(AF_INET, SOCK_STREAM, 0);
        (void)setsockopt(tcp, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        if (bind(tcp, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(tcp, 50) != 0 ||
            getsockname(tcp, (struct sockaddr *)&at, &at_len) != 0)
            die("bind");
        udp = socket(AF_INET, SOCK_DGRAM, 0);
        if (bind(udp, (struct sockaddr *)&at, sizeof(at)) != 0) {
            close(udp);
            close(tcp);
            udp = -1;
        }
    }
    FILE *ready = fopen(argv[1], "w");
    if (udp < 0 || ready == NULL)
        die("no port");
    fprintf(ready, "%d\n", ntohs(at.sin_port));
    fclose(ready);
    struct sigaction ignore = {.sa_handler = SIG_IGN, .sa_flags = SA_NOCLDWAIT};
    (void)sigaction(SIGCHLD, &ignore, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    for (;;) {
        struct pollfd fds[2] = {{.fd = udp, .events = POLLIN}, {.fd = tcp, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[0].revents != 0)
            serve_udp(udp);
        if (fds[1].revents != 0) {
            int fd = accept(tcp, NULL, NULL);
            if (fd >= 0 && fork() == 0) {
                close(tcp);
                close(udp);
                serve_tcp(fd);
                _exit(0);
            }
            if (fd >= 0)
                close(fd);
        }
    }
}
