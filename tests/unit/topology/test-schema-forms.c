/* SPDX-License-Identifier: Apache-2.0 */
/* test-schema-forms.c — every field has a form, every default is what the model gets */
#include "bs-decode.h"
#include "bs-field-form.h"
#include "bs-schema.h"
#include "topology-test.h"

static void
check_table (const BsField *fields, GHashTable *seen)
{
  if (!g_hash_table_add (seen, (gpointer) fields))
    return;
  for (const BsField *field = fields; field->key != NULL; field++)
    {
      const BsFieldForm *form = (field->flags & BS_FIELD_NOT_HERE) == 0 ? bs_field_form (field) : NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (GRegex) regex = NULL;

      g_test_message ("%s", field->key);
      if ((field->flags & BS_FIELD_NOT_HERE) != 0)
        continue;
      g_assert_nonnull (form);
      if (form->pattern != NULL)
        regex = g_regex_new (form->pattern, G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, &error);
      g_assert_no_error (error);
      if (field->fields != NULL)
        check_table (field->fields, seen);
    }
}

static void
test_every_field_has_a_form (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  check_table (bs_fields_topology, seen);
  check_table (bs_fields_scenario_file, seen);
  g_assert_cmpuint (g_hash_table_size (seen), >, 20);
}

static const BsField *
find (const BsField *fields, const char *key)
{
  while (strcmp (fields->key, key) != 0)
    fields++;
  return fields;
}

#define FALLBACK(table, key) (find (table, key)->fallback)

static void
test_defaults_are_those_of_the_model (void)
{
  g_autoptr (BsTopology) topology
      = parse_good ("networks: [{name: wan}, {name: lan, nat: {uplink: wan}}]\n"
                    "nodes: [{name: one, image: tiny, ready: [{port: 80}], interfaces: [{network: lan}]}]\n"
                    "scenarios: [{name: s, steps: [{node: one, command: [a], retry: {for: 1s}}]}]\n");
  const BsTopologyNode *node = topology->nodes->pdata[0];
  const BsTopologyNetwork *network = topology->networks->pdata[1];
  const BsTopologyScenario *scenario = topology->scenarios->pdata[0];
  const BsTopologyStep *step = scenario->steps->pdata[0];

  g_assert_cmpuint (node->memory_mib, ==, atoi (FALLBACK (bs_fields_node, "memory_mb")));
  g_assert_cmpuint (node->vcpus, ==, atoi (FALLBACK (bs_fields_node, "vcpus")));
  g_assert_cmpint (((BsTopologyReady *) node->ready->pdata[0])->within_usec, ==, 60 * G_USEC_PER_SEC);
  g_assert_cmpstr (FALLBACK (bs_fields_ready, "within"), ==, "\"60s\"");
  g_assert_cmpuint (network->mtu, ==, atoi (FALLBACK (bs_fields_network, "mtu")));
  g_assert_cmpstr (network->nat->mapping, ==, "endpoint-independent");
  g_assert_cmpstr (FALLBACK (bs_fields_nat, "mapping"), ==, "\"endpoint-independent\"");
  g_assert_cmpstr (network->nat->filtering, ==, "endpoint-independent");
  g_assert_cmpstr (FALLBACK (bs_fields_nat, "filtering"), ==, "\"endpoint-independent\"");
  g_assert_true (network->nat->hairpin);
  g_assert_cmpstr (FALLBACK (bs_fields_nat, "hairpin"), ==, "true");
  g_assert_cmpint (network->nat->lifetime_usec, ==, 120 * G_USEC_PER_SEC);
  g_assert_cmpstr (FALLBACK (bs_fields_nat, "lifetime"), ==, "\"2m\"");
  g_assert_cmpint (scenario->timeout_usec, ==, 600 * G_USEC_PER_SEC);
  g_assert_cmpstr (FALLBACK (bs_fields_scenario, "timeout"), ==, "\"10m\"");
  g_assert_cmpint (step->expected_exit_code, ==, atoi (FALLBACK (bs_fields_step, "expected_exit_code")));
  g_assert_cmpint (step->retry_every_usec, ==, 500000);
}

static void
test_schema_has_every_default (void)
{
  g_autofree char *text = bs_schema_text (BS_SCHEMA_TOPOLOGY);

  g_assert_nonnull (strstr (text, "\"default\": 512"));
  g_assert_nonnull (strstr (text, "\"default\": \"10m\""));
  g_assert_nonnull (strstr (text, "\"description\": \"memory in MiB\""));
  g_assert_true (g_str_has_suffix (text, "}\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/schema/every-field-has-a-form", test_every_field_has_a_form);
  g_test_add_func ("/schema/defaults-are-those-of-the-model", test_defaults_are_those_of_the_model);
  g_test_add_func ("/schema/has-every-default", test_schema_has_every_default);
  return g_test_run ();
}
