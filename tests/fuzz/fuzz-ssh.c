/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-ssh.c — what an SSH server, or a file, may hold for us to parse: keys, known hosts, reports, SFTP messages */
#include "bs-sftp-wire.h"
#include "bs-ssh-command.h"
#include "bs-ssh-keys.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
keys (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size), *found = NULL, *fingerprint = NULL;
  g_autofree char *type = NULL, *base64 = NULL;

  found = bs_ssh_known_hosts_find ((const char *) data, size, "web");
  if (found != NULL)
    {
      g_autofree char *line = bs_ssh_known_hosts_line ("web", found);
      g_autofree char *again = bs_ssh_known_hosts_find (line, strlen (line), "web");

      g_assert_cmpstr (again, ==, found);
    }
  if (!bs_ssh_public_key_parse (text, &type, &base64, NULL))
    return;
  fingerprint = bs_ssh_fingerprint (text, NULL);
  g_assert_true (g_str_has_prefix (fingerprint, "SHA256:"));
  g_assert_true (bs_ssh_public_key_equal (text, text));
}

/* In pieces or whole, the same comes out. */
static GString *
output_of (const uint8_t *data, size_t size, size_t step, guint32 *group)
{
  BsSshReport report = { .nonce = "ab", .held = g_string_new (NULL), .ready = g_string_new (NULL) };
  GString *output = g_string_new (NULL);
  const char *piece;
  gsize length;

  for (size_t at = 0; at < size; at += step)
    {
      piece = (const char *) data + at;
      length = MIN (step, size - at);
      bs_ssh_report_take (&report, &piece, &length);
      g_string_append_len (output, piece, (gssize) length);
    }
  bs_ssh_report_end (&report, &piece, &length);
  g_string_append_len (output, piece, (gssize) length);
  g_assert_cmpuint (output->len, <=, size);
  *group = report.group;
  bs_ssh_report_clear (&report);
  return output;
}

static void
reports (const uint8_t *data, size_t size)
{
  guint32 group, group_in_pieces;
  g_autoptr (GString) whole = output_of (data, size, MAX (size, 1), &group);
  g_autoptr (GString) pieces = output_of (data, size, 3, &group_in_pieces);

  g_assert_true (g_string_equal (whole, pieces));
  g_assert_cmpuint (group, ==, group_in_pieces);
}

static void
sftp (const uint8_t *data, size_t size)
{
  BsSftpMessage message;
  gssize n;

  while ((n = bs_sftp_parse (data, size, &message)) > 0)
    {
      BsSftpReader reader = message.body;
      BsSftpAttrs attrs;
      gsize length;

      g_assert_cmpuint ((gsize) n, <=, size);
      bs_sftp_get_attrs (&reader, &attrs);
      for (reader = message.body; reader.left > 0;)
        {
          g_autofree char *text = bs_sftp_get_text (&reader);

          g_assert_cmpint (text == NULL, ==, reader.bad);
        }
      reader = message.body;
      bs_sftp_get64 (&reader);
      bs_sftp_get_string (&reader, &length);
      g_assert_cmpuint (length, <=, message.body.left);
      data += n;
      size -= (size_t) n;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  void (*const all[]) (const uint8_t *, size_t) = { keys, reports, sftp };

  if (size > 0)
    all[data[0] % G_N_ELEMENTS (all)](data + 1, size - 1);
  return 0;
}
