/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-settings-file.h"

#include <glib/gstdio.h>
#include <string.h>

static char *folder, *file; /* a folder, and config.toml in it */

/* The settings of a file that holds @text. */
static BsSettings *
load (const char *text, gssize length, const char *const *flags, BsDiagnostics **diagnostics)
{
  g_autofree char *modules = g_strdup_printf ("BENCHSCALE_LIBEXEC_DIR=%s", g_getenv ("BENCHSCALE_TEST_MODULES"));
  const char *const environment[] = { modules, "BENCHSCALE_SSH_USER=environment", NULL };
  BsSettingsHost host = { environment, TRUE, "/home/ann", NULL, file, flags };

  g_assert_true (g_file_set_contents (file, text, length, NULL));
  return bs_settings_load (&host, diagnostics);
}

static BsSettings *
load_good (const char *text)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsSettings *settings = load (text, -1, NULL, &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_cmpstr (said, ==, "");
  return settings;
}

/* What is said of @text, with F in place of the file's path. */
static void
assert_wrong (const char *text, gssize length, const char *expected)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsSettings) settings = load (text, length, NULL, &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);
  GString *shorter = g_string_new (said);

  g_string_replace (shorter, file, "F", 0);
  g_assert_null (settings);
  g_assert_cmpstr (shorter->str, ==, expected);
  g_string_free (shorter, TRUE);
}

static const char *
origin_of (const BsSettings *settings, BsSettingId id)
{
  const char *origin = bs_settings_nth (settings, id)->origin;

  return g_str_has_prefix (origin, file) ? origin + strlen (file) : origin;
}

static void
test_values_of_each_type (void)
{
  g_autofree char *below = g_build_filename (folder, "below", NULL);
  g_autoptr (BsSettings) settings
      = load_good ("# mine\n[ssh]\nport = 2222\n[up]\ntimeout = \"90s\"\n[down]\ntimeout = 1.5\n"
                   "[gc]\ntimeout = 7\n[topology]\nexpand_commands = true\n"
                   "[qemu]\naccel = 'tcg'\n[cache]\ndir = \"below\"\n[state]\ndir = '~/labs'\n");

  g_assert_cmpint (bs_settings_number (settings, BS_SETTING_SSH_PORT), ==, 2222);
  g_assert_cmpstr (origin_of (settings, BS_SETTING_SSH_PORT), ==, ":3");
  g_assert_cmpint (bs_settings_number (settings, BS_SETTING_UP_TIMEOUT), ==, 90000000);
  g_assert_cmpint (bs_settings_number (settings, BS_SETTING_DOWN_TIMEOUT), ==, 1500000);
  g_assert_cmpint (bs_settings_number (settings, BS_SETTING_GC_TIMEOUT), ==, 7000000);
  g_assert_cmpint (bs_settings_number (settings, BS_SETTING_TOPOLOGY_EXPAND_COMMANDS), ==, 1);
  g_assert_cmpint (bs_settings_accel (settings), ==, BS_ACCEL_TCG);
  g_assert_cmpstr (bs_settings_cache_dir (settings), ==, below);
  g_assert_cmpstr (bs_settings_state_dir (settings), ==, "/home/ann/labs");
}

static void
test_environment_wins_and_flags_over_all (void)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsSettings) settings
      = load ("[ssh]\nuser = 'file'\nport = 1\n", -1, (const char *const[]){ "ssh.port=2", NULL }, &diagnostics);

  g_assert_cmpstr (bs_settings_text (settings, BS_SETTING_SSH_USER), ==, "environment");
  g_assert_cmpint (bs_settings_number (settings, BS_SETTING_SSH_PORT), ==, 2);
}

static void
test_dotted_and_inline_tables_are_sections (void)
{
  g_autoptr (BsSettings) settings = load_good ("ssh.port = 3\nup = { timeout = '4s' }\n");

  g_assert_cmpint (bs_settings_number (settings, BS_SETTING_SSH_PORT), ==, 3);
  g_assert_cmpstr (origin_of (settings, BS_SETTING_SSH_PORT), ==, ":1");
  g_assert_cmpint (bs_settings_number (settings, BS_SETTING_UP_TIMEOUT), ==, 4000000);
}

static void
test_all_faults_at_once_in_order (void)
{
  assert_wrong ("[up]\ntimeout = \"soon\"\nworker = 3\n[ssh]\nport = \"22\"\n[sssh]\nx = "
                "1\n[topology]\nexpand_commands = 'true'\n"
                "[qemu]\naccel = 5\n[gc]\ntimeout = 2020-01-01\n",
                -1,
                "benchscale: F:2:11: 'up.timeout' must be a duration, not 'soon'\n"
                "hint: write 500ms, 2s, 3m or 1h; a bare number is seconds\n"
                "benchscale: F:3:1: unknown key 'worker' in section up\nhint: did you mean 'workers'?\n"
                "benchscale: F:5:8: 'ssh.port' must be an integer without quotes\n"
                "benchscale: F:6:2: unknown section 'sssh'\nhint: did you mean 'ssh'?\n"
                "benchscale: F:9:19: 'topology.expand_commands' must be true or false without quotes\n"
                "benchscale: F:11:9: 'qemu.accel' must be a text in quotes\n"
                "benchscale: F:13:11: 'gc.timeout' must be a duration such as \"30s\"\n");
}

static void
test_sizes (void)
{
  g_autoptr (BsSettings) text = load_good ("[cache]\nlimit = \"3G\"\n");
  g_autoptr (BsSettings) number = load_good ("[cache]\nlimit = 4096\n");

  g_assert_cmpint (bs_settings_number (text, BS_SETTING_CACHE_LIMIT), ==, G_GINT64_CONSTANT (3) << 30);
  g_assert_cmpint (bs_settings_number (number, BS_SETTING_CACHE_LIMIT), ==, 4096);
  assert_wrong ("[cache]\nlimit = \"much\"\n", -1,
                "benchscale: F:2:9: 'cache.limit' must be a size, not 'much'\n"
                "hint: write 500M, 20G or 1T; a bare number is bytes\n");
  assert_wrong ("[cache]\nlimit = true\n", -1, "benchscale: F:2:9: 'cache.limit' must be a size such as \"20G\"\n");
}

static void
test_the_place_is_underlined (void)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsSettings) settings = load ("[up]\n  timeout = \"söön\" # é\n", -1, NULL, &diagnostics);
  const BsDiagnostic *item = g_ptr_array_index (diagnostics->items, 0);

  g_assert_null (settings);
  g_assert_cmpstr (item->quote, ==, "  timeout = \"söön\" # é");
  g_assert_cmpuint (item->column, ==, 13);
  g_assert_cmpuint (item->length, ==, 6);
}

static void
test_keys_without_section (void)
{
  assert_wrong ("up_timeout = 3\nfoo = 1\n", -1,
                "benchscale: F:1:1: unknown key 'up_timeout'\nhint: did you mean 'up.timeout'?\n"
                "benchscale: F:2:1: unknown key 'foo'\nhint: settings are in sections, such as [up]\n");
}

static void
test_strange_keys_are_shown_safely (void)
{
  assert_wrong ("[up]\n\"a\\u0007\\nb\" = 1\n[\"x.y\"]\n", -1,
                "benchscale: F:2:1: unknown key 'a??b' in section up\n"
                "benchscale: F:3:2: unknown section 'x.y'\n");
}

static void
test_control_characters_in_values (void)
{
  assert_wrong ("[ssh]\nuser = \"a\\u0000b\"\n[state]\ndir = \"a\\nb\"\n", -1,
                "benchscale: F:2:8: 'ssh.user' contains a control character\n"
                "benchscale: F:4:7: 'state.dir' contains a control character\nhint: name a folder, or unset it\n");
}

static void
test_syntax_errors_have_a_place (void)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsSettings) settings = load ("[up]\ntimeout = \n", -1, NULL, &diagnostics);
  const BsDiagnostic *item = g_ptr_array_index (diagnostics->items, 0);

  g_assert_null (settings);
  g_assert_cmpuint (diagnostics->items->len, ==, 1);
  g_assert_cmpuint (item->line, ==, 2);
  g_assert_cmpuint (item->column, >, 9);
  g_assert_nonnull (strstr (item->message, "value"));
}

/* toml++ asserts that this is none, and ended the process. */
static void
test_strange_headers_are_errors (void)
{
  assert_wrong ("[{a = 1}]\n", -1,
                "benchscale: F:1:2: not TOML: error while parsing key: expected bare key starting character or string "
                "delimiter, saw '{'\n");
  assert_wrong ("[=]\n", -1,
                "benchscale: F:1:2: not TOML: error while parsing key: expected bare key starting character or string "
                "delimiter, saw '='\n");
  assert_wrong ("iAi\307\205", -1,
                "benchscale: F:1:4: not TOML: error while parsing key-value pair: expected '=', saw 'ǅ'\n");
}

static void
test_what_no_reader_shall_see (void)
{
  g_autofree char *dots = g_strnfill (5000, '.'), *big = g_strnfill (2 * 1024 * 1024, '#');
  g_autofree char *expected = g_strdup_printf ("benchscale: F:1:4097: the file has more than 4096 dots\n");

  assert_wrong (dots, -1, expected);
  assert_wrong ("a = '\377'\n", -1, "benchscale: F:1:6: the text is not valid UTF-8\nhint: save the file as UTF-8\n");
  assert_wrong ("b = 2\na = 1\0", 12, "benchscale: F:2:6: a NUL byte is not allowed\nhint: remove it\n");
  assert_wrong (big, -1, "benchscale: F: 'F' is larger than 1048576 bytes\n");
}

/* As deep as is let through: neither reading nor freeing may end the stack. */
static void
test_deepest_nesting (void)
{
  GString *text = g_string_new ("[a");
  g_autoptr (BsDiagnostics) diagnostics = NULL;

  for (guint i = 0; i < 4000; i++)
    g_string_append (text, ".a");
  g_string_append (text, "]\n");
  g_assert_null (load (text->str, -1, NULL, &diagnostics));
  g_assert_cmpuint (diagnostics->items->len, >, 0);
  g_string_free (text, TRUE);
}

static void
test_file_that_was_asked_for_must_be_there (void)
{
  const char *const environment[] = { "BENCHSCALE_CONFIG=/nonexistent/config.toml", NULL };
  BsSettingsHost host = { environment, TRUE, "/home/ann", NULL, NULL, NULL };
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autofree char *said = NULL;

  g_assert_null (bs_settings_load (&host, &diagnostics));
  said = bs_diagnostics_format (diagnostics);
  g_assert_true (g_str_has_prefix (said, "benchscale: /nonexistent/config.toml: "));
}

static void
test_usual_file_is_found (void)
{
  g_autofree char *xdg = g_strdup_printf ("XDG_CONFIG_HOME=%s", folder);
  g_autofree char *inner = g_build_filename (folder, "benchscale", NULL);
  g_autofree char *usual = g_build_filename (inner, "config.toml", NULL), *found = NULL, *none = NULL, *off = NULL;
  const char *const environment[] = { xdg, NULL };
  BsSettingsHost host = { environment, TRUE, "/home/ann", NULL, NULL, NULL };

  none = bs_settings_find_file (&host);
  g_mkdir (inner, 0700);
  g_assert_true (g_file_set_contents (usual, "", 0, NULL));
  found = bs_settings_find_file (&host);
  host.config = "";
  off = bs_settings_find_file (&host);
  g_assert_null (none);
  g_assert_cmpstr (found, ==, usual);
  g_assert_null (off);
  g_unlink (usual);
  g_rmdir (inner);
}

static void
test_missing_module_is_explained (void)
{
  const char *const environment[] = { "BENCHSCALE_LIBEXEC_DIR=/nonexistent", NULL };
  BsSettingsHost host = { environment, TRUE, "/home/ann", NULL, file, NULL };
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  const BsDiagnostic *item;

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_null (bs_settings_load (&host, &diagnostics));
  item = g_ptr_array_index (diagnostics->items, 0);
  g_assert_true (g_str_has_prefix (item->message, "cannot load what reads it: /nonexistent/benchscale-toml.so"));
  g_assert_nonnull (strstr (item->hint, "BENCHSCALE_LIBEXEC_DIR"));
}

int
main (int argc, char **argv)
{
  int code;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("settings-XXXXXX", NULL);
  file = g_build_filename (folder, "config.toml", NULL);
  g_test_add_func ("/settings-file/values-of-each-type", test_values_of_each_type);
  g_test_add_func ("/settings-file/environment-wins-and-flags-over-all", test_environment_wins_and_flags_over_all);
  g_test_add_func ("/settings-file/dotted-and-inline-tables-are-sections", test_dotted_and_inline_tables_are_sections);
  g_test_add_func ("/settings-file/all-faults-at-once-in-order", test_all_faults_at_once_in_order);
  g_test_add_func ("/settings-file/sizes", test_sizes);
  g_test_add_func ("/settings-file/the-place-is-underlined", test_the_place_is_underlined);
  g_test_add_func ("/settings-file/keys-without-section", test_keys_without_section);
  g_test_add_func ("/settings-file/strange-keys-are-shown-safely", test_strange_keys_are_shown_safely);
  g_test_add_func ("/settings-file/control-characters-in-values", test_control_characters_in_values);
  g_test_add_func ("/settings-file/syntax-errors-have-a-place", test_syntax_errors_have_a_place);
  g_test_add_func ("/settings-file/strange-headers-are-errors", test_strange_headers_are_errors);
  g_test_add_func ("/settings-file/what-no-reader-shall-see", test_what_no_reader_shall_see);
  g_test_add_func ("/settings-file/deepest-nesting", test_deepest_nesting);
  g_test_add_func ("/settings-file/file-that-was-asked-for-must-be-there", test_file_that_was_asked_for_must_be_there);
  g_test_add_func ("/settings-file/usual-file-is-found", test_usual_file_is_found);
  g_test_add_func ("/settings-file/missing-module-is-explained", test_missing_module_is_explained);
  code = g_test_run ();
  g_unlink (file);
  g_rmdir (folder);
  g_free (file);
  g_free (folder);
  return code;
}
