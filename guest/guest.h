/* SPDX-License-Identifier: Apache-2.0 */
/* guest.h — the parts of benchscale-guest: one thread, one epoll loop, one session at a time, streams in it
 *
 * Everything is edge-triggered: an event only sets a flag ("may be readable"), and the loop lets the port and each
 * stream do what they can until nobody makes progress. Output is written once per round. The host is not trusted: what
 * it may make us keep is bounded (streams, credit, one buffer of output), and input is not parsed while that buffer has
 * no room for an answer.
 */
#pragma once

#include "bs-archive.h"
#include "bs-guest-wire.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef GUEST_VERSION
#define GUEST_VERSION "0"
#endif

#define GUEST_STREAMS_MAX 64
#define GUEST_IN_SIZE 65536
#define GUEST_OUT_SIZE (512 * 1024)
/* Room that one frame from the host may need for its answer, and that a stream needs to send anything. */
#define GUEST_ANSWER_ROOM (BS_WIRE_HEADER_SIZE + BS_WIRE_PAYLOAD_MAX + 4096)
#define GUEST_MODULES "/etc/benchscale/modules" /* in an initramfs: paths in the order to load them */
#define GUEST_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

typedef struct Session Session;
typedef struct Stream Stream;

/* What a kind of stream does; those absent ignore it. Each may end its stream (guest_end_*), which frees it. */
typedef struct
{
  /* Does what it can without waiting. True when it did something. */
  bool (*pump) (Session *session, Stream *stream);
  void (*data) (Session *session, Stream *stream, const uint8_t *data, size_t length);
  void (*eof) (Session *session, Stream *stream);
  void (*signal) (Session *session, Stream *stream, int number);
  void (*winsize) (Session *session, Stream *stream, uint16_t rows, uint16_t columns);
  void (*exited) (Session *session, Stream *stream, int status);     /* the child of @pid */
  void (*tick) (Session *session, Stream *stream, int64_t now_usec); /* @deadline_usec passed */
  void (*free) (Stream *stream);
} StreamKind;

struct Stream
{
  const StreamKind *kind;
  uint32_t id;
  unsigned slot;
  bool ended;            /* its last frame is queued; freed at the end of the round */
  pid_t pid;             /* 0: no child */
  int64_t deadline_usec; /* when tick is due, 0: never */
  uint32_t credit[3];    /* by channel: what we may still send */
  uint32_t owed;         /* on channel 0: bytes that the host may still send */
  uint32_t consumed;     /* of what it sent, not yet credited again */
  uint8_t ready;         /* by channel: a bit each, may be readable (writable for 0) */
  void *self;            /* of its kind */
};

struct Session
{
  int epoll, port, signals;
  bool is_port; /* a virtio port: a host that goes away may come back */
  bool is_init;
  bool readable, writable, opened, finished;
  int64_t away_usec; /* when to believe that the host left, 0: it is there */
  int64_t hold_usec; /* output need not be written before, so that it goes out in one piece */
  BsWireParser parser;
  uint8_t *in;
  const uint8_t *in_at;
  size_t in_left;
  uint8_t *out;
  size_t out_at, out_end;
  Stream *streams[GUEST_STREAMS_MAX];
  unsigned used;     /* slots below this may be in use */
  const char *power; /* what to do once the answer is out */
};

/* session.c — the state of the channel */
bool guest_session_init (Session *session);
void guest_session_end (Session *session);   /* all streams, all output; then a hunt */
void guest_session_clear (Session *session); /* frees all */
/* Parses @in_at while there is room for answers. True when a frame was taken. */
bool guest_session_parse (Session *session);
/* One round of all streams. True when one did something. */
bool guest_session_pump (Session *session);
void guest_session_tick (Session *session, int64_t now_usec);
int64_t guest_session_deadline (const Session *session); /* 0: none */
void guest_session_reap (Session *session, pid_t pid, int status);

/* send.c — frames to the host */
size_t guest_room (Session *session);
uint8_t *guest_out (Session *session); /* where the next frame is built, guest_room() bytes */
void guest_out_add (Session *session, size_t length);
/* A frame's place is guest_out(); its payload of @length bytes is already after the header. */
void guest_hold (Session *session);
void guest_send_built (Session *session, uint8_t type, uint8_t channel, uint32_t stream, size_t length);
void guest_send (Session *session, uint8_t type, uint8_t channel, uint32_t stream, const void *payload, size_t length);
/* Counts @n bytes from the host as used and gives credit again when it is worth a frame. */
/* Credit beyond what was consumed. */
void guest_grant (Session *session, Stream *stream, uint32_t n);
void guest_consumed (Session *session, Stream *stream, size_t n);
void guest_end_done (Session *session, Stream *stream);
void guest_end_error (Session *session, Stream *stream, const char *code, const char *format, ...)
    __attribute__ ((format (printf, 4, 5)));
void guest_end_archive (Session *session, Stream *stream, const BsArchiveError *error);
void guest_send_hello (Session *session);

/* Requests: each sets stream->kind and more, or ends the stream with an error. */
void guest_exec_start (Session *session, Stream *stream, const uint8_t *payload, size_t length);
void guest_put_start (Session *session, Stream *stream, const uint8_t *payload, size_t length);
void guest_get_start (Session *session, Stream *stream, const uint8_t *payload, size_t length);
void guest_wait_start (Session *session, Stream *stream, const uint8_t *payload, size_t length);
void guest_identity_start (Session *session, Stream *stream, const uint8_t *payload, size_t length);
void guest_power_start (Session *session, Stream *stream, const uint8_t *payload, size_t length);

/* wait.c — tables of /proc, apart for tests */
bool guest_port_listens (unsigned port);
bool guest_process_runs (const char *name);

/* request.c — reading fields */
typedef struct
{
  char **items; /* NULL-terminated */
  size_t count;
} StringList;
/* All fields of @tag, in order. False: not strings, broken payload, or no memory. */
bool guest_strings (const uint8_t *payload, size_t length, uint16_t tag, StringList *list);
void guest_strings_free (StringList *list);
/* NULL when absent (or not a string). */
char *guest_string (const uint8_t *payload, size_t length, uint16_t tag);
bool guest_flag (const uint8_t *payload, size_t length, uint16_t tag);
uint64_t guest_number (const uint8_t *payload, size_t length, uint16_t tag, uint64_t fallback);

/* spawn.c — the only place that makes processes */
typedef struct
{
  char **argv, **env;
  const char *cwd;  /* (nullable): home, else "/" */
  const char *user; /* (nullable) */
  int fds[3];       /* become 0, 1, 2 */
  bool tty;         /* fds[0] becomes the controlling terminal */
} Spawn;
/* Returns the child (leader of its own session and group), or -1 with @code and @text, which does not name the program
 * again. */
pid_t guest_spawn (const Spawn *spawn, const char **code, char *text, size_t text_size);
void guest_kill (pid_t pid, int number); /* the group */

/* net.c, net-flush.c, identity.c, ssh.c, power.c, port.c, boot.c, console.c */
bool guest_net_apply (const uint8_t *interface, size_t length, char *text, size_t text_size);
bool guest_net_up (const char *name);
/* All IPv4 and IPv6 addresses of the interface, and with them its routes. Returns: 0 or an errno. */
int guest_net_flush (int index);
/* Through a temporary name beside it; a link at @path is replaced. */
bool guest_write_file (const char *path, const char *content, size_t length, char *text, size_t text_size);
bool guest_write_file_mode (const char *path, const char *content, size_t length, mode_t mode, char *text,
                            size_t text_size);
bool guest_ssh_apply (uint16_t tag, const char *value, char *text, size_t text_size);
void guest_power_now (Session *session);
/* Opens the port called BS_WIRE_PORT_NAME, waiting for it to appear; never returns a failure. */
int guest_port_open (void);
void guest_boot_mounts (void);
void guest_boot_modules (void);
void guest_boot_rest (void);

/* root.c — when the command line names a disk: mounts it and becomes its init. False: it names none; true: that failed,
 * which was said on the console. */
bool guest_root_start (void);
/* @device: "/dev/NAME" of root=; empty and false without one. */
bool guest_root_parse (const char *cmdline, char *device, size_t size);
/* Blocks that the ext4 of the superblock @super could have on a disk of @disk_bytes; 0: no more than it has. */
#define GUEST_ROOT_SUPER_SIZE 1024
uint64_t guest_root_grown_blocks (const uint8_t *super, uint64_t disk_bytes);

typedef struct
{
  int fd; /* -1: none */
  pid_t pid;
} Console;
void guest_console_init (Console *console, int epoll);
void guest_console_readable (Console *console);
bool guest_console_reap (Console *console, pid_t pid); /* true: it was the shell */

int64_t guest_now_usec (void);
/* Edge-triggered, reported as @slot and @channel. */
enum
{
  GUEST_SLOT_PORT = GUEST_STREAMS_MAX,
  GUEST_SLOT_SIGNALS,
  GUEST_SLOT_CONSOLE,
};
bool guest_watch (Session *session, int fd, uint32_t events, unsigned slot, unsigned channel);

/* probe.c — what `benchscale net verify` runs in two nodes; @argv begins behind "probe". Returns: the exit code */
int guest_probe (int argc, char **argv);
