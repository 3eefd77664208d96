/* SPDX-License-Identifier: Apache-2.0 */
/* verb-ssh.c — a shell, or a command, over a node's SSH server */
#include "cli-password.h"
#include "cli-relay.h"
#include "cli.h"
#include "bs-lab-ssh.h"

#include <string.h>
#include <unistd.h>

static gboolean tty, no_stdin, agent, ask;
static char *user, *login, *timeout;

static const GOptionEntry options[] = {
  { "tty", 't', 0, G_OPTION_ARG_NONE, &tty, "give the command a terminal (a shell has one if there is one here)",
    NULL },
  { "no-stdin", 'n', 0, G_OPTION_ARG_NONE, &no_stdin, "it reads end of file at once", NULL },
  { "login", 'l', 0, G_OPTION_ARG_STRING, &login, "log in as this user (default: root, by the lab's key)", "USER" },
  { "agent", 'A', 0, G_OPTION_ARG_NONE, &agent, "your SSH agent's keys may let you in, too", NULL },
  { "password", 0, 0, G_OPTION_ARG_NONE, &ask, "ask for a password, for when no key lets you in", NULL },
  { "user", 'u', 0, G_OPTION_ARG_STRING, &user, "run the command as this user (default: who logs in)", "USER" },
  { "timeout", 0, 0, G_OPTION_ARG_STRING, &timeout, "end it after this long (exit code 124)", "DURATION" },
  { NULL },
};

/* The lab's key is tried in any case. */
static gboolean
choose_login (BsSshTarget *target, GError **error)
{
  g_autofree char *prompt = NULL;

  if (login != NULL)
    {
      g_free (target->user);
      target->user = g_strdup (login);
    }
  target->agent = agent;
  if (!ask)
    return TRUE;
  prompt = g_strdup_printf ("%s's password on %s: ", target->user, target->label);
  target->password = cli_password_ask (prompt, error);
  return target->password != NULL;
}

static gboolean
run_there (const BsSshTarget *target, BsExecSpec *spec, const BsExecIO *io, BsExecResult *result, GError **error)
{
  g_autoptr (BsSsh) ssh = bs_ssh_open (target, NULL, error);
  gboolean ok;

  if (ssh == NULL)
    return FALSE;
  spec->user = user != NULL ? user : target->user;
  cli_relay_raw (spec->tty);
  ok = spec->argv[0] != NULL ? bs_ssh_exec (ssh, spec, io, result, NULL, error)
                             : bs_ssh_shell (ssh, spec, io, result, NULL, error);
  cli_relay_cooked ();
  return ok;
}

static int
run (int argc, char **argv)
{
  g_autofree char *lab_name = NULL, *node = NULL;
  g_autoptr (BsLab) lab = NULL;
  g_autoptr (BsSshTarget) target = NULL;
  g_autoptr (GError) error = NULL;
  gboolean dashes = argc > 1 && strcmp (argv[1], "--") == 0;
  BsExecSpec spec = { .argv = (const char *const *) argv + (dashes ? 2 : 1) };
  BsExecIO io;
  BsExecResult result = { 0 };

  spec.tty = tty || (spec.argv[0] == NULL && !no_stdin && isatty (STDIN_FILENO));
  if (cli_duration ("--timeout", timeout, &spec.timeout_usec, &error)
      && cli_split_node (argv[0], &lab_name, &node, &error) && (lab = bs_lab_open (lab_name, &error)) != NULL
      && (target = bs_lab_ssh_target (lab, node, &error)) != NULL && choose_login (target, &error)
      && cli_relay_begin (&spec, &io, no_stdin, &error) && run_there (target, &spec, &io, &result, &error))
    return result.exit_code;
  return cli_relay_failed (spec.timeout_usec > 0, g_steal_pointer (&error));
}

const CliVerb cli_ssh = {
  .name = "ssh",
  .arguments = "LAB/NODE [COMMAND [ARGUMENT…]]",
  .summary = "log in to a node, or run a command in it, over SSH",
  .description
  = "Without COMMAND, the login shell of the node's user, with a terminal when there is one here. With COMMAND, as "
    "*exec* does it (no shell is between), but over the node's SSH server and as who logs in. Returns the command's "
    "exit "
    "code (128 + N when signal N ended it, 124 when --timeout did, 125 when the failure is benchscale's). The node's "
    "host "
    "key was decided by `up`: another one is refused.",
  .examples = "benchscale ssh shop/web — a shell\n"
              "benchscale ssh shop/web -- systemctl status nginx — one command\n"
              "benchscale ssh -l shop --password shop/web — as another user, who has no key there\n",
  .options = options,
  .options_first = TRUE,
  .min = 1,
  .max = G_MAXUINT,
  .run = run,
};
