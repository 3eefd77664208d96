/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-schedule.c — what happens to a wire at its time */
#include "bs-decode.h"

#include <string.h>

typedef struct
{
  BsConditionsChange *change; /* (owned) */
  const BsYamlNode *place;
} Entry;

static void
entry_clear (gpointer entry)
{
  bs_conditions_change_free (((Entry *) entry)->change);
}

static void
check_entry (BsDecoder *self, const BsConditionsChange *change, const BsYamlNode *mapping)
{
  const BsYamlNode *down = bs_yaml_get (mapping, "down"), *conditions = bs_yaml_get (mapping, "conditions");
  const BsYamlNode *within = NULL;

  if ((down != NULL) == (conditions != NULL))
    bs_decoder_error (self, mapping, "write {at: 10s, for: 2s, down: true} or {at: 10s, conditions: {…}}",
                      "each entry of 'schedule' must say one of 'down' and 'conditions'");
  else if (down != NULL && !change->down && down->kind == BS_YAML_SCALAR && strcmp (down->text, "false") == 0)
    bs_decoder_error (self, down, "remove the entry: a wire is up when nothing is said", "'down' must be true");
  if (conditions != NULL && conditions->kind == BS_YAML_MAPPING)
    within = bs_yaml_get (conditions, "schedule");
  if (within != NULL)
    bs_decoder_error (self, within->key, "make it a further entry of the outer one",
                      "'schedule' cannot be within a schedule");
}

static void
decode_entry (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer entries)
{
  Entry entry = { bs_conditions_change_new (bs_yaml_position (value)), value };

  g_array_append_val ((GArray *) entries, entry);
  if (bs_decoder_object (self, field->fields, value, entry.change))
    check_entry (self, entry.change, value);
}

static gboolean
is_before (BsPosition a, BsPosition b)
{
  return a.line < b.line || (a.line == b.line && a.column < b.column);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const BsConditionsChange *left = ((const Entry *) a)->change, *right = ((const Entry *) b)->change;

  if (left->at_usec != right->at_usec)
    return left->at_usec < right->at_usec ? -1 : 1;
  return is_before (left->at, right->at) ? -1 : 1;
}

/* Reports the one that comes later in the file. */
static void
report_overlap (BsDecoder *self, const Entry *a, const Entry *b)
{
  const Entry *early = is_before (a->change->at, b->change->at) ? a : b, *late = early == a ? b : a;
  g_autofree char *hint
      = g_strdup_printf (early->change->for_usec == 0 ? "the one on line %u has no 'for' and lasts until the end"
                                                      : "the one on line %u takes some of that time",
                         early->change->at.line);

  bs_decoder_error (self, late->place, hint, "entries of 'schedule' overlap");
}

static gint64
end_of (const BsConditionsChange *change)
{
  return change->for_usec == 0 ? G_MAXINT64 : change->at_usec + change->for_usec;
}

/* Sorted by their beginnings: the one that lasts longest so far must be over when the next one begins. */
static void
check_overlaps (BsDecoder *self, GArray *entries)
{
  const Entry *longest = NULL;

  for (guint i = 0; i < entries->len; i++)
    {
      const Entry *entry = &g_array_index (entries, Entry, i);

      if (longest != NULL && entry->change->at_usec < end_of (longest->change))
        report_overlap (self, longest, entry);
      if (longest == NULL || end_of (entry->change) > end_of (longest->change))
        longest = entry;
    }
}

/* @target: a GPtrArray ** of BsConditionsChange */
void
bs_decode_schedule (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  guint said = self->diagnostics->added;
  GPtrArray *schedule;

  g_array_set_clear_func (entries, entry_clear);
  bs_decoder_elements (self, field, value, entries, decode_entry);
  g_array_sort (entries, compare_entries);
  if (self->diagnostics->added == said)
    check_overlaps (self, entries);
  if (target == NULL || entries->len == 0)
    return;
  schedule = *(GPtrArray **) target = bs_conditions_schedule_new ();
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (schedule, g_steal_pointer (&g_array_index (entries, Entry, i).change));
}
