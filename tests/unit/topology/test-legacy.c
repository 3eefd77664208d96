/* SPDX-License-Identifier: Apache-2.0 */
/* test-legacy.c — what the Rust versions read and wrote is the same lab here */
#include "topology-test.h"

#define LEGACY SOURCE_ROOT "/tests/unit/topology/legacy/"

static BsTopology *
load (const char *file)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autofree char *path = g_strconcat (LEGACY, file, NULL);
  BsTopology *topology = bs_topology_load (path, &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_cmpstr (said, ==, "");
  g_assert_nonnull (topology);
  return topology;
}

static const BsTopologyNode *
node_of (const BsTopology *topology, const char *name)
{
  const BsTopologyNode *node = bs_topology_node (topology, name);

  g_assert_nonnull (node);
  return node;
}

static void
test_flat (void)
{
  g_autoptr (BsTopology) topology = load ("flat.yaml");
  const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, 0);
  const BsTopologyNode *base = node_of (topology, "base");

  g_assert_cmpstr (topology->name, ==, "field-trial");
  g_assert_cmpuint (topology->networks->len, ==, 1);
  g_assert_cmpstr (network->name, ==, "field-trial-network");
  g_assert_cmpstr (network->subnet, ==, "10.44.0.0/24");
  g_assert_nonnull (base->network_conditions);
  g_assert_cmpuint (base->network_conditions->set, ==, 1 << BS_CONDITION_LATENCY | 1 << BS_CONDITION_LOSS);
  g_assert_cmpfloat (base->network_conditions->latency_ms, ==, 40);
  g_assert_cmpfloat (base->network_conditions->loss_percent, ==, 1.5);
  g_assert_null (node_of (topology, "rover")->network_conditions);
}

static void
test_nested (void)
{
  g_autoptr (BsTopology) topology = load ("nested.yaml");
  const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, 0);
  const BsTopologyNode *server = node_of (topology, "server");

  g_assert_cmpstr (topology->version, ==, "2.0");
  g_assert_cmpstr (network->conditions->preset, ==, "home_lan");
  g_assert_cmpfloat (network->conditions->latency_ms, ==, 10);
  g_assert_cmpstr (server->image, ==, "nginx:latest");
  g_assert_cmpstr (server->env[1], ==, "PORT=9100");
  g_assert_cmpuint (server->ports->len, ==, 1);
  g_assert_cmpuint (server->volumes->len, ==, 1);
  g_assert_cmpstr (server->network_conditions->preset, ==, "basement_lan");
  g_assert_cmpfloat (server->network_conditions->latency_ms, ==, 0.5);
  g_assert_cmpstr (bs_json_string (server->metadata, "docker_args", NULL), ==, "--memory=256m --cpus=0.5");
}

static void
test_written (void)
{
  g_autoptr (BsTopology) topology = load ("written.yaml");
  const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, 0);

  g_assert_null (topology->description);
  g_assert_cmpuint (network->conditions->set, ==, 1 << BS_CONDITION_LATENCY);
  g_assert_null (node_of (topology, "one")->network_conditions);
  g_assert_cmpuint (node_of (topology, "two")->network_conditions->set, ==, 1 << BS_CONDITION_LOSS);
}

static void
test_desktop (void)
{
  g_autoptr (BsTopology) topology = load ("desktop.yaml");
  const BsTopologyNode *node = node_of (topology, "test-vm");

  g_assert_cmpuint (node->memory_mib, ==, 4096);
  g_assert_cmpuint (node->disk_gb, ==, 20);
  g_assert_cmpstr (node->cloud_init->user, ==, "trial");
  g_assert_cmpuint (node->cloud_init->packages->len, ==, 2);
  g_assert_cmpuint (node->cloud_init->runcmd->len, ==, 2);
  g_assert_cmpstr (((const char *const *) g_ptr_array_index (node->cloud_init->runcmd, 1))[2], ==,
                   "some-service --install || true");
  g_assert_cmpuint (node->packages->len, ==, 1);
  g_assert_cmpint (((const BsTopologyDeploy *) g_ptr_array_index (node->deploy, 0))->mode, ==, 0755);
}

static void
test_scenarios (void)
{
  g_autoptr (BsTopology) topology = load ("written.yaml");
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  gboolean ok = bs_topology_add_scenarios (topology, LEGACY "scenarios.yaml", &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);
  const BsTopologyScenario *reach;
  const BsTopologyStep *ping;

  g_assert_cmpstr (said, ==, "");
  g_assert_true (ok);
  g_assert_cmpuint (topology->scenarios->len, ==, 2);
  reach = g_ptr_array_index (topology->scenarios, 0);
  ping = g_ptr_array_index (reach->steps, 0);
  g_assert_cmpint (reach->timeout_usec, ==, 30 * G_USEC_PER_SEC);
  g_assert_cmpint (ping->timeout_usec, ==, 10500000);
  g_assert_null (reach->description);
}

static BsTopology *
parse (const char *text)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_parse ("old.yaml", text, strlen (text), &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_cmpstr (said, ==, "");
  g_assert_nonnull (topology);
  return topology;
}

/* Neither of two ways to say what a wire does loses a value, whichever stands first. */
static void
test_merged (void)
{
  static const char *const texts[] = {
    "lab_name: x\nnodes:\n  - name: a\n    image: tiny\n    latency_ms: 40\n    network_conditions: {jitter_ms: 3, "
    "packet_loss_percent: ~}\n"
    "    packet_loss_percent: 2\n    network_conditions_preset: home_lan\n",
    "lab_name: x\nnodes:\n  - name: a\n    image: tiny\n    network_conditions_preset: home_lan\n    "
    "packet_loss_percent: 2\n"
    "    latency_ms: 40\n    jitter_ms: 3\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (BsTopology) topology = parse (texts[i]);
      const BsConditions *conditions = node_of (topology, "a")->network_conditions;

      g_assert_nonnull (conditions);
      g_assert_cmpstr (conditions->preset, ==, "home_lan");
      g_assert_cmpfloat (conditions->latency_ms, ==, 40);
      g_assert_cmpfloat (conditions->jitter_ms, ==, 3);
      g_assert_cmpfloat (conditions->loss_percent, ==, 2);
    }
}

static void
test_nested_preset (void)
{
  g_autoptr (BsTopology) topology
      = parse ("metadata: {name: x}\nnodes:\n  - {name: a, image: tiny, network_conditions_preset: home_lan}\n"
               "  - {name: b, image: tiny, network_conditions_preset: home_lan, network_conditions: {latency_ms: 9}}\n"
               "  - {name: c, image: tiny, network_conditions_preset: null}\n");

  g_assert_cmpstr (node_of (topology, "a")->network_conditions->preset, ==, "home_lan");
  g_assert_cmpstr (node_of (topology, "b")->network_conditions->preset, ==, "home_lan");
  g_assert_cmpfloat (node_of (topology, "b")->network_conditions->latency_ms, ==, 9);
  g_assert_null (node_of (topology, "c")->network_conditions);
}

#define SIXTY "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"

static void
test_names (void)
{
  g_autoptr (BsTopology) topology
      = parse ("lab_name: My Lab\nnodes:\n  - {name: node_1, image: tiny}\n"
               "  - {name: Server, image: tiny, depends_on: [node_1]}\n  - {name: ' edge. ', image: tiny}\n");
  g_autoptr (BsTopology) long_name
      = parse ("lab_name: " SIXTY "\nnetwork_subnet: 10.3.0.0/24\nnodes: [{name: a, image: tiny}]\n");
  g_autofree char *network = g_strdup_printf ("%.55s-network", SIXTY);

  g_assert_cmpstr (topology->name, ==, "My-Lab");
  node_of (topology, "node-1");
  node_of (topology, "edge");
  g_assert_cmpstr (g_ptr_array_index (node_of (topology, "server")->depends_on, 0), ==, "node-1");
  g_assert_cmpstr (long_name->name, ==, SIXTY);
  g_assert_cmpstr (((const BsTopologyNetwork *) g_ptr_array_index (long_name->networks, 0))->name, ==, network);
}

static const ErrorCase wrong[] = {
  { "flat/a-value-given-twice",
    "lab_name: x\nnodes:\n  - {name: a, image: tiny, latency_ms: 4, network_conditions: {latency_ms: 5}}\n",
    AT ("3:28", "node 'a': unknown key 'latency_ms'") },
  { "flat/beside-what-is-no-mapping",
    "lab_name: x\nnodes:\n  - {name: a, image: tiny, latency_ms: 4, network_conditions: fast}\n",
    AT ("3:28", "node 'a': unknown key 'latency_ms'") },
  { "nested/a-preset-given-twice",
    "nodes:\n  - {name: a, image: tiny, network_conditions_preset: home_lan, network_conditions: {preset: "
    "localhost}}\n",
    AT ("2:28", "node 'a': unknown key 'network_conditions_preset'") },
  { "nested/flat-keys-do-not-belong-there", "metadata: {name: x}\nnodes: [{name: a, image: tiny, latency_ms: 4}]\n",
    AT ("2:32", "node 'a': unknown key 'latency_ms'") },
  { "nested/names-stay", "metadata: {name: x}\nnodes: [{name: Server, image: tiny}]\n",
    AT ("2:16", "node 'Server': 'name'") },
  { "flat/no-name-at-all", "lab_name: x\nnodes: [{name: '__', image: tiny}]\n", AT ("2:16", "") },
  { "flat/names-that-become-one",
    "lab_name: x\nnodes:\n  - {name: node_1, image: tiny}\n  - {name: Node-1, image: tiny}\n", AT ("4:12", "") },
  { "flat/position-of-a-moved-value-stays",
    "lab_name: x\nnetwork_subnet: 10.300.0.0/24\nnodes:\n  - {name: a, image: tiny, latency_ms: slow}\n",
    AT ("2:17", "network 'x-network': 'subnet' must be an IPv4 subnet, not '10.300.0.0/24'")
        HINT ("write it as 10.10.0.0/24")
            AT ("4:40", "node 'a': 'latency_ms' must be a number from 0 to 3600000, not 'slow'") },
  { "flat/what-was-ignored-is-an-error",
    "lab_name: x\nnetwork_subnet: 10.3.0.0/24\nnodes: [{name: a, image: tiny, colour: red}]\n",
    AT ("3:32", "node 'a': unknown key 'colour'") },
  { "flat/not-beside-the-nested-form", "lab_name: x\nmetadata: {name: y}\nnodes: [{name: a, image: tiny}]\n",
    AT ("1:1", "unknown key 'lab_name'") },
};

/* Hints and exact words of the decoder are its own tests'; here it is the positions that matter. */
static void
check_positions (gconstpointer data)
{
  const ErrorCase *expected = data;
  g_autofree char *said = parse_bad (expected->text, strlen (expected->text));
  g_auto (GStrv) lines = g_strsplit (expected->expected, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "benchscale: ") && strstr (said, lines[i]) == NULL)
      g_error ("'%s' is missing in:\n%s", lines[i], said);
}

/* In the nested form nothing tells an older file from a mistake: each name is told with one that is right. */
static void
test_nested_names_are_told (void)
{
  static const char text[] = "metadata: {name: My Lab}\nnetwork: {name: lan, subnet: 10.1.0.0/24}\nnodes:\n"
                             "  - {name: node_1, image: tiny}\n  - {name: Server, image: tiny, depends_on: [node_1]}\n";
  g_autofree char *said = parse_bad (text, strlen (text));

  g_assert_cmpstr (
      said, ==,
      AT ("1:18", "'name' must be a name (letters, digits, '_', '.' and '-', at most 63, first a letter or "
                  "digit), not 'My Lab'") HINT ("write 'My-Lab'")
          AT ("4:12", "node 'node_1': 'name' must be a host name (a-z, 0-9 and '-', at most 63, no '-' at its "
                      "ends), not 'node_1'") HINT ("write 'node-1'")
              AT ("5:12", "node 'Server': 'name' must be a host name (a-z, 0-9 and '-', at most 63, no '-' at "
                          "its ends), not 'Server'") HINT ("write 'server'"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/legacy/nested-names-are-told", test_nested_names_are_told);
  g_test_add_func ("/legacy/flat", test_flat);
  g_test_add_func ("/legacy/nested", test_nested);
  g_test_add_func ("/legacy/as-the-tool-wrote-it", test_written);
  g_test_add_func ("/legacy/desktop-with-cloud-init", test_desktop);
  g_test_add_func ("/legacy/conditions-merged", test_merged);
  g_test_add_func ("/legacy/nested-preset", test_nested_preset);
  g_test_add_func ("/legacy/flat-names", test_names);
  g_test_add_func ("/legacy/list-of-scenarios", test_scenarios);
  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *path = g_strconcat ("/legacy/errors/", wrong[i].name, NULL);

      g_test_add_data_func (path, &wrong[i], check_positions);
    }
  return g_test_run ();
}
