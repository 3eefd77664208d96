/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology.h — the model that a topology file becomes; every decoded thing knows its position */
#pragma once

#include "bs-conditions.h"
#include "bs-diagnostic.h"
#include "bs-json.h"

#include <glib.h>

#define BS_NODES_MAX 100000

/* RFC 4787: how an address translator behaves. */
typedef struct
{
  BsPosition at;
  char *uplink; /* the outer network's name, checked to exist, no cycle of translators */
  BsPosition uplink_at;
  char *mapping, *filtering; /* RFC 4787 sections 4.1 and 5: default "endpoint-independent" */
  gboolean hairpin;          /* section 6: default TRUE */
  gint64 lifetime_usec;      /* of an idle UDP mapping, section 4.3: default 2 min */
} BsTopologyNat;

typedef struct
{
  BsPosition at;
  char *name;
  char *subnet; /* (nullable) canonical CIDR, IPv4; NULL: a free one is chosen */
  BsPosition subnet_at;
  char *subnet6; /* (nullable) canonical CIDR, IPv6, or "auto"; NULL: no IPv6 */
  BsPosition subnet6_at;
  guint mtu; /* 576–65521 bytes, default 1500 */
  gboolean internet;
  BsPosition internet_at;
  BsTopologyNat *nat;       /* (nullable) */
  BsConditions *conditions; /* (nullable) the network's own `preset` is in it */
  guint64 seed;             /* 0 to 2^63-1 */
  gboolean has_seed;
} BsTopologyNetwork;

typedef struct
{
  BsPosition at;
  char *network; /* never NULL after decoding: the only one when absent in the file */
  BsPosition network_at;
  char *address; /* (nullable) "10.0.0.5" */
  BsPosition address_at;
  char *address6; /* (nullable) canonical, RFC 5952 */
  BsPosition address6_at;
  char *mac;                          /* (nullable) canonical lower case, unicast */
  char *name;                         /* (nullable) eth0 … by order */
  guint mtu;                          /* 0: the network's */
  BsConditions *conditions, *ingress; /* (nullable) */
} BsTopologyInterface;

typedef struct
{
  BsPosition at;
  guint16 host, node;
} BsTopologyPort;

typedef enum
{
  BS_READY_AGENT,   /* the guest program answers; always checked first */
  BS_READY_PORT,    /* arguments: number */
  BS_READY_FILE,    /* path */
  BS_READY_PROCESS, /* name */
  BS_READY_COMMAND, /* argv, exits 0 */
  BS_READY_SSH,     /* none: SSH answers and lets us in */
  BS_READY_UNIT,    /* a systemd unit's name */
  BS_READY_HTTP,    /* URL, asked from inside the node */
  BS_READY_LOG,     /* text on the console */
} BsReadyKind;

typedef struct
{
  BsPosition at;
  BsReadyKind kind;
  char **arguments;   /* (owned) NULL-terminated */
  gint64 within_usec; /* default 60 s */
} BsTopologyReady;

/* A host's folder or file in a node. */
typedef struct
{
  BsPosition at;
  char *host; /* absolute, or a path relative to the topology file (begins with "./" or "../"), or an engine's volume */
  char *node; /* absolute */
  gboolean read_only;
} BsTopologyVolume;

typedef enum
{
  BS_PACKAGE_NAME,       /* of the image's distribution */
  BS_PACKAGE_FILE,       /* a path relative to the topology file, ends in .deb, .rpm or .apk */
  BS_PACKAGE_URL,        /* http or https */
  BS_PACKAGE_REPOSITORY, /* an extra source, then a name of it */
} BsPackageKind;

typedef struct
{
  BsPosition at;
  BsPackageKind kind;
  char *name;       /* name, path or URL; (nullable) for a repository alone */
  char *repository; /* (nullable) the source's line: "deb [arch=amd64] URL SUITE COMPONENT" */
  char *key;        /* (nullable) path or URL of the key that signs it */
} BsTopologyPackage;

typedef struct
{
  BsPosition at;
  char *path;    /* absolute */
  char *content; /* decoded already, so without NUL unless has_binary */
  gsize content_length;
  char *owner; /* (nullable) "user" or "user:group" */
  guint mode;  /* default 0644 */
  gboolean append;
} BsTopologyFile;

/* What product.md takes of cloud-init. */
typedef struct
{
  BsPosition at;
  char *user, *password;      /* (nullable) */
  char **ssh_authorized_keys; /* (nullable) */
  GPtrArray *packages;        /* (element-type BsTopologyPackage) names */
  GPtrArray *runcmd;          /* (element-type char **) argv each; a text is sh -c */
  GPtrArray *write_files;     /* (element-type BsTopologyFile) */
  char *hostname;             /* (nullable) */
  gboolean bake;
} BsTopologyCloudInit;

typedef struct
{
  BsPosition at;
  char *source;      /* as written: relative to the topology file, or absolute */
  char *destination; /* absolute, in the node */
  int mode;          /* -1: as the source */
  char *owner;       /* (nullable) */
} BsTopologyDeploy;

typedef struct
{
  BsPosition at;
  char *name;        /* "nofile" */
  gint64 soft, hard; /* -1: unlimited */
} BsTopologyUlimit;

typedef struct
{
  BsPosition at;
  char **test;                                           /* argv; (nullable) with disable */
  gint64 interval_usec, timeout_usec, start_period_usec; /* 0: the engine's */
  guint retries;                                         /* 0: the engine's */
  gboolean disable;
} BsTopologyHealthcheck;

/* What only containers have. */
typedef struct
{
  BsPosition at;                /* of the first such key */
  char **command, **entrypoint; /* (nullable) argv */
  char *user;                   /* (nullable) */
  gboolean privileged, read_only;
  char **capabilities;                /* (nullable) "NET_ADMIN", or "-CHOWN" to take one away */
  char **tmpfs;                       /* (nullable) "/run" or "/run:size=64m" */
  GPtrArray *ulimits;                 /* (element-type BsTopologyUlimit) */
  char **devices;                     /* (nullable) "/dev/net/tun" or "HOST:NODE[:rwm]" */
  char *restart;                      /* (nullable) "no", "always", "unless-stopped", "on-failure[:N]" */
  BsTopologyHealthcheck *healthcheck; /* (nullable) */
  char **labels;                      /* (nullable) "NAME=value" */
} BsTopologyContainer;

/* What only virtual machines have. */
typedef struct
{
  BsPosition at;  /* of the first such key */
  char *firmware; /* (nullable) "bios", "uefi", "uefi-secure"; NULL: the image's */
  gboolean tpm;
  char *display;                   /* "none", "vnc", "spice" */
  char *kernel, *initrd, *cmdline; /* (nullable) paths as written */
  char *cpu;                       /* (nullable) model */
} BsTopologyMachine;

typedef struct
{
  BsPosition at;
  char *name;
  char *group;       /* (nullable) the name that `count` was given to: this is group-1, group-2, …; its members share
                        all but their names, so that none may be changed or outlive the others */
  guint group_index; /* from 1; 0: no group */
  guint group_size;
  char *backend; /* "qemu", … or "auto" */
  char *image;   /* (nullable) with adopt */
  BsPosition image_at;
  char *adopt;      /* (nullable) an existing machine's or container's name */
  guint memory_mib; /* default 512 */
  BsPosition memory_at;
  guint vcpus;           /* default 1 */
  guint disk_gb;         /* 0: the image's */
  json_t *metadata;      /* (nullable) a mapping as written; plain and quoted scalars are texts */
  char **env;            /* (owned) "NAME=value", NULL-terminated, never NULL itself */
  GPtrArray *interfaces; /* (element-type BsTopologyInterface); after decoding never empty: one per network when absent
                            in the file */
  GPtrArray *ports;      /* (element-type BsTopologyPort) */
  GPtrArray *depends_on; /* (element-type utf8), checked: exist, no cycle */
  GPtrArray *ready;      /* (element-type BsTopologyReady), may be empty: agent */
  GPtrArray *packages;   /* (element-type BsTopologyPackage) */
  GPtrArray *deploy;     /* (element-type BsTopologyDeploy) */
  GPtrArray *volumes;    /* (element-type BsTopologyVolume) */
  BsTopologyCloudInit *cloud_init;  /* (nullable) */
  BsConditions *network_conditions; /* (nullable) */
  BsTopologyContainer *container;   /* (nullable) no such key in the file */
  BsTopologyMachine *machine;       /* (nullable) no such key in the file */
} BsTopologyNode;

/* What a wire does between some of the nodes; both directions of each pair of `nodes`, or `from` to `to`. */
typedef struct
{
  BsPosition at;
  GPtrArray *nodes;     /* (element-type utf8) empty when from and to are given; groups are expanded */
  GPtrArray *from, *to; /* (element-type utf8) */
  char *network;        /* (nullable) all that they share */
  BsPosition network_at;
  BsConditions *conditions; /* never NULL */
} BsTopologyPair;

/* What a step expects of stdout or stderr; each member (nullable). */
typedef struct
{
  char *equals, *contains, *matches, *not_contains; /* matches: PCRE, compiled once to check it */
} BsTopologyExpect;

typedef enum
{
  BS_STEP_COMMAND,
  BS_STEP_WAIT,
  BS_STEP_COPY,
  BS_STEP_FAULT,
  BS_STEP_NET,
  BS_STEP_PARALLEL,
} BsStepKind;

/* "NODE:/path" is in a node, anything else on the host, relative to the file. Exactly one of the two is in a node. */
typedef struct
{
  char *source, *destination;           /* without "NODE:" */
  char *source_node, *destination_node; /* (nullable) */
} BsTopologyCopy;

/* Which interfaces an action is about: those of the nodes, of one network or of all. */
typedef struct
{
  GPtrArray *nodes; /* (element-type utf8) empty: all */
  char *network;    /* (nullable) */
  char *interface;  /* (nullable) of the one node */
} BsTopologyTarget;

typedef enum
{
  BS_ACTION_CONDITIONS, /* target, conditions, ingress */
  BS_ACTION_DOWN,       /* target */
  BS_ACTION_PARTITION,  /* groups, one_way or bridge */
  BS_ACTION_RESET,      /* target: as declared again (net only) */
  BS_ACTION_HEAL,       /* all partitions (net only) */
  BS_ACTION_VERIFY,     /* target: measure declared against actual (net only) */
  BS_ACTION_CRASH,      /* target.nodes; this and those below: fault only */
  BS_ACTION_PAUSE,
  BS_ACTION_FREEZE,
  BS_ACTION_CPU,
  BS_ACTION_MEMORY,
  BS_ACTION_DISK,
  BS_ACTION_CLOCK,
} BsActionKind;

/* A change of wires or machines: of a `net` step, which lasts, or of a `fault` step, which ends. */
typedef struct
{
  BsPosition at;
  BsActionKind kind;
  BsTopologyTarget target;
  GPtrArray *groups;        /* (element-type GPtrArray of utf8) partition: node names */
  gboolean one_way;         /* partition: only what the first group sends is lost */
  char *bridge;             /* (nullable) partition: this node reaches all groups */
  BsConditions *conditions; /* (nullable) */
  gboolean ingress;         /* conditions act on what the target receives */
  gint64 for_usec;          /* fault: required; net: 0 */
  gint64 amount;            /* cpu: workers; memory: MiB; disk: MiB; clock: microseconds, may be negative */
} BsTopologyAction;

typedef struct
{
  BsPosition at;
  BsStepKind kind;
  char *name;               /* never NULL: "step 1" … when absent */
  char *node;               /* (nullable) of a command; checked to exist */
  gint64 wait_usec;         /* of a wait */
  BsTopologyCopy *copy;     /* (nullable) of a copy */
  BsTopologyAction *action; /* (nullable) of a fault or net step */
  GPtrArray *parallel;      /* (nullable) (element-type BsTopologyStep) of a parallel step */
  char **command;           /* argv; a plain string in the file becomes sh -c */
  char *standard_input;     /* (nullable) text */
  char **env;
  gint64 timeout_usec;    /* 0: the scenario's rest */
  int expected_exit_code; /* default 0 */
  gboolean any_exit_code; /* reserved, FALSE */
  BsTopologyExpect out, err;
  gint64 retry_every_usec, retry_for_usec; /* 0: no retry */
} BsTopologyStep;

typedef struct
{
  BsPosition at;
  char *name, *description;
  gint64 timeout_usec; /* default 10 min */
  gboolean fresh;
  BsPosition fresh_at;
  char **tags;
  GPtrArray *steps; /* (element-type BsTopologyStep) */
} BsTopologyScenario;

/* A field that was decoded and is valid, but that nothing acts on yet. */
typedef struct
{
  BsPosition at;
  char *field; /* "nodes[].cloud_init" */
  char *file;  /* (nullable) that of the scenarios; NULL: the topology's */
} BsTopologyInert;

typedef struct
{
  char *file;                  /* as given, for messages */
  char *name;                  /* never NULL: the file's name up to its first dot when absent */
  char *description, *version; /* (nullable) */
  char **tags;
  char *backend;        /* default "auto" */
  GPtrArray *networks;  /* (element-type BsTopologyNetwork); at least one: "lab" */
  GPtrArray *nodes;     /* (element-type BsTopologyNode); at least one */
  GPtrArray *pairs;     /* (element-type BsTopologyPair) conditions_between */
  GPtrArray *scenarios; /* (element-type BsTopologyScenario) */
  guint64 seed;
  gboolean has_seed;
  GPtrArray *inert;         /* (element-type BsTopologyInert) in file order; up refuses each with its position */
  char **variables;         /* "NAME=value" of each ${NAME} that was replaced, never NULL; values may be secrets */
  gboolean expand_commands; /* they were replaced in commands too */
  GHashTable *presets;      /* (nullable) (element-type utf8 BsConditions) those in use */
  GHashTable *by_name;      /* (nullable) private: of bs_topology_node() */
} BsTopology;

void bs_topology_free (BsTopology *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsTopology, bs_topology_free)

/* How the ${NAME} in a file's values are replaced; see docs/topology.md. */
typedef struct
{
  const char *const *variables;   /* (nullable) "NAME=value", NULL-terminated; the last one of a name counts */
  const char *const *environment; /* (nullable) asked after them; NULL: the process's */
  gboolean expand_commands;       /* in commands too */
  const char *presets;            /* (nullable) a document of presets that are known beside all others */
} BsTopologyLoadOptions;

/**
 * bs_topology_load_full:
 * @path: a regular file of at most 48 MiB
 * @options: (nullable)
 * @diagnostics: (out) (transfer full): all errors and warnings, sorted by position; never NULL
 *
 * Returns: NULL when there is at least one error (or the file cannot be read, a diagnostic too)
 */
BsTopology *bs_topology_load_full (const char *path, const BsTopologyLoadOptions *options, BsDiagnostics **diagnostics);

/* The same from memory; @file is for messages. The files that it names are not looked for: they may be elsewhere. */
BsTopology *bs_topology_parse_full (const char *file, const char *data, gsize length,
                                    const BsTopologyLoadOptions *options, BsDiagnostics **diagnostics);

/* The same with the variables of the process's environment. */
BsTopology *bs_topology_load (const char *path, BsDiagnostics **diagnostics);
BsTopology *bs_topology_parse (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics);

/* Scenarios from a file of their own: a document with the one key `scenarios`, or one scenario; node names are checked
 * against @topology. They are added to it. */
gboolean bs_topology_add_scenarios (BsTopology *self, const char *path, BsDiagnostics **diagnostics);
gboolean bs_topology_add_scenarios_full (BsTopology *self, const char *path, const BsTopologyLoadOptions *options,
                                         BsDiagnostics **diagnostics);
/* The same from memory. */
gboolean bs_topology_parse_scenarios (BsTopology *self, const char *file, const char *data, gsize length,
                                      const BsTopologyLoadOptions *options, BsDiagnostics **diagnostics);

/* A diagnostic for each field that nothing acts on yet, with the lines of the topology's file quoted; NULL: there is
 * none. (transfer full) */
BsDiagnostics *bs_topology_refusals (const BsTopology *self, BsDiagnosticSeverity severity);

/* Returns: (nullable) (transfer none): that of the name */
BsTopologyNetwork *bs_topology_network (const BsTopology *self, const char *name);
BsTopologyNode *bs_topology_node (const BsTopology *self, const char *name);
