/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-tail.h"
#include "bs-fd.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static char *
read_end (int dir, const char *path, gsize bytes, gsize *length)
{
  bs_autofd int fd = openat (dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);
  g_autofree char *data = NULL;
  struct stat st;
  off_t start;
  char *newline;
  gssize n;

  *length = 0;
  if (fd < 0 || fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    return NULL;
  start = MAX (st.st_size - (off_t) bytes, 0);
  data = g_malloc (bytes);
  n = pread (fd, data, bytes, start);
  if (n <= 0)
    return NULL;
  newline = start > 0 ? memchr (data, '\n', (gsize) n) : NULL;
  if (newline != NULL && newline + 1 < data + n)
    {
      n -= newline + 1 - data;
      memmove (data, newline + 1, (gsize) n);
    }
  *length = (gsize) n;
  return g_steal_pointer (&data);
}

/* Drops control characters in place; a machine's console is full of carriage returns and colours. Returns: the new
 * length */
static gsize
drop_controls (char *data, gsize length)
{
  gsize kept = 0;

  for (gsize i = 0; i < length; i++)
    if ((guchar) data[i] >= ' ' ? data[i] != 0x7f : data[i] == '\n' || data[i] == '\t')
      data[kept++] = data[i];
  return kept;
}

static const char *
last_lines (const char *text, guint lines)
{
  const char *at = text + strlen (text);

  if (at > text && at[-1] == '\n')
    at--;
  for (; at > text; at--)
    if (at[-1] == '\n' && --lines == 0)
      break;
  return at;
}

char *
bs_tail_read (int dir, const char *path, gsize bytes, guint lines)
{
  gsize length;
  g_autofree char *data = path != NULL ? read_end (dir, path, bytes, &length) : NULL;
  g_autofree char *text = NULL;

  if (data == NULL)
    return g_strdup ("");
  length = drop_controls (data, length);
  text = g_utf8_make_valid (data, (gssize) length);
  return g_strdup (lines > 0 ? last_lines (text, lines) : text);
}
