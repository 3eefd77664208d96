/* SPDX-License-Identifier: Apache-2.0 */
/* bs-legacy.h — files of the tool's Rust versions 2 and 3, as trees of the current format
 *
 * Their nested form is a subset of the current one and needs little: a `null` for what was left out. The flat form
 * (`lab_name`, `network_subnet`, conditions beside a node's name) and the list of scenarios are rearranged before they
 * are decoded; every value keeps its place in the file, so that messages point to what the user wrote. What those
 * versions took and ignored is an error here as in any other file.
 */
#pragma once

#include "bs-yaml.h"

/* Changes @tree in place; does nothing to a tree that is no topology of theirs. */
void bs_legacy_topology (BsYamlTree *tree);

/* The same for a file of scenarios: a list becomes a mapping with the key `scenarios`. */
void bs_legacy_scenarios (BsYamlTree *tree);
