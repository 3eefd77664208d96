/* SPDX-License-Identifier: Apache-2.0 */
/* test-errors-node.c — what a wrong node is told: position, message and hint */
#include "topology-test.h"

/* clang-format off */
static const ErrorCase cases[] = {
  { "node/no-name",
    "nodes: [{image: tiny}]\n",
    AT ("1:9", "'name' is missing") },
  { "node/no-image",
    "nodes: [{name: one}]\n",
    AT ("1:9", "node 'one': 'image' is missing")
    HINT ("add 'image: tiny'") },
  { "node/name-upper-case",
    "nodes: [{name: Web_1, image: tiny}]\n",
    AT ("1:16", "node 'Web_1': 'name' must be a host name (a-z, 0-9 and '-', at most 63, no '-' at its ends), not 'Web_1'")
    HINT ("write 'web-1'") },
  { "node/name-localhost",
    "nodes: [{name: localhost, image: tiny}]\n",
    AT ("1:16", "node 'localhost': 'name' must be a name of its own, and none of digits alone, not 'localhost'")
    HINT ("choose another: each machine calls itself so") },
  { "node/name-digits",
    "nodes: [{name: '10', image: tiny}]\n",
    AT ("1:16", "node '10': 'name' must be a name of its own, and none of digits alone, not '10'")
    HINT ("put a letter before it") },
  { "node/memory-plus",
    NODE ("memory_mb: +128"),
    AT ("3:41", "node 'one': 'memory_mb' must be an integer from 32 to 16777216, not '+128'") },
  { "node/name-dash",
    "nodes: [{name: -one, image: tiny}]\n",
    AT ("1:16", "node '-one': 'name' must be a host name (a-z, 0-9 and '-', at most 63, no '-' at its ends), not '-one'")
    HINT ("write 'one'") },
  { "node/name-path",
    "nodes: [{name: ../x, image: tiny}]\n",
    AT ("1:16", "node '../x': 'name' must be a host name (a-z, 0-9 and '-', at most 63, no '-' at its ends), not '../x'")
    HINT ("write 'x'") },
  { "node/name-64",
    "nodes: [{name: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn, image: tiny}]\n",
    AT ("1:16", "node 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…': 'name' must be a host name (a-z, 0-9 and '-', at most 63, no '-' at its ends), not 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn…'")
    HINT ("write 'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn'") },
  { "node/name-empty",
    "nodes: [{name: '', image: tiny}]\n",
    AT ("1:16", "node '': 'name' must be a host name (a-z, 0-9 and '-', at most 63, no '-' at its ends), not ''") },
  { "node/repeated",
    "nodes:\n"
      "  - {name: one, image: tiny}\n"
      "  - {name: one, image: tiny}\n",
    AT ("3:12", "node name 'one' is used twice")
    HINT ("it was used first on line 2") },
  { "node/unknown-key",
    NODE ("memry_mb: 5"),
    AT ("3:30", "node 'one': unknown key 'memry_mb'")
    HINT ("did you mean 'memory_mb'?") },
  { "node/image-option",
    "nodes: [{name: one, image: --help}]\n",
    AT ("1:28", "node 'one': 'image' must not begin with '-' or a space: '--help'")
    HINT ("write a name such as tiny, or a path such as ./disk.qcow2") },
  { "node/image-control",
    "nodes: [{name: one, image: \"a\\x01\"}]\n",
    AT ("1:28", "node 'one': 'image' must be one line without control characters")
    HINT ("remove U+0001, character 2 of it") },
  { "node/backend",
    NODE ("backend: vmware"),
    AT ("3:39", "node 'one': 'backend' must be one of qemu, libvirt, docker, podman, lxd, auto, not 'vmware'") },
  { "node/memory-small",
    NODE ("memory_mb: 31"),
    AT ("3:41", "node 'one': 'memory_mb' must be an integer from 32 to 16777216, not '31'") },
  { "node/memory-text",
    NODE ("memory_mb: lots"),
    AT ("3:41", "node 'one': 'memory_mb' must be an integer from 32 to 16777216, not 'lots'") },
  { "node/memory-float",
    NODE ("memory_mb: 512.0"),
    AT ("3:41", "node 'one': 'memory_mb' must be an integer from 32 to 16777216, not '512.0'") },
  { "node/memory-hex",
    NODE ("memory_mb: 0x200"),
    AT ("3:41", "node 'one': 'memory_mb' must be an integer from 32 to 16777216, not '0x200'") },
  { "node/memory-quoted",
    NODE ("memory_mb: \"512\""),
    AT ("3:41", "node 'one': 'memory_mb' must be an integer without quotes, not '512'")
    HINT ("remove the quotes") },
  { "node/memory-huge",
    NODE ("memory_mb: 99999999999999999999"),
    AT ("3:41", "node 'one': 'memory_mb' must be an integer from 32 to 16777216, not '99999999999999999999'") },
  { "node/memory-list",
    NODE ("memory_mb: [1]"),
    AT ("3:41", "node 'one': 'memory_mb' must be a single value, not a list") },
  { "node/vcpus-zero",
    NODE ("vcpus: 0"),
    AT ("3:37", "node 'one': 'vcpus' must be an integer from 1 to 255, not '0'") },
  { "node/env-list",
    NODE ("env: [A=b]"),
    AT ("3:35", "node 'one': 'env' must be a mapping, not a list")
    HINT ("write it as {NAME: value}") },
  { "node/env-name",
    NODE ("env: {1A: b}"),
    AT ("3:36", "node 'one': 'env' has a wrong name '1A'")
    HINT ("use letters, digits and '_', and no digit first") },
  { "node/env-value",
    NODE ("env: {A: [b]}"),
    AT ("3:39", "node 'one': the value of 'A' in 'env' must be a text") },
  { "node/ports-text",
    NODE ("ports: 8080:80"),
    AT ("3:37", "node 'one': 'ports' must be a list, not '8080:80'")
    HINT ("write it as [...], or as lines that begin with '- '") },
  { "node/ports-one",
    NODE ("ports: [80]"),
    AT ("3:38", "node 'one': 'ports' must be pairs of ports from 1 to 65535, not '80'")
    HINT ("write HOST:NODE, such as 8080:80") },
  { "node/ports-zero",
    NODE ("ports: [0:80]"),
    AT ("3:38", "node 'one': 'ports' must be pairs of ports from 1 to 65535, not '0:80'")
    HINT ("write HOST:NODE, such as 8080:80") },
  { "node/ports-large",
    NODE ("ports: [80:65536]"),
    AT ("3:38", "node 'one': 'ports' must be pairs of ports from 1 to 65535, not '80:65536'")
    HINT ("write HOST:NODE, such as 8080:80") },
  { "node/ports-twice",
    NODE ("ports: [8080:80, 8080:81]"),
    AT ("3:47", "node 'one': port 8080 of the host is used twice")
    HINT ("it was used first on line 3") },
  { "node/depends-on-unknown",
    NODE ("depends_on: [twoo]"),
    AT ("3:43", "there is no node 'twoo'")
    HINT ("did you mean 'two'?") },
  { "node/depends-on-far",
    NODE ("depends_on: [database]"),
    AT ("3:43", "there is no node 'database'")
    HINT ("there are: one, two") },
  { "node/depends-on-itself",
    NODE ("depends_on: [one]"),
    AT ("3:43", "dependency cycle: one -> one")
    HINT ("remove one of these dependencies") },
  { "node/cycle",
    "nodes:\n"
      "  - {name: a, image: tiny, depends_on: [b]}\n"
      "  - {name: b, image: tiny, depends_on: [c]}\n"
      "  - {name: c, image: tiny, depends_on: [a]}\n"
      "  - {name: d, image: tiny, depends_on: [a]}\n",
    AT ("4:41", "dependency cycle: a -> b -> c -> a")
    HINT ("remove one of these dependencies") },
  { "node/count-zero",
    NODE ("count: 0"),
    AT ("3:37", "node 'one': 'count' must be an integer from 1 to 100000, not '0'") },
  { "node/deploy-without-dest",
    NODE ("deploy: [{src: a}]"),
    AT ("3:39", "node 'one': 'dest' is missing") },
  { "node/cloud-init-unknown",
    NODE ("cloud_init: {package: [a]}"),
    AT ("3:43", "node 'one': unknown key 'package'")
    HINT ("did you mean 'packages'?") },
  { "node/package",
    NODE ("packages: [{nam: a}]"),
    AT ("3:42", "node 'one': unknown key 'nam'")
    HINT ("did you mean 'name'?") },
  { "ready/word",
    NODE ("ready: [ssh]"),
    AT ("3:38", "node 'one': 'ready' must be a list of mappings or the word agent, not 'ssh'")
    HINT ("write it as {port: 80, within: 20s}") },
  { "ready/not-a-list",
    NODE ("ready: agent"),
    AT ("3:37", "node 'one': 'ready' must be a list, not 'agent'")
    HINT ("write it as [...], or as lines that begin with '- '") },
  { "ready/nothing",
    NODE ("ready: [{within: 5s}]"),
    AT ("3:38", "node 'one': each entry of 'ready' must say one thing to wait for")
    HINT ("write it as {port: 80, within: 20s}") },
  { "ready/two",
    NODE ("ready: [{port: 80, file: /x}]"),
    AT ("3:38", "node 'one': each entry of 'ready' must say one thing to wait for")
    HINT ("write it as {port: 80, within: 20s}") },
  { "ready/port",
    NODE ("ready: [{port: 0}]"),
    AT ("3:45", "node 'one': 'port' must be an integer from 1 to 65535, not '0'") },
  { "ready/file-relative",
    NODE ("ready: [{file: x}]"),
    AT ("3:45", "node 'one': 'file' must be an absolute path") },
  { "ready/command-empty",
    NODE ("ready: [{command: []}]"),
    AT ("3:48", "node 'one': 'command' is empty")
    HINT ("write it as [program, argument], or as one line for sh") },
  { "ready/agent-false",
    NODE ("ready: [{agent: false}]"),
    AT ("3:46", "node 'one': 'agent' must be true")
    HINT ("write the word 'agent' alone") },
  { "ready/within",
    NODE ("ready: [{port: 80, within: soon}]"),
    AT ("3:57", "node 'one': 'within' must be a duration, not 'soon'")
    HINT ("write 500ms, 2s, 3m or 1h; a bare number is seconds") },
  { "ready/within-zero",
    NODE ("ready: [{port: 80, within: 0}]"),
    AT ("3:57", "node 'one': 'within' must be at least 1ms, not '0'") },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_error_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
