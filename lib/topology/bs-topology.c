/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology.c — files and texts to models */
#include "bs-topology.h"

#include "bs-decode.h"
#include "bs-file.h"
#include "bs-topology-check.h"
#include "bs-topology-model.h"
#include "bs-variables.h"

#include <string.h>

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

static const BsField *
fields_of_topology (const BsYamlNode *root)
{
  return bs_fields_topology;
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

/* What is put in for variables: nearly always nothing, which costs one search. */
static GArray *
expand (BsTopology *topology, BsYamlTree *tree, const BsField *fields, const char *data, gsize length,
        const BsTopologyLoadOptions *options, BsDiagnostics *diagnostics)
{
  GPtrArray *used = g_ptr_array_new ();
  GArray *failed = NULL;

  for (char **known = topology->variables; known != NULL && *known != NULL; known++)
    g_ptr_array_add (used, *known);
  g_clear_pointer (&topology->variables, g_free);
  if (memmem (data, length, "${", 2) != NULL)
    failed = bs_variables_expand (tree, fields, options, used, diagnostics);
  g_ptr_array_add (used, NULL);
  topology->variables = (char **) g_ptr_array_free (used, FALSE);
  topology->expand_commands = options != NULL && options->expand_commands;
  return failed;
}

/* Parses @data, replaces variables and passes the document to @decode. */
static void
read_document (BsTopology *topology, const char *data, gsize length,
               const BsField *(*fields_of) (const BsYamlNode *root), const BsTopologyLoadOptions *options,
               void (*decode) (BsDecoder *decoder, const BsYamlNode *root), BsDiagnostics *diagnostics)
{
  g_autoptr (BsYamlTree) tree = bs_yaml_parse (data, length, diagnostics);
  g_autoptr (GArray) failed = NULL;
  BsDecoder decoder;
  guint before;

  if (tree != NULL)
    {
      failed = expand (topology, tree, fields_of (bs_yaml_root (tree)), data, length, options, diagnostics);
      before = diagnostics->items->len;
      decoder_init (&decoder, diagnostics, topology);
      decode (&decoder, bs_yaml_root (tree));
      decoder_clear (&decoder);
      if (failed != NULL)
        bs_variables_drop_consequences (failed, before, diagnostics);
    }
  bs_diagnostics_sort (diagnostics);
  bs_diagnostics_quote (diagnostics, data, length, BS_LINES_YAML);
}

BsTopology *
bs_topology_parse_full (const char *file, const char *data, gsize length, const BsTopologyLoadOptions *options,
                        BsDiagnostics **diagnostics)
{
  g_autoptr (BsTopology) topology = bs_topology_new (file);

  *diagnostics = bs_diagnostics_new (file);
  read_document (topology, data, length, fields_of_topology, options, decode_topology, *diagnostics);
  if (bs_diagnostics_has_errors (*diagnostics))
    return NULL;
  bs_topology_index (topology);
  return g_steal_pointer (&topology);
}

BsTopology *
bs_topology_parse (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics)
{
  return bs_topology_parse_full (file, data, length, NULL, diagnostics);
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
bs_topology_load_full (const char *path, const BsTopologyLoadOptions *options, BsDiagnostics **diagnostics)
{
  gsize length;
  g_autofree char *data = read_file (path, &length, diagnostics);

  return data != NULL ? bs_topology_parse_full (path, data, length, options, diagnostics) : NULL;
}

BsTopology *
bs_topology_load (const char *path, BsDiagnostics **diagnostics)
{
  return bs_topology_load_full (path, NULL, diagnostics);
}

/* A document with the key `scenarios`, or one that is itself a scenario. */
static const BsField *
fields_of_scenarios (const BsYamlNode *root)
{
  if (root->kind != BS_YAML_MAPPING || bs_yaml_get (root, "scenarios") != NULL || bs_yaml_get (root, "steps") == NULL)
    return bs_fields_scenario_file;
  return bs_fields_scenario;
}

static void
decode_scenarios (BsDecoder *decoder, const BsYamlNode *root)
{
  if (fields_of_scenarios (root) == bs_fields_scenario_file)
    bs_decoder_object (decoder, bs_fields_scenario_file, root, NULL);
  else
    bs_decode_scenario (decoder, bs_fields_scenario_file, root, NULL);
  bs_topology_check_scenarios (decoder);
}

gboolean
bs_topology_add_scenarios_full (BsTopology *self, const char *path, const BsTopologyLoadOptions *options,
                                BsDiagnostics **diagnostics)
{
  guint before = self->scenarios->len, inert_before = self->inert->len;
  g_autofree char *data = NULL;
  gsize length;

  data = read_file (path, &length, diagnostics);
  if (data == NULL)
    return FALSE;
  *diagnostics = bs_diagnostics_new (path);
  read_document (self, data, length, fields_of_scenarios, options, decode_scenarios, *diagnostics);
  for (guint i = inert_before; i < self->inert->len; i++)
    ((BsTopologyInert *) g_ptr_array_index (self->inert, i))->file = g_strdup (path);
  if (!bs_diagnostics_has_errors (*diagnostics))
    return TRUE;
  g_ptr_array_set_size (self->scenarios, (gint) before);
  g_ptr_array_set_size (self->inert, (gint) inert_before);
  return FALSE;
}

gboolean
bs_topology_add_scenarios (BsTopology *self, const char *path, BsDiagnostics **diagnostics)
{
  return bs_topology_add_scenarios_full (self, path, NULL, diagnostics);
}

BsDiagnostics *
bs_topology_refusals (const BsTopology *self, BsDiagnosticSeverity severity)
{
  BsDiagnostics *refused;
  g_autofree char *data = NULL;
  gsize length;

  if (self->inert->len == 0)
    return NULL;
  refused = bs_diagnostics_new (self->file);
  for (guint i = 0; i < self->inert->len; i++)
    {
      const BsTopologyInert *inert = g_ptr_array_index (self->inert, i);
      const char *key = strrchr (inert->field, '.');

      bs_diagnostics_add (refused, severity, inert->at.line, inert->at.column,
                          (guint) strlen (key != NULL ? key + 1 : inert->field),
                          "remove it: nothing in this version acts on it, and nothing is ignored silently",
                          "'%s' is not supported yet", inert->field);
      bs_diagnostics_set_last_file (refused, inert->file);
    }
  bs_diagnostics_sort (refused);
  data = bs_file_read (AT_FDCWD, self->file, BS_YAML_BYTES_MAX, &length, NULL);
  if (data != NULL)
    bs_diagnostics_quote (refused, data, length, BS_LINES_YAML);
  return refused;
}
