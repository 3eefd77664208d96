/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-encode-provision.c — commands, packages, files; what only containers have */
#include "bs-topology-encoder.h"

#include <string.h>

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\n")] == '\0';
}

json_t *
bs_encode_argv (char *const *argv)
{
  if (argv == NULL)
    return NULL;
  if (g_strcmp0 (argv[0], "sh") == 0 && g_strcmp0 (argv[1], "-c") == 0 && argv[2] != NULL && argv[3] == NULL
      && !is_blank (argv[2]))
    return json_string (argv[2]);
  return bs_encode_strings (argv);
}

BS_ENCODE (bs_encode_command)
{
  return bs_encode_argv (*(char **const *) place);
}

BS_ENCODE (bs_encode_commands)
{
  const GPtrArray *commands = *(GPtrArray *const *) place;
  json_t *list = json_array ();

  for (guint i = 0; i < commands->len; i++)
    json_array_append_new (list, bs_encode_argv (g_ptr_array_index (commands, i)));
  return list;
}

BS_ENCODE (bs_encode_ports)
{
  const GPtrArray *ports = *(GPtrArray *const *) place;
  json_t *list = json_array ();

  for (guint i = 0; i < ports->len; i++)
    {
      const BsTopologyPort *port = g_ptr_array_index (ports, i);

      json_array_append_new (list, json_sprintf ("%u:%u", port->host, port->node));
    }
  return list;
}

BS_ENCODE (bs_encode_volumes)
{
  const GPtrArray *volumes = *(GPtrArray *const *) place;
  json_t *list = json_array ();

  for (guint i = 0; i < volumes->len; i++)
    {
      const BsTopologyVolume *volume = g_ptr_array_index (volumes, i);
      g_autofree char *text = g_strdup_printf ("%s:%s%s", volume->host, volume->node, volume->read_only ? ":ro" : "");

      json_array_append_new (list, json_string (text));
    }
  return list;
}

/* A text alone would be taken for a file. */
static gboolean
looks_like_file (const char *name)
{
  return g_str_has_suffix (name, ".deb") || g_str_has_suffix (name, ".rpm") || g_str_has_suffix (name, ".apk");
}

BS_ENCODE (bs_encode_packages)
{
  const GPtrArray *packages = *(GPtrArray *const *) place;
  json_t *list = json_array ();

  for (guint i = 0; i < packages->len; i++)
    {
      const BsTopologyPackage *package = g_ptr_array_index (packages, i);
      gboolean mapping = package->kind == BS_PACKAGE_REPOSITORY
                         || (package->kind == BS_PACKAGE_NAME && looks_like_file (package->name));

      json_array_append_new (list, mapping ? bs_encode_object (self, bs_fields_package, package)
                                           : json_string (package->name));
    }
  return list;
}

/* What no text may have is base64. */
static void
encode_content (const BsTopologyFile *file, json_t *object)
{
  g_autofree char *base64 = NULL;

  if (memchr (file->content, '\0', file->content_length) == NULL
      && g_utf8_validate (file->content, (gssize) file->content_length, NULL)
      && bs_text_find_refused (BS_TEXT_DATA, file->content) == NULL)
    {
      json_object_set_new (object, "content", json_string (file->content));
      return;
    }
  base64 = g_base64_encode ((const guchar *) file->content, file->content_length);
  json_object_set_new (object, "encoding", json_string ("b64"));
  json_object_set_new (object, "content", json_string (base64));
}

static json_t *
encode_file (BsEncoder *self, const BsField *field, const BsTopologyFile *file)
{
  BsTopologyFile rest = *file;
  json_t *object;

  rest.content = NULL;
  object = bs_encode_object (self, field->fields, &rest);
  if ((self->flags & BS_TOPOLOGY_ENCODE_COMPLETE) == 0 && file->mode == 0644)
    json_object_del (object, "permissions");
  if ((self->flags & BS_TOPOLOGY_ENCODE_COMPLETE) == 0 && !file->append)
    json_object_del (object, "append");
  encode_content (file, object);
  return object;
}

BS_ENCODE (bs_encode_files)
{
  const GPtrArray *files = *(GPtrArray *const *) place;
  json_t *list = json_array ();

  for (guint i = 0; i < files->len; i++)
    json_array_append_new (list, encode_file (self, field, g_ptr_array_index (files, i)));
  return list;
}

BS_ENCODE (bs_encode_metadata)
{
  return json_deep_copy (*(json_t *const *) place);
}

BS_ENCODE (bs_encode_ulimits)
{
  const GPtrArray *limits = *(GPtrArray *const *) place;
  json_t *object = json_object ();

  for (guint i = 0; i < limits->len; i++)
    {
      const BsTopologyUlimit *limit = g_ptr_array_index (limits, i);

      json_object_set_new (object, limit->name,
                           limit->soft == limit->hard ? json_integer (limit->soft)
                                                      : bs_encode_object (self, bs_fields_ulimit, limit));
    }
  return object;
}

BS_ENCODE (bs_encode_healthcheck)
{
  const BsTopologyHealthcheck *check = *(BsTopologyHealthcheck *const *) place;

  return check != NULL ? bs_encode_object (self, field->fields, check) : NULL;
}

/* A list whose first word engines would take for something else begins with CMD. */
BS_ENCODE (bs_encode_healthcheck_test)
{
  static const char *const words[] = { "", "NONE", "CMD", "CMD-SHELL", NULL };
  char *const *test = ((const BsTopologyHealthcheck *) place)->test;
  json_t *value = bs_encode_argv (test);

  if (json_is_array (value) && test[0] != NULL && g_strv_contains (words, test[0]))
    json_array_insert_new (value, 0, json_string ("CMD"));
  return value;
}
