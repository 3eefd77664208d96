/* SPDX-License-Identifier: Apache-2.0 */
/* bs-backend.h — what runs nodes: one const table of functions each
 *
 * Callers ask capabilities, never names. Functions block, run on any thread, concurrently across nodes and never twice
 * at once on one node; each takes a GCancellable and fails with %BS_ERROR_CANCELLED or, past its deadline,
 * %BS_ERROR_TIMEOUT. What a function does outside the process is journaled by its caller, so each must leave either its
 * whole effect or none, and undoing something that is not there is success.
 */
#pragma once

#include "bs-control.h"
#include "bs-exec.h"
#include "bs-image.h"
#include "bs-json.h"
#include "bs-ssh-pool.h"
#include "bs-topology.h"

#define BS_BACKEND_ABI 2

typedef enum
{
  BS_CAP_EXEC = 1 << 0,
  BS_CAP_COPY = 1 << 1,
  BS_CAP_CONSOLE = 1 << 2,
  BS_CAP_PAUSE = 1 << 3,
  BS_CAP_SNAPSHOT = 1 << 4,
  BS_CAP_PORTS = 1 << 5,    /* forwards loopback ports of the host */
  BS_CAP_IDENTITY = 1 << 6, /* identity() is needed and does something */
  BS_CAP_TEMPLATE = 1 << 7, /* starts nodes from templates */
} BsBackendCaps;

typedef struct
{
  char *mac;        /* "52:54:00:…", lower case */
  char *name;       /* in the node: eth0 … */
  guint network;    /* id of the segment in the switch */
  char *address;    /* (nullable) "10.0.0.2/24" */
  guint mtu;        /* bytes */
  guint64 identity; /* what decisions about its packets depend on; 0: none */
} BsBackendInterface;

typedef struct
{
  guint16 host, node; /* TCP ports: 127.0.0.1:host goes to the node's port */
} BsBackendPort;

/* What a node is to be; owned by the caller, never changed by a backend. */
typedef struct
{
  char *name;
  char *kernel, *initrd, *cmdline; /* (nullable) direct boot; absolute paths */
  char *disk;                      /* (nullable) base image, absolute path; never written */
  guint memory_mib, vcpus;
  GPtrArray *interfaces; /* (element-type BsBackendInterface) */
  GArray *ports;         /* (element-type BsBackendPort) */
  char *hosts;           /* content of the node's /etc/hosts */

  const BsTopologyNode *model;      /* (nullable) as the topology says it: provisioning, firmware, … */
  char *file, *folder;              /* (nullable) of the topology, for messages and relative paths */
  char *image, *image_digest;       /* (nullable) once images are known */
  char *disk_format;                /* (nullable) "qcow2" or "raw" */
  char *firmware;                   /* (nullable) what the image is booted by: "bios" or "uefi" */
  gboolean has_guest;               /* the image carries benchscale-guest */
  char *login;                      /* (nullable) the default user of an image that does not */
  gboolean cold;                    /* boots, if from the template's disk: what is baked is only there */
  gboolean keep_failed;             /* for prepare_node(): a machine that fails is kept */
  gboolean kept;                    /* template is such a machine */
  char *template;                   /* (nullable) what prepare_node() returned: start by a fork of it */
  guint16 ssh_port;                 /* on 127.0.0.1; 0: none */
  char *machine_id;                 /* 32 hex digits */
  char *host_key, *host_key_public; /* (nullable) OpenSSH ed25519, private and public text; made by the plan */
  char *authorized_key;             /* (nullable) public key of the lab, which may log in as root or @login */
} BsBackendNode;

typedef void (*BsBackendProgress) (const char *node, const char *what, gpointer user_data);

BsBackendNode *bs_backend_node_new (void);
void bs_backend_node_free (BsBackendNode *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsBackendNode, bs_backend_node_free)
void bs_backend_interface_free (BsBackendInterface *self);

/* In a node's folder, of one that was forked: what the console had shown before, as console.log has what comes. */
#define BS_BACKEND_BOOT_LOG "boot.log"
/* In the lab's folder: the private key of @authorized_key, in OpenSSH's format. */
#define BS_BACKEND_LAB_KEY "ssh/id_ed25519"

/* Where a lab's nodes live. Borrowed members; the control connection may be used from any thread (it locks). */
typedef struct
{
  const char *state_id, *lab, *uuid; /* for tags: bs_tag_format() */
  int lab_dir;                       /* the lab's folder */
  BsControl *control;                /* (nullable) the supervisor; not for probe, list_owned, remove_owned */
  GCancellable *cancellable;         /* (nullable) for every call */
  BsSshPool *ssh_pool;               /* (nullable) the caller's, for nodes that are reached by SSH */
} BsBackendLab;

typedef struct
{
  gboolean usable;
  char *reason, *cure; /* (nullable) why not, and what to do */
  char *version;       /* (nullable) of the engine */
  char *accelerator;   /* (nullable) "kvm" or "tcg" */
  guint64 free_memory_mib, free_disk_mib;
  guint cpus;
} BsBackendProbe;
void bs_backend_probe_clear (BsBackendProbe *self);

typedef enum
{
  BS_NODE_ABSENT,
  BS_NODE_STOPPED,
  BS_NODE_RUNNING,
  BS_NODE_PAUSED,
} BsNodeState;

typedef struct
{
  guint abi;  /* BS_BACKEND_ABI */
  gsize size; /* sizeof (BsBackendClass) */
  const char *name;
  const char *needs; /* one phrase for error texts */
  guint caps;        /* BsBackendCaps; an optional function is NULL exactly when its capability is not set */

  /* What this host can do; never fails, a broken engine is a reason. */
  void (*probe) (BsBackendProbe *probe, GCancellable *cancellable);

  /* %BS_ERROR_UNSUPPORTED or %BS_ERROR_INVALID when it can never run @node; %BS_ERROR_EXHAUSTED when it does not fit
   * now. Changes nothing. Kernel and disk may be missing still: images come after the plan. */
  gboolean (*check_node) (const BsBackendNode *node, GError **error);

  /* Makes sure of the template that @node forks from: found, derived or built (long, the first time), once for all who
   * need the same; no lab owns it. @template: (out) (transfer full) (nullable): NULL when the node must boot cold.
   * Called after images are there and before create_node; concurrently for different nodes. When it fails and
   * keep_failed is set, @template may be the machine as it was when its provisioning failed, for this one node to be
   * started from; bs_template_remove_kept() or the end of a lab that holds it removes it. BS_CAP_TEMPLATE */
  gboolean (*prepare_node) (const BsBackendNode *node, BsBackendProgress progress, gpointer user_data,
                            GCancellable *cancellable, char **template, GError **error);
  /* How prepare_node() would go, for --dry-run: "fork of template 3f2a… (cached)", "cold: ports are …"; (transfer
   * full). BS_CAP_TEMPLATE */
  char *(*explain_start) (const BsBackendNode *node);

  /* Files and objects of a node that does not run yet; deleted by delete_node. */
  gboolean (*create_node) (const BsBackendLab *lab, const BsBackendNode *node, GError **error);
  /* Returns when the engine says it runs, not when the guest is up. @record: (out): what a later process needs (pid,
   * …), merged into lab.json. */
  gboolean (*start_node) (const BsBackendLab *lab, const BsBackendNode *node, json_t **record, GError **error);
  /* Waits until the node can be told its identity and run commands. */
  gboolean (*wait_node) (const BsBackendLab *lab, const char *name, gint64 deadline_usec, GError **error);
  /* Hostname, addresses, hosts, machine-id, entropy, clock: before the node is shown to anyone. */
  gboolean (*identify_node) (const BsBackendLab *lab, const BsBackendNode *node, gint64 deadline_usec, GError **error);
  /* Asks the guest until @graceful_deadline_usec (0: does not ask), then forces. A stopped or absent node is success.
   */
  gboolean (*stop_node) (const BsBackendLab *lab, const char *name, gint64 graceful_deadline_usec, GError **error);
  gboolean (*delete_node) (const BsBackendLab *lab, const char *name, GError **error);
  gboolean (*node_state) (const BsBackendLab *lab, const char *name, BsNodeState *state, GError **error);

  gboolean (*pause_node) (const BsBackendLab *lab, const char *name, GError **error);  /* BS_CAP_PAUSE */
  gboolean (*resume_node) (const BsBackendLab *lab, const char *name, GError **error); /* BS_CAP_PAUSE */

  gboolean (*exec) (const BsBackendLab *lab, const char *name, const BsExecSpec *spec, const BsExecIO *io,
                    BsExecResult *result, GError **error); /* BS_CAP_EXEC */
  /* Copies as cp -a does: @source into @destination when that is a folder, else as @destination. BS_CAP_COPY */
  gboolean (*copy_in) (const BsBackendLab *lab, const char *name, const char *source, const char *destination,
                       GError **error);
  gboolean (*copy_out) (const BsBackendLab *lab, const char *name, const char *source, const char *destination,
                        GError **error);
  /* Waits in the node for a condition: kind is "port", "file", "process" or "command"; %BS_ERROR_TIMEOUT. BS_CAP_EXEC
   */
  gboolean (*wait_for) (const BsBackendLab *lab, const char *name, const char *kind, const char *const *arguments,
                        gint64 deadline_usec, GError **error);
  int (*console) (const BsBackendLab *lab, const char *name,
                  GError **error); /* a stream descriptor, or -1. BS_CAP_CONSOLE */

  /* (transfer full) (element-type utf8) tags of what lives on this host and bears @tag_prefix (ends in ':'), without
   * any record. */
  GPtrArray *(*list_owned) (const char *tag_prefix, GError **error);
  /* Removes all that list_owned() would name. */
  gboolean (*remove_owned) (const char *tag_prefix, GError **error);

  /* What prepare_node() calls that were killed left on this host, in words; removed unless @dry_run. (transfer full)
   * (element-type utf8), NULL with an error. BS_CAP_TEMPLATE */
  GPtrArray *(*sweep_templates) (gboolean dry_run, GError **error);
  /* What the running node costs the host: memory that it has written, and pages of files that others may map.
   * (nullable) */
  gboolean (*node_memory) (const BsBackendLab *lab, const char *name, guint64 *own_kib, guint64 *shared_kib,
                           GError **error);
  /* Whether all of @nodes fit into the host's memory together, beside what runs; what forks share counts once.
   * @planned: prepare_node() comes later, so who can fork counts as one. Changes nothing. %BS_ERROR_EXHAUSTED, saying
   * what is free. (nullable) */
  gboolean (*check_room) (const BsBackendNode *const *nodes, guint n_nodes, gboolean planned, GError **error);
} BsBackendClass;

/* Returns: (nullable): the backend of that name */
const BsBackendClass *bs_backend_find (const char *name);
/* NULL-terminated, in order of preference for `backend: auto` */
const BsBackendClass *const *bs_backend_list (void);
