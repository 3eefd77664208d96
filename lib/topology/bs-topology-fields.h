/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-fields.h — what a topology file can say, read from the decoder's own tables */
#pragma once

#include <glib.h>

typedef struct
{
  const char *path; /* "nodes[].interfaces[].address" */
  const char *key;  /* its last part */
  const char *type; /* in words: "integer from 1 to 255" */
  const char *doc;  /* one phrase */
  gboolean required;
  gboolean acted_on; /* FALSE: decoded and checked, but refused by up */
  const char
      *outermost; /* (nullable) when not acted on: what BsTopologyInert names, "nodes[].cloud_init" for its parts too */
} BsTopologyField;

typedef void (*BsTopologyFieldFunc) (const BsTopologyField *field, gpointer user_data);

/* Calls @func for each field, in the tables' order, a mapping before its parts. What it is given lasts for the call
 * only. */
void bs_topology_fields (BsTopologyFieldFunc func, gpointer user_data);

/**
 * bs_topology_field_example:
 * @path: as from bs_topology_fields()
 *
 * Returns: (transfer full) (nullable): a small valid topology in which that field is set; NULL when there is no such
 * field
 */
char *bs_topology_field_example (const char *path);
