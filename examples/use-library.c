/* SPDX-License-Identifier: Apache-2.0 */
/* use-library.c — a lab from C: up, run a command in a node, down
 *
 * cc use-library.c $(pkg-config --cflags --libs benchscale) -o use-library && ./use-library hello.yaml alpha
 */
#include <benchscale/benchscale.h>
#include <stdio.h>

static void
print_event (const BsEvent *event, gpointer user_data)
{
  fprintf (stderr, "%s%s%s\n", event->node != NULL ? event->node : "", event->node != NULL ? ": " : "", event->text);
}

static int
fail (GError *error)
{
  int code = bs_error_exit_code (error);

  fprintf (stderr, "%s\n", error->message);
  if (bs_error_hint (error) != NULL)
    fprintf (stderr, "hint: %s\n", bs_error_hint (error));
  g_error_free (error);
  return code;
}

int
main (int argc, char **argv)
{
  const char *const command[] = { "hostname", NULL };
  BsLabOptions options = BS_LAB_OPTIONS_INIT;
  g_autofree char *name = NULL;
  GError *error = NULL;
  GBytes *out = NULL;
  BsLab *lab;
  int code;

  if (argc != 3)
    return 2;
  options.event = print_event;
  lab = bs_lab_up (argv[1], &options, NULL, &error);
  if (lab == NULL)
    return fail (error);
  if (bs_lab_exec_capture (lab, argv[2], command, NULL, 0, &code, &out, NULL, NULL, &error))
    printf ("%s says: %.*s", argv[2], (int) g_bytes_get_size (out), (const char *) g_bytes_get_data (out, NULL));
  g_clear_pointer (&out, g_bytes_unref);
  name = g_strdup (bs_lab_name (lab));
  bs_lab_free (lab);
  bs_lab_down (name, &options, NULL, error == NULL ? &error : NULL);
  return error != NULL ? fail (error) : code;
}
