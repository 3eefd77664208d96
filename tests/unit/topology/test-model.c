/* SPDX-License-Identifier: Apache-2.0 */
/* test-model.c — the public model: loaded or built, read and changed by paths, checked, written */
#include "bs-error.h"

#include <benchscale/bs-model.h>
#include <string.h>

#define LAB                                                                                                            \
  "metadata: {name: shop}\nnetworks:\n  - {name: lan, subnet: 10.10.0.0/24}\n  - {name: wan, mtu: 9000}\nnodes:\n"     \
  "  - {name: web, image: tiny, count: 2, memory_mb: 128, env: {A: \"${X}\"}, metadata: {org.example: x}}\n"           \
  "  - name: one\n    image: tiny\n    interfaces: [{network: lan, address: 10.10.0.9}]\n"                             \
  "    ready: [{port: 80, within: 1500ms}]\n    network_conditions: {latency_ms: 2.5}\n"

static BsModel *
parse (const char *text)
{
  const char *const variables[] = { "X=hello", NULL };
  BsModelOptions options = BS_MODEL_OPTIONS_INIT;
  g_autoptr (GError) error = NULL;
  BsModel *model;

  options.variables = variables;
  model = bs_model_parse ("shop.yaml", text, -1, &options, NULL, &error);
  g_assert_no_error (error);
  return model;
}

static void
check_text (BsModel *model, BsModelView view, const char *path, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = bs_model_get_text (model, view, path, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, expected);
}

static void
check_error (GError **error, int code, const char *message, const char *hint)
{
  g_assert_error (*error, BS_ERROR, code);
  g_assert_cmpstr ((*error)->message, ==, message);
  g_assert_cmpstr (bs_error_hint (*error), ==, hint);
  g_clear_error (error);
}

static void
test_read_as_written (void)
{
  g_autoptr (BsModel) model = parse (LAB);
  g_autoptr (GError) error = NULL;
  gint64 number = 0;
  double latency = 0;
  guint count;

  check_text (model, BS_MODEL_WRITTEN, "metadata.name", "shop");
  check_text (model, BS_MODEL_WRITTEN, "nodes[0].name", "web");
  check_text (model, BS_MODEL_WRITTEN, "nodes[one].image", "tiny");
  check_text (model, BS_MODEL_WRITTEN, "networks[lan].subnet", "10.10.0.0/24");
  check_text (model, BS_MODEL_WRITTEN, "network.subnet", "10.10.0.0/24");
  check_text (model, BS_MODEL_WRITTEN, "nodes[web].env.A", "hello");
  check_text (model, BS_MODEL_WRITTEN, "nodes[web].metadata[org.example]", "x");
  check_text (model, BS_MODEL_WRITTEN, "nodes[one].interfaces[0].address", "10.10.0.9");
  g_assert_true (bs_model_get_integer (model, BS_MODEL_WRITTEN, "nodes[web].memory_mb", &number, &error));
  g_assert_cmpint (number, ==, 128);
  g_assert_true (bs_model_get_duration (model, BS_MODEL_WRITTEN, "nodes[one].ready[0].within", &number, &error));
  g_assert_cmpint (number, ==, 1500000);
  g_assert_true (
      bs_model_get_number (model, BS_MODEL_WRITTEN, "nodes[one].network_conditions.latency_ms", &latency, &error));
  g_assert_cmpfloat (latency, ==, 2.5);
  g_assert_true (bs_model_count (model, BS_MODEL_WRITTEN, "nodes", &count, &error));
  g_assert_cmpuint (count, ==, 2);
  g_assert_true (bs_model_count (model, BS_MODEL_WRITTEN, "scenarios", &count, &error));
  g_assert_cmpuint (count, ==, 0);
}

static void
test_read_complete (void)
{
  g_autoptr (BsModel) model = parse (LAB);
  g_autoptr (GError) error = NULL;
  gboolean internet = TRUE;
  gint64 number = 0;
  guint count = 0;

  check_text (model, BS_MODEL_COMPLETE, "nodes[web].interfaces[1].name", "eth1");
  check_text (model, BS_MODEL_COMPLETE, "backend", "auto");
  g_assert_true (bs_model_get_integer (model, BS_MODEL_COMPLETE, "nodes[web].interfaces[1].mtu", &number, &error));
  g_assert_cmpint (number, ==, 9000);
  g_assert_true (bs_model_get_integer (model, BS_MODEL_COMPLETE, "nodes[one].memory_mb", &number, &error));
  g_assert_cmpint (number, ==, 512);
  g_assert_true (bs_model_get_boolean (model, BS_MODEL_COMPLETE, "networks[0].internet", &internet, &error));
  g_assert_false (internet);
  g_assert_true (bs_model_count (model, BS_MODEL_COMPLETE, "nodes[one].ports", &count, &error));
  g_assert_cmpuint (count, ==, 0);
}

static void
test_iterate (void)
{
  g_autoptr (BsModel) model = parse (LAB);
  g_autoptr (GError) error = NULL;
  g_autofree char *first = bs_model_key (model, BS_MODEL_WRITTEN, "", 0, &error);
  g_autofree char *last = bs_model_key (model, BS_MODEL_WRITTEN, "nodes[web]", 2, &error);
  BsModelType type = BS_MODEL_TEXT;

  g_assert_cmpstr (first, ==, "metadata");
  g_assert_cmpstr (last, ==, "count");
  g_assert_true (bs_model_type (model, BS_MODEL_WRITTEN, "nodes[web].env", &type, &error));
  g_assert_cmpint (type, ==, BS_MODEL_MAPPING);
  g_assert_null (bs_model_key (model, BS_MODEL_WRITTEN, "nodes[web]", 9, &error));
  check_error (&error, BS_ERROR_NOT_FOUND, "'nodes[web]' has 6 keys", NULL);
}

static void
test_wrong_paths (void)
{
  static const struct
  {
    const char *path;
    int code;
    const char *message, *hint;
  } cases[] = {
    { "nodes[0].imge", BS_ERROR_INVALID, "'nodes[0].imge': there is no field 'imge'", "did you mean 'image'?" },
    { "nodez", BS_ERROR_INVALID, "'nodez': there is no field 'nodez'", "did you mean 'nodes'?" },
    { "zzzzzzzz", BS_ERROR_INVALID, "'zzzzzzzz': there is no field 'zzzzzzzz'", "docs/topology.md has all paths" },
    { "nodes.name", BS_ERROR_INVALID, "'nodes.name': there is nothing of that kind below 'nodes'",
      "write it as [0], or [NAME]" },
    { "nodes[0].name.x", BS_ERROR_INVALID, "'nodes[0].name.x': there is nothing of that kind below 'name'", NULL },
    { "nodes[0", BS_ERROR_INVALID, "'nodes[0' is no path", "write it as nodes[0].image, or nodes[NAME].image" },
    { "nodes[a\nb].name", BS_ERROR_INVALID, "'nodes[a b].name' is no path",
      "write it as nodes[0].image, or nodes[NAME].image" },
    { "nodes[]", BS_ERROR_INVALID, "'nodes[]' is no path", "write it as nodes[0].image, or nodes[NAME].image" },
    { "nodes[0]..name", BS_ERROR_INVALID, "'nodes[0]..name' is no path",
      "write it as nodes[0].image, or nodes[NAME].image" },
    { "nodes[7].name", BS_ERROR_NOT_FOUND, "'nodes[7].name': nothing says '7'", "the last one is [1]" },
    { "nodes[wbe].name", BS_ERROR_NOT_FOUND, "'nodes[wbe].name': nothing says 'wbe'", "did you mean 'web'?" },
    { "nodes[one].memory_mb", BS_ERROR_NOT_FOUND, "'nodes[one].memory_mb': nothing says 'memory_mb'", NULL },
    { "nodes[one].ready", BS_ERROR_INVALID, "'nodes[one].ready' is a list, not a text", NULL },
  };
  g_autoptr (BsModel) model = parse (LAB);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].path);
      g_assert_null (bs_model_get_text (model, BS_MODEL_WRITTEN, cases[i].path, &error));
      check_error (&error, cases[i].code, cases[i].message, cases[i].hint);
    }
}

static void
test_deep_paths (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsModel) model = parse (LAB);
  g_autoptr (GString) path = g_string_new ("nodes[0].metadata");

  for (guint i = 0; i < 100000; i++)
    g_string_append (path, ".a");
  g_assert_false (bs_model_set_text (model, path->str, "x", &error));
  check_error (&error, BS_ERROR_INVALID, "a path has at most 64 parts", NULL);
}

static void
test_build (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsModel) model = bs_model_new ("pair", &error);
  g_autoptr (BsProblems) problems = NULL;
  g_autofree char *json = NULL;
  guint place = 9;

  g_assert_true (bs_model_set_text (model, "network.subnet", "10.1.0.0/24", &error));
  g_assert_true (bs_model_set_text (model, "nodes[0].name", "web", &error));
  g_assert_true (bs_model_set_text (model, "nodes[web].image", "tiny", &error));
  g_assert_true (bs_model_set_integer (model, "nodes[web].vcpus", 2, &error));
  g_assert_true (bs_model_set_text (model, "nodes[web].env.PATH", "${HOME}", &error));
  g_assert_true (bs_model_set_duration (model, "nodes[web].ready[0].within", 1500, &error));
  g_assert_true (bs_model_set_integer (model, "nodes[web].ready[0].port", 80, &error));
  g_assert_true (bs_model_add_json (model, "nodes", "{\"name\": \"two\", \"image\": \"tiny\"}", &place, &error));
  g_assert_cmpuint (place, ==, 1);
  g_assert_true (bs_model_add_text (model, "nodes[two].depends_on", "web", &error));
  g_assert_true (bs_model_set_number (model, "nodes[two].network_conditions.latency_ms", 0.5, &error));
  g_assert_true (bs_model_set_boolean (model, "network.internet", TRUE, &error));
  g_assert_no_error (error);
  json = bs_model_to_json (model, BS_MODEL_WRITTEN, &error);
  g_assert_cmpstr (json, ==,
                   "{\"metadata\":{\"name\":\"pair\"},\"networks\":[{\"subnet\":\"10.1.0.0/24\",\"name\":\"lab\","
                   "\"internet\":true}],\"nodes\":[{\"name\":\"web\",\"image\":\"tiny\",\"vcpus\":2,\"env\":{\"PATH\":"
                   "\"${HOME}\"},\"ready\":[{\"within\":\"1500us\",\"port\":80}]},{\"name\":\"two\",\"image\":\"tiny\","
                   "\"depends_on\":[\"web\"],\"network_conditions\":{\"latency_ms\":0.5}}]}");
  problems = bs_model_validate (model);
  g_assert_false (bs_problems_has_errors (problems));
}

static void
test_what_is_written_is_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsModel) model = parse (LAB), again = NULL;
  g_autofree char *yaml = bs_model_to_yaml (model, BS_MODEL_WRITTEN, &error);
  g_autofree char *json = bs_model_to_json (model, BS_MODEL_WRITTEN, &error), *json_again = NULL;

  again = parse (yaml);
  json_again = bs_model_to_json (again, BS_MODEL_WRITTEN, &error);
  g_assert_cmpstr (json, ==, json_again);
}

static void
test_complete_follows_changes (void)
{
  g_autoptr (BsModel) model = parse (LAB);
  g_autoptr (GError) error = NULL;

  check_text (model, BS_MODEL_COMPLETE, "nodes[one].backend", "auto");
  g_assert_true (bs_model_set_text (model, "backend", "qemu", &error));
  check_text (model, BS_MODEL_COMPLETE, "nodes[one].backend", "qemu");
  g_assert_true (bs_model_remove (model, "backend", &error));
  check_text (model, BS_MODEL_COMPLETE, "nodes[one].backend", "auto");
  g_assert_true (bs_model_remove (model, "nodes[one]", &error));
  g_assert_false (bs_model_remove (model, "nodes[one]", &error));
  check_error (&error, BS_ERROR_NOT_FOUND, "'nodes[one]': nothing says 'one'", NULL);
}

static void
test_wrong_values_change_nothing (void)
{
  static const struct
  {
    const char *path, *json;
    int code;
    const char *message, *hint;
  } cases[] = {
    { "nodes[0].memory_mb", "\"1\"", BS_ERROR_INVALID,
      "'nodes[0].memory_mb': 'memory_mb' must be an integer from 32 to 16777216", NULL },
    { "nodes[0].memory_mb", "1.5", BS_ERROR_INVALID,
      "'nodes[0].memory_mb': 'memory_mb' must be an integer from 32 to 16777216", NULL },
    { "nodes[0].vcpus", "0", BS_ERROR_INVALID, "'nodes[0].vcpus': 'vcpus' must be an integer from 1 to 255", NULL },
    { "backend", "\"qemuu\"", BS_ERROR_INVALID,
      "'backend': 'backend' must be one of qemu, libvirt, docker, podman, lxd, auto", "did you mean 'qemu'?" },
    { "nodes[0].image", "7", BS_ERROR_INVALID, "'nodes[0].image': 'image' must be a text", NULL },
    { "nodes[0]", "{\"name\": \"x\", \"imge\": \"tiny\"}", BS_ERROR_INVALID, "'nodes[0]': there is no field 'imge'",
      "did you mean 'image'?" },
    { "nodes", "{}", BS_ERROR_INVALID, "'nodes': 'nodes' must be a list", "write it as [...]" },
    { "nodes", "[3]", BS_ERROR_INVALID, "'nodes': 'nodes' must be a mapping", NULL },
    { "nodes[0].env", "{\"A\": 1}", BS_ERROR_INVALID, "'nodes[0].env': 'env' must be a mapping of names to texts",
      NULL },
    { "nodes[0].metadata.x", "null", BS_ERROR_INVALID, "'nodes[0].metadata.x': null is no value", "remove it instead" },
    { "nodes[one].ready[0].within", "5", BS_ERROR_INVALID, "'nodes[one].ready[0].within': 'within' must be a duration",
      "write \"500ms\", \"2s\", \"3m\" or \"1h\"" },
    { "nodes[one].ready[0].within", "\"0s\"", BS_ERROR_INVALID,
      "'nodes[one].ready[0].within': 'within' must be at least 1ms", NULL },
    { "nodes[one].network_conditions.latency_ms", "-1", BS_ERROR_INVALID,
      "'nodes[one].network_conditions.latency_ms': 'latency_ms' must be a number from 0 to 3600000", NULL },
    { "nodes[two].image", "\"tiny\"", BS_ERROR_NOT_FOUND, "'nodes[two].image': nothing says 'two'", NULL },
    { "nodes[3].image", "\"tiny\"", BS_ERROR_NOT_FOUND, "'nodes[3].image': nothing says '3'", "the last one is [1]" },
    { "nodes[one].volumes[1]", "\"a:/b\"", BS_ERROR_NOT_FOUND, "'nodes[one].volumes[1]': nothing says '1'", NULL },
    { "backend", "1, 2", BS_ERROR_INVALID, "one value is needed for 'backend'", NULL },
  };
  g_autoptr (BsModel) model = parse (LAB);
  g_autoptr (GError) error = NULL;
  g_autofree char *before = bs_model_to_json (model, BS_MODEL_WRITTEN, &error);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *after = NULL;

      g_test_message ("%s %s", cases[i].path, cases[i].json);
      g_assert_false (bs_model_set_json (model, cases[i].path, cases[i].json, &error));
      check_error (&error, cases[i].code, cases[i].message, cases[i].hint);
      after = bs_model_to_json (model, BS_MODEL_WRITTEN, &error);
      g_assert_cmpstr (before, ==, after);
    }
  g_assert_false (bs_model_set_json (model, "backend", "]", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (bs_model_set_text (model, "metadata.description", "\xff", &error));
  check_error (&error, BS_ERROR_INVALID, "the text for 'metadata.description' is not UTF-8", NULL);
}

static void
test_problems (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsModel) model = bs_model_new ("lab", &error);
  g_autoptr (BsProblems) problems = NULL;
  const BsProblem *problem;

  g_assert_true (bs_model_set_json (model, "nodes",
                                    "[{\"name\": \"one\", \"image\": \"tiny\", \"depends_on\": [\"two\"]}, {\"name\": "
                                    "\"too\", \"image\": \"tiny\", \"disk_gb\": 3}]",
                                    &error));
  problems = bs_model_validate (model);
  g_assert_true (bs_problems_has_errors (problems));
  g_assert_cmpuint (bs_problems_count (problems), ==, 1);
  problem = bs_problems_nth (problems, 0);
  g_assert_cmpint (problem->severity, ==, BS_PROBLEM_ERROR);
  g_assert_cmpstr (problem->file, ==, "lab.yaml");
  g_assert_cmpuint (problem->line, ==, 4);
  g_assert_cmpuint (problem->column, ==, 41);
  g_assert_cmpstr (problem->message, ==, "there is no node 'two'");
  g_assert_cmpstr (problem->hint, ==, "did you mean 'too'?");
  g_assert_null (bs_problems_nth (problems, 1));
  g_assert_null (bs_model_get_text (model, BS_MODEL_COMPLETE, "backend", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (bs_model_set_text (model, "nodes[one].depends_on[0]", "too", &error));
  g_clear_pointer (&problems, bs_problems_free);
  problems = bs_model_validate (model);
  g_assert_false (bs_problems_has_errors (problems));
}

static void
test_wrong_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsProblems) problems = NULL, none = NULL;

  g_assert_null (bs_model_parse (NULL, "nodes: [{name: one, imag: x}]\n", -1, NULL, &problems, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_true (g_str_has_prefix (error->message, "topology.yaml:1:"));
  g_clear_error (&error);
  g_assert_cmpuint (bs_problems_count (problems), ==, 2);
  g_assert_null (bs_model_load ("/nonexistent/x.yaml", NULL, &none, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpuint (bs_problems_count (none), ==, 1);
  g_assert_cmpuint (bs_problems_nth (none, 0)->line, ==, 0);
}

static void
test_examples_load (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsModel) model = bs_model_load (SOURCE_ROOT "/examples/hello.yaml", NULL, NULL, &error);
  guint count = 0;

  g_assert_no_error (error);
  g_assert_true (bs_model_count (model, BS_MODEL_COMPLETE, "nodes", &count, &error));
  g_assert_cmpuint (count, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/read-as-written", test_read_as_written);
  g_test_add_func ("/model/read-complete", test_read_complete);
  g_test_add_func ("/model/iterate", test_iterate);
  g_test_add_func ("/model/wrong-paths", test_wrong_paths);
  g_test_add_func ("/model/deep-paths", test_deep_paths);
  g_test_add_func ("/model/build", test_build);
  g_test_add_func ("/model/what-is-written-is-read", test_what_is_written_is_read);
  g_test_add_func ("/model/complete-follows-changes", test_complete_follows_changes);
  g_test_add_func ("/model/wrong-values-change-nothing", test_wrong_values_change_nothing);
  g_test_add_func ("/model/problems", test_problems);
  g_test_add_func ("/model/wrong-files", test_wrong_files);
  g_test_add_func ("/model/examples-load", test_examples_load);
  return g_test_run ();
}
