/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-stable-hash.h"

#include <string.h>

guint64
bs_stable_hash (const char *purpose, const char *lab, const char *name, guint32 attempt)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint32 number = GUINT32_TO_BE (attempt);
  guint8 digest[32];
  gsize length = sizeof digest;
  guint64 first;

  g_checksum_update (checksum, (const guchar *) purpose, (gssize) strlen (purpose) + 1);
  g_checksum_update (checksum, (const guchar *) lab, (gssize) strlen (lab) + 1);
  g_checksum_update (checksum, (const guchar *) name, (gssize) strlen (name) + 1);
  g_checksum_update (checksum, (const guchar *) &number, sizeof number);
  g_checksum_get_digest (checksum, digest, &length);
  memcpy (&first, digest, sizeof first);
  return GUINT64_FROM_BE (first);
}

char *
bs_stable_mac (const char *lab, const char *node, const char *interface, guint32 attempt)
{
  g_autofree char *name = g_strdup_printf ("%s/%s", node, interface); /* no '/' in either */
  guint64 hash = bs_stable_hash ("mac", lab, name, attempt);

  if ((hash & 0xffff00) == 0x123400)
    hash ^= 0x800000;
  return g_strdup_printf ("52:54:00:%02x:%02x:%02x", (guint) (hash >> 16 & 255), (guint) (hash >> 8 & 255),
                          (guint) (hash & 255));
}
