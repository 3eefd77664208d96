/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-deploy.c — the user's files and folders, and variables, into a node
 *
 * A folder's content goes into the destination, so that deploying twice leaves the same; a file goes into a destination
 * that is a folder there, else becomes it. Owners on this host mean nothing in the node: without `owner`, all is
 * root's. `mode` is for files; folders get 'x' besides where it has 'r'. A destination that was there keeps its own
 * mode and owner: only what was deployed is changed.
 */
#include "bs-environment.h"
#include "bs-error.h"
#include "bs-provision-private.h"

#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 200

/* Paths in the node, each with its NUL, for xargs -0. */
typedef struct
{
  GByteArray *all, *files, *folders;
  gboolean foreign; /* something is not root's on this host */
} Listing;

static void
listing_clear (Listing *self)
{
  g_clear_pointer (&self->all, g_byte_array_unref);
  g_clear_pointer (&self->files, g_byte_array_unref);
  g_clear_pointer (&self->folders, g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Listing, listing_clear)

static void
list_path (GByteArray *list, const char *path)
{
  g_byte_array_append (list, (const guint8 *) path, (guint) strlen (path) + 1);
}

static gboolean list_folder (Listing *self, const char *source, const char *target, guint depth, GError **error);

static gboolean
list_entry (Listing *self, const char *source, const char *target, guint depth, GError **error)
{
  struct stat st;

  if (lstat (source, &st) != 0)
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", source);
      return FALSE;
    }
  self->foreign = self->foreign || st.st_uid != 0 || st.st_gid != 0;
  list_path (self->all, target);
  if (S_ISREG (st.st_mode))
    list_path (self->files, target);
  if (!S_ISDIR (st.st_mode))
    return TRUE;
  list_path (self->folders, target);
  return list_folder (self, source, target, depth + 1, error);
}

static gboolean
list_folder (Listing *self, const char *source, const char *target, guint depth, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) dir = depth <= DEPTH_MAX ? g_dir_open (source, 0, &local) : NULL;
  const char *name;

  if (dir == NULL)
    {
      bs_set_error (error, BS_ERROR_FAILED, NULL, "cannot read '%s': %s", source,
                    local != NULL ? local->message : "its folders are too deep");
      return FALSE;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (source, name, NULL), *to = g_build_filename (target, name, NULL);

      if (!list_entry (self, from, to, depth, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
change (const BsProvision *self, const char *program, const char *value, GByteArray *paths, GError **error)
{
  const char *const argv[] = { "xargs", "-0", program, value, "--", NULL };
  const char *const owner[] = { "xargs", "-0", program, "-h", value, "--", NULL };
  g_autoptr (GBytes) input = g_bytes_new_static (paths->data, paths->len);

  return paths->len == 0
         || bs_remote_run (self->remote, strcmp (program, "chown") == 0 ? owner : argv, NULL, input, NULL, error);
}

/* The owner first: changing it takes set-user-id bits away. */
static gboolean
apply (const BsProvision *self, const BsTopologyDeploy *deploy, const Listing *listing, GError **error)
{
  guint mode = (guint) deploy->mode & 07777;
  g_autofree char *file_mode = g_strdup_printf ("%04o", mode);
  g_autofree char *folder_mode = g_strdup_printf ("%04o", mode | (mode & 0444) >> 2);

  if ((deploy->owner != NULL || listing->foreign)
      && !change (self, "chown", deploy->owner != NULL ? deploy->owner : "0:0", listing->all, error))
    return FALSE;
  return deploy->mode < 0
         || (change (self, "chmod", file_mode, listing->files, error)
             && change (self, "chmod", folder_mode, listing->folders, error));
}

/* $1 destination, $2 "file", "into" (a file into a folder) or "folder". */
static const char place_script[] = "set -eu\n"
                                   "if [ -d \"$1\" ]; then echo there; exit 0; fi\n"
                                   "if [ \"$2\" = file ]; then\n"
                                   "  parent=${1%/*}\n"
                                   "  mkdir -p \"${parent:-/}\"\n"
                                   "else\n"
                                   "  mkdir -p \"$1\"\n"
                                   "fi\n"
                                   "echo new\n";

/* @target: without slash at its end. @there: (out): whether it is a folder already. */
static gboolean
prepare_place (const BsProvision *self, const char *target, const char *kind, gboolean *there, GError **error)
{
  const char *const arguments[] = { target, kind, NULL };
  g_autofree char *output = NULL, *what = g_strdup_printf ("make a place for '%s'", target);

  if (!bs_remote_script (self->remote, what, place_script, arguments, NULL, &output, error))
    return FALSE;
  *there = g_str_has_prefix (output, "there");
  return TRUE;
}

static gboolean
deploy_file (const BsProvision *self, const BsTopologyDeploy *deploy, const char *source, const char *target,
             Listing *listing, GError **error)
{
  gboolean into = g_str_has_suffix (deploy->destination, "/"), there = FALSE;
  g_autofree char *name = g_path_get_basename (deploy->source), *final = NULL;

  if (!prepare_place (self, target, into ? "into" : "file", &there, error))
    return FALSE;
  final = into || there ? g_build_filename (target, name, NULL) : g_strdup (target);
  return list_entry (listing, source, final, 0, error) && self->remote->copy_in (self->remote, source, final, error)
         && apply (self, deploy, listing, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Each on its own, so that the folder's own mode and owner stay here. */
static gboolean
copy_children (const BsProvision *self, const char *source, const char *target, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *into = g_str_has_suffix (target, "/") ? g_strdup (target) : g_strconcat (target, "/", NULL);
  g_autoptr (GDir) dir = g_dir_open (source, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *child = g_build_filename (source, g_ptr_array_index (names, i), NULL);

      if (!self->remote->copy_in (self->remote, child, into, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
deploy_folder (const BsProvision *self, const BsTopologyDeploy *deploy, const char *source, const char *target,
               Listing *listing, GError **error)
{
  gboolean there = FALSE;

  if (!prepare_place (self, target, "folder", &there, error))
    return FALSE;
  if (!there)
    {
      list_path (listing->all, target);
      list_path (listing->folders, target);
    }
  return list_folder (listing, source, target, 0, error) && copy_children (self, source, target, error)
         && apply (self, deploy, listing, error);
}

static gboolean
deploy_one (const BsProvision *self, const BsTopologyDeploy *deploy, GError **error)
{
  g_auto (Listing) listing = { g_byte_array_new (), g_byte_array_new (), g_byte_array_new (), FALSE };
  g_autofree char *path = bs_provision_host_path (self->folder, deploy->source);
  g_autofree char *source = g_canonicalize_filename (path, NULL), *target = g_strdup (deploy->destination);
  char *real = realpath (source, NULL);
  struct stat st;
  gboolean ok;

  while (strlen (target) > 1 && g_str_has_suffix (target, "/"))
    target[strlen (target) - 1] = '\0';
  if (real == NULL || stat (real, &st) != 0)
    {
      bs_set_error_errno (error, errno, "cannot read '%s'", source);
      free (real);
      return FALSE;
    }
  ok = S_ISDIR (st.st_mode) ? deploy_folder (self, deploy, real, target, &listing, error)
                            : deploy_file (self, deploy, real, target, &listing, error);
  free (real);
  return ok;
}

gboolean
bs_provision_deploy (const BsProvision *self, GError **error)
{
  for (guint i = 0; i < bs_provision_count (self->node->deploy); i++)
    {
      const BsTopologyDeploy *deploy = g_ptr_array_index (self->node->deploy, i);

      bs_provision_tell (self, "deploying %s", deploy->source);
      if (deploy_one (self, deploy, error))
        continue;
      g_prefix_error (error, "cannot deploy '%s' to '%s': ", deploy->source, deploy->destination);
      return bs_provision_at (FALSE, self->file, deploy->at, error);
    }
  return TRUE;
}

gboolean
bs_provision_env (const BsProvision *self, GError **error)
{
  char *script = bs_environment_script (self->node->env);
  g_autoptr (GBytes) input = g_bytes_new_take (script, strlen (script));

  bs_provision_tell (self, "setting variables");
  return bs_provision_at (
      bs_remote_script (self->remote, "set the node's variables", "exec sh -s", NULL, input, NULL, error), self->file,
      self->node->at, error);
}
