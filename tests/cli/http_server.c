/* A small real HTTP server on loopback for tests/cli/aia.sh, with faults on demand.
 *
 *   http_server DIR READY-FILE LOG
 *
 * Writes its port to READY-FILE and serves until it is killed, one connection after the other. Each
 * request's lines go to LOG. The first part of the path, if there are two, is the fault:
 *   /NAME            the file DIR/NAME, or 404
 *   /redirect/NAME   302 to /NAME
 *   /large/NAME      the file, filled up to 70,000 bytes
 *   /chunked/NAME    the same, without Content-Length
 *   /headers/NAME    100,000 bytes of header lines before the file
 *   /slow/NAME       the file, one byte each half second
 *   /cut/NAME        closes in the middle of the file
 *   /none/NAME       200 and no body */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_REQUEST 8192
#define MAX_FILE 65536
#define LARGE 70000

static bool put(int fd, const void *data, size_t len) {
    const char *at = data;
    while (len > 0) {
        ssize_t sent = send(fd, at, len, 0);
        if (sent <= 0)
            return false;
        at += sent;
        len -= (size_t)sent;
    }
    return true;
}

static bool puts_to(int fd, const char *text) {
    return put(fd, text, strlen(text));
}

static bool put_head(int fd, const char *status, size_t len) {
    char head[200];
    int written = snprintf(head, sizeof(head),
                           "HTTP/1.1 %s\r\nContent-Length: %zu\r\nContent-Type: "
                           "application/octet-stream\r\nConnection: close\r\n\r\n",
                           status, len);
    return written > 0 && put(fd, head, (size_t)written);
}

/* The whole head of a request; false if none came. */
static bool read_request(int fd, char request[MAX_REQUEST]) {
    size_t len = 0;
    request[0] = '\0';
    while (strstr(request, "\r\n\r\n") == NULL) {
        ssize_t got = recv(fd, request + len, MAX_REQUEST - 1 - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
        request[len] = '\0';
    }
    return true;
}

/* Returns the length; SIZE_MAX if there is no such file. */
static size_t read_file(unsigned char data[MAX_FILE], const char *dir, const char *name) {
    char path[1024];
    if (name[0] == '\0' || strchr(name, '/') != NULL || name[0] == '.' ||
        snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
        return SIZE_MAX;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return SIZE_MAX;
    size_t len = fread(data, 1, MAX_FILE, file);
    (void)fclose(file);
    return len;
}

static void put_large(int fd, const unsigned char *data, size_t len, bool chunked) {
    static unsigned char large[LARGE];
    char head[32];
    memset(large, ' ', sizeof(large));
    memcpy(large, data, len);
    if (!chunked) {
        (void)(put_head(fd, "200 OK", LARGE) && put(fd, large, LARGE));
        return;
    }
    (void)snprintf(head, sizeof(head), "%x\r\n", LARGE);
    (void)(puts_to(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") &&
           puts_to(fd, head) && put(fd, large, LARGE) && puts_to(fd, "\r\n0\r\n\r\n"));
}

static void put_slowly(int fd, const unsigned char *data, size_t len) {
    const struct timespec half_second = {.tv_nsec = 500000000};
    if (!put_head(fd, "200 OK", len))
        return;
    for (size_t i = 0; i < len && put(fd, data + i, 1); i++)
        (void)nanosleep(&half_second, NULL);
}

static void put_redirect(int fd, const char *name) {
    char head[512];
    if (snprintf(head, sizeof(head),
                 "HTTP/1.1 302 Found\r\nLocation: /%s\r\nContent-Length: 0\r\n\r\n",
                 name) < (int)sizeof(head))
        (void)puts_to(fd, head);
}

static void serve(int fd, const char *dir, const char *path) {
    static unsigned char data[MAX_FILE];
    char fault[32] = "";
    const char *name = path + 1, *slash = strchr(name, '/');
    if (slash != NULL && (size_t)(slash - name) < sizeof(fault)) {
        memcpy(fault, name, (size_t)(slash - name));
        name = slash + 1;
    }
    size_t len = read_file(data, dir, name);
    if (strcmp(fault, "redirect") == 0) {
        put_redirect(fd, name);
    } else if (len == SIZE_MAX) {
        (void)(put_head(fd, "404 Not Found", 9) && puts_to(fd, "not found"));
    } else if (strcmp(fault, "large") == 0 || strcmp(fault, "chunked") == 0) {
        put_large(fd, data, len, fault[0] == 'c');
    } else if (strcmp(fault, "slow") == 0) {
        put_slowly(fd, data, len);
    } else if (strcmp(fault, "cut") == 0) {
        (void)(put_head(fd, "200 OK", len) && put(fd, data, len / 2));
    } else if (strcmp(fault, "none") == 0) {
        (void)put_head(fd, "200 OK", 0);
    } else if (strcmp(fault, "headers") == 0) {
        bool ok = puts_to(fd, "HTTP/1.1 200 OK\r\n");
        for (int i = 0; ok && i < 2000; i++)
            ok = puts_to(fd, "X-Padding: 0123456789012345678901234567890123456\r\n");
        (void)(ok && puts_to(fd, "\r\n") && put(fd, data, len));
    } else {
        (void)(put_head(fd, "200 OK", len) && put(fd, data, len));
    }
}

static int listen_on_loopback(const char *ready_file) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    char temporary[1024];
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
        snprintf(temporary, sizeof(temporary), "%s.new", ready_file) >= (int)sizeof(temporary))
        return -1;
    FILE *ready = fopen(temporary, "w");
    if (ready == NULL || fprintf(ready, "%d\n", ntohs(address.sin_port)) < 0 ||
        fclose(ready) != 0 || rename(temporary, ready_file) != 0)
        return -1;
    return fd;
}

int main(int argc, char **argv) {
    if (argc != 4 || signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        (void)fprintf(stderr, "usage: http_server DIR READY-FILE LOG\n");
        return 2;
    }
    int listener = listen_on_loopback(argv[2]);
    if (listener < 0) {
        perror("http_server");
        return 3;
    }
    for (;;) {
        char request[MAX_REQUEST], path[512];
        int fd = accept(listener, NULL, NULL);
        FILE *log = fopen(argv[3], "a");
        if (fd < 0 || log == NULL)
            return 3;
        if (read_request(fd, request)) {
            (void)fputs(request, log);
            (void)fclose(log);
            if (sscanf(request, "GET %511s HTTP/1.1\r\n", path) == 1 && path[0] == '/')
                serve(fd, argv[1], path);
        } else {
            (void)fclose(log);
        }
        (void)close(fd);
    }
}
