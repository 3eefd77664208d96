/* SPDX-License-Identifier: Apache-2.0 */
/* identity.c — IDENTITY: what makes this machine another one than the template it came from */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <linux/random.h>

#ifndef RNDRESEEDCRNG
#define RNDRESEEDCRNG _IO ('R', 0x07)
#endif

static bool
complain (const char *what, char *text, size_t text_size)
{
  snprintf (text, text_size, "%s: %s", what, strerror (errno));
  return false;
}

bool
guest_write_file_mode (const char *path, const char *content, size_t length, mode_t mode, char *text, size_t text_size)
{
  char temporary[PATH_MAX], what[256];
  int fd;
  bool ok;

  snprintf (temporary, sizeof temporary, "%s.bs-tmp", path);
  unlink (temporary);
  fd = open (temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
  ok = fd >= 0 && write (fd, content, length) == (ssize_t) length && fchmod (fd, mode) == 0;
  if (fd >= 0)
    close (fd);
  if (ok && rename (temporary, path) == 0)
    return true;
  snprintf (what, sizeof what, "cannot write '%.200s'", path);
  complain (what, text, text_size);
  unlink (temporary);
  return false;
}

bool
guest_write_file (const char *path, const char *content, size_t length, char *text, size_t text_size)
{
  return guest_write_file_mode (path, content, length, 0644, text, text_size);
}

static bool
write_line (const char *path, const char *line, char *text, size_t text_size)
{
  char content[256];
  int n = snprintf (content, sizeof content, "%.200s\n", line);

  return guest_write_file (path, content, (size_t) n, text, text_size);
}

static bool
apply_hostname (const char *name, char *text, size_t text_size)
{
  if (sethostname (name, strlen (name)) != 0)
    return complain ("cannot set the host name", text, text_size);
  return write_line ("/etc/hostname", name, text, text_size);
}

static bool
apply_machine_id (const char *id, char *text, size_t text_size)
{
  if (strlen (id) != 32 || strspn (id, "0123456789abcdef") != 32)
    {
      snprintf (text, text_size, "'%.64s' is no machine id", id);
      return false;
    }
  return write_line ("/etc/machine-id", id, text, text_size);
}

/* Credits the bytes, then makes the kernel's generator take them now and not at its next interval. */
static bool
apply_entropy (const BsWireField *field, char *text, size_t text_size)
{
  int pool[2 + BS_WIRE_ENTROPY_MAX / sizeof (int)]; /* struct rand_pool_info: bits, bytes, the bytes */
  int fd;
  bool ok;

  if (field->length > BS_WIRE_ENTROPY_MAX)
    {
      snprintf (text, text_size, "more than %d bytes of entropy", BS_WIRE_ENTROPY_MAX);
      return false;
    }
  pool[0] = (int) field->length * 8;
  pool[1] = (int) field->length;
  memcpy (pool + 2, field->data, field->length);
  fd = open ("/dev/urandom", O_RDWR | O_CLOEXEC);
  ok = fd >= 0 && ioctl (fd, RNDADDENTROPY, pool) == 0
       && (ioctl (fd, RNDRESEEDCRNG) == 0 || errno == EINVAL || errno == ENODATA);
  if (!ok)
    complain ("cannot seed the random generator", text, text_size);
  if (fd >= 0)
    close (fd);
  return ok;
}

static bool
apply_clock (uint64_t usec, char *text, size_t text_size)
{
  struct timespec now = { .tv_sec = (time_t) (usec / 1000000), .tv_nsec = (long) (usec % 1000000) * 1000 };

  return clock_settime (CLOCK_REALTIME, &now) == 0 || complain ("cannot set the clock", text, text_size);
}

/* The file may be a link to a resolver's own, which would write it again. */
static bool
apply_nameserver (const char *address, char *text, size_t text_size)
{
  char line[128] = "";

  if (strspn (address, "0123456789abcdef.:") != strlen (address) || strlen (address) > 64)
    {
      snprintf (text, text_size, "'%.64s' is no address of a name server", address);
      return false;
    }
  if (address[0] != '\0')
    snprintf (line, sizeof line, "nameserver %s\n", address);
  return guest_write_file ("/etc/resolv.conf", line, strlen (line), text, text_size);
}

/* @since_usec: when the request came; the clock it brings is of then. */
static bool
apply_field (const BsWireField *field, int64_t since_usec, char *text, size_t text_size)
{
  uint64_t usec;
  char *value = NULL;
  bool ok = true;

  if (field->tag == BS_WIRE_TAG_ENTROPY)
    return apply_entropy (field, text, text_size);
  if (field->tag == BS_WIRE_TAG_INTERFACE)
    return guest_net_apply (field->data, field->length, text, text_size);
  if (field->tag == BS_WIRE_TAG_CLOCK_USEC)
    return bs_wire_field64 (field, &usec)
           && apply_clock (usec + (uint64_t) (guest_now_usec () - since_usec), text, text_size);
  value = bs_wire_field_string (field);
  if (value == NULL)
    {
      snprintf (text, text_size, "a field of the identity is no string");
      return false;
    }
  if (field->tag == BS_WIRE_TAG_HOSTNAME)
    ok = apply_hostname (value, text, text_size);
  else if (field->tag == BS_WIRE_TAG_HOSTS)
    ok = guest_write_file ("/etc/hosts", value, strlen (value), text, text_size);
  else if (field->tag == BS_WIRE_TAG_MACHINE_ID)
    ok = apply_machine_id (value, text, text_size);
  else if (field->tag == BS_WIRE_TAG_NAMESERVER)
    ok = apply_nameserver (value, text, text_size);
  else
    ok = guest_ssh_apply (field->tag, value, text, text_size);
  free (value);
  return ok;
}

void
guest_identity_start (Session *session, Stream *stream, const uint8_t *payload, size_t length)
{
  char text[512] = "the identity is malformed";
  int64_t since_usec = guest_now_usec ();
  BsWireFields fields;
  BsWireField field;

  bs_wire_fields_init (&fields, payload, length);
  while (bs_wire_fields_next (&fields, &field))
    if (!apply_field (&field, since_usec, text, sizeof text))
      {
        guest_end_error (session, stream, "failed", "%s", text);
        return;
      }
  if (fields.broken)
    {
      guest_end_error (session, stream, "invalid", "the identity is malformed");
      return;
    }
  guest_end_done (session, stream);
}
