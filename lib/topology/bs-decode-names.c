/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-names.c — names that are given, and uses of names that are looked up later */
#include "bs-decode.h"

#include <limits.h>
#include <string.h>

#define HOST_LABEL_MAX 63
#define USER_NAME_MAX 32
#define ADOPT_MAX 255
#define WORD_MAX 63
#define INTERFACE_NAME_MAX 15 /* IFNAMSIZ less its NUL */

static gboolean
is_host_label (const char *text)
{
  gsize length = strlen (text);

  if (length == 0 || length > HOST_LABEL_MAX || text[0] == '-' || text[length - 1] == '-')
    return FALSE;
  return strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

/* What resolvers take for another thing: the machine itself, or an address. */
static gboolean
is_reserved (const char *label)
{
  return strcmp (label, "localhost") == 0 || label[strspn (label, "0123456789")] == '\0';
}

/* [A-Za-z0-9][A-Za-z0-9_.-]*, at most @most characters */
static gboolean
is_word (const char *text, gsize most)
{
  gsize length = strlen (text);

  if (length == 0 || length > most || !g_ascii_isalnum (text[0]))
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("_.-", *text) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_word_or_underscore (const char *text, gsize most)
{
  return is_word (text, most)
         || (text[0] == '_' && strlen (text) <= most && (text[1] == '\0' || is_word (text + 1, most)));
}

/* The nearest right name: '-' for each character that is neither letter, digit nor in @letters, a letter or digit first
 * and last. (transfer full) (nullable) */
static char *
name_hint (const char *text, const char *letters, gsize most)
{
  g_autoptr (GString) better = g_string_new (NULL);

  for (; *text != '\0' && better->len < most; text = g_utf8_next_char (text))
    if (g_ascii_isalnum (*text) || (better->len > 0 && strchr (letters, *text) != NULL))
      g_string_append_c (better, *text);
    else if (better->len > 0)
      g_string_append_c (better, '-');
  while (better->len > 0 && !g_ascii_isalnum (better->str[better->len - 1]))
    g_string_truncate (better, better->len - 1);
  return better->len > 0 ? g_strdup_printf ("write '%s'", better->str) : NULL;
}

/* In lower case, with a '-' for what is not allowed. */
static char *
host_name_hint (const char *text)
{
  g_autofree char *lower = g_ascii_strdown (text, -1);
  g_autofree char *hint = name_hint (lower, "", HOST_LABEL_MAX);

  return hint != NULL && strcmp (hint, "write 'localhost'") != 0 ? g_steal_pointer (&hint) : NULL;
}

/* Takes the name of a node, network, …, if @good. */
static void
take_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, char **target, gboolean good,
           const char *hint, const char *rule)
{
  if (!good)
    bs_decoder_wrong (self, field, value, hint, "%s", rule);
  if (target == NULL)
    return;
  *target = g_strdup (value->text);
  g_hash_table_insert (self->places, *target, (gpointer) value);
}

void
bs_decode_node_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autofree char *hint = NULL;
  gboolean good;

  if (!bs_decode_scalar (self, field, value))
    return;
  good = is_host_label (value->text);
  if (!good)
    hint = host_name_hint (value->text);
  else if (is_reserved (value->text))
    {
      take_name (self, field, value, target, FALSE,
                 value->text[0] == 'l' ? "choose another: each machine calls itself so" : "put a letter before it",
                 "a name of its own, and none of digits alone");
      return;
    }
  take_name (self, field, value, target, good, hint, "a host name (a-z, 0-9 and '-', at most 63, no '-' at its ends)");
}

/* A host name with its domain, as Linux takes it. */
void
bs_decode_host_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_auto (GStrv) labels = NULL;
  gboolean good;

  if (!bs_decode_line (self, field, value))
    return;
  labels = g_strsplit (value->text, ".", -1);
  good = strlen (value->text) <= HOST_NAME_MAX;
  for (guint i = 0; labels[i] != NULL; i++)
    good = good && is_host_label (labels[i]);
  if (!good)
    bs_decoder_wrong (self, field, value, NULL,
                      "a host name (a-z, 0-9, '-' and '.', at most %d, no '-' at the ends of a part)", HOST_NAME_MAX);
  else if (target != NULL)
    *(char **) target = g_strdup (value->text);
}

/* [user] or [user:group]; both as name or number. */
void
bs_decode_owner (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  const char *colon;
  gboolean good;

  if (!bs_decode_line (self, field, value))
    return;
  colon = strchr (value->text, ':');
  if (colon == NULL)
    good = is_word_or_underscore (value->text, USER_NAME_MAX);
  else
    {
      g_autofree char *user = g_strndup (value->text, colon - value->text);

      good = is_word_or_underscore (user, USER_NAME_MAX) && is_word_or_underscore (colon + 1, USER_NAME_MAX);
    }
  if (!good)
    bs_decoder_wrong (self, field, value, "write it as root, or root:root", "a user, or a user and a group");
  else if (target != NULL)
    *(char **) target = g_strdup (value->text);
}

void
bs_decode_user (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (!is_word_or_underscore (value->text, USER_NAME_MAX))
    bs_decoder_wrong (self, field, value, NULL,
                      "a user's name (letters, digits, '_', '.' and '-', at most %d, not first '-' or '.')",
                      USER_NAME_MAX);
  else if (target != NULL)
    *(char **) target = g_strdup (value->text);
}

void
bs_decode_adopt (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (value->text[0] == '-' || strchr (value->text, '/') != NULL || strlen (value->text) > ADOPT_MAX)
    bs_decoder_wrong (self, field, value, NULL,
                      "an engine's name of a machine (at most %d bytes, no '/', not first '-')", ADOPT_MAX);
  else if (target != NULL)
    {
      *(char **) target = g_strdup (value->text);
      g_hash_table_insert (self->places, *(char **) target, (gpointer) value);
    }
}

#define WORD_RULE "a name (letters, digits, '_', '.' and '-', at most 63, first a letter or digit)"

void
bs_decode_lab_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autofree char *hint = NULL;
  gboolean good;

  if (!bs_decode_scalar (self, field, value))
    return;
  good = is_word (value->text, WORD_MAX);
  if (!good)
    hint = name_hint (value->text, "_.-", WORD_MAX);
  take_name (self, field, value, target, good, hint, WORD_RULE);
}

void
bs_decode_network_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decode_lab_name (self, field, value, target);
}

void
bs_decode_interface_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autofree char *hint = NULL;
  gboolean good;

  if (!bs_decode_scalar (self, field, value))
    return;
  good = is_word (value->text, INTERFACE_NAME_MAX) && strcmp (value->text, "lo") != 0;
  if (!good && strcmp (value->text, "lo") != 0)
    hint = name_hint (value->text, "_.-", INTERFACE_NAME_MAX);
  take_name (self, field, value, target, good, hint,
             "an interface name (letters, digits, '_', '.' and '-', at most 15, first a letter or digit, not 'lo')");
}

void
bs_decode_image (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  if (!bs_decode_line (self, field, value))
    return;
  if (value->text[0] == '-' || g_ascii_isspace (value->text[0]))
    {
      g_autofree char *shown = bs_yaml_show (value);

      bs_decoder_error (self, value, "write a name such as tiny, or a path such as ./disk.qcow2",
                        "'%s' must not begin with '-' or a space: %s", field->key, shown);
      return;
    }
  if (target != NULL)
    *(char **) target = g_strdup (value->text);
}

static void
add_reference (BsDecoder *self, const BsField *field, const BsYamlNode *value, char **target, BsNameKind kind)
{
  BsReference reference = { kind, value, value->text };

  if (!bs_decode_line (self, field, value) || !bs_decoder_charge (self, value, BS_REFERENCE_BYTES))
    return;
  g_array_append_val (self->references, reference);
  if (target == NULL)
    return;
  *target = g_strdup (value->text);
  g_hash_table_insert (self->places, *target, (gpointer) value);
}

void
bs_decode_node_reference (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  add_reference (self, field, value, target, BS_NAME_NODE);
}

void
bs_decode_one_node_reference (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  add_reference (self, field, value, target, BS_NAME_ONE_NODE);
}

void
bs_decode_network_reference (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  add_reference (self, field, value, target, BS_NAME_NETWORK);
}

static void
take_node_reference (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer names)
{
  char *name = NULL;

  add_reference (self, field, value, names != NULL ? &name : NULL, BS_NAME_NODE);
  if (name != NULL)
    g_ptr_array_add (names, name);
}

/* @target: a GPtrArray ** of names */
void
bs_decode_node_references (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, target != NULL ? *(GPtrArray **) target : NULL, take_node_reference);
}
