/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-container.c — what only containers or only machines have */
#include "bs-decode.h"

#include "bs-suggest.h"
#include "bs-topology-model.h"

#include <string.h>

/* capabilities(7), without CAP_ */
const char *const bs_capability_words[] = { "ALL",
                                            "AUDIT_CONTROL",
                                            "AUDIT_READ",
                                            "AUDIT_WRITE",
                                            "BLOCK_SUSPEND",
                                            "BPF",
                                            "CHECKPOINT_RESTORE",
                                            "CHOWN",
                                            "DAC_OVERRIDE",
                                            "DAC_READ_SEARCH",
                                            "FOWNER",
                                            "FSETID",
                                            "IPC_LOCK",
                                            "IPC_OWNER",
                                            "KILL",
                                            "LEASE",
                                            "LINUX_IMMUTABLE",
                                            "MAC_ADMIN",
                                            "MAC_OVERRIDE",
                                            "MKNOD",
                                            "NET_ADMIN",
                                            "NET_BIND_SERVICE",
                                            "NET_BROADCAST",
                                            "NET_RAW",
                                            "PERFMON",
                                            "SETFCAP",
                                            "SETGID",
                                            "SETPCAP",
                                            "SETUID",
                                            "SYSLOG",
                                            "SYS_ADMIN",
                                            "SYS_BOOT",
                                            "SYS_CHROOT",
                                            "SYS_MODULE",
                                            "SYS_NICE",
                                            "SYS_PACCT",
                                            "SYS_PTRACE",
                                            "SYS_RAWIO",
                                            "SYS_RESOURCE",
                                            "SYS_TIME",
                                            "SYS_TTY_CONFIG",
                                            "WAKE_ALARM",
                                            NULL };

/* setrlimit(2), as engines call them */
const char *const bs_limit_words[]
    = { "as",     "core",  "cpu", "data",   "fsize",  "locks",      "memlock", "msgqueue", "nice",
        "nofile", "nproc", "rss", "rtprio", "rttime", "sigpending", "stack",   NULL };

void
bs_decode_texts (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target, BsFieldDecode decode)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  bs_decoder_elements (self, field, value, texts, decode);
  g_ptr_array_add (texts, NULL);
  *(char ***) target = (char **) g_ptr_array_steal (texts, NULL);
}

static void
decode_capability (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer names)
{
  const char *name;
  gboolean less;

  if (!bs_decode_line (self, field, value))
    return;
  less = value->text[0] == '-';
  name = value->text + less;
  name += g_str_has_prefix (name, "CAP_") ? strlen ("CAP_") : 0;
  if (!g_strv_contains (bs_capability_words, name))
    {
      g_autofree char *hint = bs_decoder_did_you_mean (bs_suggest_nearest (name, bs_capability_words));

      bs_decoder_wrong (self, field, value, hint != NULL ? hint : "write NET_ADMIN, or -CHOWN to take one away",
                        "names of capabilities");
    }
  g_ptr_array_add (names, g_strconcat (less ? "-" : "", name, NULL));
}

void
bs_decode_capabilities (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decode_texts (self, field, value, target, decode_capability);
}

/* One number for both bounds, or a mapping of the two; -1 is unlimited. */
static void
decode_limit (BsDecoder *self, const BsYamlNode *entry, BsTopologyUlimit *limit)
{
  const BsField amount = { limit->name, BS_FIELD_INTEGER, .least = -1, .most = G_MAXINT64 };
  guint before = self->diagnostics->added;

  if (entry->kind == BS_YAML_MAPPING)
    bs_decoder_object (self, bs_fields_ulimit, entry, limit);
  else if (entry->kind == BS_YAML_SCALAR && strcmp (entry->text, "unlimited") == 0)
    limit->soft = limit->hard = -1;
  else if (bs_decode_integer (self, &amount, entry, &limit->soft))
    limit->hard = limit->soft;
  if (self->diagnostics->added == before && limit->hard != -1 && (limit->soft == -1 || limit->soft > limit->hard))
    bs_decoder_error (self, entry, NULL, "'soft' must not be more than 'hard'");
}

static void
decode_ulimit (BsDecoder *self, const BsField *field, const BsYamlNode *entry, GPtrArray *limits)
{
  BsTopologyUlimit *limit = bs_topology_ulimit_new (bs_yaml_position (entry->key));

  g_ptr_array_add (limits, limit);
  limit->name = g_strdup (entry->key->text);
  if (!g_strv_contains (bs_limit_words, limit->name))
    {
      g_autofree char *shown = bs_yaml_show (entry->key), *all = g_strjoinv (", ", (char **) bs_limit_words);
      g_autofree char *near = bs_decoder_did_you_mean (bs_suggest_nearest (limit->name, bs_limit_words));
      g_autofree char *known = g_strconcat ("known limits: ", all, NULL);

      bs_decoder_error (self, entry->key, near != NULL ? near : known, "'%s' has an unknown limit %s", field->key,
                        shown);
    }
  else
    decode_limit (self, entry, limit);
}

void
bs_decode_ulimits (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (value->kind != BS_YAML_MAPPING)
    {
      bs_decoder_wrong (self, field, value, "write it as {nofile: 1024}", "a mapping");
      return;
    }
  for (const BsYamlNode *entry = value->first; entry != NULL && bs_decoder_charge (self, entry, BS_ELEMENT_BYTES);
       entry = entry->next)
    decode_ulimit (self, field, entry, *(GPtrArray **) target);
}

void
bs_decode_restart (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  static const char *const words[] = { "no", "always", "unless-stopped", "on-failure", NULL };
  const char *text, *tries = NULL;
  gboolean good;

  if (!bs_decode_line (self, field, value))
    return;
  text = value->text;
  good = g_strv_contains (words, text);
  if (!good && g_str_has_prefix (text, "on-failure:"))
    {
      tries = strchr (text, ':') + 1;
      good = *tries != '\0' && strlen (tries) <= 6 && strspn (tries, G_CSET_DIGITS) == strlen (tries);
    }
  if (!good)
    {
      g_autofree char *hint = bs_decoder_did_you_mean (bs_suggest_nearest (text, words));

      bs_decoder_wrong (self, field, value, hint, "one of no, always, unless-stopped, on-failure, on-failure:TRIES");
    }
  *(char **) target = g_strdup (text);
}

/* As engines take it: a text for a shell, or a list whose first word may say what the others are. */
void
bs_decode_healthcheck_test (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyHealthcheck *check = target;
  const char *first;

  bs_decode_command (self, field, value, &check->test);
  if (value->kind != BS_YAML_SEQUENCE || check->test == NULL || check->test[0] == NULL)
    return;
  first = check->test[0];
  if (strcmp (first, "NONE") == 0 && check->test[1] == NULL)
    {
      check->disable = TRUE;
      g_clear_pointer (&check->test, g_strfreev);
    }
  else if (strcmp (first, "CMD") == 0 || strcmp (first, "CMD-SHELL") == 0)
    {
      g_auto (GStrv) given = g_steal_pointer (&check->test);
      gboolean shell = first[3] != '\0';

      if (given[1] == NULL || (shell && given[2] != NULL))
        bs_decoder_wrong (self, field, value, "write it as [program, argument], or as one line for sh", "a command");
      else
        check->test
            = shell ? g_strdupv ((char *[]){ (char *) "sh", (char *) "-c", given[1], NULL }) : g_strdupv (given + 1);
    }
}

void
bs_decode_healthcheck (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsTopologyHealthcheck *check = bs_topology_healthcheck_new (bs_yaml_position (value));

  *(BsTopologyHealthcheck **) target = check;
  if (bs_decoder_object (self, field->fields, value, check) && bs_yaml_get (value, "test") == NULL && !check->disable)
    bs_decoder_error (self, value, "add 'test: COMMAND', or 'disable: true'", "'test' is missing");
}

void
bs_decode_cpu (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  const char *text = value->text;

  if (!bs_decode_line (self, field, value))
    return;
  if (!g_ascii_isalnum (*text) || strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-") != strlen (text))
    bs_decoder_wrong (self, field, value, "write it as host, max or Skylake-Server", "the name of a processor's model");
  *(char **) target = g_strdup (text);
}
