//! Sources of data, one file each: synthetic ones and a user's own files.
