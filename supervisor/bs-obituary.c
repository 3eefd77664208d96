/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-obituary.h"
#include "bs-tail.h"

#include <string.h>

#define STDERR_BYTES 4096
#define CONSOLE_BYTES (16 * 1024)
#define CONSOLE_LINES 20

json_t *
bs_obituary (const BsMachine *machine)
{
  int dir = machine->lab->dir;
  g_autofree char *said = bs_tail_read (dir, machine->log, STDERR_BYTES, 0);
  g_autofree char *shown = bs_tail_read (dir, machine->console_log, CONSOLE_BYTES, CONSOLE_LINES);
  g_autofree char *searched = bs_tail_read (dir, machine->console_log, CONSOLE_BYTES, 0);
  json_t *data = json_pack ("{s:i}", "pid", (int) machine->pid);

  if (machine->exit != NULL)
    json_object_update (data, machine->exit);
  if (strstr (searched, "Kernel panic") != NULL)
    json_object_set_new (data, "cause", json_string ("kernel panic"));
  if (machine->signal != 0)
    json_object_set_new (data, "requested", json_true ());
  json_object_set_new (data, "stderr", json_string (said));
  json_object_set_new (data, "console", json_string (shown));
  return data;
}
