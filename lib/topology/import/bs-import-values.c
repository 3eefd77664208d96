/* SPDX-License-Identifier: Apache-2.0 */
/* bs-import-values.c — names and values as our topologies take them */
#include "bs-import-private.h"

#include <string.h>

#define NAME_MAX_BYTES 63
#define PORT_MAX 65535

void
bs_import_note_at (BsImporter *self, guint line, guint column, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  /* A loop's lines are read more than once: said once is enough. */
  if (g_hash_table_add (self->said, g_strdup_printf ("%u:%u:%s", line, column, message)))
    bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_WARNING, line, column, 1, NULL, "%s", message);
}

void
bs_import_note (BsImporter *self, const BsYamlNode *at, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_WARNING, at->line, at->column, at->length, NULL, "%s", message);
}

/* Letters that are not in @allowed become '-'; none at the ends. */
static char *
reduce (const char *wanted, const char *allowed, gboolean lower)
{
  g_autofree char *text = lower ? g_ascii_strdown (wanted, -1) : g_strdup (wanted);
  char *from = text;
  gsize length;

  for (char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr (allowed, *c) == NULL)
      *c = '-';
  while (*from != '\0' && !g_ascii_isalnum (*from))
    from++;
  length = MIN (strlen (from), NAME_MAX_BYTES);
  while (length > 0 && !g_ascii_isalnum (from[length - 1]))
    length--;
  return length > 0 ? g_strndup (from, length) : g_strdup ("x");
}

char *
bs_import_word (const char *wanted)
{
  return reduce (wanted, "_.-", FALSE);
}

const char *
bs_import_node_name (BsImporter *self, const BsYamlNode *at, const char *wanted)
{
  g_autofree char *base = reduce (wanted, "-", TRUE);
  char *name = g_strdup (base);

  guint last = GPOINTER_TO_UINT (g_hash_table_lookup (self->taken, base));

  while (g_hash_table_contains (self->taken, name))
    {
      g_free (name);
      name = g_strdup_printf ("%.55s-%u", base, last = MAX (last, 1) + 1);
    }
  g_hash_table_replace (self->taken, g_strdup (base), GUINT_TO_POINTER (MAX (last, 1)));
  if (strcmp (name, wanted) != 0 && at != NULL)
    bs_import_note (self, at, "the name '%s' cannot be a host name: it becomes '%s'", wanted, name);
  g_hash_table_replace (self->renamed, g_strdup (wanted), name);
  if (strcmp (name, base) != 0)
    g_hash_table_replace (self->taken, g_strdup (name), GUINT_TO_POINTER (1));
  return name;
}

const char *
bs_import_node_used (BsImporter *self, const char *wanted)
{
  return g_hash_table_lookup (self->renamed, wanted);
}

json_t *
bs_import_network (BsImporter *self, const char *name)
{
  json_t *network = g_hash_table_lookup (self->by_network, name);

  if (network != NULL)
    return network;
  network = json_pack ("{s:s}", "name", name);
  json_array_append_new (self->networks, network);
  g_hash_table_insert (self->by_network, g_strdup (name), network);
  return network;
}

void
bs_import_add_node (BsImporter *self, json_t *node, const BsYamlNode *at)
{
  json_array_append_new (self->nodes, node);
  g_hash_table_insert (self->by_node, g_strdup (bs_json_string (node, "name", "")), node);
  if (at != NULL)
    bs_import_place (self, node, at);
}

json_t *
bs_import_find_node (const BsImporter *self, const char *name)
{
  return g_hash_table_lookup (self->by_node, name);
}

const char *
bs_import_text (const BsYamlNode *value)
{
  return value->kind == BS_YAML_SCALAR ? value->text : "";
}

const BsYamlNode *
bs_import_get (const BsYamlNode *mapping, const char *key)
{
  return mapping != NULL && mapping->kind == BS_YAML_MAPPING ? bs_yaml_get (mapping, key) : NULL;
}

void
bs_import_set (json_t *node, const char *key, json_t *value)
{
  gboolean empty = value == NULL || (json_is_array (value) && json_array_size (value) == 0)
                   || (json_is_object (value) && json_object_size (value) == 0)
                   || (json_is_string (value) && json_string_length (value) == 0);

  if (empty)
    json_decref (value);
  else
    json_object_set_new (node, key, value);
}

json_t *
bs_import_texts (BsImporter *self, const BsYamlNode *value, const char *key)
{
  json_t *list = json_array ();

  if (value == NULL)
    return list;
  if (value->kind == BS_YAML_SCALAR && value->text[0] != '\0')
    json_array_append_new (list, json_string (value->text));
  else if (value->kind == BS_YAML_SEQUENCE)
    for (const BsYamlNode *part = value->first; part != NULL; part = part->next)
      if (part->kind == BS_YAML_SCALAR && part->text[0] != '\0')
        json_array_append_new (list, json_string (part->text));
      else
        bs_import_note (self, part, "an entry of '%s' is not expressed: it is no text", key);
  else
    bs_import_note (self, value, "'%s' is not expressed: it is no list of texts", key);
  return list;
}

static gboolean
is_variable_name (const char *text)
{
  if (!g_ascii_isalpha (*text) && *text != '_')
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && *text != '_')
      return FALSE;
  return TRUE;
}

static void
set_pair (BsImporter *self, json_t *map, const BsYamlNode *at, const char *name, const char *text, const char *key)
{
  gboolean variables = strcmp (key, "labels") != 0;

  if (text == NULL)
    bs_import_note (self, at, "'%s' in '%s' is not expressed: it has no value in the file", name, key);
  else if ((variables && !is_variable_name (name)) || *name == '\0')
    bs_import_note (self, at, "'%s' in '%s' is not expressed: no variable has such a name", name, key);
  else
    json_object_set_new (map, name, json_string (text));
}

static gboolean
is_null (const BsYamlNode *value)
{
  static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };

  return value->plain && g_strv_contains (nulls, value->text);
}

json_t *
bs_import_map (BsImporter *self, const BsYamlNode *value, const char *key)
{
  json_t *map = json_object ();

  if (value == NULL || value->kind == BS_YAML_SCALAR)
    return map;
  for (const BsYamlNode *part = value->first; part != NULL; part = part->next)
    {
      if (part->kind != BS_YAML_SCALAR)
        bs_import_note (self, part, "an entry of '%s' is not expressed: it is no text", key);
      else if (value->kind == BS_YAML_MAPPING)
        set_pair (self, map, part, part->key->text, is_null (part) ? NULL : part->text, key);
      else
        {
          const char *equals = strchr (part->text, '=');
          g_autofree char *name = g_strndup (part->text, strcspn (part->text, "="));

          set_pair (self, map, part, name, equals != NULL ? equals + 1 : NULL, key);
        }
    }
  return map;
}

json_t *
bs_import_command (BsImporter *self, const BsYamlNode *value, const char *key)
{
  g_auto (GStrv) words = NULL;
  json_t *list;

  if (value == NULL || value->kind != BS_YAML_SCALAR)
    return bs_import_texts (self, value, key);
  /* Compose and Docker split a text into words, and run no shell. */
  list = json_array ();
  if (*value->text != '\0' && !g_shell_parse_argv (value->text, NULL, &words, NULL))
    bs_import_note (self, value, "'%s' is not expressed: its quotes do not match", key);
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    json_array_append_new (list, json_string (words[i]));
  return list;
}

guint64
bs_import_mib (const char *text)
{
  static const struct
  {
    const char *unit;
    double mib;
  } units[] = {
    { "b", 1.0 / 1048576 }, { "", 1.0 / 1048576 }, { "k", 1.0 / 1024 }, { "kb", 1.0 / 1024 }, { "m", 1 }, { "mb", 1 },
    { "mib", 1 },           { "g", 1024 },         { "gb", 1024 },      { "gib", 1024 }
  };
  char *end = NULL;
  double number = g_ascii_isdigit (*text) ? g_ascii_strtod (text, &end) : 0;
  g_autofree char *unit = end != NULL ? g_ascii_strdown (end, -1) : NULL;

  for (guint i = 0; unit != NULL && i < G_N_ELEMENTS (units); i++)
    if (strcmp (g_strstrip (unit), units[i].unit) == 0 && number * units[i].mib < 1e9)
      return (guint64) (number * units[i].mib);
  return 0;
}

/* "80" or "80-85" */
static gboolean
parse_range (const char *text, guint64 *first, guint64 *last)
{
  g_auto (GStrv) ends = g_strsplit (text, "-", 2);

  if (ends[0] == NULL || !g_ascii_string_to_unsigned (ends[0], 10, 1, PORT_MAX, first, NULL))
    return FALSE;
  *last = *first;
  return ends[1] == NULL || g_ascii_string_to_unsigned (ends[1], 10, *first, PORT_MAX, last, NULL);
}

void
bs_import_port (BsImporter *self, const BsYamlNode *at, const char *text, json_t *ports)
{
  g_autofree char *plain = g_strndup (text, strcspn (text, "/"));
  const char *protocol = strchr (text, '/');
  char *node = strrchr (plain, ':');
  char *host = node != NULL ? node - strlen (node) : NULL;
  guint64 first, last, node_first, node_last;

  if (protocol != NULL && strcmp (protocol, "/tcp") != 0)
    {
      bs_import_note (self, at, "port '%s' is not expressed: only TCP is forwarded", text);
      return;
    }
  if (node == NULL)
    {
      bs_import_note (self, at, "port '%s' is not expressed: it names no port of the host", text);
      return;
    }
  *node++ = '\0';
  host = strrchr (plain, ':');
  host = host != NULL ? host + 1 : plain;
  if (!parse_range (host, &first, &last) || !parse_range (node, &node_first, &node_last)
      || last - first != node_last - node_first || last - first > 100)
    {
      bs_import_note (self, at, "port '%s' is not expressed: it is not understood", text);
      return;
    }
  for (guint64 i = 0; i <= last - first; i++)
    json_array_append_new (ports, json_sprintf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, first + i, node_first + i));
}

void
bs_import_volume (BsImporter *self, const BsYamlNode *at, const char *text, json_t *volumes)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 3);

  if (parts[0] == NULL || parts[1] == NULL)
    bs_import_note (self, at, "volume '%s' is not expressed: it has no place on the host", text);
  else if (parts[0][0] == '~' || parts[0][0] == '\0' || strchr (text, '$') != NULL || parts[1][0] != '/')
    bs_import_note (self, at, "volume '%s' is not expressed: its paths are not plain", text);
  else if (parts[2] != NULL && strcmp (parts[2], "ro") == 0)
    json_array_append_new (volumes, json_string (text));
  else
    {
      if (parts[2] != NULL && strcmp (parts[2], "rw") != 0)
        bs_import_note (self, at, "option '%s' of a volume is not expressed", parts[2]);
      json_array_append_new (volumes, json_sprintf ("%s:%s", parts[0], parts[1]));
    }
}

void
bs_import_note_others (BsImporter *self, const BsYamlNode *mapping, const char *const *known,
                       const BsImportReason *reasons)
{
  for (const BsYamlNode *part = mapping->kind == BS_YAML_MAPPING ? mapping->first : NULL; part != NULL;
       part = part->next)
    {
      const char *key = part->key->text, *why = NULL;
      g_autofree char *shown = bs_yaml_show (part->key);

      if (g_strv_contains (known, key) || g_str_has_prefix (key, "x-"))
        continue;
      for (const BsImportReason *reason = reasons; reason != NULL && reason->key != NULL; reason++)
        if (strcmp (reason->key, key) == 0)
          why = reason->why;
      bs_import_note (self, part->key, "%s is not expressed%s%s", shown, why != NULL ? ": " : "",
                      why != NULL ? why : "");
    }
}
