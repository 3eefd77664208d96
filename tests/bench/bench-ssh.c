/* SPDX-License-Identifier: Apache-2.0 */
/* bench-ssh.c — what bench-ssh.sh times: a copy, or steps over a pooled session
 *
 * bench-ssh PORT USER KEY_FILE HOST_KEY_FILE get FROM TO | put FROM TO | steps COUNT COMMAND…
 * Prints milliseconds: of the copy, or of the median step.
 */
#include "bs-ssh-copy.h"
#include "bs-ssh-pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
compare (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

static gboolean
ignore_output (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  return TRUE;
}

static gboolean
steps (BsSshPool *pool, const BsSshTarget *target, guint count, char **argv, GError **error)
{
  BsExecSpec spec = { .argv = (const char *const *) argv, .user = target->user };
  BsExecIO io = { .stdin_fd = -1, .output = ignore_output, .control_fd = -1 };
  g_autofree gint64 *times = g_new (gint64, count);
  BsExecResult result;

  for (guint i = 0; i <= count; i++) /* the first one logs in, and does not count */
    {
      gint64 begin = g_get_monotonic_time ();

      if (!bs_ssh_pool_exec (pool, target, &spec, &io, &result, NULL, error))
        return FALSE;
      if (i > 0)
        times[i - 1] = g_get_monotonic_time () - begin;
    }
  qsort (times, count, sizeof *times, compare);
  printf ("%.3f\n", (double) times[count / 2] / 1000);
  return TRUE;
}

static gboolean
copy (BsSshPool *pool, const BsSshTarget *target, gboolean in, const char *from, const char *to, GError **error)
{
  gint64 begin = g_get_monotonic_time ();
  BsSsh *ssh = bs_ssh_pool_take (pool, target, NULL, error);
  gboolean ok;

  if (ssh == NULL)
    return FALSE;
  ok = in ? bs_ssh_copy_in (ssh, from, to, NULL, error) : bs_ssh_copy_out (ssh, from, to, NULL, error);
  bs_ssh_pool_give (pool, ssh);
  printf ("%.3f\n", (double) (g_get_monotonic_time () - begin) / 1000);
  return ok;
}

int
main (int argc, char **argv)
{
  g_autoptr (BsSshTarget) target = NULL;
  g_autoptr (BsSshPool) pool = bs_ssh_pool_new (NULL);
  g_autofree char *host_key = NULL;
  GError *error = NULL;
  gboolean ok;

  if (argc < 8 || !g_file_get_contents (argv[4], &host_key, NULL, NULL))
    return 2;
  target = bs_ssh_target_new ("127.0.0.1", (guint16) atoi (argv[1]), argv[2], host_key);
  target->key_file = g_strdup (argv[3]);
  if (strcmp (argv[5], "steps") == 0)
    ok = steps (pool, target, (guint) atoi (argv[6]), argv + 7, &error);
  else
    ok = copy (pool, target, strcmp (argv[5], "put") == 0, argv[6], argv[7], &error);
  if (!ok)
    fprintf (stderr, "bench-ssh: %s\n", error->message);
  return ok ? 0 : 1;
}
