/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology.c — files and texts to models */
#include "bs-topology.h"

#include "bs-decode.h"
#include "bs-file.h"
#include "bs-legacy.h"
#include "bs-preset-file.h"
#include "bs-topology-check.h"
#include "bs-topology-model.h"
#include "bs-variables.h"

#include <string.h>

/* Comparisons of names for "did you mean": all names of a big file for its first dozens of faults. */
#define HINT_COMPARISONS 200000

/* One kind of document: how older forms of it become the current one, which fields it has, what reads it. */
typedef struct
{
  void (*convert) (BsYamlTree *tree);
  const BsField *(*fields_of) (const BsYamlNode *root);
  void (*decode) (BsDecoder *decoder, const BsYamlNode *root);
} Kind;

static gint64
count_nodes (const BsYamlNode *root)
{
  const BsYamlNode *nodes = root->kind == BS_YAML_MAPPING ? bs_yaml_get (root, "nodes") : NULL;
  gint64 count = 0;

  if (nodes != NULL && nodes->kind == BS_YAML_SEQUENCE)
    for (const BsYamlNode *node = nodes->first; node != NULL; node = node->next)
      count++;
  return count;
}

/* What is left for the model of @tree. */
static gint64
model_bytes (const BsYamlTree *tree, gsize length)
{
  gint64 by_length = BS_TOPOLOGY_BYTES_PER_BYTE * MAX ((gint64) length - BS_TOPOLOGY_BYTES_FREE, 0);
  gint64 by_nodes = BS_TOPOLOGY_BYTES_PER_NODE * count_nodes (bs_yaml_root (tree));

  return BS_TOPOLOGY_BYTES + MIN (by_length, by_nodes) - (gint64) bs_yaml_taken (tree);
}

void
bs_decoder_init (BsDecoder *self, BsDiagnostics *diagnostics, BsTopology *topology, const BsYamlTree *tree,
                 gsize length)
{
  memset (self, 0, sizeof (*self));
  self->diagnostics = diagnostics;
  self->topology = topology;
  self->references = g_array_new (FALSE, FALSE, sizeof (BsReference));
  self->places = g_hash_table_new (NULL, NULL);
  self->hints_left = HINT_COMPARISONS;
  self->model_left = model_bytes (tree, length);
}

void
bs_decoder_clear (BsDecoder *self)
{
  g_array_unref (self->references);
  g_hash_table_unref (self->places);
}

static const BsField *
fields_of_topology (const BsYamlNode *root)
{
  return bs_fields_topology;
}

/* Scenarios in a file of their own: they name nodes that are elsewhere. */
static gboolean
is_scenarios (const BsYamlNode *root)
{
  if (root->kind == BS_YAML_SEQUENCE)
    return root->first != NULL && root->first->kind == BS_YAML_MAPPING && bs_yaml_get (root->first, "steps") != NULL;
  return root->kind == BS_YAML_MAPPING && bs_yaml_get (root, "nodes") == NULL && bs_yaml_get (root, "network") == NULL
         && bs_yaml_get (root, "networks") == NULL
         && (bs_yaml_get (root, "scenarios") != NULL || bs_yaml_get (root, "steps") != NULL);
}

static void
decode_topology (BsDecoder *decoder, const BsYamlNode *root)
{
  if (is_scenarios (root))
    {
      bs_decoder_error (decoder, root, "give it with --scenarios, beside its topology",
                        "these are scenarios, and no topology");
      return;
    }
  if (!bs_decoder_object (decoder, bs_fields_topology, root, decoder->topology))
    return;
  if (bs_yaml_get (root, "network") != NULL && bs_yaml_get (root, "networks") != NULL)
    bs_decoder_error (decoder, bs_yaml_get (root, "network")->key, "put it into the list",
                      "'network' and 'networks' exclude each other");
  if (!decoder->stopped)
    bs_topology_complete (decoder);
  if (!decoder->stopped)
    bs_topology_check (decoder);
}

/* What is put in for variables: nearly always nothing. @any: whether there may be one */
static GArray *
expand (BsTopology *topology, BsYamlTree *tree, const BsField *fields, gboolean any,
        const BsTopologyLoadOptions *options, BsDiagnostics *diagnostics)
{
  GPtrArray *used = g_ptr_array_new ();
  GArray *failed = NULL;

  for (char **known = topology->variables; known != NULL && *known != NULL; known++)
    g_ptr_array_add (used, *known);
  g_clear_pointer (&topology->variables, g_free);
  if (any)
    failed = bs_variables_expand (tree, fields, options, used, diagnostics);
  g_ptr_array_add (used, NULL);
  topology->variables = (char **) g_ptr_array_free (used, FALSE);
  topology->expand_commands = options != NULL && options->expand_commands;
  return failed;
}

/* A document's text is not needed once it is a tree, which has all of it: @length is what it took. */
typedef struct
{
  BsYamlTree *tree; /* (nullable) */
  gsize length;
  gboolean variables; /* it may have some */
} Document;

static void
document_init (Document *self, const char *data, gsize length, BsDiagnostics *diagnostics)
{
  self->tree = bs_yaml_parse (data, length, diagnostics);
  self->length = length;
  self->variables = memmem (data, length, "${", 2) != NULL;
}

/* What @document says goes into @topology. @folder: (nullable): where the paths of the file begin; NULL: they are not
 * looked for */
static void
read_document (const Kind *kind, BsTopology *topology, const char *folder, Document *document,
               const BsTopologyLoadOptions *options, BsDiagnostics *diagnostics)
{
  g_autoptr (BsYamlTree) tree = g_steal_pointer (&document->tree);
  g_autoptr (GArray) failed = NULL;
  BsDecoder decoder;
  guint before;

  if (tree != NULL)
    {
      if (options != NULL && options->presets != NULL && topology->presets == NULL)
        topology->presets = bs_preset_file_parse (options->presets, diagnostics);
      kind->convert (tree);
      failed
          = expand (topology, tree, kind->fields_of (bs_yaml_root (tree)), document->variables, options, diagnostics);
      before = diagnostics->added;
      bs_decoder_init (&decoder, diagnostics, topology, tree, document->length);
      decoder.folder = folder;
      kind->decode (&decoder, bs_yaml_root (tree));
      bs_decoder_clear (&decoder);
      if (failed != NULL)
        bs_variables_drop_consequences (failed, before, diagnostics);
    }
  bs_diagnostics_sort (diagnostics);
}

static const Kind topology_kind = { bs_legacy_topology, fields_of_topology, decode_topology };

/* The model, or NULL after errors. */
static BsTopology *
build (const char *file, const char *folder, Document *document, const BsTopologyLoadOptions *options,
       BsDiagnostics *diagnostics)
{
  g_autoptr (BsTopology) topology = bs_topology_new (file);

  read_document (&topology_kind, topology, folder, document, options, diagnostics);
  if (bs_diagnostics_has_errors (diagnostics))
    return NULL;
  bs_topology_expand (topology, 0);
  bs_topology_index (topology);
  return g_steal_pointer (&topology);
}

BsTopology *
bs_topology_parse_full (const char *file, const char *data, gsize length, const BsTopologyLoadOptions *options,
                        BsDiagnostics **diagnostics)
{
  BsTopology *topology;
  Document document;

  *diagnostics = bs_diagnostics_new (file);
  document_init (&document, data, length, *diagnostics);
  topology = build (file, NULL, &document, options, *diagnostics);
  bs_diagnostics_quote (*diagnostics, data, length, BS_LINES_YAML);
  return topology;
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
  char *data = bs_file_read_settled (AT_FDCWD, path, BS_YAML_BYTES_MAX, length, &error);

  *diagnostics = bs_diagnostics_new (path);
  if (data == NULL)
    bs_diagnostics_add (*diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, bs_error_hint (error), "%s", error->message);
  return data;
}

/* The lines that are complained about are read once more: mostly there is nothing to complain about, and the text went
 * before the model was made. */
static void
quote_file (const char *path, BsDiagnostics *diagnostics)
{
  g_autofree char *data = NULL;
  gsize length;

  if (diagnostics->items->len == 0)
    return;
  data = bs_file_read (AT_FDCWD, path, BS_YAML_BYTES_MAX, &length, NULL);
  if (data != NULL)
    bs_diagnostics_quote (diagnostics, data, length, BS_LINES_YAML);
}

BsTopology *
bs_topology_load_full (const char *path, const BsTopologyLoadOptions *options, BsDiagnostics **diagnostics)
{
  gsize length;
  g_autofree char *data = read_file (path, &length, diagnostics), *folder = g_path_get_dirname (path);
  BsTopology *topology;
  Document document;

  if (data == NULL)
    return NULL;
  document_init (&document, data, length, *diagnostics);
  g_clear_pointer (&data, g_free);
  topology = build (path, folder, &document, options, *diagnostics);
  quote_file (path, *diagnostics);
  return topology;
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
  if (!decoder->stopped)
    bs_topology_check_scenarios (decoder);
}

static const Kind scenarios_kind = { bs_legacy_scenarios, fields_of_scenarios, decode_scenarios };

/* Takes what @document has into @self, or leaves it as it was. */
static gboolean
add_document (BsTopology *self, const char *file, const char *folder, Document *document,
              const BsTopologyLoadOptions *options, BsDiagnostics *diagnostics)
{
  guint before = self->scenarios->len, inert_before = self->inert->len;

  read_document (&scenarios_kind, self, folder, document, options, diagnostics);
  for (guint i = inert_before; i < self->inert->len; i++)
    ((BsTopologyInert *) g_ptr_array_index (self->inert, i))->file = g_strdup (file);
  if (!bs_diagnostics_has_errors (diagnostics))
    {
      bs_topology_expand (self, before);
      return TRUE;
    }
  g_ptr_array_set_size (self->scenarios, (gint) before);
  g_ptr_array_set_size (self->inert, (gint) inert_before);
  return FALSE;
}

gboolean
bs_topology_parse_scenarios (BsTopology *self, const char *file, const char *data, gsize length,
                             const BsTopologyLoadOptions *options, BsDiagnostics **diagnostics)
{
  Document document;
  gboolean good;

  *diagnostics = bs_diagnostics_new (file);
  document_init (&document, data, length, *diagnostics);
  good = add_document (self, file, NULL, &document, options, *diagnostics);
  bs_diagnostics_quote (*diagnostics, data, length, BS_LINES_YAML);
  return good;
}

gboolean
bs_topology_add_scenarios_full (BsTopology *self, const char *path, const BsTopologyLoadOptions *options,
                                BsDiagnostics **diagnostics)
{
  gsize length;
  g_autofree char *data = read_file (path, &length, diagnostics), *folder = g_path_get_dirname (path);
  Document document;
  gboolean good;

  if (data == NULL)
    return FALSE;
  document_init (&document, data, length, *diagnostics);
  good = add_document (self, path, folder, &document, options, *diagnostics);
  bs_diagnostics_quote (*diagnostics, data, length, BS_LINES_YAML);
  return good;
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
