/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-checksums.h"
#include "bs-error.h"

#include <string.h>

#define SHA256_LENGTH 64
#define SHA512_LENGTH 128

const char *const bs_checksums_words[] = { "sha256sums", "sha512sums", "bsd", "sha256", "sha512", NULL };

gboolean
bs_digest_set (BsDigest *self, GChecksumType type, const char *hex)
{
  gsize length = type == G_CHECKSUM_SHA256 ? SHA256_LENGTH : SHA512_LENGTH;

  if (strlen (hex) != length)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isxdigit (hex[i]))
      return FALSE;
  self->type = type;
  for (gsize i = 0; i <= length; i++)
    self->hex[i] = g_ascii_tolower (hex[i]);
  return TRUE;
}

gboolean
bs_digest_equal (const BsDigest *a, const BsDigest *b)
{
  return a->type == b->type && strcmp (a->hex, b->hex) == 0;
}

static gboolean
is_named (const char *name, const char *file)
{
  const char *slash = strrchr (name, '/');

  return strcmp (slash != NULL ? slash + 1 : name, file) == 0;
}

/* "HEX", "HEX  NAME" or "HEX *NAME". @line is changed. */
static gboolean
read_gnu (char *line, GChecksumType type, gboolean alone, const char *file, BsDigest *digest)
{
  char *space = strpbrk (line, " \t"), *name;

  if (space == NULL)
    return alone && bs_digest_set (digest, type, line);
  *space = '\0';
  name = space + 1;
  name += *name == ' ' || *name == '*';
  return is_named (name, file) && bs_digest_set (digest, type, line);
}

/* "SHA256 (NAME) = HEX". @line is changed. */
static gboolean
read_bsd (char *line, const char *file, BsDigest *digest)
{
  char *end = strstr (line, ") = "), *name;
  GChecksumType type;

  if (g_str_has_prefix (line, "SHA256 ("))
    type = G_CHECKSUM_SHA256;
  else if (g_str_has_prefix (line, "SHA512 ("))
    type = G_CHECKSUM_SHA512;
  else
    return FALSE;
  if (end == NULL)
    return FALSE;
  *end = '\0';
  name = strchr (line, '(') + 1;
  return is_named (name, file) && bs_digest_set (digest, type, end + strlen (") = "));
}

static gboolean
read_line (char *line, BsChecksumsFormat format, const char *file, BsDigest *digest)
{
  gboolean alone = format == BS_CHECKSUMS_SHA256 || format == BS_CHECKSUMS_SHA512;
  gboolean small = format == BS_CHECKSUMS_SHA256 || format == BS_CHECKSUMS_SHA256SUMS;

  g_strchomp (line);
  if (format == BS_CHECKSUMS_BSD)
    return read_bsd (line, file, digest);
  return read_gnu (line, small ? G_CHECKSUM_SHA256 : G_CHECKSUM_SHA512, alone, file, digest);
}

gboolean
bs_checksums_find (const char *text, gsize length, BsChecksumsFormat format, const char *file, BsDigest *digest,
                   GError **error)
{
  g_autofree char *copy = g_strndup (text, length); /* ends at the first NUL */
  char *rest = copy, *line;
  BsDigest found, other;
  gboolean any = FALSE;

  while ((line = strsep (&rest, "\n")) != NULL)
    {
      if (!read_line (line, format, file, &other))
        continue;
      if (any && other.type == found.type && !bs_digest_equal (&found, &other))
        {
          bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the checksum file names '%s' twice, with different digests",
                        file);
          return FALSE;
        }
      /* The stronger one where there are both. */
      if (!any || other.type == G_CHECKSUM_SHA512)
        found = other;
      any = TRUE;
    }
  if (any)
    *digest = found;
  else
    bs_set_error (error, BS_ERROR_NOT_FOUND, "the catalogue's address or format may be wrong",
                  "the checksum file does not name '%s'", file);
  return any;
}
