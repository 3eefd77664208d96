/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-ring.c — the capture that a lab's supervisor keeps, and the log that its wires follow */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-lab-capture-private.h"
#include "bs-lab-capture-subject.h"
#include "bs-pcap.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* (transfer full): those that are kept */
static json_t *
list_kept (BsControl *control, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) answer = bs_lab_capture_call (control, "taps", NULL, NULL, cancellable, error);
  const json_t *taps = json_object_get (answer, "taps");
  json_t *kept = json_array ();

  for (size_t i = 0; i < json_array_size (taps); i++)
    if (bs_json_bool (json_array_get (taps, i), "keep", FALSE))
      json_array_append (kept, json_array_get (taps, i));
  if (answer != NULL)
    return kept;
  json_decref (kept);
  return NULL;
}

static gboolean
remove_kept (BsControl *control, const json_t *kept, GCancellable *cancellable, GError **error)
{
  for (size_t i = 0; i < json_array_size (kept); i++)
    {
      gint64 tap = bs_json_int (json_array_get (kept, i), "tap", 0);
      g_autoptr (json_t) answer = bs_lab_capture_call (
          control, "remove-tap", json_pack ("{s:I}", "tap", (json_int_t) tap), NULL, cancellable, error);

      if (answer == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
start_all (BsControl *control, const json_t *subjects, const BsLabCaptureSpec *spec, GCancellable *cancellable,
           GError **error)
{
  for (size_t i = 0; i < json_array_size (subjects); i++)
    {
      bs_autofd int fd = -1;
      g_autoptr (json_t) answer
          = bs_lab_capture_call (control, "add-tap", bs_lab_capture_request (json_array_get (subjects, i), spec, TRUE),
                                 &fd, cancellable, error);

      if (answer == NULL)
        return FALSE;
    }
  return TRUE;
}

gboolean
bs_lab_ring_start (BsLab *lab, const BsLabCaptureSpec *spec, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) subjects = bs_lab_capture_subjects (lab, spec, error), kept = NULL, half = NULL;
  BsControl *control = subjects != NULL ? bs_lab_control (lab, error) : NULL;

  if (control == NULL || (kept = list_kept (control, cancellable, error)) == NULL)
    return FALSE;
  if (json_array_size (kept) > 0)
    {
      bs_set_error (error, BS_ERROR_EXISTS, "`benchscale net capture LAB --stop` ends it",
                    "lab '%s' keeps a capture already", bs_lab_name (lab));
      return FALSE;
    }
  if (start_all (control, subjects, spec, cancellable, error))
    return TRUE;
  half = list_kept (control, NULL, NULL);
  remove_kept (control, half, NULL, NULL);
  return FALSE;
}

static json_t *
need_kept (BsLab *lab, BsControl *control, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) kept = control != NULL ? list_kept (control, cancellable, error) : NULL;

  if (kept == NULL || json_array_size (kept) > 0)
    return g_steal_pointer (&kept);
  bs_set_error (error, BS_ERROR_NOT_FOUND, "`benchscale net capture LAB --ring 64M` begins one",
                "lab '%s' keeps no capture", bs_lab_name (lab));
  return NULL;
}

gboolean
bs_lab_ring_stop (BsLab *lab, GCancellable *cancellable, GError **error)
{
  BsControl *control = bs_lab_control (lab, error);
  g_autoptr (json_t) kept = need_kept (lab, control, cancellable, error);

  return kept != NULL && remove_kept (control, kept, cancellable, error);
}

static gboolean
open_kept (BsLabCapture *self, BsControl *control, const json_t *tap, GCancellable *cancellable, GError **error)
{
  const char *what = json_string_value (json_array_get (json_object_get (tap, "what"), 0));
  gint64 number = bs_json_int (tap, "tap", 0);
  bs_autofd int fd = -1;
  g_autoptr (json_t) answer = bs_lab_capture_call (control, "tap-ring", json_pack ("{s:I}", "tap", (json_int_t) number),
                                                   &fd, cancellable, error);

  return answer != NULL
         && bs_lab_capture_add_source (self, (guint) number,
                                       bs_lab_capture_kinds (tap, what != NULL ? what : "", FALSE), fd, error);
}

BsLabCapture *
bs_lab_ring_open (BsLab *lab, GCancellable *cancellable, GError **error)
{
  BsControl *control = bs_lab_control (lab, error);
  g_autoptr (json_t) kept = need_kept (lab, control, cancellable, error);
  g_autoptr (BsLabCapture) self = NULL;

  if (kept == NULL)
    return NULL;
  self = bs_lab_capture_new_empty (control, TRUE);
  for (size_t i = 0; i < json_array_size (kept); i++)
    if (!open_kept (self, control, json_array_get (kept, i), cancellable, error))
      return NULL;
  return g_steal_pointer (&self);
}

typedef struct
{
  BsPcap *pcap;
  guint64 frames;
  guint64 until_nsec;
} Saving;

/* The ring goes on being filled: what comes after the order to save it is not waited for. */
static gboolean
save_sample (const BsSwitchSample *sample, const guint8 *payload, gpointer user_data, GError **error)
{
  Saving *saving = user_data;

  if (sample->time_nsec > saving->until_nsec)
    return FALSE;
  saving->frames++;
  return bs_pcap_write (saving->pcap, sample->time_nsec, payload, sample->length, sample->original, error);
}

static gboolean
save (BsLabCapture *capture, int fd, guint64 *frames, GError **error)
{
  Saving saving = { .until_nsec = (guint64) g_get_real_time () * 1000 };
  g_autoptr (BsPcap) pcap = bs_pcap_new (fd, BS_SWITCH_FRAME_MAX);
  g_autoptr (GError) problem = NULL;
  guint64 before;

  saving.pcap = pcap;
  do
    before = saving.frames;
  while (bs_lab_capture_take (capture, save_sample, &saving, &problem) && saving.frames != before);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (frames != NULL)
    *frames = saving.frames;
  return bs_pcap_flush (pcap, error);
}

gboolean
bs_lab_ring_save (BsLab *lab, const char *path, guint64 *frames, GCancellable *cancellable, GError **error)
{
  g_autoptr (BsLabCapture) capture = bs_lab_ring_open (lab, cancellable, error);
  g_autofree char *temporary = g_strdup_printf ("%s.tmp", path);
  bs_autofd int fd = -1;

  if (capture == NULL)
    return FALSE;
  fd = open (temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    {
      bs_set_error_errno (error, errno, "cannot write '%s'", path);
      return FALSE;
    }
  if (save (capture, fd, frames, error))
    {
      if (rename (temporary, path) == 0)
        return TRUE;
      bs_set_error_errno (error, errno, "cannot write '%s'", path);
    }
  unlink (temporary);
  return FALSE;
}

static gboolean
hand_over (BsControl *control, const BsDecisionLog *log, GCancellable *cancellable, GError **error)
{
  gsize bytes = log->decisions->len * sizeof (BsSwitchDecision);
  bs_autofd int fd = -1;
  g_autoptr (json_t) made = bs_lab_capture_call (control, "make-log", json_pack ("{s:I}", "bytes", (json_int_t) bytes),
                                                 &fd, cancellable, error);

  if (made == NULL)
    return FALSE;
  if (bs_fd_write_all (fd, log->decisions->data, bytes) && fcntl (fd, F_ADD_SEALS, F_SEAL_WRITE) == 0)
    return TRUE;
  bs_set_error_errno (error, errno, "cannot hand the log over");
  return FALSE;
}

static gboolean
set_replay (BsControl *control, gsize bytes, GCancellable *cancellable, GError **error)
{
  g_autoptr (json_t) answer = bs_lab_capture_call (
      control, "set-replay", json_pack ("{s:I}", "bytes", (json_int_t) bytes), NULL, cancellable, error);

  return answer != NULL;
}

gboolean
bs_lab_replay (BsLab *lab, const BsDecisionLog *log, GCancellable *cancellable, GError **error)
{
  BsControl *control;

  if (log->decisions->len == 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, "a log is of wires with conditions, while packets pass",
                    "the log holds no decision, so there is nothing to replay");
      return FALSE;
    }
  control = bs_lab_control (lab, error);
  return control != NULL && hand_over (control, log, cancellable, error)
         && set_replay (control, log->decisions->len * sizeof (BsSwitchDecision), cancellable, error);
}

gboolean
bs_lab_replay_stop (BsLab *lab, GCancellable *cancellable, GError **error)
{
  BsControl *control = bs_lab_control (lab, error);
  g_autoptr (json_t) answer
      = control != NULL ? bs_lab_capture_call (control, "taps", NULL, NULL, cancellable, error) : NULL;

  if (answer == NULL)
    return FALSE;
  if (bs_json_int (answer, "replay", 0) > 0)
    return set_replay (control, 0, cancellable, error);
  bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "lab '%s' follows no log", bs_lab_name (lab));
  return FALSE;
}
