"""Small questions to a chain: what an asset is called, who created a contract, when."""

from dataclasses import dataclass

from eth_abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils import keccak, to_checksum_address
from eth_utils.conversions import to_hex
from rlp import encode as rlp_encode
from web3 import Web3
from web3.exceptions import Web3Exception

from peerpool.errors import PeerpoolError
from peerpool.units import ETHER, ZERO_ADDRESS, Asset

DEVELOPMENT_CHAINS = (1337, 31337)
MOST_GAS = 1 << 24  # of a transaction (EIP-7825)
_SYMBOL = to_hex(keccak(text="symbol()")[:4])
_DECIMALS = to_hex(keccak(text="decimals()")[:4])


class ChainError(PeerpoolError):
    """What the chain says is not what was expected."""


@dataclass(frozen=True)
class Mined:
    """Where a transaction went."""

    transaction: str
    block: int


def has_code(web3: Web3, address: str) -> bool:
    """Whether the address is a contract."""
    return len(web3.eth.get_code(to_checksum_address(address))) > 0


def now(web3: Web3) -> int:
    """The chain's time: seconds of its latest block."""
    return web3.eth.get_block("latest")["timestamp"]


def most_gas(block_gas_limit: int) -> int:
    """What one transaction may use: half a block at most, so that it is soon taken."""
    return min(block_gas_limit // 2, MOST_GAS)


def genesis(web3: Web3) -> str:
    """Hash of block 0: tells two chains with the same id apart."""
    return to_hex(web3.eth.get_block(0)["hash"])


def create_address(sender: str, nonce: int) -> str:
    """Address of the contract that `sender` creates with its transaction `nonce`."""
    digest = keccak(rlp_encode([bytes.fromhex(sender[2:]), nonce]))
    return to_checksum_address(digest[12:])


def read_asset(web3: Web3, address: str) -> Asset:
    """Ask an ERC-20 for symbol (a string; bytes32 from some old tokens) and decimals.

    Raises ChainError("asset: ...") where there is no such token, UnitError if they cannot be shown.
    """
    address = to_checksum_address(address)
    if address == ZERO_ADDRESS:
        return ETHER
    if not has_code(web3, address):
        raise ChainError(f"asset: {address} has no code on chain {web3.eth.chain_id}")
    try:
        [decimals] = decode(["uint8"], web3.eth.call({"to": address, "data": _DECIMALS}))
        answer = web3.eth.call({"to": address, "data": _SYMBOL})
        if len(answer) == 32:
            symbol = answer.rstrip(b"\0").decode()
        else:
            [symbol] = decode(["string"], answer)
    except (Web3Exception, DecodingError, ValueError) as error:
        raise ChainError(f"asset: {address} has no symbol and decimals") from error
    return Asset(address, symbol, decimals)


def sent_with(web3: Web3, sender: str, nonce: int, from_block: int = 0) -> Mined:
    """The mined transaction of `sender` with this nonce, searched by halving.

    Raises ChainError if it is not mined, or the node has no state of that time.
    """
    low, high = max(from_block, 0), web3.eth.block_number
    try:
        if web3.eth.get_transaction_count(sender, high) <= nonce:
            raise ChainError(f"transaction: nonce {nonce} of {sender} is not mined")
        while low < high:
            middle = (low + high) // 2
            if web3.eth.get_transaction_count(sender, middle) > nonce:
                high = middle
            else:
                low = middle + 1
    except (Web3Exception, ValueError) as error:
        raise ChainError(
            f"transaction: the node cannot tell where nonce {nonce} of {sender} was used;"
            " ask one that keeps old state"
        ) from error
    for transaction in web3.eth.get_block(low, full_transactions=True)["transactions"]:
        if transaction["from"] == sender and transaction["nonce"] == nonce:
            return Mined(to_hex(transaction["hash"]), low)
    raise ChainError(f"transaction: nonce {nonce} of {sender} is not in block {low}")
