/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-unpack-program.h"
#include "bs-error.h"

#include <gio/gio.h>
#include <string.h>

typedef struct
{
  const char *magic;
  gsize length;
  const char *argv[3];
  const char *hint;
} Format;

static const Format formats[] = {
  { "\x1f\x8b", 2, { "gzip", "-dc", NULL }, "apt-get install gzip" },
  { "\xfd\x37zXZ", 5, { "xz", "-dc", NULL }, "apt-get install xz-utils" },
  { "\x28\xb5\x2f\xfd", 4, { "zstd", "-dc", NULL }, "apt-get install zstd" },
};

static const Format *
find_format (GBytes *packed)
{
  gsize length;
  const char *data = g_bytes_get_data (packed, &length);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    if (length > formats[i].length && memcmp (data, formats[i].magic, formats[i].length) == 0)
      return &formats[i];
  return NULL;
}

GBytes *
bs_unpack_by_program (GBytes *packed, gsize limit, GError **error)
{
  const Format *format = find_format (packed);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GBytes) unpacked = NULL;
  g_autoptr (GError) local = NULL;

  if (format == NULL)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "the compression is not known");
      return NULL;
    }
  process = g_subprocess_newv (
      format->argv, G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
      &local);
  if (process == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, format->hint, "cannot run '%s': %s", format->argv[0], local->message);
      return NULL;
    }
  /* Trailing bytes (the kernel appends its size) make these programs complain after all was written, so their exit code
   * says nothing. */
  if (!g_subprocess_communicate (process, packed, NULL, &unpacked, NULL, NULL) || unpacked == NULL
      || g_bytes_get_size (unpacked) == 0 || g_bytes_get_size (unpacked) > limit)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' cannot unpack it", format->argv[0]);
      return NULL;
    }
  return g_steal_pointer (&unpacked);
}
