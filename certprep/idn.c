#include "idn.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* libidn2 looks at A-labels' round trip by default. */
#define LOOKUP_FLAGS (IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL)

bool cp_idn_is_needed(const char *text) {
    bool at_start = true;
    for (const char *p = text; *p != '\0'; p++) {
        if ((unsigned char)*p >= 0x80 || (at_start && strncasecmp(p, "xn--", 4) == 0))
            return true;
        at_start = *p == '.';
    }
    return false;
}

static enum cp_status idn_fail(int rc, const char *text, struct cp_error *err) {
    if (rc == IDN2_MALLOC)
        return cp_fail(err, CP_ERR_MEMORY, "hostname: out of memory");
    return cp_fail(err, CP_ERR_USAGE, "hostname '%.80s': IDNA2008: %s", text, idn2_strerror(rc));
}

/* libidn2 takes an A-label apart label by label; this also proves the whole name. */
static enum cp_status check_round_trip(const char *ascii, const char *unicode, const char *text,
                                       struct cp_error *err) {
    uint8_t *again = NULL;
    enum cp_status status = CP_OK;
    int rc = idn2_lookup_u8((const uint8_t *)unicode, &again, LOOKUP_FLAGS);
    if (rc != IDN2_OK)
        status = idn_fail(rc, text, err);
    else if (strcmp((const char *)again, ascii) != 0)
        status =
            cp_fail(err, CP_ERR_USAGE,
                    "hostname '%.80s': RFC 5891 5.4: an A-label does not come back the same", text);
    idn2_free(again);
    return status;
}

enum cp_status cp_idn_to_ascii(char **ascii, char **unicode, const char *text,
                               struct cp_error *err) {
    enum cp_status status = CP_OK;
    uint8_t *mapped = NULL;
    char *back = NULL;
    *ascii = NULL;
    *unicode = NULL;
    int rc = idn2_lookup_u8((const uint8_t *)text, &mapped, LOOKUP_FLAGS);
    if (rc == IDN2_OK)
        rc = idn2_to_unicode_8z8z((const char *)mapped, &back, 0);
    if (rc != IDN2_OK) {
        status = idn_fail(rc, text, err);
        goto out;
    }
    status = check_round_trip((const char *)mapped, back, text, err);
    if (status != CP_OK)
        goto out;
    *ascii = strdup((const char *)mapped);
    *unicode = strdup(back);
    if (*ascii == NULL || *unicode == NULL) {
        free(*ascii);
        free(*unicode);
        *ascii = NULL;
        *unicode = NULL;
        status = cp_fail(err, CP_ERR_MEMORY, "hostname: out of memory");
    }
out:
    idn2_free(mapped);
    idn2_free(back);
    return status;
}
