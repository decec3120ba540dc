"""How Sphinx builds the documentation: `sphinx-build -W docs docs/_build`."""

from importlib.metadata import version as version_of

project = "neptune-guard"
author = "The neptune-guard developers"
copyright = f"2026, {author}"  # noqa: A001 - Sphinx calls it so
version = release = version_of("neptune-guard")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"neptune-guard {release}"
html_static_path = ["static"]
html_css_files = ["pages.css"]
# To be filled in by who publishes the documentation: html_baseurl, and the address of the repository as
# html_theme_options = {"source_repository": ..., "source_branch": ..., "source_directory": "docs/"}.

default_role = "code"  # a docstring's `name` is code
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_class_signature = "mixed"
