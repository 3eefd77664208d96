/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-volume.c — what of the host is seen in a node: volumes, devices, file systems in memory */
#include "bs-decode.h"

#include "bs-topology-model.h"

#include <string.h>

static gboolean
is_volume_name (const char *text)
{
  if (!g_ascii_isalnum (*text))
    return FALSE;
  return strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-") == strlen (text);
}

/* "HOST:NODE" or "HOST:NODE:ro"; FALSE when it is neither. */
static gboolean
take_volume (const char *text, BsTopologyVolume *volume)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", -1);
  guint n_parts = g_strv_length (parts);

  if (n_parts < 2 || n_parts > 3 || !bs_decode_is_absolute_path (parts[1]) || strcmp (parts[1], "/") == 0)
    return FALSE;
  if (n_parts == 3 && strcmp (parts[2], "ro") != 0 && strcmp (parts[2], "rw") != 0)
    return FALSE;
  if (parts[0][0] != '/' && !g_str_has_prefix (parts[0], "./") && !g_str_has_prefix (parts[0], "../")
      && strcmp (parts[0], ".") != 0 && strcmp (parts[0], "..") != 0 && !is_volume_name (parts[0]))
    return FALSE;
  volume->host = g_strdup (parts[0]);
  volume->node = g_strdup (parts[1]);
  volume->read_only = n_parts == 3 && parts[2][1] == 'o';
  return TRUE;
}

static void
decode_volume (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer volumes)
{
  g_autoptr (BsTopologyVolume) volume = bs_topology_volume_new (bs_yaml_position (value));

  if (!bs_decode_line (self, field, value))
    return;
  if (!take_volume (value->text, volume))
    {
      bs_decoder_wrong (self, field, value, "write HOST:NODE or HOST:NODE:ro, such as ./data:/data",
                        "pairs of a path or volume's name and an absolute path");
      return;
    }
  for (guint i = 0; i < ((GPtrArray *) volumes)->len; i++)
    if (strcmp (((BsTopologyVolume *) g_ptr_array_index ((GPtrArray *) volumes, i))->node, volume->node) == 0)
      {
        bs_decoder_error (self, value, NULL, "'%s' has '%s' twice", field->key, volume->node);
        return;
      }
  g_ptr_array_add (volumes, g_steal_pointer (&volume));
}

void
bs_decode_volumes (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  static const guint most = 100; /* each is compared with all */
  guint count = 0;

  if (value->kind == BS_YAML_SEQUENCE)
    for (const BsYamlNode *element = value->first; element != NULL; element = element->next)
      count++;
  if (count > most)
    bs_decoder_error (self, value, NULL, "'%s' has %u entries, more than %u", field->key, count, most);
  else
    bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_volume);
}

/* "HOST", "HOST:NODE" or "HOST:NODE:rwm" */
static gboolean
is_device (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", -1);
  guint n_parts = g_strv_length (parts);

  if (n_parts > 3 || !bs_decode_is_absolute_path (parts[0]))
    return FALSE;
  if (n_parts > 1 && !bs_decode_is_absolute_path (parts[1]))
    return FALSE;
  return n_parts < 3 || (parts[2][0] != '\0' && strspn (parts[2], "rwm") == strlen (parts[2]));
}

/* "/run" or "/run:size=64m,mode=1777" */
static gboolean
is_tmpfs (const char *text)
{
  const char *colon = strchr (text, ':');
  g_autofree char *path = colon != NULL ? g_strndup (text, colon - text) : g_strdup (text);

  if (!bs_decode_is_absolute_path (path))
    return FALSE;
  return colon == NULL
         || (colon[1] != '\0' && strspn (colon + 1, G_CSET_a_2_z G_CSET_DIGITS "=,.%_-") == strlen (colon + 1));
}

static void
decode_device (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer devices)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (!is_device (value->text))
    bs_decoder_wrong (self, field, value, "write /dev/net/tun, or HOST:NODE, or HOST:NODE:rw", "absolute paths");
  g_ptr_array_add (devices, g_strdup (value->text));
}

static void
decode_tmpfs (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer places)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (!is_tmpfs (value->text))
    bs_decoder_wrong (self, field, value, "write /run, or /run:size=64m", "absolute paths");
  g_ptr_array_add (places, g_strdup (value->text));
}

void
bs_decode_devices (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decode_texts (self, field, value, target, decode_device);
}

void
bs_decode_tmpfs (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decode_texts (self, field, value, target, decode_tmpfs);
}
