/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qga-info.c — what the agent says of the machine, and the clock and power */
#include "bs-error.h"
#include "bs-qga.h"
#include "bs-text.h"

#include <arpa/inet.h>
#include <string.h>

#define COMMANDS_MAX 1024
#define INTERFACES_MAX 64
#define ADDRESSES_MAX 64
#define NAME_MAX_BYTES 64

gboolean
bs_qga_ping (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) answer = bs_qga_call (self, "guest-ping", NULL, deadline_usec, cancellable, error);

  return answer != NULL;
}

static char *
printable (const char *text)
{
  return g_strdelimit (bs_text_printable (text, strnlen (text, NAME_MAX_BYTES)), "\n\t", '?');
}

gboolean
bs_qga_info (BsQga *self, char **version, char ***commands, gint64 deadline_usec, GCancellable *cancellable,
             GError **error)
{
  g_autoptr (json_t) answer = bs_qga_call (self, "guest-info", NULL, deadline_usec, cancellable, error);
  const json_t *list = json_object_get (answer, "supported_commands");
  GPtrArray *names = g_ptr_array_new ();

  for (gsize i = 0; i < json_array_size (list) && i < COMMANDS_MAX; i++)
    {
      const json_t *command = json_array_get (list, i);

      if (bs_json_bool (command, "enabled", FALSE))
        g_ptr_array_add (names, printable (bs_json_string (command, "name", "")));
    }
  g_ptr_array_add (names, NULL);
  *commands = (char **) g_ptr_array_free (names, FALSE);
  *version = printable (bs_json_string (answer, "version", ""));
  if (answer != NULL)
    return TRUE;
  g_clear_pointer (commands, g_strfreev);
  g_clear_pointer (version, g_free);
  return FALSE;
}

static void
interface_free (gpointer data)
{
  BsQgaInterface *self = data;

  g_free (self->name);
  g_free (self->mac);
  g_strfreev (self->addresses);
  g_free (self);
}

/* Only what is an address is taken over. */
static char *
address_of (const json_t *item)
{
  const char *text = bs_json_string (item, "ip-address", "");
  gint64 prefix = bs_json_int (item, "prefix", -1);
  struct in6_addr parsed;
  gboolean is4 = inet_pton (AF_INET, text, &parsed) == 1, is6 = !is4 && inet_pton (AF_INET6, text, &parsed) == 1;

  if ((!is4 && !is6) || prefix < 0 || prefix > (is4 ? 32 : 128))
    return NULL;
  return g_strdup_printf ("%s/%d", text, (int) prefix);
}

static BsQgaInterface *
interface_of (const json_t *item)
{
  BsQgaInterface *self = g_new0 (BsQgaInterface, 1);
  const json_t *list = json_object_get (item, "ip-addresses");
  const char *mac = bs_json_string (item, "hardware-address", NULL);
  GPtrArray *addresses = g_ptr_array_new ();

  self->name = printable (bs_json_string (item, "name", ""));
  if (mac != NULL && g_regex_match_simple ("^([0-9a-f]{2}:){5}[0-9a-f]{2}$", mac, G_REGEX_DOLLAR_ENDONLY, 0))
    self->mac = g_strdup (mac);
  for (gsize i = 0; i < json_array_size (list) && i < ADDRESSES_MAX; i++)
    {
      char *address = address_of (json_array_get (list, i));

      if (address != NULL)
        g_ptr_array_add (addresses, address);
    }
  g_ptr_array_add (addresses, NULL);
  self->addresses = (char **) g_ptr_array_free (addresses, FALSE);
  return self;
}

GPtrArray *
bs_qga_interfaces (BsQga *self, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) answer
      = bs_qga_call (self, "guest-network-get-interfaces", NULL, deadline_usec, cancellable, error);
  GPtrArray *list;

  if (answer == NULL)
    return NULL;
  if (!json_is_array (answer))
    {
      bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the agent's list of interfaces is none");
      return NULL;
    }
  list = g_ptr_array_new_with_free_func (interface_free);
  for (gsize i = 0; i < json_array_size (answer) && i < INTERFACES_MAX; i++)
    g_ptr_array_add (list, interface_of (json_array_get (answer, i)));
  return list;
}

gboolean
bs_qga_set_time (BsQga *self, gint64 clock_usec, gint64 deadline_usec, GCancellable *cancellable, GError **error)
{
  json_t *arguments = json_pack ("{s:I}", "time", (json_int_t) (clock_usec * 1000));
  g_autoptr (json_t) answer = bs_qga_call (self, "guest-set-time", arguments, deadline_usec, cancellable, error);

  return answer != NULL;
}
