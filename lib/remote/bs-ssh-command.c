/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-ssh-command.h"
#include "bs-error.h"

#include <signal.h>
#include <string.h>

#define REPORT_BEGIN '\001'
#define REPORT_MAX 64
#define LINE_MAX_BYTES (128 * 1024 - 16) /* Linux takes no longer argument (MAX_ARG_STRLEN) */

static const struct
{
  const char *name;
  int number;
} signals[] = { { "ABRT", SIGABRT }, { "ALRM", SIGALRM }, { "FPE", SIGFPE },   { "HUP", SIGHUP },   { "ILL", SIGILL },
                { "INT", SIGINT },   { "KILL", SIGKILL }, { "PIPE", SIGPIPE }, { "QUIT", SIGQUIT }, { "SEGV", SIGSEGV },
                { "TERM", SIGTERM }, { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 } };

int
bs_ssh_signal_number (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    if (g_strcmp0 (signals[i].name, name) == 0)
      return signals[i].number;
  return 0;
}

const char *
bs_ssh_signal_name (int number)
{
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    if (signals[i].number == number)
      return signals[i].name;
  return NULL;
}

/* 'text' as one word for a POSIX shell; fish, too, takes backslashes between quotes for themselves unless a quote or
 * backslash follows, so these stand outside. */
static void
append_word (GString *line, const char *text)
{
  gboolean quoted = FALSE;

  if (*text == '\0')
    g_string_append (line, "''");
  for (; *text != '\0'; text++)
    {
      gboolean outside = *text == '\'' || *text == '\\';

      if (quoted == outside)
        g_string_append_c (line, '\'');
      quoted = !outside;
      if (outside)
        g_string_append_c (line, '\\');
      g_string_append_c (line, *text);
    }
  if (quoted)
    g_string_append_c (line, '\'');
}

static gboolean
is_user (const char *name)
{
  gsize length = strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

  return length > 0 && length <= 32 && name[length] == '\0' && name[0] != '-' && name[0] != '.';
}

static gboolean
is_variable (const char *text)
{
  gsize length = strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

  return length > 0 && text[length] == '=' && !g_ascii_isdigit (text[0]);
}

/* A shell command that reports and gives up. */
static void
append_report (GString *script, const BsExecSpec *spec, const BsSshReport *report, const char *word)
{
  g_string_append_printf (script, "{ printf '\\001%s:%s 0\\n'%s; exit 127; }", report->nonce, word,
                          spec->tty ? "" : " >&2");
}

/* What runs as the wanted user, without a word before it ("exec" or "sudo …") that needs no shell. */
static char *
inner_script (const BsExecSpec *spec, const BsSshReport *report)
{
  GString *script = g_string_new (NULL);

  if (spec->cwd != NULL)
    {
      /* CDPATH= so that cd prints nothing */
      g_string_append (script, "CDPATH= cd ");
      append_word (script, spec->cwd);
      g_string_append (script, " 2>/dev/null || ");
      append_report (script, spec, report, "folder");
      g_string_append (script, "; ");
    }
  for (guint i = 0; spec->env != NULL && spec->env[i] != NULL; i++)
    {
      const char *equals = strchr (spec->env[i], '=');

      g_string_append_printf (script, "export %.*s", (int) (equals + 1 - spec->env[i]), spec->env[i]);
      append_word (script, equals + 1);
      g_string_append (script, "; ");
    }
  g_string_append (script, "command -v -- ");
  append_word (script, spec->argv[0]);
  g_string_append (script, " >/dev/null 2>&1 || ");
  append_report (script, spec, report, "program");
  g_string_append (script, "; exec");
  for (guint i = 0; spec->argv[i] != NULL; i++)
    {
      g_string_append_c (script, ' ');
      append_word (script, spec->argv[i]);
    }
  return g_string_free (script, FALSE);
}

/* From root to @user without a process in between, where setpriv is there. */
static void
append_drop (GString *script, const BsExecSpec *spec, const BsSshReport *report, const char *inner)
{
  g_string_append_printf (script, "g=$(id -g %s 2>/dev/null) || ", spec->user);
  append_report (script, spec, report, "user");
  g_string_append_printf (script,
                          "; HOME=~%s USER=%s LOGNAME=%s; export HOME USER LOGNAME; cd \"$HOME\" 2>/dev/null || "
                          "cd /; if setpriv --version >/dev/null 2>&1; then exec setpriv --reuid=%s "
                          "--regid=\"$g\" --init-groups sh -c ",
                          spec->user, spec->user, spec->user, spec->user);
  append_word (script, inner);
  g_string_append_printf (script, "; else exec su -s /bin/sh %s -c ", spec->user);
  append_word (script, inner);
  g_string_append (script, "; fi");
}

static void
append_raise (GString *script, const char *user, const char *inner)
{
  g_string_append_printf (script, "exec sudo -n -H -u %s sh -c ", user);
  append_word (script, inner);
}

static gboolean
check (const BsExecSpec *spec, GError **error)
{
  if (spec->user != NULL && !is_user (spec->user))
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "not a user's name: '%s'", spec->user);
      return FALSE;
    }
  for (guint i = 0; spec->env != NULL && spec->env[i] != NULL; i++)
    if (!is_variable (spec->env[i]))
      {
        bs_set_error (error, BS_ERROR_INVALID, "give NAME=VALUE", "not a variable: '%s'", spec->env[i]);
        return FALSE;
      }
  return TRUE;
}

char *
bs_ssh_command_line (const BsExecSpec *spec, const char *login, BsSshReport *report, GError **error)
{
  const char *user = spec->user != NULL ? spec->user : "root";
  g_autofree char *inner = NULL;
  GString *script, *line;

  *report = (BsSshReport){ .held = g_string_new (NULL), .ready = g_string_new (NULL) };
  g_snprintf (report->nonce, sizeof report->nonce, "%08x%08x", g_random_int (), g_random_int ());
  if (!check (spec, error))
    return NULL;
  inner = inner_script (spec, report);
  script = g_string_new (NULL);
  g_string_append_printf (script, "printf '\\001%s:group %%s\\n' $$%s; ", report->nonce, spec->tty ? "" : " >&2");
  if (strcmp (user, login) == 0)
    g_string_append (script, inner);
  else if (strcmp (login, "root") == 0)
    append_drop (script, spec, report, inner);
  else
    append_raise (script, user, inner);
  /* The login shell may be no POSIX one: it only has to understand this. */
  line = g_string_new ("exec sh -c ");
  append_word (line, script->str);
  g_string_free (script, TRUE);
  if (line->len < LINE_MAX_BYTES)
    return g_string_free (line, FALSE);
  bs_set_error (error, BS_ERROR_INVALID, "give what is long on standard input",
                "the command '%s' has too long arguments", spec->argv[0]);
  g_string_free (line, TRUE);
  return NULL;
}

/* @text: a report's words */
static void
understand (BsSshReport *report, const char *text)
{
  static const char *const things[] = { "program", "folder", "user", NULL };
  g_auto (GStrv) words = g_strsplit (text, " ", 2);

  if (words[0] == NULL || words[1] == NULL)
    return;
  if (strcmp (words[0], "group") == 0)
    report->group = (guint32) g_ascii_strtoull (words[1], NULL, 10);
  else if (g_strv_contains (things, words[0]) && report->missing == NULL)
    report->missing = g_strdup (words[0]);
}

/* @at begins with a report's first byte. Returns: its length; 0: it is none; -1: too little came to tell. */
static gssize
report_length (BsSshReport *report, const char *at, gsize length)
{
  gsize nonce = strlen (report->nonce), prefix = nonce + 2;
  const char *end;

  if (memcmp (at + 1, report->nonce, MIN (length - 1, nonce)) != 0 || (length >= prefix && at[prefix - 1] != ':'))
    return 0;
  end = length > prefix ? memchr (at + prefix, '\n', MIN (length, REPORT_MAX) - prefix) : NULL;
  if (end != NULL)
    {
      g_autofree char *text = g_strndup (at + prefix, (gsize) (end - at) - prefix);

      understand (report, text);
      return end + 1 - at;
    }
  return length < REPORT_MAX ? -1 : 0;
}

void
bs_ssh_report_take (BsSshReport *report, const char **data, gsize *length)
{
  const char *at, *end;

  if (report->nonce[0] == '\0' || *length == 0
      || (report->held->len == 0 && memchr (*data, REPORT_BEGIN, *length) == NULL))
    return;
  g_string_append_len (report->held, *data, (gssize) *length);
  g_string_truncate (report->ready, 0);
  at = report->held->str;
  end = at + report->held->len;
  while (at < end)
    {
      const char *begin = memchr (at, REPORT_BEGIN, (gsize) (end - at));
      gssize n;

      g_string_append_len (report->ready, at, (begin != NULL ? begin : end) - at);
      at = begin != NULL ? begin : end;
      if (begin == NULL || (n = report_length (report, at, (gsize) (end - at))) < 0)
        break;
      if (n == 0)
        g_string_append_c (report->ready, *at++);
      at += n;
    }
  g_string_erase (report->held, 0, at - report->held->str);
  *data = report->ready->str;
  *length = report->ready->len;
}

void
bs_ssh_report_end (BsSshReport *report, const char **data, gsize *length)
{
  *data = report->held != NULL ? report->held->str : "";
  *length = report->held != NULL ? report->held->len : 0;
  report->nonce[0] = '\0';
}

void
bs_ssh_report_clear (BsSshReport *report)
{
  if (report->held != NULL)
    {
      g_string_free (report->held, TRUE);
      g_string_free (report->ready, TRUE);
    }
  g_free (report->missing);
  *report = (BsSshReport){ 0 };
}
