/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-io.c — run and copy, in the simple form of the public header */
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-error.h"
#include "bs-lab-private.h"

#include <string.h>
#include <sys/mman.h>

typedef struct
{
  GByteArray *out, *err;
} Captured;

static gboolean
capture (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  Captured *captured = user_data;

  g_byte_array_append (channel == BS_EXEC_STDOUT ? captured->out : captured->err, data, (guint) length);
  return TRUE;
}

/* A descriptor that reads @input from its start: no pipe, so no writer that could block. */
static int
input_fd (GBytes *input, GError **error)
{
  bs_autofd int fd = memfd_create ("input", MFD_CLOEXEC);
  gsize length;
  const void *data = g_bytes_get_data (input, &length);

  if (fd >= 0 && bs_fd_write_all (fd, data, length) && lseek (fd, 0, SEEK_SET) == 0)
    return bs_fd_steal (&fd);
  bs_set_error_errno (error, errno, "cannot keep the input");
  return -1;
}

gboolean
bs_lab_exec_capture (BsLab *self, const char *node, const char *const *argv, GBytes *input, gint64 timeout_usec,
                     int *exit_code, GBytes **out, GBytes **err, GCancellable *cancellable, GError **error)
{
  bs_autofd int stdin_fd = -1;
  Captured captured = { g_byte_array_new (), g_byte_array_new () };
  BsExecSpec spec = { .argv = argv, .timeout_usec = timeout_usec };
  BsExecIO io = { .stdin_fd = -1, .output = capture, .user_data = &captured, .control_fd = -1 };
  BsExecResult result = { 0 };
  gboolean ok;

  if (input != NULL)
    io.stdin_fd = stdin_fd = input_fd (input, error);
  ok = (input == NULL || stdin_fd >= 0) && bs_lab_exec (self, node, &spec, &io, &result, cancellable, error);
  if (ok)
    *exit_code = result.exit_code;
  if (ok && out != NULL)
    *out = g_byte_array_free_to_bytes (g_steal_pointer (&captured.out));
  if (ok && err != NULL)
    *err = g_byte_array_free_to_bytes (g_steal_pointer (&captured.err));
  g_clear_pointer (&captured.out, g_byte_array_unref);
  g_clear_pointer (&captured.err, g_byte_array_unref);
  return ok;
}

gboolean
bs_lab_copy_in (BsLab *self, const char *node, const char *source, const char *destination, GCancellable *cancellable,
                GError **error)
{
  BsBackendLab backend_lab;
  const BsBackendClass *backend = bs_lab_backend (self, node, &backend_lab, error);

  backend_lab.cancellable = cancellable;
  return backend != NULL && backend->copy_in (&backend_lab, node, source, destination, error);
}

gboolean
bs_lab_copy_out (BsLab *self, const char *node, const char *source, const char *destination, GCancellable *cancellable,
                 GError **error)
{
  BsBackendLab backend_lab;
  const BsBackendClass *backend = bs_lab_backend (self, node, &backend_lab, error);

  backend_lab.cancellable = cancellable;
  return backend != NULL && backend->copy_out (&backend_lab, node, source, destination, error);
}
