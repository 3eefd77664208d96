/* SPDX-License-Identifier: Apache-2.0 */
/* bs-qemu-log.c — what QEMU and the guest's console said last */
#include "bs-file.h"
#include "bs-qemu-args.h"
#include "bs-qemu-node.h"

#include <string.h>

#define SAID_BYTES 2048
#define SAID_LINES 3
#define CONSOLE_BYTES 16384
#define PANIC "Kernel panic"

/* A guest writes its console, so nothing of it may act on a terminal. */
static char *
printable (const char *text)
{
  char *valid = g_utf8_make_valid (text, -1);

  for (char *at = valid; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  return g_strstrip (valid);
}

char *
bs_qemu_said (const BsBackendLab *lab, const char *name)
{
  g_autofree char *path = bs_qemu_path (name, "qemu.log");
  g_autofree char *tail = g_strchomp (bs_file_read_tail (lab->lab_dir, path, SAID_BYTES));
  g_auto (GStrv) lines = g_strsplit (tail, "\n", -1);
  guint n = g_strv_length (lines);
  g_autofree char *last = g_strjoinv ("; ", lines + (n > SAID_LINES ? n - SAID_LINES : 0));

  return printable (last);
}

char *
bs_qemu_console_cause (const BsBackendLab *lab, const char *name, gboolean *panic)
{
  g_autofree char *path = bs_qemu_path (name, "console.log");
  g_autofree char *tail = g_strchomp (bs_file_read_tail (lab->lab_dir, path, CONSOLE_BYTES));
  const char *start = g_strrstr (tail, PANIC);
  g_autofree char *line = NULL;

  *panic = start != NULL;
  if (start == NULL)
    {
      start = strrchr (tail, '\n');
      start = start != NULL ? start + 1 : tail;
    }
  line = g_strndup (start, strcspn (start, "\r\n"));
  return line[0] != '\0' ? printable (line) : NULL;
}
