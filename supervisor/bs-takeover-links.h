/* SPDX-License-Identifier: Apache-2.0 */
/* bs-takeover-links.h — the links of a machine that runs already
 *
 * Their descriptors are taken from the machine itself. What they are is known from the record; where that is damaged,
 * it is found in the switch that runs, or without one in the plan (lab.json).
 */
#pragma once

#include "bs-machine.h"
#include "bs-process.h"

/* @switches: (nullable) (element-type BsOldSwitch): to find what the record does not tell; NULL when it tells all */
void bs_takeover_links (BsMachine *machine, const BsProcess *process, GPtrArray *switches);
