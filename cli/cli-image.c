/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-image.h"
#include "bs-manifest.h"
#include "bs-time.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LIVE_USEC (200 * BS_USEC_PER_MSEC)
#define STEP_PERCENT 10

void
cli_image_progress_init (CliImageProgress *self, gboolean json, gboolean quiet)
{
  memset (self, 0, sizeof *self);
  self->progress = cli_progress_new (json, quiet);
  self->began_usec = bs_time_now_usec ();
  self->live = !json && isatty (STDERR_FILENO);
}

void
cli_image_progress_clear (CliImageProgress *self)
{
  cli_progress_free (self->progress);
  g_free (self->what);
}

static void
say (CliImageProgress *self, const char *image, const char *kind, const char *text)
{
  BsEvent event = { bs_time_now_usec () - self->began_usec, "", image, "image", kind, text };

  cli_progress_event (&event, self->progress);
}

/* Whether this figure is worth a line: each fifth of a second on a terminal, each tenth of the whole elsewhere. */
static gboolean
is_news (CliImageProgress *self, const char *what, guint percent)
{
  gint64 now = bs_time_now_usec ();
  gboolean other = g_strcmp0 (self->what, what) != 0;

  if (!other && (self->live ? now - self->told_usec < LIVE_USEC : percent < self->percent + STEP_PERCENT))
    return FALSE;
  g_free (self->what);
  self->what = g_strdup (what);
  self->told_usec = now;
  self->percent = percent - percent % STEP_PERCENT;
  return TRUE;
}

void
cli_image_progress_tell (const char *image, const char *what, guint64 done, guint64 total, gpointer user_data)
{
  CliImageProgress *self = user_data;
  guint percent = total > 0 ? (guint) ((double) done / (double) total * 100) : 0;
  g_autofree char *of = NULL, *text = NULL, *part = NULL;

  if (!is_news (self, what, percent))
    return;
  of = cli_image_bytes (total);
  part = cli_image_bytes (done);
  text = total > 0  ? g_strdup_printf ("%s: %u %% of %s", what, percent, of)
         : done > 0 ? g_strdup_printf ("%s: %s", what, part)
                    : g_strdup (what);
  say (self, image, "note", text);
}

void
cli_image_progress_end (CliImageProgress *self, const char *image, gboolean failed, const char *text)
{
  say (self, image, failed ? "fail" : "end", text);
}

char *
cli_image_bytes (guint64 bytes)
{
  return g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
}

static void
print_image (const BsImage *image)
{
  g_autoptr (json_t) object
      = json_pack ("{s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s*}", "name", image->name, "origin",
                   bs_image_origin_name (image->origin), "digest", image->digest, "disk", image->disk, "kernel",
                   image->kernel, "initrd", image->initrd, "rootfs", image->rootfs);
  g_autofree char *text = bs_json_dump (object);

  printf ("%s\n", text);
}

int
cli_image_make_all (char **names, int n_names, CliImageMake make, gboolean json, gboolean quiet)
{
  GCancellable *cancellable = cli_interruptible ();
  g_auto (CliImageProgress) progress;
  GError *error = NULL;
  BsImageWork work;

  cli_image_progress_init (&progress, json, quiet);
  if (!bs_image_work_init (&work, cli_image_progress_tell, &progress, cancellable, &error))
    return cli_fail (error);
  for (int i = 0; i < n_names; i++)
    {
      g_autoptr (BsImage) image = make (&work, names[i], &error);
      g_autofree char *text = image != NULL ? g_strdup_printf ("ready (%.12s)", image->digest) : NULL;

      cli_image_progress_end (&progress, names[i], image == NULL, image != NULL ? text : "failed");
      if (image == NULL)
        return cli_fail (error);
      if (json)
        print_image (image);
    }
  return 0;
}
