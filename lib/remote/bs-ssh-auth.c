/* SPDX-License-Identifier: Apache-2.0 */
/* bs-ssh-auth.c — the ways to log in, one after another */
#include "bs-file.h"
#include "bs-ssh-private.h"

#include <string.h>

#define KEY_FILE_MAX 65536
#define QUESTIONS_MAX 4

typedef struct
{
  BsSshCall *call;
  ssh_key key;
  GString *tried;
} Login;

static int
try_none (Login *self)
{
  return bs_libssh.ssh_userauth_none (self->call->ssh->session, NULL);
}

static int
try_agent (Login *self)
{
  return bs_libssh.ssh_userauth_agent (self->call->ssh->session, NULL);
}

static int
try_key (Login *self)
{
  return bs_libssh.ssh_userauth_publickey (self->call->ssh->session, NULL, self->key);
}

static int
try_password (Login *self)
{
  return bs_libssh.ssh_userauth_password (self->call->ssh->session, NULL, self->call->ssh->target->password);
}

/* FALSE when something else than the password is asked for. */
static gboolean
answer_questions (Login *self)
{
  ssh_session session = self->call->ssh->session;
  int n = bs_libssh.ssh_userauth_kbdint_getnprompts (session);
  char echo = 1;

  if (n == 0)
    return TRUE;
  bs_libssh.ssh_userauth_kbdint_getprompt (session, 0, &echo);
  return n == 1 && echo == 0
         && bs_libssh.ssh_userauth_kbdint_setanswer (session, 0, self->call->ssh->target->password) == 0;
}

/* Servers with PAM take the password as the answer to the one question whose answer is not shown. */
static int
try_questions (Login *self)
{
  int result = bs_libssh.ssh_userauth_kbdint (self->call->ssh->session, NULL, NULL);

  for (guint round = 0; result == SSH_AUTH_INFO; round++)
    {
      if (round == QUESTIONS_MAX || !answer_questions (self))
        return SSH_AUTH_DENIED;
      result = bs_libssh.ssh_userauth_kbdint (self->call->ssh->session, NULL, NULL);
    }
  return result;
}

/* Returns: TRUE when it is decided: @in says whether we are in. FALSE with an error. */
static gboolean
attempt (Login *self, const char *name, int (*method) (Login *self), gboolean *in, GError **error)
{
  int result;

  g_string_append_printf (self->tried, "%s%s", self->tried->len > 0 ? ", " : "", name);
  while ((result = method (self)) == SSH_AUTH_AGAIN)
    if (!bs_ssh_wait (self->call, NULL, 0, -1, error))
      return FALSE;
  *in = result == SSH_AUTH_SUCCESS;
  if (bs_libssh.ssh_is_connected (self->call->ssh->session))
    return TRUE;
  bs_ssh_call_failed (self->call, error);
  if (error != NULL && *error != NULL)
    bs_error_set_hint (*error, "too many failed attempts? the server may close the connection after some");
  return FALSE;
}

static gboolean
import_key (Login *self, const char *text, const char *from, GError **error)
{
  if (bs_libssh.ssh_pki_import_privkey_base64 (text, NULL, NULL, NULL, &self->key) == SSH_OK)
    return TRUE;
  bs_set_error (error, BS_ERROR_INVALID, "give a private key without passphrase, or put it into your SSH agent",
                "cannot use the private key %s", from);
  return FALSE;
}

static gboolean
load_key (Login *self, GError **error)
{
  const BsSshTarget *target = self->call->ssh->target;
  g_autofree char *text = NULL, *quoted = NULL;
  gboolean ok;
  gsize length;

  if (target->key_text != NULL)
    return import_key (self, target->key_text, "that was given", error);
  text = bs_file_read (AT_FDCWD, target->key_file, KEY_FILE_MAX, &length, error);
  if (text == NULL)
    return FALSE;
  quoted = g_strdup_printf ("'%s'", target->key_file);
  ok = import_key (self, text, quoted, error);
  explicit_bzero (text, length);
  return ok;
}

static char *
methods_taken (ssh_session session)
{
  static const struct
  {
    int bit;
    const char *name;
  } all[] = { { SSH_AUTH_METHOD_PUBLICKEY, "publickey" },
              { SSH_AUTH_METHOD_PASSWORD, "password" },
              { SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive" },
              { SSH_AUTH_METHOD_HOSTBASED, "hostbased" },
              { SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic" } };
  int methods = bs_libssh.ssh_userauth_list (session, NULL);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (methods & all[i].bit)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", all[i].name);
  return g_string_free (text, FALSE);
}

static gboolean
refused (Login *self, GError **error)
{
  const BsSsh *ssh = self->call->ssh;
  g_autofree char *taken = methods_taken (ssh->session);

  bs_set_error (error, BS_ERROR_FAILED, "check the user's name, and that the server knows the public key",
                "'%s' does not let '%s' in: tried %s; the server takes %s", ssh->name, ssh->target->user,
                self->tried->str, taken[0] != '\0' ? taken : "nothing");
  return FALSE;
}

static gboolean
log_in (Login *self, GError **error)
{
  const BsSshTarget *target = self->call->ssh->target;
  gboolean in = FALSE;

  if (target->agent && !attempt (self, "publickey (agent)", try_agent, &in, error))
    return FALSE;
  if (!in && (target->key_text != NULL || target->key_file != NULL)
      && (!load_key (self, error) || !attempt (self, "publickey", try_key, &in, error)))
    return FALSE;
  if (!in && target->password != NULL && !attempt (self, "password", try_password, &in, error))
    return FALSE;
  if (!in && target->password != NULL
      && (bs_libssh.ssh_userauth_list (self->call->ssh->session, NULL) & SSH_AUTH_METHOD_INTERACTIVE) != 0
      && !attempt (self, "keyboard-interactive", try_questions, &in, error))
    return FALSE;
  if (!in && self->tried->len == 0 && !attempt (self, "none", try_none, &in, error))
    return FALSE;
  return in || refused (self, error);
}

gboolean
bs_ssh_authenticate (BsSshCall *call, GError **error)
{
  Login login = { .call = call, .tried = g_string_new (NULL) };
  gboolean ok = log_in (&login, error);

  bs_libssh.ssh_key_free (login.key);
  g_string_free (login.tried, TRUE);
  return ok;
}
