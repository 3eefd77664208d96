/* SPDX-License-Identifier: Apache-2.0 */
/* test-import.c — files of other tools as topologies, and what is said of what they cannot be */
#include "bs-import.h"
#include "topology-test.h"

#define FILES SOURCE_ROOT "/tests/unit/topology/import/"

typedef struct
{
  BsImportFormat format;
  const char *name, *text, *expected;
} Case;

static char *
import (BsImportFormat format, const char *text, char **said)
{
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  char *result = bs_import (format, "t.yaml", text, strlen (text), &diagnostics);

  *said = bs_diagnostics_format (diagnostics);
  g_assert_cmpint (result == NULL, ==, bs_diagnostics_has_errors (diagnostics));
  return result;
}

/* The whole result, comments included, is as it was looked at once; and it loads. */
static void
test_file (gconstpointer data)
{
  const Case *expected = data;
  g_autofree char *path = g_strconcat (FILES, expected->name, NULL), *golden = g_strconcat (path, ".expected", NULL);
  g_autofree char *text = NULL, *wanted = NULL, *result = NULL;
  g_autoptr (BsDiagnostics) diagnostics = NULL;
  gsize length;

  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  g_assert_true (g_file_get_contents (golden, &wanted, NULL, NULL));
  result = bs_import (expected->format, path, text, length, &diagnostics);
  g_assert_cmpstr (result, ==, wanted);
  bs_topology_free (parse_good (result));
}

static const Case files[] = {
  { BS_IMPORT_COMPOSE, "compose.yaml", NULL, NULL },
  { BS_IMPORT_CONTAINERLAB, "lab.clab.yml", NULL, NULL },
  { BS_IMPORT_VAGRANT, "Vagrantfile", NULL, NULL },
  { BS_IMPORT_VAGRANT, "single.vagrant", NULL, NULL },
};

static void
test_wrong (gconstpointer data)
{
  const Case *wrong = data;
  g_autofree char *said = NULL, *result = import (wrong->format, wrong->text, &said);

  g_assert_null (result);
  if (strstr (said, wrong->expected) == NULL)
    g_error ("'%s' is missing in:\n%s", wrong->expected, said);
}

static const Case wrong[] = {
  { BS_IMPORT_COMPOSE, "compose/no-services", "version: '3'\n",
    AT ("1:1", "this is no Compose file: it has no mapping 'services'") },
  { BS_IMPORT_COMPOSE, "compose/empty", "services: {}\n", "there is no machine in this file" },
  { BS_IMPORT_COMPOSE, "compose/no-image", "services:\n  a: {build: .}\n",
    AT ("2:3", "service 'a' has no image") HINT ("build the image, and name it with 'image'") },
  { BS_IMPORT_COMPOSE, "compose/no-mapping", "services: {a: x}\n", "service 'a' has no image" },
  { BS_IMPORT_COMPOSE, "compose/bad-address", "services:\n  a: {image: x, networks: {n: {ipv4_address: 10.0.0.300}}}\n",
    "cannot be imported: node 'a': 'address' must be" },
  { BS_IMPORT_COMPOSE, "compose/anchors", "x: &a {b: c}\nservices: {s: *a}\n", "t.yaml:1:4: " },
  { BS_IMPORT_CONTAINERLAB, "containerlab/no-nodes", "name: x\n",
    AT ("1:1", "this is no containerlab file: it has no mapping 'nodes' in 'topology'") },
  { BS_IMPORT_CONTAINERLAB, "containerlab/no-image", "topology: {nodes: {a: {kind: linux}}}\n",
    AT ("1:20", "node 'a' has no image") HINT ("add 'image' to the node or its kind") },
  { BS_IMPORT_VAGRANT, "vagrant/other-text", "puts 'hello'\n",
    AT ("1:1", "this is no Vagrantfile: it has no 'Vagrant.configure'") },
};

static void
test_note (gconstpointer data)
{
  const Case *expected = data;
  g_autofree char *said = NULL, *result = import (expected->format, expected->text, &said);

  g_assert_nonnull (result);
  if (strstr (said, expected->expected) == NULL)
    g_error ("'%s' is missing in:\n%s", expected->expected, said);
}

#define SERVICE(keys) "services:\n  a: {image: x, " keys "}\n"
#define LINK(link) "topology: {nodes: {a: {image: x}, b: {image: x}}, links: [" link "]}\n"
#define BOX(line) "Vagrant.configure(\"2\") do |config|\n  config.vm.box = \"debian12\"\n" line "end\n"

static const Case notes[] = {
  { BS_IMPORT_COMPOSE, "compose/unknown-key", SERVICE ("colour: red"),
    "t.yaml:2:17: warning: 'colour' is not expressed" },
  { BS_IMPORT_COMPOSE, "compose/why", SERVICE ("links: [b]"),
    "'links' is not expressed: names of all nodes are known to all" },
  { BS_IMPORT_COMPOSE, "compose/dependency", SERVICE ("depends_on: [b]"),
    "the dependency 'b' is not expressed: there is no such service" },
  { BS_IMPORT_COMPOSE, "compose/port-range", SERVICE ("ports: ['1-5:1-3']"), "port '1-5:1-3' is not expressed" },
  { BS_IMPORT_COMPOSE, "compose/volume", SERVICE ("volumes: [/data]"), "it has no place on the host" },
  { BS_IMPORT_COMPOSE, "compose/variable", SERVICE ("environment: ['a-b=c']"), "no variable has such a name" },
  { BS_IMPORT_COMPOSE, "compose/quotes", SERVICE ("command: \"it's\""), "its quotes do not match" },
  { BS_IMPORT_COMPOSE, "compose/same-names", "services: {a_b: {image: x}, a-b: {image: x}}\n",
    "the name 'a-b' cannot be a host name: it becomes 'a-b-2'" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/host-link", LINK ("{endpoints: ['a:e1', 'host:e2']}"),
    "a link is not expressed: it does not join two nodes of this file" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/interface", LINK ("{endpoints: ['a:ethernet-1/1', 'b:e1']}"),
    "the interface name 'ethernet-1/1' is not expressed" },
  { BS_IMPORT_VAGRANT, "vagrant/ruby", BOX ("  require 'yaml'\n"), "t.yaml:3:3: warning: 'require 'yaml'' is not" },
  { BS_IMPORT_VAGRANT, "vagrant/condition", BOX ("  if x\n    config.vm.box = \"y\"\n  end\n"),
    "only loops over a range of numbers are understood, and no conditions" },
  { BS_IMPORT_VAGRANT, "vagrant/endless-block", BOX ("  if x\n"), "t.yaml:3:3: warning: 'if x' is not expressed" },
  { BS_IMPORT_VAGRANT, "vagrant/loop-too-long",
    BOX ("  (1..999999).each do |i|\n    config.vm.define \"a#{i}\"\n  end\n"), "t.yaml:3:3: warning: '(1..999999)" },
  { BS_IMPORT_VAGRANT, "vagrant/udp",
    BOX ("  config.vm.network \"forwarded_port\", guest: 1, host: 2, protocol: \"udp\"\n"),
    "port '2:1/udp' is not expressed: only TCP is forwarded" },
};

static void
add (const char *group, const Case *cases, gsize n_cases, GTestDataFunc test)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autofree char *path = g_strdup_printf ("/import/%s/%s", group, cases[i].name);

      g_test_add_data_func (path, &cases[i], test);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("files", files, G_N_ELEMENTS (files), test_file);
  add ("errors", wrong, G_N_ELEMENTS (wrong), test_wrong);
  add ("notes", notes, G_N_ELEMENTS (notes), test_note);
  return g_test_run ();
}
