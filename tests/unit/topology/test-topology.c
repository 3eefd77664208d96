/* SPDX-License-Identifier: Apache-2.0 */
/* test-topology.c — what a right file becomes */
#include "topology-test.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

static void
test_defaults (void)
{
  g_autoptr (BsTopology) topology = parse_good (ONE_NODE);
  const BsTopologyNetwork *network = g_ptr_array_index (topology->networks, 0);
  const BsTopologyNode *node = bs_topology_node (topology, "one");
  const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, 0);

  g_assert_cmpstr (topology->name, ==, "t");
  g_assert_cmpstr (topology->backend, ==, "auto");
  g_assert_null (topology->tags[0]);
  g_assert_cmpuint (topology->networks->len, ==, 1);
  g_assert_cmpstr (network->name, ==, "lab");
  g_assert_null (network->subnet);
  g_assert_cmpuint (network->mtu, ==, 1500);
  g_assert_cmpuint (network->at.line, ==, 0);
  g_assert_cmpstr (node->backend, ==, "auto");
  g_assert_cmpuint (node->memory_mib, ==, 512);
  g_assert_cmpuint (node->vcpus, ==, 1);
  g_assert_null (node->env[0]);
  g_assert_cmpuint (node->ports->len + node->depends_on->len + node->ready->len, ==, 0);
  g_assert_cmpuint (node->interfaces->len, ==, 1);
  g_assert_cmpstr (interface->network, ==, "lab");
  g_assert_null (interface->name);
  g_assert_cmpuint (interface->mtu, ==, 0);
}

static void
test_metadata (void)
{
  g_autoptr (BsTopology) topology
      = parse_good ("metadata: {name: shop.1, description: \"two\\nlines\", version: 1.10, tags: [demo, 007]}\n"
                    "backend: qemu\n" ONE_NODE);

  g_assert_cmpstr (topology->name, ==, "shop.1");
  g_assert_cmpstr (topology->description, ==, "two\nlines");
  g_assert_cmpstr (topology->version, ==, "1.10");
  g_assert_cmpstr (topology->tags[0], ==, "demo");
  g_assert_cmpstr (topology->tags[1], ==, "007");
  g_assert_cmpstr (bs_topology_node (topology, "one")->backend, ==, "qemu");
}

static void
test_lab_is_named_for_its_file (void)
{
  static const char *const names[][2]
      = { { "/a/shop.yaml", "shop" }, { "two words.yml", "two-words" }, { ".yaml", "lab" }, { "-", "lab" } };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (BsDiagnostics) diagnostics = NULL;
      g_autoptr (BsTopology) topology = bs_topology_parse (names[i][0], ONE_NODE, strlen (ONE_NODE), &diagnostics);

      g_assert_cmpstr (topology->name, ==, names[i][1]);
    }
}

static void
test_node (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (NODE ("backend: docker, memory_mb: 0128, vcpus: 2, env: {A: yes, B: 0x10, C: '', D: }, "
                          "ports: [8080:80, 2222:22], depends_on: [two]"));
  const BsTopologyNode *node = bs_topology_node (topology, "one");
  const BsTopologyPort *port = g_ptr_array_index (node->ports, 1);

  g_assert_cmpuint (node->at.line, ==, 3);
  g_assert_cmpuint (node->at.column, ==, 5);
  g_assert_cmpstr (node->image, ==, "tiny");
  g_assert_cmpuint (node->image_at.column, ==, 24);
  g_assert_cmpstr (node->backend, ==, "docker");
  g_assert_cmpuint (node->memory_mib, ==, 128);
  g_assert_cmpuint (node->memory_at.column, ==, 58);
  g_assert_cmpuint (node->vcpus, ==, 2);
  g_assert_cmpstr (node->env[0], ==, "A=yes");
  g_assert_cmpstr (node->env[1], ==, "B=0x10");
  g_assert_cmpstr (node->env[2], ==, "C=");
  g_assert_cmpstr (node->env[3], ==, "D=");
  g_assert_null (node->env[4]);
  g_assert_cmpuint (port->host, ==, 2222);
  g_assert_cmpuint (port->node, ==, 22);
  g_assert_cmpuint (port->at.line, ==, 3);
  g_assert_cmpstr (g_ptr_array_index (node->depends_on, 0), ==, "two");
}

static void
test_interfaces (void)
{
  g_autoptr (BsTopology) topology
      = parse_good ("networks: [{name: lan, subnet: 10.1.0.0/30, mtu: 9000}, {name: wan}]\n"
                    "nodes: [{name: one, image: tiny, interfaces: [{network: wan},\n"
                    "  {network: lan, address: 10.1.0.2, mac: 52-54-00-AB-cd-01, name: lan0, mtu: 1400}]}]\n");
  const BsTopologyNode *node = bs_topology_node (topology, "one");
  const BsTopologyInterface *interface = g_ptr_array_index (node->interfaces, 1);

  g_assert_cmpuint (node->interfaces->len, ==, 2);
  g_assert_cmpstr (interface->network, ==, "lan");
  g_assert_cmpstr (interface->address, ==, "10.1.0.2");
  g_assert_cmpuint (interface->address_at.line, ==, 3);
  g_assert_cmpuint (interface->address_at.column, ==, 27);
  g_assert_cmpstr (interface->mac, ==, "52:54:00:ab:cd:01");
  g_assert_cmpstr (interface->name, ==, "lan0");
  g_assert_cmpuint (interface->mtu, ==, 1400);
  g_assert_cmpuint (bs_topology_network (topology, "lan")->mtu, ==, 9000);
  g_assert_cmpstr (bs_topology_network (topology, "lan")->subnet, ==, "10.1.0.0/30");
}

static void
test_node_without_interfaces_is_on_all_networks (void)
{
  g_autoptr (BsTopology) topology = parse_good ("networks: [{name: a}, {name: b}]\n" ONE_NODE);
  const BsTopologyNode *node = bs_topology_node (topology, "one");

  g_assert_cmpuint (node->interfaces->len, ==, 2);
  g_assert_cmpstr (((BsTopologyInterface *) g_ptr_array_index (node->interfaces, 0))->network, ==, "a");
  g_assert_cmpstr (((BsTopologyInterface *) g_ptr_array_index (node->interfaces, 1))->network, ==, "b");
}

static const BsTopologyReady *
nth_ready (const BsTopology *topology, guint index)
{
  return g_ptr_array_index (bs_topology_node (topology, "one")->ready, index);
}

static void
test_ready (void)
{
  g_autoptr (BsTopology) topology = parse_good (
      NODE ("ready: [agent, {port: 80, within: 20s}, {file: /run/up}, {process: sshd}, {command: test -e /x}, "
            "{command: [test, -e, /x]}, {agent: true}]"));

  g_assert_cmpint (nth_ready (topology, 0)->kind, ==, BS_READY_AGENT);
  g_assert_null (nth_ready (topology, 0)->arguments[0]);
  g_assert_cmpint (nth_ready (topology, 0)->within_usec, ==, 60 * G_USEC_PER_SEC);
  g_assert_cmpint (nth_ready (topology, 1)->kind, ==, BS_READY_PORT);
  g_assert_cmpstr (nth_ready (topology, 1)->arguments[0], ==, "80");
  g_assert_cmpint (nth_ready (topology, 1)->within_usec, ==, 20 * G_USEC_PER_SEC);
  g_assert_cmpint (nth_ready (topology, 2)->kind, ==, BS_READY_FILE);
  g_assert_cmpstr (nth_ready (topology, 2)->arguments[0], ==, "/run/up");
  g_assert_cmpint (nth_ready (topology, 3)->kind, ==, BS_READY_PROCESS);
  g_assert_cmpstr (nth_ready (topology, 3)->arguments[0], ==, "sshd");
  g_assert_cmpint (nth_ready (topology, 4)->kind, ==, BS_READY_COMMAND);
  g_assert_cmpstr (nth_ready (topology, 4)->arguments[2], ==, "test -e /x");
  g_assert_cmpstr (nth_ready (topology, 5)->arguments[2], ==, "/x");
  g_assert_cmpint (nth_ready (topology, 6)->kind, ==, BS_READY_AGENT);
}

static const BsTopologyStep *
nth_step (const BsTopology *topology, guint index)
{
  const BsTopologyScenario *scenario = g_ptr_array_index (topology->scenarios, 0);

  return g_ptr_array_index (scenario->steps, index);
}

static void
test_scenario (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (ONE_NODE "scenarios: [{name: page is served, description: d, timeout: 30s, tags: [net],\n"
                             "  steps: [{name: get, node: one, command: 'true'}, {node: one, command: [curl, 1]}]}]\n");
  const BsTopologyScenario *scenario = g_ptr_array_index (topology->scenarios, 0);

  g_assert_cmpstr (scenario->name, ==, "page is served");
  g_assert_cmpstr (scenario->description, ==, "d");
  g_assert_cmpstr (scenario->tags[0], ==, "net");
  g_assert_cmpint (scenario->timeout_usec, ==, 30 * G_USEC_PER_SEC);
  g_assert_cmpuint (scenario->steps->len, ==, 2);
  g_assert_cmpstr (nth_step (topology, 0)->name, ==, "get");
  g_assert_cmpstr (nth_step (topology, 1)->name, ==, "step 2");
  g_assert_cmpstr (nth_step (topology, 1)->command[1], ==, "1");
  g_assert_cmpuint (nth_step (topology, 1)->at.line, ==, 3);
}

static void
test_step (void)
{
  g_autoptr (BsTopology) topology = parse_good (
      STEP ("node: one, command: ls | wc, stdin: \"a\\tb\\n\", env: {A: b}, timeout: 2.5, expected_exit_code: 3, "
            "expect: {stdout: {equals: e, contains: 12, matches: '^a+$', not: n}, stderr: {equals: ''}}, "
            "retry: {every: 200ms, for: 1m}"));
  const BsTopologyStep *step = nth_step (topology, 0);

  g_assert_cmpstr (step->node, ==, "one");
  g_assert_cmpstr (step->command[0], ==, "sh");
  g_assert_cmpstr (step->command[1], ==, "-c");
  g_assert_cmpstr (step->command[2], ==, "ls | wc");
  g_assert_null (step->command[3]);
  g_assert_cmpstr (step->standard_input, ==, "a\tb\n");
  g_assert_cmpstr (step->env[0], ==, "A=b");
  g_assert_cmpint (step->timeout_usec, ==, 2500000);
  g_assert_cmpint (step->expected_exit_code, ==, 3);
  g_assert_cmpstr (step->out.equals, ==, "e");
  g_assert_cmpstr (step->out.contains, ==, "12");
  g_assert_cmpstr (step->out.matches, ==, "^a+$");
  g_assert_cmpstr (step->out.not_contains, ==, "n");
  g_assert_cmpstr (step->err.equals, ==, "");
  g_assert_null (step->err.contains);
  g_assert_cmpint (step->retry_every_usec, ==, 200000);
  g_assert_cmpint (step->retry_for_usec, ==, 60 * G_USEC_PER_SEC);
}

static void
test_step_defaults (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (STEP ("node: one, command: ls, retry: {for: 1s}, expect: {exit_code: 4}"));
  const BsTopologyStep *step = nth_step (topology, 0);

  g_assert_cmpint (step->timeout_usec, ==, 0);
  g_assert_cmpint (step->expected_exit_code, ==, 4);
  g_assert_null (step->standard_input);
  g_assert_null (step->env[0]);
  g_assert_cmpint (step->retry_every_usec, ==, 500000);
  g_assert_false (step->any_exit_code);
}

static void
test_long_chain_of_dependencies (void)
{
  g_autoptr (GString) text = g_string_new ("nodes:\n");
  g_autoptr (BsTopology) topology = NULL;

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, "  - {name: n%u, image: tiny, depends_on: [n%u]}\n", i, i + 1);
  g_string_append (text, "  - {name: n20000, image: tiny}\n");
  topology = parse_good (text->str);
  g_assert_cmpuint (topology->nodes->len, ==, 20001);
}

static char *
write_temporary (const char *text)
{
  char *path = g_build_filename (g_get_tmp_dir (), "topology-XXXXXX", NULL);
  int fd = g_mkstemp (path);

  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

/* Adds the scenarios in @text; "" or what is wrong with them, without the file's name. */
static char *
add_scenarios (BsTopology *topology, const char *text)
{
  g_autofree char *path = write_temporary (text), *prefix = g_strdup_printf ("benchscale: %s:", path), *said = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  gboolean good = bs_topology_add_scenarios (topology, path, &diagnostics);

  g_remove (path);
  g_assert_cmpint (good, ==, !bs_diagnostics_has_errors (diagnostics));
  said = bs_diagnostics_format (diagnostics);
  return g_strdup (g_str_has_prefix (said, prefix) ? said + strlen (prefix) : said);
}

static void
test_scenarios_from_memory (void)
{
  static const char good[] = "name: c\nsteps: [{node: one, command: ls}]\n",
                    bad[] = "name: d\nsteps: [{node: nobody, command: ls}]\n";
  g_autoptr (BsTopology) topology = parse_good (ONE_NODE);
  g_autoptr (BsDiagnostics) nothing = NULL, wrong = NULL;
  g_autofree char *said = NULL;

  g_assert_false (bs_topology_parse_scenarios (topology, "s.yaml", bad, strlen (bad), NULL, &wrong));
  g_assert_cmpuint (topology->scenarios->len, ==, 0);
  said = bs_diagnostics_format (wrong);
  g_assert_true (g_str_has_prefix (said, "benchscale: s.yaml:2:"));
  g_assert_true (bs_topology_parse_scenarios (topology, "s.yaml", good, strlen (good), NULL, &nothing));
  g_assert_cmpuint (topology->scenarios->len, ==, 1);
}

static void
test_scenarios_of_another_file (void)
{
  g_autoptr (BsTopology) topology = parse_good (STEP ("node: one, command: ls"));
  g_autofree char *list = add_scenarios (topology, "scenarios: [{name: b, steps: [{node: one, command: ls}]}]\n");
  g_autofree char *single = add_scenarios (topology, "name: c\nsteps: [{node: one, command: ls}]\n");

  g_assert_cmpstr (list, ==, "");
  g_assert_cmpstr (single, ==, "");
  g_assert_cmpuint (topology->scenarios->len, ==, 3);
  g_assert_cmpstr (((BsTopologyScenario *) g_ptr_array_index (topology->scenarios, 2))->name, ==, "c");
}

static void
test_wrong_scenarios_add_nothing (void)
{
  g_autoptr (BsTopology) topology = parse_good (STEP ("node: one, command: ls"));
  g_autofree char *unknown = add_scenarios (topology, "name: b\nsteps: [{node: ome, command: ls}, {wait: 1s}]\n");
  g_autofree char *repeated = add_scenarios (topology, "name: s\nsteps: [{node: one, command: ls}]\n");
  g_autofree char *other = add_scenarios (topology, "- a\n");

  g_assert_cmpstr (unknown, ==, "2:16: there is no node 'ome'\nhint: did you mean 'one'?\n");
  g_assert_cmpstr (repeated, ==, "1:7: scenario name 's' is used twice\n");
  g_assert_cmpstr (other, ==, "1:3: a mapping is needed here, not 'a'\n");
  g_assert_cmpuint (topology->scenarios->len, ==, 1);
  g_assert_cmpuint (topology->inert->len, ==, 0);
}

/* What is said of a file that cannot be one. */
static void
check_unreadable (const char *path, const char *expected)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_topology_load (path, &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  g_assert_null (topology);
  g_assert_cmpstr (said, ==, expected);
}

static void
test_unreadable_files (void)
{
  g_autofree char *dir = g_dir_make_tmp ("topology-XXXXXX", NULL), *fifo = g_build_filename (dir, "fifo", NULL);
  g_autofree char *of_fifo = g_strdup_printf ("benchscale: %s: '%s' is not a regular file\n"
                                              "hint: save what comes from a pipe or a device to a file first\n",
                                              fifo, fifo);
  g_autofree char *of_dir = g_strdup_printf ("benchscale: %s: '%s' is not a regular file\n", dir, dir);

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  check_unreadable (fifo, of_fifo);
  check_unreadable (dir, of_dir);
  check_unreadable ("/nowhere.yaml",
                    "benchscale: /nowhere.yaml: cannot read '/nowhere.yaml': No such file or directory\n");
  g_remove (fifo);
  g_rmdir (dir);
}

static void
test_examples (void)
{
  static const char *const names[] = { "hello.yaml", "ordered.yaml" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (SOURCE_ROOT, "examples", names[i], NULL), *said = NULL;
      g_autoptr (BsDiagnostics) diagnostics = NULL;
      g_autoptr (BsTopology) topology = bs_topology_load (path, &diagnostics);

      said = bs_diagnostics_format (diagnostics);
      g_assert_cmpstr (said, ==, "");
      g_assert_cmpuint (topology->inert->len, ==, 0);
      g_assert_cmpuint (topology->scenarios->len, >, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/topology/defaults", test_defaults);
  g_test_add_func ("/topology/metadata", test_metadata);
  g_test_add_func ("/topology/lab-is-named-for-its-file", test_lab_is_named_for_its_file);
  g_test_add_func ("/topology/node", test_node);
  g_test_add_func ("/topology/interfaces", test_interfaces);
  g_test_add_func ("/topology/node-without-interfaces-is-on-all-networks",
                   test_node_without_interfaces_is_on_all_networks);
  g_test_add_func ("/topology/ready", test_ready);
  g_test_add_func ("/topology/scenario", test_scenario);
  g_test_add_func ("/topology/step", test_step);
  g_test_add_func ("/topology/step-defaults", test_step_defaults);
  g_test_add_func ("/topology/long-chain-of-dependencies", test_long_chain_of_dependencies);
  g_test_add_func ("/topology/scenarios-of-another-file", test_scenarios_of_another_file);
  g_test_add_func ("/topology/scenarios-from-memory", test_scenarios_from_memory);
  g_test_add_func ("/topology/wrong-scenarios-add-nothing", test_wrong_scenarios_add_nothing);
  g_test_add_func ("/topology/unreadable-files", test_unreadable_files);
  g_test_add_func ("/topology/examples", test_examples);
  return g_test_run ();
}
