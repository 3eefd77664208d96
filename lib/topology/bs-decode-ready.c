/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-ready.c — what must hold before a node counts as up */
#include "bs-decode.h"

#include "bs-topology-model.h"

#include <string.h>

#define UNIT_MAX 255

static void
take_ready (BsTopologyReady *ready, BsReadyKind kind, const char *argument)
{
  if (ready == NULL)
    return;
  ready->kind = kind;
  g_strfreev (ready->arguments);
  ready->arguments = g_new0 (char *, argument != NULL ? 2 : 1);
  ready->arguments[0] = g_strdup (argument);
}

void
bs_decode_ready_agent (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_scalar (self, field, value))
    return;
  if (strcmp (value->text, "true") != 0)
    bs_decoder_error (self, value, "write the word 'agent' alone", "'%s' must be true", field->key);
  take_ready (target, BS_READY_AGENT, NULL);
}

void
bs_decode_ready_port (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autofree char *number = NULL;
  gint64 port;

  if (!bs_decode_integer (self, field, value, &port))
    return;
  number = g_strdup_printf ("%d", (int) port);
  take_ready (target, BS_READY_PORT, number);
}

void
bs_decode_ready_file (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (value->text[0] != '/')
    bs_decoder_error (self, value, NULL, "'%s' must be an absolute path", field->key);
  take_ready (target, BS_READY_FILE, value->text);
}

void
bs_decode_ready_process (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (bs_decode_line (self, field, value))
    take_ready (target, BS_READY_PROCESS, value->text);
}

void
bs_decode_ready_command (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyReady *ready = target;

  if (ready != NULL)
    {
      ready->kind = BS_READY_COMMAND;
      g_clear_pointer (&ready->arguments, g_strfreev);
    }
  bs_decode_command (self, field, value, ready != NULL ? &ready->arguments : NULL);
}

void
bs_decode_ready_ssh (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_scalar (self, field, value))
    return;
  if (strcmp (value->text, "true") != 0)
    bs_decoder_error (self, value, "write it as {ssh: true}", "'%s' must be true", field->key);
  take_ready (target, BS_READY_SSH, NULL);
}

/* The characters of systemd.unit(5); its type may be left out, as for systemctl. */
void
bs_decode_ready_unit (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  const char *text = value->text;
  gboolean good;

  if (!bs_decode_line (self, field, value))
    return;
  good = strlen (text) <= UNIT_MAX && text[0] != '-' && text[0] != '.';
  for (const char *p = text; *p != '\0'; p++)
    good = good && (g_ascii_isalnum (*p) || strchr (":_.@\\-", *p) != NULL);
  if (!good)
    bs_decoder_wrong (self, field, value, "write it as nginx, or nginx.service", "a systemd unit's name");
  take_ready (target, BS_READY_UNIT, text);
}

gboolean
bs_decode_is_url (const char *text)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);

  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' || strchr (text, ' ') != NULL)
    return FALSE;
  return strcmp (g_uri_get_scheme (uri), "http") == 0 || strcmp (g_uri_get_scheme (uri), "https") == 0;
}

void
bs_decode_ready_http (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (!bs_decode_is_url (value->text))
    bs_decoder_wrong (self, field, value, "write it as http://localhost:8080/", "an http or https URL");
  take_ready (target, BS_READY_HTTP, value->text);
}

void
bs_decode_ready_log (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (bs_decode_line (self, field, value))
    take_ready (target, BS_READY_LOG, value->text);
}

/* How many of the keys say what to wait for: all but `within`. */
static guint
count_kinds (const BsYamlNode *mapping)
{
  guint count = 0;

  for (const BsYamlNode *node = mapping->first; node != NULL; node = node->next)
    count += strcmp (node->key->text, "within") != 0;
  return count;
}

static void
decode_ready_entry (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer entries)
{
  BsTopologyReady *ready;

  if (value->kind == BS_YAML_SCALAR && strcmp (value->text, "agent") == 0)
    {
      g_ptr_array_add (entries, bs_topology_ready_new (bs_yaml_position (value)));
      return;
    }
  if (value->kind != BS_YAML_MAPPING)
    {
      bs_decoder_wrong (self, field, value, "write it as {port: 80, within: 20s}",
                        "a list of mappings or the word agent");
      return;
    }
  ready = bs_topology_ready_new (bs_yaml_position (value));
  g_ptr_array_add (entries, ready);
  bs_decoder_object (self, field->fields, value, ready);
  if (count_kinds (value) != 1)
    bs_decoder_error (self, value, "write it as {port: 80, within: 20s}",
                      "each entry of '%s' must say one thing to wait for", field->key);
}

void
bs_decode_ready (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_ready_entry);
}
