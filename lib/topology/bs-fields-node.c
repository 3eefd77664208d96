/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fields-node.c — nodes, their interfaces and readiness */
#include "bs-decode.h"

#include "bs-topology-model.h"

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
  { "command", BS_FIELD_STRINGS, BS_SAME_STRUCT, .decode = bs_decode_ready_command, .form = "text or list of texts",
    .example = "[true]", .doc = "this command exits with 0" },
  { "ssh", BS_FIELD_BOOLEAN, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, .decode = bs_decode_ready_ssh, .form = "true",
    .doc = "SSH answers and lets us in" },
  { "unit", BS_FIELD_STRING, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, .decode = bs_decode_ready_unit,
    .form = "systemd unit", .example = "nginx.service", .doc = "a systemd unit is active" },
  { "http", BS_FIELD_STRING, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, .decode = bs_decode_ready_http, .form = "URL",
    .example = "http://localhost/", .doc = "an HTTP request from inside the node succeeds" },
  { "log", BS_FIELD_STRING, BS_SAME_STRUCT, .flags = BS_FIELD_INERT, .decode = bs_decode_ready_log,
    .doc = "this text appears on the console" },
  { "within", BS_FIELD_DURATION, BS_IN (BsTopologyReady, within_usec), .least = 1000,
    .doc = "how long to wait for it" },
  { NULL },
};

/* Containers and machines have fields of their own, which are made when one of them is met. */
static const BsFieldPart cloud_init_part = { G_STRUCT_OFFSET (BsTopologyNode, cloud_init), bs_topology_cloud_init_new };
static const BsFieldPart container_part = { G_STRUCT_OFFSET (BsTopologyNode, container), bs_topology_container_new };
static const BsFieldPart machine_part = { G_STRUCT_OFFSET (BsTopologyNode, machine), bs_topology_machine_new };

#define CONTAINER(member) BS_IN_PART (container_part, BsTopologyContainer, member), .flags = BS_FIELD_INERT
#define MACHINE(member) BS_IN_PART (machine_part, BsTopologyMachine, member), .flags = BS_FIELD_INERT
#define STORED_INERT(member) BS_IN (BsTopologyNode, member), .flags = BS_FIELD_INERT

const BsField bs_fields_node[] = {
  { "name", BS_FIELD_STRING, BS_IN (BsTopologyNode, name), .flags = BS_FIELD_REQUIRED, .decode = bs_decode_node_name,
    .form = "host name", .example = "one", .doc = "its host name" },
  { "image", BS_FIELD_STRING, BS_IN_AT (BsTopologyNode, image, image_at), .decode = bs_decode_image, .example = "tiny",
    .doc = "what it starts from" },
  { "backend", BS_FIELD_CHOICE, BS_IN (BsTopologyNode, backend), .choices = bs_backend_words, .doc = "what runs it" },
  { "count", BS_FIELD_INTEGER, BS_IN (BsTopologyNode, group_size), .least = 1, .most = BS_NODES_MAX,
    .doc = "how many of it: NAME-1, NAME-2, …" },
  { "adopt", BS_FIELD_STRING, STORED_INERT (adopt), .decode = bs_decode_adopt,
    .doc = "an existing machine that joins the lab" },
  { "memory_mb", BS_FIELD_INTEGER, BS_IN_AT (BsTopologyNode, memory_mib, memory_at), .least = 32, .most = 16777216,
    .doc = "memory in MiB" },
  { "vcpus", BS_FIELD_INTEGER, BS_IN (BsTopologyNode, vcpus), .least = 1, .most = 255, .doc = "processors" },
  { "disk_gb", BS_FIELD_INTEGER, STORED_INERT (disk_gb), .least = 1, .most = 65536, .doc = "size of the disk" },
  { "env", BS_FIELD_MAP, BS_IN (BsTopologyNode, env), .doc = "environment of commands" },
  { "metadata", BS_FIELD_ANY, STORED_INERT (metadata), .decode = bs_decode_metadata, .form = "mapping",
    .example = "{a: b}", .doc = "anything, for other tools" },
  { "interfaces", BS_FIELD_LIST, BS_IN (BsTopologyNode, interfaces), .fields = bs_fields_interface,
    .decode = bs_decode_interfaces, .doc = "its ports on networks" },
  { "packages", BS_FIELD_STRINGS, STORED_INERT (packages), .fields = bs_fields_package, .decode = bs_decode_packages,
    .form = "list of texts or mappings", .doc = "software to install" },
  { "cloud_init", BS_FIELD_OBJECT, BS_PART (cloud_init_part), .flags = BS_FIELD_INERT, .fields = bs_fields_cloud_init,
    .doc = "first-boot provisioning" },
  { "deploy", BS_FIELD_LIST, STORED_INERT (deploy), .fields = bs_fields_deploy, .decode = bs_decode_deploy,
    .doc = "files to copy in" },
  { "ports", BS_FIELD_STRINGS, BS_IN (BsTopologyNode, ports), .decode = bs_decode_ports, .form = "list of HOST:NODE",
    .example = "[8080:80]", .doc = "TCP ports of the host's loopback that lead to the node" },
  { "volumes", BS_FIELD_STRINGS, STORED_INERT (volumes), .decode = bs_decode_volumes,
    .form = "list of HOST:NODE or HOST:NODE:ro", .example = "[./data:/data]",
    .doc = "folders of the host seen in the node" },
  { "depends_on", BS_FIELD_STRINGS, BS_IN (BsTopologyNode, depends_on), .decode = bs_decode_node_references,
    .form = "list of node names", .example = "[two]", .doc = "started after these are ready" },
  { "ready", BS_FIELD_LIST, BS_IN (BsTopologyNode, ready), .fields = bs_fields_ready, .decode = bs_decode_ready,
    .example = "[agent]", .doc = "what must hold before it counts as up" },
  { "network_conditions", BS_FIELD_OBJECT, STORED_INERT (network_conditions), .fields = bs_fields_conditions,
    .decode = bs_decode_conditions, .doc = "conditions of all its interfaces" },
  { "command", BS_FIELD_STRINGS, CONTAINER (command), .decode = bs_decode_command, .form = "text or list of texts",
    .doc = "what the container runs" },
  { "entrypoint", BS_FIELD_STRINGS, CONTAINER (entrypoint), .decode = bs_decode_command,
    .form = "text or list of texts", .doc = "the container's entry point" },
  { "user", BS_FIELD_STRING, CONTAINER (user), .decode = bs_decode_owner, .form = "user or user:group",
    .example = "nobody", .doc = "who runs it in the container" },
  { "privileged", BS_FIELD_BOOLEAN, CONTAINER (privileged), .doc = "a container with all rights" },
  { "capabilities", BS_FIELD_STRINGS, CONTAINER (capabilities), .decode = bs_decode_capabilities,
    .form = "list of capabilities", .example = "[NET_ADMIN]",
    .doc = "rights that the container gets, or loses with '-'" },
  { "read_only", BS_FIELD_BOOLEAN, CONTAINER (read_only), .doc = "the container cannot write its root" },
  { "tmpfs", BS_FIELD_STRINGS, CONTAINER (tmpfs), .decode = bs_decode_tmpfs, .form = "list of PATH or PATH:OPTIONS",
    .example = "[/run]", .doc = "file systems in memory" },
  { "ulimits", BS_FIELD_ANY, CONTAINER (ulimits), .decode = bs_decode_ulimits, .form = "mapping",
    .example = "{nofile: 1024}", .doc = "limits of the container" },
  { "devices", BS_FIELD_STRINGS, CONTAINER (devices), .decode = bs_decode_devices,
    .form = "list of HOST, HOST:NODE or HOST:NODE:rwm", .example = "[/dev/net/tun]",
    .doc = "of the host, seen in the container" },
  { "restart", BS_FIELD_STRING, CONTAINER (restart), .decode = bs_decode_restart,
    .form = "one of no, always, unless-stopped, on-failure, on-failure:TRIES", .example = "always",
    .doc = "what the engine does when it ends" },
  { "healthcheck", BS_FIELD_OBJECT, CONTAINER (healthcheck), .fields = bs_fields_healthcheck,
    .decode = bs_decode_healthcheck, .example = "{test: \"true\"}", .doc = "the engine's own check" },
  { "labels", BS_FIELD_MAP, CONTAINER (labels), .decode = bs_decode_labels, .doc = "the engine's labels" },
  { "firmware", BS_FIELD_CHOICE, MACHINE (firmware), .choices = firmware_words, .doc = "of the machine" },
  { "tpm", BS_FIELD_BOOLEAN, MACHINE (tpm), .doc = "a trusted platform module" },
  { "display", BS_FIELD_CHOICE, MACHINE (display), .choices = display_words, .doc = "how its screen is reached" },
  { "kernel", BS_FIELD_STRING, MACHINE (kernel), .decode = bs_decode_host_file, .form = "path", .example = "./vmlinuz",
    .doc = "boot this kernel" },
  { "initrd", BS_FIELD_STRING, MACHINE (initrd), .decode = bs_decode_host_file, .form = "path", .example = "./initrd",
    .doc = "with this initial file system" },
  { "cmdline", BS_FIELD_STRING, MACHINE (cmdline), .doc = "and this command line" },
  { "cpu", BS_FIELD_STRING, MACHINE (cpu), .decode = bs_decode_cpu, .form = "model", .example = "host",
    .doc = "model of the processor" },
  { NULL },
};
