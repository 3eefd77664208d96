/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
#include "bs-fd.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define PATIENCE (20 * BS_USEC_PER_SEC)
#define ABOVE_CHILD 10 /* so that placing 3 and 4 in the child overwrites nothing */

static int
move_up (int fd)
{
  int moved = fcntl (fd, F_DUPFD_CLOEXEC, ABOVE_CHILD);

  g_assert_cmpint (moved, >=, 0);
  close (fd);
  return moved;
}

static pid_t
spawn (int control, int memory)
{
  pid_t pid = fork ();

  g_assert_cmpint (pid, >=, 0);
  if (pid > 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  dup2 (control, BS_SWITCH_CONTROL_FD);
  dup2 (memory, BS_SWITCH_MEMORY_FD);
  execl (SWITCH_PROGRAM, SWITCH_PROGRAM, "benchscale:test:switch:0:switch", NULL);
  _exit (127);
}

void
fixture_start (Fixture *self, int memory_fd)
{
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), ==, 0);
  ends[1] = move_up (ends[1]);
  if (memory_fd < 0)
    memory_fd = move_up (memfd_create ("counters", MFD_CLOEXEC));
  *self = (Fixture){ .control = ends[0], .memory_fd = memory_fd };
  self->pid = spawn (ends[1], memory_fd);
  close (ends[1]);
  fixture_ping (self);
  self->memory = mmap (NULL, sizeof *self->memory, PROT_READ, MAP_SHARED, memory_fd, 0);
  g_assert_true (self->memory != MAP_FAILED);
}

void
fixture_kill (Fixture *self)
{
  int status;

  g_assert_cmpint (kill (self->pid, SIGKILL), ==, 0);
  g_assert_cmpint (waitpid (self->pid, &status, 0), ==, self->pid);
  g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL); /* it was alive until now */
  self->pid = 0;
}

void
fixture_clear (Fixture *self)
{
  if (self->pid > 0)
    fixture_kill (self);
  munmap (self->memory, sizeof *self->memory);
  bs_fd_clear (&self->control);
  bs_fd_clear (&self->memory_fd);
}

int
fixture_ask_raw (Fixture *self, const void *data, gsize length, const int *fds, guint n_fds, guint32 serial)
{
  g_autoptr (GError) error = NULL;
  BsSwitchReply reply;

  bs_socket_send (self->control, data, length, fds, n_fds, &error);
  g_assert_no_error (error);
  g_assert_cmpint (bs_socket_wait (self->control, POLLIN, bs_time_now_usec () + PATIENCE), ==, POLLIN);
  g_assert_cmpint (bs_socket_receive (self->control, &reply, sizeof reply, NULL, NULL, &error), ==, sizeof reply);
  g_assert_no_error (error);
  g_assert_cmpuint (reply.version, ==, BS_SWITCH_VERSION);
  g_assert_cmpuint (reply.size, ==, sizeof reply);
  g_assert_cmpuint (reply.serial, ==, serial);
  return reply.result;
}

int
fixture_ask (Fixture *self, BsSwitchRequest *request, int fd)
{
  request->version = BS_SWITCH_VERSION;
  request->size = sizeof *request;
  request->serial = ++self->serial;
  return fixture_ask_raw (self, request, sizeof *request, &fd, fd >= 0 ? 1 : 0, request->serial);
}

BsSwitchRequest
fixture_add_request (guint port, guint network, const char *mac)
{
  BsSwitchRequest request
      = { .op = BS_SWITCH_ADD_PORT, .port = port, .add = { .network = network, .kind = BS_SWITCH_PORT_DGRAM } };

  if (mac != NULL)
    parse_mac (mac, request.add.mac);
  return request;
}

int
fixture_add (Fixture *self, guint port, guint network, const char *mac)
{
  BsSwitchRequest request = fixture_add_request (port, network, mac);
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_assert_cmpint (fixture_ask (self, &request, ends[1]), ==, 0);
  close (ends[1]);
  return ends[0];
}

int
fixture_remove (Fixture *self, guint port)
{
  BsSwitchRequest request = { .op = BS_SWITCH_REMOVE_PORT, .port = port };

  return fixture_ask (self, &request, -1);
}

void
fixture_ping (Fixture *self)
{
  BsSwitchRequest request = { .op = BS_SWITCH_PING };

  g_assert_cmpint (fixture_ask (self, &request, -1), ==, 0);
}

guint64
fixture_drops (Fixture *self, guint port, BsSwitchDrop cause)
{
  return __atomic_load_n (&self->memory->ports[port].drops[cause], __ATOMIC_RELAXED);
}

void
parse_mac (const char *text, guint8 mac[6])
{
  g_assert_cmpint (sscanf (text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]),
                   ==, 6);
}

gsize
frame_make (guint8 *frame, const char *to, const char *from, const char *text)
{
  parse_mac (to, frame);
  parse_mac (from, frame + 6);
  frame[12] = 0x88;
  frame[13] = 0xb5;
  strcpy ((char *) frame + 14, text);
  return 14 + strlen (text);
}

void
send_bytes (int machine, const void *data, gsize length)
{
  g_assert_cmpint (send (machine, data, length, MSG_NOSIGNAL), ==, length);
}

void
send_frame (int machine, const char *to, const char *from, const char *text)
{
  guint8 frame[256];

  send_bytes (machine, frame, frame_make (frame, to, from, text));
}

gsize
receive_bytes (int machine, guint8 *frame)
{
  gssize n;

  g_assert_cmpint (bs_socket_wait (machine, POLLIN, bs_time_now_usec () + PATIENCE), ==, POLLIN);
  n = recv (machine, frame, FRAME_ROOM, MSG_DONTWAIT);
  g_assert_cmpint (n, >=, 0);
  return (gsize) n;
}

void
assert_frame (int machine, const char *text)
{
  guint8 frame[FRAME_ROOM + 1];
  gsize length = receive_bytes (machine, frame);

  g_assert_cmpuint (length, >=, 14);
  frame[length] = '\0';
  g_assert_cmpstr ((char *) frame + 14, ==, text);
}

void
assert_silent (int machine)
{
  guint8 frame[64];

  g_assert_cmpint (recv (machine, frame, sizeof frame, MSG_DONTWAIT), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
}
