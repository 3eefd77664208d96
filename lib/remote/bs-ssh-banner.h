/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-banner.h — whether an SSH server answers, without speaking SSH */
#pragma once

#include <glib.h>

/* Whether what listens on @port of 127.0.0.1 greets as an SSH server does (RFC 4253, 4.2), within a second. */
gboolean bs_ssh_banner_seen (guint16 port);
