# pragma version 0.4.3
"""
@title The call that a re-entering mock makes, and what came of it
@license MIT
@author Peerpool contributors
@notice A refusal by a Vyper lock has no words; every other refusal of the
        pool has. `outcome`: 0 not armed, 1 armed, 2 the call was refused, 3
        it succeeded.
"""

outcome: public(uint256)
words: public(uint256)  # length of what the call answered, 64 at most
target: address
data: Bytes[2048]


@external
def arm(target: address, data: Bytes[2048]):
    """
    @notice The next time money moves, call `target` with `data`.
    """
    self.target = target
    self.data = data
    self.outcome = 1
    self.words = max_value(uint256)  # not zero: cheaper to overwrite later


@internal
def _spring():
    if self.outcome != 1:
        return
    success: bool = False
    answer: Bytes[64] = b""
    success, answer = raw_call(
        self.target, self.data, max_outsize=64, revert_on_failure=False
    )
    self.outcome = 3 if success else 2
    self.words = len(answer)
