// SPDX-License-Identifier: MIT
// What a group would build of OpenZeppelin's parts instead of a pool: to be measured, not used.
pragma solidity ^0.8.24;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {GovernorVotesQuorumFraction} from
    "@openzeppelin/contracts/governance/extensions/GovernorVotesQuorumFraction.sol";
import {PaymentSplitter} from "@openzeppelin/contracts-4/finance/PaymentSplitter.sol";

/// One vote for everybody who has paid in; the money goes to the Governor that created it.
contract Membership is ERC20Votes {
    address payable private immutable treasury = payable(msg.sender);

    constructor() ERC20("Membership", "MEMBER") EIP712("Membership", "1") {}

    /// No invitation, no roster, no check: what Governor needs, and nothing more.
    function join(address member) external payable {
        _mint(member, 1);
        _delegate(member, member);
        (bool ok,) = treasury.call{value: msg.value}("");
        require(ok);
    }

    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }
}

/// A Governor as OpenZeppelin's wizard makes it, without a timelock; it holds the money itself.
contract Governance is Governor, GovernorCountingSimple, GovernorVotes, GovernorVotesQuorumFraction {
    constructor(uint256 quorumPercent)
        Governor("Governance")
        GovernorVotes(IVotes(address(new Membership())))
        GovernorVotesQuorumFraction(quorumPercent)
    {}

    function votingDelay() public pure override returns (uint256) {
        return 0;
    }

    function votingPeriod() public pure override returns (uint256) {
        return 7 days;
    }
}

contract Euro is ERC20("Euro", "EURX") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

contract Vault is ERC4626 {
    constructor(ERC20 asset_) ERC4626(asset_) ERC20("Vault", "VAULT") {}
}

/// The same contract called many times in one transaction, with `value` each time.
contract Batcher {
    function each(address target, uint256 value, bytes[] calldata calls) external payable {
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool ok, bytes memory answer) = target.call{value: value}(calls[i]);
            if (!ok) {
                assembly {
                    revert(add(answer, 32), mload(answer))
                }
            }
        }
    }
}
