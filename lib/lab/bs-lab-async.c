/* SPDX-License-Identifier: Apache-2.0 */
/* bs-lab-async.c — the blocking calls on a thread of their own, with the answer in the caller's context */
#include "bs-error.h"
#include "bs-lab-private.h"

/* Which call a result belongs to: told by address. */
static const char up_tag[] = "up", down_tag[] = "down";

typedef struct
{
  char *what, *name;
  BsLabOptions options;
} Call;

static Call *
call_new (const char *what, const BsLabOptions *options)
{
  Call *call = g_new0 (Call, 1);

  call->what = g_strdup (what);
  if (options != NULL)
    call->options = *options;
  call->name = g_strdup (call->options.name);
  call->options.name = call->name;
  return call;
}

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->what);
  g_free (call->name);
  g_free (call);
}

static void
run (const char *what, const BsLabOptions *options, GCancellable *cancellable, GAsyncReadyCallback callback,
     gpointer user_data, const char *tag, GTaskThreadFunc work)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, (gpointer) tag);
  /* The work itself says that it was cancelled, after it has undone what it began. */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, call_new (what, options), call_free);
  g_task_run_in_thread (task, work);
}

static void
up_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Call *call = data;
  GError *error = NULL;
  BsLab *lab = bs_lab_up (call->what, &call->options, cancellable, &error);

  if (lab != NULL)
    g_task_return_pointer (task, lab, (GDestroyNotify) bs_lab_free);
  else
    g_task_return_error (task, error);
}

void
bs_lab_up_async (const char *topology, const BsLabOptions *options, GCancellable *cancellable,
                 GAsyncReadyCallback callback, gpointer user_data)
{
  run (topology, options, cancellable, callback, user_data, up_tag, up_thread);
}

BsLab *
bs_lab_up_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, (gpointer) up_tag), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
down_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Call *call = data;
  GError *error = NULL;

  if (bs_lab_down (call->what, &call->options, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
bs_lab_down_async (const char *name, const BsLabOptions *options, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer user_data)
{
  run (name, options, cancellable, callback, user_data, down_tag, down_thread);
}

gboolean
bs_lab_down_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, (gpointer) down_tag), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
