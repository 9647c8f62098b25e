/* render: a format is a function in a file of its own, and a row of the table in render.c. */
#ifndef CP_RENDER_H
#define CP_RENDER_H

#include "report/run.h"

typedef void (*cp_render_fn)(struct cp_buf *out, const struct cp_run *run,
                             const struct cp_render_options *options);

#define FORMAT(name)                                                                               \
    void cp_render_##name(struct cp_buf *out, const struct cp_run *run,                            \
                          const struct cp_render_options *options);
#include "report/formats.def"
#undef FORMAT

#endif
