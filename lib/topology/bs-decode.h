/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode.h — the tables of a topology's mappings, and the decoders of fields that are more than their type */
#pragma once

#include "bs-decoder.h"

/* A field that is stored in @Struct's @member, and one whose position is kept in @at too. */
#define BS_IN(Struct, member) .offset = G_STRUCT_OFFSET (Struct, member), .at_offset = BS_FIELD_NOWHERE
#define BS_IN_AT(Struct, member, at)                                                                                   \
  .offset = G_STRUCT_OFFSET (Struct, member), .at_offset = G_STRUCT_OFFSET (Struct, at)
/* Parts of this mapping are stored in the same struct as the mapping's neighbours. */
#define BS_SAME_STRUCT .offset = 0, .at_offset = BS_FIELD_NOWHERE
/* A field in a struct behind a pointer, and one that is that struct. */
#define BS_IN_PART(Part, Struct, member) BS_IN (Struct, member), .part = &(Part)
#define BS_PART(Part) BS_SAME_STRUCT, .part = &(Part)
#define BS_CHECKED .offset = BS_FIELD_NOWHERE, .at_offset = BS_FIELD_NOWHERE
/* Beside BS_IN: stored, though nothing acts on it yet. */
#define BS_LATER .flags = BS_FIELD_INERT
#define BS_LATER_REQUIRED .flags = BS_FIELD_INERT | BS_FIELD_REQUIRED
#define BS_INERT BS_CHECKED, .flags = BS_FIELD_INERT
#define BS_INERT_REQUIRED BS_CHECKED, .flags = BS_FIELD_INERT | BS_FIELD_REQUIRED

extern const BsField bs_fields_topology[];
extern const BsField bs_fields_scenario_file[];
extern const BsField bs_fields_network[];
extern const BsField bs_fields_conditions[];
extern const BsField bs_fields_schedule[];
extern const BsField bs_fields_nat[];
extern const BsField bs_fields_pair[];
extern const BsField bs_fields_node[];
extern const BsField bs_fields_interface[];
extern const BsField bs_fields_ready[];
extern const BsField bs_fields_cloud_init[];
extern const BsField bs_fields_deploy[];
extern const BsField bs_fields_ulimit[];
extern const BsField bs_fields_healthcheck[];
extern const BsField bs_fields_fault[];
extern const BsField bs_fields_net[];
extern const BsField bs_fields_package[];
extern const BsField bs_fields_scenario[];
extern const BsField bs_fields_step[];
extern const char *const bs_backend_words[];
extern const char *const bs_step_command_keys[]; /* what only a step with `command` has */
/* The key that says what an action does, and whether another may stand beside it. */
const char *bs_action_key (BsActionKind kind);
gboolean bs_action_takes (BsActionKind kind, const char *key);
extern const char *const bs_capability_words[]; /* without CAP_ */
extern const char *const bs_limit_words[];

/* Names and addresses: text of one form, into a char * */
void bs_decode_lab_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_node_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_network_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_interface_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_image (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_subnet (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_address (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_subnet6 (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_address6 (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_mac (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_regex (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_host_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_owner (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_user (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_adopt (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_cpu (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_package_name (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_repository (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_repository_key (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_restart (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
gboolean bs_decode_is_url (const char *text);
/* Paths. Those of the host are looked for when the decoder knows the folder. */
gboolean bs_decode_is_absolute_path (const char *path);
/* A file, or a @folder as well, that can be read. FALSE when reported. */
gboolean bs_decode_check_file (BsDecoder *self, const BsField *field, const BsYamlNode *value, gboolean folder);
void bs_decode_absolute_path (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_host_file (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_host_tree (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_mode (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
/* Uses of names */
void bs_decode_node_reference (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
/* As the one before, but what `count` makes several of is an error. */
void bs_decode_one_node_reference (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_network_reference (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_node_references (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
/* Conditions: @target is a BsConditions **, made when it is NULL; so is that of a network's own preset. */
void bs_decode_conditions (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_own_preset (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
/* Their parts; @target is the BsConditions itself, or a char ** of trace and a GPtrArray ** of schedule */
void bs_decode_preset (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_loss_burst (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_queue_limit (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_trace (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_schedule (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
/* Seeds; @target is the BsTopology or the BsTopologyNetwork itself */
void bs_decode_lab_seed (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_network_seed (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
/* Lists and mappings of the model */
void bs_decode_nat (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_lone_nat (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_pairs (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_pair_end (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_network (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_networks (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_nodes (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_interfaces (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ports (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_packages (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_scenarios (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_steps (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_commands (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_deploy (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_files (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_volumes (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_parallel (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ulimits (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_healthcheck (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_healthcheck_test (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_labels (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_capabilities (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_devices (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_tmpfs (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_metadata (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
/* char ***: a list of texts, each checked and added by @decode */
void bs_decode_texts (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target,
                      BsFieldDecode decode);
/* char ***: a list of words, or one text for sh -c */
void bs_decode_command (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
/* Readiness; the kinds' @target is the BsTopologyReady itself */
void bs_decode_ready (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ready_agent (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ready_port (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ready_file (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ready_process (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ready_command (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ready_ssh (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ready_unit (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ready_http (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_ready_log (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
/* Parts of a step; the target is the BsTopologyCopy, and the BsTopologyAction */
void bs_decode_copy (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_copy_source (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_copy_destination (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_action (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_action_nodes (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_action_amount (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_action_clock (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_action_conditions (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_action_partition (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
void bs_decode_action_heal (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);

/* Reads one scenario into the topology; @value must be a mapping of bs_fields_scenario. */
void bs_decode_scenario (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target);
