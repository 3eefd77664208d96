/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-graph.h"
#include "bs-error.h"

#include <math.h>
#include <string.h>

/* So many nodes on the same networks have a box each; more share one. */
#define ALONE_MAX 8
#define TABLE_COLUMNS_MAX 12

/* Nodes that are plugged into the same networks. */
typedef struct
{
  GPtrArray *nodes;    /* (element-type BsTopologyNode) */
  GPtrArray *networks; /* (element-type utf8) of the first of them, each once */
} Group;

static void
group_free (gpointer data)
{
  Group *self = data;

  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->networks);
  g_free (self);
}

/* A string of the DOT language. */
static void
append_quoted (GString *text, const char *prefix, const char *value)
{
  g_string_append_printf (text, "\"%s", prefix);
  for (const char *c = value; *c != '\0'; c++)
    if (*c == '\n')
      g_string_append (text, "\\n");
    else
      g_string_append_printf (text, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
  g_string_append_c (text, '"');
}

/* Text inside an HTML-like label. */
static void
append_html (GString *text, const char *value)
{
  g_autofree char *escaped = g_markup_escape_text (value, -1);

  g_string_append (text, escaped);
}

static void
append_number (GString *text, const char *before, double value, const char *unit)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (value > 0)
    g_string_append_printf (text, "%s%s %s", before, g_ascii_formatd (buffer, sizeof buffer, "%.6g", value), unit);
}

/* What a wire does, in a line: "home_lan, 40 ms, 0.5 % loss"; (nullable) (transfer full) */
static char *
describe_conditions (const BsConditions *conditions)
{
  GString *text;
  const char *comma = ", ";

  if (conditions == NULL)
    return NULL;
  text = g_string_new (conditions->preset != NULL ? conditions->preset : "");
#define SET(key) ((conditions->set & (1u << BS_CONDITION_##key)) != 0)
  if (SET (LATENCY))
    append_number (text, text->len > 0 ? comma : "", conditions->latency_ms, "ms");
  if (SET (JITTER))
    append_number (text, text->len > 0 ? " ± " : "± ", conditions->jitter_ms, "ms");
  if (SET (LOSS))
    append_number (text, text->len > 0 ? comma : "", conditions->loss_percent, "% loss");
  if (SET (BANDWIDTH))
    append_number (text, text->len > 0 ? comma : "", conditions->bandwidth_kbps, "kbit/s");
#undef SET
  return g_string_free (text, text->len == 0);
}

static void
append_network (GString *text, const BsTopologyNetwork *network)
{
  g_autofree char *conditions = describe_conditions (network->conditions);

  g_string_append (text, "  ");
  append_quoted (text, "net ", network->name);
  g_string_append (text, " [shape=box, style=\"rounded,filled\", fillcolor=\"#dbe9f6\", label=<<b>");
  append_html (text, network->name);
  g_string_append (text, "</b>");
  if (network->subnet != NULL)
    g_string_append_printf (text, "<br/>%s", network->subnet);
  if (network->subnet6 != NULL)
    g_string_append_printf (text, "<br/>%s", network->subnet6);
  if (conditions != NULL)
    {
      g_string_append (text, "<br/><i>");
      append_html (text, conditions);
      g_string_append (text, "</i>");
    }
  g_string_append (text, ">];\n");
  if (network->internet)
    {
      g_string_append (text, "  ");
      append_quoted (text, "net ", network->name);
      g_string_append (text, " -- \"outside\";\n");
    }
  if (network->nat != NULL)
    {
      g_string_append (text, "  ");
      append_quoted (text, "net ", network->name);
      g_string_append (text, " -- ");
      append_quoted (text, "net ", network->nat->uplink);
      g_string_append (text, " [style=dashed, dir=forward, label=\"NAT\"];\n");
    }
}

static void
append_what (GString *text, const BsTopologyNode *node)
{
  g_string_append (text, "<br/><font point-size=\"8\">");
  append_html (text, node->image != NULL ? node->image : node->adopt != NULL ? node->adopt : "");
  if (strcmp (node->backend, "auto") != 0)
    g_string_append_printf (text, ", %s", node->backend);
  g_string_append_printf (text, ", %u MiB</font>", node->memory_mib);
}

static void
append_node (GString *text, const BsTopologyNode *node)
{
  g_string_append (text, "  ");
  append_quoted (text, "node ", node->name);
  g_string_append (text, " [label=<<b>");
  append_html (text, node->name);
  g_string_append (text, "</b>");
  append_what (text, node);
  g_string_append (text, ">];\n");
  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);
      g_autofree char *conditions = describe_conditions (interface->conditions);
      g_autofree char *label = g_strjoin ("\n", interface->address != NULL ? interface->address : "", conditions, NULL);

      g_string_append (text, "  ");
      append_quoted (text, "node ", node->name);
      g_string_append (text, " -- ");
      append_quoted (text, "net ", interface->network);
      if (*label != '\0')
        {
          g_string_append (text, " [label=");
          append_quoted (text, "", g_strchug (label));
          g_string_append_c (text, ']');
        }
      g_string_append (text, ";\n");
    }
}

static void
append_table (GString *text, const Group *group)
{
  const BsTopologyNode *first = g_ptr_array_index (group->nodes, 0);
  guint columns = MIN ((guint) ceil (sqrt (group->nodes->len)), TABLE_COLUMNS_MAX);

  g_string_append (text, "  ");
  append_quoted (text, "node ", first->name);
  g_string_append_printf (text,
                          " [shape=plain, label=<<table border=\"1\" cellborder=\"0\" cellspacing=\"2\"><tr>"
                          "<td colspan=\"%u\"><b>%u nodes</b></td></tr>",
                          columns, group->nodes->len);
  for (guint i = 0; i < group->nodes->len; i++)
    {
      const BsTopologyNode *node = g_ptr_array_index (group->nodes, i);

      g_string_append_printf (text, "%s<td>", i % columns == 0 ? "<tr>" : "");
      append_html (text, node->name);
      g_string_append_printf (text, "</td>%s", i % columns == columns - 1 || i + 1 == group->nodes->len ? "</tr>" : "");
    }
  g_string_append (text, "</table>>];\n");
  for (guint i = 0; i < group->networks->len; i++)
    {
      g_string_append (text, "  ");
      append_quoted (text, "node ", first->name);
      g_string_append (text, " -- ");
      append_quoted (text, "net ", g_ptr_array_index (group->networks, i));
      g_string_append (text, " [penwidth=2];\n");
    }
}

/* The networks of a node, each once, in the topology's order: nodes with the same ones have the same key. */
static GPtrArray *
networks_of (const BsTopologyNode *node, char **key)
{
  GPtrArray *networks = g_ptr_array_new ();

  for (guint i = 0; i < node->interfaces->len; i++)
    {
      const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, i);

      if (!g_ptr_array_find_with_equal_func (networks, interface->network, g_str_equal, NULL))
        g_ptr_array_add (networks, interface->network);
    }
  g_ptr_array_add (networks, NULL);
  *key = g_strjoinv (" ", (char **) networks->pdata);
  g_ptr_array_set_size (networks, (int) networks->len - 1);
  return networks;
}

static GPtrArray *
group_nodes (const BsTopology *topology)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func (group_free);
  g_autoptr (GHashTable) by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < topology->nodes->len; i++)
    {
      BsTopologyNode *node = g_ptr_array_index (topology->nodes, i);
      g_autofree char *key = NULL;
      g_autoptr (GPtrArray) networks = networks_of (node, &key);
      Group *group = g_hash_table_lookup (by_key, key);

      if (group == NULL)
        {
          group = g_new0 (Group, 1);
          group->nodes = g_ptr_array_new ();
          group->networks = g_steal_pointer (&networks);
          g_ptr_array_add (groups, group);
          g_hash_table_insert (by_key, g_steal_pointer (&key), group);
        }
      g_ptr_array_add (group->nodes, node);
    }
  return groups;
}

static gboolean
reaches_outside (const BsTopology *topology)
{
  for (guint i = 0; i < topology->networks->len; i++)
    if (((BsTopologyNetwork *) g_ptr_array_index (topology->networks, i))->internet)
      return TRUE;
  return FALSE;
}

char *
bs_graph_dot (const BsTopology *topology)
{
  GString *text = g_string_new ("graph ");
  g_autoptr (GPtrArray) groups = group_nodes (topology);

  append_quoted (text, "", topology->name);
  g_string_append (text, " {\n  graph [label=");
  append_quoted (text, "", topology->name);
  g_string_append (text, ", labelloc=t, fontname=\"sans-serif\", rankdir=LR, ranksep=0.8];\n"
                         "  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n"
                         "  edge [fontname=\"sans-serif\", fontsize=8];\n");
  if (reaches_outside (topology))
    g_string_append (text, "  \"outside\" [shape=doublecircle, label=\"outside\"];\n");
  for (guint i = 0; i < topology->networks->len; i++)
    append_network (text, g_ptr_array_index (topology->networks, i));
  for (guint i = 0; i < groups->len; i++)
    {
      const Group *group = g_ptr_array_index (groups, i);

      if (group->nodes->len > ALONE_MAX)
        append_table (text, group);
      for (guint k = 0; group->nodes->len <= ALONE_MAX && k < group->nodes->len; k++)
        append_node (text, g_ptr_array_index (group->nodes, k));
    }
  g_string_append (text, "}\n");
  return g_string_free (text, FALSE);
}

char *
bs_graph_svg (const char *dot, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                          | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                                                      &local, "dot", "-Tsvg", NULL);
  g_autofree char *svg = NULL, *said = NULL;

  if (process == NULL)
    {
      bs_set_error (error, BS_ERROR_HOST, "install the package graphviz, or ask for --format dot",
                    "cannot run 'dot', which lays pictures out: %s", local->message);
      return NULL;
    }
  if (!g_subprocess_communicate_utf8 (process, dot, cancellable, &svg, &said, &local))
    {
      gboolean cancelled = g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED);

      g_subprocess_force_exit (process);
      bs_set_error (error, cancelled ? BS_ERROR_CANCELLED : BS_ERROR_FAILED, NULL, "%s",
                    cancelled ? "interrupted" : local->message);
      return NULL;
    }
  if (g_subprocess_get_successful (process))
    return g_steal_pointer (&svg);
  bs_set_error (error, BS_ERROR_FAILED, NULL, "'dot' failed: %s", said != NULL ? g_strchomp (said) : "");
  return NULL;
}
