/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-settings.h"

#include <glib/gstdio.h>
#include <string.h>

static BsSettings *
settings_of (gboolean root, const char *program_dir, const char *const *environment)
{
  BsSettingsHost host = { environment, root, "/home/ann", program_dir };
  g_autoptr (GError) error = NULL;
  BsSettings *settings = bs_settings_new (&host, &error);

  g_assert_no_error (error);
  return settings;
}

static void
test_defaults_of_root (void)
{
  g_autoptr (BsSettings) settings = settings_of (TRUE, NULL, (const char *const[]){ "XDG_STATE_HOME=/x", NULL });

  g_assert_cmpstr (bs_settings_state_dir (settings), ==, "/var/lib/benchscale");
  g_assert_cmpstr (bs_settings_cache_dir (settings), ==, "/var/cache/benchscale");
  g_assert_cmpstr (bs_settings_qemu (settings), ==, "qemu-system-x86_64");
  g_assert_cmpint (bs_settings_accel (settings), ==, BS_ACCEL_AUTO);
  g_assert_true (g_path_is_absolute (bs_settings_libexec_dir (settings)));
}

static void
test_defaults_of_user (void)
{
  g_autoptr (BsSettings) settings = settings_of (FALSE, NULL, (const char *const[]){ NULL });

  g_assert_cmpstr (bs_settings_state_dir (settings), ==, "/home/ann/.local/state/benchscale");
  g_assert_cmpstr (bs_settings_cache_dir (settings), ==, "/home/ann/.cache/benchscale");
}

static void
test_xdg_folders_count_when_absolute (void)
{
  const char *const environment[] = { "XDG_STATE_HOME=/x/state", "XDG_CACHE_HOME=cache", NULL };
  g_autoptr (BsSettings) settings = settings_of (FALSE, NULL, environment);

  g_assert_cmpstr (bs_settings_state_dir (settings), ==, "/x/state/benchscale");
  g_assert_cmpstr (bs_settings_cache_dir (settings), ==, "/home/ann/.cache/benchscale");
}

static void
test_environment_wins (void)
{
  const char *const environment[]
      = { "BENCHSCALE_STATE_DIR=/srv/labs/", "BENCHSCALE_ACCEL=tcg", "BENCHSCALE_QEMU=my-qemu", NULL };
  g_autoptr (BsSettings) settings = settings_of (TRUE, NULL, environment);

  g_assert_cmpstr (bs_settings_state_dir (settings), ==, "/srv/labs");
  g_assert_cmpint (bs_settings_accel (settings), ==, BS_ACCEL_TCG);
  g_assert_cmpstr (bs_settings_qemu (settings), ==, "my-qemu");
}

static void
test_relative_paths_become_absolute (void)
{
  const char *const environment[] = { "BENCHSCALE_CACHE_DIR=c/../cache", "BENCHSCALE_QEMU=./qemu", NULL };
  g_autoptr (BsSettings) settings = settings_of (TRUE, NULL, environment);
  g_autofree char *cwd = g_get_current_dir (), *cache = g_build_filename (cwd, "cache", NULL),
                  *qemu = g_build_filename (cwd, "qemu", NULL);

  g_assert_cmpstr (bs_settings_cache_dir (settings), ==, cache);
  g_assert_cmpstr (bs_settings_qemu (settings), ==, qemu);
}

static void
test_companions_beside_the_program (void)
{
  g_autofree char *dir = g_dir_make_tmp ("settings-XXXXXX", NULL),
                  *lab = g_build_filename (dir, "benchscale-lab", NULL);
  g_autoptr (BsSettings) without = settings_of (TRUE, dir, (const char *const[]){ NULL });
  g_autoptr (BsSettings) with = NULL;

  g_assert_true (g_file_set_contents_full (lab, "", 0, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
  with = settings_of (TRUE, dir, (const char *const[]){ NULL });
  g_assert_cmpstr (bs_settings_libexec_dir (without), !=, dir);
  g_assert_cmpstr (bs_settings_libexec_dir (with), ==, dir);
  g_remove (lab);
  g_rmdir (dir);
}

static void
test_each_tells_its_origin (void)
{
  g_autoptr (BsSettings) settings = settings_of (TRUE, NULL, (const char *const[]){ "BENCHSCALE_ACCEL=kvm", NULL });
  g_autoptr (GString) told = g_string_new (NULL);

  for (guint i = 0; bs_settings_nth (settings, i) != NULL; i++)
    {
      const BsSetting *setting = bs_settings_nth (settings, i);

      g_assert_cmpuint (strlen (setting->doc), >, 0);
      g_string_append_printf (told, "%s %s;", setting->key, setting->origin);
      if (g_str_equal (setting->key, "accel"))
        g_assert_cmpstr (setting->value, ==, "kvm");
    }
  g_assert_cmpstr (told->str, ==,
                   "state_dir default;cache_dir default;libexec_dir default;"
                   "accel environment BENCHSCALE_ACCEL;qemu default;catalogue default;"
                   "download_stall default;");
}

static const struct
{
  const char *variable, *message, *hint;
} wrong[] = {
  { "BENCHSCALE_STATE_DIR=", "BENCHSCALE_STATE_DIR is empty", "name a folder, or unset the variable" },
  { "BENCHSCALE_CACHE_DIR=/a\nb", "BENCHSCALE_CACHE_DIR contains a control character",
    "name a folder, or unset the variable" },
  { "BENCHSCALE_LIBEXEC_DIR=", "BENCHSCALE_LIBEXEC_DIR is empty", "name a folder, or unset the variable" },
  { "BENCHSCALE_CATALOGUE=", "BENCHSCALE_CATALOGUE is empty", "name a file, or unset the variable" },
  { "BENCHSCALE_DOWNLOAD_STALL=soon", "BENCHSCALE_DOWNLOAD_STALL is no duration: 'soon'",
    "write it as 500ms, 2s or 3m" },
  { "BENCHSCALE_QEMU=", "BENCHSCALE_QEMU is empty", "name a program, or unset the variable" },
  { "BENCHSCALE_ACCEL=hvf", "BENCHSCALE_ACCEL is not an accelerator: 'hvf'", "use auto, kvm or tcg" },
};

static void
test_wrong_values_are_named (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const char *const environment[] = { wrong[i].variable, NULL };
      BsSettingsHost host = { environment, TRUE, "/root", NULL };
      g_autoptr (GError) error = NULL;
      g_autoptr (BsSettings) settings = bs_settings_new (&host, &error);

      g_assert_null (settings);
      g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
      g_assert_cmpstr (error->message, ==, wrong[i].message);
      g_assert_cmpstr (bs_error_hint (error), ==, wrong[i].hint);
    }
}

static void
test_of_this_process (void)
{
  g_autoptr (GError) error = NULL;
  const BsSettings *settings = bs_settings_get (&error);

  g_assert_no_error (error);
  g_assert_true (settings == bs_settings_get (NULL));
  g_assert_cmpstr (bs_settings_state_dir (settings), ==, "/srv/of-this-process");
}

int
main (int argc, char **argv)
{
  g_setenv ("BENCHSCALE_STATE_DIR", "/srv/of-this-process", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/defaults-of-root", test_defaults_of_root);
  g_test_add_func ("/settings/defaults-of-user", test_defaults_of_user);
  g_test_add_func ("/settings/xdg-folders-count-when-absolute", test_xdg_folders_count_when_absolute);
  g_test_add_func ("/settings/environment-wins", test_environment_wins);
  g_test_add_func ("/settings/relative-paths-become-absolute", test_relative_paths_become_absolute);
  g_test_add_func ("/settings/companions-beside-the-program", test_companions_beside_the_program);
  g_test_add_func ("/settings/each-tells-its-origin", test_each_tells_its_origin);
  g_test_add_func ("/settings/wrong-values-are-named", test_wrong_values_are_named);
  g_test_add_func ("/settings/of-this-process", test_of_this_process);
  return g_test_run ();
}
