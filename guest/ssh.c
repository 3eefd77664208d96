/* SPDX-License-Identifier: Apache-2.0 */
/* ssh.c — IDENTITY: by which keys this machine is known, and who may log in
 *
 * sshd executes itself anew for each connection and reads its keys then, so a running one serves the new key at once.
 */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "/etc/ssh"
#define KEY FOLDER "/ssh_host_ed25519_key"
#define AUTHORIZED "/root/.ssh/authorized_keys"
#define AUTHORIZED_MAX (1024 * 1024)

/* Those of the template are everybody's. */
static void
remove_other_keys (void)
{
  static const char *const kinds[] = { "rsa", "ecdsa", "dsa" };
  char path[128];

  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    {
      snprintf (path, sizeof path, FOLDER "/ssh_host_%s_key", kinds[i]);
      unlink (path);
      snprintf (path, sizeof path, FOLDER "/ssh_host_%s_key.pub", kinds[i]);
      unlink (path);
    }
}

static bool
has_line (const char *content, const char *line)
{
  size_t length = strlen (line);

  for (const char *at = content; at != NULL && (at = strstr (at, line)) != NULL; at += length)
    if ((at == content || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\0'))
      return true;
  return false;
}

/* The file's content with room for @more bytes; empty when there is none. NULL: no memory. */
static char *
read_authorized (size_t more)
{
  int fd = open (AUTHORIZED, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat st = { 0 };
  size_t size = 0;
  char *content;
  ssize_t n = 0;

  if (fd >= 0 && fstat (fd, &st) == 0 && S_ISREG (st.st_mode) && st.st_size <= AUTHORIZED_MAX)
    size = (size_t) st.st_size;
  content = malloc (size + more);
  if (content != NULL)
    {
      if (size > 0)
        n = read (fd, content, size);
      content[n > 0 ? n : 0] = '\0';
    }
  if (fd >= 0)
    close (fd);
  return content;
}

static bool
authorize (const char *key, char *text, size_t text_size)
{
  size_t length = strcspn (key, "\n");
  char *line = strndup (key, length), *content = read_authorized (length + 3);
  bool ok = false;

  if (line == NULL || content == NULL)
    snprintf (text, text_size, "no memory for the authorized keys");
  else if (has_line (content, line))
    ok = true;
  else
    {
      size_t have = strlen (content);

      if (have > 0 && content[have - 1] != '\n')
        content[have++] = '\n';
      memcpy (content + have, line, length);
      memcpy (content + have + length, "\n", 2);
      mkdir ("/root/.ssh", 0700);
      ok = guest_write_file_mode (AUTHORIZED, content, have + length + 1, 0600, text, text_size);
    }
  free (line);
  free (content);
  return ok;
}

bool
guest_ssh_apply (uint16_t tag, const char *value, char *text, size_t text_size)
{
  struct stat st;

  /* No SSH server, nothing to be known by. */
  if (stat (FOLDER, &st) != 0 || !S_ISDIR (st.st_mode))
    return true;
  if (tag == BS_WIRE_TAG_HOST_KEY)
    {
      remove_other_keys ();
      return guest_write_file_mode (KEY, value, strlen (value), 0600, text, text_size);
    }
  if (tag == BS_WIRE_TAG_HOST_KEY_PUBLIC)
    return guest_write_file (KEY ".pub", value, strlen (value), text, text_size);
  if (tag == BS_WIRE_TAG_AUTHORIZED_KEY)
    return authorize (value, text, text_size);
  return true;
}
