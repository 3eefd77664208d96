/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-public-key.c — public keys and known-hosts files as text; needs no libssh */
#include "bs-error.h"
#include "bs-ssh-keys.h"

#include <string.h>

#define KEY_TEXT_MAX 16384

static gboolean
bad_key (GError **error, const char *why)
{
  bs_set_error (error, BS_ERROR_INVALID, "give it as in a file id_ed25519.pub: ssh-ed25519 AAAA…",
                "not a public SSH key: %s", why);
  return FALSE;
}

static gboolean
is_type (const char *text)
{
  gsize length = strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.@");

  return length > 0 && length < 64 && text[length] == '\0';
}

/* The key's own bytes begin with its type, as a string with four bytes of length (RFC 4253, 6.6). */
static gboolean
holds_type (const char *base64, const char *type)
{
  gsize length = 0, name = strlen (type);
  g_autofree guchar *blob = g_base64_decode (base64, &length);

  return length > 4 + name && blob[0] == 0 && blob[1] == 0 && blob[2] == 0 && blob[3] == name
         && memcmp (blob + 4, type, name) == 0;
}

static gboolean
is_base64 (const char *text)
{
  gsize length = strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/");
  gsize padding = strspn (text + length, "=");

  return length > 0 && padding <= 2 && (length + padding) % 4 == 0 && text[length + padding] == '\0';
}

/* The @index-th word of the line at @text; (transfer full) (nullable). */
static char *
word_at (const char *text, guint index)
{
  for (;; index--)
    {
      gsize length;

      text += strspn (text, " \t");
      length = strcspn (text, " \t\r\n");
      if (length == 0)
        return NULL;
      if (index == 0)
        return g_strndup (text, length);
      text += length;
    }
}

gboolean
bs_ssh_public_key_parse (const char *text, char **type, char **base64, GError **error)
{
  g_autofree char *first = NULL, *second = NULL;

  if (text == NULL || strlen (text) > KEY_TEXT_MAX)
    return bad_key (error, text == NULL ? "there is none" : "it is too long");
  if (strchr (text, '\n') != NULL && strchr (text, '\n')[1] != '\0')
    return bad_key (error, "it has more than one line");
  first = word_at (text, 0);
  second = word_at (text, 1);
  if (first == NULL || second == NULL || !is_type (first))
    return bad_key (error, "it does not begin with a type and base64");
  if (!is_base64 (second) || !holds_type (second, first))
    return bad_key (error, "its base64 holds no key of that type");
  *type = g_steal_pointer (&first);
  *base64 = g_steal_pointer (&second);
  return TRUE;
}

gboolean
bs_ssh_public_key_equal (const char *a, const char *b)
{
  g_autofree char *type_a = NULL, *base64_a = NULL, *type_b = NULL, *base64_b = NULL;

  return bs_ssh_public_key_parse (a, &type_a, &base64_a, NULL) && bs_ssh_public_key_parse (b, &type_b, &base64_b, NULL)
         && strcmp (type_a, type_b) == 0 && strcmp (base64_a, base64_b) == 0;
}

char *
bs_ssh_fingerprint (const char *public_text, GError **error)
{
  g_autofree char *type = NULL, *base64 = NULL, *sum = NULL;
  g_autofree guchar *blob = NULL;
  guint8 digest[32];
  gsize length, size = sizeof digest;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);

  if (!bs_ssh_public_key_parse (public_text, &type, &base64, error))
    return NULL;
  blob = g_base64_decode (base64, &length);
  g_checksum_update (checksum, blob, (gssize) length);
  g_checksum_get_digest (checksum, digest, &size);
  sum = g_base64_encode (digest, size);
  sum[strcspn (sum, "=")] = '\0';
  return g_strconcat ("SHA256:", sum, NULL);
}

static gboolean
names_host (const char *names, const char *name)
{
  g_auto (GStrv) list = g_strsplit (names, ",", -1);

  return g_strv_contains ((const char *const *) list, name);
}

char *
bs_ssh_known_hosts_find (const char *text, gsize length, const char *name)
{
  const char *end = text + length;

  while (text < end)
    {
      const char *newline = memchr (text, '\n', (gsize) (end - text));
      gsize size = (gsize) ((newline != NULL ? newline : end) - text);
      g_autofree char *line = g_strndup (text, MIN (size, KEY_TEXT_MAX));
      g_autofree char *names = word_at (line, 0), *type = NULL, *base64 = NULL;

      text += size + 1;
      if (names == NULL || strchr ("#@|", names[0]) != NULL || !names_host (names, name))
        continue;
      if (bs_ssh_public_key_parse (strstr (line, names) + strlen (names), &type, &base64, NULL))
        return g_strconcat (type, " ", base64, NULL);
    }
  return NULL;
}

char *
bs_ssh_known_hosts_line (const char *name, const char *public_text)
{
  g_autofree char *type = word_at (public_text, 0), *base64 = word_at (public_text, 1);

  return g_strdup_printf ("%s %s %s\n", name, type != NULL ? type : "", base64 != NULL ? base64 : "");
}
