"""Vector-like drawing with Pillow: a pen that works in millimetres, and the things it can draw."""
