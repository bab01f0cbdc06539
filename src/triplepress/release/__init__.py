"""The release: records merged and counted on disk, pressed in batches, described, and put in place at one stroke."""
