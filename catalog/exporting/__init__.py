"""The whole catalogue as a file that this shop, and others, can take in."""
