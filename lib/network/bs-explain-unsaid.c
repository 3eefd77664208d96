/* SPDX-License-Identifier: Apache-2.0 */
/* bs-explain-unsaid.c — what holds where nothing is said: settings, what others choose, what is simply not there */
#include "bs-explain-private.h"

#include "bs-settings.h"
#include "bs-topology-encoder.h"

#include <string.h>

/* What is a setting when the file does not say it, by the ends of paths. */
static const struct
{
  const char *below, *key;
  BsSettingId setting;
} by_setting[] = {
  { "nodes", "image", BS_SETTING_NODE_IMAGE },           { "nodes", "memory_mb", BS_SETTING_NODE_MEMORY_MB },
  { "nodes", "vcpus", BS_SETTING_NODE_VCPUS },           { "ready", "within", BS_SETTING_READY_TIMEOUT },
  { "ready[agent]", "within", BS_SETTING_BOOT_TIMEOUT }, { "scenarios", "timeout", BS_SETTING_SCENARIO_TIMEOUT },
  { "retry", "every", BS_SETTING_SCENARIO_RETRY_EVERY },
};

char *
bs_explain_setting (const char *below, const char *key)
{
  const BsSettings *settings = bs_settings_get (NULL);

  for (guint i = 0; settings != NULL && i < G_N_ELEMENTS (by_setting); i++)
    if (strcmp (by_setting[i].below, below) == 0 && strcmp (by_setting[i].key, key) == 0)
      {
        const BsSetting *setting = bs_settings_nth (settings, by_setting[i].setting);

        if (strcmp (setting->origin, "default") != 0)
          return g_strdup_printf ("setting %s (%s)", setting->key, setting->origin);
      }
  return NULL;
}

/* Takes @value. */
static void
add_at (BsExplain *self, const char *path, const char *key, json_t *value, const char *origin)
{
  g_autofree char *full = g_strdup_printf ("%s.%s", path, key);

  bs_explain_add (self, full, value, origin, (BsPosition){ 0, 0 });
}

/* The guest program is waited for in any case. */
static void
add_agent (BsExplain *self, const char *path, const json_t *node)
{
  g_autofree char *origin = bs_explain_setting ("ready[agent]", "within");
  const json_t *ready;
  size_t i;

  json_array_foreach (json_object_get (node, "ready"), i, ready) if (json_object_get (ready, "agent") != NULL) return;
  add_at (self, path, "ready[agent].within", bs_encode_duration (bs_setting_number (BS_SETTING_BOOT_TIMEOUT)),
          origin != NULL ? origin : "default");
}

/* Of one that is no container. */
static void
add_machine (BsExplain *self, const char *path, const json_t *node)
{
  static const char *const engines[] = { "docker", "podman", "lxd", NULL };

  if (json_object_get (node, "firmware") != NULL || json_object_get (node, "privileged") != NULL
      || g_strv_contains (engines, bs_json_string (node, "backend", "")))
    return;
  add_at (self, path, "firmware", json_string ("bios"), "default");
  add_at (self, path, "tpm", json_false (), "default");
  add_at (self, path, "display", json_string ("none"), "default");
}

static void
add_address6 (BsExplain *self, const char *path, const json_t *interface)
{
  const BsTopologyNetwork *network = bs_topology_network (self->topology, bs_json_string (interface, "network", ""));
  gboolean some = network != NULL && network->subnet6 != NULL;

  if (json_object_get (interface, "address6") == NULL)
    add_at (self, path, "address6", json_null (), some ? "chosen at up" : "default");
}

/* Files belong to root unless somebody else is named. */
static void
add_file (BsExplain *self, const char *path, const char *below, const json_t *file)
{
  if (json_object_get (file, "owner") == NULL)
    add_at (self, path, "owner", json_string ("root:root"), "default");
  if (strcmp (below, "write_files") == 0 && json_object_get (file, "encoding") == NULL)
    add_at (self, path, "encoding", json_string ("plain"), "default");
}

/* What has no value until somebody chooses one, or never. */
static const struct
{
  const char *below, *key, *origin;
} none[] = {
  { "networks", "subnet", "chosen at up" },
  { "networks", "subnet6", "default" },
  { "networks", "seed", NULL },
  { "networks", "nat", "default" },
  { "nodes", "disk_gb", "the image's" },
  { "interfaces", "address", "chosen at up" },
  { "interfaces", "mac", "chosen at up" },
  { "cloud_init", "user", "default" },
  { "cloud_init", "hostname", "name of the node" },
  { "deploy", "mode", "that of the source" },
  { "healthcheck", "interval", "the engine's" },
  { "healthcheck", "timeout", "the engine's" },
  { "healthcheck", "start_period", "the engine's" },
  { "healthcheck", "retries", "the engine's" },
  { "steps", "timeout", "what is left of the scenario's" },
};

void
bs_explain_add_unsaid (BsExplain *self, const char *path, const char *below, const json_t *object)
{
  const char *seed = self->topology->has_seed ? "from the lab's seed" : "from the lab's name";

  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    if (strcmp (none[i].below, below) == 0 && json_object_get (object, none[i].key) == NULL)
      add_at (self, path, none[i].key, json_null (), none[i].origin != NULL ? none[i].origin : seed);
  if (strcmp (below, "nodes") == 0)
    {
      add_agent (self, path, object);
      add_machine (self, path, object);
    }
  else if (strcmp (below, "interfaces") == 0)
    add_address6 (self, path, object);
  else if (strcmp (below, "deploy") == 0 || strcmp (below, "write_files") == 0)
    add_file (self, path, below, object);
}

/* What a wire does with a packet when no level says it. */
json_t *
bs_explain_condition_defaults (void)
{
  g_autoptr (BsConditions) nothing = bs_conditions_new ((BsPosition){ 0, 0 });
  json_t *list = json_array ();

  for (BsConditionKey key = 0; key < BS_N_CONDITIONS; key++)
    {
      g_autofree char *value = key == BS_CONDITION_BURST         ? g_strdup ("none")
                               : key == BS_CONDITION_QUEUE_LIMIT ? g_strdup ("computed from rate and delay")
                                                                 : bs_conditions_format_key (nothing, key);

      json_array_append_new (list, json_pack ("{s:s, s:s, s:s}", "key", bs_conditions_key_name (key), "value", value,
                                              "origin", "default"));
    }
  return list;
}
