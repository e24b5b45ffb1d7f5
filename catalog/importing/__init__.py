"""Catalogues from elsewhere: files are read into plain rows, compared with the shop and taken in whole products."""
