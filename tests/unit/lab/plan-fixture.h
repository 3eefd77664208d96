/* SPDX-License-Identifier: Apache-2.0 */
/* plan-fixture.h — plans of topologies given as text, named t.yaml */
#pragma once

#include "bs-plan.h"

/* (transfer full); @name: (nullable) as bs_plan_make() */
BsPlan *plan_try (const char *text, const char *name, GError **error);
BsPlan *plan_good (const char *text);

/* @text is refused with this code and this whole message. Returns: (transfer full) the hint */
char *plan_refused (const char *text, int code, const char *message);

const BsPlanNode *plan_node (const BsPlan *plan, guint index);
const char *plan_subnet (const BsPlan *plan, guint index);
