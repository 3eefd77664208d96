/* SPDX-License-Identifier: Apache-2.0 */
/* bs-plan.h — everything about a lab that is decided before anything starts */
#pragma once

#include "bs-address-plan.h"
#include "bs-backend.h"
#include "bs-events.h"
#include "bs-topology.h"
#include "bs-wire-plan.h"

typedef struct
{
  const BsTopologyNode *model; /* (borrowed) from the plan's topology */
  const BsBackendClass *backend;
  BsBackendNode *spec; /* (owned) */
  GArray *after;       /* (owned) (element-type guint) indices of nodes that must be ready first */
} BsPlanNode;

typedef struct
{
  char *name, *uuid;
  char *state_id;                 /* (nullable) for tags; known once the lab is brought up */
  BsTopology *topology;           /* (owned) */
  BsAddressPlan *addresses;       /* (owned) */
  BsWirePlan *wires;              /* (owned) */
  GPtrArray *nodes;               /* (element-type BsPlanNode), as in the topology */
  char *ssh_key, *ssh_key_public; /* (nullable) of the lab: OpenSSH's texts; no node has an SSH server */
  gboolean cold;                  /* boot every node, fork none */
  GPtrArray *missing; /* (nullable) (element-type utf8) of bs_plan_find_images(): "image tiny will be built" */
  char *text;         /* (nullable) what the topology was read from; NULL: it is in its file */
} BsPlan;

void bs_plan_free (BsPlan *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BsPlan, bs_plan_free)

/**
 * bs_plan_make:
 * @topology: (transfer full): also on failure
 * @name: (nullable): overrides the topology's
 *
 * Refuses, with position, each field that nothing acts on yet, an image that nobody can start, and what a backend
 * cannot do. Changes nothing outside the caches' folder.
 */
BsPlan *bs_plan_make (BsTopology *topology, const char *name, GError **error);

/* Makes sure that every image is in the cache, and fills what the nodes start from and how SSH gets into them. */
gboolean bs_plan_ensure_images (BsPlan *self, BsEvents *events, GCancellable *cancellable, GError **error);

/* For a plan that is only shown: fills what the nodes start from as far as it is in the cache, and notes what is
 * missing. Makes nothing. */
void bs_plan_find_images (BsPlan *self);

/* Whether all nodes fit into the host's memory together. @planned: templates are not known yet. %BS_ERROR_EXHAUSTED */
gboolean bs_plan_check_room (const BsPlan *self, gboolean planned, GError **error);

/* Writes the lab's key and its nodes' host keys into @lab_dir: see bs-lab-ssh.h. */
gboolean bs_plan_write_access (const BsPlan *self, int lab_dir, GError **error);

/* The lab's record (lab.json) in @state: (transfer full). */
json_t *bs_plan_record (const BsPlan *self, const char *state);

/* Why @node is forked or booted: "cold: its image has no benchscale-guest"; (transfer full) (nullable): not told. */
char *bs_plan_explain_start (const BsPlan *self, const BsPlanNode *node);

/* What `up --dry-run` prints for people; (transfer full). */
char *bs_plan_describe (const BsPlan *self);
