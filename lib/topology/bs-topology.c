/* SPDX-License-Identifier: Apache-2.0 */
/* bs-topology.c — files and texts to models */
#include "bs-topology.h"

#include "bs-decode.h"
#include "bs-file.h"
#include "bs-legacy.h"
#include "bs-topology-check.h"
#include "bs-topology-model.h"

#include <sys/stat.h>

/* Comparisons of names for "did you mean": all names of a big file for its first dozens of faults. */
#define HINT_COMPARISONS 200000

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

static void
decoder_init (BsDecoder *self, BsDiagnostics *diagnostics, BsTopology *topology, const BsYamlTree *tree, gsize length)
{
  memset (self, 0, sizeof (*self));
  self->diagnostics = diagnostics;
  self->topology = topology;
  self->references = g_array_new (FALSE, FALSE, sizeof (BsReference));
  self->places = g_hash_table_new (NULL, NULL);
  self->hints_left = HINT_COMPARISONS;
  self->model_left = model_bytes (tree, length);
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
  if (!decoder->stopped)
    bs_topology_complete (decoder);
  if (!decoder->stopped)
    bs_topology_check (decoder);
}

/* What @tree says, or NULL after errors. @folder: (nullable): where the paths of the file begin; NULL: they are not
 * looked for */
static BsTopology *
build (const char *file, const char *folder, BsYamlTree *tree, gsize length, BsDiagnostics *diagnostics)
{
  g_autoptr (BsTopology) topology = bs_topology_new (file);
  BsDecoder decoder;

  if (tree != NULL)
    {
      bs_legacy_topology (tree);
      decoder_init (&decoder, diagnostics, topology, tree, length);
      decoder.folder = folder;
      decode_topology (&decoder, bs_yaml_root (tree));
      decoder_clear (&decoder);
    }
  bs_diagnostics_sort (diagnostics);
  if (bs_diagnostics_has_errors (diagnostics))
    return NULL;
  bs_topology_expand (topology, 0);
  bs_topology_index (topology);
  return g_steal_pointer (&topology);
}

BsTopology *
bs_topology_parse (const char *file, const char *data, gsize length, BsDiagnostics **diagnostics)
{
  g_autoptr (BsYamlTree) tree = NULL;

  *diagnostics = bs_diagnostics_new (file);
  tree = bs_yaml_parse (data, length, *diagnostics);
  return build (file, NULL, tree, length, *diagnostics);
}

static gboolean
is_same (const struct stat *before, const struct stat *after, gsize length)
{
  return before->st_ino == after->st_ino && before->st_dev == after->st_dev && before->st_size == after->st_size
         && (gsize) after->st_size == length && before->st_mtim.tv_sec == after->st_mtim.tv_sec
         && before->st_mtim.tv_nsec == after->st_mtim.tv_nsec;
}

/* The content of @path, or NULL with a diagnostic. What an editor was writing meanwhile is half of one text and half
 * of another. */
static char *
read_file (const char *path, gsize *length, BsDiagnostics **diagnostics)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  struct stat before = { 0 }, after = { 0 };

  *diagnostics = bs_diagnostics_new (path);
  stat (path, &before); /* what is wrong with it is told by the reading */
  data = bs_file_read (AT_FDCWD, path, BS_YAML_BYTES_MAX, length, &error);
  if (data == NULL)
    bs_diagnostics_add (*diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, bs_error_hint (error), "%s", error->message);
  else if (stat (path, &after) == 0 && is_same (&before, &after, *length))
    return g_steal_pointer (&data);
  else
    bs_diagnostics_add (*diagnostics, BS_DIAGNOSTIC_ERROR, 0, 0, 1, "try again when nobody writes it",
                        "the file changed while it was read");
  return NULL;
}

/* The text goes before the model is made: the tree has all of it. */
BsTopology *
bs_topology_load (const char *path, BsDiagnostics **diagnostics)
{
  gsize length;
  g_autofree char *data = read_file (path, &length, diagnostics), *folder = g_path_get_dirname (path);
  g_autoptr (BsYamlTree) tree = NULL;

  if (data == NULL)
    return NULL;
  tree = bs_yaml_parse (data, length, *diagnostics);
  g_clear_pointer (&data, g_free);
  return build (path, folder, tree, length, *diagnostics);
}

/* A document with the key `scenarios`, or one that is itself a scenario. */
static void
decode_scenarios (BsDecoder *decoder, const BsYamlNode *root)
{
  if (root->kind != BS_YAML_MAPPING || bs_yaml_get (root, "scenarios") != NULL || bs_yaml_get (root, "steps") == NULL)
    bs_decoder_object (decoder, bs_fields_scenario_file, root, NULL);
  else
    bs_decode_scenario (decoder, bs_fields_scenario_file, root, NULL);
  if (!decoder->stopped)
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
  tree = bs_yaml_parse (data, length, *diagnostics);
  if (tree != NULL)
    {
      bs_legacy_scenarios (tree);
      decoder_init (&decoder, *diagnostics, self, tree, length);
      decode_scenarios (&decoder, bs_yaml_root (tree));
      decoder_clear (&decoder);
    }
  bs_diagnostics_sort (*diagnostics);
  if (!bs_diagnostics_has_errors (*diagnostics))
    {
      bs_topology_expand (self, before);
      return TRUE;
    }
  g_ptr_array_set_size (self->scenarios, (gint) before);
  g_ptr_array_set_size (self->inert, (gint) inert_before);
  return FALSE;
}
