/* SPDX-License-Identifier: Apache-2.0 */
/* bs-guest-wire.h — the frames between host and benchscale-guest; plain C, no GLib, built into both
 *
 * Carrier: a byte stream (virtio-serial port "org.benchscale.guest.0", or a socket in tests and between a
 * command and the supervisor). All integers are little endian. Neither end trusts the other: a frame that breaks a rule
 * ends the session (BS_WIRE_ERROR), it is never skipped.
 *
 * Opening. The carrier may still hold bytes of an earlier session in both directions (the host was killed inside a
 * frame; the guest was forked inside one). So the host first sends BS_WIRE_PREAMBLE zero bytes, more than any frame:
 * a guest inside a frame is out of it then and reads a header of zeros, type 0, which means "hunt": discard until the
 * 8 bytes of BS_WIRE_MAGIC. The magic is followed by a nonce of 16 random bytes, then by frames. The guest ends
 * everything of its earlier session, sends magic and the same nonce, then its HELLO frame. The host discards all
 * before that exact 24-byte sequence. The host's first frame is HELLO too; the version spoken is the lower of both.
 *
 * Streams. The host opens stream ids from 1 up, each by a request frame (EXEC, PUT, GET, WAIT, IDENTITY, POWER, PING),
 * with stream 0 for HELLO alone. Each stream ends by exactly one EXITED, DONE or ERROR from the guest, after which neither
 * side names it again (frames that the host had already sent for it are ignored). CLOSE from the host asks for that end
 * at once: processes of the stream get SIGKILL, half-written files are removed.
 *
 * Credit. DATA of a stream's channel may be sent only against credit of its receiver: BS_WIRE_CREDIT bytes at the start, more
 * by CREDIT frames (payload: u32 bytes). A sender that overdraws breaks a rule. So nobody buffers more than
 * streams × channels × BS_WIRE_CREDIT bytes.
 *
 * Payload of requests and answers: fields {u16 tag, u16 zero, u32 length, bytes}, in any order, repeated where said;
 * unknown tags are ignored, so that fields can be added without a new version. Strings carry no NUL.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define BS_WIRE_VERSION 1
#define BS_WIRE_PORT_NAME "org.benchscale.guest.0"
#define BS_WIRE_MAGIC "bS\xf5guest" /* 8 bytes, first one not zero */
#define BS_WIRE_MAGIC_SIZE 8
#define BS_WIRE_NONCE_SIZE 16
#define BS_WIRE_HEADER_SIZE 12
#define BS_WIRE_PAYLOAD_MAX 65536
#define BS_WIRE_PREAMBLE (BS_WIRE_PAYLOAD_MAX + 2 * BS_WIRE_HEADER_SIZE)
#define BS_WIRE_CREDIT (256 * 1024)

/* header: u32 payload length, u8 type, u8 channel, u16 zero, u32 stream */
typedef struct
{
  uint32_t length;
  uint8_t type;
  uint8_t channel;
  uint32_t stream;
} BsWireHeader;

enum
{
  BS_WIRE_HUNT = 0,
  BS_WIRE_HELLO = 1,     /* both, stream 0 */
  BS_WIRE_EXEC = 2,      /* host; answered by STARTED, DATA…, EXITED */
  BS_WIRE_PUT = 3,       /* host; copy in: DATA on channel 0 carries the archive, answered by DONE */
  BS_WIRE_GET = 4,       /* host; copy out: DATA on channel 1 carries the archive, then EOF, DONE */
  BS_WIRE_WAIT = 5,      /* host; answered by DONE when true, ERROR "timeout" when not in time */
  BS_WIRE_IDENTITY = 6,  /* host; answered by DONE */
  BS_WIRE_POWER = 7,     /* host; off or reboot; answered by DONE before it happens */
  BS_WIRE_PING = 8,      /* host; answered by DONE with the same payload */
  BS_WIRE_DATA = 16,     /* both; bytes of one channel */
  BS_WIRE_EOF = 17,      /* both; no more DATA on this channel */
  BS_WIRE_CREDIT_MORE = 18, /* both; u32 */
  BS_WIRE_SIGNAL = 19,   /* host; u32 signal number (Linux x86), to the process group */
  BS_WIRE_WINSIZE = 20,  /* host; u16 rows, u16 columns */
  BS_WIRE_CLOSE = 21,    /* host */
  BS_WIRE_STARTED = 32,  /* guest; field PID */
  BS_WIRE_EXITED = 33,   /* guest; fields EXIT_CODE or EXIT_SIGNAL, TIMED_OUT; after all DATA and EOF */
  BS_WIRE_DONE = 34,     /* guest */
  BS_WIRE_ERROR = 35,    /* guest; fields CODE (a name of bs_error_code_name), TEXT */
};

enum
{
  BS_WIRE_STDIN = 0,
  BS_WIRE_STDOUT = 1,
  BS_WIRE_STDERR = 2,
};

/* A parser of a byte stream into frames. Feed it; it never allocates more than one payload. */
typedef struct
{
  uint8_t header[BS_WIRE_HEADER_SIZE];
  size_t have;          /* bytes of header or payload so far */
  BsWireHeader frame;
  uint8_t *payload;     /* BS_WIRE_PAYLOAD_MAX bytes, owned */
  int state;            /* private */
  uint8_t match[BS_WIRE_MAGIC_SIZE + BS_WIRE_NONCE_SIZE]; /* what a hunt looks for and has seen */
} BsWireParser;
