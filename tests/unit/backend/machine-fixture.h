/* SPDX-License-Identifier: Apache-2.0 */
/* machine-fixture.h — a machine to provision: this host's own files in a chroot, where what is changed is thrown away,
 * with the real guest program in it; and a node to describe what is wanted */
#pragma once

#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-provision.h"
#include "bs-time.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

typedef struct
{
  char *folder;   /* on the host; what is in the machine lies in its "root" */
  char *topology; /* a folder for files that the topology names */
  pid_t pid;
  BsGuest *guest;
  BsRemote remote;
  BsTopologyNode node;
  BsTopologyCloudInit init; /* is node.cloud_init */
  GString *told;            /* progress, a line each */
  guint commands;           /* how many were run */
} Machine;

/* First thing after g_test_init(). FALSE: no such machine can be made here, and the plan that skips is printed. */
gboolean machine_enter (void);
void machine_set_up (Machine *self, gconstpointer data);
void machine_tear_down (Machine *self, gconstpointer data);

gboolean machine_bake (Machine *self, GError **error);
gboolean machine_finish (Machine *self, GError **error);
/* stdout of a shell in the machine, which must exit with 0. (transfer full) */
char *machine_sh (Machine *self, const char *script);
/* The same, for what it does. */
void machine_do (Machine *self, const char *script);
/* The path on the host of one in the machine; (transfer full) */
char *machine_path (Machine *self, const char *path);
/* Writes below the topology's folder. */
void machine_write (Machine *self, const char *name, const char *content, mode_t mode);

BsTopologyPackage *package_new (guint line, BsPackageKind kind, const char *name);
BsTopologyDeploy *deploy_new (guint line, const char *source, const char *destination);
BsTopologyFile *file_new (guint line, const char *path, const char *content, guint mode);
void add_command (BsTopologyCloudInit *init, const char *script);

#define MACHINE_TEST(path, function) g_test_add (path, Machine, NULL, machine_set_up, function, machine_tear_down)
#define assert_output(machine, script, expected)                                                                       \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *output_ = machine_sh (machine, script);                                                           \
    g_assert_cmpstr (output_, ==, expected);                                                                           \
  }                                                                                                                    \
  G_STMT_END
