/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-conditions-words.h"
#include "bs-decode.h"
#include "bs-topology-model.h"

#include <string.h>

#define QUEUE "queue."

/* A document of one line for each word, so that a line tells the word; parts of the queue are one mapping. */
typedef struct
{
  GString *text, *queue;
  GPtrArray *lines; /* (element-type utf8) what each line was made from */
  const char *queue_word;
} Words;

static void
words_clear (Words *self)
{
  g_string_free (self->text, TRUE);
  g_string_free (self->queue, TRUE);
  g_ptr_array_unref (self->lines);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Words, words_clear)

static gboolean
add_word (Words *self, const char *word, GError **error)
{
  const char *equals = strchr (word, '=');

  if (equals == NULL || equals == word || equals[1] == '\0' || strpbrk (word, "\n\r") != NULL)
    {
      g_autofree char *shown = bs_yaml_show_text (word);

      bs_set_error (error, BS_ERROR_INVALID, "write it as latency_ms=40", "%s is not KEY=VALUE", shown);
      return FALSE;
    }
  if (g_str_has_prefix (word, QUEUE))
    {
      g_string_append_printf (self->queue, "%s%.*s: %s", self->queue->len > 0 ? ", " : "",
                              (int) (equals - word) - (int) strlen (QUEUE), word + strlen (QUEUE), equals + 1);
      self->queue_word = word;
      return TRUE;
    }
  g_string_append_printf (self->text, "%.*s: %s\n", (int) (equals - word), word, equals + 1);
  g_ptr_array_add (self->lines, (gpointer) word);
  return TRUE;
}

static gboolean
add_words (Words *self, const char *const *words, const char *preset, GError **error)
{
  g_autofree char *first = preset != NULL ? g_strconcat ("preset=", preset, NULL) : NULL;

  if (first != NULL && (strpbrk (preset, "\n\r") != NULL || *preset == '\0'))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "there is no such preset");
      return FALSE;
    }
  if (first != NULL)
    {
      g_string_append_printf (self->text, "preset: %s\n", preset);
      g_ptr_array_add (self->lines, (gpointer) "preset");
    }
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (!add_word (self, words[i], error))
      return FALSE;
  if (self->queue->len > 0)
    {
      g_string_append_printf (self->text, "queue: {%s}\n", self->queue->str);
      g_ptr_array_add (self->lines, (gpointer) self->queue_word);
    }
  if (self->text->len > 0)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, "name some, as latency_ms=40, or a preset", "no conditions are given");
  return FALSE;
}

/* The first thing that is wrong, with the word in place of a position in a file. */
static void
to_error (const Words *self, const BsDiagnostics *diagnostics, GError **error)
{
  const BsDiagnostic *first = g_ptr_array_index (diagnostics->items, 0);

  if (first->line >= 1 && first->line <= self->lines->len)
    bs_set_error (error, BS_ERROR_INVALID, first->hint, "%s: %s",
                  (const char *) g_ptr_array_index (self->lines, first->line - 1), first->message);
  else
    bs_set_error (error, BS_ERROR_INVALID, first->hint, "%s", first->message);
}

BsConditions *
bs_conditions_parse_words (const char *const *words, const char *preset, GError **error)
{
  static const BsField field = { .key = "conditions", .type = BS_FIELD_OBJECT, .fields = bs_fields_conditions };
  g_auto (Words) self = { g_string_new (NULL), g_string_new (NULL), g_ptr_array_new (), NULL };
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("conditions");
  g_autoptr (BsTopology) topology = bs_topology_new ("conditions");
  g_autoptr (BsConditions) conditions = NULL;
  g_autoptr (BsYamlTree) tree = NULL;
  BsDecoder decoder;

  if (!add_words (&self, words, preset, error))
    return NULL;
  tree = bs_yaml_parse (self.text->str, self.text->len, diagnostics);
  if (tree != NULL)
    {
      bs_decoder_init (&decoder, diagnostics, topology, tree, self.text->len);
      decoder.folder = ".";
      bs_decode_conditions (&decoder, &field, bs_yaml_root (tree), &conditions);
      bs_decoder_clear (&decoder);
    }
  bs_diagnostics_sort (diagnostics);
  if (!bs_diagnostics_has_errors (diagnostics) && conditions != NULL)
    return g_steal_pointer (&conditions);
  to_error (&self, diagnostics, error);
  return NULL;
}
