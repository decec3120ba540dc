"""A piece of the program that runs command lines at random."""

import pytest
from hypothesis import HealthCheck, settings

from tests.programs.command_lines import PROMISES


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_command_lines_at_random_keep_the_promise(promise):
    settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))(promise)()
