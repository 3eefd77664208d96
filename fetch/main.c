/* SPDX-License-Identifier: Apache-2.0 */
/* main.c — benchscale-fetch: downloads one file into the current folder
 *
 * A program of its own, so that the command loads neither an HTTP nor a TLS library, and so that what a server sends is
 * parsed where nothing else is. It reads one JSON request (bs-download.c writes it; a URL may hold a password, hence
 * not as an argument) and answers with JSON lines: {"done":N,"total":N} now and then, {"note":TEXT}, and last
 * {"bytes":N,"sha256":HEX} or {"error":TEXT,"code":NAME,"hint":TEXT}. It dies with its parent.
 */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-json.h"
#include "bs-transfer.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#define REQUEST_MAX (64 * 1024)

static void
say (json_t *line)
{
  g_autoptr (json_t) owned = line;
  g_autofree char *text = bs_json_dump (owned);

  printf ("%s\n", text);
  fflush (stdout);
}

static void
report (gint64 done, gint64 total, const char *note)
{
  if (note != NULL)
    say (json_pack ("{s:s}", "note", note));
  else
    say (json_pack ("{s:I, s:I}", "done", (json_int_t) done, "total", (json_int_t) MAX (total, 0)));
}

static json_t *
read_request (GError **error)
{
  g_autofree char *text = g_malloc (REQUEST_MAX);
  gsize length = fread (text, 1, REQUEST_MAX, stdin);

  return bs_json_load (text, length, error);
}

static int
fail (GError *error)
{
  g_autofree char *valid = g_utf8_make_valid (error->message, -1);
  json_t *line = json_pack ("{s:s, s:s}", "error", valid, "code",
                            bs_error_code_name (error->domain == BS_ERROR ? error->code : BS_ERROR_FAILED));

  if (bs_error_hint (error) != NULL)
    json_object_set_new (line, "hint", json_string (bs_error_hint (error)));
  say (line);
  g_error_free (error);
  return 1;
}

int
main (void)
{
  g_autoptr (json_t) request = NULL;
  g_autoptr (BsPart) part = NULL;
  g_autofree char *sha256 = NULL;
  GError *error = NULL;
  BsTransfer transfer;

  bs_fd_ensure_standard ();
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  /* One HTTP/1.1 connection is all that is needed, and the simpler parser. */
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
  request = read_request (&error);
  if (request == NULL)
    return fail (error);
  if (getppid () != (pid_t) bs_json_int (request, "parent", 0))
    return 1;
  transfer = (BsTransfer){
    .url = bs_json_string (request, "url", ""),
    .name = bs_json_string (request, "name", ""),
    .expected = bs_json_string (request, "expected", NULL),
    .type = bs_json_bool (request, "sha512", FALSE) ? G_CHECKSUM_SHA512 : G_CHECKSUM_SHA256,
    .limit = bs_json_int (request, "limit", 0),
    .stall_usec = bs_json_int (request, "stall_usec", 0),
    .backoff_usec = bs_json_int (request, "backoff_usec", 0),
    .attempts = (guint) bs_json_int (request, "attempts", 1),
  };
  part = bs_transfer_run (&transfer, report, &error);
  if (part == NULL)
    return fail (error);
  sha256 = bs_part_digest (part, G_CHECKSUM_SHA256);
  say (json_pack ("{s:I, s:s}", "bytes", (json_int_t) part->length, "sha256", sha256));
  return 0;
}
