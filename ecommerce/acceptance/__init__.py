"""The long proofs of `make accept`: a throw-away shop on a free port, used over HTTP by real processes."""
