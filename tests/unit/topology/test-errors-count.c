/* SPDX-License-Identifier: Apache-2.0 */
/* test-errors-count.c — what is told of several nodes of one: position, message and hint */
#include "topology-test.h"

/* clang-format off */
static const ErrorCase cases[] = {
  { "adopt-1",
    NODE ("adopt: old"),
    AT ("3:17", "node 'one': 'image' is not for a machine that exists already")
    HINT ("remove it, or 'adopt'") },
  { "adopt-2",
    NODE ("adopt: a/b"),
    AT ("3:37", "node 'one': 'adopt' must be an engine's name of a machine (at most 255 bytes, no '/', not first '-'), not 'a/b'") },
  { "count-1",
    NODE ("count: 2, interfaces: [{address: 10.10.0.5, mac: \"52:54:00:00:00:01\"}]"),
    AT ("3:54", "node 'one': 'address' cannot be the same for all that 'count' makes")
    HINT ("remove it: each gets a free one")
    AT ("3:74", "node 'one': 'mac' cannot be the same for all that 'count' makes")
    HINT ("remove it: each gets one of its own") },
  { "count-2",
    NODE ("count: 2, ports: [80:80]"),
    AT ("3:40", "node 'one': 'ports' cannot be the same for all that 'count' makes")
    HINT ("remove it, or write the nodes out") },
  { "count-3",
    NODE ("count: 2, cloud_init: {hostname: x}"),
    AT ("3:53", "node 'one': 'hostname' cannot be the same for all that 'count' makes")
    HINT ("remove it: each is called by its name") },
  { "count-4",
    NODE ("count: 2, depends_on: [one]"),
    AT ("3:53", "dependency cycle: one -> one")
    HINT ("remove one of these dependencies") },
  { "count-5",
    NODE ("count: 2, depends_on: [one-1]"),
    AT ("3:53", "dependency cycle: one -> one-1")
    HINT ("remove one of these dependencies") },
  { "count-6",
    NODE ("count: 1.5"),
    AT ("3:37", "node 'one': 'count' must be an integer from 1 to 100000, not '1.5'") },
  { "several-1",
    "nodes:\n  - {name: web, image: tiny, count: 2}\n  - {name: web-1, image: tiny}\n",
    AT ("3:12", "node name 'web-1' is also made by 'count' of node 'web'")
    HINT ("node 'web' on line 2 is web-1 to web-2") },
  { "several-2",
    "nodes:\n  - {name: web, image: tiny, count: 2}\n  - {name: web, image: tiny}\n",
    AT ("3:12", "node name 'web' is used twice")
    HINT ("it was used first on line 2") },
  { "several-4",
    "nodes:\n  - {name: web, image: tiny, count: 2}\n  - {name: db, image: tiny, depends_on: [web-3]}\n",
    AT ("3:42", "there is no node 'web-3'")
    HINT ("did you mean 'web'?") },
  { "several-5",
    "nodes:\n  - {name: web, image: tiny, count: 2, depends_on: [db]}\n  - {name: db, image: tiny, depends_on: [web-2]}\n",
    AT ("3:42", "dependency cycle: web -> db -> web-2")
    HINT ("remove one of these dependencies") },
  { "several-6",
    "nodes:\n  - {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, image: tiny, count: 2}\n",
    AT ("2:12", "node 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…': 'name' is too long for 'count': '-2' comes after it, and a name has at most 63 characters") },
  { "several-7",
    "nodes:\n  - {name: a, image: tiny, count: 60000}\n  - {name: b, image: tiny, count: 60000}\n",
    AT ("3:5", "more than 100000 nodes") },
  { "several-8",
    "nodes:\n  - {name: a, image: tiny, count: 40000}\n  - {name: b, image: tiny, count: 50000, depends_on: [a]}\n",
    AT ("3:55", "node 'b': too much for one lab")
    HINT ("split it into several labs") },
  { "several-9",
    "nodes:\n  - {name: a, adopt: x}\n  - {name: b, adopt: x, memory_mb: 64}\n",
    AT ("3:22", "node 'b': 'x' is adopted by node 'a' already")
    AT ("3:25", "node 'b': 'memory_mb' is not for a machine that exists already")
    HINT ("remove it, or 'adopt'") },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_error_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
