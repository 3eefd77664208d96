/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-command.h — a BsExecSpec as one line for a login shell, and what that line says before it begins
 *
 * SSH carries a line for the user's shell, not arguments. Ours tells its process group, changes folder and user, makes
 * sure that there is such a program, and replaces itself by it. What it tells is put into the error stream (into the
 * terminal, when there is one) as "\001NONCE:WORD VALUE\n", with a random nonce, and taken out of it here. WORD is
 * "group" (servers do not send signals to root's commands, so we do, by that number), or, before exit code 127,
 * "program", "folder" or "user" for what is not there.
 */
#pragma once

#include "bs-exec.h"

typedef struct
{
  char nonce[17]; /* "": nothing is told */
  char *missing;  /* (nullable) "program", "folder", "user" */
  guint32 group;  /* 0: not known */
  GString *held;  /* the end of what came, which may be the beginning of a report */
  GString *ready; /* what is handed out */
} BsSshReport;

/**
 * bs_ssh_command_line:
 * @login: who logs in
 * @report: (out): for bs_ssh_report_take()
 *
 * Returns: (transfer full): the line, or NULL with %BS_ERROR_INVALID: a user's name, a variable or an argument that
 * cannot be given
 */
char *bs_ssh_command_line (const BsExecSpec *spec, const char *login, BsSshReport *report, GError **error);

/**
 * bs_ssh_report_take:
 * @data: (inout): a piece of the stream that reports come in
 * @length: (inout)
 *
 * Takes reports out. Afterwards @data is what is output; it may lie in @report, until the next call.
 */
void bs_ssh_report_take (BsSshReport *report, const char **data, gsize *length);
/* The stream has ended: what is held back is output after all; (transfer none) until cleared. */
void bs_ssh_report_end (BsSshReport *report, const char **data, gsize *length);
void bs_ssh_report_clear (BsSshReport *report);

/* How a command ended: "TERM" as in RFC 4254, 6.10, to 15; 0 for a name that is not known. */
int bs_ssh_signal_number (const char *name);
/* (nullable): a signal that SSH has no name for */
const char *bs_ssh_signal_name (int number);
