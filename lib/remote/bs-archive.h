/* SPDX-License-Identifier: Apache-2.0 */
/* bs-archive.h — files and folders as a stream of bytes, for copies between host and guest; plain C, built into both
 *
 * Goal: what cp -a keeps (content with its holes, modes, owners, times, symbolic links), at the speed of the carrier,
 * and nothing that a lying sender could reach outside the destination. So an entry has no path, only a name of one
 * component below the folder that was entered last; the receiver holds a descriptor of each open folder and never
 * follows a link that it finds there.
 *
 * archive := entry END, where
 *   entry  := FILE extent… last-extent | LINK | FOLDER entry… LEAVE
 *   header of each entry, little endian, BS_ARCHIVE_HEADER bytes:
 *     u8 type, u8 zero, u16 name length, u32 mode (permission bits), u32 uid, u32 gid, i64 mtime seconds, u32 mtime
 * nanoseconds, u32 target length (LINK, else 0), u64 size (FILE: an estimate for progress, else 0); then name, then
 * target extent := u64 offset, u32 length, u32 zero, then so many bytes; offsets ascend and do not overlap; what lies
 * between is a hole. The last one has length 0 and its offset is the file's size. LEAVE and END are headers of zeros
 * but for the type. The name of the first entry is empty: the receiver knows it. At most BS_ARCHIVE_DEPTH_MAX folders
 * deep. Given up: hard links (become files of their own), devices, sockets and FIFOs (refused), extended attributes.
 *
 * Files are written under a temporary name and renamed when complete, so an aborted copy leaves no half-written file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BS_ARCHIVE_HEADER 40
#define BS_ARCHIVE_EXTENT 16
#define BS_ARCHIVE_NAME_MAX 255
#define BS_ARCHIVE_TARGET_MAX 4095
#define BS_ARCHIVE_DEPTH_MAX 200
#define BS_ARCHIVE_CHUNK_MIN 8192 /* a sender of an archive may wait until it has credit for so many bytes */

enum
{
  BS_ARCHIVE_FILE = 1,
  BS_ARCHIVE_FOLDER = 2,
  BS_ARCHIVE_LINK = 3,
  BS_ARCHIVE_LEAVE = 4,
  BS_ARCHIVE_END = 5,
};

typedef struct
{
  const char *code; /* a name of bs_error_code_name() */
  char text[480];
} BsArchiveError;

/* Sets code by @errnum (0: "protocol") and text; control characters of names are shown as '?'. */
void bs_archive_error (BsArchiveError *error, int errnum, const char *what, const char *folder, const char *name);

typedef struct _BsPack BsPack;

/* Begins to read @path (not followed when a link). NULL with an error. */
BsPack *bs_pack_new (const char *path, BsArchiveError *error);
/* Puts the next bytes of the archive into @buffer, @capacity at least BS_ARCHIVE_CHUNK_MIN. Returns: 0 at the end, -1
 * with an error. */
ssize_t bs_pack_read (BsPack *self, uint8_t *buffer, size_t capacity, BsArchiveError *error);
/* Bytes of file content read so far. */
uint64_t bs_pack_bytes (const BsPack *self);
void bs_pack_free (BsPack *self);

typedef struct _BsUnpack BsUnpack;

/* @destination: an existing folder (or ending in "/"): writes @name in it, or into it when @name is "" or NULL; else it
 * names the new thing itself. @untrusted: the sender is a guest. Then set-user-id and set-group-id bits and owners are
 * not taken over, and a link that @destination itself names is not followed (an earlier copy may have made it): a file
 * or link replaces it, a folder is refused; "link/" is the user's word that it is a folder. NULL with an error. */
BsUnpack *bs_unpack_new (const char *destination, const char *name, bool untrusted, BsArchiveError *error);
/* Takes the next bytes. After false (with an error) only bs_unpack_free() is allowed. */
bool bs_unpack_write (BsUnpack *self, const uint8_t *data, size_t length, BsArchiveError *error);
/* The archive is complete; false with an error ("protocol") when it was cut. */
bool bs_unpack_finish (BsUnpack *self, BsArchiveError *error);
uint64_t bs_unpack_bytes (const BsUnpack *self);
/* Removes what is half-written. */
void bs_unpack_free (BsUnpack *self);

/* The last component of @path; "" when it names a folder as such ("/", ".", "a/.", "a/.."). malloc()ed. */
char *bs_archive_base_name (const char *path);
