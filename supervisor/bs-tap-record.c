/* SPDX-License-Identifier: Apache-2.0 */
/* bs-tap-record.c — taps as others see them, and as a successor finds them
 *
 * A memory's inode is the same in each process that holds it: so a successor, which has the number, finds it among the
 * descriptors of the switch.
 */
#include "bs-arguments.h"
#include "bs-fd.h"
#include "bs-tap-private.h"

#include <sys/stat.h>

static const char *const whats[] = { "packets", "drops", "decisions" };

static gint64
inode_of (int fd)
{
  struct stat st;

  return fd >= 0 && fstat (fd, &st) == 0 ? (gint64) st.st_ino : 0;
}

static json_t *
describe (const BsTap *tap)
{
  const BsSwitchTap *what = &tap->spec.what;
  json_t *list = json_array (),
         *object = json_pack ("{s:i, s:s, s:o, s:I, s:I, s:b}", "tap", (int) what->number, "sink",
                              what->sink == BS_SWITCH_SINK_RING ? "ring" : "socket", "what", list, "snap",
                              (json_int_t) what->snap, "bytes", (json_int_t) tap->spec.bytes, "keep", tap->spec.keep);

  for (guint i = 0; i < G_N_ELEMENTS (whats); i++)
    if ((what->what & 1u << i) != 0)
      json_array_append_new (list, json_string (whats[i]));
  json_object_update (object, tap->spec.about);
  return object;
}

json_t *
bs_tap_list_describe (const BsTapList *self)
{
  json_t *list = json_array ();

  for (guint i = 0; i < BS_SWITCH_TAPS_MAX; i++)
    if (self->taps[i] != NULL)
      json_array_append_new (list, describe (self->taps[i]));
  return list;
}

static json_t *
save_tap (const BsTap *tap)
{
  const BsSwitchTap *what = &tap->spec.what;

  return json_pack ("{s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:O}", "tap", (int) what->number, "what",
                    (json_int_t) what->what, "snap", (json_int_t) what->snap, "network", (json_int_t) what->network,
                    "port", (json_int_t) what->port, "peer", (json_int_t) what->peer, "bytes",
                    (json_int_t) tap->spec.bytes, "inode", (json_int_t) inode_of (tap->fd), "about", tap->spec.about);
}

json_t *
bs_tap_list_save (const BsTapList *self)
{
  json_t *kept = json_array (), *all = json_pack ("{s:o}", "kept", kept);

  for (guint i = 0; i < BS_SWITCH_TAPS_MAX; i++)
    if (self->taps[i] != NULL && self->taps[i]->spec.keep)
      json_array_append_new (kept, save_tap (self->taps[i]));
  if (self->log.fd >= 0)
    json_object_set_new (
        all, "replay",
        json_pack ("{s:I, s:I}", "bytes", (json_int_t) self->log.bytes, "inode", (json_int_t) inode_of (self->log.fd)));
  return all;
}

static int
find_memory (GPtrArray *switches, const json_t *object)
{
  gint64 inode = bs_json_int (object, "inode", 0);
  int fd = -1;

  for (guint i = 0; i < switches->len && fd < 0 && inode > 0; i++)
    fd = bs_old_switch_find_memory (g_ptr_array_index (switches, i), (guint64) inode);
  return fd;
}

static gboolean
load_number (const json_t *object, const char *key, guint32 *value)
{
  gint64 number;

  if (!bs_arguments_int (object, key, 0, G_MAXUINT32, &number, NULL))
    return FALSE;
  *value = (guint32) number;
  return TRUE;
}

/* Whether it makes sense is the switch's to judge, which gets it next. */
static BsTap *
load_tap (const json_t *object)
{
  BsTap *tap = g_new0 (BsTap, 1);
  BsSwitchTap *what = &tap->spec.what;
  json_t *about = json_object_get (object, "about");

  tap->fd = tap->reader = -1;
  tap->spec.keep = TRUE;
  what->sink = BS_SWITCH_SINK_RING;
  if (load_number (object, "tap", &what->number) && load_number (object, "what", &what->what)
      && load_number (object, "snap", &what->snap) && load_number (object, "network", &what->network)
      && load_number (object, "port", &what->port) && load_number (object, "peer", &what->peer)
      && what->number < BS_SWITCH_TAPS_MAX && json_is_object (about))
    {
      tap->spec.bytes = (guint64) MAX (bs_json_int (object, "bytes", 0), 0);
      tap->spec.about = json_incref (about);
      return tap;
    }
  bs_tap_free (tap);
  return NULL;
}

static void
load_kept (BsTapList *self, const json_t *object, GPtrArray *switches)
{
  BsTap *tap = load_tap (object);

  if (tap != NULL && self->taps[tap->spec.what.number] == NULL && (tap->fd = find_memory (switches, object)) >= 0)
    {
      self->taps[tap->spec.what.number] = tap;
      return;
    }
  bs_tap_free (tap);
  bs_supervisor_event (self->lab, "tap-lost", NULL, json_pack ("{s:I}", "tap", bs_json_int (object, "tap", 0)));
}

void
bs_tap_list_load (BsTapList *self, const json_t *record, GPtrArray *switches)
{
  const json_t *kept = json_object_get (record, "kept"), *replay = json_object_get (record, "replay");

  for (gsize i = 0; i < json_array_size (kept); i++)
    load_kept (self, json_array_get (kept, i), switches);
  if (!json_is_object (replay))
    return;
  self->log.fd = find_memory (switches, replay);
  self->log.bytes = (guint64) MAX (bs_json_int (replay, "bytes", 0), 0);
  if (self->log.fd < 0)
    bs_supervisor_event (self->lab, "replay-lost", NULL, NULL);
}
