/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology-encode.h — the model as a topology file would say it: what is decoded can be written again
 *
 * Values are typed: texts, integers, numbers, booleans, lists, mappings; durations are texts. What `count` made is one
 * entry again, and names of all its members are its own name. Two ways of writing one thing become one: `networks` for
 * `network`, `conditions` for a network's own `preset`, a text for a command run by `sh -c`.
 */
#pragma once

#include "bs-topology.h"

typedef enum
{
  BS_TOPOLOGY_ENCODE_SHORT = 0,         /* what differs from its default, and what is required */
  BS_TOPOLOGY_ENCODE_COMPLETE = 1 << 0, /* each default too, as far as a file can say it */
} BsTopologyEncodeFlags;

/* The lab's name is written in any case, for its default is that of the file; what is a setting's default is written
 * when the user changed the setting. (transfer full) */
json_t *bs_topology_to_json (const BsTopology *self, BsTopologyEncodeFlags flags);

/* The document of presets that the topology uses, for BsTopologyLoadOptions.presets;
 * (transfer full) (nullable): there is none */
json_t *bs_topology_presets_to_json (const BsTopology *self);

/* The same as YAML that is read as an equal model, without `expand_commands`; (transfer full) */
char *bs_topology_to_yaml (const BsTopology *self, BsTopologyEncodeFlags flags);
