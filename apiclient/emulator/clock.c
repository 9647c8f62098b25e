/* The service's clock: the system's, one that stands still, or one that a file sets. */
#include "options.h"

#include <string.h>
#include <time.h>

#define TIME_MAX_S INT64_C(253402300799)

enum { FILE_MAX = 64 };

bool esa_emu_clock_read(struct esa_emu_options *options) {
    struct esa_emu_buf text = {.max = FILE_MAX};
    int64_t time_s = 0;
    bool ok =
        esa_emu_read_file(&text, options->clock_file) && text.len != 0 &&
        esa_emu_number(&time_s, (struct esa_emu_span){text.data, strcspn(text.data, " \t\r\n")},
                       TIME_MAX_S);
    esa_emu_buf_cleanup(&text);
    if (ok)
        atomic_store(&options->last_clock_s, time_s);
    return ok;
}

int64_t esa_emu_options_now(struct esa_emu_options *options) {
    if (options->clock_file != NULL) {
        (void)esa_emu_clock_read(options); /* while it is written anew, the last one stays */
        return atomic_load(&options->last_clock_s);
    }
    return options->clock_s >= 0 ? options->clock_s : (int64_t)time(NULL);
}

int64_t esa_emu_options_now_ms(struct esa_emu_options *options) {
    struct timespec now = {0};
    if (options->clock_file != NULL || options->clock_s >= 0)
        return esa_emu_options_now(options) * 1000;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
