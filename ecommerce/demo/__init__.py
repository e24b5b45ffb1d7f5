"""The demo shop: fills an empty database through the same calls that staff and shoppers use."""
