/* SPDX-License-Identifier: Apache-2.0 */
/* verb-backends.c — what this host can run */
#include "cli.h"
#include "bs-backend.h"

#include <stdio.h>

static gboolean json;

static const GOptionEntry options[] = {
  { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print a JSON array", NULL },
  { NULL },
};

static json_t *
probe_json (const BsBackendClass *backend, const BsBackendProbe *probe)
{
  json_t *entry = json_pack ("{s:s, s:b, s:I, s:I, s:i}", "backend", backend->name, "usable", (int) probe->usable,
                             "free_memory_mb", (json_int_t) probe->free_memory_mib, "free_disk_mb",
                             (json_int_t) probe->free_disk_mib, "cpus", (int) probe->cpus);

  json_object_set_new (entry, "version", json_string (probe->version != NULL ? probe->version : ""));
  json_object_set_new (entry, "accelerator", json_string (probe->accelerator != NULL ? probe->accelerator : ""));
  if (probe->reason != NULL)
    json_object_set_new (entry, "reason", json_string (probe->reason));
  if (probe->cure != NULL)
    json_object_set_new (entry, "cure", json_string (probe->cure));
  return entry;
}

static void
print_line (const BsBackendClass *backend, const BsBackendProbe *probe)
{
  if (probe->usable)
    printf ("%-10s usable: %s, accelerator %s, %d CPUs, %d MiB memory and %d MiB disk free\n", backend->name,
            probe->version != NULL ? probe->version : "?", probe->accelerator != NULL ? probe->accelerator : "?",
            (int) probe->cpus, (int) probe->free_memory_mib, (int) probe->free_disk_mib);
  else
    printf ("%-10s not usable: %s\n", backend->name, probe->reason);
  if (probe->usable && probe->reason != NULL)
    printf ("%-10s note: %s\n", "", probe->reason);
  if (probe->cure != NULL)
    printf ("%-10s hint: %s\n", "", probe->cure);
}

static int
run (int argc, char **argv)
{
  g_autoptr (json_t) list = json_array ();
  g_autofree char *text = NULL;
  gboolean any = FALSE;

  for (const BsBackendClass *const *backend = bs_backend_list (); *backend != NULL; backend++)
    {
      BsBackendProbe probe = { 0 };

      (*backend)->probe (&probe, NULL);
      any = any || probe.usable;
      if (json)
        json_array_append_new (list, probe_json (*backend, &probe));
      else
        print_line (*backend, &probe);
      bs_backend_probe_clear (&probe);
    }
  text = bs_json_dump (list);
  if (json)
    printf ("%s\n", text);
  return any ? 0 : 3;
}

const CliVerb cli_backends = {
  .name = "backends",
  .arguments = "",
  .summary = "show what this host can run",
  .description
  = "Checks each backend and prints why one cannot be used and what to do about it. Returns 3 when none can.",
  .examples = "benchscale backends --json — for scripts\n",
  .options = options,
  .run = run,
};
