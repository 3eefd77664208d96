/* SPDX-License-Identifier: Apache-2.0 */
#include "lab-fixture.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-process.h"
#include "bs-supervisor-start.h"
#include "bs-tag.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#define STATE "0123456789ab"
#define UUID "11111111-2222-3333-4444-555555555555"

static const char *
program (const char *variable)
{
  const char *path = g_getenv (variable);

  g_assert_nonnull (path);
  return path;
}

const char *
lab_guest_program (void)
{
  return program ("BENCHSCALE_TEST_GUEST");
}

const char *
lab_switch_program (void)
{
  return program ("BENCHSCALE_TEST_SWITCH");
}

/* One lab name for each test, so that tests that run at the same time do not see each other's processes. */
static const char *
lab_name (Lab *lab)
{
  return strrchr (lab->path, '/') + 1;
}

char *
lab_node_tag (Lab *lab, const char *node)
{
  return bs_tag_format (STATE, lab_name (lab), UUID, "node", node);
}

void
lab_start_supervisor (Lab *lab)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&lab->control, bs_control_unref);
  bs_supervisor_start (lab->dir, program ("BENCHSCALE_TEST_LAB"), lab->tag, LAB_DEADLINE (), &error);
  g_assert_no_error (error);
  lab->control = lab_connect (lab);
}

void
lab_setup (Lab *lab, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  lab->path = g_dir_make_tmp ("bs-lab-XXXXXX", &error);
  g_assert_no_error (error);
  lab->dir = bs_file_open_dir (AT_FDCWD, lab->path, &error);
  g_assert_no_error (error);
  lab->tag = bs_tag_format (STATE, lab_name (lab), UUID, "supervisor", NULL);
  lab_start_supervisor (lab);
}

/* What sanitizers and GLib said in the supervisor's own log. */
static void
assert_sound (Lab *lab)
{
  static const char *const complaints[] = { "Sanitizer", "runtime error", "CRITICAL" };
  g_autofree char *log = bs_file_read (lab->dir, "supervisor.log", 1 << 20, NULL, NULL);

  g_assert_nonnull (log);
  for (guint i = 0; i < G_N_ELEMENTS (complaints); i++)
    if (strstr (log, complaints[i]) != NULL)
      g_error ("the supervisor is not sound: %s", log);
}

void
lab_teardown (Lab *lab, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *prefix = bs_tag_prefix_uuid (STATE, lab_name (lab), UUID);
  g_autoptr (GPtrArray) left = NULL;

  bs_control_do (lab->control, "shutdown", json_pack ("{s:b}", "force", 1), LAB_DEADLINE (), NULL, NULL);
  g_clear_pointer (&lab->control, bs_control_unref);
  left = bs_process_find (prefix);
  for (guint i = 0; i < left->len; i++)
    {
      BsProcess *process = g_ptr_array_index (left, i);
      int pidfd = bs_process_open (process->pid, process->start_time);

      /* the supervisor answers before it exits, and a kill takes a moment */
      g_assert_true (pidfd < 0 || bs_process_wait_fd (pidfd, LAB_DEADLINE ()));
      bs_fd_clear (&pidfd);
    }
  assert_sound (lab);
  bs_fd_clear (&lab->dir);
  bs_file_remove_tree (AT_FDCWD, lab->path, &error);
  g_assert_no_error (error);
  g_free (lab->path);
  g_free (lab->tag);
}

pid_t
lab_supervisor_pid (Lab *lab)
{
  g_autoptr (json_t) hello = lab_call (lab, "hello", json_pack ("{s:i, s:i}", "min", 1, "max", 1));

  return (pid_t) bs_json_int (hello, "pid", 0);
}

void
lab_kill_supervisor (Lab *lab)
{
  pid_t pid = lab_supervisor_pid (lab);
  bs_autofd int pidfd = bs_process_open (pid, 0);

  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  g_assert_true (bs_process_wait_fd (pidfd, LAB_DEADLINE ()));
}

BsControl *
lab_connect (Lab *lab)
{
  g_autoptr (GError) error = NULL;
  BsControl *control = bs_control_connect (lab->dir, &error);

  g_assert_no_error (error);
  return control;
}

BsControl *
lab_subscribe (Lab *lab)
{
  BsControl *control = lab_connect (lab);

  g_assert_true (bs_control_do (control, "subscribe", NULL, LAB_DEADLINE (), NULL, NULL));
  return control;
}

json_t *
lab_call (Lab *lab, const char *op, json_t *arguments)
{
  g_autoptr (GError) error = NULL;
  json_t *answer = bs_control_call (lab->control, op, arguments, NULL, LAB_DEADLINE (), NULL, &error);

  g_assert_no_error (error);
  return answer;
}

void
lab_call_fails (Lab *lab, const char *op, json_t *arguments, int code, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_control_do (lab->control, op, arguments, LAB_DEADLINE (), NULL, &error));
  g_assert_error (error, BS_ERROR, code);
  if (strstr (error->message, text) == NULL)
    g_error ("'%s' does not contain '%s'", error->message, text);
}

json_t *
lab_event (BsControl *subscriber, const char *kind)
{
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (json_t) event = bs_control_next_event (subscriber, LAB_DEADLINE (), NULL, &error);

      g_assert_no_error (error);
      if (strcmp (bs_json_string (event, "kind", ""), kind) == 0)
        return g_steal_pointer (&event);
    }
}

json_t *
lab_spawn_request (Lab *lab, const char *node, int interfaces, const char *const *options)
{
  g_autofree char *tag = lab_node_tag (lab, node), *folder = g_strdup_printf ("%s/nodes/%s", lab->path, node);
  g_autofree char *guest = g_strdup_printf ("nodes/%s/guest.sock", node);
  g_autofree char *log = g_strdup_printf ("nodes/%s/qemu.log", node);
  g_autofree char *console = g_strdup_printf ("nodes/%s/console.log", node);
  json_t *argv = json_array ();
  gboolean has_guest = FALSE;

  bs_file_make_dirs (folder, 0700, NULL);
  json_array_append_new (argv, json_string (program ("BENCHSCALE_TEST_MACHINE")));
  json_array_append_new (argv, json_string (tag));
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    {
      json_array_append_new (argv, json_string (options[i]));
      if (strcmp (options[i], "--guest") == 0)
        {
          json_array_append_new (argv, json_string (guest));
          has_guest = TRUE;
        }
      if (strcmp (options[i], "--console") == 0)
        json_array_append_new (argv, json_string (console));
    }
  return json_pack ("{s:s, s:o, s:i, s:s?, s:s, s:s}", "node", node, "argv", argv, "interfaces", interfaces, "guest",
                    has_guest ? guest : NULL, "log", log, "console_log", console);
}

pid_t
lab_spawn (Lab *lab, const char *node, int interfaces, const char *const *options)
{
  g_autoptr (json_t) answer = lab_call (lab, "spawn", lab_spawn_request (lab, node, interfaces, options));
  pid_t pid = (pid_t) bs_json_int (answer, "pid", 0);

  g_assert_cmpint (pid, >, 0);
  return pid;
}

json_t *
lab_node (Lab *lab, const char *node)
{
  g_autoptr (json_t) status = lab_call (lab, "status", NULL);
  const json_t *nodes = json_object_get (status, "nodes");

  for (gsize i = 0; i < json_array_size (nodes); i++)
    if (strcmp (bs_json_string (json_array_get (nodes, i), "name", ""), node) == 0)
      return json_incref (json_array_get (nodes, i));
  return NULL;
}

char *
lab_wait_file (Lab *lab, const char *path, const char *text)
{
  gint64 deadline = LAB_DEADLINE ();

  for (;;)
    {
      g_autofree char *content = bs_file_read (lab->dir, path, 1 << 20, NULL, NULL);

      if (content != NULL && strstr (content, text) != NULL)
        return g_steal_pointer (&content);
      if (g_get_monotonic_time () > deadline)
        g_error ("'%s' does not come to contain '%s', but is: %s", path, text, content != NULL ? content : "(missing)");
      g_usleep (1000);
    }
}

int
lab_guest (Lab *lab, const char *node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) answer = NULL;
  struct timeval patience = { .tv_sec = 20 };
  int fd;

  answer = bs_control_call (lab->control, "guest", json_pack ("{s:s, s:i}", "node", node, "timeout_ms", 15000), &fd,
                            LAB_DEADLINE (), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  return fd;
}

void
guest_send (int fd, guint8 type, guint8 channel, guint32 stream, const void *data, gsize length)
{
  g_autofree guint8 *frame = g_malloc (BS_WIRE_HEADER_SIZE + length);

  bs_wire_put_header (frame, type, channel, stream, (guint32) length);
  if (length > 0)
    memcpy (frame + BS_WIRE_HEADER_SIZE, data, length);
  g_assert_true (bs_fd_write_all (fd, frame, BS_WIRE_HEADER_SIZE + length));
}

void
guest_exec (int fd, guint32 stream, const char *const *argv)
{
  g_autofree guint8 *frame = g_malloc (BS_WIRE_HEADER_SIZE + BS_WIRE_PAYLOAD_MAX);
  BsWireBuilder builder;
  gsize length;

  bs_wire_builder_init (&builder, frame, BS_WIRE_HEADER_SIZE + BS_WIRE_PAYLOAD_MAX);
  for (guint i = 0; argv[i] != NULL; i++)
    bs_wire_add_string (&builder, BS_WIRE_TAG_ARGV, argv[i]);
  length = bs_wire_builder_finish (&builder, BS_WIRE_EXEC, stream);
  g_assert_cmpuint (length, >, 0);
  g_assert_true (bs_fd_write_all (fd, frame, length));
}

static gboolean
read_all (int fd, guint8 *data, gsize length)
{
  while (length > 0)
    {
      ssize_t n = recv (fd, data, length, 0);

      if (n < 0 && errno == EAGAIN)
        g_error ("the guest does not answer");
      if (n <= 0)
        return FALSE;
      data += n;
      length -= (gsize) n;
    }
  return TRUE;
}

gboolean
guest_receive (int fd, BsWireHeader *header, guint8 *payload)
{
  guint8 bytes[BS_WIRE_HEADER_SIZE];

  if (!read_all (fd, bytes, sizeof bytes))
    return FALSE;
  g_assert_true (bs_wire_get_header (bytes, header));
  return read_all (fd, payload, header->length);
}

char *
guest_run (int fd, guint32 stream, const char *const *argv)
{
  g_autofree guint8 *payload = g_malloc (BS_WIRE_PAYLOAD_MAX);
  g_autoptr (GString) said = g_string_new (NULL);
  BsWireHeader header;
  BsWireField field;
  guint32 code = 99;

  guest_exec (fd, stream, argv);
  for (;;)
    {
      g_assert_true (guest_receive (fd, &header, payload));
      g_assert_cmpuint (header.stream, ==, stream);
      if (header.type == BS_WIRE_DATA && header.channel == BS_WIRE_STDOUT)
        {
          guint8 more[4];

          g_string_append_len (said, (const char *) payload, (gssize) header.length);
          bs_wire_put32 (more, header.length);
          guest_send (fd, BS_WIRE_CREDIT_MORE, BS_WIRE_STDOUT, stream, more, sizeof more);
        }
      g_assert_cmpint (header.type, !=, BS_WIRE_ERROR);
      if (header.type == BS_WIRE_EXITED)
        break;
    }
  g_assert_true (bs_wire_fields_find (payload, header.length, BS_WIRE_TAG_EXIT_CODE, &field));
  g_assert_true (bs_wire_field32 (&field, &code));
  g_assert_cmpuint (code, ==, 0);
  return g_string_free (g_steal_pointer (&said), FALSE);
}
