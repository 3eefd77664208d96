/* SPDX-License-Identifier: Apache-2.0 */
/* test-settings-docs.c — docs/configuration.md has a row for each setting, and none for others */
#include "bs-settings-table.h"

#include <string.h>

static char *
type_of (const BsSettingKind *kind)
{
  switch (kind->type)
    {
    case BS_SETTING_FOLDER:
      return g_strdup ("folder");
    case BS_SETTING_FILE:
      return g_strdup ("file");
    case BS_SETTING_PROGRAM:
      return g_strdup ("program");
    case BS_SETTING_DURATION:
      return g_strdup ("duration");
    case BS_SETTING_INTEGER:
      return g_strdup_printf ("integer %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, kind->least, kind->most);
    case BS_SETTING_SIZE:
      return g_strdup ("size");
    case BS_SETTING_BOOLEAN:
      return g_strdup ("true, false");
    case BS_SETTING_WORD:
      return g_strjoinv (", ", (char **) kind->words);
    case BS_SETTING_TEXT:
      return g_strdup ("text");
    }
  return NULL;
}

static char *
row_of (const BsSettingKind *kind)
{
  g_autofree char *variable = bs_setting_variable (kind->key), *type = type_of (kind), *fallback = NULL;

  if (kind->fallback_doc != NULL)
    fallback = g_strdup (kind->fallback_doc);
  else
    fallback = *kind->fallback != '\0' ? g_strdup_printf ("`%s`", kind->fallback) : g_strdup ("none");
  return g_strdup_printf ("| `%s` | `%s`%s%s%s | %s | %s | %s |", kind->key, variable, kind->also != NULL ? ", `" : "",
                          kind->also != NULL ? kind->also : "", kind->also != NULL ? "`" : "", type, fallback,
                          kind->doc);
}

static void
test_table_of_the_documentation (void)
{
  g_autofree char *text = NULL;
  g_autoptr (GString) expected = g_string_new (NULL), found = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  for (guint i = 0; i < BS_N_SETTINGS; i++)
    {
      g_autofree char *row = row_of (&bs_setting_kinds[i]);

      g_string_append_printf (expected, "%s\n", row);
    }
  g_assert_true (g_file_get_contents (SOURCE_ROOT "/docs/configuration.md", &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "| `"))
      g_string_append_printf (found, "%s\n", *line);
  g_assert_cmpstr (found->str, ==, expected->str);
}

static void
test_every_setting_is_whole (void)
{
  for (guint i = 0; i < BS_N_SETTINGS; i++)
    {
      const BsSettingKind *kind = &bs_setting_kinds[i];

      g_assert_nonnull (kind->key);
      g_assert_nonnull (strchr (kind->key, '.'));
      g_assert_cmpuint (strspn (kind->key, "abcdefghijklmnopqrstuvwxyz_."), ==, strlen (kind->key));
      g_assert_true (kind->choose != NULL || kind->fallback != NULL);
      g_assert_cmpuint (strlen (kind->doc), >, 0);
      g_assert_true ((kind->type == BS_SETTING_WORD) == (kind->words != NULL));
    }
}

int
main (int argc, char **argv)
{
  /* Without arguments it tests; with one it prints the rows for the documentation. */
  if (argc > 1 && g_str_equal (argv[1], "rows"))
    {
      for (guint i = 0; i < BS_N_SETTINGS; i++)
        {
          g_autofree char *row = row_of (&bs_setting_kinds[i]);

          g_printerr ("%s\n", row);
        }
      return 0;
    }
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings-docs/table-of-the-documentation", test_table_of_the_documentation);
  g_test_add_func ("/settings-docs/every-setting-is-whole", test_every_setting_is_whole);
  return g_test_run ();
}
