/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-key-pair.c — new keys, in OpenSSH's own format */
#include "bs-error.h"
#include "bs-libssh.h"
#include "bs-ssh-keys.h"

#include <string.h>

#define BEGIN "-----BEGIN OPENSSH PRIVATE KEY-----"
#define END "-----END OPENSSH PRIVATE KEY-----"
#define LINE 70

static void
forget (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
}

/* libssh writes the whole key on one line, which not everything that reads such files takes. (transfer full) (nullable)
 */
static char *
wrap (const char *text)
{
  const char *begin = strstr (text, BEGIN), *end = strstr (text, END);
  GString *wrapped;
  guint column = 0;

  if (begin == NULL || end == NULL)
    return NULL;
  wrapped = g_string_sized_new (1024); /* so that it is not copied about */
  g_string_append (wrapped, BEGIN "\n");
  for (const char *at = begin + strlen (BEGIN); at < end; at++)
    if (!g_ascii_isspace (*at))
      {
        g_string_append_c (wrapped, *at);
        if (++column % LINE == 0)
          g_string_append_c (wrapped, '\n');
      }
  g_string_append (wrapped, column % LINE != 0 ? "\n" END "\n" : END "\n");
  return g_string_free (wrapped, FALSE);
}

BsSshKeyPair *
bs_ssh_key_pair_new (const char *comment, GError **error)
{
  g_autoptr (BsSshKeyPair) self = g_new0 (BsSshKeyPair, 1);
  ssh_key key = NULL;
  char *text = NULL, *base64 = NULL;

  if (comment != NULL && strpbrk (comment, "\r\n") != NULL)
    {
      bs_set_error (error, BS_ERROR_INVALID, NULL, "a key's comment has more than one line");
      return NULL;
    }
  if (!bs_libssh_load (error))
    return NULL;
  if (bs_libssh.ssh_pki_generate (SSH_KEYTYPE_ED25519, 0, &key) == SSH_OK
      && bs_libssh.ssh_pki_export_privkey_base64 (key, NULL, NULL, NULL, &text) == SSH_OK
      && bs_libssh.ssh_pki_export_pubkey_base64 (key, &base64) == SSH_OK)
    {
      self->private_text = wrap (text);
      self->public_text = g_strconcat ("ssh-ed25519 ", base64, comment != NULL ? " " : NULL, comment, NULL);
    }
  forget (text);
  bs_libssh.ssh_string_free_char (text);
  bs_libssh.ssh_string_free_char (base64);
  bs_libssh.ssh_key_free (key);
  if (self->private_text != NULL)
    return g_steal_pointer (&self);
  bs_set_error (error, BS_ERROR_FAILED, NULL, "cannot make an ed25519 key");
  return NULL;
}

void
bs_ssh_key_pair_free (BsSshKeyPair *self)
{
  if (self == NULL)
    return;
  forget (self->private_text);
  g_free (self->private_text);
  g_free (self->public_text);
  g_free (self);
}
