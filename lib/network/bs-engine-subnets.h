/* SPDX-License-Identifier: Apache-2.0 */
/* bs-engine-subnets.h — IPv4 subnets that container engines (Docker, Podman) have given to their networks */
#pragma once

#include <glib.h>

/**
 * bs_engine_subnets_collect:
 * @sockets: paths of engines' unix sockets, NULL-terminated; a missing one costs nothing
 * @subnets: (element-type utf8): a set that owns its keys; canonical CIDRs are added
 *
 * Asks all at the same time. An engine that does not answer properly by @deadline_usec adds nothing.
 */
void bs_engine_subnets_collect (const char *const *sockets, gint64 deadline_usec, GHashTable *subnets);

/* Adds what a whole HTTP reply to GET /networks names; FALSE when it is no such reply. */
gboolean bs_engine_subnets_parse (const char *reply, gsize length, GHashTable *subnets);
