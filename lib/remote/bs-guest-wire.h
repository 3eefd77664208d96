/* SPDX-License-Identifier: Apache-2.0 */
/* bs-guest-wire.h — the frames between host and benchscale-guest; plain C, no GLib, built into both
 *
 * Carrier: a byte stream (virtio-serial port "org.benchscale.guest.0", or a socket in tests and between a
 * command and the supervisor). All integers are little endian. Neither end trusts the other: a frame that breaks a rule
 * ends the session (BS_WIRE_BROKEN), it is never skipped.
 *
 * Opening. The carrier may still hold bytes of an earlier session in both directions (the host was killed inside a
 * frame; the guest was forked inside one). So the host first sends BS_WIRE_PREAMBLE zero bytes, more than any frame:
 * a guest inside a frame is out of it then and reads a header of zeros, type 0, which means "hunt": discard until the
 * 8 bytes of BS_WIRE_MAGIC. The magic is followed by a nonce of 16 random bytes, then by frames. The guest ends
 * everything of its earlier session, sends magic and the same nonce, then its HELLO frame. The host discards all
 * before that exact 24-byte sequence. The host's first frame is HELLO too; the version spoken is the lower of both.
 *
 * Streams. The host opens stream ids from 1 up, each by a request frame (EXEC, PUT, GET, WAIT, IDENTITY, POWER, PING),
 * with stream 0 for HELLO alone. Each stream ends by exactly one EXITED, DONE or ERROR from the guest, after which
 * neither side names it again (frames that the host had already sent for it are ignored). CLOSE from the host asks for
 * that end at once: processes of the stream get SIGKILL, half-written files are removed.
 *
 * Credit. DATA of a stream's channel may be sent only against credit of its receiver: BS_WIRE_CREDIT bytes at the
 * start, more by CREDIT frames (payload: u32 bytes). A sender that overdraws breaks a rule. So nobody buffers more than
 * streams × channels × BS_WIRE_CREDIT bytes.
 *
 * Payload of requests and answers: fields {u16 tag, u16 zero, u32 length, bytes}, in any order, repeated where said;
 * unknown tags are ignored, so that fields can be added without a new version. Strings carry no NUL and have no
 * terminator. A guest to which the host breaks a rule ends every stream, sends ERROR "protocol" on stream 0 and hunts
 * for a new opening.
 */
#pragma once

#include <stdbool.h>
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
#define BS_WIRE_CREDIT_MAX (4 * 1024 * 1024) /* nobody may be granted more than this at a time */

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
  BS_WIRE_HELLO = 1,        /* both, stream 0 */
  BS_WIRE_EXEC = 2,         /* host; answered by STARTED, DATA…, EXITED */
  BS_WIRE_PUT = 3,          /* host; copy in: DATA on channel 0 carries the archive, answered by DONE */
  BS_WIRE_GET = 4,          /* host; copy out: DATA on channel 1 carries the archive, then EOF, DONE */
  BS_WIRE_WAIT = 5,         /* host; answered by DONE when true, ERROR "timeout" when not in time */
  BS_WIRE_IDENTITY = 6,     /* host; answered by DONE */
  BS_WIRE_POWER = 7,        /* host; off or reboot; answered by DONE before it happens */
  BS_WIRE_PING = 8,         /* host; answered by DONE with the same payload */
  BS_WIRE_DATA = 16,        /* both; bytes of one channel */
  BS_WIRE_EOF = 17,         /* both; no more DATA on this channel */
  BS_WIRE_CREDIT_MORE = 18, /* both; u32 */
  BS_WIRE_SIGNAL = 19,      /* host; u32 signal number (Linux x86), to the process group */
  BS_WIRE_WINSIZE = 20,     /* host; u16 rows, u16 columns */
  BS_WIRE_CLOSE = 21,       /* host */
  BS_WIRE_STARTED = 32,     /* guest; field PID */
  BS_WIRE_EXITED = 33,      /* guest; fields EXIT_CODE or EXIT_SIGNAL, TIMED_OUT; after all DATA and EOF */
  BS_WIRE_DONE = 34,        /* guest */
  BS_WIRE_ERROR = 35,       /* guest; fields CODE (a name of bs_error_code_name), TEXT */
};

enum
{
  BS_WIRE_STDIN = 0,
  BS_WIRE_STDOUT = 1,
  BS_WIRE_STDERR = 2,
};

/* Tags of fields. Integers are little endian of exactly the size said; a flag is set by its presence, its bytes are
 * ignored. */
enum
{
  /* HELLO, both ways */
  BS_WIRE_TAG_VERSION = 1,  /* u32: highest version that the sender speaks; required */
  BS_WIRE_TAG_PROGRAM = 2,  /* string: version of the sender's program */
  BS_WIRE_TAG_KERNEL = 3,   /* string, guest: kernel release */
  BS_WIRE_TAG_BOOT_ID = 4,  /* string, guest: /proc/sys/kernel/random/boot_id */
  BS_WIRE_TAG_HOSTNAME = 5, /* string, guest; also in IDENTITY: the new one */

  /* EXEC */
  BS_WIRE_TAG_ARGV = 16,         /* string, repeated in order, at least one */
  BS_WIRE_TAG_ENV = 17,          /* string "NAME=value", repeated: added to the guest's own, or in its place */
  BS_WIRE_TAG_CWD = 18,          /* string; the user's home, or "/", without it */
  BS_WIRE_TAG_USER = 19,         /* string: name in the guest's /etc/passwd; the guest program's own user without it */
  BS_WIRE_TAG_TTY = 20,          /* flag: a terminal as stdin, stdout and stderr; its output comes on STDOUT */
  BS_WIRE_TAG_ROWS = 21,         /* u16, with TTY; 24 without it */
  BS_WIRE_TAG_COLUMNS = 22,      /* u16, with TTY; 80 without it */
  BS_WIRE_TAG_TERM = 23,         /* string, with TTY: the variable TERM */
  BS_WIRE_TAG_TIMEOUT_USEC = 24, /* u64, EXEC and WAIT: from the request's arrival; none without it */
  BS_WIRE_TAG_NO_STDIN = 25,     /* flag: stdin is at its end from the start; DATA and EOF on STDIN are ignored */

  /* PUT and GET */
  BS_WIRE_TAG_PATH = 32, /* string: PUT: destination; GET: source */
  BS_WIRE_TAG_NAME = 33, /* string, PUT: the name below PATH when that is an existing folder or ends in "/" */

  /* WAIT */
  BS_WIRE_TAG_KIND = 40,     /* string: "port", "file", "process" or "command" */
  BS_WIRE_TAG_ARGUMENT = 41, /* string: port number, path or name; for "command" repeated: its argv */

  /* IDENTITY, with HOSTNAME above */
  BS_WIRE_TAG_HOSTS = 48,           /* string: whole new /etc/hosts */
  BS_WIRE_TAG_MACHINE_ID = 49,      /* string: 32 hex digits */
  BS_WIRE_TAG_ENTROPY = 50,         /* bytes, up to BS_WIRE_ENTROPY_MAX */
  BS_WIRE_TAG_CLOCK_USEC = 51,      /* u64: real time since 1970 */
  BS_WIRE_TAG_INTERFACE = 52,       /* fields, repeated: MAC, NEW_MAC, IFNAME, MTU, ADDRESS, GATEWAY, DOWN */
  BS_WIRE_TAG_MAC = 53,             /* string "52:54:00:12:34:56": finds the interface; required */
  BS_WIRE_TAG_IFNAME = 54,          /* string: its new name */
  BS_WIRE_TAG_MTU = 55,             /* u32 */
  BS_WIRE_TAG_ADDRESS = 56,         /* string, repeated: "10.0.0.2/24", "fd00::2/64"; all that it had are removed */
  BS_WIRE_TAG_NEW_MAC = 57,         /* string: what MAC becomes; an interface that has it already is found by it too */
  BS_WIRE_TAG_GATEWAY = 58,         /* string: an IPv4 address that the default route leads to */
  BS_WIRE_TAG_HOST_KEY = 59,        /* string: OpenSSH ed25519 private key; keys of other kinds are removed */
  BS_WIRE_TAG_HOST_KEY_PUBLIC = 60, /* string: its public half */
  BS_WIRE_TAG_AUTHORIZED_KEY = 61,  /* string: a line that root's authorized_keys shall have */
  BS_WIRE_TAG_NAMESERVER = 62,      /* string: the only one in /etc/resolv.conf; empty: none */
  BS_WIRE_TAG_DOWN = 63,            /* flag, in INTERFACE: it stays down */

  /* POWER */
  BS_WIRE_TAG_ACTION = 64, /* string: "off" or "reboot" */

  /* answers */
  BS_WIRE_TAG_PID = 80,         /* u32, STARTED */
  BS_WIRE_TAG_EXIT_CODE = 81,   /* u32, EXITED: 0 to 255 */
  BS_WIRE_TAG_EXIT_SIGNAL = 82, /* u32, EXITED in place of EXIT_CODE: killed by it */
  BS_WIRE_TAG_TIMED_OUT = 83,   /* flag, EXITED: ended by TIMEOUT_USEC */
  BS_WIRE_TAG_CODE = 84,        /* string, ERROR: a name of bs_error_code_name() */
  BS_WIRE_TAG_TEXT = 85,        /* string, ERROR: what failed, in words */
};

#define BS_WIRE_ENTROPY_MAX 512

/* Little endian, unaligned. */
void bs_wire_put16 (uint8_t *at, uint16_t value);
void bs_wire_put32 (uint8_t *at, uint32_t value);
void bs_wire_put64 (uint8_t *at, uint64_t value);
uint16_t bs_wire_get16 (const uint8_t *at);
uint32_t bs_wire_get32 (const uint8_t *at);
uint64_t bs_wire_get64 (const uint8_t *at);

/* Header as BS_WIRE_HEADER_SIZE bytes, and back: false when it breaks a rule (too long, reserved bytes not zero). */
void bs_wire_put_header (uint8_t *out, uint8_t type, uint8_t channel, uint32_t stream, uint32_t length);
bool bs_wire_get_header (const uint8_t *in, BsWireHeader *header);

/* A whole frame of header and u32 payload (CREDIT_MORE, SIGNAL), or u16 and u16 (WINSIZE). Returns its size. */
#define BS_WIRE_SMALL_FRAME (BS_WIRE_HEADER_SIZE + 4)
size_t bs_wire_put_frame32 (uint8_t *out, uint8_t type, uint8_t channel, uint32_t stream, uint32_t value);
size_t bs_wire_put_winsize (uint8_t *out, uint32_t stream, uint16_t rows, uint16_t columns);

/* What the host sends to open: BS_WIRE_PREAMBLE zeros, magic, nonce. What the guest answers is the last OPENING_ANSWER
 * bytes. */
#define BS_WIRE_OPENING_ANSWER (BS_WIRE_MAGIC_SIZE + BS_WIRE_NONCE_SIZE)
#define BS_WIRE_OPENING (BS_WIRE_PREAMBLE + BS_WIRE_OPENING_ANSWER)
void bs_wire_put_opening (uint8_t *out, const uint8_t *nonce);

/* Builds one frame of fields into the caller's buffer; what does not fit sets @overflow and is left out. */
typedef struct
{
  uint8_t *data;
  size_t length, capacity;
  bool overflow;
} BsWireBuilder;

/* @capacity counts the header too; it is cut to that of the longest frame. Without a header:
 * bs_wire_builder_init_nested(). */
void bs_wire_builder_init (BsWireBuilder *self, void *buffer, size_t capacity);
void bs_wire_builder_init_nested (BsWireBuilder *self, void *buffer, size_t capacity);
void bs_wire_add (BsWireBuilder *self, uint16_t tag, const void *data, size_t length);
void bs_wire_add_string (BsWireBuilder *self, uint16_t tag, const char *text); /* NULL: nothing */
void bs_wire_add_flag (BsWireBuilder *self, uint16_t tag);
void bs_wire_add16 (BsWireBuilder *self, uint16_t tag, uint16_t value);
void bs_wire_add32 (BsWireBuilder *self, uint16_t tag, uint32_t value);
void bs_wire_add64 (BsWireBuilder *self, uint16_t tag, uint64_t value);
/* Writes the header. Returns the frame's size, or 0 when it overflowed. */
size_t bs_wire_builder_finish (BsWireBuilder *self, uint8_t type, uint32_t stream);

typedef struct
{
  uint16_t tag;
  uint32_t length;
  const uint8_t *data; /* inside the payload */
} BsWireField;

/* Walks the fields of a payload. After the last next() that returned false, @broken tells whether the payload broke a
 * rule. */
typedef struct
{
  const uint8_t *at, *end;
  bool broken;
} BsWireFields;

void bs_wire_fields_init (BsWireFields *self, const void *payload, size_t length);
bool bs_wire_fields_next (BsWireFields *self, BsWireField *field);
/* The first field of @tag in a whole payload; false when absent or the payload is broken. */
bool bs_wire_fields_find (const void *payload, size_t length, uint16_t tag, BsWireField *field);

/* The field's value; false, and @value untouched, when the size is another one. */
bool bs_wire_field16 (const BsWireField *field, uint16_t *value);
bool bs_wire_field32 (const BsWireField *field, uint32_t *value);
bool bs_wire_field64 (const BsWireField *field, uint64_t *value);
/* A copy by malloc() with a terminator; NULL when it holds a NUL (or no memory). */
char *bs_wire_field_string (const BsWireField *field);

/* A parser of a byte stream into frames, without I/O. It holds at most one payload.
 *
 * States: HUNT (discards until what it looks for), NONCE (guest: takes the nonce after the magic), HEADER, PAYLOAD,
 * FAILED (a rule was broken; only bs_wire_parser_hunt() leads out). A payload that lies whole in what was fed is not
 * copied: @body points to it there.
 */
typedef enum
{
  BS_WIRE_MORE,   /* all was taken, no frame is complete */
  BS_WIRE_OPENED, /* the hunt ended; @nonce is set; frames follow */
  BS_WIRE_FRAME,  /* @frame and @body are set, until the next call */
  BS_WIRE_REOPEN, /* a frame of type BS_WIRE_HUNT came: the parser hunts by itself for the magic */
  BS_WIRE_BROKEN, /* a rule was broken */
} BsWireStep;

typedef struct
{
  BsWireHeader frame;
  const uint8_t *body;               /* the payload of @frame, @frame.length bytes */
  uint8_t nonce[BS_WIRE_NONCE_SIZE]; /* of the session */

  /* private */
  int state;
  size_t have;      /* bytes of what the state collects */
  uint8_t *payload; /* BS_WIRE_PAYLOAD_MAX bytes, owned */
  uint8_t header[BS_WIRE_HEADER_SIZE];
  uint8_t match[BS_WIRE_OPENING_ANSWER];
  size_t match_length;
} BsWireParser;

/* Expects frames at once (session already open). False: no memory. */
bool bs_wire_parser_init (BsWireParser *self);
void bs_wire_parser_clear (BsWireParser *self);
/* Forgets everything and hunts: with @nonce (host) for magic and that nonce, with NULL (guest) for the magic, whose
 * nonce it then takes. */
void bs_wire_parser_hunt (BsWireParser *self, const uint8_t *nonce);
/* Takes bytes from *@at, moves *@at and *@length past what it took. Call again until BS_WIRE_MORE; *@length is 0 then.
 */
BsWireStep bs_wire_parser_feed (BsWireParser *self, const uint8_t **at, size_t *length);
/* Inside a payload: how many bytes it still wants and where they may be read to without a copy (0: feed instead); after
 * a read of n bytes there call bs_wire_parser_filled(), and then feed (with nothing, perhaps). */
size_t bs_wire_parser_space (BsWireParser *self, uint8_t **at);
void bs_wire_parser_filled (BsWireParser *self, size_t n);
