/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-ssh.h"

#include <string.h>

BsSshTarget *
bs_ssh_target_new (const char *host, guint16 port, const char *user, const char *host_key)
{
  BsSshTarget *self = g_new0 (BsSshTarget, 1);

  self->host = g_strdup (host);
  self->port = port;
  self->user = g_strdup (user);
  self->host_key = g_strdup (host_key);
  return self;
}

BsSshTarget *
bs_ssh_target_copy (const BsSshTarget *self)
{
  BsSshTarget *copy = g_memdup2 (self, sizeof *self);

  copy->label = g_strdup (self->label);
  copy->host = g_strdup (self->host);
  copy->user = g_strdup (self->user);
  copy->host_key = g_strdup (self->host_key);
  copy->agent_path = g_strdup (self->agent_path);
  copy->key_file = g_strdup (self->key_file);
  copy->key_text = g_strdup (self->key_text);
  copy->password = g_strdup (self->password);
  return copy;
}

static void
forget (char *secret)
{
  if (secret != NULL)
    explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

void
bs_ssh_target_free (BsSshTarget *self)
{
  if (self == NULL)
    return;
  g_free (self->label);
  g_free (self->host);
  g_free (self->user);
  g_free (self->host_key);
  g_free (self->agent_path);
  g_free (self->key_file);
  forget (self->key_text);
  forget (self->password);
  g_free (self);
}

/* All but the label and the patience. */
gboolean
bs_ssh_target_equal (const BsSshTarget *a, const BsSshTarget *b)
{
  return a->port == b->port && a->agent == b->agent && g_strcmp0 (a->host, b->host) == 0
         && g_strcmp0 (a->user, b->user) == 0 && g_strcmp0 (a->host_key, b->host_key) == 0
         && g_strcmp0 (a->agent_path, b->agent_path) == 0 && g_strcmp0 (a->key_file, b->key_file) == 0
         && g_strcmp0 (a->key_text, b->key_text) == 0 && g_strcmp0 (a->password, b->password) == 0;
}
