/* SPDX-License-Identifier: Apache-2.0 */
/* test-errors-provision.c — what is told of packages, files and cloud-init of a node: position, message and hint */
#include "topology-test.h"

/* clang-format off */
static const ErrorCase cases[] = {
  { "packages-2",
    NODE ("packages: [\"-o\"]"),
    AT ("3:41", "node 'one': 'packages' must be names (letters, digits and '+-._:~=', first a letter or digit), not '-o'") },
  { "packages-3",
    NODE ("packages: [../evil]"),
    AT ("3:41", "node 'one': 'packages' must be names, paths or URLs, not '../evil'")
    HINT ("a package file ends in .deb, .rpm or .apk") },
  { "packages-4",
    NODE ("packages: [ftp://x/y.deb]"),
    AT ("3:41", "node 'one': 'packages' must be names, paths or http and https URLs, not 'ftp://x/y.deb'") },
  { "packages-5",
    NODE ("packages: [\"a b\"]"),
    AT ("3:41", "node 'one': 'packages' must be names (letters, digits and '+-._:~=', first a letter or digit), not 'a b'") },
  { "packages-6",
    NODE ("packages: [{key: a}]"),
    AT ("3:41", "node 'one': 'repository' is missing")
    HINT ("write it as {repository: LINE, key: FILE, name: NAME}") },
  { "packages-7",
    NODE ("packages: [{}]"),
    AT ("3:41", "node 'one': 'repository' is missing")
    HINT ("write it as {repository: LINE, key: FILE, name: NAME}") },
  { "packages-8",
    NODE ("packages: [{repository: nonsense}]"),
    AT ("3:54", "node 'one': 'repository' must be a line of a package source, not 'nonsense'")
    HINT ("write it as \"deb URL SUITE COMPONENT\", or as a URL") },
  { "packages-9",
    NODE ("packages: [[a]]"),
    AT ("3:41", "node 'one': 'packages' must be a single value, not a list") },
  { "cloud-init/packages-1",
    NODE ("cloud_init: {packages: [./x.deb]}"),
    AT ("3:54", "node 'one': 'packages' of cloud-init takes names only")
    HINT ("put it into 'packages' of the node itself") },
  { "cloud-init/packages-2",
    NODE ("cloud_init: {packages: [{name: a}]}"),
    AT ("3:54", "node 'one': 'packages' must be a single value, not a mapping") },
  { "cloud-init/user-1",
    NODE ("cloud_init: {user: \"-x\"}"),
    AT ("3:49", "node 'one': 'user' must be a user's name (letters, digits, '_', '.' and '-', at most 32, not first '-' or '.'), not '-x'") },
  { "cloud-init/user-2",
    NODE ("cloud_init: {user: \"root\\nx\"}"),
    AT ("3:49", "node 'one': 'user' must be one line without control characters")
    HINT ("remove the line break, character 5 of it") },
  { "cloud-init/hostname-1",
    NODE ("cloud_init: {hostname: \"-a.b\"}"),
    AT ("3:53", "node 'one': 'hostname' must be a host name (a-z, 0-9, '-' and '.', at most 64, no '-' at the ends of a part), not '-a.b'") },
  { "cloud-init/runcmd-1",
    NODE ("cloud_init: {runcmd: ls}"),
    AT ("3:51", "node 'one': 'runcmd' must be a list, not 'ls'")
    HINT ("write it as [...], or as lines that begin with '- '") },
  { "cloud-init/runcmd-2",
    NODE ("cloud_init: {runcmd: [{a: b}]}"),
    AT ("3:52", "node 'one': 'runcmd' must be a text or a list of texts, not a mapping")
    HINT ("write it as [program, argument]") },
  { "cloud-init/runcmd-3",
    NODE ("cloud_init: {runcmd: [[]]}"),
    AT ("3:52", "node 'one': 'runcmd' is empty")
    HINT ("write it as [program, argument], or as one line for sh") },
  { "cloud-init/ssh-authorized-keys",
    NODE ("cloud_init: {ssh_authorized_keys: [\"a\\nb\"]}"),
    AT ("3:65", "node 'one': 'ssh_authorized_keys' must be one line without control characters")
    HINT ("remove the line break, character 2 of it") },
  { "cloud-init/write-files-1",
    NODE ("cloud_init: {write_files: [{path: etc, content: x}]}"),
    AT ("3:64", "node 'one': 'path' must be an absolute path without '..', not 'etc'") },
  { "cloud-init/write-files-2",
    NODE ("cloud_init: {write_files: [{path: /../etc, permissions: \"0999\", owner: \"a b\", encoding: gz+b64}]}"),
    AT ("3:64", "node 'one': 'path' must be an absolute path without '..', not '/../etc'")
    AT ("3:86", "node 'one': 'permissions' must be a mode in octal, not '0999'")
    HINT ("write it as \"0644\", or \"0755\" for a program")
    AT ("3:101", "node 'one': 'owner' must be a user, or a user and a group, not 'a b'")
    HINT ("write it as root, or root:root")
    AT ("3:118", "node 'one': 'encoding' with gzip is not supported")
    HINT ("write plain or b64") },
  { "cloud-init/write-files-4",
    NODE ("cloud_init: {write_files: [{path: /a, content: \"aGk\", encoding: b64}]}"),
    AT ("3:77", "node 'one': 'content' is not base64") },
  { "cloud-init/write-files-5",
    NODE ("cloud_init: {write_files: [{path: /a, encoding: rot13}]}"),
    AT ("3:78", "node 'one': 'encoding' of this name is not supported")
    HINT ("write plain or b64") },
  { "cloud-init/write-files-6",
    NODE ("cloud_init: {write_files: [{path: /a, encoding: [b64]}]}"),
    AT ("3:78", "node 'one': 'encoding' must be a single value, not a list") },
  { "cloud-init/write-files-7",
    NODE ("cloud_init: {write_files: [{content: a}]}"),
    AT ("3:57", "node 'one': 'path' is missing") },
  { "deploy/src-1",
    NODE ("deploy: [{src: \"-x\", dest: /a}]"),
    AT ("3:45", "node 'one': 'src' must be a path that does not begin with '-', not '-x'")
    HINT ("write './' before it") },
  { "deploy/src-2",
    NODE ("deploy: [{src: a, dest: b, mode: \"8\", owner: \":\"}]"),
    AT ("3:54", "node 'one': 'dest' must be an absolute path without '..', not 'b'")
    AT ("3:63", "node 'one': 'mode' must be a mode in octal, not '8'")
    HINT ("write it as \"0644\", or \"0755\" for a program")
    AT ("3:75", "node 'one': 'owner' must be a user, or a user and a group, not ':'")
    HINT ("write it as root, or root:root") },
  { "deploy/src-4",
    NODE ("deploy: {src: a}"),
    AT ("3:38", "node 'one': 'deploy' must be a list, not a mapping")
    HINT ("write it as [...], or as lines that begin with '- '") },
  { "volumes-2",
    NODE ("volumes: [/a]"),
    AT ("3:40", "node 'one': 'volumes' must be pairs of a path or volume's name and an absolute path, not '/a'")
    HINT ("write HOST:NODE or HOST:NODE:ro, such as ./data:/data") },
  { "volumes-3",
    NODE ("volumes: [\"a:b\"]"),
    AT ("3:40", "node 'one': 'volumes' must be pairs of a path or volume's name and an absolute path, not 'a:b'")
    HINT ("write HOST:NODE or HOST:NODE:ro, such as ./data:/data") },
  { "volumes-4",
    NODE ("volumes: [\"/a:/b:rx\"]"),
    AT ("3:40", "node 'one': 'volumes' must be pairs of a path or volume's name and an absolute path, not '/a:/b:rx'")
    HINT ("write HOST:NODE or HOST:NODE:ro, such as ./data:/data") },
  { "volumes-5",
    NODE ("volumes: [\"/a:/\"]"),
    AT ("3:40", "node 'one': 'volumes' must be pairs of a path or volume's name and an absolute path, not '/a:/'")
    HINT ("write HOST:NODE or HOST:NODE:ro, such as ./data:/data") },
  { "volumes-6",
    NODE ("volumes: [\"/a:/b/../c\"]"),
    AT ("3:40", "node 'one': 'volumes' must be pairs of a path or volume's name and an absolute path, not '/a:/b/../c'")
    HINT ("write HOST:NODE or HOST:NODE:ro, such as ./data:/data") },
  { "volumes-7",
    NODE ("volumes: [/a:/b, /c:/b]"),
    AT ("3:47", "node 'one': 'volumes' has '/b' twice") },
  { "metadata-2",
    NODE ("metadata: [a]"),
    AT ("3:40", "node 'one': 'metadata' must be a mapping, not a list")
    HINT ("write it as {NAME: value}") },
  { "disk-gb",
    NODE ("disk_gb: 0"),
    AT ("3:39", "node 'one': 'disk_gb' must be an integer from 1 to 65536, not '0'") },
  { "ready/ssh-2",
    NODE ("ready: [{ssh: false}]"),
    AT ("3:44", "node 'one': 'ssh' must be true")
    HINT ("write it as {ssh: true}") },
  { "ready/unit",
    NODE ("ready: [{unit: \"a b\"}]"),
    AT ("3:45", "node 'one': 'unit' must be a systemd unit's name, not 'a b'")
    HINT ("write it as nginx, or nginx.service") },
  { "ready/http-1",
    NODE ("ready: [{http: \"ftp://x\"}]"),
    AT ("3:45", "node 'one': 'http' must be an http or https URL, not 'ftp://x'")
    HINT ("write it as http://localhost:8080/") },
  { "ready/http-2",
    NODE ("ready: [{http: \"http://\"}]"),
    AT ("3:45", "node 'one': 'http' must be an http or https URL, not 'http://'")
    HINT ("write it as http://localhost:8080/") },
  { "ready/log-1",
    NODE ("ready: [{log: \"a\\nb\"}]"),
    AT ("3:44", "node 'one': 'log' must be one line without control characters")
    HINT ("remove the line break, character 2 of it") },
  { "ready/log-2",
    NODE ("ready: [{log: \"\"}]"),
    AT ("3:44", "node 'one': 'log' must not be empty") },
};
/* clang-format on */

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_error_cases (cases, G_N_ELEMENTS (cases));
  return g_test_run ();
}
