"""A typical life for each line of business. What the sentences are: story.py."""

LIVES = {
    "motor-deductible": """
        30 join as deductible 500
        10 join as deductible 1000, brought by broker
        funds: 2790 EURC
        day 10
        member 1 loses 500 EURC -> claim: incident before the member's cover
        day 60
        member 2 loses 500 EURC
        9 vote 10
        the vote ends
        resolved: awarded
        member 2 has 470 EURC
        member 3 loses 500 EURC
        the vote ends
        resolved: awarded
        member 3 has 470 EURC
        member 31 loses 1000 EURC
        10 vote 0
        the vote ends
        resolved: rejected
        member 31 has 0 EURC
        day 200
        member 32 loses 1000 EURC
        3 vote 10
        the vote ends
        resolved: lapsed
        member 32 has 20 EURC
        member 32 loses 1000 EURC, 7 days ago
        8 vote 10
        the vote ends
        resolved: awarded
        member 32 has 990 EURC
        settled
        all take what is theirs
        member 1 has 20.869565 EURC
        member 2 has 470 EURC
        member 31 has 41.739130 EURC
        organiser has 150 EURC
        broker has 60 EURC
    """,
    "bicycle": """
        40 join as city bike
        9 join as cargo or electric bike, invited by member 1
        1 joins as cargo or electric bike
        day 73
        1 joins as city bike
        premiums: 4552 EURe
        member 5 loses 700 EURe
        14 vote 10
        the vote ends
        resolved: awarded
        member 5 has 670 EURe
        member 6 loses 180 EURe
        the vote ends
        resolved: awarded
        member 6 has 150 EURe
        day 150
        member 41 loses 2050 EURe
        6 vote 10
        9 vote 6
        the vote ends
        resolved: awarded
        member 41 has 1220 EURe
        day 200
        member 5 brings back 650 EURe for claim 1
        settled
        cause has 313.096 EURe
        all take what is theirs
        organiser has 91.04 EURe
        member 51 has 32.190010544815465729 EURe
    """,
    "sick-leave": """
        20 join as half
        20 join as full
        donor donates 500 EURC
        day 30
        member 21 loses 1000 EURC -> claim: incident before the member's cover
        day 90
        member 21 loses 1000 EURC
        16 vote 10
        the vote ends
        resolved: awarded
        member 21 has 1025 EURC
        member 1 loses 500 EURC
        the vote ends
        resolved: awarded
        member 1 has 525 EURC
        day 180
        members 22 to 33 lose 1000 EURC each
        16 vote 10
        the vote ends
        resolved: awarded
        member 22 has 25 EURC
        the window is shared
        member 22 has 676.666666 EURC
        unpaid: 4180 EURC
        day 200
        donor donates 5000 EURC
        what can be paid is paid
        unpaid: 0 EURC
        funds: 820 EURC
        settled
        cause has 246 EURC
        all take what is theirs
        member 2 has 9.566666 EURC
    """,
    "device-cyber": """
        40 join as device
        20 join as device and cyber
        day 40
        member 1 loses 200 USDC
        the vote ends
        resolved: awarded
        member 1 has 175 USDC
        member 41 loses 1250 USDC
        6 vote 10
        9 vote 5
        the vote ends
        resolved: cut
        member 41 appeals
        the arbiter rules 8
        it is awarded
        member 41 has 985 USDC
        member 2 loses 700 USDC
        16 vote 0
        the vote ends
        resolved: cut
        7 days pass
        resolved: rejected
        funds: 2523.4 USDC
        settled
        all take what is theirs
        member 1 has 175 USDC
        member 2 has 33.814405 USDC
    """,
    "health-cause": """
        a stranger joins as child -> gate: no credential
        24 join as child
        1 joins as child, paid by grandparent
        donor donates 1000 DAI
        day 30
        member 3 loses 330 DAI
        the vote ends
        resolved: awarded
        member 3 has 310 DAI
        member 25 loses 1030 DAI
        5 vote 10
        the vote ends
        resolved: awarded
        member 25 has 1010 DAI
        member 7 loses 430 DAI
        3 vote 10
        4 vote 5
        the vote ends
        resolved: cut
        member 7 accepts
        it is awarded
        member 7 has 210 DAI
        settled
        cause has 2500 DAI
        all take what is theirs
        member 1 has 0 DAI
    """,
    "travel": """
        20 join as traveller
        10 join as traveller, invited by member 1
        day 5
        member 1 loses 0.06 ETH
        the vote ends
        resolved: awarded
        member 1 has 0.055 ETH
        day 20
        members 2 to 9 lose 0.16 ETH each
        9 vote 10
        the vote ends
        resolved: awarded
        the window is shared
        member 2 has 0.07375 ETH
        unpaid: 0.65 ETH
        day 45
        carrier brings back 0.13 ETH for claim 2
        what can be paid is paid
        member 2 has 0.089999999999999999 ETH
        settled
        all take what is theirs
        member 10 has 0 ETH
    """,
    "account-security": """
        a stranger joins as up to 1 ETH -> gate: no credential
        50 join as up to 1 ETH
        10 join as up to 4 ETH
        lender fills layer 1 with 1 ETH -> layer: receiver is not the reinsurer
        reinsurer fills layer 1 with 2 ETH
        reinsurer fills layer 2 with 2 ETH
        day 35
        members 51 to 53 lose 1.05 ETH each
        12 vote 10
        the vote ends
        resolved: awarded
        member 51 has 1.05 ETH
        funds: 0 ETH
        drawn: 1.53 ETH
        member 1 loses 0.8 ETH
        5 vote 10
        20 vote 0
        the vote ends
        resolved: cut
        7 days pass
        resolved: rejected
        drawn: 1.48 ETH
        day 100
        carrier brings back 0.48 ETH for claim 1
        settled
        all take what is theirs
        reinsurer has 3.24 ETH
        organiser has 0.09 ETH
    """,
    "borrower-accident": """
        35 join as loan up to 1200, brought by broker
        10 join as loan up to 6000
        lender fills layer 1 with 1500 DAI
        member 36 pledges 3000 DAI to lender
        day 40
        lender claims 1500 DAI for member 36
        9 vote 10
        the vote ends
        resolved: awarded
        lender has 1510 DAI
        member 36 has 0 DAI
        lender releases 1000 DAI of member 36
        day 200
        member 36 loses 900 DAI
        9 vote 10
        the vote ends
        resolved: awarded
        lender has 2010 DAI
        member 36 has 410 DAI
        member 1 loses 100 DAI
        the vote ends
        resolved: awarded
        drawn: 742.5 DAI
        settled
        all take what is theirs
        lender has 2842.5 DAI
        broker has 43.75 DAI
    """,
    "collateral": """
        20 join as a tenth
        5 join as one
        reinsurer fills layer 1 with 0.5 WBTC
        reinsurer fills layer 2 with 1 WBTC
        lender fills layer 3 with 0.5 WBTC
        member 21 pledges 1 WBTC to lender
        day 84
        members 1 to 15 lose 0.1 WBTC each
        so do members 21 to 23, 1 WBTC each
        16 vote 10
        the vote ends
        resolved: awarded
        the window is shared
        unpaid: 2.36275 WBTC
        member 1 has 0.04610175 WBTC
        lender has 0.46190787 WBTC
        day 200
        carrier brings back 3 WBTC for claim 1
        what can be paid is paid
        member 1 has 0.09699999 WBTC
        drawn: 1.36275 WBTC
        settled
        carrier brings back 2 WBTC for claim 1
        cause has 0.063725 WBTC
        20 take their refund
        730 days pass
        what nobody took is swept
        all take what is theirs
        member 25 has 0 WBTC
        reinsurer has 1.54375 WBTC
        lender has 1.50374999 WBTC
        cause has 0.4733858 WBTC
    """,
    "credit-guarantee": """
        40 join as loan of 1000
        5 join as loan of 5000
        lender fills layer 1 with 4000 USDC
        member 1 pledges 800 USDC to the loan
        member 41 pledges 4000 USDC to the loan
        day 10
        the loan to member 1 defaults for 600 USDC -> guarantee: not in the member's cover
        day 100
        the loan to member 1 defaults for 600 USDC
        the loan has 600 USDC
        day 150
        the loan to member 41 defaults for 3000 USDC
        the loan has 3600 USDC
        drawn: 1141.25 USDC
        day 200
        member 41 brings back 1500 USDC for claim 2
        drawn: 0 USDC
        member 2 loses 800 USDC
        30 vote 0
        the vote ends
        resolved: rejected
        funds: 458.75 USDC
        settled
        all take what is theirs
        member 2 has 7.775423 USDC
        member 41 has 0 USDC
        lender has 4320 USDC
    """,
    "performance-guarantee": """
        20 join as contract of 10000
        4 join as contract of 50000
        member 24 leaves
        member 24 has 600 EURe
        reinsurer fills layer 1 with 5000 EURe
        member 1 pledges 1000 EURe to client
        member 21 pledges 5000 EURe to client
        day 400
        client claims 900 EURe for member 1
        3 vote 10
        5 vote 6
        the vote ends
        resolved: cut
        client appeals
        the arbiter rules 9
        client has 910 EURe
        day 500
        member 1 brings back 400 EURe for claim 1
        day 1300
        client claims 4500 EURe for member 21, 250 days ago
        8 vote 10
        the vote ends
        resolved: awarded
        client has 5510 EURe
        drawn: 1280 EURe
        member 21 brings back 2000 EURe for claim 2
        settled
        all take what is theirs
        member 2 has 20.571428571428571428 EURe
        reinsurer has 5360 EURe
    """,
    "directors-officers": """
        16 join as board member, brought by broker
        6 join as executive
        reinsurer fills layer 1 with 40000 USDC
        reinsurer fills layer 2 with 80000 USDC
        lender fills layer 3 with 100000 USDC
        day 50
        member 17 loses 20000 USDC -> claim: incident before the member's cover
        day 120
        member 17 loses 61000 USDC
        7 vote 10
        5 vote 9
        the vote ends
        resolved: cut
        member 17 accepts
        member 17 has 54500 USDC
        drawn: 37550 USDC
        day 200
        carrier brings back 10000 USDC for claim 1
        day 720
        member 1 loses 26000 USDC, 360 days ago
        4 vote 10
        the vote ends
        resolved: referred
        the arbiter rules 10
        member 1 has 25500 USDC
        drawn: 52550 USDC
        settled
        all take what is theirs
        reinsurer has 78650 USDC
        lender has 101000 USDC
        organiser has 1550 USDC
        broker has 800 USDC
    """,
}
