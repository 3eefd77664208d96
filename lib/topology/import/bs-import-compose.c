/* SPDX-License-Identifier: Apache-2.0 */
/* bs-import-compose.c — the Compose specification: services become containers, networks stay networks */
#include "bs-import-private.h"

#include <math.h>
#include <string.h>

#define DEFAULT_NETWORK "default"

static const BsImportReason service_reasons[] = {
  { "build", "build and push the image, then name it" },
  { "network_mode", "every node is on networks of the lab" },
  { "expose", "nodes of a network reach all of each other's ports" },
  { "links", "names of all nodes are known to all" },
  { "secrets", "copy the file with deploy" },
  { "configs", "copy the file with deploy" },
  { "env_file", "write the variables into env" },
  { "logging", "logs are kept by the lab" },
  { "container_name", "the node's name is its name" },
  { NULL, NULL },
};

static void
add_ports (BsImporter *self, json_t *node, const BsYamlNode *value)
{
  json_t *ports = json_array ();

  for (const BsYamlNode *part = value != NULL && value->kind == BS_YAML_SEQUENCE ? value->first : NULL; part != NULL;
       part = part->next)
    {
      const BsYamlNode *host = bs_import_get (part, "published"), *inner = bs_import_get (part, "target");
      const BsYamlNode *protocol = bs_import_get (part, "protocol");
      g_autofree char *text = NULL;

      if (part->kind == BS_YAML_SCALAR)
        text = g_strdup (part->text);
      else if (host != NULL && inner != NULL)
        text = g_strdup_printf ("%s:%s/%s", bs_import_text (host), bs_import_text (inner),
                                protocol != NULL ? bs_import_text (protocol) : "tcp");
      else
        text = g_strdup ("");
      bs_import_port (self, part, text, ports);
    }
  bs_import_set (node, "ports", ports);
}

static void
add_volumes (BsImporter *self, json_t *node, const BsYamlNode *value, json_t *tmpfs)
{
  json_t *volumes = json_array ();

  for (const BsYamlNode *part = value != NULL && value->kind == BS_YAML_SEQUENCE ? value->first : NULL; part != NULL;
       part = part->next)
    {
      const BsYamlNode *type = bs_import_get (part, "type"), *source = bs_import_get (part, "source");
      const BsYamlNode *place = bs_import_get (part, "target"), *read_only = bs_import_get (part, "read_only");
      g_autofree char *text = NULL;

      if (part->kind == BS_YAML_SCALAR)
        bs_import_volume (self, part, part->text, volumes);
      else if (type != NULL && place != NULL && strcmp (bs_import_text (type), "tmpfs") == 0)
        json_array_append_new (tmpfs, json_string (bs_import_text (place)));
      else
        {
          text = g_strdup_printf ("%s:%s%s", source != NULL ? bs_import_text (source) : "",
                                  place != NULL ? bs_import_text (place) : "",
                                  read_only != NULL && strcmp (bs_import_text (read_only), "true") == 0 ? ":ro" : "");
          bs_import_volume (self, part, text, volumes);
        }
    }
  bs_import_set (node, "volumes", volumes);
}

static void
add_dependencies (BsImporter *self, json_t *node, const BsYamlNode *value)
{
  json_t *names = json_array ();

  for (const BsYamlNode *part = value != NULL && value->kind != BS_YAML_SCALAR ? value->first : NULL; part != NULL;
       part = part->next)
    {
      const char *wanted = value->kind == BS_YAML_MAPPING ? part->key->text : bs_import_text (part);
      const char *used = bs_import_node_used (self, wanted);

      if (used != NULL)
        json_array_append_new (names, json_string (used));
      else
        bs_import_note (self, part, "the dependency '%s' is not expressed: there is no such service", wanted);
    }
  bs_import_set (node, "depends_on", names);
}

static void
set_text (BsImporter *self, json_t *object, const char *key, const BsYamlNode *value)
{
  if (value == NULL)
    return;
  bs_import_set (object, key, json_string (bs_import_text (value)));
  if (json_object_get (object, key) != NULL)
    bs_import_place (self, json_object_get (object, key), value);
}

static void
add_interface (BsImporter *self, json_t *interfaces, const char *network, const BsYamlNode *given)
{
  static const char *const known[] = { "ipv4_address", "ipv6_address", "mac_address", NULL };
  g_autofree char *name = bs_import_word (network);
  json_t *interface = json_pack ("{s:s}", "network", name);

  bs_import_network (self, name);
  if (given != NULL)
    bs_import_place (self, interface, given);
  if (given != NULL && given->kind == BS_YAML_MAPPING)
    {
      const BsYamlNode *address = bs_yaml_get (given, "ipv4_address"), *address6 = bs_yaml_get (given, "ipv6_address");
      const BsYamlNode *mac = bs_yaml_get (given, "mac_address");

      set_text (self, interface, "address", address);
      set_text (self, interface, "address6", address6);
      set_text (self, interface, "mac", mac);
      bs_import_note_others (self, given, known, NULL);
    }
  json_array_append_new (interfaces, interface);
}

static void
add_interfaces (BsImporter *self, json_t *node, const BsYamlNode *value, const BsYamlNode *mac)
{
  json_t *interfaces = json_array ();

  if (value == NULL || value->kind == BS_YAML_SCALAR || value->first == NULL)
    add_interface (self, interfaces, DEFAULT_NETWORK, NULL);
  else
    for (const BsYamlNode *part = value->first; part != NULL; part = part->next)
      add_interface (self, interfaces, value->kind == BS_YAML_MAPPING ? part->key->text : bs_import_text (part),
                     value->kind == BS_YAML_MAPPING ? part : NULL);
  if (mac != NULL && json_object_get (json_array_get (interfaces, 0), "mac") == NULL)
    set_text (self, json_array_get (interfaces, 0), "mac", mac);
  else if (mac != NULL)
    bs_import_note (self, mac, "'mac_address' is not expressed: its network gives another");
  bs_import_set (node, "interfaces", interfaces);
}

static void
add_size (BsImporter *self, json_t *node, const BsYamlNode *service)
{
  const BsYamlNode *deploy = bs_import_get (service, "deploy");
  const BsYamlNode *limits = bs_import_get (bs_import_get (deploy, "resources"), "limits");
  const BsYamlNode *memory = bs_import_get (service, "mem_limit"), *cpus = bs_import_get (service, "cpus");
  const BsYamlNode *count = bs_import_get (service, "scale");
  guint64 mib, number;

  memory = memory != NULL ? memory : bs_import_get (limits, "memory");
  cpus = cpus != NULL ? cpus : bs_import_get (limits, "cpus");
  count = count != NULL ? count : bs_import_get (deploy, "replicas");
  if (memory != NULL && (mib = bs_import_mib (bs_import_text (memory))) >= 32)
    json_object_set_new (node, "memory_mb", json_integer ((json_int_t) mib));
  else if (memory != NULL)
    bs_import_note (self, memory, "the memory limit '%s' is not expressed: give memory_mb, at least 32",
                    bs_import_text (memory));
  if (cpus != NULL && g_ascii_string_to_unsigned (bs_import_text (cpus), 10, 1, 255, &number, NULL))
    json_object_set_new (node, "vcpus", json_integer ((json_int_t) number));
  else if (cpus != NULL)
    bs_import_note (self, cpus, "the processor limit '%s' is not expressed: vcpus is a whole number",
                    bs_import_text (cpus));
  if (count == NULL)
    return;
  if (!g_ascii_string_to_unsigned (bs_import_text (count), 10, 1, 1000, &number, NULL))
    bs_import_note (self, count, "the number of replicas '%s' is not expressed: count is 1 to 1000",
                    bs_import_text (count));
  else if (number > 1)
    json_object_set_new (node, "count", json_integer ((json_int_t) number));
}

static gboolean
is_true (const BsYamlNode *value)
{
  return value != NULL && strcmp (bs_import_text (value), "true") == 0;
}

static void
add_rights (BsImporter *self, json_t *node, const BsYamlNode *service)
{
  json_t *rights = bs_import_texts (self, bs_yaml_get (service, "cap_add"), "cap_add");
  g_autoptr (json_t) dropped = bs_import_texts (self, bs_yaml_get (service, "cap_drop"), "cap_drop");
  json_t *right;
  size_t i;

  json_array_foreach (dropped, i, right)
      json_array_append_new (rights, json_sprintf ("-%s", json_string_value (right)));
  bs_import_set (node, "capabilities", rights);
  if (is_true (bs_yaml_get (service, "privileged")))
    json_object_set_new (node, "privileged", json_true ());
  if (is_true (bs_yaml_get (service, "read_only")))
    json_object_set_new (node, "read_only", json_true ());
}

static void
add_ulimits (BsImporter *self, json_t *node, const BsYamlNode *value)
{
  json_t *limits = json_object ();
  gint64 soft, hard;

  for (const BsYamlNode *part = value != NULL && value->kind == BS_YAML_MAPPING ? value->first : NULL; part != NULL;
       part = part->next)
    {
      const BsYamlNode *low = bs_import_get (part, "soft"), *high = bs_import_get (part, "hard");

      if (g_ascii_string_to_signed (bs_import_text (part), 10, -1, G_MAXINT64, &soft, NULL))
        json_object_set_new (limits, part->key->text, json_integer (soft));
      else if (low != NULL && high != NULL
               && g_ascii_string_to_signed (bs_import_text (low), 10, -1, G_MAXINT64, &soft, NULL)
               && g_ascii_string_to_signed (bs_import_text (high), 10, -1, G_MAXINT64, &hard, NULL))
        json_object_set_new (limits, part->key->text, json_pack ("{s:I, s:I}", "soft", soft, "hard", hard));
      else
        bs_import_note (self, part, "the limit '%s' is not expressed: it is no number", part->key->text);
    }
  bs_import_set (node, "ulimits", limits);
}

/* "1m30s" is 90s here, where durations have one unit; what is not understood stays, and is told when it is checked. */
static json_t *
duration (const char *text)
{
  static const struct
  {
    const char *unit;
    double usec;
  } units[] = { { "ms", 1e3 }, { "us", 1 }, { "ns", 1e-3 }, { "h", 3600e6 }, { "m", 60e6 }, { "s", 1e6 } };
  double total = 0;
  guint parts = 0;

  for (const char *c = text; *c != '\0'; parts++)
    {
      char *end = NULL;
      double number = g_ascii_isdigit (*c) ? g_ascii_strtod (c, &end) : -1;
      guint i = 0;

      while (number >= 0 && i < G_N_ELEMENTS (units) && !g_str_has_prefix (end, units[i].unit))
        i++;
      if (number < 0 || i == G_N_ELEMENTS (units))
        return json_string (text);
      total += number * units[i].usec;
      c = end + strlen (units[i].unit);
    }
  if (parts < 2 || total > 1e15)
    return json_string (text);
  return json_sprintf (fmod (total, 1e6) == 0 ? "%.0fs" : "%.0fms", total / (fmod (total, 1e6) == 0 ? 1e6 : 1e3));
}

static void
add_healthcheck (BsImporter *self, json_t *node, const BsYamlNode *value)
{
  static const char *const durations[] = { "interval", "timeout", "start_period", NULL };
  static const char *const known[] = { "test", "interval", "timeout", "start_period", "retries", "disable", NULL };
  const BsYamlNode *test = bs_import_get (value, "test"), *retries = bs_import_get (value, "retries");
  json_t *check = json_object ();
  guint64 number;

  if (value == NULL || value->kind != BS_YAML_MAPPING)
    {
      json_decref (check);
      return;
    }
  if (test != NULL && test->kind == BS_YAML_SEQUENCE && test->first != NULL)
    {
      const char *how = bs_import_text (test->first);
      g_autoptr (json_t) words = bs_import_texts (self, test, "test");

      if (strcmp (how, "CMD-SHELL") == 0)
        json_object_set (check, "test", json_array_get (words, 1));
      else
        {
          if (strcmp (how, "CMD") == 0)
            json_array_remove (words, 0);
          json_object_set (check, "test", words);
        }
    }
  else if (test != NULL)
    json_object_set_new (check, "test", json_string (bs_import_text (test)));
  for (guint i = 0; durations[i] != NULL; i++)
    if (bs_yaml_get (value, durations[i]) != NULL)
      json_object_set_new (check, durations[i], duration (bs_import_text (bs_yaml_get (value, durations[i]))));
  if (retries != NULL && g_ascii_string_to_unsigned (bs_import_text (retries), 10, 1, 1000, &number, NULL))
    json_object_set_new (check, "retries", json_integer ((json_int_t) number));
  if (is_true (bs_yaml_get (value, "disable")))
    json_object_set_new (check, "disable", json_true ());
  bs_import_note_others (self, value, known, NULL);
  bs_import_set (node, "healthcheck", check);
}

/* What `build` makes has the name that Compose gives it. */
static void
add_image (BsImporter *self, json_t *node, const BsYamlNode *service)
{
  const BsYamlNode *image = bs_import_get (service, "image"), *build = bs_import_get (service, "build");
  g_autofree char *built = g_strdup_printf ("%s-%s", self->name, service->key->text);
  g_autofree char *name = g_ascii_strdown (built, -1);

  if (image != NULL)
    set_text (self, node, "image", image);
  else if (build != NULL)
    {
      bs_import_note (self, build, "'build' is not expressed: build the image first; '%s' is how Compose names it",
                      name);
      json_object_set_new (node, "image", json_string (name));
    }
  else
    bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, service->key->line, service->key->column,
                        service->key->length, "build the image, and name it with 'image'", "service '%s' has no image",
                        service->key->text);
}

/* A node's host name is its name. */
static void
check_hostname (BsImporter *self, const char *name, const BsYamlNode *hostname)
{
  if (hostname != NULL && strcmp (bs_import_text (hostname), name) != 0)
    bs_import_note (self, hostname, "the host name '%s' is not expressed: the node's name '%s' is its host name",
                    bs_import_text (hostname), name);
}

static const char *const renamed[] = { "environment", "env",   "cap_add", "capabilities", "mem_limit", "memory_mb",
                                       "cpus",        "vcpus", "scale",   "count",        NULL };

static void
import_service (BsImporter *self, const BsYamlNode *service)
{
  static const char *const known[]
      = { "build", /* noted where it gives the image */
          "image",      "environment", "ports",      "volumes",     "depends_on", "networks",  "command",
          "entrypoint", "user",        "privileged", "cap_add",     "cap_drop",   "read_only", "tmpfs",
          "ulimits",    "devices",     "restart",    "healthcheck", "labels",     "mem_limit", "cpus",
          "scale",      "deploy",      "hostname",   "mac_address", NULL };
  static const char *const texts[] = { "user", "restart", NULL };
  json_t *node = json_pack ("{s:s}", "name", bs_import_node_used (self, service->key->text));
  json_t *tmpfs = bs_import_texts (self, bs_import_get (service, "tmpfs"), "tmpfs");

  bs_import_add_node (self, node, service->key);
  add_image (self, node, service);
  json_object_set_new (node, "backend", json_string ("docker"));
  if (service->kind != BS_YAML_MAPPING)
    {
      json_decref (tmpfs);
      return;
    }
  check_hostname (self, bs_json_string (node, "name", ""), bs_yaml_get (service, "hostname"));
  add_size (self, node, service);
  bs_import_set (node, "env", bs_import_map (self, bs_yaml_get (service, "environment"), "environment"));
  add_interfaces (self, node, bs_yaml_get (service, "networks"), bs_yaml_get (service, "mac_address"));
  add_ports (self, node, bs_yaml_get (service, "ports"));
  add_volumes (self, node, bs_yaml_get (service, "volumes"), tmpfs);
  add_dependencies (self, node, bs_yaml_get (service, "depends_on"));
  bs_import_set (node, "command", bs_import_command (self, bs_yaml_get (service, "command"), "command"));
  bs_import_set (node, "entrypoint", bs_import_command (self, bs_yaml_get (service, "entrypoint"), "entrypoint"));
  for (guint i = 0; texts[i] != NULL; i++)
    if (bs_yaml_get (service, texts[i]) != NULL)
      bs_import_set (node, texts[i], json_string (bs_import_text (bs_yaml_get (service, texts[i]))));
  add_rights (self, node, service);
  bs_import_set (node, "tmpfs", tmpfs);
  bs_import_set (node, "devices", bs_import_texts (self, bs_yaml_get (service, "devices"), "devices"));
  add_ulimits (self, node, bs_yaml_get (service, "ulimits"));
  add_healthcheck (self, node, bs_yaml_get (service, "healthcheck"));
  bs_import_set (node, "labels", bs_import_map (self, bs_yaml_get (service, "labels"), "labels"));
  bs_import_place_keys (self, node, service, renamed);
  bs_import_note_others (self, service, bs_yaml_get (service, "image") != NULL ? known + 1 : known, service_reasons);
}

static void
import_network (BsImporter *self, const BsYamlNode *given)
{
  static const char *const known[] = { "ipam", "internal", "driver", "name", NULL };
  static const BsImportReason reasons[]
      = { { "external", "a lab's networks are its own" }, { "driver_opts", "the lab's switch is the driver" }, { 0 } };
  g_autofree char *name = bs_import_word (given->key->text);
  json_t *network = bs_import_network (self, name);
  const BsYamlNode *config = bs_import_get (bs_import_get (given, "ipam"), "config");

  for (const BsYamlNode *part = config != NULL && config->kind == BS_YAML_SEQUENCE ? config->first : NULL; part != NULL;
       part = part->next)
    {
      const BsYamlNode *subnet = bs_import_get (part, "subnet");
      gboolean six = subnet != NULL && strchr (bs_import_text (subnet), ':') != NULL;

      if (subnet != NULL)
        set_text (self, network, six ? "subnet6" : "subnet", subnet);
    }
  bs_import_note_others (self, given, known, reasons);
}

void
bs_import_compose (BsImporter *self, const BsYamlNode *root)
{
  static const char *const known[] = { "services", "networks", "volumes", "name", "version", NULL };
  const BsYamlNode *services = bs_import_get (root, "services"), *networks = bs_import_get (root, "networks");
  const BsYamlNode *name = bs_import_get (root, "name");

  if (services == NULL || services->kind != BS_YAML_MAPPING)
    {
      bs_diagnostics_add (self->diagnostics, BS_DIAGNOSTIC_ERROR, root->line, root->column, 1, NULL,
                          "this is no Compose file: it has no mapping 'services'");
      return;
    }
  if (name != NULL)
    {
      g_free (self->name);
      self->name = bs_import_word (bs_import_text (name));
    }
  for (const BsYamlNode *part = networks != NULL && networks->kind == BS_YAML_MAPPING ? networks->first : NULL;
       part != NULL; part = part->next)
    import_network (self, part);
  for (const BsYamlNode *service = services->first; service != NULL; service = service->next)
    bs_import_node_name (self, service->key, service->key->text);
  for (const BsYamlNode *service = services->first; service != NULL; service = service->next)
    import_service (self, service);
  bs_import_note_others (self, root, known, NULL);
}
