/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-settings.h"

#include <glib/gstdio.h>
#include <string.h>

static BsSettings *
settings_of (gboolean root, const char *program_dir, const char *const *environment)
{
  BsSettingsHost host = { environment, root, "/home/ann", program_dir, NULL, NULL };
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

static const BsSetting *
item_of (const BsSettings *settings, const char *key)
{
  for (guint i = 0; bs_settings_nth (settings, i) != NULL; i++)
    if (g_str_equal (bs_settings_nth (settings, i)->key, key))
      return bs_settings_nth (settings, i);
  g_assert_not_reached ();
}

static void
test_each_tells_its_origin (void)
{
  g_autoptr (BsSettings) settings = settings_of (TRUE, NULL, (const char *const[]){ "BENCHSCALE_ACCEL=kvm", NULL });

  g_assert_cmpstr (item_of (settings, "state.dir")->origin, ==, "default");
  g_assert_cmpstr (item_of (settings, "qemu.accel")->origin, ==, "environment BENCHSCALE_ACCEL");
  g_assert_cmpstr (item_of (settings, "qemu.accel")->value, ==, "kvm");
  g_assert_cmpstr (item_of (settings, "qemu.accel")->variable, ==, "BENCHSCALE_QEMU_ACCEL");
  g_assert_null (bs_settings_nth (settings, BS_N_SETTINGS));
}

/* The names that the product promises. */
static void
test_contract_names (void)
{
  static const char *const names[][3] = {
    { "libvirt.uri", "BENCHSCALE_LIBVIRT_URI", "qemu:///x" },
    { "base_image.path", "BENCHSCALE_BASE_IMAGE_PATH", "/x" },
    { "base_image.path", "BENCHSCALE_VM_IMAGES_DIR", "/x" },
    { "overlay.dir", "BENCHSCALE_OVERLAY_DIR", "/x" },
    { "ssh.port", "BENCHSCALE_SSH_PORT", "2222" },
    { "ssh.timeout_secs", "BENCHSCALE_SSH_TIMEOUT_SECS", "5" },
    { "ssh.user", "BENCHSCALE_SSH_USER", "x" },
    { "state.dir", "BENCHSCALE_STATE_DIR", "/x" },
    { "network.name", "BENCHSCALE_NETWORK_NAME", "x" },
    { "network.bridge", "BRIDGE_NAME", "x" },
    { "up.timeout", "BENCHSCALE_UP_TIMEOUT", "9s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *variable = g_strdup_printf ("%s=%s", names[i][1], names[i][2]);
      g_autofree char *origin = g_strdup_printf ("environment %s", names[i][1]);
      g_autoptr (BsSettings) settings = settings_of (TRUE, NULL, (const char *const[]){ variable, NULL });

      g_assert_cmpstr (item_of (settings, names[i][0])->value, ==, names[i][2]);
      g_assert_cmpstr (item_of (settings, names[i][0])->origin, ==, origin);
    }
}

static void
test_flags_win (void)
{
  const char *const environment[] = { "BENCHSCALE_UP_TIMEOUT=1s", NULL };
  const char *const flags[] = { "up.timeout=2s", "up.timeout=1500ms", NULL };
  BsSettingsHost host = { environment, TRUE, "/root", NULL, NULL, flags };
  g_autoptr (GError) error = NULL;
  g_autoptr (BsSettings) settings = bs_settings_new (&host, &error);

  g_assert_no_error (error);
  g_assert_cmpint (bs_settings_number (settings, BS_SETTING_UP_TIMEOUT), ==, 1500000);
  g_assert_cmpstr (item_of (settings, "up.timeout")->origin, ==, "flag --setting");
}

static void
test_passwords_are_not_shown (void)
{
  g_autoptr (BsSettings) settings = settings_of (
      TRUE, NULL, (const char *const[]){ "BENCHSCALE_LIBVIRT_URI=qemu+ssh://ann:s3:cr@t@host/system?a=b@c", NULL });

  g_assert_cmpstr (item_of (settings, "libvirt.uri")->value, ==, "qemu+ssh://ann:***@host/system?a=b@c");
  g_assert_cmpstr (bs_settings_text (settings, BS_SETTING_LIBVIRT_URI), ==, "qemu+ssh://ann:s3:cr@t@host/system?a=b@c");
}

static const struct
{
  const char *variable, *flag, *expected;
} wrong[] = {
  { "BENCHSCALE_STATE_DIR=", NULL,
    "benchscale: environment: BENCHSCALE_STATE_DIR is empty\nhint: name a folder, or unset it\n" },
  { "BENCHSCALE_CACHE_DIR=/a\nb", NULL,
    "benchscale: environment: BENCHSCALE_CACHE_DIR contains a control character\nhint: name a folder, or unset it\n" },
  { "BENCHSCALE_QEMU=", NULL,
    "benchscale: environment: BENCHSCALE_QEMU is empty\nhint: name a program, or unset it\n" },
  { "BENCHSCALE_ACCEL=kwm", NULL,
    "benchscale: environment: BENCHSCALE_ACCEL must be one of auto, kvm, tcg, not 'kwm'\nhint: did you mean 'kvm'?\n" },
  { "BENCHSCALE_SSH_PORT=65536", NULL,
    "benchscale: environment: BENCHSCALE_SSH_PORT must be an integer from 1 to 65535, not '65536'\n" },
  { "BENCHSCALE_SSH_PORT=22.0", NULL,
    "benchscale: environment: BENCHSCALE_SSH_PORT must be an integer from 1 to 65535, not '22.0'\n" },
  { "BENCHSCALE_UP_TIMEOUT=soon", NULL,
    "benchscale: environment: BENCHSCALE_UP_TIMEOUT must be a duration, not 'soon'\n"
    "hint: write 500ms, 2s, 3m or 1h; a bare number is seconds\n" },
  { "BENCHSCALE_UP_TIMEOUT=0", NULL,
    "benchscale: environment: BENCHSCALE_UP_TIMEOUT must be a duration from 1ms to 24h, not '0'\n" },
  { "BENCHSCALE_TOPOLOGY_EXPAND_COMMANDS=yes", NULL,
    "benchscale: environment: BENCHSCALE_TOPOLOGY_EXPAND_COMMANDS must be true or false, not 'yes'\n" },
  { "BENCHSCALE_SSH_USER=\377", NULL,
    "benchscale: environment: BENCHSCALE_SSH_USER is not valid UTF-8\nhint: write a text, or unset it\n" },
  { NULL, "up.timeot=1s", "benchscale: command line: 'up.timeot' is no setting\nhint: did you mean 'up.timeout'?\n" },
  { NULL, "up.timeout",
    "benchscale: command line: 'up.timeout' is no setting\nhint: write it as --setting section.key=VALUE\n" },
  { NULL, "ssh.port=x", "benchscale: command line: 'ssh.port' must be an integer from 1 to 65535, not 'x'\n" },
};

static void
test_wrong_values_are_named (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const char *const environment[] = { wrong[i].variable, NULL }, *const flags[] = { wrong[i].flag, NULL };
      BsSettingsHost host = { environment, TRUE, "/root", NULL, NULL, flags };
      g_autoptr (BsDiagnostics) diagnostics = NULL;
      g_autoptr (BsSettings) settings = bs_settings_load (&host, &diagnostics);
      g_autofree char *said = bs_diagnostics_format (diagnostics);

      g_assert_null (settings);
      g_assert_cmpstr (said, ==, wrong[i].expected);
    }
}

static void
test_all_wrong_values_are_named (void)
{
  const char *const environment[] = { "BENCHSCALE_SSH_PORT=x", "BENCHSCALE_STATE_DIR=", NULL };
  const char *const flags[] = { "a=b", NULL };
  BsSettingsHost host = { environment, TRUE, "/root", NULL, NULL, flags };
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (bs_settings_load (&host, &diagnostics));
  g_assert_cmpuint (diagnostics->items->len, ==, 3);
  g_assert_null (bs_settings_new (&host, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "command line: 'a' is no setting (and 2 more)");
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
  g_setenv ("BENCHSCALE_CONFIG", "", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/defaults-of-root", test_defaults_of_root);
  g_test_add_func ("/settings/defaults-of-user", test_defaults_of_user);
  g_test_add_func ("/settings/xdg-folders-count-when-absolute", test_xdg_folders_count_when_absolute);
  g_test_add_func ("/settings/environment-wins", test_environment_wins);
  g_test_add_func ("/settings/relative-paths-become-absolute", test_relative_paths_become_absolute);
  g_test_add_func ("/settings/companions-beside-the-program", test_companions_beside_the_program);
  g_test_add_func ("/settings/each-tells-its-origin", test_each_tells_its_origin);
  g_test_add_func ("/settings/contract-names", test_contract_names);
  g_test_add_func ("/settings/flags-win", test_flags_win);
  g_test_add_func ("/settings/passwords-are-not-shown", test_passwords_are_not_shown);
  g_test_add_func ("/settings/all-wrong-values-are-named", test_all_wrong_values_are_named);
  g_test_add_func ("/settings/wrong-values-are-named", test_wrong_values_are_named);
  g_test_add_func ("/settings/of-this-process", test_of_this_process);
  return g_test_run ();
}
