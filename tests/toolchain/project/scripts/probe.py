"""Print, as JSON in the last line, what a script sees of the chain and of its transactions."""

import json
import time

from brownie import Greeter, accounts, chain, network, web3
from brownie.exceptions import VirtualMachineError

ZERO = "0x" + "00" * 20


def main():
    greeter = Greeter.deploy({"from": accounts[0]})
    signer = accounts.add()
    accounts[0].transfer(signer, "1 ether")

    naps, methods = [], []
    _watch(naps, methods)
    greeted = greeter.greet(accounts[1], {"from": accounts[0]})
    sent = list(methods)
    by_key = greeter.greet(accounts[1], {"from": signer})

    seen = {
        "accounts": len(accounts),
        "balance": str(accounts[9].balance()),
        "chain": chain.id,
        "client": web3.client_version.partition("/")[0].lower(),
        "count": greeter.count(),
        "endpoint": web3.provider.endpoint_uri,
        "events": [[event.name for event in receipt.events] for receipt in (greeted, by_key)],
        "is_open": greeter.is_open(),
        "methods": sent,
        "naps": naps,
        "network": network.show_active(),
        "refused_call": _refusal(greeter.greet.call, ZERO),
        "refused_transaction": _refusal(greeter.greet, ZERO),
        "refused_without_reason": _refusal(Greeter.deploy({"from": accounts[0]}).decrease),
        "refused_where": _refusal(greeter.greet, ZERO, tell="source"),
    }
    tomorrow = chain.time() + 86_400
    chain.mine(1, timestamp=tomorrow)
    seen["late"] = chain[-1].timestamp - tomorrow
    # More blocks than Anvil keeps in memory.
    web3.provider.make_request("anvil_mine", [hex(700)])
    print(json.dumps(seen))


def _watch(naps, methods):
    sleep, request = time.sleep, web3.provider.make_request

    def nap(seconds):
        naps.append(seconds)
        sleep(seconds)

    def watched(method, params):
        methods.append(method)
        return request(method, params)

    time.sleep = nap
    web3.provider.make_request = watched


def _refusal(function, *arguments, tell="revert_msg"):
    try:
        function(*arguments, {"from": accounts[0]})
    except VirtualMachineError as error:
        return getattr(error, tell)
    return "not refused"
