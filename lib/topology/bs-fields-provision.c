/* SPDX-License-Identifier: Apache-2.0 */
/* bs-fields-provision.c — packages, files, cloud-init; limits and checks of containers */
#include "bs-decode.h"

static const char *const encoding_words[] = { "plain", "text/plain", "b64", "base64", NULL };

static const BsField write_file_fields[] = {
  { "path", BS_FIELD_STRING, BS_IN (BsTopologyFile, path), .flags = BS_FIELD_REQUIRED,
    .decode = bs_decode_absolute_path, .form = "absolute path", .example = "/etc/motd", .doc = "where" },
  { "content", BS_FIELD_TEXT, BS_IN (BsTopologyFile, content), .command = TRUE,
    .text_hint = ", or write the content in base64 with 'encoding: b64'", .doc = "what" },
  { "permissions", BS_FIELD_STRING, BS_IN (BsTopologyFile, mode), .decode = bs_decode_mode, .form = "octal mode",
    .example = "\"0644\"", .doc = "who may do what with it" },
  { "owner", BS_FIELD_STRING, BS_IN (BsTopologyFile, owner), .decode = bs_decode_owner, .form = "user or user:group",
    .example = "root:root", .doc = "whose it is" },
  { "encoding", BS_FIELD_STRING, BS_CHECKED, .choices = encoding_words, .form = "one of plain, text/plain, b64, base64",
    .fallback = "\"plain\"", .example = "plain", .doc = "of the content" },
  { "append", BS_FIELD_BOOLEAN, BS_IN (BsTopologyFile, append), .doc = "add to an existing file" },
  { NULL },
};

const BsField bs_fields_cloud_init[] = {
  { "user", BS_FIELD_STRING, BS_IN (BsTopologyCloudInit, user), .decode = bs_decode_user, .form = "user's name",
    .doc = "login to make" },
  { "password", BS_FIELD_STRING, BS_IN (BsTopologyCloudInit, password), .doc = "of that login" },
  { "ssh_authorized_keys", BS_FIELD_STRINGS, BS_IN (BsTopologyCloudInit, ssh_authorized_keys),
    .doc = "keys that may log in" },
  { "packages", BS_FIELD_STRINGS, BS_IN (BsTopologyCloudInit, packages), .decode = bs_decode_packages,
    .doc = "to install" },
  { "runcmd", BS_FIELD_ANY, BS_IN (BsTopologyCloudInit, runcmd), .command = TRUE, .decode = bs_decode_commands,
    .form = "list of texts or of lists of texts", .example = "[\"true\"]", .doc = "commands to run once" },
  { "write_files", BS_FIELD_LIST, BS_IN (BsTopologyCloudInit, write_files), .fields = write_file_fields,
    .decode = bs_decode_files, .doc = "files to write" },
  { "hostname", BS_FIELD_STRING, BS_IN (BsTopologyCloudInit, hostname), .decode = bs_decode_host_name,
    .form = "host name", .doc = "another host name" },
  { "bake", BS_FIELD_BOOLEAN, BS_IN (BsTopologyCloudInit, bake), .doc = "run the commands when the template is made" },
  { NULL },
};

const BsField bs_fields_deploy[] = {
  { "src", BS_FIELD_STRING, BS_IN (BsTopologyDeploy, source), .flags = BS_FIELD_REQUIRED, .decode = bs_decode_host_tree,
    .form = "path", .example = "./site", .doc = "file or folder beside the topology" },
  { "dest", BS_FIELD_STRING, BS_IN (BsTopologyDeploy, destination), .flags = BS_FIELD_REQUIRED,
    .decode = bs_decode_absolute_path, .form = "absolute path", .example = "/srv/site", .doc = "path in the node" },
  { "mode", BS_FIELD_STRING, BS_IN (BsTopologyDeploy, mode), .decode = bs_decode_mode, .form = "octal mode",
    .example = "\"0644\"", .doc = "of the file, or of all files in the folder" },
  { "owner", BS_FIELD_STRING, BS_IN (BsTopologyDeploy, owner), .decode = bs_decode_owner, .form = "user or user:group",
    .example = "root:root", .doc = "whose it is" },
  { NULL },
};

const BsField bs_fields_package[] = {
  { "repository", BS_FIELD_STRING, BS_IN (BsTopologyPackage, repository), .decode = bs_decode_repository,
    .form = "line of a package source", .example = "\"deb http://packages.example/debian stable main\"",
    .doc = "where else packages come from" },
  { "key", BS_FIELD_STRING, BS_IN (BsTopologyPackage, key), .decode = bs_decode_repository_key, .form = "path or URL",
    .example = "./repository.asc", .doc = "that signs it" },
  { "name", BS_FIELD_STRING, BS_IN (BsTopologyPackage, name), .decode = bs_decode_package_name,
    .form = "package's name", .doc = "of the package" },
  { NULL },
};

const BsField bs_fields_ulimit[] = {
  { "soft", BS_FIELD_INTEGER, BS_IN (BsTopologyUlimit, soft), .flags = BS_FIELD_REQUIRED, .least = -1,
    .most = G_MAXINT64, .decode = bs_decode_integer64, .doc = "what holds at first" },
  { "hard", BS_FIELD_INTEGER, BS_IN (BsTopologyUlimit, hard), .flags = BS_FIELD_REQUIRED, .least = -1,
    .most = G_MAXINT64, .decode = bs_decode_integer64, .doc = "what it can be raised to" },
  { NULL },
};

const BsField bs_fields_healthcheck[] = {
  { "test", BS_FIELD_STRINGS, BS_SAME_STRUCT, .decode = bs_decode_healthcheck_test, .command = TRUE,
    .form = "text or list of texts", .doc = "a command that exits with 0" },
  { "interval", BS_FIELD_DURATION, BS_IN (BsTopologyHealthcheck, interval_usec), .least = 1000,
    .doc = "from one check to the next" },
  { "timeout", BS_FIELD_DURATION, BS_IN (BsTopologyHealthcheck, timeout_usec), .least = 1000,
    .doc = "how long one may take" },
  { "start_period", BS_FIELD_DURATION, BS_IN (BsTopologyHealthcheck, start_period_usec), .least = 1000,
    .doc = "while failures do not count" },
  { "retries", BS_FIELD_INTEGER, BS_IN (BsTopologyHealthcheck, retries), .least = 1, .most = 1000,
    .doc = "failures in a row that count" },
  { "disable", BS_FIELD_BOOLEAN, BS_IN (BsTopologyHealthcheck, disable), .doc = "no check, whatever the image says" },
  { NULL },
};
