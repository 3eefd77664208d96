/* SPDX-License-Identifier: Apache-2.0 */
/* bs-explain.h — every value of a topology, and where it came from */
#pragma once

#include "bs-topology.h"

/* Wires between two nodes of which pairs speak; further ones are only counted. */
#define BS_EXPLAIN_WIRES_MAX 1000

/* @entry: one of `values`, gone afterwards */
typedef void (*BsExplainFunc) (const json_t *entry, gpointer user_data);

/**
 * bs_explain:
 * @topology: as it was loaded from its file, which is read once more for the places
 * @tell: (nullable): is given each entry of `values`, which is empty then: a big lab has hundreds of thousands
 *
 * An object: `file`; `values`, each with `path`, `value` (null: chosen at up), `origin` and, where it is in the file,
 * `line` and `column`; `condition_defaults`, what wires do
 * where no level says it: `key`, `value`, `origin`; `conditions`, what they do else: `node`, `interface`, `network`,
 * `to` and `to_interface` (of a pair only), `direction` ("sends" or "receives"), `key`, `value` as a topology says it,
 * `origin`, `line` and `column`; and `left_out`, how many wires beyond BS_EXPLAIN_WIRES_MAX there are.
 *
 * Returns: (transfer full)
 */
json_t *bs_explain (const BsTopology *topology, BsExplainFunc tell, gpointer user_data);
