/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-conditions.c — what a wire does to packets: one level's own keys, each with its place */
#include "bs-decode.h"

#include "bs-preset.h"
#include "bs-time.h"

#include <limits.h>
#include <string.h>

#define QUEUE_BYTES_MOST ((gint64) 1 << 30)
#define QUEUE_BYTES_LEAST 64
#define QUEUE_USEC_MOST ((gint64) 3600 * BS_USEC_PER_SEC)

/* The conditions at @target; made when there are none yet. They go to @spare when nothing is stored. */
static BsConditions *
conditions_at (BsDecoder *self, BsConditions **target, BsConditions **spare, const BsYamlNode *value)
{
  BsConditions **place = target != NULL ? target : spare;

  if (*place == NULL)
    {
      bs_decoder_charge (self, value, sizeof (BsConditions) + BS_N_CONDITIONS * sizeof (BsPosition));
      *place = bs_conditions_new (bs_yaml_position (value));
    }
  return *place;
}

static void
mark (BsConditions *self, const char *name, const BsYamlNode *value)
{
  for (BsConditionKey key = 0; key < BS_N_CONDITIONS; key++)
    {
      const char *known = bs_conditions_key_name (key);

      if (known[0] == name[0] && strcmp (known, name) == 0)
        {
          bs_conditions_mark (self, key, bs_yaml_position (value));
          return;
        }
    }
}

static void
mark_keys (BsConditions *self, const BsYamlNode *mapping)
{
  for (const BsYamlNode *value = mapping->first; value != NULL; value = value->next)
    {
      mark (self, value->key->text, value);
      if (strcmp (value->key->text, "queue") != 0 || value->kind != BS_YAML_MAPPING)
        continue;
      for (const BsYamlNode *part = value->first; part != NULL; part = part->next)
        {
          g_autofree char *name = g_strconcat ("queue.", part->key->text, NULL);

          mark (self, name, part);
        }
    }
}

static void
check_together (BsDecoder *self, const BsConditions *conditions, const BsYamlNode *mapping)
{
  const BsYamlNode *burst = bs_yaml_get (mapping, "loss_burst"), *queue = bs_yaml_get (mapping, "queue");

  if (burst != NULL && bs_yaml_get (mapping, "packet_loss_percent") != NULL)
    bs_decoder_error (self, burst->key, "keep one of them: packets are lost in bursts, or one by one",
                      "'loss_burst' and 'packet_loss_percent' exclude each other");
  if (queue != NULL && (conditions->set & 1u << BS_CONDITION_BANDWIDTH) != 0 && conditions->bandwidth_kbps <= 0)
    bs_decoder_error (self, queue->key, "remove 'queue', or give 'bandwidth_kbps' a rate",
                      "'queue' has no use where 'bandwidth_kbps' is 0, which is unlimited");
}

void
bs_decode_conditions (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autoptr (BsConditions) spare = NULL;
  BsConditions *conditions = conditions_at (self, target, &spare, value);

  conditions->at = bs_yaml_position (value);
  self->path[self->path_length++] = field;
  if (bs_decoder_object (self, bs_fields_conditions, value, conditions))
    {
      mark_keys (conditions, value);
      check_together (self, conditions, value);
    }
  self->path_length--;
}

/* "known presets: localhost, …" (transfer full) */
static char *
preset_hint (const char *wrong)
{
  GString *known;

  if (bs_preset_nearest (wrong) != NULL)
    return bs_decoder_did_you_mean (bs_preset_nearest (wrong));
  known = g_string_new ("known presets: ");
  for (const BsPreset *preset = bs_presets; preset->name != NULL; preset++)
    g_string_append_printf (known, "%s%s", preset > bs_presets ? ", " : "", preset->name);
  return g_string_free (known, FALSE);
}

/* It is noted: without its file, the topology could not be read again. */
static const BsConditions *
find_preset (BsTopology *topology, const char *name)
{
  const BsConditions *found = topology->presets != NULL ? g_hash_table_lookup (topology->presets, name) : NULL;

  if (found != NULL || (found = bs_preset_find (name)) == NULL)
    return found;
  if (topology->presets == NULL)
    topology->presets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_insert (topology->presets, g_strdup (name), (gpointer) found);
  return found;
}

/* @target: the BsConditions itself */
void
bs_decode_preset (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsConditions *conditions = target;
  const BsConditions *found;

  if (!bs_decode_line (self, field, value))
    return;
  found = find_preset (self->topology, value->text);
  if (found == NULL)
    {
      g_autofree char *shown = bs_yaml_show (value), *hint = preset_hint (value->text);

      bs_decoder_error (self, value, hint, "there is no preset %s", shown);
    }
  else if (conditions != NULL && conditions->preset != NULL)
    bs_decoder_error (self, value, "keep the network's own, or that in its 'conditions'", "'preset' is given twice");
  else if (conditions != NULL)
    {
      conditions->preset = g_strdup (value->text);
      conditions->preset_at = bs_yaml_position (value);
      conditions->preset_values = found;
    }
}

void
bs_decode_own_preset (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autoptr (BsConditions) spare = NULL;

  bs_decode_preset (self, field, value, conditions_at (self, target, &spare, value));
}

/* "1500", "64KiB": bytes. */
static gboolean
parse_bytes (const char *text, gint64 *bytes)
{
  static const struct
  {
    const char *name;
    gint64 bytes;
  } units[] = { { "", 1 }, { "B", 1 }, { "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 } };
  char *end = NULL;
  guint64 number;

  if (!g_ascii_isdigit (*text))
    return FALSE;
  number = g_ascii_strtoull (text, &end, 10);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (end, units[i].name) == 0)
      {
        *bytes = number > (guint64) QUEUE_BYTES_MOST ? G_MAXINT64 : (gint64) number * units[i].bytes;
        return TRUE;
      }
  return FALSE;
}

void
bs_decode_queue_limit (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsConditions *conditions = target;
  gint64 bytes = 0, usec = 0;
  gboolean in_bytes;

  if (!bs_decode_line (self, field, value))
    return;
  in_bytes = parse_bytes (value->text, &bytes);
  if (!in_bytes && !bs_time_parse_duration (value->text, &usec))
    bs_decoder_wrong (self, field, value, "write 64KiB or 100ms; a bare number is bytes", "bytes or a time");
  else if (in_bytes && bytes != 0 && (bytes < QUEUE_BYTES_LEAST || bytes > QUEUE_BYTES_MOST))
    bs_decoder_wrong (self, field, value, "0 leaves it to be computed from rate and delay", "from %d bytes to 1GiB",
                      QUEUE_BYTES_LEAST);
  else if (usec > QUEUE_USEC_MOST)
    bs_decoder_wrong (self, field, value, "0 leaves it to be computed from rate and delay", "at most 1h");
  else if (conditions != NULL)
    {
      conditions->queue_limit_bytes = bytes;
      conditions->queue_limit_usec = usec;
    }
}

/* @target: the BsConditions itself; what Gilbert-Elliott takes when it is not said */
void
bs_decode_loss_burst (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  BsConditions spare = { 0 }, *conditions = target != NULL ? target : &spare;

  conditions->burst_r = -1;
  conditions->burst_h = 0;
  conditions->burst_k = 100;
  self->path[self->path_length++] = field;
  bs_decoder_object (self, field->fields, value, conditions);
  self->path_length--;
  if (conditions->burst_r < 0)
    conditions->burst_r = 100 - conditions->burst_p;
  if (conditions->burst_r <= 0 && conditions->burst_p > 0)
    bs_decoder_error (self, bs_yaml_get (value, bs_yaml_get (value, "r") != NULL ? "r" : "p"), "let 'r' be more than 0",
                      "a burst must be able to end");
}

/* A file of its own is looked for beside the topology, when that is a file. */
void
bs_decode_trace (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  gsize length;

  if (!bs_decode_line (self, field, value))
    return;
  if (strcmp (value->text, "none") == 0)
    return;
  length = strlen (value->text);
  if (length >= PATH_MAX || value->text[length - 1] == '/')
    bs_decoder_wrong (self, field, value, NULL, "the path of a file");
  else if (bs_decode_check_file (self, field, value, FALSE) && target != NULL)
    *(char **) target = g_strdup (value->text);
}
