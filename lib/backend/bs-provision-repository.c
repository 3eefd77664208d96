/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-repository.c — extra sources of packages and the keys that sign them, put into the machine */
#include "bs-provision-repository.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-repository.h"

#include <string.h>

#define KEY_MAX_BYTES ((gsize) 1024 * 1024)
#define ARMOUR "-----BEGIN PGP PUBLIC KEY BLOCK-----"

gboolean
bs_provision_fetch (const BsProvision *self, const BsPackageTool *tool, const char *url, const char *path,
                    GError **error)
{
  const char *const apt[]
      = { "/usr/lib/apt/apt-helper", "download-file", url, path, "--option=Acquire::Retries=2", NULL },
      *const curl[] = { "curl", "--fail", "--silent", "--show-error", "--location", "--output", path, "--", url, NULL },
             *const wget[] = { "wget", "-q", "-O", path, "--", url, NULL };
  gboolean is_apt = strcmp (tool->name, "apt-get") == 0;

  return bs_package_run (self->remote, is_apt ? apt : strcmp (tool->name, "dnf") == 0 ? curl : wget, NULL, error);
}

/* $1 what was fetched, $2 where it belongs, without suffix. Tells the whole path. */
static const char place_key_script[] = "set -eu\n"
                                       "suffix=gpg\n"
                                       "if grep -q -e '" ARMOUR "' \"$1\"; then suffix=asc; fi\n"
                                       "chmod 0644 \"$1\"\n"
                                       "mv -f \"$1\" \"$2.$suffix\"\n"
                                       "echo \"$2.$suffix\"\n";

/* A keyring that apt reads, in place. @path: (out) (transfer full) */
static gboolean
fetch_apt_key (const BsProvision *self, const BsPackageTool *tool, const char *url, const char *stem, char **path,
               GError **error)
{
  g_autofree char *temporary = g_strconcat (stem, ".new", NULL);
  const char *const folder[] = { "mkdir", "-p", "/etc/apt/keyrings", NULL };
  const char *const arguments[] = { temporary, stem, NULL };

  if (!bs_remote_run (self->remote, folder, NULL, NULL, NULL, error)
      || !bs_provision_fetch (self, tool, url, temporary, error)
      || !bs_remote_script (self->remote, "keep the repository's key", place_key_script, arguments, NULL, path, error))
    return FALSE;
  g_strchomp (*path);
  return TRUE;
}

static char *
read_key (const BsProvision *self, const char *key, gsize *length, GError **error)
{
  g_autofree char *path = bs_provision_host_path (self->folder, key);
  char *content = bs_file_read (AT_FDCWD, path, KEY_MAX_BYTES, length, error);

  if (content == NULL)
    g_prefix_error (error, "cannot read the repository's key: ");
  return content;
}

static gboolean
write_apt_key (const BsProvision *self, const char *key, const char *stem, char **path, GError **error)
{
  gsize length;
  g_autofree char *content = read_key (self, key, &length, error);

  if (content == NULL)
    return FALSE;
  *path = g_strconcat (stem, strstr (content, ARMOUR) != NULL ? ".asc" : ".gpg", NULL);
  return bs_remote_write (self->remote, *path, content, length, 0644, NULL, FALSE, error);
}

static gboolean
add_apt (const BsProvision *self, const BsPackageTool *tool, const BsTopologyPackage *entry, GError **error)
{
  g_autofree char *id = bs_repository_id (entry->repository, entry->key);
  g_autofree char *stem = g_strconcat ("/etc/apt/keyrings/", id, NULL);
  g_autofree char *path = g_strconcat ("/etc/apt/sources.list.d/", id, ".sources", NULL);
  g_autofree char *key = NULL, *text = NULL;

  if (entry->key != NULL
      && !(bs_provision_is_url (entry->key) ? fetch_apt_key (self, tool, entry->key, stem, &key, error)
                                            : write_apt_key (self, entry->key, stem, &key, error)))
    return FALSE;
  text = bs_repository_deb822 (entry->repository, key, error);
  return text != NULL && bs_remote_write (self->remote, path, text, strlen (text), 0644, NULL, FALSE, error);
}

static gboolean
add_dnf (const BsProvision *self, const BsTopologyPackage *entry, GError **error)
{
  g_autofree char *id = bs_repository_id (entry->repository, entry->key);
  g_autofree char *path = g_strconcat ("/etc/yum.repos.d/", id, ".repo", NULL);
  g_autofree char *key = g_strconcat ("/etc/pki/rpm-gpg/", id, NULL), *text = NULL, *content = NULL;
  gsize length;

  if (entry->key == NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, "add key: FILE-OR-URL", "repository '%s' has no key", entry->repository);
      return FALSE;
    }
  if (!bs_provision_is_url (entry->key)
      && ((content = read_key (self, entry->key, &length, error)) == NULL
          || !bs_remote_write (self->remote, key, content, length, 0644, NULL, FALSE, error)))
    return FALSE;
  text = bs_repository_dnf (entry->repository, id, content != NULL ? key : entry->key);
  return bs_remote_write (self->remote, path, text, strlen (text), 0644, NULL, FALSE, error);
}

/* apk finds a key by its file's name, which the index names, so it is kept. */
static gboolean
add_apk (const BsProvision *self, const BsPackageTool *tool, const BsTopologyPackage *entry, GError **error)
{
  static const char script[]
      = "grep -qxF -e \"$1\" /etc/apk/repositories || printf '%s\\n' \"$1\" >> /etc/apk/repositories\n";
  const char *const arguments[] = { entry->repository, NULL };
  g_autofree char *name = entry->key != NULL ? g_path_get_basename (entry->key) : NULL;
  g_autofree char *path = g_strconcat ("/etc/apk/keys/", name, NULL), *content = NULL;
  gsize length;

  if (entry->key != NULL && bs_provision_is_url (entry->key))
    {
      if (!bs_provision_fetch (self, tool, entry->key, path, error))
        return FALSE;
    }
  else if (entry->key != NULL
           && ((content = read_key (self, entry->key, &length, error)) == NULL
               || !bs_remote_write (self->remote, path, content, length, 0644, NULL, FALSE, error)))
    return FALSE;
  return bs_remote_script (self->remote, "name the repository to apk", script, arguments, NULL, NULL, error);
}

gboolean
bs_provision_repository (const BsProvision *self, const BsPackageTool *tool, const BsTopologyPackage *entry,
                         GError **error)
{
  gboolean is_apt = strcmp (tool->name, "apt-get") == 0;
  BsRepositoryKind kind;

  if (!bs_repository_check (entry->repository, &kind, error))
    return FALSE;
  if (is_apt != (kind == BS_REPOSITORY_APT))
    {
      bs_set_error (error, BS_ERROR_INVALID,
                    is_apt ? "write \"deb URL SUITE COMPONENT\"" : "write the URL of the repository alone",
                    "'%s' is no repository for %s, which this image has", entry->repository, tool->name);
      return FALSE;
    }
  if (is_apt)
    return add_apt (self, tool, entry, error);
  return strcmp (tool->name, "dnf") == 0 ? add_dnf (self, entry, error) : add_apk (self, tool, entry, error);
}
