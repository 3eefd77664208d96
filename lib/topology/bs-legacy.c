/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-legacy.h"
#include "bs-yaml-tree.h"

#include <string.h>

#define NSEC_PER_USEC 1000

static const char *const flat_conditions[]
    = { "latency_ms", "jitter_ms", "packet_loss_percent", "bandwidth_kbps", NULL };

/* A copy of @text that lives with the tree. */
static const char *
take_text (BsYamlTree *tree, const char *text)
{
  gsize size = strlen (text) + 1;

  return memcpy (bs_yaml_tree_take (tree, size, 1), text, size);
}

/* A node of another kind or with other text, at the place of @like. */
static BsYamlNode *
make_node (BsYamlTree *tree, const BsYamlNode *like, BsYamlKind kind)
{
  BsYamlNode *node = bs_yaml_tree_take (tree, sizeof *node, _Alignof(BsYamlNode));

  /* A key is less than a whole node: only its place may be read. */
  memset (node, 0, sizeof *node);
  node->kind = kind;
  node->line = like->line;
  node->column = like->column;
  node->length = like->length;
  return node;
}

static BsYamlNode *
make_scalar (BsYamlTree *tree, const BsYamlNode *like, const char *text)
{
  BsYamlNode *node = make_node (tree, like, BS_YAML_SCALAR);

  node->text = take_text (tree, text);
  node->plain = TRUE;
  return node;
}

/* A mapping with one value: `@key: {@inner: @value}`, in the place of @value. */
static BsYamlNode *
wrap (BsYamlTree *tree, BsYamlNode *value, const char *key, const char *inner)
{
  BsYamlNode *outer = make_node (tree, value, BS_YAML_MAPPING);

  outer->next = value->next;
  outer->key = make_scalar (tree, value->key, key);
  outer->first = value;
  value->key = make_scalar (tree, value->key, inner);
  value->next = NULL;
  return outer;
}

static BsYamlNode **
find_link (BsYamlNode *mapping, const char *key)
{
  for (BsYamlNode **link = &mapping->first; *link != NULL; link = &(*link)->next)
    if (strcmp ((*link)->key->text, key) == 0)
      return link;
  return NULL;
}

static BsYamlNode *
find (BsYamlNode *mapping, const char *key)
{
  BsYamlNode **link = mapping != NULL && mapping->kind == BS_YAML_MAPPING ? find_link (mapping, key) : NULL;

  return link != NULL ? *link : NULL;
}

static gboolean
is_null (const BsYamlNode *value)
{
  return value->kind == BS_YAML_SCALAR && value->plain
         && (strcmp (value->text, "null") == 0 || strcmp (value->text, "~") == 0);
}

/* Serde writes an option that is not given as null. @keys: (nullable): only these */
static void
drop_nulls (BsYamlNode *mapping, const char *const *keys)
{
  if (mapping == NULL || mapping->kind != BS_YAML_MAPPING)
    return;
  for (BsYamlNode **link = &mapping->first; *link != NULL;)
    if (is_null (*link) && (keys == NULL || g_strv_contains (keys, (*link)->key->text)))
      *link = (*link)->next;
    else
      link = &(*link)->next;
}

static gboolean
is_flat_condition (const BsYamlNode *value)
{
  return g_strv_contains (flat_conditions, value->key->text);
}

/* A flat node's conditions, gathered into `network_conditions` where the first of them stood. */
static void
gather_conditions (BsYamlTree *tree, BsYamlNode *node)
{
  BsYamlNode *gathered = NULL, **end = NULL;

  for (BsYamlNode **link = &node->first; *link != NULL;)
    {
      BsYamlNode *value = *link;

      if (!is_flat_condition (value))
        link = &value->next;
      else if (gathered == NULL)
        {
          gathered = wrap (tree, value, "network_conditions", value->key->text);
          *link = gathered;
          end = &value->next;
          link = &gathered->next;
        }
      else
        {
          *link = value->next;
          value->next = NULL;
          *end = value;
          end = &value->next;
        }
    }
}

/* `network_subnet: S` becomes `network: {name: LAB-network, subnet: S}`. */
static void
convert_subnet (BsYamlTree *tree, BsYamlNode *root, const char *lab)
{
  BsYamlNode **link = find_link (root, "network_subnet");
  g_autofree char *name = g_strconcat (lab != NULL ? lab : "lab", "-network", NULL);
  BsYamlNode *named;

  if (link == NULL)
    return;
  *link = wrap (tree, *link, "network", "subnet");
  named = make_scalar (tree, (*link)->key, name);
  named->key = make_scalar (tree, (*link)->key, "name");
  named->next = (*link)->first;
  (*link)->first = named;
}

static void
convert_flat (BsYamlTree *tree, BsYamlNode *root)
{
  BsYamlNode **link = find_link (root, "lab_name");
  const char *lab = NULL;

  if (find (root, "metadata") != NULL || find (root, "network") != NULL || find (root, "networks") != NULL)
    return; /* neither form: let the decoder say what is unknown */
  if (link == NULL && find (root, "network_subnet") == NULL)
    return;
  if (link != NULL)
    {
      lab = (*link)->kind == BS_YAML_SCALAR ? (*link)->text : NULL;
      *link = wrap (tree, *link, "metadata", "name");
    }
  convert_subnet (tree, root, lab);
  for (BsYamlNode *nodes = find (root, "nodes"),
                  *node = nodes != NULL && nodes->kind == BS_YAML_SEQUENCE ? nodes->first : NULL;
       node != NULL; node = node->next)
    if (node->kind == BS_YAML_MAPPING)
      {
        drop_nulls (node, flat_conditions);
        gather_conditions (tree, node);
      }
}

void
bs_legacy_topology (BsYamlTree *tree)
{
  static const char *const in_metadata[] = { "description", "version", NULL };
  static const char *const in_network[] = { "conditions", NULL };
  static const char *const in_node[] = { "network_conditions", NULL };
  BsYamlNode *root = tree->root, *network, *nodes;

  if (root->kind != BS_YAML_MAPPING)
    return;
  convert_flat (tree, root);
  network = find (root, "network");
  nodes = find (root, "nodes");
  drop_nulls (find (root, "metadata"), in_metadata);
  drop_nulls (network, in_network);
  drop_nulls (find (network, "conditions"), NULL);
  if (nodes == NULL || nodes->kind != BS_YAML_SEQUENCE)
    return;
  for (BsYamlNode *node = nodes->first; node != NULL; node = node->next)
    {
      drop_nulls (node, in_node);
      drop_nulls (find (node, "network_conditions"), NULL);
    }
}

/* `timeout: {secs: 30, nanos: 0}` becomes a duration; anything else is left for the decoder to refuse. */
static void
convert_timeout (BsYamlTree *tree, BsYamlNode *mapping)
{
  static const char *const keys[] = { "timeout", "description", NULL };
  BsYamlNode *timeout, *secs, *nanos;
  guint64 whole, rest = 0;
  g_autofree char *text = NULL;

  drop_nulls (mapping, keys);
  timeout = find (mapping, "timeout");
  secs = find (timeout, "secs");
  nanos = find (timeout, "nanos");
  if (secs == NULL || secs->kind != BS_YAML_SCALAR || (nanos != NULL && nanos->kind != BS_YAML_SCALAR)
      || !g_ascii_string_to_unsigned (secs->text, 10, 0, G_MAXUINT32, &whole, NULL)
      || (nanos != NULL && !g_ascii_string_to_unsigned (nanos->text, 10, 0, 999999999, &rest, NULL)))
    return;
  for (BsYamlNode *part = timeout->first; part != NULL; part = part->next)
    if (part != secs && part != nanos)
      return;
  if (rest == 0)
    text = g_strdup_printf ("%" G_GUINT64_FORMAT "s", whole);
  else
    text = g_strdup_printf ("%" G_GUINT64_FORMAT "us", whole * G_USEC_PER_SEC + rest / NSEC_PER_USEC);
  timeout->kind = BS_YAML_SCALAR;
  timeout->plain = TRUE;
  timeout->text = take_text (tree, text);
}

static void
convert_scenario (BsYamlTree *tree, BsYamlNode *scenario)
{
  BsYamlNode *steps = find (scenario, "steps");

  convert_timeout (tree, scenario);
  for (BsYamlNode *step = steps != NULL && steps->kind == BS_YAML_SEQUENCE ? steps->first : NULL; step != NULL;
       step = step->next)
    convert_timeout (tree, step);
}

void
bs_legacy_scenarios (BsYamlTree *tree)
{
  BsYamlNode *list = tree->root, *root;

  if (list->kind != BS_YAML_SEQUENCE)
    return;
  for (BsYamlNode *scenario = list->first; scenario != NULL; scenario = scenario->next)
    convert_scenario (tree, scenario);
  root = make_node (tree, list, BS_YAML_MAPPING);
  list->key = make_scalar (tree, list, "scenarios");
  list->next = NULL;
  root->first = list;
  root->key = NULL;
  tree->root = root;
}
