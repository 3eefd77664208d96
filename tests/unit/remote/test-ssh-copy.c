/* SPDX-License-Identifier: Apache-2.0 */
/* test-ssh-copy.c — files and folders over a real sshd's SFTP */
#include "bs-ssh-copy.h"
#include "bs-time.h"
#include "ssh-fixture.h"

#include <signal.h>
#include <string.h>

static SshServer server;

/* A folder with one of everything that is copied. */
static const char make_tree[]
    = "cd \"$0\" && mkdir -p tree/sub/empty && printf 'hello\\n' > tree/file && : > tree/none "
      "&& head -c 3000001 /dev/urandom > tree/sub/random && ln -s ../file tree/sub/link "
      "&& ln -s /no/where tree/dangling && chmod 0750 tree/sub && chmod 04751 tree/file "
      "&& printf 'odd' > \"tree/ sp'a\\\\ce\nline\" "
      "&& truncate -s 30M tree/holes && printf end >> tree/holes "
      "&& touch -d '2001-02-03 04:05:06 UTC' tree/file tree/sub/random tree/holes tree/sub tree "
      "&& touch -h -d '2002-02-03 04:05:06 UTC' tree/sub/link";

static char *
path_of (Scratch *scratch, const char *name)
{
  return g_build_filename (scratch->path, name, NULL);
}

static void
run_shell (const char *script, const char *folder)
{
  const char *argv[] = { "sh", "-c", script, folder, NULL };
  int status;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_true (g_spawn_check_wait_status (status, NULL));
}

/* What ls and md5sum say of a folder, for comparison. */
static char *
listing (const char *folder, gboolean modes)
{
  const char *script
      = modes ? "cd \"$0\" && find . -printf '%P|%y|%m|%l|%s|%Ts\\n' | grep -av '^[^|]*|d|[0-9]*||[0-9]*|' | "
                "sort && find . -type d -printf '%P|%m|%Ts\\n' | sort && find . -type f -exec md5sum {} + | sort"
              : "cd \"$0\" && find . -printf '%P|%y|%l\\n' | sort && find . -type f -exec md5sum {} + | sort";
  const char *argv[] = { "sh", "-c", script, folder, NULL };
  char *out = NULL;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL, NULL));
  g_assert_cmpuint (strlen (out), >, 100);
  return out;
}

static void
copied (gboolean ok, GError *error)
{
  g_assert_no_error (error);
  g_assert_true (ok);
}

static void
test_folder_in (void)
{
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autofree char *tree = NULL, *there = NULL, *before = NULL, *after = NULL;
  GError *error = NULL;

  scratch_init (&scratch);
  run_shell (make_tree, scratch.path);
  tree = path_of (&scratch, "tree");
  there = path_of (&scratch, "there");
  copied (bs_ssh_copy_in (ssh, tree, there, NULL, &error), error);
  before = listing (tree, TRUE);
  after = listing (there, TRUE);
  g_assert_cmpstr (after, ==, before);
}

static void
test_folder_in_below_a_folder (void)
{
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autofree char *tree = NULL, *there = NULL, *below = NULL, *before = NULL, *after = NULL;
  GError *error = NULL;

  scratch_init (&scratch);
  run_shell (make_tree, scratch.path);
  tree = path_of (&scratch, "tree");
  there = path_of (&scratch, "there");
  below = path_of (&scratch, "there/tree");
  g_assert_no_errno (mkdir (there, 0755));
  copied (bs_ssh_copy_in (ssh, tree, there, NULL, &error), error);
  copied (bs_ssh_copy_in (ssh, tree, there, NULL, &error), error); /* once more, over itself */
  before = listing (tree, TRUE);
  after = listing (below, TRUE);
  g_assert_cmpstr (after, ==, before);
}

/* Set-user-id bits stay there; zeros become holes. */
static void
test_folder_out (void)
{
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autofree char *tree = NULL, *here = NULL, *before = NULL, *after = NULL, *file = NULL, *holes = NULL;
  GError *error = NULL;
  struct stat st;

  scratch_init (&scratch);
  run_shell (make_tree, scratch.path);
  tree = path_of (&scratch, "tree");
  here = path_of (&scratch, "here");
  copied (bs_ssh_copy_out (ssh, tree, here, NULL, &error), error);
  before = listing (tree, FALSE);
  after = listing (here, FALSE);
  g_assert_cmpstr (after, ==, before);
  file = g_build_filename (here, "file", NULL);
  g_assert_no_errno (stat (file, &st));
  g_assert_cmpint (st.st_mode & 07777, ==, 0751);
  g_assert_cmpint (st.st_mtime, ==, 981173106);
  holes = g_build_filename (here, "holes", NULL);
  g_assert_no_errno (stat (holes, &st));
  g_assert_cmpint (st.st_size, ==, 30 * 1024 * 1024 + 3);
  g_assert_cmpint (st.st_blocks, <, 1024);
}

static void
test_out_never_through_a_link (void)
{
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autofree char *from = NULL, *to = NULL, *victim = NULL;
  g_autoptr (GError) error = NULL;
  GError *none = NULL;

  scratch_init (&scratch);
  run_shell (
      "cd \"$0\" && mkdir from to victim && mkdir from/etc && echo bad > from/etc/passwd && ln -s ../victim to/etc",
      scratch.path);
  from = path_of (&scratch, "from/.");
  to = path_of (&scratch, "to");
  victim = path_of (&scratch, "victim/passwd");
  g_assert_false (bs_ssh_copy_out (ssh, from, to, NULL, &error));
  assert_error (error, BS_ERROR_EXISTS, "it is a symbolic link, not a folder");
  g_assert_nonnull (bs_error_hint (error));
  g_assert_false (g_file_test (victim, G_FILE_TEST_EXISTS));
  g_free (from);
  from = path_of (&scratch, "from/etc/passwd");
  g_free (to);
  to = path_of (&scratch, "to/etc");
  copied (bs_ssh_copy_out (ssh, from, to, NULL, &none), none); /* the link is replaced */
  g_assert_false (g_file_test (victim, G_FILE_TEST_EXISTS));
}

static void
test_missing_and_special (void)
{
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autofree char *fifo = NULL, *missing = NULL, *to = NULL, *file = NULL;
  g_autoptr (GError) in = NULL, out = NULL, special = NULL, special_out = NULL, device = NULL;

  scratch_init (&scratch);
  run_shell ("cd \"$0\" && mkfifo fifo && echo x > file", scratch.path);
  fifo = path_of (&scratch, "fifo");
  missing = path_of (&scratch, "missing");
  to = path_of (&scratch, "to");
  file = path_of (&scratch, "file");
  g_assert_false (bs_ssh_copy_in (ssh, missing, to, NULL, &in));
  assert_error (in, BS_ERROR_NOT_FOUND, "cannot read");
  g_assert_false (bs_ssh_copy_out (ssh, missing, to, NULL, &out));
  assert_error (out, BS_ERROR_NOT_FOUND, "no such file or folder");
  g_assert_false (bs_ssh_copy_in (ssh, fifo, to, NULL, &special));
  assert_error (special, BS_ERROR_FAILED, "is neither file, folder nor link");
  g_assert_false (bs_ssh_copy_out (ssh, fifo, to, NULL, &special_out));
  assert_error (special_out, BS_ERROR_FAILED, "is neither file, folder nor link");
  g_assert_false (bs_ssh_copy_in (ssh, file, "/dev/null", NULL, &device));
  assert_error (device, BS_ERROR_FAILED, "device");
  g_assert_false (scratch_has (&scratch, "to"));
  g_assert_true (bs_ssh_usable (ssh));
}

static void
test_folder_over_file (void)
{
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autofree char *folder = NULL, *file = NULL, *to = NULL;
  g_autoptr (GError) error = NULL, other = NULL;

  scratch_init (&scratch);
  run_shell ("cd \"$0\" && mkdir -p folder to/file && echo x > file", scratch.path);
  folder = path_of (&scratch, "folder");
  file = path_of (&scratch, "file");
  to = path_of (&scratch, "to");
  g_assert_false (bs_ssh_copy_in (ssh, folder, file, NULL, &error));
  assert_error (error, BS_ERROR_EXISTS, "a file has that name");
  g_assert_false (bs_ssh_copy_in (ssh, file, to, NULL, &other));
  assert_error (other, BS_ERROR_EXISTS, "it is a folder");
}

/* /proc files say that they are empty. */
static void
test_file_that_hides_its_size (void)
{
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autofree char *to = NULL, *text = NULL, *expected = NULL;
  GError *error = NULL;

  scratch_init (&scratch);
  to = path_of (&scratch, "version");
  copied (bs_ssh_copy_out (ssh, "/proc/version", to, NULL, &error), error);
  g_assert_true (g_file_get_contents (to, &text, NULL, NULL));
  g_assert_true (g_file_get_contents ("/proc/version", &expected, NULL, NULL));
  g_assert_cmpstr (text, ==, expected);
}

typedef struct
{
  guint64 at;
  void (*act) (gpointer self);
  gpointer self;
} Later;

static void
act_later (guint64 bytes, gpointer user_data)
{
  Later *later = user_data;

  if (bytes >= later->at && later->act != NULL)
    {
      later->act (later->self);
      later->act = NULL;
    }
}

static void
assert_no_temporaries (Scratch *scratch)
{
  g_autoptr (GDir) dir = g_dir_open (scratch->path, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, ".bs-"))
      g_error ("'%s' was left behind", name);
}

static void
test_server_killed (gconstpointer inward)
{
  g_auto (SshServer) own;
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = NULL;
  g_autofree char *from = NULL, *to = NULL;
  Later later = { 8 * 1024 * 1024, (void (*) (gpointer)) ssh_server_kill, &own };
  BsSshCopy copy = { .progress = act_later, .user_data = &later };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  run_shell ("head -c 100000000 /dev/urandom > \"$0\"/from", scratch.path);
  ssh_server_init (&own, NULL);
  ssh = ssh_server_open (&own);
  from = path_of (&scratch, "from");
  to = path_of (&scratch, "to");
  g_assert_false (inward != NULL ? bs_ssh_copy_in (ssh, from, to, &copy, &error)
                                 : bs_ssh_copy_out (ssh, from, to, &copy, &error));
  assert_error (error, BS_ERROR_DIED, "the connection to");
  g_assert_false (scratch_has (&scratch, "to"));
  if (inward == NULL)
    assert_no_temporaries (&scratch);
  g_assert_false (bs_ssh_usable (ssh));
}

static void
test_cancel (gconstpointer inward)
{
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *from = NULL, *to = NULL;
  Later later = { 4 * 1024 * 1024, (void (*) (gpointer)) g_cancellable_cancel, cancellable };
  BsSshCopy copy = { .cancellable = cancellable, .progress = act_later, .user_data = &later };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  run_shell ("head -c 60000000 /dev/urandom > \"$0\"/from", scratch.path);
  from = path_of (&scratch, "from");
  to = path_of (&scratch, "to");
  g_assert_false (inward != NULL ? bs_ssh_copy_in (ssh, from, to, &copy, &error)
                                 : bs_ssh_copy_out (ssh, from, to, &copy, &error));
  assert_error (error, BS_ERROR_CANCELLED, "cancelled while about to copy");
  g_assert_false (scratch_has (&scratch, "to"));
  if (inward == NULL)
    assert_no_temporaries (&scratch);
}

static void
test_deadline (void)
{
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = ssh_server_open (&server);
  g_autofree char *to = NULL;
  BsSshCopy copy = { .deadline_usec = g_get_monotonic_time () + 300 * BS_USEC_PER_MSEC };
  g_autoptr (GError) error = NULL;

  scratch_init (&scratch);
  run_shell ("truncate -s 1T \"$0\"/from", scratch.path);
  to = path_of (&scratch, "to");
  {
    g_autofree char *from = path_of (&scratch, "from");

    g_assert_false (bs_ssh_copy_out (ssh, from, to, &copy, &error));
  }
  assert_error (error, BS_ERROR_TIMEOUT, "took too long to copy");
  g_assert_false (scratch_has (&scratch, "to"));
}

/* New keys are exchanged in the middle of both directions. */
static void
test_rekeying (void)
{
  g_auto (SshServer) own;
  g_auto (Scratch) scratch;
  g_autoptr (BsSsh) ssh = NULL;
  g_autofree char *from = NULL, *to = NULL, *back = NULL;
  GError *error = NULL;

  scratch_init (&scratch);
  run_shell ("head -c 60000000 /dev/urandom > \"$0\"/from", scratch.path);
  ssh_server_init (&own, "RekeyLimit 8M");
  ssh = ssh_server_open (&own);
  from = path_of (&scratch, "from");
  to = path_of (&scratch, "to");
  back = path_of (&scratch, "back");
  copied (bs_ssh_copy_in (ssh, from, to, NULL, &error), error);
  copied (bs_ssh_copy_out (ssh, to, back, NULL, &error), error);
  run_shell ("cmp \"$0\"/from \"$0\"/back", scratch.path);
}

static void
test_no_sftp_there (void)
{
  g_auto (SshServer) own;
  g_autoptr (BsSsh) ssh = NULL;
  g_autofree char *config = NULL;
  g_autoptr (GError) error = NULL;

  ssh_server_init (&own, NULL);
  ssh_server_kill (&own);
  config = g_build_filename (own.scratch.path, "sshd_config", NULL);
  run_shell ("sed -i '/^Subsystem/d' \"$0\"", config);
  ssh_server_start (&own);
  ssh = ssh_server_open (&own);
  g_assert_false (bs_ssh_copy_out (ssh, "/etc/hostname", "/tmp/", NULL, &error));
  assert_error (error, BS_ERROR_UNSUPPORTED, "has no file transfer (SFTP)");
  g_assert_nonnull (bs_error_hint (error));
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  ssh_server_init (&server, NULL);
  g_test_add_func ("/ssh/copy/folder-in", test_folder_in);
  g_test_add_func ("/ssh/copy/folder-in-below-a-folder", test_folder_in_below_a_folder);
  g_test_add_func ("/ssh/copy/folder-out", test_folder_out);
  g_test_add_func ("/ssh/copy/out-never-through-a-link", test_out_never_through_a_link);
  g_test_add_func ("/ssh/copy/missing-and-special", test_missing_and_special);
  g_test_add_func ("/ssh/copy/folder-over-file", test_folder_over_file);
  g_test_add_func ("/ssh/copy/file-that-hides-its-size", test_file_that_hides_its_size);
  g_test_add_data_func ("/ssh/copy/server-killed-in", "in", test_server_killed);
  g_test_add_data_func ("/ssh/copy/server-killed-out", NULL, test_server_killed);
  g_test_add_data_func ("/ssh/copy/cancel-in", "in", test_cancel);
  g_test_add_data_func ("/ssh/copy/cancel-out", NULL, test_cancel);
  g_test_add_func ("/ssh/copy/deadline", test_deadline);
  g_test_add_func ("/ssh/copy/rekeying", test_rekeying);
  g_test_add_func ("/ssh/copy/no-sftp-there", test_no_sftp_there);
  status = g_test_run ();
  ssh_server_clear (&server);
  return status;
}
