/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-encoder.h — the decoder's tables, read the other way
 *
 * A field is written as its type says, or, where a `decode` function reads it, by the function that
 * bs_encoder_find() has for that one. A decoder that has none writes a field as its type.
 */
#pragma once

#include "bs-decode.h"
#include "bs-topology-encode.h"

typedef struct
{
  const BsTopology *topology;
  BsTopologyEncodeFlags flags;
  gboolean bare;        /* defaults are being made: nothing is left out, nothing nested is looked into */
  GHashTable *defaults; /* (element-type BsField json_t) what a table's struct says when nothing was said */
  GHashTable *sizes;    /* (element-type utf8 guint) of groups, by name */
} BsEncoder;

/* @place: the value, by the field's offset; @owner: the struct that has it.
 * Returns: (transfer full) (nullable): NULL when there is nothing to say */
typedef json_t *(*BsEncode) (BsEncoder *self, const BsField *field, gconstpointer place, gconstpointer owner);

/* (nullable) the way back of @decode */
BsEncode bs_encoder_find (BsFieldDecode decode);

/* All of @source that is to be said; never NULL. */
json_t *bs_encode_object (BsEncoder *self, const BsField *fields, gconstpointer source);
/* One field of it, whatever its default. (nullable) */
json_t *bs_encode_field (BsEncoder *self, const BsField *field, gconstpointer source);
/* By its type alone. */
json_t *bs_encode_value (BsEncoder *self, const BsField *field, gconstpointer place);

json_t *bs_encode_duration (gint64 usec);
/* Of NULL: NULL. */
json_t *bs_encode_strings (char *const *strings);
/* Names of nodes; those of all members of a group, one after the other, are the group's. */
json_t *bs_encode_names (const BsEncoder *self, const GPtrArray *names);
/* argv, or the text that `sh -c` runs. */
json_t *bs_encode_argv (char *const *argv);
json_t *bs_encode_conditions (BsEncoder *self, const BsConditions *conditions);

/* A struct with its defaults is encoded as @fields say and remembered for them. */
void bs_encoder_add_defaults (BsEncoder *self);

#define BS_ENCODE(name) json_t *name (BsEncoder *self, const BsField *field, gconstpointer place, gconstpointer owner)

/* The ways back, in the order of bs-decode.h. */
BS_ENCODE (bs_encode_nothing); /* another field says it */
BS_ENCODE (bs_encode_lab_seed);
BS_ENCODE (bs_encode_network_seed);
BS_ENCODE (bs_encode_networks);
BS_ENCODE (bs_encode_nat);
BS_ENCODE (bs_encode_nodes);
BS_ENCODE (bs_encode_interfaces);
BS_ENCODE (bs_encode_list); /* of structs of the field's table */
BS_ENCODE (bs_encode_scenarios);
BS_ENCODE (bs_encode_steps);
BS_ENCODE (bs_encode_node_names);
BS_ENCODE (bs_encode_pair_end);
BS_ENCODE (bs_encode_conditions_at);
BS_ENCODE (bs_encode_schedule);
BS_ENCODE (bs_encode_integer64);
BS_ENCODE (bs_encode_mode);
BS_ENCODE (bs_encode_ports);
BS_ENCODE (bs_encode_volumes);
BS_ENCODE (bs_encode_packages);
BS_ENCODE (bs_encode_files);
BS_ENCODE (bs_encode_command);
BS_ENCODE (bs_encode_commands);
BS_ENCODE (bs_encode_metadata);
BS_ENCODE (bs_encode_ulimits);
BS_ENCODE (bs_encode_healthcheck);
BS_ENCODE (bs_encode_healthcheck_test);
BS_ENCODE (bs_encode_ready_agent);
BS_ENCODE (bs_encode_ready_port);
BS_ENCODE (bs_encode_ready_file);
BS_ENCODE (bs_encode_ready_process);
BS_ENCODE (bs_encode_ready_command);
BS_ENCODE (bs_encode_ready_ssh);
BS_ENCODE (bs_encode_ready_unit);
BS_ENCODE (bs_encode_ready_http);
BS_ENCODE (bs_encode_ready_log);
BS_ENCODE (bs_encode_copy_source);
BS_ENCODE (bs_encode_copy_destination);
BS_ENCODE (bs_encode_action);
BS_ENCODE (bs_encode_action_nodes);
BS_ENCODE (bs_encode_action_amount);
BS_ENCODE (bs_encode_action_clock);
BS_ENCODE (bs_encode_action_conditions);
BS_ENCODE (bs_encode_action_partition);
BS_ENCODE (bs_encode_action_heal);
