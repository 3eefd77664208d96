/* SPDX-License-Identifier: Apache-2.0 */
/* test-topology-machine.c — what a node's provisioning, container and machine keys become */
#include "topology-test.h"

#define NODE_OF(topology) bs_topology_node (topology, "one")

static const BsTopologyPackage *
nth_package (const GPtrArray *packages, guint index)
{
  return g_ptr_array_index (packages, index);
}

static void
test_nothing_given (void)
{
  g_autoptr (BsTopology) topology = parse_good (ONE_NODE);
  const BsTopologyNode *node = NODE_OF (topology);

  g_assert_null (node->group);
  g_assert_cmpuint (node->group_index, ==, 0);
  g_assert_null (node->adopt);
  g_assert_cmpuint (node->disk_gb, ==, 0);
  g_assert_null (node->metadata);
  g_assert_cmpuint (node->packages->len + node->deploy->len + node->volumes->len, ==, 0);
  g_assert_null (node->cloud_init);
  g_assert_null (node->container);
  g_assert_null (node->machine);
}

static void
test_packages (void)
{
  g_autoptr (BsTopology) topology = parse_good (
      NODE ("packages: [curl, ./site.deb, 'https://h/x.rpm', "
            "{repository: 'deb [arch=amd64] http://h/d s main', key: ./key.asc, name: tool}, {name: vim}]"));
  const GPtrArray *packages = NODE_OF (topology)->packages;

  g_assert_cmpuint (packages->len, ==, 5);
  g_assert_cmpint (nth_package (packages, 0)->kind, ==, BS_PACKAGE_NAME);
  g_assert_cmpstr (nth_package (packages, 0)->name, ==, "curl");
  g_assert_cmpint (nth_package (packages, 1)->kind, ==, BS_PACKAGE_FILE);
  g_assert_cmpstr (nth_package (packages, 1)->name, ==, "./site.deb");
  g_assert_cmpint (nth_package (packages, 2)->kind, ==, BS_PACKAGE_URL);
  g_assert_cmpint (nth_package (packages, 3)->kind, ==, BS_PACKAGE_REPOSITORY);
  g_assert_cmpstr (nth_package (packages, 3)->repository, ==, "deb [arch=amd64] http://h/d s main");
  g_assert_cmpstr (nth_package (packages, 3)->key, ==, "./key.asc");
  g_assert_cmpstr (nth_package (packages, 3)->name, ==, "tool");
  g_assert_cmpint (nth_package (packages, 4)->kind, ==, BS_PACKAGE_NAME);
  g_assert_cmpuint (nth_package (packages, 4)->at.line, ==, 3);
}

static void
test_cloud_init (void)
{
  g_autoptr (BsTopology) topology = parse_good (
      NODE ("cloud_init: {user: ann, password: s3cret, ssh_authorized_keys: [ssh-ed25519 AAAA], packages: [git], "
            "runcmd: [echo hi, [ls, -l]], hostname: web.example.org, bake: true}"));
  const BsTopologyCloudInit *cloud = NODE_OF (topology)->cloud_init;

  g_assert_cmpstr (cloud->user, ==, "ann");
  g_assert_cmpstr (cloud->password, ==, "s3cret");
  g_assert_cmpstr (cloud->ssh_authorized_keys[0], ==, "ssh-ed25519 AAAA");
  g_assert_cmpstr (nth_package (cloud->packages, 0)->name, ==, "git");
  g_assert_cmpuint (cloud->runcmd->len, ==, 2);
  g_assert_cmpstr (((char **) g_ptr_array_index (cloud->runcmd, 0))[0], ==, "sh");
  g_assert_cmpstr (((char **) g_ptr_array_index (cloud->runcmd, 0))[2], ==, "echo hi");
  g_assert_cmpstr (((char **) g_ptr_array_index (cloud->runcmd, 1))[1], ==, "-l");
  g_assert_cmpstr (cloud->hostname, ==, "web.example.org");
  g_assert_true (cloud->bake);
  g_assert_cmpuint (cloud->at.line, ==, 3);
}

static void
test_write_files (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (NODE ("cloud_init: {write_files: [{path: /a, content: \"x\\ny\"}, {path: /b, append: true, "
                          "permissions: 0755, owner: 'ann:users', encoding: b64, content: \"aGkA\\n/w==\"}]}"));
  const GPtrArray *files = NODE_OF (topology)->cloud_init->write_files;
  const BsTopologyFile *plain = g_ptr_array_index (files, 0), *binary = g_ptr_array_index (files, 1);

  g_assert_cmpstr (plain->path, ==, "/a");
  g_assert_cmpmem (plain->content, plain->content_length, "x\ny", 3);
  g_assert_cmpuint (plain->mode, ==, 0644);
  g_assert_null (plain->owner);
  g_assert_false (plain->append);
  g_assert_cmpmem (binary->content, binary->content_length, "hi\0\xff", 4);
  g_assert_cmpuint (binary->mode, ==, 0755);
  g_assert_cmpstr (binary->owner, ==, "ann:users");
  g_assert_true (binary->append);
}

static void
test_deploy_and_volumes (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (NODE ("deploy: [{src: ./a, dest: /a}, {src: b, dest: /b, mode: '0600', owner: root}], "
                          "volumes: [./data:/data, cache:/var/cache:ro]"));
  const BsTopologyNode *node = NODE_OF (topology);
  const BsTopologyDeploy *first = g_ptr_array_index (node->deploy, 0), *second = g_ptr_array_index (node->deploy, 1);
  const BsTopologyVolume *data = g_ptr_array_index (node->volumes, 0), *cache = g_ptr_array_index (node->volumes, 1);

  g_assert_cmpstr (first->source, ==, "./a");
  g_assert_cmpstr (first->destination, ==, "/a");
  g_assert_cmpint (first->mode, ==, -1);
  g_assert_null (first->owner);
  g_assert_cmpint (second->mode, ==, 0600);
  g_assert_cmpstr (second->owner, ==, "root");
  g_assert_cmpstr (data->host, ==, "./data");
  g_assert_cmpstr (data->node, ==, "/data");
  g_assert_false (data->read_only);
  g_assert_cmpstr (cache->host, ==, "cache");
  g_assert_true (cache->read_only);
}

static void
test_container (void)
{
  g_autoptr (BsTopology) topology = parse_good (
      NODE ("backend: docker, command: [nginx, -g], entrypoint: run, user: '1000:1000', privileged: true, "
            "capabilities: [CAP_NET_ADMIN, -CHOWN], read_only: true, tmpfs: [/run], devices: [/dev/fuse], restart: no, "
            "labels: {tier: front, empty: ''}, ulimits: {nofile: 1024, core: {soft: 0, hard: -1}, nproc: unlimited}"));
  const BsTopologyContainer *container = NODE_OF (topology)->container;
  const BsTopologyUlimit *nofile = g_ptr_array_index (container->ulimits, 0);
  const BsTopologyUlimit *core = g_ptr_array_index (container->ulimits, 1);
  const BsTopologyUlimit *nproc = g_ptr_array_index (container->ulimits, 2);

  g_assert_cmpstr (container->command[1], ==, "-g");
  g_assert_cmpstr (container->entrypoint[2], ==, "run");
  g_assert_cmpstr (container->user, ==, "1000:1000");
  g_assert_true (container->privileged && container->read_only);
  g_assert_cmpstr (container->capabilities[0], ==, "NET_ADMIN");
  g_assert_cmpstr (container->capabilities[1], ==, "-CHOWN");
  g_assert_cmpstr (container->tmpfs[0], ==, "/run");
  g_assert_cmpstr (container->devices[0], ==, "/dev/fuse");
  g_assert_cmpstr (container->restart, ==, "no");
  g_assert_cmpstr (container->labels[0], ==, "tier=front");
  g_assert_cmpstr (container->labels[1], ==, "empty=");
  g_assert_cmpstr (nofile->name, ==, "nofile");
  g_assert_cmpint (nofile->soft, ==, 1024);
  g_assert_cmpint (nofile->hard, ==, 1024);
  g_assert_cmpint (core->soft, ==, 0);
  g_assert_cmpint (core->hard, ==, -1);
  g_assert_cmpint (nproc->soft, ==, -1);
  g_assert_cmpuint (container->at.line, ==, 3);
  g_assert_null (NODE_OF (topology)->machine);
}

/* The test's argv, its words joined, "" when there is none. */
static void
check_healthcheck (const char *keys, const char *words, gboolean disabled)
{
  g_autofree char *text = g_strdup_printf ("nodes: [{name: one, image: x, healthcheck: {%s}}]\n", keys);
  g_autoptr (BsTopology) topology = parse_good (text);
  const BsTopologyHealthcheck *check = NODE_OF (topology)->container->healthcheck;
  g_autofree char *joined = check->test != NULL ? g_strjoinv (" ", check->test) : g_strdup ("");

  g_assert_cmpstr (joined, ==, words);
  g_assert_cmpint (check->disable, ==, disabled);
}

static void
test_healthcheck (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (NODE ("healthcheck: {test: 'true', interval: 5s, timeout: 500ms, start_period: 1m, retries: 4}"));
  const BsTopologyHealthcheck *check = NODE_OF (topology)->container->healthcheck;

  g_assert_cmpint (check->interval_usec, ==, 5 * G_USEC_PER_SEC);
  g_assert_cmpint (check->timeout_usec, ==, G_USEC_PER_SEC / 2);
  g_assert_cmpint (check->start_period_usec, ==, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (check->retries, ==, 4);
  check_healthcheck ("test: curl x", "sh -c curl x", FALSE);
  check_healthcheck ("test: [curl, x]", "curl x", FALSE);
  check_healthcheck ("test: [CMD, curl, x]", "curl x", FALSE);
  check_healthcheck ("test: [CMD-SHELL, curl x]", "sh -c curl x", FALSE);
  check_healthcheck ("test: [NONE]", "", TRUE);
  check_healthcheck ("disable: true", "", TRUE);
}

static void
test_machine (void)
{
  g_autoptr (BsTopology) topology = parse_good (
      NODE ("disk_gb: 20, firmware: uefi-secure, tpm: true, display: vnc, kernel: ./vmlinuz, initrd: ./initrd, "
            "cmdline: 'console=ttyS0 quiet', cpu: host"));
  const BsTopologyMachine *machine = NODE_OF (topology)->machine;

  g_assert_cmpuint (NODE_OF (topology)->disk_gb, ==, 20);
  g_assert_cmpstr (machine->firmware, ==, "uefi-secure");
  g_assert_true (machine->tpm);
  g_assert_cmpstr (machine->display, ==, "vnc");
  g_assert_cmpstr (machine->kernel, ==, "./vmlinuz");
  g_assert_cmpstr (machine->initrd, ==, "./initrd");
  g_assert_cmpstr (machine->cmdline, ==, "console=ttyS0 quiet");
  g_assert_cmpstr (machine->cpu, ==, "host");
  g_assert_null (NODE_OF (topology)->container);
}

static void
test_machine_defaults (void)
{
  g_autoptr (BsTopology) topology = parse_good (NODE ("tpm: false"));

  g_assert_null (NODE_OF (topology)->machine->firmware); /* the image's */
  g_assert_cmpstr (NODE_OF (topology)->machine->display, ==, "none");
}

static void
test_metadata_stays_text (void)
{
  g_autoptr (BsTopology) topology
      = parse_good (NODE ("metadata: {n: 007, b: true, list: [1, {c: \"\\u00e9\"}], e: ''}"));
  g_autofree char *json = bs_json_dump (NODE_OF (topology)->metadata);

  g_assert_cmpstr (json, ==, "{\"n\":\"007\",\"b\":\"true\",\"list\":[\"1\",{\"c\":\"é\"}],\"e\":\"\"}");
}

static void
test_adopt_needs_no_image (void)
{
  g_autoptr (BsTopology) topology = parse_good ("nodes: [{name: one, adopt: old_machine.1}]\n");

  g_assert_cmpstr (NODE_OF (topology)->adopt, ==, "old_machine.1");
  g_assert_null (NODE_OF (topology)->image);
}

static void
test_ready_kinds (void)
{
  static const BsReadyKind kinds[] = { BS_READY_SSH, BS_READY_UNIT, BS_READY_HTTP, BS_READY_LOG };
  static const char *const arguments[] = { NULL, "nginx.service", "http://localhost:8080/x", "is up" };
  g_autoptr (BsTopology) topology = parse_good (NODE (
      "ready: [{ssh: true}, {unit: nginx.service}, {http: 'http://localhost:8080/x', within: 5s}, {log: is up}]"));

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const BsTopologyReady *ready = g_ptr_array_index (NODE_OF (topology)->ready, i);

      g_assert_cmpint (ready->kind, ==, kinds[i]);
      g_assert_cmpstr (ready->arguments[0], ==, arguments[i]);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/machine/nothing-given", test_nothing_given);
  g_test_add_func ("/machine/packages", test_packages);
  g_test_add_func ("/machine/cloud-init", test_cloud_init);
  g_test_add_func ("/machine/write-files", test_write_files);
  g_test_add_func ("/machine/deploy-and-volumes", test_deploy_and_volumes);
  g_test_add_func ("/machine/container", test_container);
  g_test_add_func ("/machine/healthcheck", test_healthcheck);
  g_test_add_func ("/machine/machine", test_machine);
  g_test_add_func ("/machine/machine-defaults", test_machine_defaults);
  g_test_add_func ("/machine/metadata-stays-text", test_metadata_stays_text);
  g_test_add_func ("/machine/adopt-needs-no-image", test_adopt_needs_no_image);
  g_test_add_func ("/machine/ready-kinds", test_ready_kinds);
  return g_test_run ();
}
