/* SPDX-License-Identifier: Apache-2.0 */
/* cli-progress.c — draw events: a live block on a terminal, lines elsewhere
 *
 * On a terminal the block holds one line per node and is drawn anew in place at each event and five times a second (for
 * the elapsed time), but only once the work has lasted a second: short work prints nothing but its result. An image
 * that is made has a line there, too. What took a line some seconds stays above the block, with its time, when the next
 * begins, so that a long run shows where its minutes went. Messages about neither are printed above the block.
 */
#include "cli.h"
#include "bs-json.h"
#include "bs-time.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TICK_USEC (200 * BS_USEC_PER_MSEC)
#define QUIET_USEC BS_USEC_PER_SEC
#define LONG_USEC (2 * BS_USEC_PER_SEC)

typedef struct
{
  char *name, *text;
  gint64 began_usec, ended_usec;
  gint64 text_usec; /* when this text began, but for its numbers */
  gboolean failed;
} Line;

struct _CliProgress
{
  gboolean json, quiet, live, colour;
  GMutex lock;
  GCond stop;
  gboolean stopping;
  GThread *ticker;
  GPtrArray *lines;
  GPtrArray *above; /* texts that wait to be printed above the block */
  guint drawn;
  gint64 began_usec;
};

static void
line_free (gpointer data)
{
  Line *line = data;

  g_free (line->name);
  g_free (line->text);
  g_free (line);
}

/* How much of a text fits behind @name and before its time: a line that the terminal wraps could not be drawn over. */
static int
room_beside (const char *name)
{
  struct winsize size;
  int columns = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;

  return CLAMP (columns - 13 - (int) MAX (16, strlen (name)), 1, 80);
}

static void
draw (CliProgress *self)
{
  gint64 now = bs_time_now_usec ();

  if (now - self->began_usec < QUIET_USEC)
    return;
  if (self->drawn > 0)
    fprintf (stderr, "\033[%uA", self->drawn);
  for (guint i = 0; i < self->above->len; i++)
    fprintf (stderr, "\033[K%s\n", (const char *) g_ptr_array_index (self->above, i));
  g_ptr_array_set_size (self->above, 0);
  for (guint i = 0; i < self->lines->len; i++)
    {
      const Line *line = g_ptr_array_index (self->lines, i);
      g_autofree char *elapsed
          = bs_time_format_duration ((line->ended_usec != 0 ? line->ended_usec : now) - line->began_usec);
      int room = room_beside (line->name);
      const char *on = !self->colour ? "" : line->failed ? "\033[31m" : line->ended_usec != 0 ? "\033[32m" : "\033[36m";

      fprintf (stderr, "\033[K  %-16s %s%-*.*s%s %s\n", line->name, on, MIN (room, 40), room, line->text,
               self->colour ? "\033[0m" : "", elapsed);
    }
  self->drawn = self->lines->len;
  fflush (stderr);
}

static gpointer
tick (gpointer data)
{
  CliProgress *self = data;

  g_mutex_lock (&self->lock);
  while (!self->stopping)
    {
      if (!g_cond_wait_until (&self->stop, &self->lock, bs_time_now_usec () + TICK_USEC))
        draw (self);
    }
  g_mutex_unlock (&self->lock);
  return NULL;
}

CliProgress *
cli_progress_new (gboolean json, gboolean quiet)
{
  CliProgress *self = g_new0 (CliProgress, 1);
  const char *term = g_getenv ("TERM");

  self->json = json;
  self->quiet = quiet;
  self->live = !json && !quiet && isatty (STDERR_FILENO) && g_strcmp0 (term, "dumb") != 0;
  self->colour = self->live && (g_getenv ("NO_COLOR") == NULL || g_getenv ("NO_COLOR")[0] == '\0');
  self->lines = g_ptr_array_new_with_free_func (line_free);
  self->above = g_ptr_array_new_with_free_func (g_free);
  self->began_usec = bs_time_now_usec ();
  g_mutex_init (&self->lock);
  g_cond_init (&self->stop);
  if (self->live)
    self->ticker = g_thread_new ("progress", tick, self);
  return self;
}

void
cli_progress_free (CliProgress *self)
{
  if (self == NULL)
    return;
  if (self->ticker != NULL)
    {
      g_mutex_lock (&self->lock);
      self->stopping = TRUE;
      g_cond_signal (&self->stop);
      g_mutex_unlock (&self->lock);
      g_thread_join (self->ticker);
      draw (self);
    }
  g_ptr_array_unref (self->lines);
  g_ptr_array_unref (self->above);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->stop);
  g_free (self);
}

static void
print_json (const BsEvent *event)
{
  g_autoptr (json_t) line
      = json_pack ("{s:f, s:s, s:s, s:s, s:s}", "elapsed_s", (double) event->elapsed_usec / 1e6, "lab", event->lab,
                   "stage", event->stage, "kind", event->kind, "text", event->text);
  g_autofree char *text = NULL;

  if (event->node != NULL)
    json_object_set_new (line, "node", json_string (event->node));
  text = bs_json_dump (line);
  printf ("%s\n", text);
  fflush (stdout);
}

static void
print_plain (const BsEvent *event)
{
  fprintf (stderr, "%6.2fs  %s%s%s\n", (double) event->elapsed_usec / 1e6, event->node != NULL ? event->node : "",
           event->node != NULL ? ": " : "", event->text);
}

static Line *
find_line (CliProgress *self, const char *name)
{
  Line *line;

  for (guint i = 0; i < self->lines->len; i++)
    {
      line = g_ptr_array_index (self->lines, i);
      if (strcmp (line->name, name) == 0)
        return line;
    }
  line = g_new0 (Line, 1);
  line->name = g_strdup (name);
  line->began_usec = bs_time_now_usec ();
  g_ptr_array_add (self->lines, line);
  return line;
}

/* "packages (5 of 89)" and "packages (10 of 89)" are one thing that goes on. */
static gboolean
goes_on (const char *text, const char *next)
{
  for (;; text++, next++)
    {
      text += strspn (text, "0123456789");
      next += strspn (next, "0123456789");
      if (*text != *next)
        return FALSE;
      if (*text == '\0')
        return TRUE;
    }
}

static void
begin_text (CliProgress *self, Line *line, const char *text)
{
  gint64 now = bs_time_now_usec ();

  if (line->text != NULL && goes_on (line->text, text))
    return;
  if (line->text != NULL && now - line->text_usec >= LONG_USEC)
    {
      g_autofree char *took = bs_time_format_duration (now - line->text_usec);

      g_ptr_array_add (self->above, g_strdup_printf ("  %-16s %s: %s", line->name, line->text, took));
    }
  line->text_usec = now;
}

static void
update_line (CliProgress *self, const BsEvent *event, const char *name, const char *text)
{
  Line *line = find_line (self, name);

  begin_text (self, line, text);
  g_free (line->text);
  line->text = g_strdup (text);
  line->failed = strcmp (event->kind, "fail") == 0;
  line->ended_usec = line->failed || strcmp (event->kind, "end") == 0 ? bs_time_now_usec () : 0;
}

static void
show_live (CliProgress *self, const BsEvent *event)
{
  const char *rest = strcmp (event->stage, "image") == 0 ? strstr (event->text, ": ") : NULL;
  g_autofree char *image = rest != NULL ? g_strndup (event->text, (gsize) (rest - event->text)) : NULL;

  if (event->node != NULL)
    update_line (self, event, event->node, event->text);
  else if (image != NULL)
    update_line (self, event, image, rest + 2);
  else
    g_ptr_array_add (self->above, g_strdup (event->text));
  draw (self);
}

void
cli_progress_event (const BsEvent *event, gpointer progress)
{
  CliProgress *self = progress;

  g_mutex_lock (&self->lock);
  if (self->json)
    print_json (event);
  else if (self->live)
    show_live (self, event);
  else if (!self->quiet)
    print_plain (event);
  g_mutex_unlock (&self->lock);
}
