/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-paths.c — paths in nodes, files of the host beside the topology file, modes */
#include "bs-decode.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE_MOST 07777

/* Whether a part of the path is "..": it would lead out of what was meant. */
static gboolean
leads_up (const char *path)
{
  for (const char *p = path; (p = strstr (p, "..")) != NULL; p += 2)
    if ((p == path || p[-1] == '/') && (p[2] == '\0' || p[2] == '/'))
      return TRUE;
  return FALSE;
}

gboolean
bs_decode_is_absolute_path (const char *path)
{
  return path[0] == '/' && !leads_up (path);
}

void
bs_decode_absolute_path (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (!bs_decode_is_absolute_path (value->text))
    bs_decoder_wrong (self, field, value, NULL, "an absolute path without '..'");
  else if (target != NULL)
    *(char **) target = g_strdup (value->text);
}

gboolean
bs_decode_check_file (BsDecoder *self, const BsField *field, const BsYamlNode *value, gboolean folder)
{
  g_autofree char *path = NULL, *shown = NULL, *hint = NULL;
  struct stat status;

  if (self->folder == NULL)
    return TRUE;
  path = g_path_is_absolute (value->text) ? g_strdup (value->text) : g_build_filename (self->folder, value->text, NULL);
  shown = bs_yaml_show (value);
  if (stat (path, &status) != 0 || access (path, S_ISDIR (status.st_mode) ? R_OK | X_OK : R_OK) != 0)
    {
      const char *reason = g_strerror (errno);

      hint = value->text[0] != '/' ? g_strdup_printf ("paths are relative to the folder '%s'", self->folder) : NULL;
      bs_decoder_error (self, value, hint, "'%s' cannot be read: %s: %s", field->key, shown, reason);
      return FALSE;
    }
  if (S_ISREG (status.st_mode) || (folder && S_ISDIR (status.st_mode)))
    return TRUE;
  bs_decoder_error (self, value, NULL, "'%s' must be a file%s: %s", field->key, folder ? " or folder" : "", shown);
  return FALSE;
}

static void
decode_host_path (BsDecoder *self, const BsField *field, const BsYamlNode *value, char **target, gboolean folder)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (value->text[0] == '-')
    bs_decoder_wrong (self, field, value, "write './' before it", "a path that does not begin with '-'");
  else
    bs_decode_check_file (self, field, value, folder);
  if (target != NULL)
    *target = g_strdup (value->text);
}

void
bs_decode_host_file (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  decode_host_path (self, field, value, target, FALSE);
}

void
bs_decode_host_tree (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  decode_host_path (self, field, value, target, TRUE);
}

/* @target: a guint or int. Octal whether quoted or not: no mode is ever meant in decimal. */
void
bs_decode_mode (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  gint64 mode;
  gsize length;

  if (!bs_decode_line (self, field, value))
    return;
  length = strlen (value->text);
  if (length < 3 || length > 5 || strspn (value->text, "01234567") != length
      || (mode = g_ascii_strtoll (value->text, NULL, 8)) > MODE_MOST)
    bs_decoder_wrong (self, field, value, "write it as \"0644\", or \"0755\" for a program", "a mode in octal");
  else if (target != NULL)
    *(int *) target = (int) mode;
}
