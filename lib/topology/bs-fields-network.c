/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fields-network.c — the topology itself, networks and what wires do */
#include "bs-decode.h"

#define PERCENT .type = BS_FIELD_NUMBER, .least = 0, .most = 100
#define TIME_MS .type = BS_FIELD_NUMBER, .least = 0, .most = 3600000
#define SEED .type = BS_FIELD_INTEGER, .least = 0, .most = G_MAXINT64

const char *const bs_backend_words[] = { "qemu", "libvirt", "docker", "podman", "lxd", "auto", NULL };
static const char *const distribution_words[] = { "uniform", "normal", "pareto", NULL };
static const char *const discipline_words[] = { "droptail", "codel", NULL };
static const char *const nat_words[]
    = { "endpoint-independent", "address-dependent", "address-and-port-dependent", NULL };

static const BsField loss_burst_fields[] = {
  { "p", PERCENT, BS_IN (BsConditions, burst_p), .flags = BS_FIELD_REQUIRED, .doc = "chance to enter the bad state" },
  { "r", PERCENT, BS_IN (BsConditions, burst_r), .doc = "chance to leave the bad state" },
  { "h", PERCENT, BS_IN (BsConditions, burst_h), .doc = "chance to deliver in the bad state" },
  { "k", PERCENT, BS_IN (BsConditions, burst_k), .doc = "chance to deliver in the good state" },
  { NULL },
};

static const BsField queue_fields[] = {
  { "limit", BS_FIELD_STRING, BS_SAME_STRUCT, .decode = bs_decode_queue_limit, .form = "bytes or time",
    .example = "100ms", .doc = "what may wait, as 64KiB or 100ms" },
  { "discipline", BS_FIELD_CHOICE, BS_IN (BsConditions, queue_discipline), .choices = discipline_words,
    .doc = "what is dropped when it is full" },
  { NULL },
};

const BsField bs_fields_schedule[] = {
  { "at", BS_FIELD_DURATION, BS_IN (BsConditionsChange, at_usec), .flags = BS_FIELD_REQUIRED,
    .doc = "when, from the lab's start" },
  { "for", BS_FIELD_DURATION, BS_IN (BsConditionsChange, for_usec), .least = 1000, .doc = "how long" },
  { "down", BS_FIELD_BOOLEAN, BS_IN (BsConditionsChange, down), .doc = "the wire carries nothing" },
  { "conditions", BS_FIELD_OBJECT, BS_IN (BsConditionsChange, conditions), .fields = bs_fields_conditions,
    .decode = bs_decode_conditions, .doc = "what the wire does then" },
  { NULL },
};

const BsField bs_fields_conditions[] = {
  { "preset", BS_FIELD_STRING, BS_SAME_STRUCT, .decode = bs_decode_preset, .form = "preset's name",
    .example = "home_lan", .doc = "a named set, which the other keys override" },
  { "latency_ms", TIME_MS, BS_IN (BsConditions, latency_ms), .doc = "one-way delay" },
  { "jitter_ms", TIME_MS, BS_IN (BsConditions, jitter_ms), .doc = "variation of the delay" },
  { "jitter_distribution", BS_FIELD_CHOICE, BS_IN (BsConditions, distribution), .choices = distribution_words,
    .fallback = "\"normal\"", .doc = "shape of the variation" },
  { "packet_loss_percent", PERCENT, BS_IN (BsConditions, loss_percent), .doc = "packets lost at random" },
  { "loss_burst", BS_FIELD_OBJECT, BS_SAME_STRUCT, .fields = loss_burst_fields, .decode = bs_decode_loss_burst,
    .doc = "losses in bursts (Gilbert-Elliott)" },
  { "duplicate_percent", PERCENT, BS_IN (BsConditions, duplicate_percent), .doc = "packets sent twice" },
  { "reorder_percent", PERCENT, BS_IN (BsConditions, reorder_percent), .doc = "packets that overtake others" },
  { "corrupt_percent", PERCENT, BS_IN (BsConditions, corrupt_percent), .doc = "packets with a changed bit" },
  { "bandwidth_kbps", BS_FIELD_NUMBER, BS_IN (BsConditions, bandwidth_kbps), .least = 0, .most = 1000000000,
    .doc = "kbit/s; 0 is unlimited" },
  { "queue", BS_FIELD_OBJECT, BS_SAME_STRUCT, .fields = queue_fields, .doc = "what waits for its turn" },
  { "trace", BS_FIELD_STRING, BS_IN (BsConditions, trace), .decode = bs_decode_trace, .form = "path, or none",
    .example = "line.trace", .doc = "a file of delivery opportunities" },
  { "schedule", BS_FIELD_LIST, BS_IN (BsConditions, schedule), .fields = bs_fields_schedule,
    .decode = bs_decode_schedule, .doc = "changes over time" },
  { NULL },
};

const BsField bs_fields_pair[] = {
  { "nodes", BS_FIELD_STRINGS, BS_IN (BsTopologyPair, nodes), .decode = bs_decode_node_references,
    .form = "list of node names", .example = "[one, two]", .doc = "both directions between these" },
  { "from", BS_FIELD_STRING, BS_IN (BsTopologyPair, from), .decode = bs_decode_pair_end, .form = "node's name",
    .example = "one", .doc = "the sender, for one direction" },
  { "to", BS_FIELD_STRING, BS_IN (BsTopologyPair, to), .decode = bs_decode_pair_end, .form = "node's name",
    .example = "two", .doc = "the receiver" },
  { "network", BS_FIELD_STRING, BS_IN_AT (BsTopologyPair, network, network_at), .decode = bs_decode_network_reference,
    .form = "network's name", .example = "lan", .doc = "the network they share" },
  { "conditions", BS_FIELD_OBJECT, BS_IN (BsTopologyPair, conditions), .flags = BS_FIELD_REQUIRED,
    .fields = bs_fields_conditions, .decode = bs_decode_conditions, .doc = "what the wire does" },
  { NULL },
};

const BsField bs_fields_nat[] = {
  { "uplink", BS_FIELD_STRING, BS_IN_AT (BsTopologyNat, uplink, uplink_at), BS_LATER_REQUIRED,
    .decode = bs_decode_network_reference, .form = "network's name", .example = "wan", .doc = "the outer network" },
  { "mapping", BS_FIELD_CHOICE, BS_IN (BsTopologyNat, mapping), BS_LATER, .choices = nat_words,
    .fallback = "\"endpoint-independent\"", .doc = "RFC 4787 mapping behaviour" },
  { "filtering", BS_FIELD_CHOICE, BS_IN (BsTopologyNat, filtering), BS_LATER, .choices = nat_words,
    .fallback = "\"endpoint-independent\"", .doc = "RFC 4787 filtering behaviour" },
  { "hairpin", BS_FIELD_BOOLEAN, BS_IN (BsTopologyNat, hairpin), BS_LATER, .fallback = "true",
    .doc = "inner nodes reach each other by the outer address" },
  { "lifetime", BS_FIELD_DURATION, BS_IN (BsTopologyNat, lifetime_usec), BS_LATER, .least = 1000, .fallback = "\"2m\"",
    .doc = "of an idle mapping" },
  { NULL },
};

/* All but `nat`. */
#define NETWORK_FIELDS                                                                                                 \
  { "name",         BS_FIELD_STRING,  BS_IN (BsTopologyNetwork, name), .decode = bs_decode_network_name,               \
    .form = "name", .example = "lan", .doc = "what interfaces call it" },                                              \
      { "subnet",                                                                                                      \
        BS_FIELD_STRING,                                                                                               \
        BS_IN_AT (BsTopologyNetwork, subnet, subnet_at),                                                               \
        .decode = bs_decode_subnet,                                                                                    \
        .form = "IPv4 subnet",                                                                                         \
        .example = "10.10.0.0/24",                                                                                     \
        .doc = "its IPv4 addresses" },                                                                                 \
      { "subnet6",                                                                                                     \
        BS_FIELD_STRING,                                                                                               \
        BS_IN_AT (BsTopologyNetwork, subnet6, subnet6_at),                                                             \
        BS_LATER,                                                                                                      \
        .decode = bs_decode_subnet6,                                                                                   \
        .form = "IPv6 subnet, or auto",                                                                                \
        .example = "auto",                                                                                             \
        .doc = "its IPv6 addresses" },                                                                                 \
      { "internet", BS_FIELD_BOOLEAN, BS_IN_AT (BsTopologyNetwork, internet, internet_at), BS_LATER,                   \
        .doc = "a gateway to the outside" },                                                                           \
      { "mtu",         BS_FIELD_INTEGER,   BS_IN (BsTopologyNetwork, mtu),   .least = 576,                             \
        .most = 65521, .fallback = "1500", .doc = "greatest packet in bytes" },                                        \
      { "preset",                                                                                                      \
        BS_FIELD_STRING,                                                                                               \
        BS_IN (BsTopologyNetwork, conditions),                                                                         \
        .decode = bs_decode_own_preset,                                                                                \
        .form = "preset's name",                                                                                       \
        .example = "home_lan",                                                                                         \
        .doc = "named conditions" },                                                                                   \
      { "conditions",                                                                                                  \
        BS_FIELD_OBJECT,                                                                                               \
        BS_IN (BsTopologyNetwork, conditions),                                                                         \
        .fields = bs_fields_conditions,                                                                                \
        .decode = bs_decode_conditions,                                                                                \
        .doc = "what its wires do" },                                                                                  \
  {                                                                                                                    \
    "seed", SEED, BS_SAME_STRUCT, .decode = bs_decode_network_seed, .doc = "of its random decisions"                   \
  }

const BsField bs_fields_network[] = {
  NETWORK_FIELDS,
  { "nat", BS_FIELD_OBJECT, BS_IN (BsTopologyNetwork, nat), BS_LATER, .fields = bs_fields_nat, .decode = bs_decode_nat,
    .doc = "address translation to another network" },
  { NULL },
};

/* The one network has no other that it could translate to. */
static const BsField one_network_fields[] = {
  NETWORK_FIELDS,
  { "nat", BS_FIELD_ANY, BS_CHECKED, .flags = BS_FIELD_NOT_HERE, .decode = bs_decode_lone_nat },
  { NULL },
};

static const BsField metadata_fields[] = {
  { "name", BS_FIELD_STRING, BS_IN (BsTopology, name), .decode = bs_decode_lab_name, .form = "name",
    .doc = "the lab's name" },
  { "description", BS_FIELD_TEXT, BS_IN (BsTopology, description), .doc = "what the lab is for" },
  { "version", BS_FIELD_STRING, BS_IN (BsTopology, version), .example = "1.0", .doc = "of the file, for its readers" },
  { "tags", BS_FIELD_STRINGS, BS_IN (BsTopology, tags), .doc = "words to find it by" },
  { NULL },
};

const BsField bs_fields_topology[] = {
  { "metadata", BS_FIELD_OBJECT, BS_SAME_STRUCT, .fields = metadata_fields, .doc = "what the lab is" },
  { "backend", BS_FIELD_CHOICE, BS_IN (BsTopology, backend), .choices = bs_backend_words, .fallback = "\"auto\"",
    .doc = "what runs the nodes" },
  { "network", BS_FIELD_OBJECT, BS_CHECKED, .fields = one_network_fields, .decode = bs_decode_network,
    .doc = "the one network" },
  { "networks", BS_FIELD_LIST, BS_CHECKED, .fields = bs_fields_network, .decode = bs_decode_networks,
    .doc = "several networks" },
  { "nodes", BS_FIELD_LIST, BS_CHECKED, .flags = BS_FIELD_REQUIRED, .fields = bs_fields_node, .decode = bs_decode_nodes,
    .doc = "the machines" },
  { "conditions_between", BS_FIELD_LIST, BS_IN (BsTopology, pairs), .fields = bs_fields_pair, .decode = bs_decode_pairs,
    .example = "[{nodes: [one, two], conditions: {latency_ms: 5}}]", .doc = "what wires do between two nodes" },
  { "scenarios", BS_FIELD_LIST, BS_CHECKED, .fields = bs_fields_scenario, .decode = bs_decode_scenarios,
    .doc = "tests" },
  { "seed", SEED, BS_SAME_STRUCT, .decode = bs_decode_lab_seed, .doc = "of all random decisions" },
  { NULL },
};

const BsField bs_fields_scenario_file[] = {
  { "scenarios", BS_FIELD_LIST, BS_CHECKED, .flags = BS_FIELD_REQUIRED, .fields = bs_fields_scenario,
    .decode = bs_decode_scenarios, .doc = "tests" },
  { NULL },
};
