/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-wires.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-net.h"
#include "bs-process.h"
#include "bs-record.h"
#include "bs-reap.h"
#include "bs-socket.h"
#include "bs-spawn.h"
#include "bs-switch-memory.h"
#include "bs-tap-list.h"
#include "bs-time.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define SWITCH_LOG "switch.log"
#define EARLY_USEC (2 * BS_USEC_PER_SEC)
#define EARLY_DEATHS_MAX 5
#define KILL_WAIT_USEC (1 * BS_USEC_PER_SEC)

struct _BsWires
{
  BsSupervisor *lab;
  char *program;
  pid_t pid; /* 0: none runs */
  int pidfd;
  BsLoopSource *death;
  gint64 started_usec;
  guint restarts, early_deaths;
  char *given_up; /* (nullable) why it is not started again */
  int control;
  BsLoopSource *answers;
  GQueue unsent; /* (element-type Request) that the socket did not take yet */
  BsSwitchShare *memory;
  GPtrArray *ports; /* BsLink by port; NULL where free */
  guint32 last_serial;
};

typedef struct
{
  BsSwitchRequest message;
  int fd; /* own copy; -1 */
} Request;

static void
request_free (Request *request)
{
  bs_fd_clear (&request->fd);
  g_free (request);
}

BsWires *
bs_wires_new (BsSupervisor *lab)
{
  BsWires *self = g_new0 (BsWires, 1);

  self->lab = lab;
  self->pidfd = self->control = -1;
  self->ports = g_ptr_array_new ();
  g_queue_init (&self->unsent);
  return self;
}

static void
forget_process (BsWires *self)
{
  bs_loop_remove (&self->death);
  bs_loop_remove (&self->answers);
  bs_fd_clear (&self->pidfd);
  bs_fd_clear (&self->control);
  g_queue_clear_full (&self->unsent, (GDestroyNotify) request_free);
  self->pid = 0;
}

void
bs_wires_free (BsWires *self)
{
  if (self == NULL)
    return;
  forget_process (self);
  bs_switch_share_free (self->memory);
  g_ptr_array_unref (self->ports);
  g_free (self->given_up);
  g_free (self->program);
  g_free (self);
}

static void
send_unsent (BsWires *self)
{
  Request *request;

  while ((request = g_queue_peek_head (&self->unsent)) != NULL)
    {
      g_autoptr (GError) error = NULL;

      if (!bs_socket_send (self->control, &request->message, sizeof request->message, &request->fd,
                           request->fd >= 0 ? 1 : 0, &error))
        break; /* full: later; gone: its death is told by pidfd */
      request_free (g_queue_pop_head (&self->unsent));
    }
  bs_loop_set_events (self->answers, EPOLLIN | (g_queue_is_empty (&self->unsent) ? 0 : EPOLLOUT));
}

guint32
bs_wires_send (BsWires *self, BsSwitchRequest *message, int fd)
{
  Request *item;

  if (self->pid == 0)
    {
      bs_fd_clear (&fd);
      return 0;
    }
  item = g_new0 (Request, 1);
  message->version = BS_SWITCH_VERSION;
  message->size = sizeof (BsSwitchRequest);
  message->serial = ++self->last_serial;
  item->message = *message;
  item->fd = fd;
  g_queue_push_tail (&self->unsent, item);
  send_unsent (self); /* which frees what it sent */
  return self->last_serial;
}

static guint32
add_port (BsWires *self, const BsLink *link)
{
  BsSwitchRequest message
      = { .op = BS_SWITCH_ADD_PORT,
          .port = (guint32) link->port,
          .add = { .network = link->network, .kind = BS_SWITCH_PORT_DGRAM, .identity = link->identity } };

  memcpy (message.add.mac, link->mac, sizeof link->mac);
  return bs_wires_send (self, &message, fcntl (link->switch_fd, F_DUPFD_CLOEXEC, 3));
}

static void
connect_port (BsWires *self, BsLink *link)
{
  if (self->pid == 0 || link->switch_fd < 0 || link->port < 0)
    {
      bs_link_answer (link, NULL); /* it will get the port when it starts, or when the machine does */
      return;
    }
  link->serial = add_port (self, link);
  bs_net_connected (self->lab->net, link);
}

static void
take_answer (BsWires *self, const BsSwitchReply *answer)
{
  g_autoptr (GError) error = NULL;
  BsLink *link = NULL;

  for (guint i = 0; i < self->ports->len && link == NULL; i++)
    {
      link = g_ptr_array_index (self->ports, i);
      if (link != NULL && (link->serial != answer->serial || answer->serial == 0))
        link = NULL;
    }
  if (link == NULL)
    {
      if (!bs_tap_list_answered (self->lab->taps, answer->serial, answer->result))
        bs_net_answered (self->lab->net, answer->serial, answer->result);
      return;
    }
  if (answer->result != 0)
    {
      bs_set_error (&error, BS_ERROR_FAILED, "see " SWITCH_LOG " in the lab's folder", "the switch refused port %d: %s",
                    link->port, g_strerror (answer->result));
      g_warning ("%s", error->message);
    }
  bs_link_answer (link, error);
}

static void
answers_ready (guint32 events, gpointer user_data)
{
  BsWires *self = user_data;
  BsSwitchReply answer;
  gssize n;

  if ((events & EPOLLOUT) != 0)
    send_unsent (self);
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
    return;
  n = bs_socket_receive (self->control, &answer, sizeof answer, NULL, NULL, NULL);
  if (n == sizeof answer && answer.version == BS_SWITCH_VERSION && answer.size == sizeof answer)
    take_answer (self, &answer);
  else if (n == 0 || (events & (EPOLLHUP | EPOLLERR)) != 0)
    bs_loop_set_events (self->answers, 0); /* its end is told by pidfd */
}

/* Each port's own wires are told right behind it, so that no frame meets it without them. */
static void
connect_all (BsWires *self)
{
  bs_net_switch_started (self->lab->net);
  bs_tap_list_switch_started (self->lab->taps);
  for (guint i = 0; i < self->ports->len; i++)
    if (g_ptr_array_index (self->ports, i) != NULL)
      connect_port (self, g_ptr_array_index (self->ports, i));
  bs_net_all_connected (self->lab->net);
}

static void died (guint32 events, gpointer user_data);

static gboolean
spawn (BsWires *self, GError **error)
{
  g_autofree char *tag = bs_supervisor_tag (self->lab, "switch", NULL);
  const char *argv[] = { self->program, tag, NULL };
  bs_autofd int log = openat (self->lab->dir, SWITCH_LOG, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  int ends[2];
  BsSpawnFd fds[2];
  BsSpawn what = { argv, self->lab->dir, log, fds, G_N_ELEMENTS (fds) };
  bs_autofd int far = -1;

  if (log < 0)
    {
      bs_set_error_errno (error, errno, "cannot open '%s'", SWITCH_LOG);
      return FALSE;
    }
  if (self->memory == NULL && (self->memory = bs_switch_share_new (error)) == NULL)
    return FALSE;
  if (!bs_socket_pair (SOCK_SEQPACKET, ends, error))
    return FALSE;
  self->control = ends[0];
  far = ends[1];
  fds[0] = (BsSpawnFd){ far, BS_SWITCH_CONTROL_FD };
  fds[1] = (BsSpawnFd){ bs_switch_share_fd (self->memory), BS_SWITCH_MEMORY_FD };
  self->pid = bs_spawn (&what, &self->pidfd, error);
  if (self->pid < 0)
    {
      forget_process (self);
      return FALSE;
    }
  self->started_usec = bs_time_now_usec ();
  self->death = bs_loop_add (self->lab->loop, self->pidfd, EPOLLIN, died, self);
  self->answers = bs_loop_add (self->lab->loop, self->control, EPOLLIN, answers_ready, self);
  connect_all (self);
  return TRUE;
}

void
bs_wires_give_up (BsWires *self, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_free (self->given_up);
  self->given_up = g_strdup (why);
  bs_supervisor_event (self->lab, "switch-failed", NULL, json_pack ("{s:s}", "error", why));
  bs_set_error (&error, BS_ERROR_DIED, "see " SWITCH_LOG " in the lab's folder", "%s", why);
  for (guint i = 0; i < self->ports->len; i++)
    if (g_ptr_array_index (self->ports, i) != NULL)
      bs_link_answer (g_ptr_array_index (self->ports, i), error);
  bs_net_switch_failed (self->lab->net, error);
  bs_tap_list_switch_failed (self->lab->taps, error);
}

static void
restart (BsWires *self)
{
  g_autoptr (GError) error = NULL;

  if (self->early_deaths > EARLY_DEATHS_MAX)
    {
      bs_wires_give_up (self, "the switch died too often");
      return;
    }
  self->restarts++;
  if (!spawn (self, &error))
    bs_wires_give_up (self, error->message);
  else
    bs_supervisor_event (self->lab, "switch-restarted", NULL, bs_wires_describe (self));
  bs_record_save (self->lab);
}

static void
died (guint32 events, gpointer user_data)
{
  BsWires *self = user_data;
  json_t *data = bs_reap (self->pidfd, TRUE);

  json_object_set_new (data, "pid", json_integer (self->pid));
  self->early_deaths = bs_time_now_usec () - self->started_usec < EARLY_USEC ? self->early_deaths + 1 : 0;
  forget_process (self);
  bs_supervisor_event (self->lab, "switch-died", NULL, data);
  restart (self);
}

gboolean
bs_wires_start (BsWires *self, const char *program, GError **error)
{
  if (self->pid != 0)
    return TRUE;
  g_free (self->program);
  self->program = g_strdup (program);
  g_clear_pointer (&self->given_up, g_free);
  self->early_deaths = 0;
  return spawn (self, error);
}

gboolean
bs_wires_take_memory (BsWires *self, int memory)
{
  BsSwitchShare *share = bs_switch_share_take (memory);

  if (share == NULL)
    return FALSE;
  bs_switch_share_free (self->memory);
  self->memory = share;
  return TRUE;
}

void
bs_wires_set_restarts (BsWires *self, guint restarts)
{
  self->restarts = restarts;
}

void
bs_wires_stop (BsWires *self)
{
  if (self->pid == 0)
    return;
  syscall (SYS_pidfd_send_signal, self->pidfd, SIGKILL, NULL, 0);
  bs_process_wait_fd (self->pidfd, bs_time_now_usec () + KILL_WAIT_USEC);
  json_decref (bs_reap (self->pidfd, TRUE));
  forget_process (self);
}

gboolean
bs_wires_reserve (BsWires *self, BsLink *link, int wanted, GError **error)
{
  guint port = wanted >= 0 ? (guint) wanted : 0;

  if (wanted < 0)
    while (port < self->ports->len && g_ptr_array_index (self->ports, port) != NULL)
      port++;
  if (port >= BS_SWITCH_PORTS_MAX)
    {
      bs_set_error (error, BS_ERROR_EXHAUSTED, NULL, "the switch has no more than %d ports", BS_SWITCH_PORTS_MAX);
      return FALSE;
    }
  if (port >= self->ports->len)
    g_ptr_array_set_size (self->ports, (int) port + 1);
  if (g_ptr_array_index (self->ports, port) != NULL)
    {
      bs_set_error (error, BS_ERROR_EXISTS, NULL, "port %u of the switch is taken", port);
      return FALSE;
    }
  g_ptr_array_index (self->ports, port) = link;
  link->port = (int) port;
  return TRUE;
}

void
bs_wires_connect (BsWires *self, BsLink *link)
{
  connect_port (self, link);
}

void
bs_wires_disconnect (BsWires *self, BsLink *link)
{
  BsSwitchRequest message = { .op = BS_SWITCH_REMOVE_PORT, .port = (guint32) link->port };

  if (self->pid == 0 || link->port < 0)
    return;
  bs_wires_send (self, &message, -1);
  bs_net_disconnected (self->lab->net, link);
}

void
bs_wires_release (BsWires *self, BsLink *link)
{
  if (link->port < 0)
    return;
  bs_wires_disconnect (self, link);
  g_ptr_array_index (self->ports, link->port) = NULL;
  link->port = -1;
}

gboolean
bs_wires_runs (const BsWires *self)
{
  return self->pid != 0;
}

const char *
bs_wires_problem (const BsWires *self)
{
  return self->given_up;
}

guint
bs_wires_n_links (const BsWires *self)
{
  return self->ports->len;
}

BsLink *
bs_wires_link (const BsWires *self, guint port)
{
  return g_ptr_array_index (self->ports, port);
}

const char *
bs_wires_program (const BsWires *self)
{
  return self->program;
}

json_t *
bs_wires_describe (const BsWires *self)
{
  json_t *what = json_pack ("{s:i, s:i}", "pid", (int) self->pid, "restarts", (int) self->restarts);

  if (self->given_up != NULL)
    json_object_set_new (what, "error", json_string (self->given_up));
  return what;
}

const BsSwitchPortCounters *
bs_wires_counters (const BsWires *self, int port)
{
  return self->memory != NULL && port >= 0 ? bs_switch_share_counters (self->memory, (guint) port) : NULL;
}

gboolean
bs_wires_port_state (const BsWires *self, guint port, BsSwitchPortState *state)
{
  return self->memory != NULL && bs_switch_share_state (self->memory, port, state);
}
