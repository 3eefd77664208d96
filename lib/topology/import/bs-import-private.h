/* SPDX-License-Identifier: Apache-2.0 */
/* bs-import-private.h — what the importers share: the topology that grows, notes, and names that are allowed */
#pragma once

#include "bs-import.h"
#include "bs-json.h"
#include "bs-yaml.h"

typedef struct
{
  const char *file;
  BsDiagnostics *diagnostics;
  json_t *topology, *networks, *nodes; /* the latter two borrowed from the first */
  char *name;                          /* (owned) (nullable) of the lab, as the file says */
  GHashTable *renamed;                 /* (owned) utf8 → utf8: their node names to ours */
  GHashTable *taken;                   /* (owned) utf8 → guint: our node names, with the last number given to one */
  GHashTable *sources;                 /* (owned) utf8 → BsYamlNode: their nodes, texts borrowed */
  GHashTable *links;                   /* (owned) utf8 → guint: the last number of a network of that name */
  GHashTable *by_network;              /* (owned) utf8 → json_t: of networks */
  GHashTable *by_node;                 /* (owned) utf8 → json_t: nodes by our names */
  GHashTable *said;                    /* (owned) utf8: notes at places, each once */
  GHashTable *places;                  /* (owned) json_t → BsImportPlace: where values come from */
} BsImporter;

typedef struct
{
  guint line, column, length;
} BsImportPlace;

/* @value comes from the place of @at; both may be told later, when the result is checked. */
void bs_import_place (BsImporter *self, json_t *value, const BsYamlNode *at);
/* What @node has of @mapping, under the same keys or those of @renamed (pairs, NULL-terminated), comes from there. */
void bs_import_place_keys (BsImporter *self, json_t *node, const BsYamlNode *mapping, const char *const *renamed);
/* The place of @value; of the whole file when it is not known. */
BsImportPlace bs_import_place_of (const BsImporter *self, const json_t *value);

/* Adds @node (transfer full), whose name is set. */
void bs_import_add_node (BsImporter *self, json_t *node, const BsYamlNode *at);
json_t *bs_import_find_node (const BsImporter *self, const char *name); /* (nullable) (transfer none) by our name */

/* Notes each variable of @root that the result cannot have; in a @command it can have none. */
void bs_import_note_variables (BsImporter *self, const BsYamlNode *root, gboolean command);
/* Makes "${" in texts stay what it is where ours are replaced; @doubled: "$$" stands for "$" in them. */
void bs_import_escape (json_t *topology, gboolean doubled, gboolean defaults);
/* The document of the topology, which loads: values that are wrong are taken out and noted. NULL: told why not. */
char *bs_import_write (BsImporter *self);
char *bs_import_comment (const BsImporter *self);

void bs_import_compose (BsImporter *self, const BsYamlNode *root);
void bs_import_containerlab (BsImporter *self, const BsYamlNode *root);
void bs_import_vagrant (BsImporter *self, const char *data);

/* "'KEY' is not expressed: WHY" at the place of @at. */
void bs_import_note (BsImporter *self, const BsYamlNode *at, const char *format, ...) G_GNUC_PRINTF (3, 4);
void bs_import_note_at (BsImporter *self, guint line, guint column, const char *format, ...) G_GNUC_PRINTF (4, 5);

/* A host name as close to @wanted as can be, not given to another node; noted when it differs. Remembered: uses of
 * @wanted are to be written as bs_import_node_used(). (transfer none) */
const char *bs_import_node_name (BsImporter *self, const BsYamlNode *at, const char *wanted);
const char *bs_import_node_used (BsImporter *self, const char *wanted); /* (nullable) no such node */
/* A word for labs and networks; (transfer full) */
char *bs_import_word (const char *wanted);

json_t *bs_import_network (BsImporter *self, const char *name); /* (transfer none) found or added */

/* Values */
const char *bs_import_text (const BsYamlNode *value);                         /* "" when it is no scalar */
const BsYamlNode *bs_import_get (const BsYamlNode *mapping, const char *key); /* (nullable) also when no mapping */
json_t *bs_import_texts (BsImporter *self, const BsYamlNode *value, const char *key); /* a list, or one word */
/* NAME: value, or a list of NAME=value; names that no environment takes are noted */
json_t *bs_import_map (BsImporter *self, const BsYamlNode *value, const char *key);
json_t *bs_import_command (BsImporter *self, const BsYamlNode *value, const char *key);
/* "512m", "1Gb" or bytes as MiB; 0: not understood */
guint64 bs_import_mib (const char *text);
/* "HOST:NODE" pairs of "[ADDRESS:]HOST[-END]:NODE[-END][/tcp]", appended to @ports. */
void bs_import_port (BsImporter *self, const BsYamlNode *at, const char *text, json_t *ports);
/* "HOST:NODE[:ro]" appended to @volumes. */
void bs_import_volume (BsImporter *self, const BsYamlNode *at, const char *text, json_t *volumes);

/* Gives @value (transfer full) to @node under @key unless it is NULL or empty. */
void bs_import_set (json_t *node, const char *key, json_t *value);

/* Notes each key of @mapping that is not in @known, with the reason that @why has for it, if any. */
typedef struct
{
  const char *key, *why;
} BsImportReason;
void bs_import_note_others (BsImporter *self, const BsYamlNode *mapping, const char *const *known,
                            const BsImportReason *reasons);
