"""The verifier of a results package: standard library only, and nothing of the system it checks."""
