/* SPDX-License-Identifier: Apache-2.0 */
/* test-yaml-write.c — what is written is read again as it was */
#include "bs-yaml-write.h"
#include "bs-yaml.h"

#include <string.h>

/* The tree of a document as typed values: plain numbers and booleans are such, all else is text. */
static json_t *
value_of (const BsYamlNode *node)
{
  json_t *value;
  gint64 integer;
  char *end;

  if (node->kind == BS_YAML_SEQUENCE)
    {
      value = json_array ();
      for (const BsYamlNode *part = node->first; part != NULL; part = part->next)
        json_array_append_new (value, value_of (part));
      return value;
    }
  if (node->kind == BS_YAML_MAPPING)
    {
      value = json_object ();
      for (const BsYamlNode *part = node->first; part != NULL; part = part->next)
        json_object_set_new (value, part->key->text, value_of (part));
      return value;
    }
  if (node->plain && (strcmp (node->text, "true") == 0 || strcmp (node->text, "false") == 0))
    return json_boolean (node->text[0] == 't');
  if (node->plain && g_ascii_string_to_signed (node->text, 10, G_MININT64, G_MAXINT64, &integer, NULL))
    return json_integer (integer);
  if (node->plain && node->text[0] != '\0')
    {
      double number = g_ascii_strtod (node->text, &end);

      if (*end == '\0')
        return json_real (number);
    }
  return json_string (node->text);
}

static void
assert_same_again (const json_t *document)
{
  g_autofree char *text = bs_yaml_write (document, "a comment\n\nof three lines");
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("t.yaml");
  g_autoptr (BsYamlTree) tree = bs_yaml_parse (text, strlen (text), diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);
  json_t *again;

  g_assert_cmpstr (said, ==, "");
  again = value_of (bs_yaml_root (tree));
  if (!json_equal (again, document))
    g_error ("not the same again:\n%s", text);
  json_decref (again);
}

static json_t *
document_of (const char *text)
{
  json_t *document = json_object ();

  json_object_set_new (document, "value", json_string (text));
  return document;
}

static void
test_texts (void)
{
  static const char *const texts[] = {
    "",       "word",  "two words", "null",      "~",          "true",      "No",         "12",     "1e3",
    "0x10",   "-1",    "10s",       "1e",        "10.0.0.0/8", "-c",        "--x",        ".5",     ".",
    "..",     "+",     "1_000",     "1:30",      "2001-01-01", "-",         "- a",        "? b",    "a: b",
    "a:",     ": a",   "#no",       "a #b",      "a#b",        "&x",        "*x",         "!x",     "%TAG",
    "@x",     "`x`",   "|",         ">",         "'",          "\"",        "it's",       "\\n",    "{a}",
    "[a",     "a, b",  " lead",     "trail ",    "tab\there",  "\t",        "two\nlines", "end\n",  "\nstart",
    "a\n\n",  " a\nb", "a \nb ",    "a\n  b\nc", "<<",         "=",         ".5",         "+1",     "...",
    "---",    "--- a", "ümläut",    "日本語",    "🚀 rocket",   "a\n---\nb", "a\n...\nb",  "# x\ny", "line\n# not\n",
    "a\n\tb", "x\n ",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (json_t) document = document_of (texts[i]);

      assert_same_again (document);
    }
}

static void
test_long_text (void)
{
  g_autofree char *words = g_strnfill (4000, 'w'), *many = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 400; i++)
    g_string_append_printf (text, "word%u %s", i, i % 7 == 0 ? " " : "");
  many = g_string_free (g_steal_pointer (&text), FALSE);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (json_t) document = document_of (i == 0 ? words : many);

      assert_same_again (document);
    }
}

static void
test_random_documents (void)
{
  static const char *const parts[] = { "a", "b c", "1", "true", "\n", " ", ":", "#", "-", "'", "\"", "{", "é", "\t" };

  for (guint run = 0; run < 500; run++)
    {
      g_autoptr (json_t) document = json_object ();

      for (int i = g_test_rand_int_range (1, 6); i > 0; i--)
        {
          g_autofree char *key = g_strdup_printf ("key %d", i);
          json_t *list = json_array ();

          for (int k = g_test_rand_int_range (0, 5); k > 0; k--)
            {
              g_autoptr (GString) text = g_string_new (NULL);

              for (int n = g_test_rand_int_range (0, 8); n > 0; n--)
                g_string_append (text, parts[g_test_rand_int_range (0, G_N_ELEMENTS (parts))]);
              json_array_append_new (list, g_test_rand_bit () ? json_string (text->str)
                                                              : json_pack ("{s:s, s:i}", "k", text->str, "n", k));
            }
          json_object_set_new (document, key, list);
        }
      assert_same_again (document);
    }
}

static void
test_numbers (void)
{
  g_autoptr (json_t) document
      = json_pack ("{s:f, s:f, s:f, s:I, s:I, s:b}", "tenth", 0.1, "half", 0.5, "pi", 3.141592653589793, "most",
                   (json_int_t) G_MAXINT64, "least", (json_int_t) G_MININT64, "yes", 1);
  g_autofree char *text = bs_yaml_write (document, NULL);

  assert_same_again (document);
  g_assert_cmpstr (text, ==,
                   "tenth: 0.1\nhalf: 0.5\npi: 3.141592653589793\nmost: 9223372036854775807\n"
                   "least: -9223372036854775808\n\"yes\": true\n");
}

static void
test_layout (void)
{
  json_t *nodes = json_pack ("[{s:s, s:[{s:s, s:s}], s:[s, s]}]", "name", "one", "interfaces", "network", "lan",
                             "address", "10.0.0.2", "command", "sh", "-c");
  g_autoptr (json_t) document = json_pack ("{s:{s:s}, s:o}", "metadata", "name", "x", "nodes", nodes);
  g_autofree char *text = bs_yaml_write (document, "first\nsecond\n");

  g_assert_cmpstr (text, ==,
                   "# first\n# second\nmetadata:\n  name: x\nnodes:\n- name: one\n"
                   "  interfaces: [{network: lan, address: 10.0.0.2}]\n  command: [sh, -c]\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/yaml-write/texts-stay-texts", test_texts);
  g_test_add_func ("/yaml-write/long-texts", test_long_text);
  g_test_add_func ("/yaml-write/random-documents", test_random_documents);
  g_test_add_func ("/yaml-write/numbers", test_numbers);
  g_test_add_func ("/yaml-write/layout", test_layout);
  return g_test_run ();
}
