# pragma version 0.4.3
"""
@title A wallet that calls back when it is paid
@license MIT
@author Peerpool contributors
@notice Imitates the attacker of The DAO (2016) and of the Curve pools whose
        Vyper locks did not hold (2023, GHSA-5824-cm3x-3c38). `arm` says whom
        to call with what; `outcome` and `words` say what came of it.
"""

from contracts.mocks import Ambush
from contracts.mocks import Wallet

initializes: Ambush
exports: (Wallet.execute, Ambush.arm, Ambush.outcome, Ambush.words)


@external
@payable
def __default__():
    Ambush._spring()
