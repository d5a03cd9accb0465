# pragma version 0.4.3
"""
@title A wallet that answers with the very bytes it was told
@license MIT
@author Peerpool contributors
@notice Imitates wallets whose ERC-1271 answers in another form: the older
        magic value, a bool, a word cut short, a word and more.
"""

from contracts.mocks import Wallet

exports: (Wallet.execute, Wallet.__default__)

answer: Bytes[128]


@external
def answer_with(answer: Bytes[128]):
    """
    @notice Give this answer to whoever asks.
    """
    self.answer = answer


@view
@external
@raw_return
def isValidSignature(digest: bytes32, signature: Bytes[1024]) -> Bytes[128]:
    """
    @notice ERC-1271, answered without a look at the signature
    """
    return self.answer
