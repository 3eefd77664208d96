/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-decision-log.h"
#include "bs-decision-order.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)
#define FILE_MAX (1024 * 1024 * 1024)

G_STATIC_ASSERT (sizeof (BsDecisionLogHead) == 96);
G_STATIC_ASSERT (sizeof (BsSwitchDecision) == 40);

BsDecisionLog *
bs_decision_log_new (void)
{
  BsDecisionLog *self = g_new0 (BsDecisionLog, 1);

  self->decisions = g_array_new (FALSE, FALSE, sizeof (BsSwitchDecision));
  self->began_nsec = (guint64) g_get_real_time () * 1000;
  return self;
}

void
bs_decision_log_free (BsDecisionLog *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->decisions);
  g_free (self);
}

void
bs_decision_log_add (BsDecisionLog *self, const BsSwitchDecision *decision)
{
  if (self->decisions->len < BS_DECISION_LOG_MAX)
    g_array_append_vals (self->decisions, decision, 1);
  else
    self->lost++;
}

static int
compare (gconstpointer a, gconstpointer b, gpointer unused)
{
  return bs_decision_compare (a, b);
}

/* Stable, so that the first of two stays the first. */
void
bs_decision_log_sort (BsDecisionLog *self)
{
  BsSwitchDecision *decisions = (BsSwitchDecision *) (void *) self->decisions->data;
  guint n = self->decisions->len, kept = 0;

  g_qsort_with_data (decisions, (int) n, sizeof *decisions, compare, NULL);
  for (guint i = 0; i < n; i++)
    if (kept == 0 || bs_decision_compare (&decisions[kept - 1], &decisions[i]) != 0)
      decisions[kept++] = decisions[i];
  self->lost += n - kept;
  g_array_set_size (self->decisions, kept);
}

static void
digest (const void *data, gsize length, guint8 result[32])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = 32;

  g_checksum_update (checksum, data, (gssize) length);
  g_checksum_get_digest (checksum, result, &size);
}

gboolean
bs_decision_log_write (BsDecisionLog *self, const char *path, GError **error)
{
  BsDecisionLogHead head = { .byte_order = BS_DECISION_LOG_BYTE_ORDER,
                             .version = BS_DECISION_LOG_VERSION,
                             .head_size = sizeof head,
                             .item_size = sizeof (BsSwitchDecision) };
  g_autoptr (GByteArray) bytes = NULL;
  gsize length;

  bs_decision_log_sort (self);
  length = self->decisions->len * sizeof (BsSwitchDecision);
  if (length > FILE_MAX - sizeof head)
    {
      bs_set_error (error, BS_ERROR_EXHAUSTED, "record for a shorter time", "%u decisions are too many for one log",
                    self->decisions->len);
      return FALSE;
    }
  memcpy (head.magic, BS_DECISION_LOG_MAGIC, sizeof head.magic);
  head.count = self->decisions->len;
  head.lost = self->lost;
  head.began_nsec = self->began_nsec;
  digest (self->decisions->data, length, head.digest);
  bytes = g_byte_array_sized_new ((guint) (sizeof head + length));
  g_byte_array_append (bytes, (const guint8 *) &head, sizeof head);
  g_byte_array_append (bytes, (const guint8 *) self->decisions->data, (guint) length);
  return bs_file_write_atomic (AT_FDCWD, path, bytes->data, bytes->len, 0644, error);
}

static gboolean
refuse (GError **error, const char *name, const char *why)
{
  bs_set_error (error, BS_ERROR_INVALID, "`benchscale net record` writes such logs", "'%s' is no log to replay: %s",
                name, why);
  return FALSE;
}

static gboolean
check_head (const BsDecisionLogHead *head, gsize length, const char *name, GError **error)
{
  if (memcmp (head->magic, BS_DECISION_LOG_MAGIC, sizeof head->magic) != 0)
    return refuse (error, name, "it does not begin like one");
  if (head->byte_order != BS_DECISION_LOG_BYTE_ORDER)
    return refuse (error, name, "it was written on a host of another byte order");
  if (head->version > BS_DECISION_LOG_VERSION)
    {
      bs_set_error (error, BS_ERROR_UNSUPPORTED, "use the version of benchscale that wrote it",
                    "'%s' is a log of version %u, newer than %d", name, head->version, BS_DECISION_LOG_VERSION);
      return FALSE;
    }
  if (head->version == 0 || head->head_size != sizeof *head || head->item_size != sizeof (BsSwitchDecision)
      || head->reserved[0] != 0 || head->reserved[1] != 0)
    return refuse (error, name, "its head is damaged");
  if (head->count > BS_DECISION_LOG_MAX || length != sizeof *head + head->count * sizeof (BsSwitchDecision))
    return refuse (error, name, "it is not as long as its head says");
  return TRUE;
}

BsDecisionLog *
bs_decision_log_parse (const void *data, gsize length, const char *name, GError **error)
{
  g_autoptr (BsDecisionLog) self = bs_decision_log_new ();
  const guint8 *bytes = data;
  BsDecisionLogHead head;
  guint8 found[32];

  if (length < sizeof head)
    {
      refuse (error, name, "it is too short");
      return NULL;
    }
  memcpy (&head, bytes, sizeof head);
  if (!check_head (&head, length, name, error))
    return NULL;
  digest (bytes + sizeof head, length - sizeof head, found);
  g_array_append_vals (self->decisions, bytes + sizeof head, (guint) head.count);
  if (memcmp (found, head.digest, sizeof found) != 0)
    refuse (error, name, "its digest does not fit what it holds");
  else if (!bs_decisions_are_valid ((const BsSwitchDecision *) (void *) self->decisions->data, head.count))
    refuse (error, name, "its decisions are not in order or out of range");
  else
    {
      self->lost = head.lost;
      self->began_nsec = head.began_nsec;
      return g_steal_pointer (&self);
    }
  return NULL;
}

BsDecisionLog *
bs_decision_log_read (const char *path, GError **error)
{
  gsize length;
  g_autofree char *data = bs_file_read (AT_FDCWD, path, FILE_MAX, &length, error);

  return data != NULL ? bs_decision_log_parse (data, length, path, error) : NULL;
}

int
bs_decision_log_memory (const BsDecisionLog *self, GError **error)
{
  bs_autofd int fd = memfd_create ("benchscale-replay", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  if (fd >= 0 && bs_fd_write_all (fd, self->decisions->data, self->decisions->len * sizeof (BsSwitchDecision))
      && fcntl (fd, F_ADD_SEALS, SEALS) == 0)
    return bs_fd_steal (&fd);
  bs_set_error_errno (error, errno, "cannot keep the log in memory");
  return -1;
}
