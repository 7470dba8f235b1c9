"""Named architectures: specs, never numbers."""
