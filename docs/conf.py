"""How Sphinx builds the documentation: `sphinx-build -W docs docs/_build`."""

from importlib.metadata import version as version_of

from neptune_guard._schema import PATH

project = "neptune-guard"
author = "The neptune-guard developers"
version = release = version_of("neptune-guard")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "neptune-guard"
# The two schemas name these addresses as their $id.
html_extra_path = ["check-output.schema.json", str(PATH)]
default_role = "code"  # a docstring's `name` is code
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
