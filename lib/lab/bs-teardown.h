/* SPDX-License-Identifier: Apache-2.0 */
/* bs-teardown.h — remove all of a lab: shared by down, by an up that failed, and by gc */
#pragma once

#include "bs-events.h"

typedef struct
{
  const char *name;
  const char *state_id;
  const char *uuid;     /* (nullable) NULL: whatever bears the lab's name */
  int lab_dir;          /* locked exclusively */
  const json_t *record; /* (nullable) */
  gboolean graceful;
  gint64 deadline_usec;
  BsEvents *events;
} BsTeardown;

/**
 * bs_teardown:
 *
 * Stops the nodes, ends the supervisor, removes every object on this host that bears the lab's tag, and last the lab's
 * folder. Works from any half-made state and on a full disk; a second run finds nothing and succeeds.
 *
 * Returns: FALSE when something is left; the folder is kept then, so that a further try knows the lab
 */
gboolean bs_teardown (const BsTeardown *self, GError **error);

/* Ends and removes everything on this host whose tag begins with @prefix. */
gboolean bs_teardown_objects (const char *prefix, gint64 deadline_usec, GError **error);
