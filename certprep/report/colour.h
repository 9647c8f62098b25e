/* colour: of text for terminals. */
#ifndef CP_REPORT_COLOUR_H
#define CP_REPORT_COLOUR_H

#include "bytes.h"

enum cp_colour { CP_RED, CP_YELLOW, CP_CYAN, CP_GREEN, CP_BOLD, CP_PLAIN };

/* Nothing where colour is off. */
void cp_render_colour(struct cp_buf *out, const struct cp_render_options *options,
                      enum cp_colour colour);

#endif
