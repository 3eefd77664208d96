/* SPDX-License-Identifier: Apache-2.0 */
/* verb-config.c — the settings, and where each came from */
#include "bs-error.h"
#include "bs-settings.h"
#include "bs-text.h"
#include "cli.h"

#include <stdio.h>
#include <string.h>

static gboolean json;

static const GOptionEntry options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print a JSON array", NULL },
  { NULL },
};

static json_t *
setting_json (const BsSetting *setting)
{
  g_autofree char *value = g_utf8_make_valid (setting->value, -1), *origin = g_utf8_make_valid (setting->origin, -1);

  return json_pack ("{s:s, s:s, s:s, s:s, s:s}", "key", setting->key, "value", value, "origin", origin, "variable",
                    setting->variable, "description", setting->doc);
}

static void
print_setting (const BsSetting *setting)
{
  g_autofree char *value = bs_text_printable (setting->value, strlen (setting->value));
  g_autofree char *origin = bs_text_printable (setting->origin, strlen (setting->origin));

  printf ("%-24s %-28s %s\n", setting->key, *value != '\0' ? value : "-", origin);
}

static int
run (int argc, char **argv)
{
  g_autoptr (json_t) list = json_array ();
  g_autofree char *text = NULL;
  GError *error = NULL;
  const BsSettings *settings = bs_settings_get (&error);
  guint found = 0;

  if (settings == NULL)
    return cli_fail (error);
  for (guint i = 0; bs_settings_nth (settings, i) != NULL; i++)
    {
      const BsSetting *setting = bs_settings_nth (settings, i);

      if (argc > 0 && strcmp (argv[0], setting->key) != 0)
        continue;
      found++;
      if (json)
        json_array_append_new (list, setting_json (setting));
      else
        print_setting (setting);
    }
  if (found == 0)
    {
      const char *nearest = bs_settings_nearest (argv[0]);
      g_autofree char *hint = nearest != NULL ? g_strdup_printf ("did you mean '%s'?", nearest)
                                              : g_strdup ("`benchscale config` lists all settings");

      bs_set_error (&error, BS_ERROR_INVALID, hint, "'%s' is no setting", argv[0]);
      return cli_fail (error);
    }
  if (json)
    printf ("%s\n", text = bs_json_dump (list));
  return 0;
}

const CliVerb cli_config = {
  .name = "config",
  .arguments = "[SETTING]",
  .summary = "print the settings, and where each came from",
  .description
  = "Prints each setting, or the one named, with its value and its origin: default, FILE:LINE of the configuration "
    "file, the variable of the environment, or the option. Passwords are not shown. The file is that of --config, else "
    "of BENCHSCALE\\_CONFIG, else benchscale/config.toml in the XDG configuration folder.",
  .examples = "benchscale config — all of them\n"
              "benchscale config --json up.timeout — one, for programs\n",
  .options = options,
  .json = &json,
  .max = 1,
  .run = run,
};
