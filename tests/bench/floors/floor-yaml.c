/* SPDX-License-Identifier: Apache-2.0 */
/* floor-yaml — how long libyaml alone takes for all events of a file
 *
 *   floor-yaml N FILE     prints the median of N runs in microseconds
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <yaml.h>

static int
compare (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static int
read_events (const unsigned char *data, size_t length)
{
  yaml_parser_t parser;
  yaml_event_t event;
  int ended = 0;

  if (!yaml_parser_initialize (&parser))
    return 0;
  yaml_parser_set_input_string (&parser, data, length);
  while (!ended && yaml_parser_parse (&parser, &event))
    {
      ended = event.type == YAML_STREAM_END_EVENT;
      yaml_event_delete (&event);
    }
  yaml_parser_delete (&parser);
  return ended;
}

int
main (int argc, char **argv)
{
  int n = argc > 2 ? atoi (argv[1]) : 0;
  FILE *file = n > 0 ? fopen (argv[2], "rb") : NULL;
  double *usec = calloc ((size_t) n + 1, sizeof *usec);
  unsigned char *data;
  long length;

  if (file == NULL || fseek (file, 0, SEEK_END) != 0 || (length = ftell (file)) < 0)
    return 2;
  rewind (file);
  data = malloc ((size_t) length + 1);
  if (fread (data, 1, (size_t) length, file) != (size_t) length)
    return 2;
  for (int i = 0; i < n; i++)
    {
      struct timespec begin, end;

      clock_gettime (CLOCK_MONOTONIC, &begin);
      if (!read_events (data, (size_t) length))
        return 1;
      clock_gettime (CLOCK_MONOTONIC, &end);
      usec[i] = (double) (end.tv_sec - begin.tv_sec) * 1e6 + (double) (end.tv_nsec - begin.tv_nsec) / 1e3;
    }
  qsort (usec, (size_t) n, sizeof *usec, compare);
  printf ("%.0f\n", usec[n / 2]);
  return 0;
}
