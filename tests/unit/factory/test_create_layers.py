"""Layers, created with their pool."""

from dataclasses import replace

import pytest
from brownie import ReinsuranceLayer, web3

from peerpool.terms import Layer, Terms, Tier
from scripts.core import layer_at, pool_at

from ..layers import reinsured
from ..refusal import refuses, refuses_to_deploy
from ..stage import names, only

SALT = b"\x07" * 32
FOUR = ((1, 2, 3, 4), (0, 1, 2, 3))


@pytest.fixture(scope="module")
def factory(core):
    """The factory of the deployment."""
    return core.factory


@pytest.fixture(scope="module")
def terms(sample_terms):
    """Legal terms with four layers."""
    return sample_terms(**reinsured(10**16, *FOUR))


def create(factory, terms, sender, salt=SALT):
    """Create a pool; return it, its layers' addresses by number, and the receipt."""
    receipt = factory.create_pool(terms.as_tuple(), salt, {"from": sender})
    pool = only(receipt, "PoolCreated")["pool"]
    events = receipt.events["LayerCreated"] if terms.reinsurance else ()
    assert all(event["pool"] == pool for event in events)
    shares = {event["layer"]: event["shares"] for event in events}
    assert list(shares) == [i + 1 for i in range(len(terms.reinsurance))]
    return pool_at(pool), list(shares.values()), receipt


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_create_pool__with_layers(factory, core, terms, deployer, count):
    terms = replace(terms, max_cession_bps=1 if count else 0, reinsurance=terms.reinsurance[:count])
    predicted = list(factory.predict_layers(deployer, terms.as_tuple(), SALT))
    pool, shares, receipt = create(factory, terms, deployer)
    assert names(receipt) == ["PoolCreated", *["LayerCreated"] * count]
    assert shares == predicted
    assert pool == factory.predict_pool.call(deployer, terms.as_tuple(), SALT)
    assert Terms.from_tuple(pool.terms()) == terms
    for number, address in enumerate(shares, 1):
        assert pool.layer(number)["shares"] == address
        layer = layer_at(address)
        assert (layer.pool(), layer.number()) == (pool, number)
    refuses("layer: no such layer", pool.layer, count + 1)


@pytest.mark.spec("F6")
@pytest.mark.parametrize("tiers", [1, 8])
@pytest.mark.parametrize("count", [0, 1, 4])
def test_create_pool__code_ends_with_the_addresses_of_layers(
    factory, core, terms, deployer, tiers, count
):
    """What an auditor checks: EIP-1167, abi.encode(terms), a word for each layer, a zero byte."""
    terms = replace(
        terms,
        tiers=(Tier(100, 10**18),) * tiers,
        max_cession_bps=1 if count else 0,
        reinsurance=terms.reinsurance[:count],
    )
    pool, shares, _ = create(factory, terms, deployer)
    encoded = bytes.fromhex(factory.check_terms.encode_input(terms.as_tuple())[10:])
    words = b"".join(bytes(12) + bytes.fromhex(address[2:]) for address in shares)
    code = bytes(web3.eth.get_code(pool.address))
    assert code == stub(core.implementation) + encoded + words + b"\0"


def test_create_pool__code_of_a_layer_is_a_stub(factory, core, terms, deployer):
    _, shares, _ = create(factory, terms, deployer)
    for address in shares:
        assert bytes(web3.eth.get_code(address)) == stub(core.layer_implementation)
    assert factory.LAYER_IMPLEMENTATION() == core.layer_implementation


def stub(implementation):
    """EIP-1167."""
    target = bytes.fromhex(implementation.address[2:])
    head, tail = "363d3d373d3d3d363d73", "5af43d82803e903d91602b57fd5bf3"
    return bytes.fromhex(head) + target + bytes.fromhex(tail)


@pytest.mark.spec("F1")
@pytest.mark.parametrize("tiers", [1, 2, 8])
def test_create_pool__terms_of_layers_come_back(factory, terms, deployer, tiers):
    extreme = replace(
        terms,
        deductible=0,
        claim_bond=0,
        tiers=tuple(Tier(2**93 - i, 2**100) for i in range(tiers)),
        max_cession_bps=5000,
        reinsurer="0xFFfFfFffFFfffFFfFFfFFFFFffFFFffffFfFFFfF",
        reinsurance=tuple(Layer(2**100 - i, 2**99 + i) for i in range(4)),
    )
    pool, _, _ = create(factory, extreme, deployer)
    assert Terms.from_tuple(pool.terms()) == extreme
    for number, layer in enumerate(extreme.reinsurance, 1):
        found = pool.layer(number)
        assert (found["limit"], found["premium"]) == (layer.limit, layer.premium)
        assert found["reinsurer"] == extreme.reinsurer
    assert pool.quote_premium(tiers - 1) == extreme.tiers[-1].premium
    refuses("join: unknown tier", pool.quote_premium, tiers)


@pytest.mark.spec("F3")
def test_predict_layers__differ_by_creator_salt_terms_and_number(
    factory, terms, deployer, outsider
):
    """Other terms with the same salt: another pool, and other layers."""
    found = [
        address
        for creator in (deployer, outsider)
        for salt in (bytes(32), SALT)
        for t in (terms, replace(terms, name="Another"), replace(terms, max_cession_bps=1))
        for address in factory.predict_layers(creator, t.as_tuple(), salt)
    ]
    assert len(found) == len(set(found)) == 48


def test_create_pool__same_creator_and_salt_with_other_terms(factory, terms, deployer):
    """Both can be there, each with layers of its own."""
    one, ones, _ = create(factory, terms, deployer)
    other, others, _ = create(factory, replace(terms, max_cession_bps=1), deployer)
    assert one != other
    assert not set(ones) & set(others)
    for pool, shares in ((one, ones), (other, others)):
        assert [layer_at(address).pool() for address in shares] == [pool] * 4


@pytest.mark.spec("F3")
def test_create_pool__nobody_else_can_take_the_addresses_of_layers(
    factory, terms, deployer, outsider
):
    mine = list(factory.predict_layers(deployer, terms.as_tuple(), SALT))
    _, shares, _ = create(factory, terms, outsider)
    assert not set(shares) & set(mine)
    _, shares, _ = create(factory, terms, deployer)
    assert shares == mine


def test_create_pool__with_layers__already_exists__reverts(factory, terms, deployer):
    create(factory, terms, deployer)
    args = (terms.as_tuple(), SALT, {"from": deployer})
    refuses("factory: pool already exists", factory.create_pool, *args)


@pytest.mark.spec("F5")
def test_is_pool__of_a_layer(factory, terms, deployer):
    _, shares, _ = create(factory, terms, deployer)
    assert not any(factory.is_pool(address) for address in shares)


def test_predict_layers__without_any(factory, sample_terms, deployer):
    assert len(factory.predict_layers(deployer, sample_terms().as_tuple(), SALT)) == 0


@pytest.mark.spec("F7")
def test_constructor__layer_implementation_has_no_code__reverts(
    deployer, core, outsider, PoolFactory
):
    error = "factory: layer implementation has no code"
    refuses_to_deploy(error, PoolFactory, core.implementation, outsider, deployer)


def test_constructor__of_the_layer_implementation__is_nobody_s(core):
    implementation = ReinsuranceLayer.at(core.layer_implementation.address)
    assert implementation.pool() == implementation
    assert implementation.totalSupply() == 0
