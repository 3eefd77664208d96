/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fields-action.c — what fault and net steps do
 *
 * One key says what is done, and its value to whom or how much; `nodes`, `network` and `interface` say where, if the
 * value does not.
 */
#include "bs-decode.h"

#define NODES .form = "list of node names, or true", .example = "[one]", .decode = bs_decode_action_nodes
#define AMOUNT .decode = bs_decode_action_amount

#define WIRES                                                                                                          \
  { "conditions",                                                                                                      \
    BS_FIELD_OBJECT,                                                                                                   \
    BS_SAME_STRUCT,                                                                                                    \
    .fields = bs_fields_conditions,                                                                                    \
    .decode = bs_decode_action_conditions,                                                                             \
    .example = "{latency_ms: 100}",                                                                                    \
    .doc = "what wires do, over what they did" },                                                                      \
      { "ingress", BS_FIELD_BOOLEAN, BS_IN (BsTopologyAction, ingress), .doc = "conditions act on what is received" }, \
      { "down", BS_FIELD_STRINGS, BS_SAME_STRUCT, NODES, .doc = "wires that carry nothing" },                          \
      { "partition",                                                                                                   \
        BS_FIELD_ANY,                                                                                                  \
        BS_SAME_STRUCT,                                                                                                \
        .decode = bs_decode_action_partition,                                                                          \
        .form = "list of lists of node names",                                                                         \
        .example = "[[one], [two]]",                                                                                   \
        .doc = "groups that do not reach each other" },                                                                \
      { "one_way", BS_FIELD_BOOLEAN, BS_IN (BsTopologyAction, one_way),                                                \
        .doc = "only what the first group sends is lost" },                                                            \
  {                                                                                                                    \
    "bridge", BS_FIELD_STRING, BS_IN (BsTopologyAction, bridge), .decode = bs_decode_one_node_reference,               \
                                                                 .form = "node's name", .example = "three",            \
                                                                 .doc = "a node that reaches all groups"               \
  }

#define TARGET                                                                                                         \
  { "nodes",                                                                                                           \
    BS_FIELD_STRINGS,                                                                                                  \
    BS_IN (BsTopologyAction, target.nodes),                                                                            \
    .decode = bs_decode_node_references,                                                                               \
    .form = "list of node names",                                                                                      \
    .example = "[one]",                                                                                                \
    .doc = "whose; all without it" },                                                                                  \
      { "network",                                                                                                     \
        BS_FIELD_STRING,                                                                                               \
        BS_IN (BsTopologyAction, target.network),                                                                      \
        .decode = bs_decode_network_reference,                                                                         \
        .form = "network's name",                                                                                      \
        .example = "lan",                                                                                              \
        .doc = "only wires of this network" },                                                                         \
  {                                                                                                                    \
    "interface", BS_FIELD_STRING, BS_IN (BsTopologyAction, target.interface),                                          \
        .decode = bs_decode_interface_name, .form = "interface name", .example = "eth0",                               \
        .doc = "only this one of the one node"                                                                         \
  }

const BsField bs_fields_fault[] = {
  WIRES,
  { "crash", BS_FIELD_STRINGS, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, NODES,
    .doc = "machines that are as if the power were cut" },
  { "pause", BS_FIELD_STRINGS, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, NODES,
    .doc = "machines whose time stands still" },
  { "freeze", BS_FIELD_STRINGS, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, NODES,
    .doc = "machines whose programs stand still" },
  { "cpu", BS_FIELD_INTEGER, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, AMOUNT, .least = 1, .most = 1024,
    .doc = "busy loops" },
  { "memory", BS_FIELD_INTEGER, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, AMOUNT, .least = 1, .most = 16777216,
    .doc = "MiB that are taken away" },
  { "disk", BS_FIELD_INTEGER, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, AMOUNT, .least = 1, .most = 16777216,
    .doc = "MiB that are filled" },
  { "clock", BS_FIELD_STRING, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, .decode = bs_decode_action_clock,
    .form = "duration, or '-' and one", .example = "-1h", .doc = "how far the clock jumps" },
  TARGET,
  { "for", BS_FIELD_DURATION, BS_IN (BsTopologyAction, for_usec), .flags = BS_FIELD_REQUIRED, .least = 1000,
    .example = "5s", .doc = "when it is undone" },
  { NULL },
};

const BsField bs_fields_net[] = {
  WIRES,
  { "reset", BS_FIELD_STRINGS, BS_SAME_STRUCT, NODES, .doc = "wires that do again what the topology says" },
  { "heal", BS_FIELD_BOOLEAN, BS_SAME_STRUCT, .decode = bs_decode_action_heal, .form = "true",
    .doc = "all partitions end" },
  { "verify", BS_FIELD_STRINGS, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, NODES,
    .doc = "wires that are measured against what they are to do" },
  TARGET,
  { NULL },
};
