/* SPDX-License-Identifier: Apache-2.0 */
/* bs-pcap.h — a capture file with nanoseconds: the savefile format of libpcap, version 2.4 (pcap-savefile(5)), magic
 * 0xa1b23c4d, link type Ethernet, in host byte order (the magic tells readers which)
 *
 * Written here rather than by libpcap: two structs do not pay for a library that every start of the command would load.
 */
#pragma once

#include <glib.h>

#define BS_PCAP_MAGIC_NSEC 0xa1b23c4du

typedef struct
{
  int fd;
  GByteArray *buffer;
} BsPcap;

/* The file's head waits for the first flush. @fd is borrowed; @snap: bytes of a frame at most. */
BsPcap *bs_pcap_new (int fd, guint32 snap);
/* Without a last flush. */
void bs_pcap_free (BsPcap *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsPcap, bs_pcap_free)

/* @original: the frame's length on the wire. Flushes now and then. FALSE as bs_pcap_flush(). */
gboolean bs_pcap_write (BsPcap *self, guint64 time_nsec, const guint8 *frame, guint32 length, guint32 original,
                        GError **error);
/* FALSE with %BS_ERROR_DIED when nobody reads the pipe any more, or another code. */
gboolean bs_pcap_flush (BsPcap *self, GError **error);
