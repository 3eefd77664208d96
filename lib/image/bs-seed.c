/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-seed.h"
#include "bs-command.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-yaml-writer.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All times in the ISO: 2020-01-01, as any. */
#define EPOCH 1577836800
#define EPOCH_TEXT "1577836800"

static void
write_keys (BsYamlWriter *yaml, const char *authorized, char **keys)
{
  if (authorized == NULL && (keys == NULL || keys[0] == NULL))
    return;
  bs_yaml_writer_begin_list (yaml, "ssh_authorized_keys");
  if (authorized != NULL)
    bs_yaml_writer_text (yaml, NULL, authorized);
  for (; keys != NULL && *keys != NULL; keys++)
    bs_yaml_writer_text (yaml, NULL, *keys);
  bs_yaml_writer_end_list (yaml);
}

/* crypt(5)'s form, as bs_provision_bake() and cloud-init see it */
static gboolean
is_hash (const char *password)
{
  return g_regex_match_simple ("^\\$(1|2a|2b|2y|5|6|7|y)(\\$[^$]+){2,}$", password, 0, 0);
}

/* The image's own user stays. */
static void
write_user (BsYamlWriter *yaml, const BsSeed *seed)
{
  if (seed->user == NULL)
    return;
  bs_yaml_writer_begin_list (yaml, "users");
  bs_yaml_writer_text (yaml, NULL, "default");
  bs_yaml_writer_begin_map (yaml, NULL);
  bs_yaml_writer_text (yaml, "name", seed->user);
  bs_yaml_writer_text (yaml, "shell", "/bin/sh");
  bs_yaml_writer_text (yaml, "sudo", "ALL=(ALL) NOPASSWD:ALL");
  bs_yaml_writer_bool (yaml, "lock_passwd", seed->password == NULL);
  if (seed->password != NULL)
    bs_yaml_writer_text (yaml, is_hash (seed->password) ? "passwd" : "plain_text_passwd", seed->password);
  write_keys (yaml, NULL, seed->ssh_authorized_keys);
  bs_yaml_writer_end_map (yaml);
  bs_yaml_writer_end_list (yaml);
}

static void
write_password (BsYamlWriter *yaml, const BsSeed *seed)
{
  bs_yaml_writer_bool (yaml, "ssh_pwauth", seed->password != NULL);
  if (seed->password == NULL || seed->user != NULL)
    return;
  bs_yaml_writer_text (yaml, "password", seed->password);
  bs_yaml_writer_begin_map (yaml, "chpasswd");
  bs_yaml_writer_bool (yaml, "expire", FALSE);
  bs_yaml_writer_end_map (yaml);
}

static void
write_host_key (BsYamlWriter *yaml, const BsSeed *seed)
{
  if (seed->host_key == NULL)
    return;
  bs_yaml_writer_bool (yaml, "ssh_deletekeys", TRUE);
  bs_yaml_writer_begin_map (yaml, "ssh_keys");
  bs_yaml_writer_text (yaml, "ed25519_private", seed->host_key);
  bs_yaml_writer_text (yaml, "ed25519_public", seed->host_key_public);
  bs_yaml_writer_end_map (yaml);
}

static void
write_hosts (BsYamlWriter *yaml, const BsSeed *seed)
{
  bs_yaml_writer_bool (yaml, "manage_etc_hosts", FALSE);
  if (seed->hosts == NULL)
    return;
  bs_yaml_writer_begin_list (yaml, "write_files");
  bs_yaml_writer_begin_map (yaml, NULL);
  bs_yaml_writer_text (yaml, "path", "/etc/hosts");
  bs_yaml_writer_text (yaml, "permissions", "0644");
  bs_yaml_writer_text (yaml, "content", seed->hosts);
  bs_yaml_writer_end_map (yaml);
  bs_yaml_writer_end_list (yaml);
}

/* systemd gave the machine an id of its own before anything of the seed was read, perhaps by a mount that is written to
 * the disk later. Nothing that asks from now on sees that one. The journal lies under that id, and would not be found.
 */
static void
write_machine_id (BsYamlWriter *yaml, const BsSeed *seed)
{
  static const char script[]
      = "old=$(cat /etc/machine-id 2> /dev/null)\n"
        "[ \"$old\" != \"$1\" ] || exit 0\n"
        "umount /etc/machine-id 2> /dev/null\n"
        "echo \"$1\" > /etc/machine-id && chmod 0444 /etc/machine-id\n"
        "[ ! -f /var/lib/dbus/machine-id ] || [ -L /var/lib/dbus/machine-id ] || echo \"$1\" > "
        "/var/lib/dbus/machine-id\n"
        "for journal in /run/log/journal /var/log/journal; do\n"
        "  [ -z \"$old\" ] || [ ! -d \"$journal/$old\" ] || mv \"$journal/$old\" \"$journal/$1\"\n"
        "done\n"
        "[ ! -d /run/systemd/system ] || systemctl --no-block restart systemd-journald\n";
  const char *const words[] = { "sh", "-c", script, "sh", seed->machine_id };

  if (seed->machine_id == NULL)
    return;
  bs_yaml_writer_begin_list (yaml, "bootcmd");
  bs_yaml_writer_begin_list (yaml, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    bs_yaml_writer_text (yaml, NULL, words[i]);
  bs_yaml_writer_end_list (yaml);
  bs_yaml_writer_end_list (yaml);
}

/* Where systemd starts it by the port's appearing, starting it once more is nothing. */
static void
write_agent (BsYamlWriter *yaml, const BsSeed *seed)
{
  if (!seed->install_agent)
    return;
  bs_yaml_writer_begin_list (yaml, "packages");
  bs_yaml_writer_text (yaml, NULL, "qemu-guest-agent");
  bs_yaml_writer_end_list (yaml);
  bs_yaml_writer_begin_list (yaml, "runcmd");
  bs_yaml_writer_begin_list (yaml, NULL);
  bs_yaml_writer_text (yaml, NULL, "sh");
  bs_yaml_writer_text (yaml, NULL, "-c");
  bs_yaml_writer_text (yaml, NULL, "systemctl start qemu-guest-agent || rc-service qemu-guest-agent start");
  bs_yaml_writer_end_list (yaml);
  bs_yaml_writer_end_list (yaml);
}

char *
bs_seed_user_data (const BsSeed *seed, GError **error)
{
  g_autoptr (BsYamlWriter) yaml = NULL;

  if (!bs_seed_check (seed, error))
    return NULL;
  yaml = bs_yaml_writer_new ("#cloud-config");
  bs_yaml_writer_begin_map (yaml, NULL);
  bs_yaml_writer_text (yaml, "hostname", seed->hostname);
  bs_yaml_writer_bool (yaml, "preserve_hostname", FALSE);
  bs_yaml_writer_bool (yaml, "disable_root", FALSE);
  write_keys (yaml, seed->authorized_key, seed->user == NULL ? seed->ssh_authorized_keys : NULL);
  write_user (yaml, seed);
  write_password (yaml, seed);
  write_host_key (yaml, seed);
  write_hosts (yaml, seed);
  write_machine_id (yaml, seed);
  write_agent (yaml, seed);
  bs_yaml_writer_end_map (yaml);
  return bs_yaml_writer_finish (yaml, error);
}

char *
bs_seed_meta_data (const BsSeed *seed, GError **error)
{
  g_autoptr (BsYamlWriter) yaml = NULL;

  if (!bs_seed_check (seed, error))
    return NULL;
  yaml = bs_yaml_writer_new (NULL);
  bs_yaml_writer_begin_map (yaml, NULL);
  bs_yaml_writer_text (yaml, "instance-id", seed->instance_id);
  bs_yaml_writer_text (yaml, "local-hostname", seed->hostname);
  bs_yaml_writer_end_map (yaml);
  return bs_yaml_writer_finish (yaml, error);
}

static void
write_words (BsYamlWriter *yaml, const char *key, const char *words)
{
  g_auto (GStrv) list = g_strsplit (words != NULL ? words : "", " ", -1);

  if (words == NULL || words[0] == '\0')
    return;
  bs_yaml_writer_begin_list (yaml, key);
  for (char **word = list; *word != NULL; word++)
    if (**word != '\0')
      bs_yaml_writer_text (yaml, NULL, *word);
  bs_yaml_writer_end_list (yaml);
}

/* Optional as a rule: no boot waits for a wire of the lab. Named always: what cloud-init tells networkd finds it by
 * name, too. */
static void
write_interface (BsYamlWriter *yaml, const BsSeedInterface *interface, guint index)
{
  g_autofree char *name = interface->name != NULL ? g_strdup (interface->name) : g_strdup_printf ("eth%u", index);

  bs_yaml_writer_begin_map (yaml, name);
  bs_yaml_writer_begin_map (yaml, "match");
  bs_yaml_writer_text (yaml, "macaddress", interface->mac);
  bs_yaml_writer_end_map (yaml);
  bs_yaml_writer_text (yaml, "set-name", name);
  bs_yaml_writer_bool (yaml, "optional", !interface->required);
  bs_yaml_writer_bool (yaml, "dhcp4", interface->dhcp);
  write_words (yaml, "addresses", interface->addresses);
  if (interface->mtu != 0)
    bs_yaml_writer_number (yaml, "mtu", interface->mtu);
  if (interface->gateway != NULL)
    {
      bs_yaml_writer_begin_list (yaml, "routes");
      bs_yaml_writer_begin_map (yaml, NULL);
      bs_yaml_writer_text (yaml, "to", "0.0.0.0/0");
      bs_yaml_writer_text (yaml, "via", interface->gateway);
      bs_yaml_writer_end_map (yaml);
      bs_yaml_writer_end_list (yaml);
    }
  if (interface->nameservers != NULL)
    {
      bs_yaml_writer_begin_map (yaml, "nameservers");
      write_words (yaml, "addresses", interface->nameservers);
      bs_yaml_writer_end_map (yaml);
    }
  bs_yaml_writer_end_map (yaml);
}

char *
bs_seed_network_config (const BsSeed *seed, GError **error)
{
  g_autoptr (BsYamlWriter) yaml = NULL;

  if (!bs_seed_check (seed, error))
    return NULL;
  yaml = bs_yaml_writer_new (NULL);
  bs_yaml_writer_begin_map (yaml, NULL);
  bs_yaml_writer_number (yaml, "version", 2);
  bs_yaml_writer_begin_map (yaml, "ethernets");
  for (guint i = 0; i < seed->n_interfaces; i++)
    write_interface (yaml, &seed->interfaces[i], i);
  bs_yaml_writer_end_map (yaml);
  bs_yaml_writer_end_map (yaml);
  return bs_yaml_writer_finish (yaml, error);
}

static const struct timespec epoch[2] = { { .tv_sec = EPOCH }, { .tv_sec = EPOCH } };

static gboolean
put (const char *folder, const char *name, const char *content, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  bs_autofd int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd >= 0 && bs_fd_write_all (fd, content, strlen (content)) && futimens (fd, epoch) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot write '%s'", path);
  return FALSE;
}

/* Owners and modes of this host are not in it (-r), nor any time. */
static gboolean
run_xorriso (const char *folder, GCancellable *cancellable, GError **error)
{
  const char *const argv[] = { "env",
                               "SOURCE_DATE_EPOCH=" EPOCH_TEXT,
                               "xorriso",
                               "-no_rc",
                               "-as",
                               "mkisofs",
                               "-quiet",
                               "-V",
                               "cidata",
                               "-J",
                               "-r",
                               "--set_all_file_dates",
                               "set_to_mtime",
                               "-o",
                               "seed.iso",
                               "files",
                               NULL };
  g_autofree char *program = g_find_program_in_path ("xorriso");

  if (program != NULL)
    return bs_command_run (folder, argv, NULL, cancellable, error);
  bs_set_error (error, BS_ERROR_HOST, "install the package 'xorriso'", "there is no program 'xorriso' to make a seed");
  return FALSE;
}

static gboolean
make_files (const BsSeed *seed, const char *folder, GError **error)
{
  g_autofree char *files = g_build_filename (folder, "files", NULL);
  g_autofree char *user = bs_seed_user_data (seed, error);
  g_autofree char *meta = user != NULL ? bs_seed_meta_data (seed, error) : NULL;
  g_autofree char *network = meta != NULL ? bs_seed_network_config (seed, error) : NULL;

  if (network == NULL || !bs_file_make_dirs (files, 0700, error))
    return FALSE;
  if (!put (files, "user-data", user, error) || !put (files, "meta-data", meta, error)
      || !put (files, "network-config", network, error))
    return FALSE;
  /* the folder becomes the root folder of the image, with its time */
  if (utimensat (AT_FDCWD, files, epoch, 0) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot set the time of '%s'", files);
  return FALSE;
}

static gboolean
keep (const char *folder, const char *path, GError **error)
{
  g_autofree char *iso = g_build_filename (folder, "seed.iso", NULL);
  bs_autofd int fd = open (iso, O_RDONLY | O_CLOEXEC);

  if (fd >= 0 && fchmod (fd, 0600) == 0 && fsync (fd) == 0 && rename (iso, path) == 0
      && bs_file_sync_folder_of (AT_FDCWD, path))
    return TRUE;
  bs_set_error_errno (error, errno, "cannot write '%s'", path);
  return FALSE;
}

gboolean
bs_seed_write (const BsSeed *seed, const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *folder = g_strconcat (path, ".XXXXXX", NULL);
  gboolean ok;

  if (g_mkdtemp (folder) == NULL)
    {
      bs_set_error_errno (error, errno, "cannot make a folder beside '%s'", path);
      return FALSE;
    }
  ok = make_files (seed, folder, error) && run_xorriso (folder, cancellable, error) && keep (folder, path, error);
  bs_file_remove_tree (AT_FDCWD, folder, NULL);
  return ok;
}
