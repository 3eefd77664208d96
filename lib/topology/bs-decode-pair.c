/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-pair.c — between which nodes a wire has conditions of its own */
#include "bs-decode.h"

#include "bs-topology-model.h"

/* @target: a GPtrArray ** of names */
void
bs_decode_pair_end (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  char *name = NULL;

  bs_decode_node_reference (self, field, value, target != NULL ? &name : NULL);
  if (name != NULL)
    g_ptr_array_add (*(GPtrArray **) target, name);
}

/* One of the two forms, whole. */
static void
check_form (BsDecoder *self, const BsYamlNode *mapping)
{
  const BsYamlNode *nodes = bs_yaml_get (mapping, "nodes"), *from = bs_yaml_get (mapping, "from"),
                   *to = bs_yaml_get (mapping, "to");
  const BsYamlNode *one = from != NULL ? from : to;

  if (nodes != NULL && one != NULL)
    bs_decoder_error (self, one->key, "'nodes' means both directions, 'from' and 'to' mean one",
                      "'nodes' and '%s' exclude each other", one->key->text);
  else if (from != NULL && to == NULL)
    bs_decoder_error (self, from->key, "add 'to: NODE', or write 'nodes: [A, B]' for both directions",
                      "'from' needs 'to'");
  else if (to != NULL && from == NULL)
    bs_decoder_error (self, to->key, "add 'from: NODE', or write 'nodes: [A, B]' for both directions",
                      "'to' needs 'from'");
  else if (nodes == NULL && one == NULL)
    bs_decoder_error (self, mapping, "write 'nodes: [A, B]', or 'from: A' and 'to: B' for one direction",
                      "a pair must name its nodes");
}

static void
decode_pair (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer pairs)
{
  BsTopologyPair *pair = bs_topology_pair_new (bs_yaml_position (value));

  g_ptr_array_add (pairs, pair);
  g_hash_table_insert (self->places, pair, (gpointer) value);
  if (bs_decoder_object (self, field->fields, value, pair))
    check_form (self, value);
  if (pair->conditions == NULL)
    pair->conditions = bs_conditions_new (pair->at); /* only after a fault: nothing to charge */
}

/* @target: a GPtrArray ** of BsTopologyPair */
void
bs_decode_pairs (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_elements (self, field, value, *(GPtrArray **) target, decode_pair);
}
