/* tree: the paths that were looked at, drawn for people. */
#ifndef CP_REPORT_TREE_H
#define CP_REPORT_TREE_H

#include "render.h"

/* The outlook, then the leaf as the root of a tree in which each candidate for an issuer is a
 * branch; no line is wider than 80 columns. */
void cp_render_tree(struct cp_buf *out, const struct cp_report *report,
                    const struct cp_render_options *options);

#endif
