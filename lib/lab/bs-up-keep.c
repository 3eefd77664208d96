/* SPDX-License-Identifier: Apache-2.0 */
/* bs-up-keep.c — machines whose provisioning failed in the making of a template, for the user to look at */
#include "bs-settings.h"
#include "bs-template-cache.h"
#include "bs-time.h"
#include "bs-up.h"

static const BsPlanNode *
node_at (const BsUp *up, guint index)
{
  return g_ptr_array_index (up->plan->nodes, index);
}

gboolean
bs_up_has_kept (const BsUp *up)
{
  for (guint i = 0; i < up->plan->nodes->len; i++)
    if (node_at (up, i)->spec->kept)
      return TRUE;
  return FALSE;
}

static void
start_one (BsUp *up, const BsPlanNode *node)
{
  const char *name = node->spec->name;
  g_autoptr (GError) error = NULL;
  BsBackendLab lab = { .state_id = up->plan->state_id,
                       .lab = up->plan->name,
                       .uuid = up->plan->uuid,
                       .lab_dir = up->lab_dir,
                       .control = up->control,
                       .cancellable = up->cancellable };

  if (bs_up_create_and_start (up, node, &lab, &error)
      && node->backend->wait_node (&lab, name, bs_up_agent_deadline (up, node), &error))
    bs_up_identify (up, node, &lab, &error);
  if (error != NULL)
    bs_events_emit (up->events, name, "start", "note", "the machine that failed: %s", error->message);
}

void
bs_up_start_kept (BsUp *up)
{
  for (guint i = 0; i < up->plan->nodes->len; i++)
    if (node_at (up, i)->spec->kept)
      start_one (up, node_at (up, i));
}

void
bs_up_forget_kept (const BsUp *up)
{
  const BsSettings *settings = bs_settings_get (NULL);

  for (guint i = 0; i < up->plan->nodes->len && settings != NULL; i++)
    if (node_at (up, i)->spec->kept)
      bs_template_remove_kept (bs_settings_cache_dir (settings), node_at (up, i)->spec->template);
}
