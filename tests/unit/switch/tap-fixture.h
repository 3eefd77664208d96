/* SPDX-License-Identifier: Apache-2.0 */
/* tap-fixture.h — TAP devices in a network namespace of the test's own, and the kernel's side of them */
#pragma once

#include <glib.h>

#define TAP_ROOM (65536 + 10)

/* Enters a new, silent network namespace. Returns: FALSE where that is refused */
gboolean tap_enter (void);
/* A device that is up; @flags besides IFF_TAP | IFF_NO_PI, @offload: TUN_F_*. Returns: non-blocking descriptor */
int tap_make (const char *name, int flags, guint offload);
/* Whether this kernel's TAPs know that offload. */
gboolean tap_can (guint offload);
void tap_set_mtu (const char *name, int mtu);
void tap_set_up (const char *name, gboolean is_up);
void tap_delete (const char *name);
/* What the machine behind it sees: a packet socket with vnet headers. */
int tap_machine (const char *name);
void tap_send (int machine, const guint8 header[10], const guint8 *frame, gsize length);
/* The next frame that came in; frames of the kernel's own are passed over. Returns: its length */
gsize tap_receive (int machine, guint8 header[10], guint8 *frame);
