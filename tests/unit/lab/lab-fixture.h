/* SPDX-License-Identifier: Apache-2.0 */
/* lab-fixture.h — a state folder of the test's own, labs in it that are records only, and processes that bear tags */
#pragma once

#include "bs-json.h"

#include <sys/types.h>

#define UUID_A "aaaaaaaa-0000-4000-8000-000000000001"
#define UUID_B "bbbbbbbb-0000-4000-8000-000000000002"

typedef struct
{
  GArray *sleepers; /* of pid_t, our children */
  GArray *inputs;   /* of int: what keeps them alive */
} Fixture;

/* g_test_init(), and settings that point into a new folder; runs the tests and removes it. */
void fixture_begin (int *argc, char ***argv);
int fixture_run (void);

/* The folder: FOLDER/state, FOLDER/cache. */
const char *fixture_folder (void);
const char *fixture_state_id (void);
/* STATE/labs/NAME; (transfer full) */
char *fixture_lab_path (const char *name);

void fixture_set_up (Fixture *self, gconstpointer unused);
/* Ends the sleepers and empties the state folder. */
void fixture_tear_down (Fixture *self, gconstpointer unused);

#define FIXTURE_TEST(path, function) g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)

/* A harmless process with these arguments, the name of a program first, NULL-terminated; it runs when this returns. */
pid_t fixture_start (Fixture *self, const char *first, ...) G_GNUC_NULL_TERMINATED;
/* One that bears the tag of @role ("node" with @node) in this state folder. */
pid_t fixture_start_tagged (Fixture *self, const char *lab, const char *uuid, const char *role, const char *node);
gboolean fixture_lives (pid_t pid);
/* Kills one sleeper and reaps it. */
void fixture_kill (Fixture *self, pid_t pid);

/* A lab's folder with a record of nodes "n0" … whose locks are free. */
void fixture_make_lab (const char *name, const char *uuid, const char *state, guint n_nodes);
/* One with this text as record. */
void fixture_make_lab_with (const char *name, const char *record);
gboolean fixture_has_lab (const char *name);
