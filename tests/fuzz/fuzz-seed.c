/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-seed.c — texts of a topology on their way into other systems' files: whatever is not refused must be there
 * unchanged when the file is read as its reader does. Fields are separated by bytes 0x1e. */
#include "bs-environment.h"
#include "bs-error.h"
#include "bs-repository.h"
#include "bs-seed.h"

#include <stdint.h>
#include <string.h>
#include <yaml.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Whether a scalar of the document is exactly @expected. */
static gboolean
holds (const char *text, const char *expected)
{
  yaml_parser_t parser;
  yaml_event_t event;
  gboolean found = FALSE, ended = FALSE;

  g_assert_true (yaml_parser_initialize (&parser));
  yaml_parser_set_input_string (&parser, (const unsigned char *) text, strlen (text));
  while (!ended)
    {
      g_assert_true (yaml_parser_parse (&parser, &event));
      ended = event.type == YAML_STREAM_END_EVENT;
      found = found
              || (event.type == YAML_SCALAR_EVENT && event.data.scalar.length == strlen (expected)
                  && memcmp (event.data.scalar.value, expected, strlen (expected)) == 0);
      yaml_event_delete (&event);
    }
  yaml_parser_delete (&parser);
  return found;
}

static void
try_seed (char **fields, guint n)
{
  char *keys[] = { n > 4 ? fields[4] : NULL, NULL };
  BsSeedInterface interface = { .mac = "52:54:00:00:00:01", .name = n > 6 ? fields[6] : NULL };
  BsSeed seed = { .instance_id = "i",
                  .hostname = fields[0],
                  .hosts = n > 1 ? fields[1] : NULL,
                  .user = n > 2 && fields[2][0] != '\0' ? fields[2] : NULL,
                  .password = n > 3 ? fields[3] : NULL,
                  .ssh_authorized_keys = keys,
                  .interfaces = &interface,
                  .n_interfaces = 1 };
  g_autoptr (GError) error = NULL;
  g_autofree char *user = NULL, *network = NULL;

  interface.addresses = n > 5 ? fields[5] : NULL;
  user = bs_seed_user_data (&seed, &error);
  g_assert_true ((user != NULL) == (error == NULL));
  if (user == NULL)
    return;
  network = bs_seed_network_config (&seed, NULL);
  g_assert_true (network != NULL && holds (network, "52:54:00:00:00:01"));
  g_assert_true (holds (user, seed.hostname));
  g_assert_true (seed.hosts == NULL || holds (user, seed.hosts));
  g_assert_true (seed.password == NULL || holds (user, seed.password));
  g_assert_true (keys[0] == NULL || holds (user, keys[0]));
}

static guint
lines_of (const char *text)
{
  guint n = 0;

  for (; *text != '\0'; text++)
    n += *text == '\n';
  return n;
}

static void
try_lines (char *text)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *stanza = bs_repository_deb822 (text, "/k", &error);
  char *variables[] = { text, NULL };

  g_assert_true ((stanza != NULL) == (error == NULL));
  /* A line for each field that may be there, no more than there were words. */
  g_assert_true (stanza == NULL || (lines_of (stanza) <= strlen (text) && strstr (stanza, "\n\n") == NULL));
  if (bs_environment_check (text, NULL))
    {
      g_autofree char *systemd = bs_environment_systemd (variables), *pam = bs_environment_pam (variables);
      g_autofree char *profile = bs_environment_profile (variables), *value = g_strdup (strchr (profile, '=') + 1);
      g_autofree char *back = g_shell_unquote (g_strchomp (value), NULL);

      g_assert_cmpstr (back, ==, strchr (text, '=') + 1);
      g_assert_cmpuint (lines_of (systemd), ==, 2);
      g_assert_true (pam[0] == '\0' || lines_of (pam) == 3);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_auto (GStrv) fields = g_strsplit (text, "\x1e", 8);

  if (fields[0] == NULL)
    return 0;
  try_seed (fields, g_strv_length (fields));
  for (char **field = fields; *field != NULL; field++)
    try_lines (*field);
  return 0;
}
