/* SPDX-License-Identifier: Apache-2.0 */
/* test-topology-encode.c — what is decoded can be written, and is read again as what it was */
#include "bs-topology-encode.h"

#include "bs-topology-equal.h"
#include "bs-topology-fields.h"
#include "topology-test.h"

static BsTopology *
read_again (const char *text)
{
  static const char *const nothing[] = { NULL };
  const BsTopologyLoadOptions options = { .environment = nothing };
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  BsTopology *topology = bs_topology_parse_full ("again.yaml", text, strlen (text), &options, &diagnostics);
  g_autofree char *said = bs_diagnostics_format (diagnostics);

  if (topology == NULL)
    g_test_message ("%s", text);
  g_assert_cmpstr (said, ==, "");
  return topology;
}

static void
check_round_trip (const BsTopology *topology, BsTopologyEncodeFlags flags)
{
  g_autofree char *text = bs_topology_to_yaml (topology, flags);
  g_autoptr (BsTopology) again = read_again (text);
  g_autofree char *text_again = bs_topology_to_yaml (again, flags);

  g_test_message ("%s", text);
  g_assert_true (bs_topology_equal (topology, again));
  g_assert_cmpstr (text_again, ==, text);
}

/* What says every default is read as what says none. */
static void
check_no_default_stays (const BsTopology *topology)
{
  g_autofree char *complete = bs_topology_to_yaml (topology, BS_TOPOLOGY_ENCODE_COMPLETE);
  g_autofree char *text = bs_topology_to_yaml (topology, BS_TOPOLOGY_ENCODE_SHORT);
  g_autoptr (BsTopology) again = read_again (complete);
  g_autofree char *text_again = bs_topology_to_yaml (again, BS_TOPOLOGY_ENCODE_SHORT);

  g_assert_cmpstr (text_again, ==, text);
}

static void
check_both_round_trips (const char *text)
{
  g_autoptr (BsTopology) topology = read_again (text);

  check_no_default_stays (topology);
  check_round_trip (topology, BS_TOPOLOGY_ENCODE_SHORT);
  check_round_trip (topology, BS_TOPOLOGY_ENCODE_COMPLETE);
}

static void
check_example (const BsTopologyField *field, gpointer unused)
{
  g_autofree char *text = bs_topology_field_example (field->path);

  g_test_message ("%s", field->path);
  check_both_round_trips (text);
}

static void
test_every_field (void)
{
  bs_topology_fields (check_example, NULL);
}

/* The value at @path ("a.b[].c": in the first or a later element), or NULL. */
static const json_t *
find (const json_t *value, char *const *path)
{
  g_autofree char *key = NULL;
  const json_t *part;
  size_t i;

  if (path[0] == NULL)
    return value;
  if (g_str_has_suffix (path[0], "[]"))
    {
      key = g_strndup (path[0], strlen (path[0]) - 2);
      json_array_foreach (json_object_get (value, key), i, part)
      {
        const json_t *found = find (part, path + 1);

        if (found != NULL)
          return found;
      }
      return NULL;
    }
  part = json_object_get (value, path[0]);
  return part != NULL ? find (part, path + 1) : NULL;
}

/* What is written in other words, or says nothing in its example. */
static gboolean
is_said_otherwise (const char *path, const char *key, const char *example)
{
  g_autofree char *empty = g_strconcat (key, ": {}", NULL);
  static const char *const others[] = { "network", "networks[].preset", "scenarios[].steps[].expect.exit_code",
                                        "nodes[].cloud_init.write_files[].encoding", NULL };

  return g_strv_contains (others, path) || g_str_has_prefix (path, "network.")
         || g_str_has_suffix (path, ".expect.exit_code") || strstr (example, empty) != NULL;
}

static void
check_written (const BsTopologyField *field, gpointer count)
{
  g_autofree char *text = bs_topology_field_example (field->path);
  g_autoptr (BsTopology) topology = read_again (text);
  g_autoptr (json_t) object = bs_topology_to_json (topology, BS_TOPOLOGY_ENCODE_COMPLETE);
  g_auto (GStrv) path = g_strsplit (field->path, ".", -1);

  if (is_said_otherwise (field->path, field->key, text))
    return;
  if (find (object, path) == NULL)
    g_error ("'%s' is decoded, but not encoded", field->path);
  ++*(guint *) count;
}

static void
test_every_field_is_written_at_its_path (void)
{
  guint count = 0;

  bs_topology_fields (check_written, &count);
  g_assert_cmpuint (count, >, 200);
}

static void
check_short (const char *text, const char *expected)
{
  g_autoptr (BsTopology) topology = read_again (text);
  g_autoptr (json_t) object = bs_topology_to_json (topology, BS_TOPOLOGY_ENCODE_SHORT);
  g_autofree char *said = bs_json_dump (object);

  g_assert_cmpstr (said, ==, expected);
  check_both_round_trips (text);
}

static void
test_defaults_are_left_out (void)
{
  check_short ("backend: auto\nnetworks: [{name: lab, mtu: 1500}]\nseed: 7\nnodes:\n  - {name: one, image: tiny, "
               "memory_mb: 512, vcpus: 1, env: {}, interfaces: [{network: lab}], ready: [], ports: []}\n",
               "{\"metadata\":{\"name\":\"again\"},\"nodes\":[{\"name\":\"one\",\"image\":\"tiny\"}],\"seed\":7}");
}

static void
test_count_is_one_entry (void)
{
  check_short ("nodes:\n  - {name: web, image: tiny, count: 3}\n  - {name: one, image: tiny, depends_on: [web]}\n"
               "  - {name: two, image: tiny, depends_on: [one, web-1, web-2]}\n"
               "conditions_between: [{from: one, to: web, conditions: {latency_ms: 0.5}}]\n",
               "{\"metadata\":{\"name\":\"again\"},\"nodes\":[{\"name\":\"web\",\"image\":\"tiny\",\"count\":3},"
               "{\"name\":\"one\",\"image\":\"tiny\",\"depends_on\":[\"web\"]},"
               "{\"name\":\"two\",\"image\":\"tiny\",\"depends_on\":[\"one\",\"web-1\",\"web-2\"]}],"
               "\"conditions_between\":[{\"from\":\"one\",\"to\":\"web\",\"conditions\":{\"latency_ms\":0.5}}]}");
}

static void
test_defaults_of_parts_are_left_out (void)
{
  check_short (
      "networks: [{name: lan, mtu: 9000, conditions: {loss_burst: {p: 5, r: 95, h: 0, k: 100}}}, {name: wan}]\n"
      "nodes:\n  - {name: one, image: tiny, interfaces: [{network: lan, name: eth0, mtu: 9000}, {network: wan, "
      "name: eth1, mtu: 1500}]}\n"
      "  - {name: two, image: tiny, interfaces: [{network: lan, name: eth1}], healthcheck: {test: [CMD, ls]},\n"
      "     ready: [agent, {port: 80, within: 60s}], network_conditions: {loss_burst: {p: 5, r: 5, k: 99}}}\n",
      "{\"metadata\":{\"name\":\"again\"},\"networks\":[{\"name\":\"lan\",\"mtu\":9000,\"conditions\":"
      "{\"loss_burst\":{\"p\":5}}},{\"name\":\"wan\"}],\"nodes\":[{\"name\":\"one\",\"image\":\"tiny\"},"
      "{\"name\":\"two\",\"image\":\"tiny\",\"interfaces\":[{\"network\":\"lan\",\"name\":\"eth1\"}],"
      "\"ready\":[{\"agent\":true},{\"port\":80}],\"network_conditions\":{\"loss_burst\":{\"p\":5,\"r\":5,"
      "\"k\":99}},\"healthcheck\":{\"test\":[\"ls\"]}}]}");
}

/* A part that says nothing is there all the same: a container is no machine. */
static void
test_empty_parts_stay (void)
{
  check_short ("nodes:\n  - {name: a, image: i, privileged: false}\n  - {name: b, image: i, tpm: false}\n"
               "  - {name: c, image: i, cloud_init: {}, network_conditions: {}}\n",
               "{\"metadata\":{\"name\":\"again\"},\"nodes\":["
               "{\"name\":\"a\",\"image\":\"i\",\"privileged\":false},"
               "{\"name\":\"b\",\"image\":\"i\",\"tpm\":false},"
               "{\"name\":\"c\",\"image\":\"i\",\"cloud_init\":{},\"network_conditions\":{}}]}");
}

static void
test_conditions_say_their_zeros (void)
{
  check_both_round_trips (
      "networks:\n  - {name: lan, preset: satellite, conditions: {latency_ms: 0, trace: none, schedule: [], queue: "
      "{limit: 1500}, loss_burst: {p: 1.25, h: 3}}}\n"
      "  - {name: wan, conditions: {jitter_distribution: pareto, queue: {limit: 1500us, discipline: codel}, schedule: "
      "[{at: 10s, down: true, for: 1s}, {at: 1s, for: 2s, conditions: {preset: campus, bandwidth_kbps: 1e6}}]}}\n"
      "nodes: [{name: one, image: tiny}]\n");
}

static void
test_variables_stay_texts (void)
{
  check_both_round_trips ("metadata: {description: \"$${HOME} $$${X} $\"}\n"
                          "nodes: [{name: one, image: tiny, env: {A: \"$${B:-c}\"}, metadata: {\"${k}\": [\"$${v}\"]}, "
                          "ready: [{command: \"test ${A}\"}]}]\n");
}

static void
test_odd_texts (void)
{
  check_both_round_trips (
      "metadata: {description: \"a\\n b\\t\\n\\n\", version: \"1.10\"}\nnodes:\n"
      "  - {name: one, image: \"null\", env: {A: \"yes\", B: \"\", C: \" x \", D: \"\\t\\u00a0\\u00ad\", "
      "E: "
      "\"- a: #b\", F: \"\\t x\", G: \"%\", H: \"---\", I: \"a\\\\\\\"'\"},\n"
      "     metadata: {\"\": \"\", \"a: b\": [], \"#\": {}, \"?\": [[x, {y: z}]], \"lm\": \"...\\n\\n x\"},\n"
      "     cloud_init: {write_files: [{path: /a, content: /wA=, encoding: b64}, {path: /b, content: \"\"}, "
      "{path: /c, content: GzFtDQo=, encoding: b64}, {path: /d, content: \"a\\r\\n\"}], "
      "runcmd: [[sh, -c, \" \"], [sh, -c, ls], ls]}}\n"
      "  - {name: two, image: tiny, packages: [{name: a.deb}, b], healthcheck: {test: [CMD, CMD, x]}, restart: \"no\", "
      "ulimits: {core: {soft: 0, hard: -1}}, ports: [\"80:80\"]}\n");
}

static void
test_actions (void)
{
  check_both_round_trips (
      "nodes: [{name: one, image: tiny, count: 2}, {name: two, image: tiny}]\nscenarios:\n  - name: s\n    steps:\n"
      "      - {net: {down: true}}\n      - {net: {heal: true}}\n      - {net: {partition: [[one], [two]], one_way: "
      "true}}\n      - {name: x, fault: {clock: -90m, nodes: [one], for: 5s}}\n"
      "      - parallel:\n          - {wait: 1500us}\n          - {name: step 2, copy: {src: ./a, dest: \"two:/b\"}}\n"
      "          - {node: two, command: [sh, -c, ls], retry: {for: 3s}, expect: {exit_code: 2, stderr: {not: "
      "\"\"}}}\n");
}

static void
test_differences_are_seen (void)
{
  g_autoptr (BsTopology) a = read_again (ONE_NODE), b = read_again ("nodes: [{name: one, image: tiny, vcpus: 2}]\n");
  g_autoptr (BsTopology) c = read_again ("nodes: [{name: one, image: tiny, count: 1}]\n"), d = read_again (ONE_NODE);

  g_assert_true (bs_topology_equal (a, d));
  g_assert_false (bs_topology_equal (a, b));
  g_assert_false (bs_topology_equal (a, c));
}

/* A field that the comparison forgot would make all round trips of it pass. */
static void
check_is_compared (const BsTopologyField *field, gpointer count)
{
  g_autofree char *text = bs_topology_field_example (field->path);
  g_autoptr (BsTopology) a = read_again (text), b = NULL;
  g_autoptr (json_t) object = bs_topology_to_json (a, BS_TOPOLOGY_ENCODE_SHORT);
  g_auto (GStrv) path = g_strsplit (field->path, ".", -1);
  g_autofree char *changed = NULL, *last = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  json_t *parent;

  last = path[g_strv_length (path) - 1];
  path[g_strv_length (path) - 1] = NULL;
  parent = (json_t *) find (object, path);
  if (field->required || g_str_equal (field->path, "metadata") || g_str_equal (field->path, "metadata.name")
      || parent == NULL || json_object_del (parent, last) != 0)
    return;
  changed = bs_json_dump (object);
  b = bs_topology_parse ("again.yaml", changed, strlen (changed), &diagnostics);
  if (b == NULL)
    return; /* it needs the field */
  if (bs_topology_equal (a, b))
    g_error ("'%s' is not compared", field->path);
  ++*(guint *) count;
}

static void
test_every_field_is_compared (void)
{
  guint count = 0;

  bs_topology_fields (check_is_compared, &count);
  g_test_message ("%u", count);
  g_assert_cmpuint (count, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/topology-encode/every-field", test_every_field);
  g_test_add_func ("/topology-encode/every-field-is-written-at-its-path", test_every_field_is_written_at_its_path);
  g_test_add_func ("/topology-encode/every-field-is-compared", test_every_field_is_compared);
  g_test_add_func ("/topology-encode/defaults-are-left-out", test_defaults_are_left_out);
  g_test_add_func ("/topology-encode/defaults-of-parts-are-left-out", test_defaults_of_parts_are_left_out);
  g_test_add_func ("/topology-encode/count-is-one-entry", test_count_is_one_entry);
  g_test_add_func ("/topology-encode/empty-parts-stay", test_empty_parts_stay);
  g_test_add_func ("/topology-encode/conditions-say-their-zeros", test_conditions_say_their_zeros);
  g_test_add_func ("/topology-encode/variables-stay-texts", test_variables_stay_texts);
  g_test_add_func ("/topology-encode/odd-texts", test_odd_texts);
  g_test_add_func ("/topology-encode/actions", test_actions);
  g_test_add_func ("/topology-encode/differences-are-seen", test_differences_are_seen);
  return g_test_run ();
}
