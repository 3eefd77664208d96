/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-settings-table.h"

#include "bs-time.h"

#include <string.h>
#include <unistd.h>

#define SECOND BS_USEC_PER_SEC
#define TIMEOUT BS_SETTING_DURATION, .least = BS_USEC_PER_MSEC, .most = 24 * 3600 * SECOND

static const char *const accel_words[] = { "auto", "kvm", "tcg", NULL };

/* The folder for @root, else benchscale in the XDG folder of @variable, which counts only when absolute, else in @home.
 */
static char *
user_dir (const BsSettingsHost *host, const char *root, const char *variable, const char *otherwise)
{
  const char *base = g_environ_getenv ((char **) host->environment, variable);

  if (host->root)
    return g_strdup (root);
  if (base != NULL && g_path_is_absolute (base))
    return g_build_filename (base, "benchscale", NULL);
  return g_build_filename (host->home, otherwise, "benchscale", NULL);
}

static char *
choose_state_dir (const BsSettingsHost *host)
{
  return user_dir (host, "/var/lib/benchscale", "XDG_STATE_HOME", ".local/state");
}

static char *
choose_cache_dir (const BsSettingsHost *host)
{
  return user_dir (host, "/var/cache/benchscale", "XDG_CACHE_HOME", ".cache");
}

/* A build tree has the companions beside the program. */
static char *
choose_libexec_dir (const BsSettingsHost *host)
{
  g_autofree char *companion = NULL;

  if (host->program_dir != NULL)
    companion = g_build_filename (host->program_dir, "benchscale-lab", NULL);
  if (companion != NULL && access (companion, X_OK) == 0)
    return g_strdup (host->program_dir);
  return g_strdup (LIBEXEC_DIR);
}

/* Beside the configuration file, of root too. */
static char *
choose_catalogue (const BsSettingsHost *host)
{
  const char *base = g_environ_getenv ((char **) host->environment, "XDG_CONFIG_HOME");

  if (base != NULL && g_path_is_absolute (base))
    return g_build_filename (base, "benchscale", "catalogue.yaml", NULL);
  return g_build_filename (host->home, ".config", "benchscale", "catalogue.yaml", NULL);
}

const BsSettingKind bs_setting_kinds[BS_N_SETTINGS] = {
  [BS_SETTING_STATE_DIR] = { "state.dir", BS_SETTING_FOLDER, .choose = choose_state_dir,
                             .fallback_doc = "`/var/lib/benchscale` as root, else `benchscale` in the XDG state folder",
                             .doc = "where labs are recorded" },
  [BS_SETTING_CACHE_DIR]
  = { "cache.dir", BS_SETTING_FOLDER, .choose = choose_cache_dir,
      .fallback_doc = "`/var/cache/benchscale` as root, else `benchscale` in the XDG cache folder",
      .doc = "where images are kept" },
  [BS_SETTING_CACHE_LIMIT] = { "cache.limit", BS_SETTING_SIZE, .fallback = "20G", .most = G_MAXINT64,
                               .doc = "how much of images and templates that can be made again is kept; 0: all" },
  [BS_SETTING_LIBEXEC_DIR] = { "libexec.dir", BS_SETTING_FOLDER, .choose = choose_libexec_dir,
                               .fallback_doc = "beside the program in a build tree, else where they were installed",
                               .doc = "where the companion programs are" },
  [BS_SETTING_IMAGE_CATALOGUE]
  = { "image.catalogue", BS_SETTING_FILE, .also = "BENCHSCALE_CATALOGUE", .choose = choose_catalogue,
      .fallback_doc = "`benchscale/catalogue.yaml` in the XDG configuration folder",
      .doc = "your own catalogue of images, beside the built-in one" },
  [BS_SETTING_IMAGE_STALL] = { "image.stall", TIMEOUT, .also = "BENCHSCALE_DOWNLOAD_STALL", .fallback = "30s",
                               .doc = "how long a download's server may send nothing" },
  [BS_SETTING_QEMU_PROGRAM] = { "qemu.program", BS_SETTING_PROGRAM, .also = "BENCHSCALE_QEMU",
                                .fallback = "qemu-system-x86_64", .doc = "the program that runs machines" },
  [BS_SETTING_QEMU_ACCEL] = { "qemu.accel", BS_SETTING_WORD, .also = "BENCHSCALE_ACCEL", .fallback = "auto",
                              .words = accel_words, .doc = "how machines are accelerated" },
  [BS_SETTING_QEMU_TIMEOUT]
  = { "qemu.timeout", TIMEOUT, .fallback = "30s", .doc = "how long a started QEMU may take to answer" },
  [BS_SETTING_QEMU_TRIAL] = { "qemu.trial", TIMEOUT, .fallback = "5s", .doc = "how long KVM may take to prove itself" },
  [BS_SETTING_UP_TIMEOUT] = { "up.timeout", TIMEOUT, .fallback = "5m",
                              .doc = "how long bringing a lab up may take, once its images and templates are there" },
  [BS_SETTING_UP_WORKERS] = { "up.workers", BS_SETTING_INTEGER, .fallback = "0", .most = 4096,
                              .doc = "how many nodes are started at once; 0: all" },
  [BS_SETTING_TEMPLATE_TIMEOUT]
  = { "template.timeout", TIMEOUT, .fallback = "1h", .doc = "how long provisioning a template may take" },
  [BS_SETTING_BOOT_TIMEOUT]
  = { "boot.timeout", TIMEOUT, .fallback = "2m", .doc = "how long a machine may take until its guest program answers" },
  [BS_SETTING_IDENTIFY_TIMEOUT]
  = { "identify.timeout", TIMEOUT, .fallback = "30s", .doc = "how long giving a node its identity may take" },
  [BS_SETTING_READY_TIMEOUT]
  = { "ready.timeout", TIMEOUT, .fallback = "1m", .doc = "`within` of a readiness check that has none" },
  [BS_SETTING_UNDO_TIMEOUT]
  = { "undo.timeout", TIMEOUT, .fallback = "30s", .doc = "how long undoing a failed start may take" },
  [BS_SETTING_DOWN_TIMEOUT]
  = { "down.timeout", TIMEOUT, .fallback = "1m", .doc = "how long taking a lab down may take" },
  [BS_SETTING_DOWN_WORKERS] = { "down.workers", BS_SETTING_INTEGER, .fallback = "8", .most = 4096,
                                .doc = "how many nodes are stopped at once; 0: all" },
  [BS_SETTING_GC_TIMEOUT]
  = { "gc.timeout", TIMEOUT, .fallback = "1m", .doc = "how long removing one lab's leftovers may take" },
  [BS_SETTING_STATUS_TIMEOUT]
  = { "status.timeout", TIMEOUT, .fallback = "5s", .doc = "how long a lab may take to tell its status" },
  [BS_SETTING_SUPERVISOR_TIMEOUT]
  = { "supervisor.timeout", TIMEOUT, .fallback = "10s", .doc = "how long a lab's supervisor may take to start" },
  [BS_SETTING_SESSION_TIMEOUT]
  = { "session.timeout", TIMEOUT, .fallback = "30s", .doc = "how long opening a session in a node may take" },
  [BS_SETTING_NODE_IMAGE]
  = { "node.image", BS_SETTING_TEXT, .fallback = "", .may_be_empty = TRUE, .doc = "`image` of a node that has none" },
  [BS_SETTING_NODE_MEMORY_MB] = { "node.memory_mb", BS_SETTING_INTEGER, .fallback = "512", .least = 32,
                                  .most = 16777216, .doc = "`memory_mb` of a node that has none" },
  [BS_SETTING_NODE_VCPUS] = { "node.vcpus", BS_SETTING_INTEGER, .fallback = "1", .least = 1, .most = 255,
                              .doc = "`vcpus` of a node that has none" },
  [BS_SETTING_SCENARIO_TIMEOUT]
  = { "scenario.timeout", TIMEOUT, .fallback = "10m", .doc = "`timeout` of a scenario that has none" },
  [BS_SETTING_SCENARIO_RETRY_EVERY]
  = { "scenario.retry_every", TIMEOUT, .fallback = "500ms", .doc = "`every` of a step's `retry` that has none" },
  [BS_SETTING_TOPOLOGY_EXPAND_COMMANDS]
  = { "topology.expand_commands", BS_SETTING_BOOLEAN, .fallback = "false", .doc = "replace variables in commands too" },
  [BS_SETTING_SSH_USER]
  = { "ssh.user", BS_SETTING_TEXT, .fallback = "benchscale", .doc = "who logs in to nodes by SSH" },
  [BS_SETTING_SSH_PORT] = { "ssh.port", BS_SETTING_INTEGER, .fallback = "22", .least = 1, .most = 65535,
                            .doc = "where SSH listens in nodes" },
  [BS_SETTING_SSH_TIMEOUT_SECS] = { "ssh.timeout_secs", BS_SETTING_INTEGER, .fallback = "30", .least = 1, .most = 86400,
                                    .doc = "how long connecting by SSH may take, in seconds" },
  [BS_SETTING_LIBVIRT_URI]
  = { "libvirt.uri", BS_SETTING_TEXT, .fallback = "qemu:///system", .doc = "the libvirt that runs machines" },
  [BS_SETTING_BASE_IMAGE_PATH]
  = { "base_image.path", BS_SETTING_FOLDER, .also = "BENCHSCALE_VM_IMAGES_DIR", .fallback = "/var/lib/libvirt/images",
      .doc = "where base images of libvirt's machines are" },
  [BS_SETTING_OVERLAY_DIR]
  = { "overlay.dir", BS_SETTING_FOLDER, .fallback = "", .may_be_empty = TRUE,
      .fallback_doc = "`benchscale` beside the base images for libvirt, the state folder otherwise",
      .doc = "where the disks of nodes are written" },
  [BS_SETTING_NETWORK_NAME]
  = { "network.name", BS_SETTING_TEXT, .fallback = "default", .doc = "libvirt's network for the management of nodes" },
  [BS_SETTING_NETWORK_BRIDGE] = { "network.bridge", BS_SETTING_TEXT, .also = "BRIDGE_NAME", .fallback = "br0",
                                  .doc = "the host's bridge for machines on its own network" },
};

char *
bs_setting_variable (const char *key)
{
  g_autofree char *raw = g_strdup_printf ("BENCHSCALE_%s", key);

  return g_strdelimit (g_ascii_strup (raw, -1), ".", '_');
}
