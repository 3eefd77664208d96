/* SPDX-License-Identifier: Apache-2.0 */
/* bs-provision-absent.c — stands where bs-provision.c will be; nothing can be baked with it */
#include "bs-error.h"
#include "bs-provision.h"

gboolean
bs_provision_bakes (const BsTopologyNode *node)
{
  return node->packages != NULL && node->packages->len > 0;
}

char *
bs_provision_digest (const BsTopologyNode *node, const char *file, const char *folder, GError **error)
{
  bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "provisioning is not supported yet");
  return NULL;
}

gboolean
bs_provision_bake (const BsTopologyNode *node, const char *file, const char *folder, BsRemote *remote,
                   BsProvisionProgress progress, gpointer user_data, GError **error)
{
  bs_set_error (error, BS_ERROR_UNSUPPORTED, NULL, "provisioning is not supported yet");
  return FALSE;
}
