/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-failpoint.h"
#include "bs-error.h"
#include "bs-suggest.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define VARIABLE "BENCHSCALE_FAILPOINT"
#define FORM "write it as NAME[:N]:kill, NAME[:N]:error or NAME[:N]:delay, with N from 1"
#define DELAY_USEC (2 * G_USEC_PER_SEC)
#define NTH_MAX 1000000

typedef enum
{
  ACTION_KILL,
  ACTION_ERROR,
  ACTION_DELAY,
} Action;

typedef struct
{
  const char *name;
  gsize name_length;
  guint nth;
  Action action;
} Spec;

static gboolean
parse_action (const char *text, Action *action)
{
  static const char *const names[] = { [ACTION_KILL] = "kill", [ACTION_ERROR] = "error", [ACTION_DELAY] = "delay" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (names[i], text) == 0)
      {
        *action = (Action) i;
        return TRUE;
      }
  return FALSE;
}

static gboolean
parse_nth (const char *text, gsize length, guint *nth)
{
  *nth = 0;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return FALSE;
      *nth = *nth * 10 + (guint) (text[i] - '0');
      if (*nth > NTH_MAX)
        return FALSE;
    }
  return *nth > 0;
}

/* A name has no colon: what is before the first one is the name, what is after the last one the action. */
static gboolean
parse (const char *text, Spec *spec)
{
  const char *first = strchr (text, ':'), *last = strrchr (text, ':');

  if (first == NULL || first == text || !parse_action (last + 1, &spec->action))
    return FALSE;
  spec->name = text;
  spec->name_length = (gsize) (first - text);
  spec->nth = 1;
  return first == last || parse_nth (first + 1, (gsize) (last - first - 1), &spec->nth);
}

static gboolean
is_named (const Spec *spec, const char *name)
{
  return strlen (name) == spec->name_length && strncmp (name, spec->name, spec->name_length) == 0;
}

gboolean
bs_failpoint (const char *name, GError **error)
{
  static guint passed;
  const char *text = g_getenv (VARIABLE);
  Spec spec;

  if (text == NULL || !parse (text, &spec) || !is_named (&spec, name)
      || g_atomic_int_add (&passed, 1) + 1 != (gint) spec.nth)
    return TRUE;
  switch (spec.action)
    {
    case ACTION_KILL:
      kill (getpid (), SIGKILL);
      break;
    case ACTION_DELAY:
      g_usleep (DELAY_USEC);
      break;
    case ACTION_ERROR:
      bs_set_error (error, BS_ERROR_FAILED, "unset " VARIABLE, "failpoint '%s'", name);
      return FALSE;
    }
  return TRUE;
}

gboolean
bs_failpoint_check_environment (const char *const *names, GError **error)
{
  const char *text = g_getenv (VARIABLE), *nearest;
  g_autofree char *name = NULL, *hint = NULL;
  Spec spec;

  if (text == NULL || text[0] == '\0')
    return TRUE;
  if (!parse (text, &spec))
    {
      bs_set_error (error, BS_ERROR_INVALID, FORM, VARIABLE " is malformed: '%s'", text);
      return FALSE;
    }
  for (guint i = 0; names[i] != NULL; i++)
    if (is_named (&spec, names[i]))
      return TRUE;
  name = g_strndup (spec.name, spec.name_length);
  nearest = bs_suggest_nearest (name, names);
  if (nearest != NULL)
    hint = g_strdup_printf ("did you mean '%s'?", nearest);
  bs_set_error (error, BS_ERROR_INVALID, hint != NULL ? hint : "unset " VARIABLE, VARIABLE " names no failpoint: '%s'",
                name);
  return FALSE;
}
