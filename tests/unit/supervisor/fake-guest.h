/* SPDX-License-Identifier: Apache-2.0 */
/* fake-guest.h — a guest that breaks the rules, for tests
 *
 * Scripts: "silent" never answers; "late" says hello when a file "say-hello" is in the working folder; "garbage" sends
 * rubbish before it says hello, as a carrier with old bytes would; "unknown" sends a frame of a stream that nobody
 * opened; "overdraw" answers EXEC with more data than there is credit for; "flood" answers EXEC with all the data that
 * credit allows, then waits for more, for ever; "header" sends a broken header after its hello; "hello" sends a HELLO
 * without a version.
 */
#pragma once

int fake_guest_run (int fd, const char *script);
