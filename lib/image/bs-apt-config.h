/* SPDX-License-Identifier: Apache-2.0 */
/* bs-apt-config.h — what of the host's apt configuration concerns the way to its mirrors */
#pragma once

#include <gio/gio.h>

/**
 * bs_apt_config_pick:
 * @dump: what `apt-config dump` prints: lines such as `Acquire::http::Proxy "http://proxy:3128";`
 * @way: proxies, retries and the like; where we are, not what the mirror is
 * @mirror: what every user of the mirror must know, such as that it stands still
 *
 * Returns: (transfer full): the lines of the kinds that are asked for, as they were
 */
char *bs_apt_config_pick (const char *dump, gboolean way, gboolean mirror);

/* Runs `apt-config dump`. (transfer full); NULL with an error, %BS_ERROR_HOST where there is no apt. */
char *bs_apt_config_dump (GCancellable *cancellable, GError **error);
