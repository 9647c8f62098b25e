/* Temporary credentials: the last ones issued, in a ring; what falls out of it is not known any
 * more. */
#include "api.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct esa_emu_sessions {
    pthread_mutex_t lock;
    struct esa_emu_session items[ESA_EMU_MAX_SESSIONS];
    size_t num; /* issued so far */
};

struct esa_emu_sessions *esa_emu_sessions_new(void) {
    struct esa_emu_sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions != NULL && pthread_mutex_init(&sessions->lock, NULL) != 0) {
        free(sessions);
        sessions = NULL;
    }
    return sessions;
}

/* num_bytes random bytes in base64 after a prefix; num_bytes is a multiple of three. */
static bool make_text(char *out, size_t size, const char *prefix, size_t num_bytes) {
    unsigned char random[96];
    char text[129];
    if (num_bytes > sizeof random || RAND_bytes(random, (int)num_bytes) != 1)
        return false;
    (void)EVP_EncodeBlock((unsigned char *)text, random, (int)num_bytes);
    int len = snprintf(out, size, "%s%s", prefix, text);
    OPENSSL_cleanse(random, sizeof random);
    OPENSSL_cleanse(text, sizeof text);
    return len > 0 && (size_t)len < size;
}

bool esa_emu_sessions_issue(struct esa_emu_sessions *sessions, struct esa_emu_session *out,
                            const char *role, const char *name, int64_t expires_s) {
    *out = (struct esa_emu_session){.expires_s = expires_s};
    (void)snprintf(out->role, sizeof out->role, "%s", role);
    (void)snprintf(out->name, sizeof out->name, "%s", name);
    if (!make_text(out->key_id, sizeof out->key_id, "STS.", 18) ||
        !make_text(out->secret, sizeof out->secret, "", 33) ||
        !make_text(out->token, sizeof out->token, "CAIS", 75))
        return false;
    /* An id may be part of a header with commas and slashes: keep it to letters and digits. */
    for (char *c = out->key_id; *c != '\0'; c++)
        *c = *c == '+' ? 'p' : *c == '/' ? 's' : *c;
    pthread_mutex_lock(&sessions->lock);
    sessions->items[sessions->num++ % ESA_EMU_MAX_SESSIONS] = *out;
    pthread_mutex_unlock(&sessions->lock);
    return true;
}

bool esa_emu_sessions_find(struct esa_emu_sessions *sessions, struct esa_emu_session *out,
                           struct esa_emu_span key_id) {
    bool found = false;
    pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < ESA_EMU_MAX_SESSIONS && i < sessions->num && !found; i++) {
        found = esa_emu_span_is(key_id, sessions->items[i].key_id);
        if (found)
            *out = sessions->items[i];
    }
    pthread_mutex_unlock(&sessions->lock);
    return found;
}

bool esa_emu_sessions_last(struct esa_emu_sessions *sessions, struct esa_emu_session *out,
                           const char *role, const char *name, int64_t after_s) {
    bool found = false;
    pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < ESA_EMU_MAX_SESSIONS && i < sessions->num && !found; i++) {
        const struct esa_emu_session *item = &sessions->items[i];
        found = item->expires_s >= after_s && strcmp(item->role, role) == 0 &&
                strcmp(item->name, name) == 0;
        if (found)
            *out = *item;
    }
    pthread_mutex_unlock(&sessions->lock);
    return found;
}

void esa_emu_sessions_free(struct esa_emu_sessions *sessions) {
    if (sessions == NULL)
        return;
    pthread_mutex_destroy(&sessions->lock);
    OPENSSL_cleanse(sessions->items, sizeof sessions->items);
    free(sessions);
}
