/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-recipe-run.h"
#include "bs-command.h"
#include "bs-error.h"
#include "bs-file.h"
#include "bs-text.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOOL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define KEPT_LINES 6
#define LINE_MAX_BYTES 400
#define SYSCTL_MAX 64
#define SUBIDS_MAX (1024 * 1024)
#define IDS_NEEDED 65535

static const char *const as_user_argv[]
    = { "unshare", "--user",       "--map-root-user", "--map-auto", "--mount", "--pid",
        "--fork",  "--kill-child", "--mount-proc",    "--",         NULL };
static const char *const as_root_argv[]
    = { "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--", NULL };

typedef struct
{
  GQueue last; /* of lines, the oldest first */
  gboolean full;
  BsRecipeLine line;
  gpointer user_data;
} Watch;

static void
watch_clear (Watch *watch)
{
  g_queue_clear_full (&watch->last, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Watch, watch_clear)

/* The user's umask would become part of the image. */
static void
set_up_child (gpointer user_data)
{
  umask (022);
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* For messages: of a script, its own name. */
static const char *
name_of (const char *const *argv)
{
  return strcmp (argv[0], "sh") == 0 && argv[1] != NULL && argv[1][0] != '-' ? argv[1] : argv[0];
}

static GSubprocess *
spawn (const char *folder, const char *const *argv, const char *const *environment, gboolean as_root, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GPtrArray) whole = g_ptr_array_new ();
  g_autoptr (GError) local = NULL;
  const char *const *prefix = geteuid () == 0 ? as_root_argv : as_user_argv;
  GSubprocess *process;

  for (; as_root && *prefix != NULL; prefix++)
    g_ptr_array_add (whole, (gpointer) *prefix);
  for (const char *const *arg = argv; *arg != NULL; arg++)
    g_ptr_array_add (whole, (gpointer) *arg);
  g_ptr_array_add (whole, NULL);
  g_subprocess_launcher_set_cwd (launcher, folder);
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_setenv (launcher, "PATH", TOOL_PATH, TRUE);
  g_subprocess_launcher_unsetenv (launcher, "APT_CONFIG");
  for (; environment != NULL && *environment != NULL; environment++)
    {
      g_auto (GStrv) pair = g_strsplit (*environment, "=", 2);

      g_subprocess_launcher_setenv (launcher, pair[0], pair[1], TRUE);
    }
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) whole->pdata, &local);
  if (process == NULL)
    bs_set_error (error, BS_ERROR_HOST, NULL, "cannot run '%s': %s", name_of (argv), local->message);
  return process;
}

static void
take_line (Watch *watch, const char *data, gsize length)
{
  g_autofree char *text = bs_text_printable (data, MIN (length, LINE_MAX_BYTES));

  if (text[0] == '\0')
    return;
  watch->full |= strstr (text, "No space left on device") != NULL || strstr (text, "enough free space") != NULL
                 || strstr (text, ": Wrote only ") != NULL; /* tar's word for it */
  if (watch->line != NULL)
    watch->line (text, watch->user_data);
  g_queue_push_tail (&watch->last, g_steal_pointer (&text));
  if (watch->last.length > KEPT_LINES)
    g_free (g_queue_pop_head (&watch->last));
}

/* Until the last process of the tool has closed its output: then it is gone, also after a kill. */
static gboolean
read_lines (GSubprocess *process, Watch *watch, GCancellable *cancellable)
{
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  gboolean going_on = TRUE;

  while (going_on)
    {
      g_autoptr (GError) local = NULL;
      gsize length;
      g_autofree char *line = g_data_input_stream_read_line (stream, &length, cancellable, &local);

      if (line != NULL && cancellable != NULL)
        take_line (watch, line, length);
      else if (line == NULL && cancellable != NULL && g_cancellable_is_cancelled (cancellable))
        {
          g_subprocess_force_exit (process);
          cancellable = NULL;
        }
      else if (line == NULL)
        going_on = FALSE;
    }
  return cancellable != NULL;
}

static char *
said (Watch *watch)
{
  GString *text = g_string_new (NULL);

  for (const GList *at = watch->last.head; at != NULL; at = at->next)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", (const char *) at->data);
  return g_string_free (text, FALSE);
}

gboolean
bs_recipe_run (const char *folder, const char *const *argv, const char *const *environment, gboolean as_root,
               BsRecipeLine line, gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_auto (Watch) watch = { .last = G_QUEUE_INIT, .line = line, .user_data = user_data };
  g_autoptr (GCancellable) own = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  g_autoptr (GSubprocess) process = spawn (folder, argv, environment, as_root, error);
  gboolean whole;

  if (process == NULL)
    return FALSE;
  whole = read_lines (process, &watch, own);
  g_subprocess_wait (process, NULL, NULL);
  if (!whole)
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "'%s' was interrupted", name_of (argv));
  else if (g_subprocess_get_successful (process))
    return TRUE;
  else if (watch.full)
    bs_set_error_errno (error, ENOSPC, "'%s' failed", name_of (argv));
  else
    {
      g_autofree char *text = said (&watch);

      bs_set_error (error, BS_ERROR_FAILED, NULL, "'%s' failed: %s", name_of (argv),
                    text[0] != '\0' ? text : "it said nothing");
    }
  return FALSE;
}

/* The number in a file of /proc/sys; @fallback when there is no such limit. */
static gint64
read_limit (const char *path, gint64 fallback)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? g_ascii_strtoll (text, NULL, 10) : fallback;
}

/* Whether a line "NAME:FIRST:COUNT" of @path gives @user (name or number) enough ids. */
static gboolean
has_subids (const char *path, const char *user)
{
  g_autofree char *text = bs_file_read (AT_FDCWD, path, SUBIDS_MAX, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  g_autofree char *number = g_strdup_printf ("%u", (guint) geteuid ());

  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) part = g_strsplit (*line, ":", 3);

      if (g_strv_length (part) == 3 && (g_str_equal (part[0], user) || g_str_equal (part[0], number))
          && g_ascii_strtoll (part[2], NULL, 10) >= IDS_NEEDED)
        return TRUE;
    }
  return FALSE;
}

static gboolean
refuse (GError **error, const char *hint, const char *reason)
{
  bs_set_error (error, BS_ERROR_HOST, hint, "cannot be root of namespaces, which building an image needs: %s", reason);
  return FALSE;
}

static gboolean
check_known_reasons (const char *user, GError **error)
{
  g_autofree char *tool = g_find_program_in_path ("newuidmap");
  g_autofree char *hint = NULL;

  if (read_limit ("/proc/sys/user/max_user_namespaces", 0) == 0)
    return refuse (error, "as root: sysctl user.max_user_namespaces=10000; or build the image as root",
                   "this host allows none (user.max_user_namespaces is 0)");
  if (read_limit ("/proc/sys/kernel/unprivileged_userns_clone", 1) == 0)
    return refuse (error, "as root: sysctl kernel.unprivileged_userns_clone=1; or build the image as root",
                   "this host forbids it to ordinary users (kernel.unprivileged_userns_clone is 0)");
  if (tool == NULL)
    return refuse (error, "apt-get install uidmap", "there is no 'newuidmap'");
  if (has_subids ("/etc/subuid", user) && has_subids ("/etc/subgid", user))
    return TRUE;
  hint = g_strdup_printf ("as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s", user);
  return refuse (error, hint, "/etc/subuid and /etc/subgid give this user no 65535 ids");
}

static const char *
trial_hint (void)
{
  if (geteuid () == 0)
    return "in a container: give it the capability SYS_ADMIN; or build the image outside";
  if (read_limit ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", 0) != 0)
    return "as root: sysctl kernel.apparmor_restrict_unprivileged_userns=0; or build the image as root";
  return "build the image as root";
}

gboolean
bs_recipe_check_root (GCancellable *cancellable, GError **error)
{
  const char *argv[] = { "mount", "-t", "tmpfs", "none", "/mnt", NULL };
  g_autoptr (GError) local = NULL;

  if (geteuid () != 0 && !check_known_reasons (g_get_user_name (), error))
    return FALSE;
  if (bs_recipe_run ("/", argv, NULL, TRUE, NULL, NULL, cancellable, &local))
    return TRUE;
  if (local->code == BS_ERROR_FAILED)
    return refuse (error, trial_hint (), local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
