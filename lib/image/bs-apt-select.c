/* SPDX-License-Identifier: Apache-2.0 */
/* bs-apt-select.c — which of the host's sources are Debian's own for a release */
#include "bs-apt-sources.h"
#include "bs-error.h"
#include "bs-file.h"

#include <string.h>

#define RELEASE_MAX (4 * 1024 * 1024)
#define COMPONENT "main"

typedef struct
{
  const char *release;
  const char *lists_dir;
  GPtrArray *chosen;           /* sources of the release */
  const BsAptSource *main;     /* (nullable) of another release of Debian */
  const BsAptSource *security; /* (nullable) */
} Choice;

char *
bs_apt_source_list_path (const BsAptSource *source, const char *lists_dir, const char *leaf)
{
  const char *at = strstr (source->uri, "://") + strlen ("://");
  const char *login = strchr (at, '@'), *slash = strchr (at, '/');
  g_autoptr (GString) name = g_string_new (NULL);
  g_autofree char *whole = NULL;

  if (login != NULL && (slash == NULL || login < slash))
    at = login + 1;
  whole = g_strdup_printf ("%s/dists/%s/%s", at, source->suite, leaf);
  for (const char *c = whole; *c != '\0'; c++)
    if (*c == '/')
      g_string_append_c (name, '_');
    else if (strchr ("\\|{}[]<>\"^~_=!@#$%&*", *c) != NULL)
      g_string_append_printf (name, "%%%02x", (guint) (guchar) *c);
    else
      g_string_append_c (name, *c);
  return g_build_filename (lists_dir, name->str, NULL);
}

/* The value of a line "Field: value"; (transfer full) (nullable) */
static char *
release_field (const char *text, const char *name)
{
  g_autofree char *start = g_strdup_printf ("\n%s: ", name);
  const char *at = strstr (text, start);

  if (at == NULL)
    return NULL;
  at += strlen (start);
  return g_strchomp (g_strndup (at, strcspn (at, "\n")));
}

static char *
read_release (const BsAptSource *source, const char *lists_dir)
{
  static const char *const leaves[] = { "InRelease", "Release" };

  for (guint i = 0; i < G_N_ELEMENTS (leaves); i++)
    {
      g_autofree char *path = bs_apt_source_list_path (source, lists_dir, leaves[i]);
      g_autofree char *text = bs_file_read (AT_FDCWD, path, RELEASE_MAX, NULL, NULL);

      if (text != NULL)
        return g_strconcat ("\n", text, NULL);
    }
  return NULL;
}

/* Before apt has ever fetched it: others publish suites of the same name too, but not from a folder of this name or
 * with Debian's keys. */
static gboolean
looks_like_debian (const BsAptSource *source)
{
  return g_str_has_suffix (source->uri, "/debian") || g_str_has_suffix (source->uri, "/debian-security")
         || (source->signed_by != NULL && strstr (source->signed_by, "/debian-archive-") != NULL);
}

/* The codename ("bookworm-security") when it is Debian's; (transfer full) (nullable) */
static char *
debian_codename (const BsAptSource *source, const char *lists_dir)
{
  g_autofree char *text = read_release (source, lists_dir);
  g_autofree char *origin = text != NULL ? release_field (text, "Origin") : NULL;

  if (text == NULL)
    return looks_like_debian (source) ? g_strdup (source->suite) : NULL;
  return g_strcmp0 (origin, "Debian") == 0 ? release_field (text, "Codename") : NULL;
}

static BsAptSource *
copy_for (const BsAptSource *source, const char *suite)
{
  BsAptSource *copy = g_new0 (BsAptSource, 1);

  copy->uri = g_strdup (source->uri);
  copy->suite = g_strdup (suite);
  copy->components = g_strdup (source->components);
  copy->signed_by = g_strdup (source->signed_by);
  copy->trusted = source->trusted;
  return copy;
}

static void
consider (Choice *choice, const BsAptSource *source)
{
  g_auto (GStrv) components = g_strsplit (source->components, " ", -1);
  g_autofree char *codename = NULL;
  const char *part;

  if (!g_strv_contains ((const char *const *) components, COMPONENT))
    return;
  codename = debian_codename (source, choice->lists_dir);
  if (codename == NULL)
    return;
  part = strchr (codename, '-');
  if (part != NULL && strcmp (part, "-updates") != 0 && strcmp (part, "-security") != 0)
    return;
  if (strlen (choice->release) == (part != NULL ? (gsize) (part - codename) : strlen (codename))
      && g_str_has_prefix (codename, choice->release))
    g_ptr_array_add (choice->chosen, copy_for (source, codename));
  else if (part == NULL && choice->main == NULL)
    choice->main = source;
  else if (part != NULL && strcmp (part, "-security") == 0 && choice->security == NULL)
    choice->security = source;
}

static gboolean
has_suite (GPtrArray *sources, const char *suite)
{
  for (guint i = 0; i < sources->len; i++)
    if (g_str_equal (((const BsAptSource *) g_ptr_array_index (sources, i))->suite, suite))
      return TRUE;
  return FALSE;
}

static void
derive (Choice *choice)
{
  g_autofree char *updates = g_strconcat (choice->release, "-updates", NULL);
  g_autofree char *security = g_strconcat (choice->release, "-security", NULL);

  g_ptr_array_set_size (choice->chosen, 0);
  g_ptr_array_add (choice->chosen, copy_for (choice->main, choice->release));
  g_ptr_array_add (choice->chosen, copy_for (choice->main, updates));
  if (choice->security != NULL)
    g_ptr_array_add (choice->chosen, copy_for (choice->security, security));
}

GPtrArray *
bs_apt_sources_for (GPtrArray *sources, const char *release, const char *lists_dir, GError **error)
{
  Choice choice = { .release = release, .lists_dir = lists_dir };

  choice.chosen = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_apt_source_free);
  for (guint i = 0; i < sources->len; i++)
    consider (&choice, g_ptr_array_index (sources, i));
  if (!has_suite (choice.chosen, release) && choice.main != NULL)
    derive (&choice);
  if (has_suite (choice.chosen, release))
    return choice.chosen;
  g_ptr_array_unref (choice.chosen);
  bs_set_error (error, BS_ERROR_HOST,
                "name a mirror of Debian in /etc/apt/sources.list.d/debian.sources, with its keyring "
                "(package debian-archive-keyring), and run 'apt-get update'",
                "apt has no source for Debian's release '%s'", release);
  return NULL;
}
