"""As much of opentelemetry as docs/recipes.md uses."""
