/* The names in a ZIP archive, from its central directory (APPNOTE 4.3.12, 4.3.16). Nothing is
 * unpacked. */
#include <stdio.h>
#include <string.h>

#include "container.h"

#define END_LEN 22 /* end of central directory record, without comment */
#define MAX_COMMENT_LEN 65535
#define ENTRY_LEN 46 /* central directory header, without its names */
#define MAX_SHOWN 4
#define MAX_NAME 100 /* shown of one name, escaped */

static uint32_t get16(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p) {
    return get16(p) | get16(p + 2) << 16;
}

/* The end record stands last, behind it only a comment; SIZE_MAX if there is none. */
static size_t find_end(struct cp_span zip) {
    static const uint8_t mark[] = {'P', 'K', 5, 6};
    for (size_t back = END_LEN; back <= zip.len && back <= END_LEN + MAX_COMMENT_LEN; back++)
        if (memcmp(zip.data + zip.len - back, mark, sizeof(mark)) == 0)
            return zip.len - back;
    return SIZE_MAX;
}

/* Takes the next entry off *rest; false if there is none. */
static bool next_entry(struct cp_span *rest, struct cp_span *name) {
    static const uint8_t mark[] = {'P', 'K', 1, 2};
    if (rest->len < ENTRY_LEN || memcmp(rest->data, mark, sizeof(mark)) != 0)
        return false;
    size_t name_len = get16(rest->data + 28);
    size_t len = ENTRY_LEN + name_len + get16(rest->data + 30) + get16(rest->data + 32);
    if (len > rest->len)
        return false;
    *name = (struct cp_span){rest->data + ENTRY_LEN, name_len};
    rest->data += len;
    rest->len -= len;
    return true;
}

void cp_zip_list(char *out, size_t out_size, struct cp_span zip) {
    size_t end = find_end(zip), num = 0, shown = 0, used = 0;
    struct cp_span rest = {NULL, 0}, name;
    if (out_size == 0)
        return;
    out[0] = '\0';
    if (end != SIZE_MAX && get32(zip.data + end + 16) < end)
        rest = (struct cp_span){zip.data + get32(zip.data + end + 16),
                                end - get32(zip.data + end + 16)};
    while (next_entry(&rest, &name)) {
        char text[MAX_NAME + 4];
        if (name.len == 0 || name.data[name.len - 1] == '/')
            continue; /* a folder, or nothing */
        num++;
        if (shown == MAX_SHOWN)
            continue;
        if (!cp_escape(text, MAX_NAME, name))
            memcpy(text + strlen(text), "...", 4);
        size_t need = strlen(text) + (used == 0 ? 0 : 2);
        if (need + sizeof(" and 65535 more") > out_size - used)
            continue;
        used += (size_t)snprintf(out + used, out_size - used, "%s%s", used == 0 ? "" : ", ", text);
        shown++;
    }
    if (num > shown)
        snprintf(out + used, out_size - used, "%s%zu %s", used == 0 ? "" : " and ", num - shown,
                 used == 0 ? "files" : "more");
    else if (num == 0)
        snprintf(out, out_size, "nothing that can be listed");
}
