/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lab-capture-subject.h"
#include "bs-error.h"
#include "bs-lab-net-private.h"

#include <string.h>

static json_t *
interfaces_of (BsLab *lab, const char *node, GError **error)
{
  const json_t *member = bs_lab_find_node (lab, node, error);

  return member != NULL ? json_object_get (member, "interfaces") : NULL;
}

/* @end: as of bs_lab_net_end_of() */
static gboolean
is_of (const json_t *end, size_t interface)
{
  return bs_json_int (end, "interface", (gint64) interface) == (gint64) interface;
}

static json_t *
about_end (BsLab *lab, const char *text, GError **error)
{
  g_autoptr (json_t) end = bs_lab_net_end_of (lab, text, error);
  const char *node = end != NULL ? bs_json_string (end, "node", "") : NULL;
  const json_t *interfaces = node != NULL ? interfaces_of (lab, node, error) : NULL;
  json_t *list = json_array ();

  for (size_t i = 0; i < json_array_size (interfaces); i++)
    if (is_of (end, i))
      json_array_append_new (list, json_pack ("{s:s, s:i}", "node", node, "interface", (int) i));
  if (json_array_size (list) > 0)
    return list;
  if (end != NULL)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "node '%s' has no interface", node);
  json_decref (list);
  return NULL;
}

static const char *
network_of (BsLab *lab, const json_t *about)
{
  const json_t *interfaces = interfaces_of (lab, bs_json_string (about, "node", ""), NULL);

  return bs_json_string (json_array_get (interfaces, (size_t) bs_json_int (about, "interface", 0)), "network", "");
}

/* One tap for each two interfaces of both that share a network. */
static json_t *
about_pair (BsLab *lab, const char *text, GError **error)
{
  g_auto (GStrv) ends = g_strsplit (text, ":", -1);
  g_autoptr (json_t) from = NULL, to = NULL, list = json_array ();

  if (g_strv_length (ends) != 2)
    {
      bs_set_error (error, BS_ERROR_INVALID, "write A:B, each a node or NODE/INTERFACE", "'%s' is no pair", text);
      return NULL;
    }
  from = about_end (lab, ends[0], error);
  to = from != NULL ? about_end (lab, ends[1], error) : NULL;
  for (size_t i = 0; to != NULL && i < json_array_size (from); i++)
    for (size_t j = 0; j < json_array_size (to); j++)
      {
        const json_t *a = json_array_get (from, i), *b = json_array_get (to, j);
        json_t *about;

        if (json_equal (a, b) || strcmp (network_of (lab, a), network_of (lab, b)) != 0)
          continue;
        about = json_copy ((json_t *) a);
        json_object_set (about, "peer", (json_t *) b);
        json_array_append_new (list, about);
      }
  if (to != NULL && json_array_size (list) == 0)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "'%s': they share no network", text);
  return json_array_size (list) > 0 ? g_steal_pointer (&list) : NULL;
}

static json_t *
about_network (BsLab *lab, const char *name, GError **error)
{
  int index = bs_lab_net_find_network (lab, name);

  if (index >= 0)
    return json_pack ("[{s:i}]", "network", index);
  bs_set_error (error, BS_ERROR_NOT_FOUND, "`benchscale net show` lists them", "the lab has no network '%s'", name);
  return NULL;
}

json_t *
bs_lab_capture_subjects (BsLab *lab, const BsLabCaptureSpec *spec, GError **error)
{
  if ((spec->node != NULL) + (spec->interface != NULL) + (spec->pair != NULL) + (spec->network != NULL) > 1)
    {
      bs_set_error (error, BS_ERROR_INVALID, "capture several in commands of their own",
                    "a capture is of one node, interface, pair or network");
      return NULL;
    }
  if (spec->interface != NULL && strchr (spec->interface, '/') == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, "write NODE/INTERFACE", "'%s' is no interface", spec->interface);
      return NULL;
    }
  if (spec->interface != NULL || spec->node != NULL)
    return about_end (lab, spec->interface != NULL ? spec->interface : spec->node, error);
  if (spec->pair != NULL)
    return about_pair (lab, spec->pair, error);
  return spec->network != NULL ? about_network (lab, spec->network, error) : json_pack ("[{}]");
}
