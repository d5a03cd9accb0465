"""Real wallets as members and organiser, on the local chain."""
