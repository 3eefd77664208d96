/* SPDX-License-Identifier: Apache-2.0 */
/* test-fmt-scalar.c — every short text of the characters that mean something to YAML is read again as it was written,
 * wherever it stands */
#include "bs-fmt-item.h"
#include "bs-diagnostic-print.h"
#include "topology-test.h"

static const char *const characters[] = { " ", "-", "?",  ":",  ",",        "[",        "]",           "{",  "}",
                                          "#", "&", "*",  "!",  "|",        ">",        "'",           "\"", "%",
                                          "@", "`", "~",  "=",  "<",        ".",        "\\",          "/",  "$",
                                          "a", "0", "\n", "\t", "\xc3\xa9", "\xc2\x85", "\xe2\x80\xa8" };

/* One document holds a text at all its places, one of many texts at a time. */
static void
append_places (GString *yaml, const char *text, gboolean plain)
{
  const BsYamlNode node = { .text = text, .plain = plain };
  g_autofree char *line = bs_fmt_scalar (&node, FALSE), *flow = bs_fmt_scalar (&node, TRUE);

  g_string_append_printf (yaml, "- %s\n- [%s, %s]\n- {k: %s}\n- {%s: v}\n- k: %s\n- %s: v\n", line, flow, flow, flow,
                          flow, line, flow);
}

static void
assert_text (const BsYamlNode *scalar, const char *text, const char *place)
{
  if (scalar == NULL || scalar->kind != BS_YAML_SCALAR || strcmp (scalar->text, text) != 0)
    g_error ("'%s' %s is read as %s", text, place,
             scalar != NULL && scalar->kind == BS_YAML_SCALAR ? scalar->text : "something else");
}

/* Returns the element after those of @text. */
static const BsYamlNode *
check_places (const BsYamlNode *element, const char *text)
{
  static const char *const places[]
      = { "in a list", "in brackets", "in braces", "as a key in braces", "behind a key", "as a key" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++, element = element->next)
    {
      const BsYamlNode *found = i > 0 && element->kind != BS_YAML_SCALAR ? element->first : element;

      assert_text (i == 3 || i == 5 ? found->key : found, text, places[i]);
      if (i == 1)
        assert_text (found->next, text, places[i]);
      g_assert_true (i == 0 || element->first->next == (i == 1 ? found->next : NULL));
    }
  return element;
}

static void
check_texts (const GPtrArray *texts, gboolean plain)
{
  g_autoptr (GString) yaml = g_string_new (NULL);
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("t.yaml");
  g_autoptr (BsYamlTree) tree = NULL;
  const BsYamlNode *element;

  for (guint i = 0; i < texts->len; i++)
    append_places (yaml, g_ptr_array_index (texts, i), plain);
  tree = bs_yaml_parse (yaml->str, yaml->len, diagnostics);
  if (diagnostics->items->len > 0)
    {
      g_autofree char *said = NULL;

      bs_diagnostics_quote (diagnostics, yaml->str, yaml->len, BS_LINES_YAML);
      said = bs_diagnostics_render (diagnostics, &(BsDiagnosticStyle){ .quotes = TRUE, .width = 80 });
      g_error ("%s", said);
    }
  element = bs_yaml_root (tree)->first;
  for (guint i = 0; i < texts->len; i++)
    element = check_places (element, g_ptr_array_index (texts, i));
  g_assert_null (element);
}

/* @prefix with up to @more characters behind it. */
static void
add_texts (GPtrArray *texts, const char *prefix, guint more)
{
  if (*prefix != '\0')
    g_ptr_array_add (texts, g_strdup (prefix));
  for (guint i = 0; more > 0 && i < G_N_ELEMENTS (characters); i++)
    {
      g_autofree char *longer = g_strconcat (prefix, characters[i], NULL);

      add_texts (texts, longer, more - 1);
    }
}

static void
check_all (gboolean plain)
{
  for (guint i = 0; i < G_N_ELEMENTS (characters); i++)
    {
      g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

      add_texts (texts, characters[i], 2);
      check_texts (texts, plain);
    }
}

static void
test_what_was_plain_is_the_same (void)
{
  check_all (TRUE);
}

static void
test_what_was_quoted_is_the_same (void)
{
  check_all (FALSE);
}

/* Not every text can be written without quotes, but these are. */
static void
test_plain_texts_stay_plain (void)
{
  static const char *const texts[] = { "a", "a:b", "http://x/", "-a", "--flag", "10.0.0.0/24", "a b", "a#b", "a's" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const BsYamlNode node = { .text = texts[i], .plain = TRUE };
      g_autofree char *line = bs_fmt_scalar (&node, FALSE), *flow = bs_fmt_scalar (&node, TRUE);

      g_assert_cmpstr (line, ==, texts[i]);
      g_assert_cmpstr (flow, ==, texts[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fmt-scalar/what-was-plain-is-the-same", test_what_was_plain_is_the_same);
  g_test_add_func ("/fmt-scalar/what-was-quoted-is-the-same", test_what_was_quoted_is_the_same);
  g_test_add_func ("/fmt-scalar/plain-texts-stay-plain", test_plain_texts_stay_plain);
  return g_test_run ();
}
