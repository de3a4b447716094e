"""A course with a class of two, for tests of LMSs."""

import pytest

from tests.conftest import World
from tests.lms.class_of import enrol
from tests.lms.unpacked import BO, ZOE


@pytest.fixture
def course(world: World) -> World:
    enrol(world, ZOE, BO)
    return world
