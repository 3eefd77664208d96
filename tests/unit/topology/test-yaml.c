/* SPDX-License-Identifier: Apache-2.0 */
/* test-yaml.c — texts that are no YAML, or more YAML than is good */
#include "bs-yaml.h"

#include <string.h>
#include <time.h>

typedef struct
{
  const char *name, *text;
  gsize length; /* 0: up to the NUL */
  const char *expected;
} YamlCase;

/* clang-format off */
static const YamlCase cases[] = {
  { "empty", "", 0, "benchscale: t: the file is empty\n" },
  { "comment", "# nothing\n", 0, "benchscale: t: the file is empty\n" },
  { "marker", "---\n", 0, "benchscale: t: the file is empty\n" },
  { "byte-order-mark", "\xef\xbb\xbf" "a: 1\n", 0,
    "benchscale: t:1:1: a byte order mark is not allowed\n"
    "hint: save the file as UTF-8 without a byte order mark\n" },
  { "byte-order-mark-inside", "a: b\xef\xbb\xbf\n", 0,
    "benchscale: t:1:5: a control character is not allowed\n"
    "hint: remove it: no text has any\n" },
  { "utf-16", "\xff\xfe" "a\0", 4, "benchscale: t:1:1: the text is UTF-16\nhint: save the file as UTF-8\n" },
  { "latin-1", "a: 1\nb: caf\xe9\n", 0,
    "benchscale: t:2:7: the text is not valid UTF-8\nhint: save the file as UTF-8\n" },
  { "position-counts-characters", "a: \xc3\xa9\xc3\xa9\xff\n", 0,
    "benchscale: t:1:6: the text is not valid UTF-8\nhint: save the file as UTF-8\n" },
  { "turned", "a: b # \u202e\n", 11,
    "benchscale: t:1:8: U+202E, which turns the order of characters around or ends a line, is not allowed\n"
    "hint: remove it: the text would not be read as it looks\n" },
  { "hidden line", "a: b # x\u2028c: d\n", 15,
    "benchscale: t:1:9: U+2028, which turns the order of characters around or ends a line, is not allowed\n"
    "hint: remove it: the text would not be read as it looks\n" },
  { "next line", "a: b\xc2\x85" "c: d\n", 11,
    "benchscale: t:1:5: U+0085, which turns the order of characters around or ends a line, is not allowed\n"
    "hint: remove it: the text would not be read as it looks\n" },
  { "nul", "a: b\0c\n", 7, "benchscale: t:1:5: a NUL byte is not allowed\n" },
  { "nul-escape", "a: \"b\\0c\"\n", 0, "benchscale: t:1:4: a NUL character is not allowed\nhint: remove the \\0\n" },
  { "control", "a: b\x01" "c\n", 0,
    "benchscale: t:1:5: a control character is not allowed\n"
    "hint: remove it: no text has any\n" },
  { "control-c1", "a: \xc2\x80\n", 0,
    "benchscale: t:1:4: a control character is not allowed\n"
    "hint: remove it: no text has any\n" },
  { "tab", "a:\n\tb: 1\n", 0, "benchscale: t:2:1: a tab is not allowed here\nhint: indent with spaces\n" },
  { "duplicate-key", "a: 1\nb: 2\na: 3\n", 0,
    "benchscale: t:3:1: duplicate key 'a'\nhint: it was given first on line 1\n" },
  { "duplicate-key-three-times", "{a: 1, a: {b: 1}, a: 3}\n", 0,
    "benchscale: t:1:8: duplicate key 'a'\nhint: it was given first on line 1\n"
    "benchscale: t:1:19: duplicate key 'a'\nhint: it was given first on line 1\n" },
  { "second-document", "a: 1\n---\nb: 2\n", 0,
    "benchscale: t:2:1: a second document begins here\nhint: keep one document per file\n" },
  { "alias", "a: *x\n", 0,
    "benchscale: t:1:4: aliases are not allowed: 'x'\nhint: write the value out, or put the text in quotes\n" },
  { "anchor", "a: &x 1\n", 0,
    "benchscale: t:1:4: anchors are not allowed: 'x'\nhint: write the value out where it is used, or put the text in quotes\n" },
  { "tag", "a: !int 1\n", 0,
    "benchscale: t:1:4: tags are not allowed: '!int'\nhint: remove it: each field has its own type\n" },
  { "tag-directive", "%TAG ! tag:x\n---\na: 1\n", 0,
    "benchscale: t:1:1: a %TAG directive is not allowed\nhint: remove the line\n" },
  { "star", "a: [*.txt]\n", 0,
    "benchscale: t:1:6: did not find expected alphabetic or numeric character while scanning an alias\n"
    "hint: put the text in quotes if it begins with '*' or '&'\n" },
  { "list-as-key", "? [a]\n: b\n", 0,
    "benchscale: t:1:3: a key must be a word, not a list or mapping\n"
    "hint: quote the text if it begins with '[' or '{'\n" },
  { "at-sign", "a: @b\n", 0,
    "benchscale: t:1:4: found character that cannot start any token while scanning for the next token\n"
    "hint: put the text in quotes if it begins with '@'\n" },
  { "colon-in-text", "a: b: c\n", 0,
    "benchscale: t:1:5: mapping values are not allowed in this context\n"
    "hint: put the text in quotes if it contains ': ', or check the indentation\n" },
  { "unclosed-list", "a: [1, 2\n", 0,
    "benchscale: t:2:1: did not find expected ',' or ']' while parsing a flow sequence\n"
    "hint: it began on line 1\n" },
  { "unclosed-quote", "a: \"b\n", 0,
    "benchscale: t:2:1: found unexpected end of stream while scanning a quoted scalar\n"
    "hint: it began on line 1\n" },
};
/* clang-format on */

static char *
faults_of (const char *text, gsize length)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("t");
  g_autoptr (BsYamlTree) tree = bs_yaml_parse (text, length, diagnostics);

  g_assert_true (tree != NULL || bs_diagnostics_has_errors (diagnostics));
  return bs_diagnostics_format (diagnostics);
}

static void
test_case (gconstpointer data)
{
  const YamlCase *wrong = data;
  gsize length = wrong->length > 0 ? wrong->length : strlen (wrong->text);
  /* An exact copy, so that reading past its end is seen by the sanitizer. */
  g_autofree char *copy = g_memdup2 (wrong->text, length);
  g_autofree char *said = faults_of (copy != NULL ? copy : "", length);

  g_assert_cmpstr (said, ==, wrong->expected);
}

static BsYamlTree *
parse (const char *text)
{
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("t");
  BsYamlTree *tree = bs_yaml_parse (text, strlen (text), diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_cmpstr (said, ==, "");
  return tree;
}

static void
test_positions (void)
{
  g_autoptr (BsYamlTree) tree = parse ("# héllo\na: {é: [1, \"two\"]}\n");
  const BsYamlNode *list = bs_yaml_get (bs_yaml_get (bs_yaml_root (tree), "a"), "é");

  g_assert_cmpuint (list->kind, ==, BS_YAML_SEQUENCE);
  g_assert_cmpuint (list->key->column, ==, 5);
  g_assert_cmpuint (list->first->line, ==, 2);
  g_assert_cmpuint (list->first->column, ==, 9);
  g_assert_cmpuint (list->first->length, ==, 1);
  g_assert_true (list->first->plain);
  g_assert_cmpstr (list->first->next->text, ==, "two");
  g_assert_cmpuint (list->first->next->column, ==, 12);
  g_assert_cmpuint (list->first->next->length, ==, 5);
  g_assert_false (list->first->next->plain);
  g_assert_null (list->first->next->next);
}

static void
test_carriage_returns_are_line_ends (void)
{
  g_autoptr (BsYamlTree) tree = parse ("a: 1\r\nb: |\r\n  x\r\n  y\r\n");
  const BsYamlNode *b = bs_yaml_get (bs_yaml_root (tree), "b");

  g_assert_cmpstr (b->text, ==, "x\ny\n");
  g_assert_cmpuint (b->line, ==, 2);
}

static void
test_deepest (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (BsYamlTree) tree = NULL;

  for (guint i = 0; i < BS_YAML_DEPTH_MAX; i++)
    g_string_append_c (text, '[');
  for (guint i = 0; i < BS_YAML_DEPTH_MAX; i++)
    g_string_append_c (text, ']');
  tree = parse (text->str);
  g_assert_nonnull (tree);
}

/* Bytes repeated to 100,000 levels: refused at the limit, at once. */
static void
check_too_deep (const char *level, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *said = NULL;
  clock_t begin = clock ();

  for (guint i = 0; i < 100000; i++)
    g_string_append (text, level);
  said = faults_of (text->str, text->len);
  g_assert_cmpstr (said, ==, expected);
  g_assert_cmpint (clock () - begin, <, CLOCKS_PER_SEC);
}

static void
test_too_deep (void)
{
  check_too_deep ("[", "benchscale: t:1:65: nested deeper than 64 levels\n");
  check_too_deep ("- ", "benchscale: t:1:129: nested deeper than 64 levels\n");
  check_too_deep ("{a: ", "benchscale: t:1:257: nested deeper than 64 levels\n");
}

static void
test_many_keys_with_one_repeated (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *said = NULL;

  for (guint i = 0; i < 50000; i++)
    g_string_append_printf (text, "k%u: 1\n", i);
  g_string_append (text, "k4711: 2\n");
  said = faults_of (text->str, text->len);
  g_assert_cmpstr (said, ==, "benchscale: t:50001:1: duplicate key 'k4711'\nhint: it was given first on line 4712\n");
}

static void
test_first_of_repeated_keys_stays (void)
{
  const char *text = "a: 1\nb: 2\na: [3]\n";
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("t");
  g_autoptr (BsYamlTree) tree = bs_yaml_parse (text, strlen (text), diagnostics);
  const BsYamlNode *root = bs_yaml_root (tree);

  g_assert_cmpstr (bs_yaml_get (root, "a")->text, ==, "1");
  g_assert_cmpstr (bs_yaml_get (root, "b")->text, ==, "2");
  g_assert_null (root->first->next->next);
}

static void
test_too_large (void)
{
  g_autofree char *text = g_malloc (BS_YAML_BYTES_MAX + 1);
  g_autofree char *said = NULL;

  memset (text, ' ', BS_YAML_BYTES_MAX + 1);
  said = faults_of (text, BS_YAML_BYTES_MAX + 1);
  g_assert_cmpstr (said, ==, "benchscale: t: the text is larger than 48 MiB\n");
}

static void
test_many_anchors (void)
{
  g_autoptr (GString) text = g_string_new ("a: [");
  g_autoptr (BsDiagnostics) diagnostics = bs_diagnostics_new ("t");
  g_autofree char *said = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append (text, "&b c, ");
  g_string_append_c (text, ']');
  g_assert_null (bs_yaml_parse (text->str, text->len, diagnostics));
  said = bs_diagnostics_format (diagnostics);
  g_assert_nonnull (strstr (said, "t:1:2999: too many anchors and tags: what follows is not read\n"));
  g_assert_null (strstr (said, "not shown"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/yaml/faults/", cases[i].name, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/yaml/positions", test_positions);
  g_test_add_func ("/yaml/carriage-returns-are-line-ends", test_carriage_returns_are_line_ends);
  g_test_add_func ("/yaml/deepest", test_deepest);
  g_test_add_func ("/yaml/too-deep", test_too_deep);
  g_test_add_func ("/yaml/many-keys-with-one-repeated", test_many_keys_with_one_repeated);
  g_test_add_func ("/yaml/first-of-repeated-keys-stays", test_first_of_repeated_keys_stays);
  g_test_add_func ("/yaml/too-large", test_too_large);
  g_test_add_func ("/yaml/many-anchors", test_many_anchors);
  return g_test_run ();
}
