/* SPDX-License-Identifier: Apache-2.0 */
/* bs-steps.h — every step that up and down journal, and so every failpoint
 *
 * A step is journaled before and after its outside effect; "STEP.before" and "STEP.after" are failpoints. New work adds
 * its steps here and nowhere else: the system test that kills at each of them walks this table.
 */
#pragma once

#include <glib.h>

#define BS_STEP_CREATE_RECORD "create-record"
#define BS_STEP_START_SUPERVISOR "start-supervisor"
#define BS_STEP_START_SWITCH "start-switch"
#define BS_STEP_CREATE_NODE "create-node"
#define BS_STEP_START_NODE "start-node"
#define BS_STEP_LOAD_FORK "load-fork" /* within start-node, not journaled */
#define BS_STEP_IDENTIFY_NODE "identify-node"
#define BS_STEP_PROVISION_NODE "provision-node"
#define BS_STEP_FINISH_UP "finish-up"
#define BS_STEP_STOP_NODE "stop-node"
#define BS_STEP_STOP_SUPERVISOR "stop-supervisor"
#define BS_STEP_REMOVE_OBJECTS "remove-objects"
#define BS_STEP_REMOVE_RECORD "remove-record"
/* Of making a template, in a journal of its own. */
#define BS_STEP_TEMPLATE_BEGIN "template-begin"
#define BS_STEP_TEMPLATE_SUPERVISOR "template-supervisor"
#define BS_STEP_TEMPLATE_START "template-start"
#define BS_STEP_TEMPLATE_BOOT "template-boot"
#define BS_STEP_TEMPLATE_PROVISION "template-provision"
#define BS_STEP_TEMPLATE_FREEZE "template-freeze"
#define BS_STEP_TEMPLATE_PUBLISH "template-publish"

typedef struct
{
  const char *name;
  const char *verb; /* "up", "down", "provision": an up of nodes that get something, or "template": an up that has to
                       make one */
} BsStep;

/* Ends with a NULL name. */
extern const BsStep bs_steps[];

/* (transfer container): NULL-terminated failpoint names: "create-record.before", … */
char **bs_steps_failpoints (void);
