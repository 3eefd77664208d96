/* SPDX-License-Identifier: Apache-2.0 */
#include "fake-guest.h"
#include "bs-guest-wire.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
write_all (int fd, const void *data, size_t length)
{
  const char *at = data;

  while (length > 0)
    {
      ssize_t n = write (fd, at, length);

      if (n <= 0)
        return false;
      at += n;
      length -= (size_t) n;
    }
  return true;
}

/* With @more behind it, in one piece. */
static void
say_hello (int fd, const uint8_t *nonce, bool with_version, const uint8_t *more, size_t length)
{
  uint8_t bytes[512], *frame = bytes + BS_WIRE_MAGIC_SIZE + BS_WIRE_NONCE_SIZE;
  BsWireBuilder builder;
  size_t n;

  memcpy (bytes, BS_WIRE_MAGIC, BS_WIRE_MAGIC_SIZE);
  memcpy (bytes + BS_WIRE_MAGIC_SIZE, nonce, BS_WIRE_NONCE_SIZE);
  bs_wire_builder_init (&builder, frame, 256);
  if (with_version)
    bs_wire_add32 (&builder, BS_WIRE_TAG_VERSION, 7);
  bs_wire_add_string (&builder, BS_WIRE_TAG_PROGRAM, "fake");
  n = bs_wire_builder_finish (&builder, BS_WIRE_HELLO, 0);
  if (length > 0)
    memcpy (frame + n, more, length);
  write_all (fd, bytes, (size_t) (frame - bytes) + n + length);
}

static void
send_data (int fd, uint32_t stream, size_t bytes)
{
  static uint8_t frame[BS_WIRE_HEADER_SIZE + BS_WIRE_PAYLOAD_MAX];

  while (bytes > 0)
    {
      size_t part = bytes < BS_WIRE_PAYLOAD_MAX ? bytes : BS_WIRE_PAYLOAD_MAX;

      bs_wire_put_header (frame, BS_WIRE_DATA, BS_WIRE_STDOUT, stream, (uint32_t) part);
      if (!write_all (fd, frame, BS_WIRE_HEADER_SIZE + part))
        return;
      bytes -= part;
    }
}

/* Each connection has a process of its own: what they know of each other is in the lab's folder. */
static bool
is_first (const char *mark)
{
  int fd = open (mark, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static void
opened (int fd, const char *script, const uint8_t *nonce)
{
  static const uint8_t rubbish[1000] = { 1, 2, 3 };
  uint8_t header[BS_WIRE_HEADER_SIZE];
  size_t length = sizeof header;

  if (strcmp (script, "silent") == 0)
    return;
  while (strcmp (script, "late") == 0 && access ("say-hello", F_OK) != 0)
    usleep (1000); /* of the test's own making: it looks for a file */
  if (strcmp (script, "garbage") == 0)
    write_all (fd, rubbish, sizeof rubbish);
  if (strcmp (script, "unknown") == 0)
    bs_wire_put_header (header, BS_WIRE_DONE, 0, 77, 0);
  else if (strcmp (script, "header") == 0
           || (strcmp (script, "moody") == 0 && (is_first ("moody-1") || is_first ("moody-2"))))
    memset (header, 0xff, sizeof header);
  else
    length = 0;
  say_hello (fd, nonce, strcmp (script, "hello") != 0, header, length);
}

static void
answer (int fd, const char *script, const BsWireHeader *frame, const uint8_t *body)
{
  uint8_t buffer[BS_WIRE_HEADER_SIZE];

  if (frame->type == BS_WIRE_PING)
    {
      bs_wire_put_header (buffer, BS_WIRE_DONE, 0, frame->stream, frame->length);
      write_all (fd, buffer, sizeof buffer);
      write_all (fd, body, frame->length);
    }
  else if (frame->type == BS_WIRE_CLOSE)
    {
      bs_wire_put_header (buffer, BS_WIRE_ERROR, 0, frame->stream, 0);
      write_all (fd, buffer, sizeof buffer);
    }
  else if (frame->type == BS_WIRE_EXEC && strcmp (script, "overdraw") == 0)
    send_data (fd, frame->stream, BS_WIRE_CREDIT + 1);
  else if (frame->type == BS_WIRE_EXEC)
    send_data (fd, frame->stream, BS_WIRE_CREDIT);
}

int
fake_guest_run (int fd, const char *script)
{
  static uint8_t buffer[65536];
  BsWireParser parser;

  if (!bs_wire_parser_init (&parser))
    return 1;
  bs_wire_parser_hunt (&parser, NULL);
  for (;;)
    {
      ssize_t n = read (fd, buffer, sizeof buffer);
      const uint8_t *at = buffer;
      size_t length = (size_t) n;
      BsWireStep step;

      if (n <= 0)
        break;
      while ((step = bs_wire_parser_feed (&parser, &at, &length)) != BS_WIRE_MORE && step != BS_WIRE_BROKEN)
        if (step == BS_WIRE_OPENED)
          opened (fd, script, parser.nonce);
        else if (step == BS_WIRE_FRAME)
          answer (fd, script, &parser.frame, parser.body);
    }
  bs_wire_parser_clear (&parser);
  return 0;
}
