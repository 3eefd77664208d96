/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-libvirt-subnets.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-subnet.h"

#define DEFINITION_MAX (1024 * 1024)

/* Contiguous ones, then zeros. */
static gboolean
prefix_of_netmask (const char *netmask, guint *prefix)
{
  guint32 mask;

  if (!bs_ipv4_parse (netmask, &mask) || (~mask & (~mask + 1)) != 0)
    return FALSE;
  *prefix = mask == 0 ? 0 : 32 - (guint) __builtin_ctz (mask);
  return TRUE;
}

/* Without netmask and prefix, libvirt goes by the address's class. */
static guint
prefix_of_class (guint32 address)
{
  if (address >> 31 == 0)
    return 8;
  return address >> 30 == 2 ? 16 : 24;
}

static void
add_address (const char *text, const char *netmask, const char *prefix_text, GHashTable *subnets)
{
  g_autoptr (BsSubnet) subnet = NULL;
  guint32 address;
  guint64 number;
  guint prefix;

  if (text == NULL || !bs_ipv4_parse (text, &address))
    return;
  prefix = prefix_of_class (address);
  if (prefix_text != NULL && g_ascii_string_to_unsigned (prefix_text, 10, 0, 32, &number, NULL))
    prefix = (guint) number;
  else if (netmask != NULL && !prefix_of_netmask (netmask, &prefix))
    return;
  subnet = bs_subnet_new (address, prefix);
  g_hash_table_add (subnets, bs_subnet_format (subnet));
}

/* <network> <ip address= netmask=|prefix= family=/> <route …the same…/> </network> */
static void
on_element (GMarkupParseContext *context, const char *element, const char **names, const char **values,
            gpointer user_data, GError **error)
{
  const GSList *open = g_markup_parse_context_get_element_stack (context);
  const char *address = NULL, *netmask = NULL, *prefix = NULL;

  if (!g_str_equal (element, "ip") && !g_str_equal (element, "route"))
    return;
  if (open->next == NULL || !g_str_equal (open->next->data, "network"))
    return;
  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], "address"))
      address = values[i];
    else if (g_str_equal (names[i], "netmask"))
      netmask = values[i];
    else if (g_str_equal (names[i], "prefix"))
      prefix = values[i];
  add_address (address, netmask, prefix, user_data);
}

gboolean
bs_libvirt_subnets_parse (const char *xml, gsize length, GHashTable *subnets)
{
  static const GMarkupParser parser = { .start_element = on_element };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, subnets, NULL);

  return g_markup_parse_context_parse (context, xml, (gssize) length, NULL)
         && g_markup_parse_context_end_parse (context, NULL);
}

void
bs_libvirt_subnets_collect (const char *folder, GHashTable *subnets)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *xml = NULL;
      gsize length;

      if (g_str_has_suffix (name, ".xml")
          && (xml = bs_file_read (AT_FDCWD, path, DEFINITION_MAX, &length, NULL)) != NULL)
        bs_libvirt_subnets_parse (xml, length, subnets);
    }
}
