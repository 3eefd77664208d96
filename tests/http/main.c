/* SPDX-License-Identifier: Apache-2.0 */
/* main.c — http-server FOLDER LOG PORT-FILE: serves until it is killed, or until its standard input ends */
#include "http-server.h"

#include <stdio.h>
#include <unistd.h>

int
main (int argc, char **argv)
{
  g_autoptr (HttpServer) server = NULL;
  g_autofree char *port = NULL;
  char byte;

  if (argc != 4)
    {
      fprintf (stderr, "http-server: wants FOLDER LOG PORT-FILE\n");
      return 2;
    }
  server = http_server_new (argv[1], argv[2]);
  port = g_strdup_printf ("%u\n", http_server_port (server));
  if (!g_file_set_contents (argv[3], port, -1, NULL))
    return 1;
  while (read (STDIN_FILENO, &byte, 1) > 0)
    continue;
  return 0;
}
