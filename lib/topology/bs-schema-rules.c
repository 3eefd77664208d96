/* SPDX-License-Identifier: Apache-2.0 */
/* bs-schema-rules.c — which keys of a mapping need or exclude each other, as the decoders check it */
#include "bs-schema-parts.h"

#include "bs-decode.h"

#define JSON(...) #__VA_ARGS__

/* clang-format off */
static const struct
{
  const BsField *fields;
  const char *rules;
} all[] = {
  { bs_fields_topology, JSON (
    [{"not": {"required": ["network", "networks"]}},
     {"properties": {"networks": {"items": {"required": ["name"]}}}}]) },
  { bs_fields_conditions, JSON (
    [{"not": {"required": ["loss_burst", "packet_loss_percent"]}},
     {"not": {"required": ["queue", "bandwidth_kbps"], "properties": {"bandwidth_kbps": {"enum": [0]}}}},
     {"properties": {"loss_burst": {"not": {"anyOf": [
       {"required": ["p", "r"], "properties": {"p": {"type": "number", "exclusiveMinimum": 0}, "r": {"enum": [0]}}},
       {"required": ["p"], "not": {"required": ["r"]}, "properties": {"p": {"enum": [100]}}}]}}}}]) },
  { bs_fields_schedule, JSON (
    [{"oneOf": [{"required": ["down"]}, {"required": ["conditions"]}]},
     {"properties": {"down": {"not": {"enum": [false]}}, "conditions": {"not": {"required": ["schedule"]}}}}]) },
  { bs_fields_pair, JSON (
    [{"oneOf": [{"required": ["nodes"], "not": {"anyOf": [{"required": ["from"]}, {"required": ["to"]}]}},
                {"required": ["from", "to"], "not": {"required": ["nodes"]}}]}]) },
  { bs_fields_node, JSON (
    [{"if": {"required": ["adopt"]},
      "then": {"not": {"anyOf": [{"required": ["image"]}, {"required": ["count"]}, {"required": ["memory_mb"]},
        {"required": ["vcpus"]}, {"required": ["disk_gb"]}, {"required": ["cloud_init"]}]}}},
     {"dependencies": {"initrd": ["kernel"], "cmdline": ["kernel"],
       "network_conditions_preset": {"properties": {"network_conditions": {"not": {"required": ["preset"]}}}}}},
     {"if": {"required": ["count"]},
      "then": {"properties": {"ports": {"maxItems": 0}, "cloud_init": {"not": {"required": ["hostname"]}},
        "interfaces": {"items": {"not": {"anyOf":
          [{"required": ["address"]}, {"required": ["address6"]}, {"required": ["mac"]}]}}}}}}]) },
  { bs_fields_ready, JSON (
    [{"oneOf": [{"required": ["agent"]}, {"required": ["port"]}, {"required": ["file"]}, {"required": ["process"]},
      {"required": ["command"]}, {"required": ["ssh"]}, {"required": ["unit"]}, {"required": ["http"]},
      {"required": ["log"]}]}]) },
  { bs_fields_package, JSON (
    [{"anyOf": [{"required": ["repository"]}, {"required": ["name"], "not": {"required": ["key"]}}]}]) },
  { bs_fields_healthcheck, JSON (
    [{"anyOf": [{"required": ["test"]},
      {"required": ["disable"], "properties": {"disable": {"not": {"enum": [false]}}}}]}]) },
  { bs_fields_fault, JSON (
    [{"oneOf": [{"required": ["conditions"]}, {"required": ["down"]}, {"required": ["partition"]},
      {"required": ["crash"]}, {"required": ["pause"]}, {"required": ["freeze"]}, {"required": ["cpu"]},
      {"required": ["memory"]}, {"required": ["disk"]}, {"required": ["clock"]}]},
     {"dependencies": {"ingress": ["conditions"], "one_way": ["partition"], "bridge": ["partition"],
       "nodes": {"anyOf": [{"required": ["conditions"]}, {"required": ["cpu"]}, {"required": ["memory"]},
         {"required": ["disk"]}, {"required": ["clock"]}]},
       "network": {"anyOf": [{"required": ["conditions"]}, {"required": ["down"]}]},
       "interface": {"anyOf": [{"required": ["conditions"]}, {"required": ["down"]}]}}},
     {"if": {"required": ["one_way"], "properties": {"one_way": {"enum": [true]}}},
      "then": {"not": {"required": ["bridge"]}, "properties": {"partition": {"maxItems": 2}}}}]) },
  { bs_fields_net, JSON (
    [{"oneOf": [{"required": ["conditions"]}, {"required": ["down"]}, {"required": ["partition"]},
      {"required": ["reset"]}, {"required": ["heal"]}, {"required": ["verify"]}]},
     {"dependencies": {"ingress": ["conditions"], "one_way": ["partition"], "bridge": ["partition"],
       "nodes": ["conditions"],
       "network": {"anyOf": [{"required": ["conditions"]}, {"required": ["down"]}, {"required": ["reset"]},
         {"required": ["verify"]}]},
       "interface": {"anyOf": [{"required": ["conditions"]}, {"required": ["down"]}, {"required": ["reset"]},
         {"required": ["verify"]}]}}},
     {"if": {"required": ["one_way"], "properties": {"one_way": {"enum": [true]}}},
      "then": {"not": {"required": ["bridge"]}, "properties": {"partition": {"maxItems": 2}}}}]) },
  { bs_fields_step, JSON (
    [{"oneOf": [{"required": ["command"]}, {"required": ["wait"]}, {"required": ["copy"]}, {"required": ["fault"]},
      {"required": ["net"]}, {"required": ["parallel"]}]},
     {"dependencies": {"command": ["node"], "node": ["command"], "stdin": ["command"], "env": ["command"],
       "expected_exit_code": ["command"], "expect": ["command"], "retry": ["command"],
       "wait": {"not": {"required": ["timeout"]}}}},
     {"not": {"required": ["expected_exit_code", "expect"],
       "properties": {"expect": {"required": ["exit_code"]}}}},
     {"properties": {"parallel": {"items": {"not": {"required": ["parallel"]}}}}}]) },
};
/* clang-format on */

json_t *
bs_schema_rules (const BsField *fields)
{
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i].fields == fields)
      {
        json_t *rules = json_loads (all[i].rules, 0, NULL);

        g_assert (rules != NULL);
        return rules;
      }
  return NULL;
}
