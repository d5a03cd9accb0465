"""What OpenZeppelin's parts take for what a pool does: Governor, PaymentSplitter and ERC4626.

Members of a `Club` have one vote each in a Governor that holds the money; what is left at the end
goes to PaymentSplitters. The parts are put together as gas/peers/Peers.sol shows, so that they
are as cheap as they can be: no timelock, no invitation, no check who joins.
"""

from collections.abc import Sequence

from brownie import web3
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from peerpool import chain
from peerpool.units import DAY
from scripts.gas_ballots import BATCHES
from scripts.gas_chain import (
    Transaction,
    chunks,
    give_ether,
    go_to,
    send,
    transaction,
    undone,
    used,
)
from scripts.gas_group import KEEPER, PREMIUM, UNIT, URI, people
from scripts.gas_rows import BATCH
from scripts.gas_solidity import Batcher, Solidity, creation

FOR = 1
VOTING_PERIOD = 7 * DAY
# A PaymentSplitter's constructor writes two slots for each payee: more do not fit one transaction.
PAYEES = 250
_BALLOT = [
    {"name": "proposalId", "type": "uint256"},
    {"name": "support", "type": "uint8"},
    {"name": "voter", "type": "address"},
    {"name": "nonce", "type": "uint256"},
]


class Club:
    """A Governor, its token, and those who are going to have a vote each.

    `created` is the receipt of the transaction that created both.
    """

    def __init__(self, size: int, quorum_percent: int = 10) -> None:
        self.keys = people(size)
        self.members = list(self.keys)
        self.quorum = max(1, -(-size * quorum_percent // 100))
        self.batcher = Batcher()
        give_ether([*self.members, KEEPER])
        self.created = send(creation("Governance", ("uint256",), (quorum_percent,)))
        self.governor = Solidity("Governance", self.created["contractAddress"])
        self.token = Solidity("Membership", self.governor.read("token"))
        self._nonces = dict.fromkeys(self.members, 0)

    def join(self, member: str) -> Transaction:
        """A member pays and gets a vote."""
        return transaction(member, self.token.address, self.token.data("join", member), PREMIUM)

    def all_join(self, members: Sequence[str]) -> None:
        """They join, many in a transaction, paid for by somebody else; a transaction in a block,
        since the token remembers each block in which it was given out."""
        for some in chunks(members, 64):
            go_to(chain.now(web3) + 12)
            calls = [self.join(member)["data"] for member in some]
            send(self.batcher.made(KEEPER, self.token.address, calls, PREMIUM))

    def propose(self, proposal: "Proposal") -> Transaction:
        """A member asks for money; no bond, no check of limits."""
        data = self.governor.data("propose", *proposal.actions, proposal.words)
        return transaction(proposal.by, self.governor.address, data)

    def number(self, proposal: "Proposal") -> int:
        """Of a proposal."""
        return self.governor.read("hashProposal", *proposal.actions, keccak(text=proposal.words))

    def vote(self, voter: str, number: int) -> Transaction:
        """A vote for it."""
        return transaction(
            voter, self.governor.address, self.governor.data("castVote", number, FOR)
        )

    def signed(self, voter: str, number: int) -> str:
        """Calldata of the same vote, signed, for anybody to bring in."""
        content = {"proposalId": number, "support": FOR, "voter": voter}
        signable = encode_typed_data(
            {
                "name": "Governance",
                "version": "1",
                "chainId": web3.eth.chain_id,
                "verifyingContract": self.governor.address,
            },
            {"Ballot": _BALLOT},
            content | {"nonce": self._nonces[voter]},
        )
        self._nonces[voter] += 1
        digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
        made = self.keys[voter].sign_msg_hash(digest)
        signature = made.to_bytes()[:64] + bytes([27 + made.v])
        return self.governor.data("castVoteBySig", number, FOR, voter, signature)

    def signed_batches(self, voters: Sequence[str], number: int) -> list[Transaction]:
        """The same votes of many, in few transactions; a Governor alone takes one at a time."""
        return [
            self.batcher.made(
                KEEPER, self.governor.address, [self.signed(voter, number) for voter in some]
            )
            for some in chunks(voters, BATCH)
        ]

    def execute(self, proposal: "Proposal") -> Transaction:
        """Pay what was asked, once the vote is over and won."""
        words = keccak(text=proposal.words)
        data = self.governor.data("execute", *proposal.actions, words)
        return transaction(KEEPER, self.governor.address, data)


class Proposal:
    """To send money out of the Governor, to one or several."""

    def __init__(self, by: str, paid: dict[str, int], words: str) -> None:
        self.by, self.words = by, words
        self.actions = (list(paid), list(paid.values()), [b""] * len(paid))


def claim_of(member: str) -> Proposal:
    """Half of a premium for a member; with as many words as a claim to a pool has."""
    return Proposal(member, {member: PREMIUM // 2}, f"{URI}#{member[-8:]}")


def measure_peers(size: int) -> dict[str, int]:
    """Gas by name of what a pool does too, in a group of that size. Leaves the chain as it was."""
    with undone():
        club = Club(size)
        gas = {"create": used(club.created)}
        club.all_join(club.members[:-1])
        go_to(chain.now(web3) + 12)  # alone in its block
        gas["join"] = used(send(club.join(club.members[-1])))
        first, second, *voters = club.members
        proposals = [claim_of(first), claim_of(second)]
        gas["file"] = [used(send(club.propose(each))) for each in proposals][1]
        go_to(chain.now(web3) + 1)
        number = club.number(proposals[1])
        gas["ballot"] = [used(send(club.vote(voter, number))) for voter in voters[:2]][1]
        for made in club.signed_batches(voters[2 : club.quorum], number):
            send(made)
        go_to(chain.now(web3) + VOTING_PERIOD)
        gas["resolve"] = used(send(club.execute(proposals[1])))
    return gas | _splitter(list(people(size))[:PAYEES]) | {"redeem": _redeem(size)}


def measure_peers_signed() -> dict[int, int]:
    """Gas of each signed vote, by how many are brought in at once: the first of a proposal."""
    with undone():
        club = Club(1 + max(BATCHES))
        club.all_join(club.members)
        proposal = claim_of(club.members[0])
        send(club.propose(proposal))
        number = club.number(proposal)
        go_to(chain.now(web3) + 1)
        return {size: _gas_of_each(club, number, club.members[1 : 1 + size]) for size in BATCHES}


def _gas_of_each(club: Club, number: int, voters: list[str]) -> int:
    with undone():
        calls = [club.signed(voter, number) for voter in voters]
        club._nonces.update(dict.fromkeys(voters, 0))
        target = club.governor.address
        if len(calls) == 1:
            return used(send(transaction(KEEPER, target, calls[0])))
        return used(send(club.batcher.made(KEEPER, target, calls))) // len(calls)


def create_splitter(payees: Sequence[str]) -> Transaction:
    """Equal shares for all."""
    shares = [1] * len(payees)
    return creation("PaymentSplitter", ("address[]", "uint256[]"), (payees, shares))


def _splitter(payees: Sequence[str]) -> dict[str, int]:
    with undone():
        batcher = Batcher()
        created = send(create_splitter(payees))
        splitter = Solidity("PaymentSplitter", created["contractAddress"])
        give_ether([splitter.address, *payees])
        calls = [splitter.data("release", payee) for payee in payees]
        with undone():
            pulled = [
                used(send(transaction(payee, splitter.address, call)))
                for payee, call in zip(payees[:2], calls[:2], strict=True)
            ]
        pushed = calls[:BATCH]
        gas = used(send(batcher.made(KEEPER, splitter.address, pushed))) // len(pushed)
        name = "refund_many" if len(pushed) == BATCH else "refund_many_10"
        return {"refund": pulled[1], name: gas, "create_splitter": used(created)}


def _redeem(size: int) -> int:
    members = list(people(size))
    with undone():
        batcher = Batcher()
        euro = Solidity("Euro", send(creation("Euro"))["contractAddress"])
        made = creation("Vault", ("address",), (euro.address,))
        vault = Solidity("Vault", send(made)["contractAddress"])
        amount = size * PREMIUM
        approve = euro.data("approve", vault.address, amount)
        send(transaction(KEEPER, euro.address, euro.data("mint", batcher.address, amount)))
        send(batcher.made(KEEPER, euro.address, [approve]))
        for some in chunks(members, BATCH):
            calls = [vault.data("deposit", PREMIUM, member) for member in some]
            send(batcher.made(KEEPER, vault.address, calls))
        give_ether([KEEPER, *members[:2]])
        for owner in (*members[:2], vault.address):  # the vault has earned something
            send(transaction(KEEPER, euro.address, euro.data("mint", owner, UNIT)))
        gas = []
        for owner in members[:2]:
            data = vault.data("redeem", vault.read("balanceOf", owner), owner, owner)
            gas.append(used(send(transaction(owner, vault.address, data))))
        return gas[1]
