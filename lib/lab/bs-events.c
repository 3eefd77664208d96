/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-events.h"
#include "bs-text.h"
#include "bs-time.h"

#include <string.h>

#include <pthread.h>

/* A supervisor that does not answer must not hold up what it is told about. */
#define FORWARD_USEC (2 * BS_USEC_PER_SEC)

struct _BsEvents
{
  char *lab;
  const BsLabOptions *options;
  gint64 began_usec;
  pthread_mutex_t lock; /* not GLib's: the thread sanitizer sees only pthread's */
  BsControl *control;
};

BsEvents *
bs_events_new (const char *lab, const BsLabOptions *options)
{
  BsEvents *self = g_new0 (BsEvents, 1);

  self->lab = g_strdup (lab);
  self->options = options;
  self->began_usec = bs_time_now_usec ();
  pthread_mutex_init (&self->lock, NULL);
  return self;
}

void
bs_events_free (BsEvents *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->control, bs_control_unref);
  pthread_mutex_destroy (&self->lock);
  g_free (self->lab);
  g_free (self);
}

void
bs_events_set_control (BsEvents *self, BsControl *control)
{
  pthread_mutex_lock (&self->lock);
  g_clear_pointer (&self->control, bs_control_unref);
  self->control = control != NULL ? bs_control_ref (control) : NULL;
  pthread_mutex_unlock (&self->lock);
}

static void
forward (BsControl *control, const BsEvent *event)
{
  json_t *line = json_pack ("{s:s, s:s, s:s}", "stage", event->stage, "kind", event->kind, "text", event->text);

  if (event->node != NULL)
    json_object_set_new (line, "node", json_string (event->node));
  bs_control_do (control, "event", json_pack ("{s:o}", "event", line), bs_time_now_usec () + FORWARD_USEC, NULL, NULL);
}

void
bs_events_emit (BsEvents *self, const char *node, const char *stage, const char *kind, const char *format, ...)
{
  g_autofree char *raw = NULL, *text = NULL;
  g_autoptr (BsControl) control = NULL;
  BsEvent event;
  va_list args;

  va_start (args, format);
  raw = g_strdup_vprintf (format, args);
  va_end (args);
  text = bs_text_printable (raw, strlen (raw)); /* it may quote a guest */
  event = (BsEvent){ .lab = self->lab, .node = node, .stage = stage, .kind = kind, .text = text };
  pthread_mutex_lock (&self->lock);
  event.elapsed_usec = bs_time_now_usec () - self->began_usec;
  if (self->options != NULL && self->options->event != NULL)
    self->options->event (&event, self->options->event_data);
  control = self->control != NULL ? bs_control_ref (self->control) : NULL;
  pthread_mutex_unlock (&self->lock);
  if (control != NULL)
    forward (control, &event);
}
