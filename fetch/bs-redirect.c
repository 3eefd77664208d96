/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-redirect.h"
#include "bs-error.h"

#include <string.h>

/* Parts that are escaped in the address stay so. */
#define FLAGS (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE)

char *
bs_redirect_show (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, FLAGS, NULL);

  return uri != NULL ? g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO) : g_strdup ("?");
}

static gboolean
is_https (const GUri *uri)
{
  return strcmp (g_uri_get_scheme ((GUri *) uri), "https") == 0;
}

static gboolean
refuse (GError **error, const char *from, const char *why)
{
  g_autofree char *shown = bs_redirect_show (from);

  bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "'%s' redirects %s", shown, why);
  return FALSE;
}

static gboolean
check (const GPtrArray *seen, const GUri *base, const GUri *target, const char *text, GError **error)
{
  const char *from = g_ptr_array_index (seen, seen->len - 1), *scheme = g_uri_get_scheme ((GUri *) target);

  if ((strcmp (scheme, "http") != 0 && strcmp (scheme, "https") != 0) || g_uri_get_host ((GUri *) target) == NULL
      || g_uri_get_host ((GUri *) target)[0] == '\0')
    return refuse (error, from, "to what is no web address");
  if (is_https (base) && !is_https (target))
    return refuse (error, from, "from https to http, which anybody on the way could change");
  for (guint i = 0; i < seen->len; i++)
    if (strcmp (g_ptr_array_index (seen, i), text) == 0)
      return refuse (error, from, "in a ring");
  if (seen->len > BS_REDIRECTS_MAX)
    return refuse (error, from, "too often");
  return TRUE;
}

gboolean
bs_redirect_resolve (GPtrArray *seen, const char *location, GError **error)
{
  const char *from = g_ptr_array_index (seen, seen->len - 1);
  g_autoptr (GUri) base = g_uri_parse (from, FLAGS, error), target = NULL;
  g_autofree char *text = NULL;

  if (base == NULL)
    return FALSE;
  if (location != NULL)
    target = g_uri_parse_relative (base, location, FLAGS, NULL);
  if (target == NULL)
    return refuse (error, from, "to what is no web address");
  text = g_uri_to_string (target);
  if (!check (seen, base, target, text, error))
    return FALSE;
  g_ptr_array_add (seen, g_steal_pointer (&text));
  return TRUE;
}
