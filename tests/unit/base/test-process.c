/* SPDX-License-Identifier: Apache-2.0 */
/* Processes: known by more than their pid, found by their arguments, ended for certain. */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-process.h"
#include "bs-time.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define SOON (bs_time_now_usec () + 10 * BS_USEC_PER_SEC)

/* A child of ours that is killed and reaped when the test leaves, however it leaves. */
typedef struct
{
  pid_t pid;
} Child;

static void
child_clear (Child *self)
{
  if (self->pid <= 0)
    return;
  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  self->pid = 0;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Child, child_clear)

/* A process that does nothing, with @argument among its arguments: back when it is so in /proc. */
static void
child_init (Child *self, const char *argument)
{
  const char *argv[] = { "sleep", "1000", NULL, NULL };
  int ends[2];
  char byte;

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  self->pid = fork ();
  g_assert_cmpint (self->pid, >=, 0);
  if (self->pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      argv[0] = argument;
      execvp ("sleep", (char **) argv);
      _exit (127);
    }
  close (ends[1]);
  /* The other end closes when the program is in place. */
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 0);
  close (ends[0]);
}

static char *
unique (const char *end)
{
  return g_strdup_printf ("bs-test:%d:%s", (int) getpid (), end);
}

static void
test_start_time_is_stable_and_ours (void)
{
  g_assert_cmpuint (bs_process_start_time (getpid ()), >, 0);
  g_assert_cmpuint (bs_process_start_time (getpid ()), ==, bs_process_start_time (getpid ()));
  g_assert_cmpuint (bs_process_start_time (getpid ()), >=, bs_process_start_time (getppid ()));
}

static void
test_start_time_of_none_is_zero (void)
{
  char state = 'x';

  g_assert_cmpuint (bs_process_start_time (0), ==, 0);
  g_assert_cmpuint (bs_process_stat (-5, &state), ==, 0);
  g_assert_cmpint (state, ==, 'x');
}

static void
test_start_time_is_read_behind_any_name (void)
{
  static const char *const names[] = { ") Z 1 1 (", "a b c", "((((", "))))" };
  guint64 start_time = bs_process_start_time (getpid ());
  char old[16], state;

  prctl (PR_GET_NAME, old);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      prctl (PR_SET_NAME, names[i]);
      g_assert_cmpuint (bs_process_stat (getpid (), &state), ==, start_time);
      g_assert_cmpint (state, ==, 'R');
    }
  prctl (PR_SET_NAME, old);
}

static void
test_boot_id_is_a_uuid (void)
{
  g_assert_true (g_uuid_string_is_valid (bs_process_boot_id ()));
  g_assert_true (bs_process_boot_id () == bs_process_boot_id ());
}

static void
test_open_tells_a_reused_pid (void)
{
  g_auto (Child) child = { 0 };
  bs_autofd int same = -1, any = -1;
  guint64 start_time;

  child_init (&child, "x");
  start_time = bs_process_start_time (child.pid);
  same = bs_process_open (child.pid, start_time);
  any = bs_process_open (child.pid, 0);
  g_assert_cmpint (same, >=, 0);
  g_assert_cmpint (any, >=, 0);
  g_assert_cmpint (bs_process_open (child.pid, start_time + 1), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
}

static void
test_open_of_one_that_ended_is_refused (void)
{
  g_auto (Child) child = { 0 };
  pid_t pid;

  child_init (&child, "x");
  pid = child.pid;
  child_clear (&child);
  g_assert_cmpint (bs_process_open (pid, 0), ==, -1);
  g_assert_cmpint (errno, ==, ESRCH);
}

static void
test_wait_sees_the_end_and_the_deadline (void)
{
  g_auto (Child) child = { 0 };
  bs_autofd int pidfd = -1;

  child_init (&child, "x");
  pidfd = bs_process_open (child.pid, 0);
  g_assert_false (bs_process_wait_fd (pidfd, bs_time_now_usec () + 20 * BS_USEC_PER_MSEC));
  kill (child.pid, SIGKILL);
  g_assert_true (bs_process_wait_fd (pidfd, SOON));
  g_assert_true (bs_process_wait_fd (-1, -1));
}

static void
assert_found (const char *prefix, pid_t pid)
{
  g_autoptr (GPtrArray) found = bs_process_find (prefix);

  g_assert_cmpuint (found->len, ==, pid != 0 ? 1 : 0);
  if (pid != 0)
    g_assert_cmpint (((BsProcess *) g_ptr_array_index (found, 0))->pid, ==, pid);
}

static void
test_find_by_whole_argument_or_prefix (void)
{
  g_autofree char *whole = unique ("lab:node"), *lab = unique ("lab:"), *part = unique ("lab"), *all = unique ("");
  g_auto (Child) child = { 0 };

  child_init (&child, whole);
  assert_found (whole, child.pid);
  assert_found (lab, child.pid);
  assert_found (all, child.pid);
  /* Without the colon only the whole argument counts: "lab" must not find "lab:node" nor "lab2". */
  assert_found (part, 0);
}

static void
test_find_gives_arguments_and_start_time (void)
{
  g_autofree char *name = unique ("x");
  g_auto (Child) child = { 0 };
  g_autoptr (GPtrArray) found = NULL;
  BsProcess *process;

  child_init (&child, name);
  found = bs_process_find (name);
  g_assert_cmpuint (found->len, ==, 1);
  process = g_ptr_array_index (found, 0);
  g_assert_cmpuint (process->start_time, ==, bs_process_start_time (child.pid));
  g_assert_cmpstr (process->argv[0], ==, name);
  g_assert_cmpstr (process->argv[1], ==, "1000");
  g_assert_null (process->argv[2]);
}

static void
test_find_leaves_out_zombies (void)
{
  g_autofree char *name = unique ("x");
  g_auto (Child) child = { 0 };
  bs_autofd int pidfd = -1;

  child_init (&child, name);
  pidfd = bs_process_open (child.pid, 0);
  kill (child.pid, SIGKILL);
  g_assert_true (bs_process_wait_fd (pidfd, SOON));
  assert_found (name, 0);
}

static void
test_find_leaves_out_others_processes (void)
{
  g_autofree char *name = unique ("x");
  g_auto (Child) child = { 0 };

  if (geteuid () != 0)
    {
      g_test_skip ("only root can start a process of somebody else");
      return;
    }
  child_init (&child, name);
  assert_found (name, child.pid);
  g_assert_cmpint (seteuid (65534), ==, 0);
  assert_found (name, 0);
  g_assert_cmpint (seteuid (0), ==, 0);
}

/* A child that is a copy of this process, which carries the arguments of the test. */
static void
test_find_sees_one_that_may_not_be_dumped (void)
{
  g_autofree char *name = NULL;
  g_auto (Child) child = { 0 };
  gboolean seen = FALSE;
  g_autoptr (GPtrArray) found = NULL;
  int ends[2];
  char byte;

  g_assert_true (g_file_get_contents ("/proc/self/cmdline", &name, NULL, NULL));
  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  child.pid = fork ();
  if (child.pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      prctl (PR_SET_DUMPABLE, 0);
      g_assert_cmpint (write (ends[1], "x", 1), ==, 1);
      for (;;)
        pause ();
    }
  g_assert_cmpint (read (ends[0], &byte, 1), ==, 1);
  close (ends[0]);
  close (ends[1]);
  found = bs_process_find (name);
  for (guint i = 0; i < found->len; i++)
    seen |= ((BsProcess *) g_ptr_array_index (found, i))->pid == child.pid;
  g_assert_true (seen);
}

static void
test_find_never_gives_the_caller (void)
{
  g_autofree char *name = NULL;
  g_autoptr (GPtrArray) found = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/cmdline", &name, NULL, NULL));
  found = bs_process_find (name);
  for (guint i = 0; i < found->len; i++)
    g_assert_cmpint (((BsProcess *) g_ptr_array_index (found, i))->pid, !=, getpid ());
}

static void
test_find_reads_long_arguments (void)
{
  g_autofree char *fill = g_strnfill (100000, 'x'), *name = unique (fill);
  g_auto (Child) child = { 0 };

  child_init (&child, name);
  assert_found (name, child.pid);
}

static void
test_kill_all_ends_what_was_found (void)
{
  g_autofree char *all = unique ("");
  g_auto (Child) first = { 0 }, second = { 0 }, third = { 0 };
  Child *children[] = { &first, &second, &third };
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s%u", all, i);

      child_init (children[i], name);
    }
  found = bs_process_find (all);
  g_assert_cmpuint (found->len, ==, 3);
  g_assert_true (bs_process_kill_all (found, SOON, &error));
  g_assert_no_error (error);
  assert_found (all, 0);
}

static void
test_kill_all_spares_a_reused_pid (void)
{
  g_autofree char *name = unique ("x");
  g_auto (Child) child = { 0 };
  g_autoptr (GPtrArray) found = NULL;

  child_init (&child, name);
  found = bs_process_find (name);
  ((BsProcess *) g_ptr_array_index (found, 0))->start_time++;
  g_assert_true (bs_process_kill_all (found, SOON, NULL));
  g_assert_cmpint (waitpid (child.pid, NULL, WNOHANG), ==, 0);
}

static void
test_kill_all_tells_whom_it_may_not_kill (void)
{
  g_auto (Child) child = { 0 };
  g_autofree char *name = unique ("x"), *text = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GError) error = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("needs a process of somebody else");
      return;
    }
  child_init (&child, name);
  found = bs_process_find (name);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpint (setresuid (65534, 65534, 0), ==, 0);
  bs_process_kill_all (found, SOON, &error);
  g_assert_cmpint (setresuid (0, 0, 0), ==, 0);
  text = g_strdup_printf ("cannot kill process %d ('%s'): Operation not permitted", (int) child.pid, name);
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, text);
}

static void
test_run_gives_its_output (void)
{
  const char *const argv[] = { "echo", "hello", NULL };
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (bs_process_run (argv, &out, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (out, ==, "hello\n");
}

static void
test_run_of_no_program_lacks_something_of_the_host (void)
{
  const char *const argv[] = { "no-such-program-here", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_process_run (argv, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_HOST);
  g_assert_true (g_str_has_prefix (error->message, "cannot run 'no-such-program-here': "));
}

static void
test_run_that_fails_tells_its_stderr (void)
{
  const char *const argv[] = { "sh", "-c", "echo 'why \033[1mnot' >&2; exit 3", NULL };
  g_autoptr (GError) error = NULL;

  g_assert_false (bs_process_run (argv, NULL, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "'sh' failed: Child process exited with code 3: why not");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/process/start-time-is-stable-and-ours", test_start_time_is_stable_and_ours);
  g_test_add_func ("/process/start-time-of-none-is-zero", test_start_time_of_none_is_zero);
  g_test_add_func ("/process/start-time-is-read-behind-any-name", test_start_time_is_read_behind_any_name);
  g_test_add_func ("/process/boot-id-is-a-uuid", test_boot_id_is_a_uuid);
  g_test_add_func ("/process/open-tells-a-reused-pid", test_open_tells_a_reused_pid);
  g_test_add_func ("/process/open-of-one-that-ended", test_open_of_one_that_ended_is_refused);
  g_test_add_func ("/process/wait-sees-end-and-deadline", test_wait_sees_the_end_and_the_deadline);
  g_test_add_func ("/process/find-by-whole-argument-or-prefix", test_find_by_whole_argument_or_prefix);
  g_test_add_func ("/process/find-gives-arguments-and-start-time", test_find_gives_arguments_and_start_time);
  g_test_add_func ("/process/find-leaves-out-zombies", test_find_leaves_out_zombies);
  g_test_add_func ("/process/find-leaves-out-others", test_find_leaves_out_others_processes);
  g_test_add_func ("/process/find-sees-the-undumpable", test_find_sees_one_that_may_not_be_dumped);
  g_test_add_func ("/process/find-never-gives-the-caller", test_find_never_gives_the_caller);
  g_test_add_func ("/process/find-reads-long-arguments", test_find_reads_long_arguments);
  g_test_add_func ("/process/kill-all-ends-what-was-found", test_kill_all_ends_what_was_found);
  g_test_add_func ("/process/kill-all-spares-a-reused-pid", test_kill_all_spares_a_reused_pid);
  g_test_add_func ("/process/kill-all-tells-whom-it-may-not", test_kill_all_tells_whom_it_may_not_kill);
  g_test_add_func ("/process/run-gives-its-output", test_run_gives_its_output);
  g_test_add_func ("/process/run-of-no-program", test_run_of_no_program_lacks_something_of_the_host);
  g_test_add_func ("/process/run-that-fails-tells-its-stderr", test_run_that_fails_tells_its_stderr);
  return g_test_run ();
}
