/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-lab-capture.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-lab-capture-private.h"
#include "bs-lab-capture-subject.h"
#include "bs-settings.h"
#include "bs-time.h"

#include <string.h>

#define RING_BYTES (64 << 20)
#define TAKE_MAX 65536 /* samples at a time: whoever takes wants to look up now and then */

/* One ring, and the sample that is next. */
typedef struct
{
  BsRing *ring;
  guint tap;
  guint kinds; /* bits: 1 << BsSwitchSampleKind that are wanted */
  gboolean has_sample;
  BsSwitchSample sample;
  guint8 payload[BS_SWITCH_FRAME_MAX];
} Source;

struct _BsLabCapture
{
  BsControl *control;
  GPtrArray *sources;
  gboolean kept; /* not ours to end */
};

json_t *
bs_lab_capture_call (BsControl *control, const char *op, json_t *arguments, int *fd, GCancellable *cancellable,
                     GError **error)
{
  gint64 deadline = bs_time_now_usec () + bs_setting_number (BS_SETTING_STATUS_TIMEOUT);

  return bs_control_call (control, op, arguments, fd, deadline, cancellable, error);
}

static void
source_free (gpointer data)
{
  Source *source = data;

  bs_ring_free (source->ring);
  g_free (source);
}

BsLabCapture *
bs_lab_capture_new_empty (BsControl *control, gboolean kept)
{
  BsLabCapture *self = g_new0 (BsLabCapture, 1);

  self->control = bs_control_ref (control);
  self->sources = g_ptr_array_new_with_free_func (source_free);
  self->kept = kept;
  return self;
}

void
bs_lab_capture_free (BsLabCapture *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->sources->len && !self->kept; i++)
    {
      Source *source = g_ptr_array_index (self->sources, i);
      json_t *answer = bs_lab_capture_call (self->control, "remove-tap", json_pack ("{s:i}", "tap", (int) source->tap),
                                            NULL, NULL, NULL);

      json_decref (answer);
    }
  g_ptr_array_unref (self->sources);
  bs_control_unref (self->control);
  g_free (self);
}

gboolean
bs_lab_capture_add_source (BsLabCapture *self, guint tap, guint kinds, int fd, GError **error)
{
  BsRing *ring = bs_ring_open (fd, error);
  Source *source;

  if (ring == NULL)
    return FALSE;
  source = g_new0 (Source, 1);
  source->ring = ring;
  source->tap = tap;
  source->kinds = kinds;
  g_ptr_array_add (self->sources, source);
  return TRUE;
}

/* Each frame once: as it was sent, or as it was received; at interfaces both, which are two sides of each. */
guint
bs_lab_capture_kinds (const json_t *about, const char *what, gboolean received)
{
  if (strcmp (what, "decisions") == 0)
    return 1u << BS_SWITCH_SAMPLE_DECISION;
  if (strcmp (what, "drops") == 0)
    return 1u << BS_SWITCH_SAMPLE_DROPPED;
  if (json_object_get (about, "node") != NULL && json_object_get (about, "peer") == NULL)
    return 1u << BS_SWITCH_SAMPLE_SENT | 1u << BS_SWITCH_SAMPLE_RECEIVED;
  return 1u << (received ? BS_SWITCH_SAMPLE_RECEIVED : BS_SWITCH_SAMPLE_SENT);
}

json_t *
bs_lab_capture_request (const json_t *about, const BsLabCaptureSpec *spec, gboolean keep)
{
  const char *what = spec->decisions ? "decisions" : spec->drops ? "drops" : "packets";
  json_t *request = json_pack ("{s:[s], s:s, s:I, s:I, s:b}", "what", what, "sink", "ring", "bytes",
                               (json_int_t) (spec->bytes != 0 ? spec->bytes : RING_BYTES), "snap",
                               (json_int_t) spec->snap, "keep", keep);

  json_object_update (request, (json_t *) about);
  return request;
}

static gboolean
add_tap (BsLabCapture *self, const json_t *about, const BsLabCaptureSpec *spec, GCancellable *cancellable,
         GError **error)
{
  json_t *request = bs_lab_capture_request (about, spec, FALSE);
  guint kinds = bs_lab_capture_kinds (about, json_string_value (json_array_get (json_object_get (request, "what"), 0)),
                                      spec->received);
  bs_autofd int fd = -1;
  g_autoptr (json_t) answer = bs_lab_capture_call (self->control, "add-tap", request, &fd, cancellable, error);

  return answer != NULL && bs_lab_capture_add_source (self, (guint) bs_json_int (answer, "tap", 0), kinds, fd, error);
}

BsLabCapture *
bs_lab_capture_new (BsLab *lab, const BsLabCaptureSpec *spec, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) subjects = bs_lab_capture_subjects (lab, spec, error);
  BsControl *control = subjects != NULL ? bs_lab_control (lab, error) : NULL;
  g_autoptr (BsLabCapture) self = NULL;

  if (control == NULL)
    return NULL;
  self = bs_lab_capture_new_empty (control, FALSE);
  for (size_t i = 0; i < json_array_size (subjects); i++)
    if (!add_tap (self, json_array_get (subjects, i), spec, cancellable, error))
      return NULL;
  return g_steal_pointer (&self);
}

/* Makes its next wanted sample ready. Returns: 1, 0 without one, -1 with an error */
static int
fill (Source *source, GError **error)
{
  int result = 1;

  while (!source->has_sample
         && (result = bs_ring_view_next (&source->ring->view, &source->sample, source->payload, error)) > 0)
    source->has_sample = (source->kinds & 1u << source->sample.kind) != 0;
  return source->has_sample ? 1 : result;
}

/* The source whose sample is oldest. Returns: FALSE with an error; *@oldest is NULL when there is none */
static gboolean
find_oldest (BsLabCapture *self, Source **oldest, GError **error)
{
  *oldest = NULL;
  for (guint i = 0; i < self->sources->len; i++)
    {
      Source *source = g_ptr_array_index (self->sources, i);
      int result = fill (source, error);

      if (result < 0)
        return FALSE;
      if (result > 0 && (*oldest == NULL || source->sample.time_nsec < (*oldest)->sample.time_nsec))
        *oldest = source;
    }
  return TRUE;
}

gboolean
bs_lab_capture_take (BsLabCapture *self, BsLabSampleFunc func, gpointer user_data, GError **error)
{
  Source *oldest;

  for (guint n = 0; n < TAKE_MAX; n++)
    {
      if (!find_oldest (self, &oldest, error))
        return FALSE;
      if (oldest == NULL)
        return TRUE;
      oldest->has_sample = FALSE;
      if (!func (&oldest->sample, oldest->payload, user_data, error))
        return FALSE;
    }
  return TRUE;
}

guint64
bs_lab_capture_overruns (const BsLabCapture *self)
{
  guint64 n = 0;

  for (guint i = 0; i < self->sources->len; i++)
    n += ((const Source *) g_ptr_array_index (self->sources, i))->ring->view.overruns;
  return n;
}

gboolean
bs_lab_capture_is_alive (const BsLabCapture *self)
{
  return !bs_control_is_broken (self->control);
}
