/* SPDX-License-Identifier: Apache-2.0 */
/* emitters.h — threads that have much to tell at once */
#pragma once

#include "bs-events.h"

#define EMITTERS 8
#define EMITTED_EACH 200

typedef struct
{
  BsEvents *events;
  guint number;
} Emitter;

static inline gpointer
emit_many (gpointer user_data)
{
  const Emitter *self = user_data;

  for (guint i = 0; i < EMITTED_EACH; i++)
    bs_events_emit (self->events, "n", "run", "note", "%u %u", self->number, i);
  return NULL;
}

static inline void
run_emitters (BsEvents *events)
{
  Emitter emitters[EMITTERS];
  GThread *threads[EMITTERS];

  for (guint i = 0; i < EMITTERS; i++)
    {
      emitters[i] = (Emitter){ events, i };
      threads[i] = g_thread_new ("emitter", emit_many, &emitters[i]);
    }
  for (guint i = 0; i < EMITTERS; i++)
    g_thread_join (threads[i]);
}
