/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-machine.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-obituary.h"
#include "bs-process.h"
#include "bs-reap.h"
#include "bs-record.h"
#include "bs-wires.h"

#include <signal.h>
#include <sys/syscall.h>

BsMachine *
bs_machine_new (BsSupervisor *lab, const char *name)
{
  BsMachine *self = g_new0 (BsMachine, 1);

  self->lab = lab;
  self->name = g_strdup (name);
  self->pidfd = -1;
  self->links = g_ptr_array_new_with_free_func ((GDestroyNotify) bs_link_free);
  self->mourners = g_ptr_array_new ();
  g_ptr_array_add (lab->machines, self);
  return self;
}

static void
answer_mourners (BsMachine *self)
{
  for (guint i = 0; i < self->mourners->len; i++)
    bs_reply_ok (g_ptr_array_index (self->mourners, i), json_pack ("{s:O?}", "exit", self->exit), -1);
  g_ptr_array_set_size (self->mourners, 0);
}

void
bs_machine_free (BsMachine *self)
{
  answer_mourners (self);
  bs_channel_free (self->channel);
  bs_loop_remove (&self->death);
  bs_fd_clear (&self->pidfd);
  g_ptr_array_unref (self->links);
  g_ptr_array_unref (self->mourners);
  json_decref (self->exit);
  g_free (self->guest);
  g_free (self->log);
  g_free (self->console_log);
  g_free (self->name);
  g_free (self);
}

BsLink *
bs_machine_link (BsMachine *self, guint interface, gboolean make)
{
  BsLink *link = interface < self->links->len ? g_ptr_array_index (self->links, interface) : NULL;

  if (link != NULL || !make)
    return link;
  if (interface >= self->links->len)
    g_ptr_array_set_size (self->links, (int) interface + 1);
  link = bs_link_new (self->name, interface);
  g_ptr_array_index (self->links, interface) = link;
  return link;
}

static void
release_links (BsMachine *self)
{
  for (guint i = 0; i < self->links->len; i++)
    if (g_ptr_array_index (self->links, i) != NULL)
      bs_wires_release (self->lab->wires, g_ptr_array_index (self->links, i));
}

static void
ended (guint32 events, gpointer user_data)
{
  BsMachine *self = user_data;
  BsSupervisor *lab = self->lab;

  self->running = FALSE;
  self->exit = bs_reap (self->pidfd, self->child);
  bs_loop_remove (&self->death);
  bs_fd_clear (&self->pidfd);
  g_clear_pointer (&self->channel, bs_channel_free);
  if (!self->forgotten && lab->shutdown == NULL)
    bs_supervisor_event (lab, "machine-died", self->name, bs_obituary (self));
  answer_mourners (self);
  if (self->forgotten)
    {
      release_links (self);
      g_ptr_array_remove (lab->machines, self);
    }
  bs_record_save (lab);
  bs_supervisor_machine_gone (lab);
}

static void
watch (BsMachine *self)
{
  self->spawned = self->running = TRUE;
  self->forgotten = FALSE;
  self->signal = 0;
  g_clear_pointer (&self->exit, json_decref);
  self->death = bs_loop_add (self->lab->loop, self->pidfd, EPOLLIN, ended, self);
  if (self->guest != NULL)
    self->channel = bs_channel_new (self->lab, self->name, self->guest);
}

gboolean
bs_machine_adopt (BsMachine *self, pid_t pid, guint64 start_time)
{
  self->pidfd = bs_process_open (pid, start_time);
  if (self->pidfd < 0)
    return FALSE;
  self->pid = pid;
  self->start_time = start_time;
  self->child = FALSE;
  watch (self);
  return TRUE;
}

void
bs_machine_found_dead (BsMachine *self)
{
  self->spawned = TRUE;
  self->exit = json_pack ("{s:b}", "unknown", 1);
  bs_supervisor_event (self->lab, "machine-died", self->name, bs_obituary (self));
}

void
bs_machine_started (BsMachine *self, pid_t pid, int pidfd)
{
  self->pid = pid;
  self->pidfd = pidfd;
  self->start_time = bs_process_start_time (pid);
  self->child = TRUE;
  watch (self);
}

gboolean
bs_machine_signal (BsMachine *self, int number, GError **error)
{
  if (!self->running)
    {
      bs_set_error (error, BS_ERROR_DIED, NULL, "node '%s' does not run", self->name);
      return FALSE;
    }
  if (syscall (SYS_pidfd_send_signal, self->pidfd, number, NULL, 0) == 0)
    {
      self->signal = number;
      return TRUE;
    }
  bs_set_error_errno (error, errno, "cannot send signal %d to node '%s'", number, self->name);
  return FALSE;
}

void
bs_machine_forget (BsMachine *self)
{
  release_links (self);
  self->forgotten = TRUE;
  if (!self->running)
    g_ptr_array_remove (self->lab->machines, self);
}

json_t *
bs_machine_describe (const BsMachine *self)
{
  json_t *what = json_pack ("{s:s, s:s, s:i, s:I, s:b}", "name", self->name, "state",
                            self->running ? "running" : "dead", "pid", (int) self->pid, "start_time",
                            (json_int_t) self->start_time, "guest", bs_channel_is_ready (self->channel));

  if (self->exit != NULL)
    json_object_set (what, "exit", self->exit);
  return what;
}
