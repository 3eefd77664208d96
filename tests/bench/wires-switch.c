/* SPDX-License-Identifier: Apache-2.0 */
#include "wires-switch.h"

#include "wires-net.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

pid_t
spawn_with (const char *program, const char *const *argv, int third, int fourth)
{
  pid_t pid = fork_child ();

  if (pid > 0)
    return pid;
  third = fcntl (third, F_DUPFD, 10);
  fourth = fcntl (fourth, F_DUPFD, 10);
  dup2 (third, 3);
  dup2 (fourth, 4);
  execv (program, (char *const *) argv);
  _exit (127);
}

pid_t
switch_start (int *control)
{
  static const char *const argv[] = { "benchscale-switch", "bench-wires", NULL };
  int ends[2], memory = memfd_create ("counters", MFD_CLOEXEC);
  pid_t pid;

  if (memory < 0 || socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    die ("cannot start the switch");
  pid = spawn_with (switch_path, argv, ends[1], memory);
  close (ends[1]);
  close (memory);
  *control = ends[0];
  return pid;
}

const BsSwitchMemory *
switch_memory (pid_t pid)
{
  char path[64];
  const BsSwitchMemory *memory;
  int fd;

  snprintf (path, sizeof path, "/proc/%d/fd/%d", pid, BS_SWITCH_MEMORY_FD);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  memory = mmap (NULL, sizeof *memory, PROT_READ, MAP_SHARED, fd, 0);
  if (memory == MAP_FAILED)
    die (path);
  close (fd);
  return memory;
}

void
switch_ask (int control, BsSwitchRequest *request, int fd)
{
  BsSwitchReply reply;
  union
  {
    char bytes[CMSG_SPACE (sizeof (int))];
    struct cmsghdr align;
  } room = { 0 };
  struct iovec part = { request, sizeof *request };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

  request->version = BS_SWITCH_VERSION;
  request->size = sizeof *request;
  if (fd >= 0)
    {
      message.msg_control = &room;
      message.msg_controllen = sizeof room;
      room.align
          = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN (sizeof fd) };
      memcpy (CMSG_DATA (&room.align), &fd, sizeof fd);
    }
  if (sendmsg (control, &message, 0) < 0 || recv (control, &reply, sizeof reply, 0) != sizeof reply)
    die ("the switch does not answer");
  errno = reply.result;
  if (reply.result != 0)
    die ("the switch refuses");
}

void
switch_add (int control, uint32_t port, uint32_t network, BsSwitchPortKind kind, uint32_t offload, int fd)
{
  BsSwitchRequest request
      = { .op = BS_SWITCH_ADD_PORT, .port = port, .add = { .network = network, .kind = kind, .offload = offload } };

  if (kind != BS_SWITCH_PORT_TAP)
    memcpy (request.add.mac, (uint8_t[]){ 2, 0, 0, 0, (uint8_t) (port >> 8), (uint8_t) port }, 6);
  switch_ask (control, &request, fd);
}
