/* SPDX-License-Identifier: Apache-2.0 */
/* bs-test.h — scenarios in a real lab */
#pragma once

#include "bs-lab-private.h"
#include "bs-scenario.h"

/**
 * bs_test_lab:
 * @lab: a running lab; held against `down` meanwhile
 * @topology: (nullable): what to take the scenarios from; NULL: the lab's own
 * @names: (nullable): globs
 * @options: (nullable): its event function is told of each scenario and step
 *
 * Returns: (transfer full): the report, whatever failed; NULL when nothing could be run
 */
BsRunReport *bs_test_lab (BsLab *lab, const BsTopology *topology, const char *const *names, const BsLabOptions *options,
                          GCancellable *cancellable, GError **error);
