/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-process.h"
#include "bs-settings.h"
#include "bs-supervisor-start.h"
#include "bs-tag.h"
#include "bs-tiny.h"

#include <stdlib.h>
#include <string.h>

#define LAB "conformance"
#define UUID "00000000-0000-4000-8000-00000000c0de"

Fixture *fixture;

static BsTinyImage *image;
static gboolean shared_is_up;

gint64
fixture_in (gint64 seconds)
{
  return bs_time_now_usec () + seconds * BS_USEC_PER_SEC;
}

static void
load_image (void)
{
  g_autoptr (GError) error = NULL;
  const BsSettings *settings = bs_settings_get (&error);

  g_assert_no_error (error);
  image
      = bs_tiny_ensure (bs_settings_cache_dir (settings), g_getenv ("BENCHSCALE_TEST_GUEST"), NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

Fixture *
fixture_open (const char *backend, const char *folder)
{
  Fixture *self = g_new0 (Fixture, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *tag = NULL;

  self->backend = bs_backend_find (backend);
  g_assert_nonnull (self->backend);
  load_image ();
  self->folder = g_strdup (folder);
  self->state_id = bs_tag_state_id (self->folder);
  self->tag_prefix = bs_tag_prefix_lab (self->state_id, LAB);
  self->lab = (BsBackendLab){ .state_id = self->state_id, .lab = LAB, .uuid = UUID };
  self->lab.lab_dir = bs_file_open_dir (AT_FDCWD, self->folder, &error);
  tag = bs_tag_format (self->state_id, LAB, UUID, "supervisor", NULL);
  bs_supervisor_start (self->lab.lab_dir, g_getenv ("BENCHSCALE_TEST_LAB"), tag, fixture_in (10), &error);
  g_assert_no_error (error);
  self->lab.control = bs_control_connect (self->lab.lab_dir, &error);
  g_assert_no_error (error);
  bs_control_do (self->lab.control, "start-switch", json_pack ("{s:s}", "program", g_getenv ("BENCHSCALE_TEST_SWITCH")),
                 fixture_in (10), NULL, &error);
  g_assert_no_error (error);
  return self;
}

void
fixture_close (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) left = NULL;

  if (shared_is_up)
    {
      fixture_down (SHARED);
      fixture_down (SHARED_OTHER);
    }
  bs_control_do (self->lab.control, "shutdown", json_pack ("{s:b}", "force", 0), fixture_in (10), NULL, &error);
  g_assert_no_error (error);
  bs_control_unref (self->lab.control);
  /* The supervisor answers, then ends. */
  left = bs_process_find (self->tag_prefix);
  for (guint i = 0; i < left->len; i++)
    {
      const BsProcess *process = g_ptr_array_index (left, i);
      bs_autofd int pidfd = bs_process_open (process->pid, process->start_time);

      g_assert_true (pidfd < 0 || bs_process_wait_fd (pidfd, fixture_in (10)));
    }
  bs_file_remove_tree (AT_FDCWD, self->folder, &error);
  g_assert_no_error (error);
  close (self->lab.lab_dir);
  bs_tiny_image_free (g_steal_pointer (&image));
  g_free (self->folder);
  g_free (self->state_id);
  g_free (self->tag_prefix);
  g_free (self);
}

void
fixture_sweep (const char *backend, const char *folder)
{
  g_autofree char *state_id = bs_tag_state_id (folder), *prefix = bs_tag_prefix_lab (state_id, LAB);
  g_autoptr (GPtrArray) left = NULL;

  bs_backend_find (backend)->remove_owned (prefix, NULL);
  left = bs_process_find (prefix);
  bs_process_kill_all (left, fixture_in (10), NULL);
  bs_file_remove_tree (AT_FDCWD, folder, NULL);
}

gboolean
fixture_lacks (guint caps)
{
  if ((fixture->backend->caps & caps) == caps)
    return FALSE;
  g_test_skip ("the backend cannot");
  return TRUE;
}

BsBackendNode *
fixture_node (const char *name, guint host)
{
  BsBackendNode *node = bs_backend_node_new ();
  BsBackendInterface *interface = g_new0 (BsBackendInterface, 1);

  node->name = g_strdup (name);
  node->kernel = g_strdup (image->kernel);
  node->initrd = g_strdup (image->initrd);
  node->cmdline = g_strdup (image->cmdline);
  node->has_guest = TRUE;
  node->memory_mib = 256;
  node->vcpus = 1;
  interface->mac = g_strdup_printf ("52:54:00:77:00:%02x", host);
  interface->name = g_strdup ("eth0");
  interface->network = 1;
  interface->address = g_strdup_printf ("10.77.0.%u/24", host);
  interface->mtu = 1500;
  g_ptr_array_add (node->interfaces, interface);
  node->hosts = g_strdup_printf (
      "127.0.0.1\tlocalhost\n10.77.0.%u\t%s\n10.77.0.2\t" SHARED "\n10.77.0.3\t" SHARED_OTHER "\n", host, name);
  return node;
}

static void
create_and_start (const BsBackendNode *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) record = NULL;

  fixture->backend->check_node (node, &error);
  g_assert_no_error (error);
  fixture->backend->create_node (&fixture->lab, node, &error);
  g_assert_no_error (error);
  fixture->backend->start_node (&fixture->lab, node, &record, &error);
  g_assert_no_error (error);
  g_assert_nonnull (record);
}

static void
wait_and_identify (const BsBackendNode *node)
{
  g_autoptr (GError) error = NULL;

  fixture->backend->wait_node (&fixture->lab, node->name, fixture_in (60), &error);
  g_assert_no_error (error);
  fixture->backend->identify_node (&fixture->lab, node, fixture_in (30), &error);
  g_assert_no_error (error);
}

void
fixture_up (const BsBackendNode *node)
{
  create_and_start (node);
  wait_and_identify (node);
}

void
fixture_down (const char *name)
{
  g_autoptr (GError) error = NULL;

  fixture->backend->stop_node (&fixture->lab, name, 0, &error);
  g_assert_no_error (error);
  fixture->backend->delete_node (&fixture->lab, name, &error);
  g_assert_no_error (error);
}

void
fixture_need_shared (void)
{
  g_autoptr (BsBackendNode) first = fixture_node (SHARED, 2), second = fixture_node (SHARED_OTHER, 3);

  if (shared_is_up)
    return;
  create_and_start (first);
  create_and_start (second);
  wait_and_identify (first);
  wait_and_identify (second);
  shared_is_up = TRUE;
}

void
output_clear (Output *self)
{
  if (self->out != NULL)
    g_string_free (self->out, TRUE);
  if (self->err != NULL)
    g_string_free (self->err, TRUE);
}

static gboolean
collect (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  Output *output = user_data;

  g_string_append_len (channel == BS_EXEC_STDOUT ? output->out : output->err, data, (gssize) length);
  return TRUE;
}

void
fixture_run (const char *node, const BsExecSpec *spec, const char *stdin_text, Output *output)
{
  g_autoptr (GError) error = NULL;
  bs_autofd int input = -1;
  BsExecIO io = { .output = collect, .user_data = output, .control_fd = -1 };

  if (stdin_text != NULL)
    {
      FILE *file = tmpfile ();

      fputs (stdin_text, file);
      fflush (file);
      input = dup (fileno (file));
      lseek (input, 0, SEEK_SET);
      fclose (file);
    }
  io.stdin_fd = input;
  *output = (Output){ .out = g_string_new (NULL), .err = g_string_new (NULL) };
  fixture->backend->exec (&fixture->lab, node, spec, &io, &output->result, &error);
  g_assert_no_error (error);
}

char *
fixture_shell (const char *node, const char *script)
{
  const char *argv[] = { "sh", "-c", script, NULL };
  BsExecSpec spec = { .argv = argv, .timeout_usec = 60 * BS_USEC_PER_SEC };
  g_auto (Output) output = { 0 };

  fixture_run (node, &spec, NULL, &output);
  if (output.result.exit_code != 0)
    g_error ("'%s' gave %d: %s%s", script, output.result.exit_code, output.out->str, output.err->str);
  return g_strdup (output.out->str);
}
