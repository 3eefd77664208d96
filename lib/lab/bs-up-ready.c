/* SPDX-License-Identifier: Apache-2.0 */
/* bs-up-ready.c — what must hold in a node before it counts as up */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-ssh-banner.h"
#include "bs-ssh.h"
#include "bs-time.h"
#include "bs-up.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define AGAIN_MSEC 50

/* What a node is asked with: whichever program it has. A shell that knows /dev/tcp comes last, and only for http. */
static const char http_script[]
    = "url=$1\n"
      "if command -v curl >/dev/null; then exec curl -fsS -m 5 -o /dev/null \"$url\"; fi\n"
      "if command -v wget >/dev/null; then exec wget -q -O /dev/null \"$url\"; fi\n"
      "if command -v busybox >/dev/null; then exec busybox wget -q -O /dev/null \"$url\"; fi\n"
      "case $url in http://*) ;; *) echo 'curl or wget is needed for https' >&2; exit 127 ;; esac\n"
      "rest=${url#http://}; host=${rest%%/*}; path=/${rest#*/}; [ \"$rest\" != \"$host\" ] || path=/\n"
      "port=${host##*:}; [ \"$port\" != \"$host\" ] || port=80\n"
      "exec bash -c 'exec 3<>\"/dev/tcp/$0/$1\" && printf \"GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n\" \"$2\" \"$0\" "
      ">&3 && "
      "IFS= read -r line <&3 && [[ $line == HTTP/*\\ [23]* ]]' \"${host%:*}\" \"$port\" \"$path\"\n";

typedef struct
{
  BsUp *up;
  const BsPlanNode *node;
  const BsBackendLab *lab;
  const BsTopologyReady *ready;
  gint64 deadline_usec;
} Check;

static const char *
kind_word (BsReadyKind kind)
{
  static const char *const words[]
      = { [BS_READY_AGENT] = "agent",     [BS_READY_PORT] = "port",       [BS_READY_FILE] = "file",
          [BS_READY_PROCESS] = "process", [BS_READY_COMMAND] = "command", [BS_READY_SSH] = "ssh",
          [BS_READY_UNIT] = "unit",       [BS_READY_HTTP] = "http",       [BS_READY_LOG] = "log" };

  return words[kind];
}

static gboolean
wait_for (const Check *self, const char *kind, const char *const *arguments, GError **error)
{
  return self->node->backend->wait_for (self->lab, self->node->spec->name, kind, arguments, self->deadline_usec, error);
}

/* FALSE with an error when there is no more time, or somebody asks to end. */
static gboolean
wait_a_moment (const Check *self, const char *what, GError **error)
{
  GPollFD item = { .fd = -1 };
  gboolean made = self->lab->cancellable != NULL && g_cancellable_make_pollfd (self->lab->cancellable, &item);

  g_poll (&item, made ? 1 : 0, AGAIN_MSEC);
  if (made)
    g_cancellable_release_fd (self->lab->cancellable);
  if (g_cancellable_is_cancelled (self->lab->cancellable))
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "interrupted");
  else if (bs_time_now_usec () >= self->deadline_usec)
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "%s", what);
  else
    return TRUE;
  return FALSE;
}

/* With the lab's key, and only into a server that shows the node's own. */
static gboolean
is_let_in (const Check *self, GError **refusal)
{
  const BsBackendNode *spec = self->node->spec;
  g_autoptr (BsSshTarget) target = bs_ssh_target_new ("127.0.0.1", spec->ssh_port, "root", spec->host_key_public);
  g_autoptr (GError) local = NULL;
  g_autoptr (BsSsh) ssh = NULL;

  target->label = g_strdup_printf ("%s/%s", self->up->plan->name, spec->name);
  target->key_text = g_strdup (self->up->plan->ssh_key);
  target->connect_timeout_usec = MAX (self->deadline_usec - bs_time_now_usec (), 1);
  ssh = bs_ssh_open (target, self->lab->cancellable, &local);
  if (ssh != NULL)
    return TRUE;
  /* One that was cut short says less than the one before. */
  if (*refusal != NULL && local->code == BS_ERROR_TIMEOUT)
    return FALSE;
  g_clear_error (refusal);
  *refusal = g_steal_pointer (&local);
  return FALSE;
}

static gboolean
wait_for_ssh (const Check *self, GError **error)
{
  g_autoptr (GError) refusal = NULL;

  if (self->node->spec->ssh_port == 0)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, "wait for the agent instead", "its image has no SSH server");
      return FALSE;
    }
  while (!bs_ssh_banner_seen (self->node->spec->ssh_port) || !is_let_in (self, &refusal))
    if (!wait_a_moment (self, refusal != NULL ? refusal->message : "no SSH server answered in time", error))
      return FALSE;
  return TRUE;
}

/* Reads on from @offset; keeps enough of the last piece that a text across two pieces is found. */
static gboolean
log_has (int fd, GString *tail, const char *text)
{
  char buffer[65536];
  gsize keep = strlen (text) - 1;
  ssize_t n;

  while ((n = read (fd, buffer, sizeof buffer)) > 0)
    {
      g_string_append_len (tail, buffer, n);
      if (memmem (tail->str, tail->len, text, keep + 1) != NULL)
        return TRUE;
      if (tail->len > keep)
        g_string_erase (tail, 0, (gssize) (tail->len - keep));
    }
  return FALSE;
}

static gboolean
wait_for_log (const Check *self, GError **error)
{
  g_autofree char *path = g_strdup_printf ("nodes/%s/console.log", self->node->spec->name);
  bs_autofd int fd = openat (self->lab->lab_dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  GString *tail = g_string_new (NULL);
  gboolean found = FALSE, go_on = TRUE;

  if (fd < 0)
    {
      bs_set_error_errno (error, errno, "cannot read the console's log");
      go_on = FALSE;
    }
  while (go_on && !(found = log_has (fd, tail, self->ready->arguments[0])))
    go_on = wait_a_moment (self, "the text did not appear on the console in time", error);
  g_string_free (tail, TRUE);
  return found;
}

static gboolean
check (const Check *self, GError **error)
{
  char **arguments = self->ready->arguments;

  switch (self->ready->kind)
    {
    case BS_READY_AGENT:
      return TRUE;
    case BS_READY_SSH:
      return wait_for_ssh (self, error);
    case BS_READY_LOG:
      return wait_for_log (self, error);
    case BS_READY_UNIT:
      return wait_for (self, "command",
                       (const char *const[]){ "systemctl", "is-active", "--quiet", "--", arguments[0], NULL }, error);
    case BS_READY_HTTP:
      return wait_for (self, "command", (const char *const[]){ "sh", "-c", http_script, "ready", arguments[0], NULL },
                       error);
    case BS_READY_PORT:
    case BS_READY_FILE:
    case BS_READY_PROCESS:
    case BS_READY_COMMAND:
      return wait_for (self, kind_word (self->ready->kind), (const char *const *) arguments, error);
    }
  g_assert_not_reached ();
}

gboolean
bs_up_check_ready (BsUp *up, const BsPlanNode *node, const BsBackendLab *lab, GError **error)
{
  for (guint i = 0; i < node->model->ready->len; i++)
    {
      const BsTopologyReady *ready = g_ptr_array_index (node->model->ready, i);
      g_autofree char *what = g_strjoinv (" ", ready->arguments);
      Check self = { up, node, lab, ready, bs_time_sooner_usec (ready->within_usec, up->deadline_usec) };

      if (ready->kind != BS_READY_AGENT)
        bs_events_emit (up->events, node->spec->name, "ready", "note", "waiting for %s %s", kind_word (ready->kind),
                        what);
      if (check (&self, error))
        continue;
      g_prefix_error (error, "%s:%u:%u: waiting for %s '%s': ", up->plan->topology->file, ready->at.line,
                      ready->at.column, kind_word (ready->kind), what);
      return FALSE;
    }
  return TRUE;
}
