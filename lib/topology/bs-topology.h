/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology.h — the model that a topology file becomes; every decoded thing knows its position */
#pragma once

#include "bs-diagnostic.h"

#include <glib.h>

/* Position in the file, from 1; line 0: not in the file (a default). */
typedef struct
{
  guint line, column;
} BsPosition;

typedef struct
{
  BsPosition at;
  char *name;
  char *subnet; /* (nullable) canonical CIDR, IPv4; NULL: a free one is chosen */
  BsPosition subnet_at;
  guint mtu; /* 576–65521 bytes, default 1500 */
} BsTopologyNetwork;

typedef struct
{
  BsPosition at;
  char *network; /* never NULL after decoding: the only one when absent in the file */
  BsPosition network_at;
  char *address; /* (nullable) "10.0.0.5" */
  BsPosition address_at;
  char *mac;  /* (nullable) canonical lower case, unicast */
  char *name; /* (nullable) eth0 … by order */
  guint mtu;  /* 0: the network's */
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
} BsReadyKind;

typedef struct
{
  BsPosition at;
  BsReadyKind kind;
  char **arguments;   /* (owned) NULL-terminated */
  gint64 within_usec; /* default 60 s */
} BsTopologyReady;

typedef struct
{
  BsPosition at;
  char *name;
  char *backend; /* "qemu", … or "auto" */
  char *image;
  BsPosition image_at;
  guint memory_mib; /* default 512 */
  BsPosition memory_at;
  guint vcpus;           /* default 1 */
  char **env;            /* (owned) "NAME=value", NULL-terminated, never NULL itself */
  GPtrArray *interfaces; /* (element-type BsTopologyInterface); after decoding never empty: one per network when absent
                            in the file */
  GPtrArray *ports;      /* (element-type BsTopologyPort) */
  GPtrArray *depends_on; /* (element-type utf8), checked: exist, no cycle */
  GPtrArray *ready;      /* (element-type BsTopologyReady), may be empty: agent */
} BsTopologyNode;

/* What a step expects of stdout or stderr; each member (nullable). */
typedef struct
{
  char *equals, *contains, *matches, *not_contains; /* matches: PCRE, compiled once to check it */
} BsTopologyExpect;

typedef struct
{
  BsPosition at;
  char *name;           /* never NULL: "step 1" … when absent */
  char *node;           /* checked to exist */
  char **command;       /* argv; a plain string in the file becomes sh -c */
  char *standard_input; /* (nullable) text */
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
  char **tags;
  GPtrArray *steps; /* (element-type BsTopologyStep) */
} BsTopologyScenario;

/* A field that was decoded and is valid, but that nothing acts on yet. */
typedef struct
{
  BsPosition at;
  char *field; /* "nodes[].cloud_init" */
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
  GPtrArray *scenarios; /* (element-type BsTopologyScenario) */
  GPtrArray *inert;     /* (element-type BsTopologyInert) in file order; up refuses each with its position */
  GHashTable *by_name;  /* (nullable) private: of bs_topology_node() */
} BsTopology;

void bs_topology_free (BsTopology *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsTopology, bs_topology_free)

/**
 * bs_topology_load:
 * @path: a regular file of at most 64 MiB
 * @diagnostics: (out) (transfer full): all errors and warnings, sorted by position; never NULL
 *
 * Returns: NULL when there is at least one error (or the file cannot be read, a diagnostic too)
 */
BsTopology *bs_topology_load (const char *path, BsDiagnostics **diagnostics);

/* The same from memory; @file is for messages. */
BsTopology *bs_topology_parse (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics);

/* Scenarios from a file of their own: a document with the one key `scenarios`, or one scenario; node names are checked
 * against @topology. They are added to it. */
gboolean bs_topology_add_scenarios (BsTopology *self, const char *path, BsDiagnostics **diagnostics);

/* Returns: (nullable) (transfer none): that of the name */
BsTopologyNetwork *bs_topology_network (const BsTopology *self, const char *name);
BsTopologyNode *bs_topology_node (const BsTopology *self, const char *name);
