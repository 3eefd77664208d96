/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-check.c — what can be known to fail before a machine is there */
#include "bs-environment.h"
#include "bs-error.h"
#include "bs-name.h"
#include "bs-provision-private.h"
#include "bs-repository.h"

#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  const char *file, *folder;
  GError **error;
} Check;

typedef gboolean (*Judge) (const char *text, const char **problem);

/* @secret: is not shown. */
static gboolean
judge (const Check *self, BsPosition at, const char *what, Judge is_good, const char *text, gboolean secret)
{
  const char *problem = NULL;
  g_autofree char *shown = NULL;

  if (text == NULL || is_good (text, &problem))
    return TRUE;
  shown = g_strescape (text, NULL);
  if (secret)
    bs_set_error (self->error, BS_ERROR_INVALID, NULL, "the %s cannot be used: %s", what, problem);
  else
    bs_set_error (self->error, BS_ERROR_INVALID, NULL, "'%s' cannot be a %s: %s", shown, what, problem);
  return bs_provision_at (FALSE, self->file, at, self->error);
}

static gboolean
readable (const Check *self, BsPosition at, const char *name, gboolean regular)
{
  g_autofree char *path = bs_provision_host_path (self->folder, name);
  struct stat st;

  if (stat (path, &st) != 0 || access (path, R_OK) != 0)
    bs_set_error_errno (self->error, errno, "cannot read '%s'", path);
  else if (!S_ISREG (st.st_mode) && (regular || !S_ISDIR (st.st_mode)))
    bs_set_error (self->error, BS_ERROR_INVALID, NULL, "'%s' is not a regular file%s", path,
                  regular ? "" : " or folder");
  else
    return TRUE;
  return bs_provision_at (FALSE, self->file, at, self->error);
}

static gboolean
is_package (const char *name, const char **problem)
{
  /* At the end, '-' would ask apt to remove it. */
  *problem = "a package's name consists of letters, digits and + - . _ : ~ = / @, and begins with a letter or digit";
  return g_regex_match_simple ("^@?[A-Za-z0-9][A-Za-z0-9+._:~=/@-]*(?<!-)$", name, G_REGEX_DOLLAR_ENDONLY, 0);
}

static gboolean
is_url (const char *name, const char **problem)
{
  *problem = "it is no URL of printable characters";
  return g_regex_match_simple ("^https?://[!-~]+$", name, G_REGEX_DOLLAR_ENDONLY, 0);
}

static gboolean
check_key (const Check *self, const BsTopologyPackage *entry)
{
  if (entry->key == NULL)
    return TRUE;
  if (bs_provision_is_url (entry->key))
    return judge (self, entry->at, "key's URL", is_url, entry->key, FALSE);
  return readable (self, entry->at, entry->key, TRUE);
}

static gboolean
check_package (const Check *self, const BsTopologyPackage *entry)
{
  BsRepositoryKind kind;

  if (entry->repository != NULL && !bs_repository_check (entry->repository, &kind, self->error))
    return bs_provision_at (FALSE, self->file, entry->at, self->error);
  if (!check_key (self, entry))
    return FALSE;
  if (entry->kind == BS_PACKAGE_FILE)
    return readable (self, entry->at, entry->name, TRUE);
  if (entry->kind == BS_PACKAGE_URL)
    return judge (self, entry->at, "package's URL", is_url, entry->name, FALSE);
  return judge (self, entry->at, "package", is_package, entry->name, FALSE);
}

static gboolean
check_packages (const Check *self, const BsTopologyNode *node)
{
  g_autoptr (GPtrArray) all = bs_provision_all_packages (node);

  for (guint i = 0; i < all->len; i++)
    if (!check_package (self, g_ptr_array_index (all, i)))
      return FALSE;
  return TRUE;
}

static gboolean
check_init (const Check *self, const BsTopologyCloudInit *init)
{
  if (!judge (self, init->at, "user", bs_name_is_user, init->user, FALSE)
      || !judge (self, init->at, "password", bs_name_is_password, init->password, TRUE)
      || !judge (self, init->at, "host name", bs_name_is_host, init->hostname, FALSE))
    return FALSE;
  for (char **key = init->ssh_authorized_keys; key != NULL && *key != NULL; key++)
    if (!judge (self, init->at, "SSH key", bs_name_is_ssh_key, *key, FALSE))
      return FALSE;
  for (guint i = 0; i < bs_provision_count (init->write_files); i++)
    {
      const BsTopologyFile *file = g_ptr_array_index (init->write_files, i);

      if (!judge (self, file->at, "file's path", bs_name_is_path, file->path, FALSE)
          || !judge (self, file->at, "file's owner", bs_name_is_owner, file->owner, FALSE))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_deploy (const Check *self, const BsTopologyDeploy *deploy)
{
  return readable (self, deploy->at, deploy->source, FALSE)
         && judge (self, deploy->at, "destination", bs_name_is_path, deploy->destination, FALSE)
         && judge (self, deploy->at, "file's owner", bs_name_is_owner, deploy->owner, FALSE);
}

gboolean
bs_provision_check (const BsTopologyNode *node, const char *file, const char *folder, GError **error)
{
  Check self = { file, folder, error };

  if (!check_packages (&self, node) || (node->cloud_init != NULL && !check_init (&self, node->cloud_init)))
    return FALSE;
  for (char **variable = node->env; variable != NULL && *variable != NULL; variable++)
    if (!bs_environment_check (*variable, error))
      return bs_provision_at (FALSE, file, node->at, error);
  for (guint i = 0; i < bs_provision_count (node->deploy); i++)
    if (!check_deploy (&self, g_ptr_array_index (node->deploy, i)))
      return FALSE;
  return TRUE;
}
