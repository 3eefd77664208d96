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
  g_assert_null (strstr (said, " on line ")); /* of a result that nobody sees */
}

static const Case wrong[] = {
  { BS_IMPORT_COMPOSE, "compose/no-services", "version: '3'\n",
    AT ("1:1", "this is no Compose file: it has no mapping 'services'") },
  { BS_IMPORT_COMPOSE, "compose/empty", "services: {}\n", "there is no machine in this file" },
  { BS_IMPORT_COMPOSE, "compose/no-image", "services:\n  a: {colour: red}\n",
    AT ("2:3", "service 'a' has no image") HINT ("build the image, and name it with 'image'") },
  { BS_IMPORT_COMPOSE, "compose/no-mapping", "services: {a: x}\n", "service 'a' has no image" },
  { BS_IMPORT_COMPOSE, "compose/no-line-of-the-result",
    "services:\n  web: {image: a, deploy: {replicas: 2}}\n  web-1: {image: a}\n",
    "3:3: cannot be imported: node name 'web-1' is also made by 'count' of node 'web'\n" },
  { BS_IMPORT_COMPOSE, "compose/anchors", "x: &a {b: c}\nservices: {s: *a}\n",
    HINT ("`docker compose config` prints the file without anchors") },
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
  { BS_IMPORT_COMPOSE, "compose/hostname", SERVICE ("hostname: b"),
    "t.yaml:2:27: warning: the host name 'b' is not expressed: the node's name 'a' is its host name" },
  { BS_IMPORT_COMPOSE, "compose/replicas", SERVICE ("deploy: {replicas: 2000}"),
    "the number of replicas '2000' is not expressed: count is 1 to 1000" },
  { BS_IMPORT_COMPOSE, "compose/null", SERVICE ("environment: {B: null}"),
    "'B' in 'environment' is not expressed: it has no value in the file" },
  { BS_IMPORT_COMPOSE, "compose/tilde", SERVICE ("environment: {B: ~}"),
    "'B' in 'environment' is not expressed: it has no value in the file" },
  { BS_IMPORT_COMPOSE, "compose/build", "name: lab\nservices:\n  a: {build: .}\n",
    "'build' is not expressed: build the image first; 'lab-a' is how Compose names it" },
  { BS_IMPORT_COMPOSE, "compose/dollar", SERVICE ("environment: {B: 'a${Y}'}"),
    "t.yaml:2:34: warning: a variable is not expressed: '$' stays a letter of the text" },
  { BS_IMPORT_COMPOSE, "compose/dollar-command", SERVICE ("command: 'echo ${Y:-d}'"),
    "a variable is not expressed: '$' stays a letter of the text" },
  { BS_IMPORT_COMPOSE, "compose/bad-address", "services:\n  a: {image: x, networks: {n: {ipv4_address: 10.0.0.300}}}\n",
    "t.yaml:2:46: warning: a value is not expressed: node 'a': 'address' must be" },
  { BS_IMPORT_COMPOSE, "compose/bad-mac", SERVICE ("mac_address: nonsense"), "t.yaml:2:30: warning: a value is not" },
  { BS_IMPORT_COMPOSE, "compose/bad-capability", SERVICE ("cap_add: [NONSENSE]"),
    "t.yaml:2:26: warning: a value is not" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/type", "topology: {nodes: {a: {image: x, type: ixrd3}}}\n",
    "'type' is not expressed: the image says what the node is" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/group", "topology: {nodes: {a: {image: x, group: g}}}\n",
    "'group' is not expressed: there is no group 'g' in this file" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/seconds",
    "topology: {nodes: {a: {image: x, healthcheck: {test: [CMD, a], interval: long}}}}\n",
    "'interval' is not expressed: it is no number of seconds" },
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
  { BS_IMPORT_VAGRANT, "vagrant/loop-reason", BOX ("  (1..1001).each do |i|\n    config.vm.define \"a#{i}\"\n  end\n"),
    "a loop of more than 1000 rounds is not read" },
  { BS_IMPORT_VAGRANT, "vagrant/hostname", BOX ("  config.vm.define \"a\" do |a|\n    a.vm.hostname = \"b\"\n  end\n"),
    "t.yaml:4:5: warning: 'a.vm.hostname = \"b\"' is not expressed: a node's name is its host name" },
  { BS_IMPORT_VAGRANT, "vagrant/primary", BOX ("  config.vm.define \"a\", primary: true\n"),
    "of a machine, its name and block are read" },
  { BS_IMPORT_VAGRANT, "vagrant/one-line", BOX ("  if x then y end\n"), "a block on one line is not read" },
  { BS_IMPORT_VAGRANT, "vagrant/unknown-box", "Vagrant.configure(\"2\") do |config|\n  config.vm.box = ENV['B']\nend\n",
    "no box of 'default' is known: the image 'debian-12' was chosen" },
  { BS_IMPORT_VAGRANT, "vagrant/if-behind", BOX ("  config.vm.hostname = \"default\" if ENV['H']\n"),
    "t.yaml:3:3: warning: 'config.vm.hostname = \"default\" if ENV['H']' is not expressed: no conditions are "
    "understood" },
  { BS_IMPORT_VAGRANT, "vagrant/unless-behind", BOX ("    config.vm.define 'a' unless x\n"),
    "t.yaml:3:5: warning: 'config.vm.define 'a' unless x' is not expressed: no conditions are understood" },
  { BS_IMPORT_VAGRANT, "vagrant/constant-if", BOX ("N = 3 if(x)\n"),
    "t.yaml:3:1: warning: 'N = 3 if(x)' is not expressed" },
  { BS_IMPORT_VAGRANT, "vagrant/end-if", BOX ("  config.vm.define \"a\" do |a|\n  end if x\n"),
    "t.yaml:4:3: warning: 'end if x' is not expressed: no conditions are understood: its block is read as if it held" },
  { BS_IMPORT_VAGRANT, "vagrant/two-statements", BOX ("  config.vm.box = \"a\"; x\n"),
    "t.yaml:3:3: warning: 'config.vm.box = \"a\"; x' is not expressed: only one statement on a line is read" },
  { BS_IMPORT_VAGRANT, "vagrant/sum-of-texts", BOX ("  config.vm.box = \"a\" + B\n"),
    "t.yaml:3:3: warning: 'config.vm.box = \"a\" + B' is not expressed: its value is no text alone" },
  { BS_IMPORT_VAGRANT, "vagrant/gateway", BOX ("  config.vm.network \"private_network\", ip: \"10.1.2.1\"\n"),
    "t.yaml:3:3: warning: a value is not expressed: " },
  { BS_IMPORT_VAGRANT, "vagrant/bad-address", BOX ("  config.vm.network \"private_network\", ip: \"10.1.2.300\"\n"),
    "its address is not understood" },
  { BS_IMPORT_VAGRANT, "vagrant/udp",
    BOX ("  config.vm.network \"forwarded_port\", guest: 1, host: 2, protocol: \"udp\"\n"),
    "port '2:1/udp' is not expressed: only TCP is forwarded" },
};

static const Case kept[] = {
  { BS_IMPORT_COMPOSE, "compose/variable-image", "services: {s: {image: '${IMG}'}}\n", "image: $${IMG}" },
  { BS_IMPORT_COMPOSE, "compose/dollar", SERVICE ("environment: {B: 'a${Y}'}"), "a$${Y}" },
  { BS_IMPORT_COMPOSE, "compose/two-dollars", SERVICE ("environment: {B: 'a$${Y}'}"), "a$${Y}" },
  { BS_IMPORT_COMPOSE, "compose/two-dollars-command", SERVICE ("command: [sh, -c, 'echo $$Y']"), "echo $Y" },
  { BS_IMPORT_COMPOSE, "compose/default", SERVICE ("environment: {B: '${FI_UNSET:-b}'}"), "${FI_UNSET:-b}" },
  { BS_IMPORT_COMPOSE, "compose/build", "name: lab\nservices:\n  a: {build: .}\n", "image: lab-a" },
  { BS_IMPORT_COMPOSE, "compose/mac", SERVICE ("mac_address: '02:42:ac:11:00:03'"), "mac: \"02:42:ac:11:00:03\"" },
  { BS_IMPORT_COMPOSE, "compose/duration", SERVICE ("healthcheck: {test: x, interval: 1h1m30s}"), "interval: 3690s" },
  { BS_IMPORT_COMPOSE, "compose/duration-in-parts", SERVICE ("healthcheck: {test: x, timeout: 1s500ms}"),
    "timeout: 1500ms" },
  { BS_IMPORT_COMPOSE, "compose/duration-plain", SERVICE ("healthcheck: {test: x, timeout: 90s}"), "timeout: 90s" },
  { BS_IMPORT_COMPOSE, "compose/others", SERVICE ("mac_address: bad, user: root"), "user: root" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/binds", "topology: {nodes: {a: {image: x, binds: ['a:/c']}}}\n", "./a:/c" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/default", "topology: {nodes: {a: {image: 'x:${FI_UNSET:-1}'}}}\n",
    "x:${FI_UNSET:-1}" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/cap-add", "topology: {nodes: {a: {image: x, cap-add: [NET_ADMIN]}}}\n",
    "capabilities: [NET_ADMIN]" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/restart", "topology: {nodes: {a: {image: x, restart-policy: always}}}\n",
    "restart: always" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/healthcheck",
    "topology: {nodes: {a: {image: x, healthcheck: {test: [CMD-SHELL, 'true || x'], start-period: 3}}}}\n",
    "start_period: 3s" },
  { BS_IMPORT_CONTAINERLAB, "containerlab/links", LINK ("{endpoints: ['a:e1', 'b:e1']}, {endpoints: ['a:e2', 'b:e2']}"),
    "network: a-b-2" },
  { BS_IMPORT_VAGRANT, "vagrant/if-in-a-text",
    BOX ("  config.vm.provision \"shell\", inline: \"test -e /x; echo if only\"\n"), "echo if only" },
  { BS_IMPORT_VAGRANT, "vagrant/after-end-if",
    BOX ("  config.vm.define \"a\" do |a|\n  end if x\n  config.vm.define \"b\"\n"), "name: b" },
  { BS_IMPORT_VAGRANT, "vagrant/after-conditional-heredoc",
    BOX ("  config.vm.provision \"shell\", inline: <<-E if x\n    end\n  E\n  config.vm.define \"b\"\n"), "name: b" },
  { BS_IMPORT_VAGRANT, "vagrant/after-one-line", BOX ("  if x then y end\n  config.vm.define \"a\"\n"), "name: a" },
  { BS_IMPORT_VAGRANT, "vagrant/constant-name", "N = 'web'\n" BOX ("  config.vm.define N do |n|\n  end\n"),
    "name: web" },
  { BS_IMPORT_VAGRANT, "vagrant/constant",
    "BOX = \"ubuntu/jammy64\"\nVagrant.configure(\"2\") do |c|\n  c.vm.box = BOX\nend\n", "image: ubuntu-22.04" },
  { BS_IMPORT_VAGRANT, "vagrant/gateway", BOX ("  config.vm.network \"private_network\", ip: \"10.1.2.1\"\n"),
    "[{network: private-10-1-2}]" },
};

static void
test_kept (gconstpointer data)
{
  const Case *expected = data;
  g_autofree char *said = NULL, *result = import (expected->format, expected->text, &said);
  const char *document;

  if (result == NULL)
    g_error ("%s", said);
  bs_topology_free (parse_good (result));
  document = strstr (result, "metadata:"); /* after the comment */
  if (strstr (document, expected->expected) == NULL)
    g_error ("'%s' is missing in:\n%s", expected->expected, document);
}

#define SECONDS_MAX 5 /* what took a square of the size took far more, or all memory */

static void
test_large_vagrant (void)
{
  GString *text = g_string_new (NULL);
  g_autoptr (GTimer) timer = g_timer_new ();
  g_autoptr (BsDiagnostics) large = NULL;
  g_autofree char *said = NULL, *result = NULL, *of_large = NULL;

  while (text->len <= 1024 * 1024)
    g_string_append (text, "\"\n");
  g_assert_null (bs_import (BS_IMPORT_VAGRANT, "t.yaml", text->str, text->len, &large));
  g_assert_cmpuint (large->items->len, ==, 1);
  of_large = bs_diagnostics_format (large);
  g_assert_nonnull (strstr (of_large, "a file to import has at most 1 MiB, this one has 1048578 bytes"));
  g_string_assign (text, "Vagrant.configure(\"2\") do |c|\n");
  for (guint i = 0; i < 20000; i++)
    g_string_append (text, "  c.vm.define \"a\" do |w|\n  end\n");
  g_string_append (text, "end\n");
  result = import (BS_IMPORT_VAGRANT, text->str, &said);
  g_assert_nonnull (result);
  g_assert_null (strstr (result, "a-2")); /* the same name is the same machine */
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, SECONDS_MAX);
  g_string_free (text, TRUE);
}

#define N_LINKED 4000

static void
test_large_containerlab (void)
{
  GString *text = g_string_new ("topology:\n  nodes:\n");
  g_autoptr (GTimer) timer = g_timer_new ();
  g_autofree char *said = NULL, *result = NULL;

  for (guint i = 0; i < N_LINKED; i++)
    g_string_append_printf (text, "    n%u: {image: x}\n", i);
  g_string_append (text, "  links:\n");
  for (guint i = 1; i < N_LINKED; i++)
    g_string_append_printf (text, "    - endpoints: ['n%u:e1', 'n%u:e2']\n", i - 1, i);
  result = import (BS_IMPORT_CONTAINERLAB, text->str, &said);
  g_assert_nonnull (result);
  g_assert_nonnull (strstr (result, "n3998-n3999"));
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, SECONDS_MAX);
  g_string_free (text, TRUE);
}

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
  add ("kept", kept, G_N_ELEMENTS (kept), test_kept);
  g_test_add_func ("/import/large/vagrant", test_large_vagrant);
  g_test_add_func ("/import/large/containerlab", test_large_containerlab);
  return g_test_run ();
}
