"""Creating pools, and the register of them."""

from dataclasses import replace

import pytest
from brownie import ZERO_ADDRESS, PoolFactory, web3

from peerpool.terms import Terms, Tier
from scripts.core import pool_at

from ..refusal import refuses, refuses_to_deploy
from ..stage import names, only

SALT = b"\x07" * 32


@pytest.fixture(scope="module")
def factory(core):
    """The factory of the deployment."""
    return core.factory


@pytest.fixture(scope="module")
def terms(sample_terms):
    """Legal terms."""
    return sample_terms()


@pytest.mark.spec("F1")
def test_create_pool(factory, terms, deployer, organiser):
    predicted = factory.predict_pool(deployer, terms.as_tuple(), SALT)
    assert factory.create_pool.call(terms.as_tuple(), SALT, {"from": deployer}) == predicted
    receipt = factory.create_pool(terms.as_tuple(), SALT, {"from": deployer})
    event = only(receipt, "PoolCreated")
    terms_hash = event.pop("terms_hash")
    assert event == {
        "pool": predicted,
        "organiser": organiser,
        "creator": deployer,
        "index": 0,
    }
    encoded = factory.check_terms.encode_input(terms.as_tuple())[10:]
    assert bytes(terms_hash) == web3.keccak(hexstr=encoded)
    assert names(receipt) == ["PoolCreated"]
    assert Terms.from_tuple(pool_at(predicted).terms()) == terms
    assert pool_at(predicted).phase() == 0


@pytest.mark.spec("F6")
def test_create_pool__code_is_stub_terms_and_a_zero(factory, core, terms, deployer):
    """What an auditor checks: EIP-1167, abi.encode(terms), one zero byte."""
    pool = only(factory.create_pool(terms.as_tuple(), SALT, {"from": deployer}), "PoolCreated")
    code = bytes(web3.eth.get_code(pool["pool"]))
    implementation = bytes.fromhex(core.implementation.address[2:])
    stub = bytes.fromhex("363d3d373d3d3d363d73") + implementation
    stub += bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
    encoded = bytes.fromhex(factory.check_terms.encode_input(terms.as_tuple())[10:])
    assert code == stub + encoded + b"\0"


@pytest.mark.spec("F5")
def test_create_pool__register(factory, terms, deployer, outsider):
    assert factory.pool_count() == 0
    assert factory.pool_at(0) == ZERO_ADDRESS
    created = []
    for i, sender in enumerate((deployer, outsider, deployer)):
        receipt = factory.create_pool(terms.as_tuple(), bytes([i]) * 32, {"from": sender})
        event = only(receipt, "PoolCreated")
        assert event["index"] == i
        assert event["creator"] == sender
        created.append(event["pool"])
    assert factory.pool_count() == 3
    assert [factory.pool_at(i) for i in range(4)] == [*created, ZERO_ADDRESS]
    assert all(factory.is_pool(pool) for pool in created)
    assert factory.pool_at(2**256 - 1) == ZERO_ADDRESS


@pytest.mark.spec("F5")
def test_is_pool__of_others(factory, core, terms, deployer, outsider):
    predicted = factory.predict_pool(deployer, terms.as_tuple(), SALT)
    for account in (outsider, core.implementation, factory, ZERO_ADDRESS, predicted):
        assert factory.is_pool(account) is False
    assert core.implementation == factory.IMPLEMENTATION()


@pytest.mark.spec("F3")
def test_predict_pool__differs_by_creator_salt_and_terms(factory, terms, deployer, outsider):
    addresses = {
        factory.predict_pool(creator, t.as_tuple(), salt)
        for creator in (deployer, outsider)
        for salt in (bytes(32), SALT)
        for t in (terms, replace(terms, name="Another"), replace(terms, claim_bond=0))
    }
    assert len(addresses) == 12


@pytest.mark.spec("F3")
def test_create_pool__nobody_else_can_take_the_address(factory, terms, deployer, outsider):
    mine = factory.predict_pool(deployer, terms.as_tuple(), SALT)
    receipt = factory.create_pool(terms.as_tuple(), SALT, {"from": outsider})
    assert only(receipt, "PoolCreated")["pool"] != mine
    receipt = factory.create_pool(terms.as_tuple(), SALT, {"from": deployer})
    assert only(receipt, "PoolCreated")["pool"] == mine


@pytest.mark.spec("F4")
def test_create_pool__pool_already_exists__reverts(factory, terms, deployer):
    factory.create_pool(terms.as_tuple(), SALT, {"from": deployer})
    refuses(
        "factory: pool already exists",
        factory.create_pool,
        terms.as_tuple(),
        SALT,
        {"from": deployer},
    )


@pytest.mark.spec("F2")
def test_create_pool__terms_are_broken__reverts(factory, terms, deployer):
    broken = replace(terms, name="").as_tuple()
    refuses("terms: name is empty", factory.create_pool, broken, SALT, {"from": deployer})


ONE_TIER = (Tier(1, 1),)
EIGHT_TIERS = tuple(Tier(2**93 - i, 2**100) for i in range(8))


@pytest.mark.spec("F1")
@pytest.mark.parametrize("name", ["n", "n" * 31, "n" * 32, "Größe 30 Bytes €€€"])
@pytest.mark.parametrize("tiers", [ONE_TIER, EIGHT_TIERS], ids=["1 tier", "8 tiers"])
def test_create_pool__terms_come_back(factory, terms, deployer, name, tiers):
    extreme = replace(
        terms,
        name=name,
        tiers=tiers,
        deductible=0,
        claim_bond=0,
        silent_consent_limit=2**256 - 1,
        claim_free_refund=True,
        wording_hash=bytes.fromhex("ff" * 32),
    )
    receipt = factory.create_pool(extreme.as_tuple(), SALT, {"from": deployer})
    pool = pool_at(only(receipt, "PoolCreated")["pool"])
    assert Terms.from_tuple(pool.terms()) == extreme
    assert pool.quote_premium(len(tiers) - 1) == tiers[-1].premium
    refuses("join: unknown tier", pool.quote_premium, len(tiers))


@pytest.mark.spec("F7")
def test_constructor__implementation_has_no_code__reverts(deployer, core, outsider):
    error = "factory: implementation has no code"
    refuses_to_deploy(error, PoolFactory, outsider, core.layer_implementation, deployer)
