/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-subnet.h"
#include "bs-error.h"

#include <string.h>

struct _BsSubnet
{
  guint32 first, last;
  guint prefix;
  guint64 next;                          /* no address below it is free to take */
  guint32 excluded_first, excluded_last; /* none when first > last */
  GHashTable *taken;                     /* set of addresses; NULL until one is */
};

static guint32
host_mask (guint prefix)
{
  return prefix == 0 ? G_MAXUINT32 : (guint32) ((1ull << (32 - prefix)) - 1);
}

BsSubnet *
bs_subnet_new (guint32 address, guint prefix)
{
  BsSubnet *self = g_new0 (BsSubnet, 1);

  g_return_val_if_fail (prefix <= 32, self);
  self->prefix = prefix;
  self->first = address & ~host_mask (prefix);
  self->last = address | host_mask (prefix);
  self->next = (guint64) self->first + 2;
  self->excluded_first = 1;
  return self;
}

void
bs_subnet_free (BsSubnet *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->taken, g_hash_table_unref);
  g_free (self);
}

static gboolean
parse_prefix (const char *text, guint *prefix)
{
  if (!g_ascii_isdigit (text[0]) || strspn (text, "0123456789") != strlen (text) || strlen (text) > 2
      || (text[0] == '0' && text[1] != '\0'))
    return FALSE;
  *prefix = (guint) g_ascii_strtoull (text, NULL, 10);
  return *prefix <= 32;
}

static gboolean
parse_cidr (const char *text, guint32 *address, guint *prefix, GError **error)
{
  const char *slash = strchr (text, '/');
  g_autofree char *part = g_strndup (text, slash != NULL ? (gsize) (slash - text) : strlen (text));

  if (slash == NULL)
    bs_set_error (error, BS_ERROR_INVALID, "write it as 10.1.0.0/24", "subnet '%s' has no prefix length", text);
  else if (!bs_ipv4_parse (part, address))
    bs_set_error (error, BS_ERROR_INVALID, "write it as 10.1.0.0/24", "subnet '%s': '%s' is no IPv4 address", text,
                  part);
  else if (!parse_prefix (slash + 1, prefix))
    bs_set_error (error, BS_ERROR_INVALID, "it is a number from 0 to 32", "subnet '%s': '%s' is no prefix length", text,
                  slash + 1);
  else
    return TRUE;
  return FALSE;
}

BsSubnet *
bs_subnet_parse_around (const char *text, GError **error)
{
  guint32 address;
  guint prefix;

  return parse_cidr (text, &address, &prefix, error) ? bs_subnet_new (address, prefix) : NULL;
}

BsSubnet *
bs_subnet_parse (const char *text, GError **error)
{
  g_autoptr (BsSubnet) self = NULL;
  guint32 address;
  guint prefix;

  if (!parse_cidr (text, &address, &prefix, error))
    return NULL;
  self = bs_subnet_new (address, prefix);
  if (self->first != address)
    {
      g_autofree char *canonical = bs_subnet_format (self);
      g_autofree char *hint = g_strdup_printf ("the subnet is %s", canonical);

      bs_set_error (error, BS_ERROR_INVALID, hint, "subnet '%s' has host bits set", text);
      return NULL;
    }
  return g_steal_pointer (&self);
}

guint32
bs_subnet_first (const BsSubnet *self)
{
  return self->first;
}

guint32
bs_subnet_last (const BsSubnet *self)
{
  return self->last;
}

guint
bs_subnet_prefix (const BsSubnet *self)
{
  return self->prefix;
}

char *
bs_subnet_format (const BsSubnet *self)
{
  g_autofree char *address = bs_ipv4_format (self->first);

  return g_strdup_printf ("%s/%u", address, self->prefix);
}

gboolean
bs_subnet_contains (const BsSubnet *self, guint32 address)
{
  return address >= self->first && address <= self->last;
}

gboolean
bs_subnet_overlaps (const BsSubnet *self, const BsSubnet *other)
{
  return self->first <= other->last && other->first <= self->last;
}

void
bs_subnet_exclude (BsSubnet *self, const BsSubnet *other)
{
  self->excluded_first = other->first;
  self->excluded_last = other->last;
}

static gboolean
is_excluded (const BsSubnet *self, guint32 address)
{
  return address >= self->excluded_first && address <= self->excluded_last;
}

static gboolean
is_taken (const BsSubnet *self, guint32 address)
{
  return self->taken != NULL && g_hash_table_contains (self->taken, GUINT_TO_POINTER (address));
}

static void
mark_taken (BsSubnet *self, guint32 address)
{
  if (self->taken == NULL)
    self->taken = g_hash_table_new (NULL, NULL);
  g_hash_table_add (self->taken, GUINT_TO_POINTER (address));
}

/* What an address that is no node's is for. */
static const char *
special_role (const BsSubnet *self, guint32 address)
{
  if (address == self->first)
    return "network";
  if (address == self->last)
    return "broadcast";
  return address == self->first + 1 ? "gateway" : NULL;
}

gboolean
bs_subnet_reserve (BsSubnet *self, guint32 address, GError **error)
{
  g_autofree char *text = bs_ipv4_format (address);
  g_autofree char *subnet = bs_subnet_format (self);
  const char *role = special_role (self, address);

  if (!bs_subnet_contains (self, address))
    bs_set_error (error, BS_ERROR_INVALID, NULL, "address '%s' is not in subnet '%s'", text, subnet);
  else if (role != NULL)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "address '%s' is the %s address of subnet '%s'", text, role, subnet);
  else if (is_excluded (self, address))
    bs_set_error (error, BS_ERROR_INVALID, NULL, "address '%s' of subnet '%s' is reserved", text, subnet);
  else if (is_taken (self, address))
    bs_set_error (error, BS_ERROR_EXISTS, NULL, "address '%s' of subnet '%s' is taken", text, subnet);
  else
    {
      mark_taken (self, address);
      return TRUE;
    }
  return FALSE;
}

gboolean
bs_subnet_take (BsSubnet *self, guint32 *address, GError **error)
{
  g_autofree char *subnet = NULL;

  for (; self->next < self->last; self->next++)
    {
      guint32 candidate = (guint32) self->next;

      if (is_excluded (self, candidate))
        self->next = self->excluded_last;
      else if (!is_taken (self, candidate))
        {
          mark_taken (self, candidate);
          *address = candidate;
          return TRUE;
        }
    }
  subnet = bs_subnet_format (self);
  bs_set_error (error, BS_ERROR_EXHAUSTED, NULL, "subnet '%s' has no free address left", subnet);
  return FALSE;
}
