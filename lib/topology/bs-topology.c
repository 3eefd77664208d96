/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology.c — files and texts to models */
#include "bs-topology.h"

#include "bs-decode.h"
#include "bs-file.h"
#include "bs-legacy.h"
#include "bs-topology-check.h"
#include "bs-topology-model.h"

/* Comparisons of names for "did you mean": all names of a big file for its first dozens of faults. */
#define HINT_COMPARISONS 200000

static void
decoder_init (BsDecoder *self, BsDiagnostics *diagnostics, BsTopology *topology)
{
  memset (self, 0, sizeof (*self));
  self->diagnostics = diagnostics;
  self->topology = topology;
  self->references = g_array_new (FALSE, FALSE, sizeof (BsReference));
  self->places = g_hash_table_new (NULL, NULL);
  self->hints_left = HINT_COMPARISONS;
}

static void
decoder_clear (BsDecoder *self)
{
  g_array_unref (self->references);
  g_hash_table_unref (self->places);
}

static void
decode_topology (BsDecoder *decoder, const BsYamlNode *root)
{
  if (!bs_decoder_object (decoder, bs_fields_topology, root, decoder->topology))
    return;
  if (bs_yaml_get (root, "network") != NULL && bs_yaml_get (root, "networks") != NULL)
    bs_decoder_error (decoder, bs_yaml_get (root, "network")->key, "put it into the list",
                      "'network' and 'networks' exclude each other");
  bs_topology_complete (decoder);
  bs_topology_check (decoder);
}

BsTopology *
bs_topology_parse (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics)
{
  g_autoptr (BsTopology) topology = bs_topology_new (file);
  g_autoptr (BsYamlTree) tree = NULL;
  BsDecoder decoder;

  *diagnostics = bs_diagnostics_new (file);
  tree = bs_yaml_parse (data, length, *diagnostics);
  if (tree != NULL)
    {
      bs_legacy_topology (tree);
      decoder_init (&decoder, *diagnostics, topology);
      decode_topology (&decoder, bs_yaml_root (tree));
      decoder_clear (&decoder);
    }
  bs_diagnostics_sort (*diagnostics);
  if (bs_diagnostics_has_errors (*diagnostics))
    return NULL;
  bs_topology_index (topology);
  return g_steal_pointer (&topology);
}

/* The content of @path, or NULL with a diagnostic. */
static char *
read_file (const char *path, gsize *length, BsDiagnostics **diagnostics)
{
  g_autoptr (GError) error = NULL;
  char *data = bs_file_read (AT_FDCWD, path, BS_YAML_BYTES_MAX, length, &error);

  if (data != NULL)
    return data;
  *diagnostics = bs_diagnostics_new (path);
  bs_diagnostics_add (*diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, bs_error_hint (error), "%s", error->message);
  return NULL;
}

BsTopology *
bs_topology_load (const char *path, BsDiagnostics **diagnostics)
{
  gsize length;
  g_autofree char *data = read_file (path, &length, diagnostics);

  return data != NULL ? bs_topology_parse (path, data, length, diagnostics) : NULL;
}

/* A document with the key `scenarios`, or one that is itself a scenario. */
static void
decode_scenarios (BsDecoder *decoder, const BsYamlNode *root)
{
  if (root->kind != BS_YAML_MAPPING || bs_yaml_get (root, "scenarios") != NULL || bs_yaml_get (root, "steps") == NULL)
    bs_decoder_object (decoder, bs_fields_scenario_file, root, NULL);
  else
    bs_decode_scenario (decoder, bs_fields_scenario_file, root, NULL);
  bs_topology_check_scenarios (decoder);
}

gboolean
bs_topology_add_scenarios (BsTopology *self, const char *path, BsDiagnostics **diagnostics)
{
  guint before = self->scenarios->len, inert_before = self->inert->len;
  g_autoptr (BsYamlTree) tree = NULL;
  g_autofree char *data = NULL;
  BsDecoder decoder;
  gsize length;

  data = read_file (path, &length, diagnostics);
  if (data == NULL)
    return FALSE;
  *diagnostics = bs_diagnostics_new (path);
  tree = bs_yaml_parse (data, length, *diagnostics);
  if (tree != NULL)
    {
      bs_legacy_scenarios (tree);
      decoder_init (&decoder, *diagnostics, self);
      decode_scenarios (&decoder, bs_yaml_root (tree));
      decoder_clear (&decoder);
    }
  bs_diagnostics_sort (*diagnostics);
  if (!bs_diagnostics_has_errors (*diagnostics))
    return TRUE;
  g_ptr_array_set_size (self->scenarios, (gint) before);
  g_ptr_array_set_size (self->inert, (gint) inert_before);
  return FALSE;
}
