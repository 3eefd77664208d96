/* SPDX-License-Identifier: Apache-2.0 */
/* cli-image.h — what the image verbs share */
#pragma once

#include "cli.h"

#include "bs-store.h"

/* Shows an image's making as the making of a lab is shown. */
typedef struct
{
  CliProgress *progress;
  gint64 began_usec, told_usec;
  char *what;    /* the last phrase */
  guint percent; /* the last figure */
  gboolean live; /* on a terminal: figures as they come */
} CliImageProgress;

void cli_image_progress_init (CliImageProgress *self, gboolean json, gboolean quiet);
void cli_image_progress_clear (CliImageProgress *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliImageProgress, cli_image_progress_clear)
/* A BsImageProgress. */
void cli_image_progress_tell (const char *image, const char *what, guint64 done, guint64 total, gpointer user_data);
/* The last line of @image. */
void cli_image_progress_end (CliImageProgress *self, const char *image, gboolean failed, const char *text);

/* "1.5 GiB"; (transfer full) */
char *cli_image_bytes (guint64 bytes);

/* Makes each of @names by @make, shows the way, prints what came of it. Returns: the exit code. */
typedef BsImage *(*CliImageMake) (const BsImageWork *work, const char *name, GError **error);
int cli_image_make_all (char **names, int n_names, CliImageMake make, gboolean json, gboolean quiet);
