/* SPDX-License-Identifier: Apache-2.0 */
/* test-fmt.c — what the canonical form is, where comments go, and that formatting changes nothing */
#include "bs-fmt.h"
#include "bs-topology-fields.h"
#include "bs-json.h"
#include "topology-test.h"

static char *
format (const char *text)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  char *formatted = bs_fmt ("t.yaml", text, strlen (text), &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  if (*said != '\0')
    g_error ("%s\n%s", said, text);
  return formatted;
}

static json_t *
typed (const char *text)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autofree char *json = bs_fmt_json ("t.yaml", text, strlen (text), &diagnostics);

  g_assert_nonnull (json);
  return bs_json_load (json, strlen (json), NULL);
}

/* Formatted once and twice. (transfer full) */
static char *
assert_stable (const char *text)
{
  char *once = format (text);
  g_autofree char *twice = format (once);
  g_autoptr (json_t) before = typed (text), after = typed (once);

  if (strcmp (once, twice) != 0)
    g_error ("not stable:\n%s--- once:\n%s--- twice:\n%s", text, once, twice);
  g_assert_true (json_equal (before, after));
  return once;
}

static void
assert_formatted (const char *text, const char *expected)
{
  g_autofree char *once = assert_stable (text);

  g_assert_cmpstr (once, ==, expected);
}

#define ONE "nodes:\n  - {name: one, image: tiny}\n"

static void
test_keys_have_the_order_of_the_tables (void)
{
  assert_formatted ("nodes:\n- image: tiny\n  vcpus: 2\n  name: one\nmetadata: {version: 1.10, name: x}\n",
                    "metadata:\n  name: x\n  version: 1.10\nnodes:\n  - {name: one, image: tiny, vcpus: 2}\n");
}

static void
test_free_mappings_keep_their_order (void)
{
  assert_formatted ("nodes: [{name: one, image: tiny, env: {Z: 1, A: 2}}]\n",
                    "nodes:\n  - {name: one, image: tiny, env: {Z: 1, A: 2}}\n");
}

static void
test_quotes_stay_where_they_are_needed (void)
{
  assert_formatted ("nodes:\n- name: \"one\"\n  image: 'tiny'\n"
                    "  env: {A: \"1\", B: 'no', C: \"a b\", D: \"a: b\", E: \"\", F: \"#\", G: 0x1, H: \"a,b\"}\n",
                    "nodes:\n  - name: one\n    image: tiny\n"
                    "    env: {A: \"1\", B: \"no\", C: a b, D: \"a: b\", E: \"\", F: \"#\", G: 0x1, H: \"a,b\"}\n");
}

static void
test_long_lines_are_broken (void)
{
  assert_formatted ("nodes: [{name: one, image: tiny, depends_on: [a-rather-long-name, another-rather-long-name, "
                    "a-third-long-name]}]\n",
                    "nodes:\n  - name: one\n    image: tiny\n"
                    "    depends_on: [a-rather-long-name, another-rather-long-name, a-third-long-name]\n");
}

#define LONG "a comment that makes this line far too long for anybody to read it without moving the eyes"

static void
test_long_comments_break_keys_but_not_elements (void)
{
  assert_formatted ("nodes:\n  - {name: one, image: tiny, vcpus: 1} # " LONG "\n",
                    "nodes:\n  - {name: one, image: tiny, vcpus: 1} # " LONG "\n");
  assert_formatted ("nodes:\n  - name: one\n    image: tiny\n    depends_on: [two, three, four] # " LONG "\n",
                    "nodes:\n  - name: one\n    image: tiny\n    depends_on:                    # " LONG "\n"
                    "      - two\n      - three\n      - four\n");
}

static void
test_blocks_of_text_stay (void)
{
  assert_formatted (
      "nodes:\n- name: one\n  image: tiny\n  metadata:\n    a: |   # why\n       x\n         y\n\n       z\n"
      "    b: \"p\\nq\\n\"\n    c: >\n      folded\n      text\n",
      "nodes:\n  - name: one\n    image: tiny\n    metadata:\n      a: | # why\n        x\n          y\n\n"
      "        z\n      b: \"p\\nq\\n\"\n      c: |\n        folded text\n");
}

static void
test_long_plain_texts_of_lines_become_blocks (void)
{
  g_autofree char *word = g_strnfill (90, 'w'), *text = NULL, *expected = NULL;

  text = g_strdup_printf (
      "nodes:\n  - name: one\n    image: tiny\n    metadata:\n      A: a\n\n        %s\n      B: a\n\n        b\n",
      word);
  expected
      = g_strdup_printf ("nodes:\n  - name: one\n    image: tiny\n    metadata:\n      A: |-\n        a\n        %s\n"
                         "      B: \"a\\nb\"\n",
                         word);
  assert_formatted (text, expected);
}

static void
test_variables_keep_their_quotes (void)
{
  assert_formatted ("nodes: [{name: one, image: \"${IMAGE:-}\", memory_mb: \"${MEMORY}\"}]\n",
                    "nodes:\n  - {name: one, image: \"${IMAGE:-}\", memory_mb: \"${MEMORY}\"}\n");
}

static void
test_a_variable_is_no_file (void)
{
  static const char *const texts[] = { "${FILE}\n", "two ${WORDS}\n", "${\n", "\"${FILE}\"\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (BsDiagnostics) diagnostics = NULL;
      const BsDiagnostic *item;

      g_assert_null (bs_fmt ("t.yaml", texts[i], strlen (texts[i]), &diagnostics));
      g_assert_cmpuint (diagnostics->items->len, ==, 1);
      item = g_ptr_array_index (diagnostics->items, 0);
      g_assert_true (g_str_has_prefix (item->message, "a mapping is needed here, not "));
    }
}

/* libyaml reads a key of more than 1024 characters only behind a "?". */
static void
test_long_keys_are_marked (void)
{
  g_autofree char *key = g_strnfill (1100, 'K'), *text = NULL, *short_text = NULL;

  text = g_strdup_printf ("nodes:\n  - name: one\n    image: tiny\n    env:\n      ? %s\n      : v # of it\n"
                          "      # end of env\n",
                          key);
  assert_formatted (text, text);
  short_text = g_strdup_printf ("nodes:\n  - name: one\n    image: tiny\n    env:\n      %s: v\n", key + 200);
  assert_formatted (short_text, short_text);
  assert_formatted ("nodes:\n  - ? name\n    : one\n    ? image\n    : tiny\n    # of the node\n",
                    "nodes:\n  - name: one\n    image: tiny\n    # of the node\n");
}

static void
test_comments_move_with_what_they_are_about (void)
{
  assert_formatted ("# about the file\n\n# about nodes\nnodes: # all\n# about one\n- image: tiny # small\n  name: one\n"
                    "# about the network\nnetwork: {name: lan} # one\n# the end\n",
                    "# about the file\n\n# about the network\nnetwork:             # one\n  name: lan\n\n"
                    "# about nodes\nnodes: # all\n  # about one\n  - name: one\n    image: tiny # small\n# the end\n");
}

static void
test_comments_end_the_block_they_are_in_line_with (void)
{
  static const char text[]
      = "networks:\n  - name: lan\n    # subnet: 10.0.0.0/24\n    #   and more\n  # - name: wan\n\n" ONE;

  assert_formatted (text, text);
}

static void
test_comments_in_brackets_break_them (void)
{
  assert_formatted (
      "nodes: [{name: one, image: tiny, depends_on: [two, # why\n    # then\n    three # last\n    # none\n  ]}]\n",
      "nodes:\n  - name: one\n    image: tiny\n    depends_on:\n      - two                                        # "
      "why\n      # then\n      - three # last\n      # none\n");
}

static void
test_one_empty_line_stays (void)
{
  assert_formatted ("\n\nmetadata:\n\n\n  name: x\n\n\n\n# c\n\n" ONE, "metadata:\n  name: x\n\n# c\n\n" ONE);
}

static void
test_older_formats_become_the_current_one (void)
{
  assert_formatted (
      "lab_name: x # mine\nnetwork_subnet: 10.0.0.0/24\nnodes:\n- {name: a, image: tiny, latency_ms: 1}\n",
      "metadata:\n  name: x   # mine\nnetwork:\n  name: x-network\n  subnet: 10.0.0.0/24\nnodes:\n"
      "  - {name: a, image: tiny, network_conditions: {latency_ms: 1}}\n");
  assert_formatted ("- name: s\n  timeout: {secs: 3, nanos: 0}\n  steps: [{node: a, command: x}] # c\n",
                    "scenarios:\n  - name: s\n    timeout: 3s\n    steps: [{node: a, command: x}] # c\n");
}

/* What stood beside a null that goes is not lost. */
static void
test_comments_of_what_goes_stay (void)
{
  assert_formatted ("metadata:\n  name: x\n  description: null # none yet\n" ONE,
                    "metadata:\n  name: x\n  # none yet\n" ONE);
}

static void
test_wrong_files_are_left_alone (void)
{
  static const char *const texts[] = { "nodes: [{name: one, image: tiny, colour: red}]\n", "nodes: [\n", "a: 1\na: 2\n",
                                       "nodes: [{name: one, image: tiny, vcpus: many}]\n", "",           "steps: 1\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (BsDiagnostics) diagnostics = NULL;

      g_assert_null (bs_fmt ("t.yaml", texts[i], strlen (texts[i]), &diagnostics));
      g_assert_true (bs_diagnostics_has_errors (diagnostics));
    }
}

static void
test_unknown_names_are_no_matter_of_form (void)
{
  assert_formatted ("nodes: [{name: one, image: tiny, depends_on: [nobody]}]\n",
                    "nodes:\n  - {name: one, image: tiny, depends_on: [nobody]}\n");
}

static void
check_example (const BsTopologyField *field, gpointer user_data)
{
  g_autofree char *text = bs_topology_field_example (field->path), *once = assert_stable (text);
}

static void
test_every_field (void)
{
  bs_topology_fields (check_example, NULL);
}

static guint
count_comments (const char *text)
{
  guint count = 0;

  while ((text = strstr (text, "#probe")) != NULL)
    count++, text++;
  return count;
}

/* Comments of all kinds at random places between lines and at their ends: none is lost, and all stay where they went.
 */
static void
check_with_comments (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) probed = g_string_new (NULL);
  g_autofree char *once = NULL;

  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    {
      if (g_test_rand_int_range (0, 3) == 0)
        g_string_append_printf (probed, "%s%*s#probe before %u\n", g_test_rand_bit () ? "\n" : "",
                                g_test_rand_int_range (0, 9), "", i);
      g_string_append (probed, lines[i]);
      if (g_test_rand_int_range (0, 3) == 0 && strchr (lines[i], '#') == NULL)
        g_string_append_printf (probed, "%*s#probe after %u", g_test_rand_int_range (1, 5), "", i);
      g_string_append_c (probed, '\n');
    }
  once = assert_stable (probed->str);
  g_assert_cmpuint (count_comments (once), ==, count_comments (probed->str));
}

static void
test_comments_anywhere (void)
{
  static const char *const files[] = { "examples/ordered.yaml",
                                       "examples/two-tier.yaml",
                                       "tests/unit/topology/legacy/nested.yaml",
                                       "tests/unit/topology/legacy/desktop.yaml",
                                       "tests/unit/topology/legacy/flat.yaml",
                                       "tests/unit/topology/legacy/scenarios.yaml",
                                       "cli/scaffolds/nat.yaml" };

  for (guint i = 0; i < 40 * G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (SOURCE_ROOT, files[i % G_N_ELEMENTS (files)], NULL), *text = NULL;
      g_autoptr (GString) filled = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      filled = g_string_new (text);
      g_string_replace (filled, "@NAME@", "x", 0);
      check_with_comments (filled->str);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fmt/keys-have-the-order-of-the-tables", test_keys_have_the_order_of_the_tables);
  g_test_add_func ("/fmt/free-mappings-keep-their-order", test_free_mappings_keep_their_order);
  g_test_add_func ("/fmt/quotes-stay-where-they-are-needed", test_quotes_stay_where_they_are_needed);
  g_test_add_func ("/fmt/long-lines-are-broken", test_long_lines_are_broken);
  g_test_add_func ("/fmt/long-comments-break-keys-but-not-elements", test_long_comments_break_keys_but_not_elements);
  g_test_add_func ("/fmt/blocks-of-text-stay", test_blocks_of_text_stay);
  g_test_add_func ("/fmt/long-plain-texts-of-lines-become-blocks", test_long_plain_texts_of_lines_become_blocks);
  g_test_add_func ("/fmt/variables-keep-their-quotes", test_variables_keep_their_quotes);
  g_test_add_func ("/fmt/a-variable-is-no-file", test_a_variable_is_no_file);
  g_test_add_func ("/fmt/long-keys-are-marked", test_long_keys_are_marked);
  g_test_add_func ("/fmt/comments-move-with-what-they-are-about", test_comments_move_with_what_they_are_about);
  g_test_add_func ("/fmt/comments-end-the-block-they-are-in-line-with",
                   test_comments_end_the_block_they_are_in_line_with);
  g_test_add_func ("/fmt/comments-in-brackets-break-them", test_comments_in_brackets_break_them);
  g_test_add_func ("/fmt/one-empty-line-stays", test_one_empty_line_stays);
  g_test_add_func ("/fmt/older-formats-become-the-current-one", test_older_formats_become_the_current_one);
  g_test_add_func ("/fmt/comments-of-what-goes-stay", test_comments_of_what_goes_stay);
  g_test_add_func ("/fmt/wrong-files-are-left-alone", test_wrong_files_are_left_alone);
  g_test_add_func ("/fmt/unknown-names-are-no-matter-of-form", test_unknown_names_are_no_matter_of_form);
  g_test_add_func ("/fmt/every-field", test_every_field);
  g_test_add_func ("/fmt/comments-anywhere", test_comments_anywhere);
  return g_test_run ();
}
