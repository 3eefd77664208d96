/* SPDX-License-Identifier: Apache-2.0 */
/* bs-model.c — the public model: a document of typed values that becomes a topology when it is asked for */
#include "bs-model-private.h"

#include "bs-document.h"
#include "bs-error.h"
#include "bs-topology-encode.h"

#include <string.h>

static BsModel *
model_new (const char *file, json_t *document)
{
  BsModel *self = g_new0 (BsModel, 1);

  self->file = g_strdup (file);
  self->document = document;
  return self;
}

BsModel *
bs_model_new (const char *name, GError **error)
{
  g_autofree char *file = g_strconcat (name, ".yaml", NULL);
  g_autoptr (BsModel) self = model_new (file, json_object ());

  return bs_model_set_text (self, "metadata.name", name, error) ? g_steal_pointer (&self) : NULL;
}

void
bs_model_free (BsModel *self)
{
  if (self == NULL)
    return;
  g_free (self->file);
  json_decref (self->document);
  json_decref (self->complete);
  g_free (self);
}

/* Takes both. */
static BsModel *
take (const char *file, BsTopology *taken, BsDiagnostics *diagnostics, BsProblems **problems, GError **error)
{
  g_autoptr (BsTopology) topology = taken;
  BsProblems *told;

  if (topology == NULL)
    bs_diagnostics_to_error (diagnostics, error);
  told = bs_problems_new (diagnostics);
  if (problems != NULL)
    *problems = told;
  else
    bs_problems_free (told);
  return topology != NULL ? model_new (file, bs_topology_to_json (topology, BS_TOPOLOGY_ENCODE_SHORT)) : NULL;
}

static BsTopologyLoadOptions
load_options (const BsModelOptions *options)
{
  BsTopologyLoadOptions load = { 0 };

  if (options == NULL)
    return load;
  load.variables = options->variables;
  load.expand_commands = options->expand_commands;
  return load;
}

BsModel *
bs_model_load (const char *path, const BsModelOptions *options, BsProblems **problems, GError **error)
{
  const BsTopologyLoadOptions load = load_options (options);
  BsDiagnostics *diagnostics = NULL;
  BsTopology *topology = bs_topology_load_full (path, &load, &diagnostics);

  return take (path, topology, diagnostics, problems, error);
}

BsModel *
bs_model_parse (const char *file, const char *data, gssize length, const BsModelOptions *options, BsProblems **problems,
                GError **error)
{
  const BsTopologyLoadOptions load = load_options (options);
  const char *name = file != NULL ? file : "topology.yaml";
  BsDiagnostics *diagnostics = NULL;
  BsTopology *topology
      = bs_topology_parse_full (name, data, length < 0 ? strlen (data) : (gsize) length, &load, &diagnostics);

  return take (name, topology, diagnostics, problems, error);
}

BsTopology *
bs_model_topology (BsModel *self, char **text, BsDiagnostics **diagnostics)
{
  static const char *const nothing[] = { NULL };
  const BsTopologyLoadOptions options = { .environment = nothing };
  g_autofree char *yaml = bs_document_to_yaml (self->document);
  BsTopology *topology = bs_topology_parse_full (self->file, yaml, strlen (yaml), &options, diagnostics);

  if (text != NULL)
    *text = g_steal_pointer (&yaml);
  return topology;
}

BsProblems *
bs_model_validate (BsModel *self)
{
  BsDiagnostics *diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_model_topology (self, NULL, &diagnostics);
  g_autoptr (BsDiagnostics) refused = topology != NULL ? bs_topology_refusals (topology, BS_DIAGNOSTIC_WARNING) : NULL;

  for (guint i = 0; refused != NULL && i < refused->items->len; i++)
    {
      const BsDiagnostic *item = g_ptr_array_index (refused->items, i);

      bs_diagnostics_add (diagnostics, item->severity, item->line, item->column, item->length, item->hint, "%s",
                          item->message);
    }
  bs_diagnostics_sort (diagnostics);
  return bs_problems_new (diagnostics);
}
