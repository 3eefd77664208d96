/* SPDX-License-Identifier: Apache-2.0 */
/* bs-expect.h — what a step expects of what was printed */
#pragma once

#include "bs-topology.h"

gboolean bs_expect_is_empty (const BsTopologyExpect *expect);

/**
 * bs_expect_check:
 * @channel: "stdout" or "stderr", for the text
 * @text: valid UTF-8
 * @problems: (element-type utf8): for each expectation that is not met, what was expected and what is, is added
 *
 * Returns: FALSE with %BS_ERROR_FAILED when an expectation cannot be judged (an expression that takes too long)
 */
gboolean bs_expect_check (const char *channel, const BsTopologyExpect *expect, const char *text, GPtrArray *problems,
                          GError **error);
