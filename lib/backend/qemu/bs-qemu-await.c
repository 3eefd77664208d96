/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-qemu-await.h"
#include "bs-error.h"
#include "bs-text.h"
#include "bs-time.h"

#include <string.h>

#define SAID_MAX 768
#define EXIT_MISSING 127

/* $1 kind, then its arguments. It is ended by SIGTERM at the deadline, and tells then how the command last did. */
static const char script[]
    = "kind=$1; shift; code=\n"
      "if [ \"$kind\" = command ]; then\n"
      "  command -v \"$1\" > /dev/null || exit 127\n"
      "  said=$(mktemp 2>&1) || { echo \"$said\"; exit 1; }\n"
      "  trap 'rm -f \"$said\"' EXIT\n"
      "fi\n"
      "late() {\n"
      "  [ \"$kind\" = command ] || exit 1\n"
      "  if [ -n \"$code\" ]; then echo \"the command last ended with $code\"; else echo 'the command was still "
      "running'; "
      "fi\n"
      /* The shell's own word for what it saw end comes last. */
      "  text=$(tail -c 512 \"$said\" | sed '${/^Terminated *$/d;}')\n"
      "  [ -z \"$text\" ] || echo \"and said: $text\"\n"
      "  exit 1\n"
      "}\n"
      "trap late TERM\n"
      "holds() {\n"
      "  case $kind in\n"
      "    file) [ -e \"$1\" ] ;;\n"
      "    port) grep -qsE \"^ *[0-9]+: [0-9A-F]+:$(printf %04X \"$1\") [0-9A-F]+:[0-9A-F]+ 0A \" /proc/net/tcp "
      "/proc/net/tcp6 ;;\n"
      "    process) grep -qsxF -e \"$1\" /proc/[0-9]*/comm ||\n"
      "      head -qzn1 /proc/[0-9]*/cmdline 2> /dev/null | tr '\\000' '\\n' | sed 's,.*/,,' | grep -qxF -e \"$1\" ;;\n"
      "    command) \"$@\" < /dev/null > /dev/null 2> \"$said\" || { code=$?; return 1; } ;;\n"
      "  esac\n"
      "}\n"
      "until holds \"$@\"; do sleep 0.1; done\n";

/* The shell itself tells on stderr what it killed. */
static gboolean
keep (BsExecChannel channel, const void *data, gsize length, gpointer user_data, GError **error)
{
  GString *said = user_data;

  if (channel == BS_EXEC_STDOUT)
    g_string_append_len (said, data, (gssize) MIN (length, SAID_MAX - MIN (said->len, SAID_MAX)));
  return TRUE;
}

/* On one line. */
static char *
shown (const GString *said)
{
  g_autofree char *text = bs_text_printable (said->str, said->len);
  char *line = g_strstrip (g_strdelimit (text, "\n\t", ' '));

  return line[0] != '\0' ? g_strconcat (": ", line, NULL) : g_strdup ("");
}

static gboolean
check (const char *kind, const char *const *arguments, GError **error)
{
  static const char *const kinds[] = { "port", "file", "process", "command", NULL };
  guint64 port;

  if (!g_strv_contains (kinds, kind) || arguments[0] == NULL)
    bs_set_error (error, BS_ERROR_INVALID, NULL, "no such kind of condition '%s'", kind);
  else if (strcmp (kind, "port") == 0 && !g_ascii_string_to_unsigned (arguments[0], 10, 1, 65535, &port, NULL))
    bs_set_error (error, BS_ERROR_INVALID, NULL, "not a port number '%s'", arguments[0]);
  else
    return TRUE;
  return FALSE;
}

static gboolean
judge (const char *what, const BsExecResult *result, const GString *said, GError **error)
{
  g_autofree char *told = shown (said);

  if (result->exit_code == 0)
    return TRUE;
  if (result->timed_out)
    bs_set_error (error, BS_ERROR_TIMEOUT, NULL, "cannot %s: not in time%s", what, told);
  else if (result->exit_code == EXIT_MISSING)
    bs_set_error (error, BS_ERROR_NOT_FOUND, NULL, "cannot %s: there is no such program", what);
  else
    bs_set_error (error, BS_ERROR_FAILED, NULL, "cannot %s: its shell exited with %d%s", what, result->exit_code, told);
  return FALSE;
}

gboolean
bs_qemu_await (BsRemote *remote, const char *kind, const char *const *arguments, GError **error)
{
  g_autofree char *what = g_strdup_printf ("wait for %s '%s'", kind, arguments[0] != NULL ? arguments[0] : "");
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GString) said = g_string_new (NULL);
  gint64 left_usec = bs_time_left_usec (remote->deadline_usec);
  BsExecSpec spec = { .timeout_usec = MAX (left_usec, 1) };
  BsExecIO io = { .stdin_fd = -1, .control_fd = -1, .output = keep, .user_data = said };
  BsExecResult result = { 0 };

  if (!check (kind, arguments, error))
    return FALSE;
  for (const char *const *at = (const char *const[]){ "sh", "-c", script, "sh", kind, NULL }; *at != NULL; at++)
    g_ptr_array_add (argv, (gpointer) *at);
  for (; *arguments != NULL; arguments++)
    g_ptr_array_add (argv, (gpointer) *arguments);
  g_ptr_array_add (argv, NULL);
  spec.argv = (const char *const *) argv->pdata;
  if (remote->exec (remote, &spec, &io, &result, error))
    return judge (what, &result, said, error);
  g_prefix_error (error, "cannot %s: ", what);
  return FALSE;
}
