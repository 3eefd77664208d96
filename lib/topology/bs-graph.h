/* SPDX-License-Identifier: Apache-2.0 */
/* bs-graph.h — a topology as a picture
 *
 * Networks are round, nodes are boxes. Many nodes that are plugged into the same networks are drawn as one box with a
 * table of their names, so that three hundred of them are still read at a glance and laid out in a moment.
 */
#pragma once

#include "bs-topology.h"

#include <gio/gio.h>

/* In the language of Graphviz, with positions left to it; (transfer full). */
char *bs_graph_dot (const BsTopology *topology);

/**
 * bs_graph_svg:
 * @dot: as from bs_graph_dot()
 *
 * Lays it out by the program `dot`.
 *
 * Returns: (transfer full): an SVG document, or NULL with %BS_ERROR_HOST when there is no such program
 */
char *bs_graph_svg (const char *dot, GCancellable *cancellable, GError **error);
