"""The demo shop's assortment and its drawn pictures: plain Python and Pillow, no models."""
