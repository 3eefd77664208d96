/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fields-scenario.c — scenarios and their steps */
#include "bs-decode.h"

#include "bs-topology-model.h"

static const BsField output_fields[] = {
  { "equals", BS_FIELD_TEXT, BS_IN (BsTopologyExpect, equals), .doc = "is exactly this" },
  { "contains", BS_FIELD_TEXT, BS_IN (BsTopologyExpect, contains), .doc = "has this in it" },
  { "matches", BS_FIELD_TEXT, BS_IN (BsTopologyExpect, matches), .decode = bs_decode_regex,
    .form = "regular expression (PCRE)", .doc = "matches this somewhere" },
  { "not", BS_FIELD_TEXT, BS_IN (BsTopologyExpect, not_contains), .doc = "does not have this in it" },
  { NULL },
};

static const BsField expect_fields[] = {
  { "exit_code", BS_FIELD_INTEGER, BS_IN (BsTopologyStep, expected_exit_code), .least = 0, .most = 255,
    .doc = "as expected_exit_code" },
  { "stdout", BS_FIELD_OBJECT, BS_IN (BsTopologyStep, out), .fields = output_fields, .doc = "what it prints" },
  { "stderr", BS_FIELD_OBJECT, BS_IN (BsTopologyStep, err), .fields = output_fields,
    .doc = "what it prints as errors" },
  { NULL },
};

static const BsField retry_fields[] = {
  { "every", BS_FIELD_DURATION, BS_IN (BsTopologyStep, retry_every_usec), .least = 1000, .fallback = "\"500ms\"",
    .doc = "time from one attempt to the next" },
  { "for", BS_FIELD_DURATION, BS_IN (BsTopologyStep, retry_for_usec), .flags = BS_FIELD_REQUIRED, .least = 1000,
    .doc = "how long to try" },
  { NULL },
};

static const BsField copy_fields[] = {
  { "src", BS_FIELD_STRING, BS_SAME_STRUCT, .flags = BS_FIELD_REQUIRED, .decode = bs_decode_copy_source,
    .form = "path or NODE:/PATH", .example = "./data", .doc = "file or folder that is copied" },
  { "dest", BS_FIELD_STRING, BS_SAME_STRUCT, .flags = BS_FIELD_REQUIRED, .decode = bs_decode_copy_destination,
    .form = "path or NODE:/PATH", .example = "one:/tmp/data", .doc = "where to" },
  { NULL },
};

static const BsFieldPart copy_part = { G_STRUCT_OFFSET (BsTopologyStep, copy), bs_topology_copy_new };
static const BsFieldPart action_part = { G_STRUCT_OFFSET (BsTopologyStep, action), bs_topology_action_new };

const BsField bs_fields_step[] = {
  { "name", BS_FIELD_STRING, BS_IN (BsTopologyStep, name), .doc = "what reports call it" },
  { "node", BS_FIELD_STRING, BS_IN (BsTopologyStep, node), .decode = bs_decode_one_node_reference,
    .form = "node's name", .example = "one", .doc = "where the command runs" },
  { "command", BS_FIELD_STRINGS, BS_IN (BsTopologyStep, command), .decode = bs_decode_command, .command = TRUE,
    .form = "text or list of texts", .example = "[\"true\"]", .doc = "what runs" },
  { "stdin", BS_FIELD_TEXT, BS_IN (BsTopologyStep, standard_input), .command = TRUE, .doc = "what it reads" },
  { "env", BS_FIELD_MAP, BS_IN (BsTopologyStep, env), .doc = "its environment, beside the node's" },
  { "timeout", BS_FIELD_DURATION, BS_IN (BsTopologyStep, timeout_usec), .least = 1000,
    .doc = "how long one attempt may take" },
  { "expected_exit_code", BS_FIELD_INTEGER, BS_IN (BsTopologyStep, expected_exit_code), .least = 0, .most = 255,
    .fallback = "0", .doc = "how it must end" },
  { "expect", BS_FIELD_OBJECT, BS_SAME_STRUCT, .fields = expect_fields, .doc = "what else must hold" },
  { "retry", BS_FIELD_OBJECT, BS_SAME_STRUCT, .fields = retry_fields, .doc = "run it again until it passes" },
  { "wait", BS_FIELD_DURATION, BS_IN (BsTopologyStep, wait_usec), .flags = BS_FIELD_INERT, .least = 1000,
    .doc = "do nothing for this long" },
  { "copy", BS_FIELD_OBJECT, BS_PART (copy_part), .flags = BS_FIELD_INERT, .fields = copy_fields,
    .decode = bs_decode_copy, .doc = "copy a file or folder to or from a node" },
  { "fault", BS_FIELD_OBJECT, BS_PART (action_part), .fields = bs_fields_fault, .example = "{down: [one], for: 5s}",
    .decode = bs_decode_action, .doc = "break something for a time" },
  { "net", BS_FIELD_OBJECT, BS_PART (action_part), .fields = bs_fields_net, .example = "{reset: true}",
    .decode = bs_decode_action, .doc = "change what wires do, until it is changed again" },
  { "parallel", BS_FIELD_LIST, BS_IN (BsTopologyStep, parallel), .flags = BS_FIELD_INERT, .fields = bs_fields_step,
    .decode = bs_decode_parallel, .example = "[{wait: 1s}]", .doc = "steps at the same time" },
  { NULL },
};

const BsField bs_fields_scenario[] = {
  { "name", BS_FIELD_STRING, BS_IN (BsTopologyScenario, name), .flags = BS_FIELD_REQUIRED,
    .doc = "what reports and test call it" },
  { "description", BS_FIELD_TEXT, BS_IN (BsTopologyScenario, description), .doc = "what it shows" },
  { "timeout", BS_FIELD_DURATION, BS_IN (BsTopologyScenario, timeout_usec), .least = 1000, .fallback = "\"10m\"",
    .doc = "how long all of it may take" },
  { "fresh", BS_FIELD_BOOLEAN, BS_IN_AT (BsTopologyScenario, fresh, fresh_at), .flags = BS_FIELD_INERT,
    .doc = "in a lab as it was after up" },
  { "tags", BS_FIELD_STRINGS, BS_IN (BsTopologyScenario, tags), .doc = "words to choose it by" },
  { "steps", BS_FIELD_LIST, BS_IN (BsTopologyScenario, steps), .flags = BS_FIELD_REQUIRED, .fields = bs_fields_step,
    .decode = bs_decode_steps, .doc = "what happens, in order" },
  { NULL },
};
