/* SPDX-License-Identifier: Apache-2.0 */
/* guest-fixture.h — the real guest program as a child on a socket pair, and a folder to play in */
#pragma once

#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"
#include "bs-guest.h"
#include "bs-socket.h"
#include "bs-time.h"

#include <sys/types.h>

typedef struct
{
  BsGuest *guest;
  pid_t pid;
  int raw;      /* our end, kept for tests that speak frames themselves (a copy) */
  char *folder; /* empty, absolute */
} Fixture;

#define SOON() (bs_time_now_usec () + 20 * BS_USEC_PER_SEC)

void fixture_set_up (Fixture *self, gconstpointer data);
void fixture_tear_down (Fixture *self, gconstpointer data);
/* Starts @program with --fd on one end; returns the other. */
int fixture_spawn (const char *const *env, pid_t *pid);
void fixture_end (pid_t pid);
char *fixture_path (Fixture *self, const char *name);
void fixture_write (const char *path, const char *content, mode_t mode);
char *fixture_read (const char *path);

typedef struct
{
  GString *out, *err;
} Output;

void output_clear (Output *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Output, output_clear)
gboolean output_take (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error);
/* Runs `sh -c SCRIPT` with @stdin_fd and asserts that it ended. */
BsExecResult fixture_sh (Fixture *self, const char *script, int stdin_fd, Output *output);

#define FIXTURE_TEST(path, function) g_test_add (path, Fixture, NULL, fixture_set_up, function, fixture_tear_down)
