/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-legacy.h"
#include "bs-legacy-name.h"
#include "bs-yaml-tree.h"

#include <string.h>

#define NSEC_PER_USEC 1000

#define INVENTED_MAX 55 /* of a lab's name before "-network" */

static const char *const flat_conditions[]
    = { "latency_ms", "jitter_ms", "packet_loss_percent", "bandwidth_kbps", NULL };

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

  node->text = bs_legacy_take_text (tree, text);
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

/* The key in `network_conditions` that @value of a node is about; (nullable) */
static const char *
condition_key (const BsYamlNode *value, gboolean flat)
{
  if (strcmp (value->key->text, "network_conditions_preset") == 0)
    return "preset";
  return flat && g_strv_contains (flat_conditions, value->key->text) ? value->key->text : NULL;
}

/* What a node says of its wire beside its name (the preset in any form, the rest in the @flat one), gathered into
 * `network_conditions`: in that which it has, else where the first of them stood. What is there already stays, for the
 * decoder to refuse. */
static void
gather_conditions (BsYamlTree *tree, BsYamlNode *node, gboolean flat)
{
  BsYamlNode *gathered = find (node, "network_conditions"), **end;

  if (gathered != NULL && gathered->kind != BS_YAML_MAPPING)
    return;
  for (BsYamlNode **link = &node->first; *link != NULL;)
    {
      BsYamlNode *value = *link;
      const char *key = condition_key (value, flat);

      if (key == NULL || find (gathered, key) != NULL)
        {
          link = &value->next;
          continue;
        }
      if (gathered == NULL)
        {
          *link = gathered = wrap (tree, value, "network_conditions", key);
          link = &gathered->next;
          continue;
        }
      *link = value->next;
      for (end = &gathered->first; *end != NULL; end = &(*end)->next)
        continue;
      value->key = make_scalar (tree, value->key, key);
      value->next = NULL;
      *end = value;
    }
}

/* A node's name, and those of others that it names. */
static void
convert_names (BsYamlTree *tree, BsYamlNode *node)
{
  BsYamlNode *others = find (node, "depends_on");

  bs_legacy_host_name (tree, find (node, "name"));
  for (BsYamlNode *other = others != NULL && others->kind == BS_YAML_SEQUENCE ? others->first : NULL; other != NULL;
       other = other->next)
    bs_legacy_host_name (tree, other);
}

/* `network_subnet: S` becomes `network: {name: LAB-network, subnet: S}`. */
static void
convert_subnet (BsYamlTree *tree, BsYamlNode *root, const char *lab)
{
  BsYamlNode **link = find_link (root, "network_subnet");
  g_autofree char *name
      = g_strdup_printf ("%.*s-network", INVENTED_MAX, lab != NULL && strstr (lab, "${") == NULL ? lab : "lab");
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
  static const char *const in_node[] = { "latency_ms",
                                         "jitter_ms",
                                         "packet_loss_percent",
                                         "bandwidth_kbps",
                                         "network_conditions",
                                         "network_conditions_preset",
                                         NULL };
  const char *lab = NULL;

  if (find (root, "metadata") != NULL || find (root, "network") != NULL || find (root, "networks") != NULL)
    return; /* neither form: let the decoder say what is unknown */
  if (link == NULL && find (root, "network_subnet") == NULL)
    return;
  if (link != NULL)
    {
      bs_legacy_lab_name (tree, *link);
      lab = (*link)->kind == BS_YAML_SCALAR ? (*link)->text : NULL;
      *link = wrap (tree, *link, "metadata", "name");
    }
  convert_subnet (tree, root, lab);
  for (BsYamlNode *nodes = find (root, "nodes"),
                  *node = nodes != NULL && nodes->kind == BS_YAML_SEQUENCE ? nodes->first : NULL;
       node != NULL; node = node->next)
    if (node->kind == BS_YAML_MAPPING)
      {
        drop_nulls (node, in_node);
        drop_nulls (find (node, "network_conditions"), NULL);
        convert_names (tree, node);
        gather_conditions (tree, node, TRUE);
      }
}

void
bs_legacy_topology (BsYamlTree *tree)
{
  static const char *const in_metadata[] = { "description", "version", NULL };
  static const char *const in_network[] = { "conditions", NULL };
  static const char *const in_node[] = { "network_conditions", "network_conditions_preset", NULL };
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
      if (node->kind == BS_YAML_MAPPING)
        gather_conditions (tree, node, FALSE);
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
  timeout->text = bs_legacy_take_text (tree, text);
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
