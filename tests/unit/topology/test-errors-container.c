/* SPDX-License-Identifier: Apache-2.0 */
/* test-errors-container.c — what is told of what only containers or only machines have: position, message and hint */
#include "topology-test.h"

/* clang-format off */
static const ErrorCase cases[] = {
  { "tmpfs-2",
    NODE ("tmpfs: [run]"),
    AT ("3:38", "node 'one': 'tmpfs' must be absolute paths, not 'run'")
    HINT ("write /run, or /run:size=64m") },
  { "devices-2",
    NODE ("devices: [dev]"),
    AT ("3:40", "node 'one': 'devices' must be absolute paths, not 'dev'")
    HINT ("write /dev/net/tun, or HOST:NODE, or HOST:NODE:rw") },
  { "devices-3",
    NODE ("devices: [\"/dev/a:/dev/b:x\"]"),
    AT ("3:40", "node 'one': 'devices' must be absolute paths, not '/dev/a:/dev/b:x'")
    HINT ("write /dev/net/tun, or HOST:NODE, or HOST:NODE:rw") },
  { "capabilities-2",
    NODE ("capabilities: [NET_ADMN]"),
    AT ("3:45", "node 'one': 'capabilities' must be names of capabilities, not 'NET_ADMN'")
    HINT ("did you mean 'NET_ADMIN'?") },
  { "capabilities-3",
    NODE ("capabilities: [net_admin]"),
    AT ("3:45", "node 'one': 'capabilities' must be names of capabilities, not 'net_admin'")
    HINT ("did you mean 'NET_ADMIN'?") },
  { "ulimits-2",
    NODE ("ulimits: {nofiles: 1}"),
    AT ("3:40", "node 'one': 'ulimits' has an unknown limit 'nofiles'")
    HINT ("did you mean 'nofile'?") },
  { "ulimits-3",
    NODE ("ulimits: {nofile: {soft: 3, hard: 2}}"),
    AT ("3:48", "node 'one': 'soft' must not be more than 'hard'") },
  { "ulimits-4",
    NODE ("ulimits: {nofile: {soft: 3}}"),
    AT ("3:48", "node 'one': 'hard' is missing") },
  { "ulimits-5",
    NODE ("ulimits: {nofile: 1.5}"),
    AT ("3:48", "node 'one': 'nofile' must be an integer from -1 to 9223372036854775807, not '1.5'") },
  { "ulimits-6",
    NODE ("ulimits: {nofile: -2}"),
    AT ("3:48", "node 'one': 'nofile' must be an integer from -1 to 9223372036854775807, not '-2'") },
  { "ulimits-7",
    NODE ("ulimits: [a]"),
    AT ("3:39", "node 'one': 'ulimits' must be a mapping, not a list")
    HINT ("write it as {nofile: 1024}") },
  { "restart-3",
    NODE ("restart: on-failure:x"),
    AT ("3:39", "node 'one': 'restart' must be one of no, always, unless-stopped, on-failure, on-failure:TRIES, not 'on-failure:x'")
    HINT ("did you mean 'on-failure'?") },
  { "restart-4",
    NODE ("restart: alway"),
    AT ("3:39", "node 'one': 'restart' must be one of no, always, unless-stopped, on-failure, on-failure:TRIES, not 'alway'")
    HINT ("did you mean 'always'?") },
  { "healthcheck-2",
    NODE ("healthcheck: {interval: 5s}"),
    AT ("3:43", "node 'one': 'test' is missing")
    HINT ("add 'test: COMMAND', or 'disable: true'") },
  { "healthcheck-4",
    NODE ("healthcheck: {test: [CMD]}"),
    AT ("3:50", "node 'one': 'test' must be a command, not a list")
    HINT ("write it as [program, argument], or as one line for sh") },
  { "healthcheck-5",
    NODE ("healthcheck: {test: [CMD-SHELL, a, b]}"),
    AT ("3:50", "node 'one': 'test' must be a command, not a list")
    HINT ("write it as [program, argument], or as one line for sh") },
  { "labels-2",
    NODE ("labels: {\"a b\": x}"),
    AT ("3:39", "node 'one': 'labels' has a wrong name 'a b'")
    HINT ("use letters, digits and '_./-', first a letter or digit") },
  { "labels-3",
    NODE ("labels: {a: \"x\\ny\"}"),
    AT ("3:42", "node 'one': 'labels' must be one line without control characters")
    HINT ("remove the line break, character 2 of it") },
  { "user-2",
    NODE ("user: \"a;b\""),
    AT ("3:36", "node 'one': 'user' must be a user, or a user and a group, not 'a;b'")
    HINT ("write it as root, or root:root") },
  { "firmware",
    NODE ("firmware: uefi-secur"),
    AT ("3:40", "node 'one': 'firmware' must be one of bios, uefi, uefi-secure, not 'uefi-secur'")
    HINT ("did you mean 'uefi-secure'?") },
  { "cpu-1",
    NODE ("cpu: \"host,+vmx\""),
    AT ("3:35", "node 'one': 'cpu' must be the name of a processor's model, not 'host,+vmx'")
    HINT ("write it as host, max or Skylake-Server") },
  { "initrd",
    NODE ("initrd: ./x"),
    AT ("3:30", "node 'one': 'initrd' needs 'kernel'")
    HINT ("add 'kernel: PATH'") },
  { "cmdline",
    NODE ("cmdline: quiet"),
    AT ("3:30", "node 'one': 'cmdline' needs 'kernel'")
    HINT ("add 'kernel: PATH'") },
  { "kernel",
    NODE ("kernel: --help"),
    AT ("3:38", "node 'one': 'kernel' must be a path that does not begin with '-', not '--help'")
    HINT ("write './' before it") },
  { "backend-1",
    NODE ("backend: qemu, tmpfs: [/run], user: root"),
    AT ("3:45", "node 'one': 'tmpfs' is for containers, and backend 'qemu' has none")
    HINT ("remove it, or choose another 'backend'")
    AT ("3:60", "node 'one': 'user' is for containers, and backend 'qemu' has none")
    HINT ("remove it, or choose another 'backend'") },
  { "backend-2",
    NODE ("backend: docker, tpm: true, kernel: ./x"),
    AT ("3:47", "node 'one': 'tpm' is for virtual machines, and backend 'docker' has none")
    HINT ("remove it, or choose another 'backend'")
    AT ("3:58", "node 'one': 'kernel' is for virtual machines, and backend 'docker' has none")
    HINT ("remove it, or choose another 'backend'") },
  { "tmpfs-3",
    NODE ("tmpfs: [/run], tpm: true"),
    AT ("3:5", "node 'one': a node cannot be both a container and a virtual machine (lines 3 and 3)")
    HINT ("remove the keys of one of them") },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_error_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
