/* SPDX-License-Identifier: Apache-2.0 */
#include "cli-password.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define TERMINAL "/dev/tty"
#define LONGEST 1024

/* To the end of the line, or as much as there is room for. */
static gsize
read_line (int fd, char *line, gsize size)
{
  gsize length = 0;

  while (length < size && read (fd, line + length, 1) == 1 && line[length] != '\n')
    length++;
  return length;
}

char *
cli_password_ask (const char *prompt, GError **error)
{
  bs_autofd int fd = open (TERMINAL, O_RDWR | O_CLOEXEC | O_NOCTTY);
  struct termios shown, hidden;
  char line[LONGEST];
  char *answer = NULL;
  gsize length;

  if (fd < 0 || tcgetattr (fd, &shown) != 0)
    {
      bs_set_error (error, BS_ERROR_INVALID, "use a key, or the agent with --agent",
                    "there is no terminal to ask for a password");
      return NULL;
    }
  hidden = shown;
  hidden.c_lflag &= (tcflag_t) ~ECHO;
  tcsetattr (fd, TCSAFLUSH, &hidden);
  bs_fd_write_all (fd, prompt, strlen (prompt));
  length = read_line (fd, line, sizeof line);
  tcsetattr (fd, TCSAFLUSH, &shown);
  bs_fd_write_all (fd, "\n", 1);
  if (length > 0 && length < sizeof line)
    answer = g_strndup (line, length);
  else
    bs_set_error (error, BS_ERROR_CANCELLED, NULL, "no password was given");
  explicit_bzero (line, sizeof line);
  return answer;
}
