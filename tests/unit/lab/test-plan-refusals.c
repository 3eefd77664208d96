/* SPDX-License-Identifier: Apache-2.0 */
/* test-plan-refusals.c — what cannot be, told before anything is done, with its place */
#include "bs-error.h"
#include "bs-topology-fields.h"
#include "lab-fixture.h"
#include "plan-fixture.h"

#include <string.h>

/* Where @field is written: the key of the outermost field that nothing acts on, in an example of one line. */
static guint
column_of (const char *text, const char *outermost)
{
  const char *dot = strrchr (outermost, '.');
  g_autofree char *key = g_strconcat (dot != NULL ? dot + 1 : outermost, ":", NULL);
  const char *at = text;

  /* A whole key: after '{' or a space. */
  while ((at = strstr (at, key)) != NULL && at[-1] != '{' && at[-1] != ' ')
    at++;
  g_assert_nonnull (at);
  return (guint) (at - text) + 1;
}

/* The first of what is not acted on is told with its position; an example may have more than its own field. */
static void
check_inert (const BsTopologyField *field, const char *text)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  g_autoptr (BsTopology) topology = bs_topology_parse ("t.yaml", text, strlen (text), &diagnostics);
  const BsTopologyInert *first = g_ptr_array_index (topology->inert, 0);
  g_autofree char *more = g_strdup_printf (" (and %u more)", topology->inert->len - 1);
  g_autofree char *message = g_strdup_printf ("t.yaml:1:%u: '%s' is not supported yet%s", first->at.column,
                                              first->field, topology->inert->len > 1 ? more : "");
  g_autofree char *hint = plan_refused (text, BS_ERROR_INVALID, message);
  gboolean found = FALSE;

  g_assert_cmpstr (hint, ==, "remove it: nothing in this version acts on it, and nothing is ignored silently");
  for (guint i = 0; i < topology->inert->len; i++)
    {
      const BsTopologyInert *inert = g_ptr_array_index (topology->inert, i);

      found
          = found
            || (strcmp (inert->field, field->outermost) == 0 && inert->at.column == column_of (text, field->outermost));
    }
  g_assert_true (found);
}

static void
check_acted_on (const BsTopologyField *field, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BsPlan) plan = plan_try (text, NULL, &error);

  if (plan == NULL && strstr (error->message, "not supported yet") != NULL)
    g_test_fail_printf ("%s: %s", field->path, error->message);
}

typedef struct
{
  guint inert, acted_on;
} Counts;

static void
check_field (const BsTopologyField *field, gpointer user_data)
{
  Counts *counts = user_data;
  g_autofree char *text = bs_topology_field_example (field->path);

  g_test_message ("%s: %s", field->path, text);
  if (field->acted_on)
    {
      counts->acted_on++;
      check_acted_on (field, text);
    }
  else
    {
      counts->inert++;
      check_inert (field, text);
    }
}

static void
test_every_field_is_acted_on_or_refused (Fixture *self, gconstpointer unused)
{
  Counts counts = { 0 };

  bs_topology_fields (check_field, &counts);
  g_assert_cmpuint (counts.inert, >, 50);
  g_assert_cmpuint (counts.acted_on, >, 200);
}

static void
test_several_are_counted (Fixture *self, gconstpointer unused)
{
  g_free (
      plan_refused ("nodes:\n  - {name: a, image: tiny, tpm: true}\n  - {name: b, image: tiny, tpm: true}\nseed: 1\n",
                    BS_ERROR_INVALID, "t.yaml:2:28: 'nodes[].tpm' is not supported yet (and 1 more)"));
}

static void
test_an_image_that_nobody_can_start (Fixture *self, gconstpointer unused)
{
  g_autofree char *hint = plan_refused ("nodes:\n  - {name: a, image: debian-21}\n", BS_ERROR_NOT_FOUND,
                                        "t.yaml:2:22: node 'a': there is no image 'debian-21'");

  g_assert_cmpstr (hint, ==, "did you mean 'debian-12'? `benchscale image list` shows all");
}

static void
test_a_backend_that_is_not_there (Fixture *self, gconstpointer unused)
{
  g_autofree char *hint = plan_refused ("nodes:\n  - {name: a, image: tiny, backend: docker}\n", BS_ERROR_UNSUPPORTED,
                                        "t.yaml:2:5: node 'a': backend 'docker' is not supported yet");

  g_assert_cmpstr (hint, ==, "use 'qemu' or 'auto'");
  g_free (plan_refused ("backend: podman\nnodes:\n  - {name: a, image: tiny}\n", BS_ERROR_UNSUPPORTED,
                        "t.yaml:3:5: node 'a': backend 'podman' is not supported yet"));
}

static void
test_too_little_memory_for_a_machine (Fixture *self, gconstpointer unused)
{
  g_autofree char *hint = plan_refused ("nodes:\n  - {name: a, image: tiny, memory_mb: 32}\n", BS_ERROR_INVALID,
                                        "t.yaml:2:39: node 'a' has too little memory to start");

  g_assert_cmpstr (hint, ==, "give it at least 64 MiB with memory_mb");
}

static void
test_more_memory_than_there_is (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plan_try ("nodes:\n  - {name: a, image: tiny, memory_mb: 16000000}\n", NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
  g_assert_true (g_str_has_prefix (error->message, "t.yaml:2:39: node 'a' needs 16000000 MiB of memory, "));
  g_assert_true (g_str_has_suffix (error->message, " MiB are free"));
}

/* Each fits, all do not. */
static void
test_more_memory_than_there_is_for_all (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("nodes:\n");
  BsBackendProbe probe = { 0 };

  bs_backend_list ()[0]->probe (&probe, NULL);
  for (guint i = 0; i < 4; i++)
    g_string_append_printf (text, "  - {name: n%u, image: tiny, memory_mb: %" G_GUINT64_FORMAT "}\n", i,
                            probe.free_memory_mib / 2);
  bs_backend_probe_clear (&probe);
  g_assert_null (plan_try (text->str, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_EXHAUSTED);
  g_assert_true (g_str_has_prefix (error->message, "the lab needs "));
  g_assert_cmpstr (bs_error_hint (error), ==, "give the nodes less with memory_mb, or take other labs down");
}

static void
test_more_interfaces_than_a_machine_has_room_for (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new ("networks:\n");

  for (guint i = 0; i < 40; i++)
    g_string_append_printf (text, "  - {name: n%u}\n", i);
  g_string_append (text, "nodes:\n  - {name: a, image: tiny}\n");
  g_assert_null (plan_try (text->str, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_UNSUPPORTED);
  g_assert_true (
      g_str_has_prefix (error->message, "t.yaml:43:5: node 'a' has 40 interfaces, its machine has room for "));
}

static void
test_the_subnet_of_the_management_interface (Fixture *self, gconstpointer unused)
{
  g_free (plan_refused ("network: {name: lan, subnet: 10.0.2.0/24}\nnodes: [{name: a, image: tiny}]\n",
                        BS_ERROR_INVALID,
                        "t.yaml:1:30: subnet '10.0.2.0/24' of network 'lan' lies in 10.0.2.0/24, which belongs to the "
                        "management interface"));
  g_free (
      plan_refused ("network: {name: lan, subnet: 10.0.2.128/25}\nnodes: [{name: a, image: tiny}]\n", BS_ERROR_INVALID,
                    "t.yaml:1:30: subnet '10.0.2.128/25' of network 'lan' lies in 10.0.2.0/24, which belongs to the "
                    "management interface"));
}

static void
test_a_name_that_is_none (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (plan_try ("nodes: [{name: a, image: tiny}]\n", "a/b", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "'a/b' is no name for a lab");
}

static void
test_ports (Fixture *self, gconstpointer unused)
{
  static const struct
  {
    const char *text, *said;
  } cases[] = {
    { "nodes: [{name: a, image: tiny, ports: [\"0:80\"]}]\n",
      "benchscale: t.yaml:1:40: node 'a': 'ports' must be pairs of ports from 1 to 65535, not '0:80'\n"
      "hint: write HOST:NODE, such as 8080:80\n" },
    { "nodes:\n  - {name: a, image: tiny, ports: [\"8080:80\"]}\n  - {name: b, image: tiny, ports: [\"8080:81\"]}\n",
      "benchscale: t.yaml:3:36: node 'b': port 8080 of the host is used twice\nhint: it was used first on line 2\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (BsDiagnostics) diagnostics = NULL;
      g_autoptr (BsTopology) topology
          = bs_topology_parse ("t.yaml", cases[i].text, strlen (cases[i].text), &diagnostics);
      g_autofree char *said = bs_diagnostics_format (diagnostics);

      g_assert_cmpstr (said, ==, cases[i].said);
    }
}

int
main (int argc, char **argv)
{
  fixture_begin (&argc, &argv);
  FIXTURE_TEST ("/plan/every-field-is-acted-on-or-refused", test_every_field_is_acted_on_or_refused);
  FIXTURE_TEST ("/plan/several-are-counted", test_several_are_counted);
  FIXTURE_TEST ("/plan/an-image-that-nobody-can-start", test_an_image_that_nobody_can_start);
  FIXTURE_TEST ("/plan/a-backend-that-is-not-there", test_a_backend_that_is_not_there);
  FIXTURE_TEST ("/plan/too-little-memory-for-a-machine", test_too_little_memory_for_a_machine);
  FIXTURE_TEST ("/plan/more-memory-than-there-is", test_more_memory_than_there_is);
  FIXTURE_TEST ("/plan/more-memory-than-there-is-for-all", test_more_memory_than_there_is_for_all);
  FIXTURE_TEST ("/plan/more-interfaces-than-a-machine-has-room-for", test_more_interfaces_than_a_machine_has_room_for);
  FIXTURE_TEST ("/plan/the-subnet-of-the-management-interface", test_the_subnet_of_the_management_interface);
  FIXTURE_TEST ("/plan/a-name-that-is-none", test_a_name_that_is_none);
  FIXTURE_TEST ("/plan/ports", test_ports);
  return fixture_run ();
}
