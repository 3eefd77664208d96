/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fields-node.c — nodes, their interfaces, readiness and provisioning */
#include "bs-decode.h"

static const char *const firmware_words[] = { "bios", "uefi", "uefi-secure", NULL };
static const char *const display_words[] = { "none", "vnc", "spice", NULL };

const BsField bs_fields_interface[] = {
  { "network", BS_FIELD_STRING, BS_IN_AT (BsTopologyInterface, network, network_at),
    .decode = bs_decode_network_reference, .form = "network's name", .example = "lan",
    .doc = "where it is plugged in" },
  { "address", BS_FIELD_STRING, BS_IN_AT (BsTopologyInterface, address, address_at), .decode = bs_decode_address,
    .form = "IPv4 address", .example = "10.10.0.9", .doc = "a fixed address in the network's subnet" },
  { "address6", BS_FIELD_STRING, BS_INERT, .form = "IPv6 address", .example = "fd00::9",
    .doc = "a fixed IPv6 address" },
  { "mac", BS_FIELD_STRING, BS_IN (BsTopologyInterface, mac), .decode = bs_decode_mac, .form = "MAC address",
    .example = "52:54:00:00:00:01", .doc = "a fixed hardware address" },
  { "name", BS_FIELD_STRING, BS_IN (BsTopologyInterface, name), .decode = bs_decode_interface_name,
    .form = "interface name", .example = "lan0", .doc = "what the node calls it" },
  { "mtu", BS_FIELD_INTEGER, BS_IN (BsTopologyInterface, mtu), .least = 576, .most = 65521,
    .doc = "greatest packet in bytes" },
  { "conditions", BS_FIELD_OBJECT, BS_INERT, .fields = bs_fields_conditions, .doc = "what happens to what it sends" },
  { "ingress", BS_FIELD_OBJECT, BS_INERT, .fields = bs_fields_conditions, .doc = "what happens to what it receives" },
  { NULL },
};

const BsField bs_fields_ready[] = {
  { "agent", BS_FIELD_BOOLEAN, BS_SAME_STRUCT, .decode = bs_decode_ready_agent, .form = "true",
    .doc = "the guest program answers" },
  { "port", BS_FIELD_INTEGER, BS_SAME_STRUCT, .decode = bs_decode_ready_port, .least = 1, .most = 65535,
    .example = "80", .doc = "something listens on this TCP port" },
  { "file", BS_FIELD_STRING, BS_SAME_STRUCT, .decode = bs_decode_ready_file, .form = "absolute path",
    .example = "/run/up", .doc = "this path exists" },
  { "process", BS_FIELD_STRING, BS_SAME_STRUCT, .decode = bs_decode_ready_process,
    .doc = "a process of this name runs" },
  { "command", BS_FIELD_STRINGS, BS_SAME_STRUCT, .decode = bs_decode_ready_command, .command = TRUE,
    .form = "text or list of texts", .example = "[true]", .doc = "this command exits with 0" },
  { "ssh", BS_FIELD_BOOLEAN, BS_INERT, .doc = "SSH answers" },
  { "unit", BS_FIELD_STRING, BS_INERT, .doc = "a systemd unit is active" },
  { "http", BS_FIELD_STRING, BS_INERT, .form = "URL", .example = "http://one/", .doc = "an HTTP request succeeds" },
  { "log", BS_FIELD_TEXT, BS_INERT, .doc = "this text appears on the console" },
  { "within", BS_FIELD_DURATION, BS_IN (BsTopologyReady, within_usec), .least = 1000,
    .doc = "how long to wait for it" },
  { NULL },
};

static const BsField write_file_fields[] = {
  { "path", BS_FIELD_STRING, BS_INERT, .example = "/etc/motd", .doc = "where" },
  { "content", BS_FIELD_TEXT, BS_INERT, .command = TRUE, .doc = "what" },
  { "permissions", BS_FIELD_STRING, BS_INERT, .example = "\"0644\"", .doc = "mode in octal" },
  { "owner", BS_FIELD_STRING, BS_INERT, .doc = "user, or user:group" },
  { "encoding", BS_FIELD_STRING, BS_INERT, .doc = "of the content" },
  { "append", BS_FIELD_BOOLEAN, BS_INERT, .doc = "add to an existing file" },
  { NULL },
};

const BsField bs_fields_cloud_init[] = {
  { "user", BS_FIELD_STRING, BS_INERT, .doc = "login to make" },
  { "password", BS_FIELD_TEXT, BS_INERT, .doc = "of that login" },
  { "ssh_authorized_keys", BS_FIELD_STRINGS, BS_INERT, .doc = "keys that may log in" },
  { "packages", BS_FIELD_STRINGS, BS_INERT, .doc = "to install" },
  { "runcmd", BS_FIELD_ANY, BS_INERT, .command = TRUE, .form = "list of commands", .example = "[\"true\"]",
    .doc = "commands to run once" },
  { "write_files", BS_FIELD_LIST, BS_INERT, .fields = write_file_fields, .doc = "files to write" },
  { "hostname", BS_FIELD_STRING, BS_INERT, .doc = "another host name" },
  { "bake", BS_FIELD_BOOLEAN, BS_INERT, .doc = "run the commands when the template is made" },
  { NULL },
};

const BsField bs_fields_deploy[] = {
  { "src", BS_FIELD_STRING, BS_INERT_REQUIRED, .example = "./site", .doc = "file or folder beside the topology" },
  { "dest", BS_FIELD_STRING, BS_INERT_REQUIRED, .example = "/srv/site", .doc = "path in the node" },
  { "mode", BS_FIELD_STRING, BS_INERT, .example = "\"0644\"", .doc = "in octal" },
  { "owner", BS_FIELD_STRING, BS_INERT, .doc = "user, or user:group" },
  { NULL },
};

const BsField bs_fields_package[] = {
  { "repository", BS_FIELD_STRING, BS_INERT, .doc = "a line of a package source" },
  { "key", BS_FIELD_STRING, BS_INERT, .doc = "that signs it" },
  { "name", BS_FIELD_STRING, BS_INERT, .doc = "of the package" },
  { NULL },
};

const BsField bs_fields_node[] = {
  { "name", BS_FIELD_STRING, BS_IN (BsTopologyNode, name), .flags = BS_FIELD_REQUIRED, .decode = bs_decode_node_name,
    .form = "host name", .example = "one", .doc = "its host name" },
  { "image", BS_FIELD_STRING, BS_IN_AT (BsTopologyNode, image, image_at), .decode = bs_decode_image, .example = "tiny",
    .doc = "what it starts from" },
  { "backend", BS_FIELD_CHOICE, BS_IN (BsTopologyNode, backend), .choices = bs_backend_words, .doc = "what runs it" },
  { "count", BS_FIELD_INTEGER, BS_INERT, .least = 1, .most = 100000, .doc = "how many of it" },
  { "adopt", BS_FIELD_STRING, BS_INERT, .doc = "an existing machine that joins the lab" },
  { "memory_mb", BS_FIELD_INTEGER, BS_IN_AT (BsTopologyNode, memory_mib, memory_at), .least = 32, .most = 16777216,
    .doc = "memory in MiB" },
  { "vcpus", BS_FIELD_INTEGER, BS_IN (BsTopologyNode, vcpus), .least = 1, .most = 255, .doc = "processors" },
  { "disk_gb", BS_FIELD_INTEGER, BS_INERT, .least = 1, .most = 65536, .doc = "size of the disk" },
  { "env", BS_FIELD_MAP, BS_IN (BsTopologyNode, env), .doc = "environment of commands" },
  { "metadata", BS_FIELD_ANY, BS_INERT, .form = "mapping", .example = "{a: b}", .doc = "anything, for other tools" },
  { "interfaces", BS_FIELD_LIST, BS_IN (BsTopologyNode, interfaces), .fields = bs_fields_interface,
    .decode = bs_decode_interfaces, .doc = "its ports on networks" },
  { "packages", BS_FIELD_STRINGS, BS_INERT, .fields = bs_fields_package, .decode = bs_decode_packages,
    .form = "list of texts or mappings", .doc = "software to install" },
  { "cloud_init", BS_FIELD_OBJECT, BS_INERT, .fields = bs_fields_cloud_init, .doc = "first-boot provisioning" },
  { "deploy", BS_FIELD_LIST, BS_INERT, .fields = bs_fields_deploy, .doc = "files to copy in" },
  { "ports", BS_FIELD_STRINGS, BS_IN (BsTopologyNode, ports), .decode = bs_decode_ports, .form = "list of HOST:NODE",
    .example = "[8080:80]", .doc = "TCP ports of the host's loopback that lead to the node" },
  { "volumes", BS_FIELD_STRINGS, BS_INERT, .example = "[./data:/data]", .doc = "folders of the host seen in the node" },
  { "depends_on", BS_FIELD_STRINGS, BS_IN (BsTopologyNode, depends_on), .decode = bs_decode_node_references,
    .form = "list of node names", .example = "[two]", .doc = "started after these are ready" },
  { "ready", BS_FIELD_LIST, BS_IN (BsTopologyNode, ready), .fields = bs_fields_ready, .decode = bs_decode_ready,
    .example = "[agent]", .doc = "what must hold before it counts as up" },
  { "network_conditions", BS_FIELD_OBJECT, BS_INERT, .fields = bs_fields_conditions,
    .doc = "conditions of all its interfaces" },
  { "command", BS_FIELD_STRINGS, BS_INERT, .decode = bs_decode_command, .command = TRUE,
    .form = "text or list of texts", .doc = "what the container runs" },
  { "entrypoint", BS_FIELD_STRINGS, BS_INERT, .decode = bs_decode_command, .command = TRUE,
    .form = "text or list of texts", .doc = "the container's entry point" },
  { "user", BS_FIELD_STRING, BS_INERT, .doc = "who runs it in the container" },
  { "privileged", BS_FIELD_BOOLEAN, BS_INERT, .doc = "a container with all rights" },
  { "capabilities", BS_FIELD_STRINGS, BS_INERT, .doc = "rights of the container" },
  { "read_only", BS_FIELD_BOOLEAN, BS_INERT, .doc = "the container cannot write its root" },
  { "tmpfs", BS_FIELD_STRINGS, BS_INERT, .doc = "file systems in memory" },
  { "ulimits", BS_FIELD_ANY, BS_INERT, .form = "mapping", .example = "{nofile: 1024}",
    .doc = "limits of the container" },
  { "devices", BS_FIELD_STRINGS, BS_INERT, .doc = "of the host, seen in the container" },
  { "restart", BS_FIELD_STRING, BS_INERT, .example = "always", .doc = "what the engine does when it ends" },
  { "healthcheck", BS_FIELD_ANY, BS_INERT, .command = TRUE, .form = "mapping", .example = "{test: \"true\"}",
    .doc = "the engine's own check" },
  { "labels", BS_FIELD_MAP, BS_INERT, .doc = "the engine's labels" },
  { "firmware", BS_FIELD_CHOICE, BS_INERT, .choices = firmware_words, .doc = "of the machine" },
  { "tpm", BS_FIELD_BOOLEAN, BS_INERT, .doc = "a trusted platform module" },
  { "display", BS_FIELD_CHOICE, BS_INERT, .choices = display_words, .doc = "how its screen is reached" },
  { "kernel", BS_FIELD_STRING, BS_INERT, .example = "./vmlinuz", .doc = "boot this kernel" },
  { "initrd", BS_FIELD_STRING, BS_INERT, .example = "./initrd", .doc = "with this initial file system" },
  { "cmdline", BS_FIELD_STRING, BS_INERT, .doc = "and this command line" },
  { "cpu", BS_FIELD_STRING, BS_INERT, .example = "host", .doc = "model of the processor" },
  { NULL },
};
