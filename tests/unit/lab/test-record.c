/* SPDX-License-Identifier: Apache-2.0 */
/* test-record.c — lab.json: what is read back, and what is refused */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-registry.h"
#include "lab-fixture.h"

static json_t *
read_record (const char *text, GError **error)
{
  bs_autofd int lab_dir = -1;

  fixture_make_lab_with ("one", text);
  lab_dir = bs_registry_open_lab ("one", BS_LOCK_NONE, NULL);
  return bs_record_read (lab_dir, error);
}

static void
test_what_was_written_is_read (Fixture *self, gconstpointer unused)
{
  g_autoptr (json_t) record = json_pack ("{s:i, s:s}", "format", BS_RECORD_FORMAT, "state", "starting");
  g_autoptr (json_t) again = NULL;
  bs_autofd int lab_dir = bs_registry_create ("one", UUID_A, NULL);

  g_assert_true (bs_record_write (lab_dir, record, NULL));
  g_assert_cmpint (json_object_set_new (record, "state", json_string ("running")), ==, 0);
  g_assert_true (bs_record_write (lab_dir, record, NULL));
  again = bs_record_read (lab_dir, NULL);
  g_assert_true (json_equal (record, again));
}

static void
test_a_missing_record (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int lab_dir = bs_registry_create ("one", UUID_A, NULL);

  g_assert_null (bs_record_read (lab_dir, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_NOT_FOUND);
}

static void
test_a_newer_format (Fixture *self, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_record ("{\"format\":2,\"state\":\"running\"}", &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_UNSUPPORTED);
  g_assert_cmpstr (error->message, ==, "the lab's record has format 2, this program knows 1");
  g_assert_cmpstr (bs_error_hint (error), ==, "use the newer benchscale that made it");
}

static void
test_a_damaged_record (Fixture *self, gconstpointer text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (read_record (text, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_true (g_str_has_prefix (error->message, "the lab's record is damaged: "));
  g_assert_cmpstr (bs_error_hint (error), ==, "`benchscale down` removes the lab all the same");
}

int
main (int argc, char **argv)
{
  static const char *const damaged[]
      = { "", "{", "x", "{\"format\":1}{}", "[]", "{}", "{\"format\":0}", "{\"format\":-1}", "{\"format\":\"1\"}" };

  fixture_begin (&argc, &argv);
  FIXTURE_TEST ("/record/what-was-written-is-read", test_what_was_written_is_read);
  FIXTURE_TEST ("/record/a-missing-one", test_a_missing_record);
  FIXTURE_TEST ("/record/a-newer-format", test_a_newer_format);
  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autofree char *name = g_strdup_printf ("/record/a-damaged-one/%u", i);

      g_test_add (name, Fixture, damaged[i], fixture_set_up, test_a_damaged_record, fixture_tear_down);
    }
  return fixture_run ();
}
