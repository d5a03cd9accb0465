"""A layer of reinsurance behind a pool that enrols, and what holders of shares do."""

from typing import Any

import pytest

from ..layers import reinsured


@pytest.fixture(scope="module")
def stage(make_stage: Any, stages: Any, asset: Any, members: Any) -> Any:
    """A pool of six that enrols, with empty layers of 300 and 200: 570 in funds."""
    stage = make_stage(members, **reinsured(asset.unit))
    yield stage
    stages.remove(stage)


@pytest.fixture(scope="module")
def layer(stage: Any) -> Any:
    """The layer that pays first, with a limit of 300."""
    return stage.layer(1)


@pytest.fixture
def held(stage: Any, reinsurer: Any, buyer: Any) -> None:
    """The layer is full: 200 shares are the reinsurer's, 100 the buyer's."""
    stage.fill(reinsurer, 200 * stage.u)
    stage.fill(buyer, 100 * stage.u)


@pytest.fixture
def drawn(stage: Any, held: Any, claimant: Any) -> None:
    """The pool is settled; 30 were ceded to the layer, and 165 of its 300 are left after a claim.

    So 300 shares are worth 195.
    """
    stage.start()
    stage.decide(stage.file(claimant, 675 * stage.u), 10)
    stage.settle()
