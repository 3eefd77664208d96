/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-arguments.h"
#include "bs-error.h"

#include <string.h>

#define NODE_MAX 63
#define PATH_LENGTH_MAX 200
#define ARGV_MAX 4096
#define MAC_LENGTH 17

gboolean
bs_arguments_is_node (const char *text)
{
  gsize length = strlen (text);

  if (length == 0 || length > NODE_MAX || !g_ascii_isalnum (text[0]))
    return FALSE;
  for (gsize i = 1; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("_.-", text[i]) == NULL)
      return FALSE;
  return TRUE;
}

const char *
bs_arguments_node (const json_t *object, GError **error)
{
  const char *name = bs_json_string (object, "node", NULL);

  if (name != NULL && bs_arguments_is_node (name))
    return name;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "'node' is missing or is no node's name");
  return NULL;
}

gboolean
bs_arguments_int (const json_t *object, const char *key, gint64 low, gint64 high, gint64 *value, GError **error)
{
  const json_t *member = json_object_get (object, key);

  if (json_is_integer (member) && json_integer_value (member) >= low && json_integer_value (member) <= high)
    {
      *value = json_integer_value (member);
      return TRUE;
    }
  bs_set_error (error, BS_ERROR_INVALID, NULL,
                "'%s' is missing or is no integer from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, key, low, high);
  return FALSE;
}

static gboolean
is_below (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '\0' || strcmp (parts[i], ".") == 0 || strcmp (parts[i], "..") == 0)
      return FALSE;
  return parts[0] != NULL;
}

gboolean
bs_arguments_path (const json_t *object, const char *key, gboolean optional, const char **path, GError **error)
{
  const json_t *member = json_object_get (object, key);
  const char *text = json_string_value (member);

  *path = text;
  if (optional && (member == NULL || json_is_null (member)))
    return TRUE;
  if (text != NULL && strlen (text) <= PATH_LENGTH_MAX && is_below (text))
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is missing or is no path below the lab's folder", key);
  return FALSE;
}

gboolean
bs_arguments_mac (const json_t *object, const char *key, guint8 mac[6], GError **error)
{
  const char *text = bs_json_string (object, key, "");
  gboolean ok = strlen (text) == MAC_LENGTH;

  for (guint i = 0; ok && i < MAC_LENGTH; i++)
    ok = i % 3 == 2 ? text[i] == ':' : g_ascii_isxdigit (text[i]);
  for (guint i = 0; ok && i < 6; i++)
    mac[i] = (guint8) (g_ascii_xdigit_value (text[3 * i]) << 4 | g_ascii_xdigit_value (text[3 * i + 1]));
  if (!ok)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is missing or is no MAC address", key);
  return ok;
}

const char **
bs_arguments_argv (const json_t *object, const char *key, GError **error)
{
  const json_t *member = json_object_get (object, key);
  gsize n = json_array_size (member);
  g_autofree const char **argv = g_new0 (const char *, n + 1);

  for (gsize i = 0; i < n; i++)
    argv[i] = json_string_value (json_array_get (member, i));
  for (gsize i = 0; i < n; i++)
    if (argv[i] == NULL)
      n = 0;
  if (n > 0 && n <= ARGV_MAX && argv[0][0] != '\0')
    return g_steal_pointer (&argv);
  bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' is missing or is no list of 1 to %d strings", key, ARGV_MAX);
  return NULL;
}
