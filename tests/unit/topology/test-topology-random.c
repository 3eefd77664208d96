/* SPDX-License-Identifier: Apache-2.0 */
/* test-topology-random.c — any valid model, written and read again, is the same model
 *
 * A model grows from the examples of the tables' fields: one after the other is merged into a document, and values of
 * it are changed at random. What makes it invalid is taken back. A failure prints the seed: run with --seed.
 */
#include "bs-topology-encode.h"

#include "bs-topology-equal.h"
#include "bs-topology-fields.h"
#include "topology-test.h"

#define MODELS 300
#define STEPS 24

static GPtrArray *examples; /* (element-type json_t) of each field */

static BsTopology *
read_json (const json_t *document)
{
  g_autofree char *text = bs_json_dump (document);
  g_autoptr (BsDiagnostics) diagnostics = NULL;

  return bs_topology_parse ("random.yaml", text, strlen (text), &diagnostics);
}

static void
collect (const BsTopologyField *field, gpointer unused)
{
  g_autofree char *text = bs_topology_field_example (field->path);
  g_autoptr (BsTopology) topology = parse_good (text);

  g_ptr_array_add (examples, bs_topology_to_json (topology, BS_TOPOLOGY_ENCODE_SHORT));
}

static json_t *
merge (const json_t *a, const json_t *b)
{
  json_t *merged, *part;
  const char *key;
  size_t i;

  if (json_is_object (a) && json_is_object (b))
    {
      merged = json_deep_copy (a);
      json_object_foreach ((json_t *) b, key, part)
      {
        const json_t *mine = json_object_get (a, key);

        json_object_set_new (merged, key, mine != NULL ? merge (mine, part) : json_deep_copy (part));
      }
      return merged;
    }
  if (json_is_array (a) && json_is_array (b) && g_test_rand_int_range (0, 4) > 0)
    {
      merged = json_array ();
      for (i = 0; i < MAX (json_array_size (a), json_array_size (b)); i++)
        {
          const json_t *left = json_array_get (a, i), *right = json_array_get (b, i);

          json_array_append_new (merged, left == NULL    ? json_deep_copy (right)
                                         : right == NULL ? json_deep_copy (left)
                                                         : merge (left, right));
        }
      return merged;
    }
  merged = json_deep_copy (g_test_rand_int_range (0, 2) ? a : b);
  if (json_is_array (a) && json_is_array (b))
    json_array_extend (merged, (json_t *) (g_test_rand_int_range (0, 2) ? a : b));
  return merged;
}

static json_t *
random_text (void)
{
  static const char *const parts[]
      = { "a",    "1", "0x1",  "e5", " ",  "  ", ":",  ": ",  "#",   " #",  "'",        "\"",     "\\",     "\n",
          "\n\n", "-", "- ",   "?",  "!",  "&a", "*",  "%",   "@",   "`",   "{",        "}",      "[",      "]",
          ",",    "|", ">",    "\t", "\r", "$",  "${", "$${", "}}",  "é",   "\u2028",   "\u00a0", "\ufeff", "😀",
          "\x01", "~", "null", ".",  "=",  "<<", "y",  "no",  "---", "...", "\xc2\x85", "\x7f" };
  GString *text = g_string_new (NULL);
  json_t *value;
  int length = g_test_rand_int_range (0, g_test_rand_int_range (0, 8) == 0 ? 60 : 6);

  for (int i = 0; i < length; i++)
    g_string_append (text, parts[g_test_rand_int_range (0, G_N_ELEMENTS (parts))]);
  value = json_string (text->str);
  g_string_free (text, TRUE);
  return value;
}

static json_t *
random_scalar (const json_t *value)
{
  static const char *const durations[] = { "1500us", "90s", "2m", "0.25h", "7", "1001ms", "-3s" };

  if (json_is_boolean (value))
    return json_boolean (g_test_rand_int_range (0, 2));
  if (json_is_number (value) && g_test_rand_int_range (0, 3) == 0)
    return json_real (g_test_rand_double_range (0, 100));
  if (json_is_number (value))
    return json_integer (g_test_rand_int_range (0, g_test_rand_int_range (0, 2) ? 8 : 70000));
  if (g_test_rand_int_range (0, 5) == 0)
    return json_string (durations[g_test_rand_int_range (0, G_N_ELEMENTS (durations))]);
  return random_text ();
}

/* Changes one of the scalars, each as likely as its neighbours. */
static json_t *
change (const json_t *value)
{
  json_t *copy = json_deep_copy (value);
  size_t chosen, i = 0;
  const char *key;
  json_t *part;

  if (json_object_size (value) + json_array_size (value) == 0)
    {
      json_decref (copy);
      return json_is_array (value) || json_is_object (value) ? json_deep_copy (value) : random_scalar (value);
    }
  chosen = g_test_rand_int_range (0, (gint32) (json_object_size (value) + json_array_size (value)));
  if (json_is_array (value))
    json_array_set_new (copy, chosen, change (json_array_get (value, chosen)));
  json_object_foreach ((json_t *) value, key, part) if (i++ == chosen) json_object_set_new (copy, key, change (part));
  return copy;
}

static json_t *
grow (void)
{
  json_t *document = json_deep_copy (examples->pdata[g_test_rand_int_range (0, (gint32) examples->len)]);

  for (guint i = 0; i < STEPS; i++)
    {
      const json_t *other = examples->pdata[g_test_rand_int_range (0, (gint32) examples->len)];
      g_autoptr (json_t) next = g_test_rand_int_range (0, 3) ? change (document) : merge (document, other);
      g_autoptr (BsTopology) topology = read_json (next);

      if (topology == NULL)
        continue;
      json_decref (document);
      document = g_steal_pointer (&next);
    }
  return document;
}

static void
check (const BsTopology *topology, BsTopologyEncodeFlags flags)
{
  static const char *const nothing[] = { NULL };
  g_autofree char *short_text = bs_topology_to_yaml (topology, BS_TOPOLOGY_ENCODE_SHORT), *short_again = NULL;
  const BsTopologyLoadOptions options = { .environment = nothing };
  g_autofree char *text = bs_topology_to_yaml (topology, flags), *said = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) again = bs_topology_parse_full ("random.yaml", text, strlen (text), &options, &diagnostics);

  said = bs_diagnostics_format (diagnostics);
  if (again == NULL || !bs_topology_equal (topology, again))
    g_error ("not the same: %s\n%s", text, said);
  short_again = bs_topology_to_yaml (again, BS_TOPOLOGY_ENCODE_SHORT);
  g_assert_cmpstr (short_again, ==, short_text);
}

static void
test_random_models (void)
{
  gsize bytes = 0;

  examples = g_ptr_array_new_with_free_func ((GDestroyNotify) json_decref);
  bs_topology_fields (collect, NULL);
  for (guint i = 0; i < MODELS; i++)
    {
      g_autoptr (json_t) document = grow ();
      g_autofree char *text = bs_json_dump (document);
      g_autoptr (BsTopology) topology = read_json (document);

      bytes += strlen (text);
      check (topology, BS_TOPOLOGY_ENCODE_SHORT);
      check (topology, BS_TOPOLOGY_ENCODE_COMPLETE);
    }
  g_test_message ("%u models of %" G_GSIZE_FORMAT " bytes on average", MODELS, bytes / MODELS);
  g_assert_cmpuint (bytes / MODELS, >, 200);
  g_ptr_array_unref (examples);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/topology-random/round-trip", test_random_models);
  return g_test_run ();
}
