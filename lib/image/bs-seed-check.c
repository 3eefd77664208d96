/* SPDX-License-Identifier: Apache-2.0 */
/* bs-seed-check.c — what a seed can hold */
#include "bs-error.h"
#include "bs-name.h"
#include "bs-seed.h"

#include <arpa/inet.h>
#include <string.h>

#define HOSTS_MAX (1024 * 1024)
#define INTERFACES_MAX 64

static gboolean
refuse (const char *what, const char *text, const char *problem, GError **error)
{
  g_autofree char *shown = g_strescape (text, NULL);

  bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s' cannot be a %s: %s", shown, what, problem);
  return FALSE;
}

static gboolean
judge (gboolean (*is_good) (const char *, const char **), const char *what, const char *text, GError **error)
{
  const char *problem = NULL;

  return text == NULL || is_good (text, &problem) || refuse (what, text, problem, error);
}

static gboolean
is_address (const char *text, int family)
{
  struct in6_addr parsed;

  return inet_pton (family, text, &parsed) == 1;
}

/* "ADDRESS/LENGTH" */
static gboolean
is_network (const char *text)
{
  const char *slash = strchr (text, '/');
  g_autofree char *address = slash != NULL ? g_strndup (text, slash - text) : NULL;
  guint64 most = slash != NULL && is_address (address, AF_INET) ? 32 : 128, length;

  return slash != NULL && (is_address (address, AF_INET) || is_address (address, AF_INET6))
         && g_ascii_string_to_unsigned (slash + 1, 10, 0, most, &length, NULL);
}

static gboolean
check_list (const char *list, gboolean networks, const char *what, GError **error)
{
  g_auto (GStrv) words = g_strsplit (list != NULL ? list : "", " ", -1);

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0'
        && !(networks ? is_network (*word) : is_address (*word, AF_INET) || is_address (*word, AF_INET6)))
      return refuse (what, *word, networks ? "it is not of the form ADDRESS/LENGTH" : "it is no address", error);
  return TRUE;
}

static gboolean
check_interface (const BsSeedInterface *self, GError **error)
{
  if (!g_regex_match_simple ("^([0-9a-f]{2}:){5}[0-9a-f]{2}$", self->mac, G_REGEX_DOLLAR_ENDONLY, 0))
    return refuse ("hardware address", self->mac, "it is not of the form 52:54:00:00:00:01, in lower case", error);
  if (self->name != NULL
      && !g_regex_match_simple ("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$", self->name, G_REGEX_DOLLAR_ENDONLY, 0))
    return refuse ("interface's name", self->name, "it consists of letters, digits, _ . and -, 15 at most", error);
  if (self->gateway != NULL && !is_address (self->gateway, AF_INET))
    return refuse ("gateway", self->gateway, "it is no IPv4 address", error);
  return check_list (self->addresses, TRUE, "address", error)
         && check_list (self->nameservers, FALSE, "name server", error);
}

static gboolean
check_host_key (const BsSeed *seed, GError **error)
{
  g_autofree char *line = seed->host_key_public != NULL ? g_strchomp (g_strdup (seed->host_key_public)) : NULL;

  if ((seed->host_key == NULL) != (seed->host_key_public == NULL))
    bs_set_error (error, BS_ERROR_INVALID, NULL, "a host key needs both its halves");
  else if (seed->host_key != NULL
           && (!g_str_has_prefix (seed->host_key, "-----BEGIN OPENSSH PRIVATE KEY-----\n")
               || !g_str_is_ascii (seed->host_key)))
    bs_set_error (error, BS_ERROR_INVALID, NULL, "the host key is none of OpenSSH's");
  else
    return judge (bs_name_is_ssh_key, "host key", line, error);
  return FALSE;
}

static gboolean
check_texts (const BsSeed *seed, GError **error)
{
  const char *problem = NULL;

  if (!judge (bs_name_is_host, "host name", seed->hostname, error)
      || !judge (bs_name_is_user, "user", seed->user, error)
      || !judge (bs_name_is_ssh_key, "SSH key", seed->authorized_key, error))
    return FALSE;
  for (char **key = seed->ssh_authorized_keys; key != NULL && *key != NULL; key++)
    if (!judge (bs_name_is_ssh_key, "SSH key", *key, error))
      return FALSE;
  if (!g_regex_match_simple ("^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$", seed->instance_id, G_REGEX_DOLLAR_ENDONLY, 0))
    return refuse ("instance id", seed->instance_id, "it consists of letters, digits, _ . and -", error);
  if (seed->machine_id != NULL && !g_regex_match_simple ("^[0-9a-f]{32}$", seed->machine_id, G_REGEX_DOLLAR_ENDONLY, 0))
    return refuse ("machine id", seed->machine_id, "it consists of 32 hex digits", error);
  if (seed->password != NULL && !bs_name_is_password (seed->password, &problem))
    bs_set_error (error, BS_ERROR_INVALID, NULL, "the password cannot be used: %s", problem);
  else if (seed->hosts != NULL && (strlen (seed->hosts) > HOSTS_MAX || !g_utf8_validate (seed->hosts, -1, NULL)))
    bs_set_error (error, BS_ERROR_INVALID, NULL, "the table of hosts is too long or no UTF-8");
  else
    return TRUE;
  return FALSE;
}

gboolean
bs_seed_check (const BsSeed *seed, GError **error)
{
  if (!check_texts (seed, error) || !check_host_key (seed, error))
    return FALSE;
  if (seed->n_interfaces > INTERFACES_MAX)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "%u interfaces are too many", seed->n_interfaces);
      return FALSE;
    }
  for (guint i = 0; i < seed->n_interfaces; i++)
    if (!check_interface (&seed->interfaces[i], error))
      return FALSE;
  return TRUE;
}
