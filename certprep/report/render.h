/* render: a format is a function and a row of the table in render.c. */
#ifndef CP_RENDER_H
#define CP_RENDER_H

#include "checks.h"

typedef void (*cp_render_fn)(struct cp_buf *out, const struct cp_report *report,
                             const struct cp_render_options *options);

void cp_render_text(struct cp_buf *out, const struct cp_report *report,
                    const struct cp_render_options *options);
void cp_render_json(struct cp_buf *out, const struct cp_report *report,
                    const struct cp_render_options *options);

enum cp_colour { CP_RED, CP_YELLOW, CP_CYAN, CP_GREEN, CP_BOLD, CP_PLAIN };

/* Nothing where colour is off. */
void cp_render_colour(struct cp_buf *out, const struct cp_render_options *options,
                      enum cp_colour colour);

#endif
